#!/usr/bin/env python3
"""Finds the examples of the documents: docs_examples.py FOLDER PAGE...

Each YAML file in a fence is written into FOLDER, under the name that it gives itself or that the text gives it. Prints a line
for each file and each command line: PAGE:LINE, a tab, and `file NAME` or the command without a comment.
"""
import pathlib
import re
import sys

FENCE = re.compile(r"^```(\w*)\s*$")
COMMAND = re.compile(r"^\s*(?:\$ )?(?:sudo )?(?:\./)?(twprobe(?: .*)?)$")
INLINE = re.compile(r"`(?:sudo )?(?:\./)?(twprobe [^`]*)`")


def whole(text, page, line):
    """A fragment in a fence is a key of a block; -> (name, text of a file)."""
    first = text.lstrip("\n")
    if first.startswith(" "):
        return f"fragment-{page.stem}-{line}", f"name: fragment\nblocks:\n  - state: time-wait\n{text}"
    name = re.search(r"^(?:name|path): *(\S+)", text, re.M)
    return (name.group(1) if name else None), text


def commands(page, lines, fences):
    for number, line in enumerate(lines, 1):
        quoted = number in fences or line.startswith(("    ", "\t"))
        found = [COMMAND.match(line)] if quoted else INLINE.finditer(line)
        for match in found:
            if match:
                yield number, re.sub(r"\s+#.*", "", match.group(1)).strip()


def main():
    folder = pathlib.Path(sys.argv[1])
    for path in sys.argv[2:]:
        page = pathlib.Path(path)
        lines = page.read_text(encoding="utf-8").split("\n")
        fences, opened, kind = set(), None, ""
        for number, line in enumerate(lines, 1):
            match = FENCE.match(line)
            if match and opened is None:
                opened, kind = number, match.group(1)
            elif match:
                fences.update(range(opened + 1, number))
                if kind == "nft":  # its first line is "# NAME.nft"
                    (folder / lines[opened].strip("# ")).write_text("\n".join(lines[opened:number - 1]) + "\n", encoding="utf-8")
                if kind == "yaml":
                    name, text = whole("\n".join(lines[opened:number - 1]) + "\n", page, opened)
                    if not name:  # the text after it says: `twprobe scenario ./my-ack.yaml`
                        name = re.search(r"\./([\w-]+)\.yaml", "\n".join(lines[number:number + 6])).group(1)
                    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
                    print(f"{page}:{opened}\tfile {name}.yaml")
                opened = None
        for number, command in commands(page, lines, fences):
            print(f"{page}:{number}\t{command}")


main()
