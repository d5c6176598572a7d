#!/usr/bin/env python3
"""Holds the comments of `-w` against the records of the same run: pcap_comments.py RESULTS.ndjson CAPTURE.pcapng

Each cell's stimulus, answer, follow-up and its answer are on a frame with exactly these numbers, which a comment names, with
the cell, the verdict and the rule. No other frame has a comment. Prints a line for each contradiction; exit 1 if there is any.
"""
import json
import re
import subprocess
import sys

FIELDS = ["frame.number", "tcp.srcport", "tcp.dstport", "tcp.seq", "tcp.ack", "tcp.len", "frame.comment"]
ROLE = re.compile(r"twprobe: (stimulus|answer to the stimulus|answer to frame \d+, the stimulus|follow-up|answer to the follow-up) of ([^\s:\\]+)")


def main():
    command = ["tshark", "-n", "-r", sys.argv[2], "-o", "tcp.relative_sequence_numbers:FALSE",
               "-o", "tcp.analyze_sequence_numbers:FALSE", "-Y", "frame.comment", "-T", "fields"]
    for field in FIELDS:
        command += ["-e", field]
    said = {}
    wrong = []
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        number, source, target, seq, ack, size, text = line.split("\t")
        match = ROLE.match(text)
        role = "answer to the stimulus" if match and "frame" in match[1] else match and match[1]
        if not match or (match[2], role) in said:
            wrong.append(f"frame {number}: {text}")
        else:
            said[match[2], role] = (number, tuple(int(one or 0) for one in (source, target, seq, ack, size)), text)
    with open(sys.argv[1], encoding="utf-8") as lines:
        cells = [record for record in map(json.loads, lines) if record["record"] == "cell"]
    for cell in cells:
        if "icmp" in cell["sent"]:
            wrong += [] if said.pop((cell["cell"], "stimulus"), None) else [cell["cell"]]
            said = {key: value for key, value in said.items() if key[0] != cell["cell"]}
            continue
        name, sent = cell["cell"], cell["sent"]
        ours, theirs = (int(cell["tuple"][end].rsplit(":", 1)[1]) for end in ("source", "target"))
        wanted = {"stimulus": (ours, theirs, sent["seq"], sent["ack"], sent["payload"])}
        answers = [one for one in cell["received"] if not one["repeat"]]
        if cell["answer"] != "silence":
            wanted["answer to the stimulus"] = (theirs, ours, answers[0]["seq"], answers[0]["ack"], answers[0]["payload"])
        if cell["follow_up"]:
            wanted["follow-up"] = None
            if cell["follow_up"]["answer"] not in (None, "silence"):
                wanted["answer to the follow-up"] = None
        for role, numbers in wanted.items():
            found = said.pop((name, role), None)
            if not found or (numbers and found[1] != numbers):
                wrong.append(f"{name}: {role}: {found} for {numbers}")
            elif f"verdict: {cell['verdict']}" not in found[2] and role != "follow-up":
                wrong.append(f"{name}: {role}: no verdict in {found[2]}")
            elif role == "stimulus" and not re.search(r"rule: linux: .*\[.+\]", found[2]):
                wrong.append(f"{name}: no rule in {found[2]}")
    wrong += [f"no such part of a cell: {name} {role}" for name, role in said]
    print("\n".join(wrong) if wrong else f"{len(cells)} cells")
    return 1 if wrong or not cells else 0


sys.exit(main())
