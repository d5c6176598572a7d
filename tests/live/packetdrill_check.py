#!/usr/bin/env python3
"""Reads scripts of packetdrill's: packetdrill_check.py FILE...

A checker of the part of its language that `twprobe export` writes: the license, comments, options, one command before the test,
system calls, segments with their options, times. Also what packetdrill demands of a script as a whole: a payload as long as its
numbers say, and no TSecr of ours that was no TSval of the subject's before. Prints a line for each error; exit 1 if there is any.
"""
import re
import sys

TIME = r"(?:\+\d+(?:\.\d+)?(?:~\+\d+(?:\.\d+)?)?)"
CALLS = [
    r"socket\(\.\.\., SOCK_STREAM, IPPROTO_TCP\) = 3",
    r"setsockopt\(3, SOL_SOCKET, SO_REUSEADDR, \[1\], 4\) = 0",
    r"fcntl\(3, F_SETFL, O_RDWR\|O_NONBLOCK\) = 0",
    r"bind\(3, \.\.\., \.\.\.\) = 0",
    r"listen\(3, 1\) = 0",
    r"connect\(3, \.\.\., \.\.\.\) = -1 EINPROGRESS \(Operation now in progress\)",
    r"accept\(3, \.\.\., \.\.\.\) = 4",
    r"close\([34]\) = 0",
    r"shutdown\([34], SHUT_WR\) = 0",
    r"`sysctl -q [a-z0-9_.]+=\"[^\"`]*\"`",
]
CALL = re.compile(rf"^{TIME} (?:{'|'.join(CALLS)})$")
OPTIONS = re.compile(r"^(?:mss \d+|nop|sackOK|eol|TS val \d+ ecr \d+|sack(?: \d+:\d+)+)$")
SEGMENT = re.compile(rf"^{TIME} (?P<way>[<>]) (?P<flags>-|[FSRPEWAU]*\.?) (?P<seq>\d+):(?P<end>\d+)\((?P<size>\d+)\)"
                     r"(?: ack (?P<ack>\d+))?(?: win (?P<win>\d+))?(?: <(?P<options>[^<>]+)>)?$")


def check_segment(match, vals):
    seq, end, size = (int(match[name]) for name in ("seq", "end", "size"))
    if (seq + size) % 2**32 != end or max(seq, end) >= 2**32:
        yield "the numbers do not fit the payload"
    if ("." in match["flags"]) != (match["ack"] is not None):
        yield "an ack without its flag, or the reverse"
    if match["way"] == "<" and match["win"] is None:
        yield "a segment of ours has a window"
    for option in (match["options"] or "").split(","):
        if option and not OPTIONS.match(option):
            yield f"no option: {option}"
        if option.startswith("TS val"):
            _, _, val, _, ecr = option.split()
            if match["way"] == ">":
                vals.add(val)
            elif match["ack"] is not None and ecr not in vals:
                yield f"TSecr {ecr} was no TSval before"


def check(text):
    if not text.startswith("// SPDX-License-Identifier: GPL-2.0\n"):
        yield 1, "no license"
    vals, segments, command = set(), 0, False
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if command or (line.startswith("`") and not segments):
            command = not line.endswith("`")
            continue
        if not line or line.startswith("//") or re.match(r"^--[a-z_]+=\w+$", line) or CALL.match(line):
            continue
        match = SEGMENT.match(line)
        if not match:
            yield number, f"not of the language: {line}"
            continue
        segments += 1
        for wrong in check_segment(match, vals):
            yield number, wrong
    if segments < 1 or command:
        yield 0, "no segment"


bad = 0
for path in sys.argv[1:]:
    with open(path, encoding="ascii") as file:
        for number, wrong in check(file.read()):
            print(f"{path}:{number}: {wrong}")
            bad = 1
sys.exit(bad or len(sys.argv) < 2)
