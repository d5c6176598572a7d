"""What `scripts/mutants run` found out: as the runs write it, a file for each shard in a folder; and as it is kept in the repository, one
packed file, from which docs/mutants.md is made."""
import gzip
import io
import json
import os

from common import WrongUsage, write_atomically
from mutation import FUNCTIONS

# What must be the same in all files of one score.
COMMON = ("kernel", "source", "arguments", "questions", "mutants")
# Of a change, what the page needs and nothing else: what a question said of it is not there, only who noticed and how.
KEPT = ("record", "name", "file", "line", "column", "function", "operator", "before", "after", "source", "nth", "outcome", "reached", "how",
        "question", "taken_over")


def read(path):
    """The records of a folder of results or of a packed file: (heads, mutants), as they come."""
    heads, mutants = [], []
    try:
        paths = ([os.path.join(path, name) for name in sorted(os.listdir(path)) if name.endswith(".ndjson")] if os.path.isdir(path)
                 else [path])
        for one in paths:
            with (gzip.open if one.endswith(".gz") else open)(one, "rt", encoding="utf-8") as file:
                # The last line of a run that was killed may be cut.
                for record in (json.loads(line) for line in file if line.endswith("\n")):
                    (heads if record["record"] == "run" else mutants).append(record)
    except (OSError, EOFError) as error:
        raise WrongUsage(f"{path}: {getattr(error, 'strerror', None) or error}; `scripts/mutants run` makes results") from None
    except (ValueError, KeyError, TypeError) as error:
        raise WrongUsage(f"{one}: these are no results of `scripts/mutants run`: {error}") from None
    if not heads:
        raise WrongUsage(f"{path}: no results; `scripts/mutants run` makes them")
    return heads, mutants


def load(path):
    """The head and the mutants of all shards, in the order of the source."""
    heads, records = read(path)
    for key in COMMON:
        if any(head[key] != heads[0][key] for head in heads):
            raise WrongUsage(f"{path}: results of different runs ('{key}' differs): they give no common score")
    files, mutants = list(FUNCTIONS), {record["name"]: record for record in records}
    return heads, sorted(mutants.values(), key=lambda record: (files.index(record["file"]), record["line"], record["column"],
                                                               record["operator"], record["name"]))


def keep(path, target):
    """Packs the results of all shards into one file; the same results give the same bytes. Returns a line to say so."""
    heads, mutants = load(path)
    records = sorted(heads, key=lambda head: tuple(map(int, head["shard"].split("/"))))
    records += [{key: record.get(key) for key in KEPT} for record in mutants]
    data = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=data, mtime=0) as file:
        for record in records:
            file.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")
    write_atomically(target, data.getvalue())
    return f"{target}: {len(mutants)} changes, {len(data.getvalue())} bytes"


def taken_over(path, head):
    """What earlier results over the same kernel say: {name: record}, and the names of those that need not be asked again. What was
    noticed stands; what survived does where program and questions are the same, and was asked with these."""
    heads, records = read(path)
    if any(one[key] != head[key] for one in heads for key in ("kernel", "source")):
        raise WrongUsage(f"{path}: results of another kernel than {head['kernel']}")
    same = all(one["questions"] == head["questions"] for one in heads)
    found = {record["name"]: record if same else {**record, "taken_over": True} for record in records}
    return found, {name for name, record in found.items() if record["outcome"] != "survivor" or not record.get("taken_over")}
