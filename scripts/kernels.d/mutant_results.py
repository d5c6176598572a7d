"""What `scripts/mutants run` found out: as the runs write it, a file for each shard in a folder; and as it is kept in the repository, one
packed file, from which docs/mutants.md is made."""
import gzip
import io
import json
import os

from common import WrongUsage, write_atomically
from mutation import FUNCTIONS

# What must be the same in all files of one score, and what in all shards of one run.
COMMON = ("kernel", "source", "everything")
OF_A_RUN = ("arguments", "questions", "mutants")
# Of a change, what the page needs and nothing else: what a question said of it is not there, only who noticed and how.
KEPT = ("record", "name", "file", "line", "column", "function", "operator", "before", "after", "source", "nth", "outcome", "reached", "how",
        "question", "taken_over", "run")


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


def load(paths):
    """Heads and mutants of all shards of one run, or of several, the oldest first. `paths`: of a folder or file, or several of them. Mutants
    are in the order of the source; their `run` is the number of the one that decides about them."""
    heads, found, runs = [], {}, {}
    for path in [paths] if isinstance(paths, str) else paths:
        own, records = read(path)
        check(path, (heads or own)[0], own)
        numbers = {head.get("run", 1): runs.setdefault((head["questions"], *head["arguments"]), len(runs) + 1) for head in own}
        heads += [{**head, "run": numbers[head.get("run", 1)]} for head in own]
        for record in records:
            found[record["name"]] = decides(found.get(record["name"]), {**record, "run": numbers.get(record.get("run"), numbers[min(numbers)])})
    return heads, in_order(found.values())


def check(path, first, heads):
    """Whether these, of one file or folder, and the first of all can be put together."""
    for head in heads:
        same_run = next(one for one in heads if one.get("run") == head.get("run"))
        for key in (key for other, keys in ((first, COMMON), (same_run, OF_A_RUN)) for key in keys if head[key] != other[key]):
            raise WrongUsage(f"{path}: results of different runs ('{key}' differs): they give no common score")


def decides(before, record):
    """Of two records about a change: the later of those that were asked; what was only taken over, where nobody has asked."""
    if before is None:
        return record
    if record.get("taken_over"):
        return before
    if before["outcome"] == record["outcome"] == "survivor":  # asked fewer questions, perhaps, but the others reach it still
        return {**record, "reached": max(before["reached"], record["reached"])}
    return record


def in_order(records):
    files = list(FUNCTIONS)
    return sorted(records, key=lambda record: (files.index(record["file"]), record["line"], record["column"], record["operator"],
                                               record["name"]))


def is_settled(record):
    """Whether a run need not ask about it: it has, or an earlier run has noticed it and tells how."""
    return (not record.get("taken_over") or record["outcome"] not in ("noticed", "survivor")
            or (record["outcome"] == "noticed" and record["how"] is not None))


def keep(paths, target):
    """Packs the results of all shards, and of all runs, into one file; the same results give the same bytes. Returns a line to say so."""
    heads, mutants = load(paths)
    records = sorted(heads, key=lambda head: (head["run"], *map(int, head["shard"].split("/"))))
    records += [{key: record.get(key) for key in KEPT} for record in mutants]
    data = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=data, mtime=0) as file:
        for record in records:
            file.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")
    write_atomically(target, data.getvalue())
    return f"{target}: {len(mutants)} changes, {len(data.getvalue())} bytes"


def taken_over(path, head):
    """What earlier results over the same kernel say: {name: record}, and the names of those that need not be asked again. What was
    noticed, and is told how, stands; what survived does where program and questions are the same, and was asked with these."""
    heads, records = load(path)
    if any(one[key] != head[key] for one in heads for key in ("kernel", "source")):
        raise WrongUsage(f"{path}: results of another kernel than {head['kernel']}")
    same = {one["run"] for one in heads if one["questions"] == head["questions"]}
    found = {record["name"]: {**record, "taken_over": record.get("taken_over") or record["run"] not in same, "run": None}
             for record in records}
    return found, {name for name, record in found.items() if is_settled(record)}
