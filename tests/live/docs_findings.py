#!/usr/bin/env python3
"""Runs the examples about captures of a page: docs_findings.py TWPROBE PAGE FOLDER.

A section that is headed by the name of a finding must find it, or say "No example". What a block shows after a `diagnose` must be
printed, in this order, with anything in place of "..."; but for the numbers, where the capture was made just now. In
findings-in-captures.md each finding has its section. Prints what is wrong; exit code 1.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"^```\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"^\$ (twprobe .*\.pcap.*)$")
twprobe, page, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
wrong = []


def run(command):
    words = [twprobe, *command.split()[1:]]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "80"})


def without_numbers(text):
    return re.sub(r"\d[\d.]*", "N", text)


def compare(place, command, shown, printed):
    if "docs/captures/" not in command:
        shown, printed = map(without_numbers, (shown, printed))
    position, printed = 0, "\n" + printed
    for part in re.split(r"^\.\.\.$\n?", shown, flags=re.M):
        found = printed.find("\n" + part.strip("\n"), max(0, position - 1)) if part.strip() else position
        if found < 0:
            wrong.append(f"{place}: {command} does not print, here:\n{part}")
            return
        position = found + len(part)


def findings_of(command):
    output = run(command.replace("diagnose", "diagnose --format=json")).stdout
    return {record.get("finding") for record in map(json.loads, output.splitlines())}


def check_block(place, name, text):
    """Returns how many captures it explained, and whether the finding is among what was found."""
    lines, count, found = text.split("\n"), 0, False
    starts = [i for i, line in enumerate(lines) if COMMAND.match(line)]
    for start, end in zip(starts, starts[1:] + [len(lines)]):
        command = COMMAND.match(lines[start]).group(1)
        result = run(command)
        if " diagnose " not in command:
            continue
        if result.returncode not in (0, 1, 3):
            wrong.append(f"{place}: {command}: exit code {result.returncode}: {result.stderr}")
        compare(place, command, "\n".join(lines[start + 1:end]), result.stdout)
        count, found = count + 1, found or name in findings_of(command)
    return count, found


def main():
    known = set(run("twprobe list findings").stdout.split())
    sections = re.split(r"^#+ (.*)\n", page.read_text(encoding="utf-8"), flags=re.M)
    if not (folder / "docs").exists():
        (folder / "docs").symlink_to(pathlib.Path("docs").resolve())
    seen, examples = set(), 0
    for heading, text in zip(sections[1::2], sections[2::2]):
        name = heading.strip("`") if heading.startswith("`") and page.stem == "findings-in-captures" else None
        if name and name not in known:
            wrong.append(f"{heading}: twprobe has no such finding")
        seen.add(name)
        results = [check_block(heading, name, block) for block in BLOCK.findall(text) if "$ twprobe" in block]
        examples += sum(count for count, _ in results)
        if name and ("No example" in text) == any(found for _, found in results):
            wrong.append(f"{heading}: its example does not find it, or there is none and it is not said")
    if page.stem == "findings-in-captures":
        wrong.extend(f"{name}: has no section" for name in sorted(known - seen))
    if not examples:
        wrong.append(f"{page}: no example was found")
    print("".join(f"# {line}\n" for line in "\n".join(wrong).split("\n") if line), end="")
    print(f"# {examples} captures explained")
    return 1 if wrong else 0


sys.exit(main())
