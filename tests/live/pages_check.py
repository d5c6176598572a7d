#!/usr/bin/env python3
"""What is in the pages and pictures: pages_check.py page FILE | cells FILE COUNT | same SVG OTHER"""
import html.parser
import re
import sys
import xml.etree.ElementTree as tree

OPEN = {"meta", "br", "tr", "td", "th", "html", "body"}  # HTML does not ask for their ends


class Reader(html.parser.HTMLParser):
    """Every element that has to be closed is, in its order."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            assert name not in ("src", "srcset", "action"), f"{tag} asks for {value}"
            assert name != "href" or value.startswith("#"), f"{tag} leads to {value}"
            assert not name.startswith("on"), f"{tag} has a handler"
        if tag not in OPEN:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else, line {self.getpos()[0]}"


def check_page(path):
    text = open(path, encoding="utf-8").read()
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader.open, f"open at the end: {reader.open}"
    assert "://" not in text, "an address"
    assert "default-src 'none'" in text
    assert len(text) < 2 << 20, f"{len(text)} bytes"


def check_cells(path, count):
    """The rows as the page's script reads them."""
    lines = open(path, encoding="utf-8").read().split('id="cells">\n')[1].split("</script>")[0].splitlines()
    texts = [line[1:] for line in lines if line[0] in '"[']
    rows = [line.split(",") for line in lines if line[0] not in '"[{']
    assert len(rows) == count, f"{len(rows)} rows"

    def members(number):
        return [texts[int(at)] for at in texts[int(number)].split(",") if at]
    for row in rows:
        name, said, rungs = texts[int(row[1])], members(row[7]), members(row[8])
        places = sum(text.count("\\#") for text in rungs + said)
        assert places == len(row) - 9, f"{places} places for {len(row) - 9} numbers"
        assert name == "time-wait"
        for label in ("answer", "subject", "linux", "rfc", "folk", "verdict"):
            assert any(text.startswith(f"{label}\t") for text in said), f"nothing about {label}: {said}"
        assert any(re.search(r"\[tcp_\w+\(", text) for text in said), f"no citation: {said}"
        assert sum(text.endswith("\tstimulus") for text in rungs) == 1, rungs
        assert any(text.startswith(">\t") for text in rungs) and any(text.startswith("+") for text in rungs), rungs
    assert '"command":"twprobe CELL"' in "\n".join(lines)


def shape(path):
    """The picture's texts without what chance decides, and how many lines of each sort there are."""
    root = tree.parse(path).getroot()
    texts = []
    for element in root.iter():
        text = (element.text or "").strip()
        # When the server's state was asked is chance, too.
        if element.tag.endswith("}text") and element.get("class") != "f" and element.get("x") != "776":
            text = re.sub(r"after \d+\.\d us", "after a while", text)
            text = re.sub(r"[\d.]+ s left", "left", text)
            text = re.sub(r"ts_echo[+-]\d+", "ts_echo", text)
            text = re.sub(r", Linux \S+$", "", text)
            texts.append((element.get("class"), re.sub(r"\b\d{7,}\b", "N", text)))
    words = " ".join(text for sort, text in texts if sort == "w")  # their lines may break elsewhere
    return [text for text in texts if text[0] != "w"], words, sum(element.tag.endswith("}path") for element in root.iter())


def main():
    if sys.argv[1] == "page":
        check_page(sys.argv[2])
    elif sys.argv[1] == "cells":
        check_cells(sys.argv[2], int(sys.argv[3]))
    else:
        one, other = shape(sys.argv[2]), shape(sys.argv[3])
        assert one == other, f"made anew:\n{one}\nin docs:\n{other}"


main()
