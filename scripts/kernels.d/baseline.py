"""baselines/VERSION.ndjson.gz: the results of a kernel as they ship, with what a comparison needs and nothing else. The same
results give the same bytes, and so do two runs in which the kernel answered in the same way. Of a run over a path
(baselines/paths) the run record names it, and not each cell."""
import gzip
import io
import json
import os
import re

import report
from common import WrongUsage, write_atomically

# Of the run record. The tool's version is not there: they belong to the program with which they ship.
RUN = ("record", "format_version", "kernel", "matrix", "expect", "cells", "matrix_cells", "repeat", "shard")
CELL = ("record", "cell", "answer", "isn", "verdict", "state_after", "follow_up")
FOLLOW_UP = ("answer", "isn")
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


def write(results, folder):
    """Writes a file for each kernel that has results; those of other kernels stay. Returns the lines to say so."""
    paths = report.result_files(results)
    os.makedirs(folder, exist_ok=True)
    lines, total = [], 0
    for name, path in zip(report.names_of(paths), paths):
        target = os.path.join(folder, name + ".ndjson.gz")
        cells, size = ship(path, target)
        total += size
        lines.append(f"{target}: {cells} cells, {size} bytes")
    return [*lines, f"{len(paths)} files, {total} bytes"]
