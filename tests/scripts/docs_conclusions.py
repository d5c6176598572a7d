#!/usr/bin/env python3
"""What docs/*.md show of a scenario's conclusion are the sentences that its file has, in their order; {ID} may be anything."""
import pathlib
import re
import sys

COMMAND = re.compile(r"^    \$ (?:sudo )?twprobe scenario ([a-z0-9-]+)(?: --slow)?$")


def sentences(name):
    """The `says` of a scenario's conclusion, as one line each."""
    text = pathlib.Path(f"cases/scenarios/{name}.yaml").read_text(encoding="utf-8")
    found = re.findall(r"^  - says: (.*\n(?:      .*\n)*)", text[text.index("\nconclusion:"):], re.M)
    return [" ".join(re.sub(r"^>", "", said).split()).strip('"') for said in found]


def pattern(said):
    return "".join(".+?" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[a-z0-9-]+\})", said))


def conclusions(page):
    """(line, scenario, text) of each that the page shows."""
    lines, name = page.read_text(encoding="utf-8").split("\n"), None
    for number, line in enumerate(lines):
        if not line.startswith("    ") and line:
            name = None
        match = COMMAND.match(line)
        if match:
            name = match.group(1)
        elif name and line.startswith("    conclusion: "):
            end = number + 1
            while lines[end].startswith(" " * 16):
                end += 1
            yield number + 1, name, " ".join(" ".join(lines[number:end]).split()).removeprefix("conclusion: ")


def main():
    shown, wrong = 0, 0
    for page in sorted(pathlib.Path("docs").glob("*.md")):
        for line, name, text in conclusions(page):
            shown += 1
            if not re.fullmatch("".join(f"(?:{pattern(said)} ?)?" for said in sentences(name)), text):
                print(f"{page}:{line}: not what {name} concludes: {text}")
                wrong += 1
    print(f"{shown} conclusions in the documents, {wrong} wrong")
    return 1 if wrong or shown < 20 else 0


sys.exit(main())
