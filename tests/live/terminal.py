#!/usr/bin/env python3
"""Runs a program in a terminal and tells what a person sees of its last line.

terminal.py [--out=FILE] [--columns=N] [--term=NAME] COMMAND...

Standard error is the terminal; so is standard output, unless --out names a file. Prints JSON: `code`; `samples`, of the last
line of the terminal, ten a second from when it first had a progress line; `shown`, in how many of them it was there; `widest`, of
any line at any time; `escapes`, whether an escape sequence came; `last`, what the last line held at the end; `text`, all of it.
"""
import fcntl, json, os, pty, re, select, struct, subprocess, sys, termios, time

columns, term, out = 80, "xterm", None
arguments = sys.argv[1:]
while arguments[0].startswith("--"):
    name, value = arguments.pop(0).split("=", 1)
    if name == "--out":
        out = open(value, "wb")
    elif name == "--columns":
        columns = int(value)
    else:
        term = value

master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")} | {"TERM": term}
process = subprocess.Popen(arguments, stdin=slave, stdout=out or slave, stderr=slave, env=environment)
os.close(slave)

PROGRESS = re.compile(r"\d+ of \d+")
line, widest, text = [], 0, b""
at = 0
samples = []
begun = None
next_sample = time.monotonic()


def put(data):
    """The last line as the terminal has it: a carriage return goes to its begin, a line feed to a new one."""
    global line, at, widest
    for letter in re.sub(r"\033\[[0-9;]*m", "", data.decode("utf-8", "replace")):
        if letter == "\r":
            at = 0
        elif letter == "\n":
            line, at = [], 0
        else:
            line[at:at + 1] = [letter]
            at += 1
        widest = max(widest, len("".join(line).rstrip()))


while True:
    ready, _, _ = select.select([master], [], [], max(0, next_sample - time.monotonic()))
    if ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        text += data
        put(data)
    if time.monotonic() >= next_sample:
        next_sample += 0.1
        shown = bool(PROGRESS.search("".join(line)))
        if shown or samples:
            samples.append(shown)
code = process.wait()
json.dump({"code": code, "samples": len(samples), "shown": sum(samples), "widest": widest,
           "escapes": b"\033" in text, "last": "".join(line).strip(), "text": text.decode("utf-8", "replace")}, sys.stdout)
