"""baselines/VERSION.ndjson.gz: the results of a kernel as they ship, with what a comparison needs and nothing else. The same
results give the same bytes, and so do two runs in which the kernel answered in the same way. Of a run over a path
(baselines/paths) the run record names it, and not each cell.

The newest has all its cells; each other one with the same list of cells has those in which it differs, and the name of the newest in
its run record ("like"): some thousand bytes instead of seventy thousand."""
import gzip
import io
import json
import os
import re

import report
from catalogue import order
from common import WrongUsage, write_atomically

# Of the run record. The tool's version is not there: they belong to the program with which they ship.
RUN = ("record", "format_version", "kernel", "matrix", "expect", "cells", "matrix_cells", "repeat", "shard")
CELL = ("record", "cell", "answer", "isn", "verdict", "state_after", "follow_up")
FOLLOW_UP = ("answer", "isn")
ENDING = ".ndjson.gz"
# What the router did, rule included.
PATH = ("says",)
SUMMARY = ("record", "cells", "interrupted")


def chosen(record, keys):
    return {key: record[key] for key in keys}


def reduced(record):
    kind = record["record"]
    if kind == "run":
        return chosen(record, (*RUN, "path") if record.get("path") else RUN)
    if kind == "summary":
        return chosen(record, SUMMARY)
    if record["follow_up"]:
        record["follow_up"] = chosen(record["follow_up"], FOLLOW_UP)
    record["cell"] = re.sub("/path=[^/]*", "", record["cell"])
    if record.get("path") and record["path"]["says"]:
        record["path"] = chosen(record["path"], PATH)
        return chosen(record, (*CELL, "path"))
    return chosen(record, CELL)


def read(path):
    """The records of a whole run, reduced."""
    try:
        with open(path) as file:
            records = [reduced(json.loads(line)) for line in file]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WrongUsage(f"{path}: these are no results of a matrix: {error}") from None
    if len(records) < 3 or records[0]["record"] != "run" or records[-1]["record"] != "summary":
        raise WrongUsage(f"{path}: the run was cut off")
    if records[-1]["interrupted"] or records[0]["shard"] or records[0]["cells"] != len(records) - 2:
        raise WrongUsage(f"{path}: the run was not a whole one")
    return records


def packed(records):
    """As `gzip -n -9` would, with no name and no time in it."""
    data = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=data, mtime=0) as file:
        for record in records:
            file.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")
    return data.getvalue()


def ship(path, target, asked_only=False):
    """Writes what ships of a result file; `asked_only`: without the cells that were skipped. Returns the numbers of cells and bytes."""
    records = read(path)
    if asked_only:
        records = [record for record in records if record.get("verdict") != "skipped"]
        records[0]["cells"] = records[-1]["cells"] = len(records) - 2
    data = packed(records)
    write_atomically(target, data)
    return len(records) - 2, len(data)


def unpacked(path):
    """The records of a file that ships, all its cells among them."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    like = records[0].pop("like", None)
    if like is None:
        return records
    own = {record["cell"]: record for record in records[1:-1]}
    others = unpacked(os.path.join(os.path.dirname(path), like + ENDING))[1:-1]
    return [records[0], *(own.get(record["cell"], record) for record in others), records[-1]]


def differing(records, name, others):
    """What of the records is not in those of the file `name`; all, where its cells are others."""
    same_cells = (records[0]["matrix"] == others[0]["matrix"]
                  and [record.get("cell") for record in records] == [record.get("cell") for record in others])
    if not same_cells:
        return records
    return [records[0] | {"like": name}, *(own for own, other in zip(records[1:-1], others[1:-1]) if own != other), records[-1]]


def place(name):
    """In the order of versions; files that are named otherwise (of paths) by their name."""
    return order(name), name


def write(results, folder):
    """Writes a file for each kernel that has results; those of other kernels stay what they were, and are packed anew where the newest
    is another one now. Returns the lines to say so."""
    paths = report.result_files(results)
    os.makedirs(folder, exist_ok=True)
    kernels = {name.removesuffix(ENDING): unpacked(os.path.join(folder, name)) for name in os.listdir(folder) if name.endswith(ENDING)}
    made = dict(zip(report.names_of(paths), map(read, paths)))
    kernels.update(made)
    newest = max(kernels, key=place)
    lines, total = [], 0
    for name in sorted(kernels, key=place):
        records = kernels[name]
        data = packed(records if name == newest else differing(records, newest, kernels[newest]))
        total += len(data)
        target = os.path.join(folder, name + ENDING)
        write_atomically(target, data)
        if name in made:
            lines.append(f"{target}: {len(records) - 2} cells, {len(data)} bytes")
    return [*lines, f"{len(kernels)} files, {total} bytes"]
