#!/usr/bin/env python3
"""baselines_check.py COMPARISON SERIES RELEASE RESULTS: the differences between the shipped results of a series and RESULTS of RELEASE are those that
the changes of docs/kernels.toml make, each of them, and nothing else."""
import fnmatch
import json
import os
import sys

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts", "kernels.d"))

import report  # noqa: E402

path, series, release, results = sys.argv[1:]
with open(path) as file:
    records = [json.loads(line) for line in file]
old = records[0]["files"][0]["kernel"]
assert old.startswith(series + "."), f"the baseline is of {old}"
explanations = report.Explanations(os.path.join(ROOT, "docs", "kernels.toml"))
bad, met = [], set()
groups = [record for record in records if record["record"] == "group"]
for group in groups:
    changes = explanations.of(group)
    new = [change for change in changes if change.is_of_the_kernel() and change.is_in(old) != change.is_in(release)]
    met |= {change.id for change in new}
    if not new:
        bad.append(f"{group['example']} ({group['count']}): {group['values']}: no change in between explains it")
# Changes of answers to the cells that were asked; others show in fields alone, which do not ship. Two that cancel each other out show
# nothing together.
with open(results) as file:
    asked = [json.loads(line).get("cell", "") for line in file]
together = {tuple(difference["changes"]) for difference in explanations.differences if "answer" in difference["what"]
            and any(fnmatch.filter(asked, pattern) for pattern in difference["cells"])}
for names in together:
    changes = [explanations.changes[name] for name in names]
    if len(changes) == 1 and changes[0].is_in(old) != changes[0].is_in(release) and names[0] not in met:
        bad.append(f"{names[0]} came in between, and no cell shows it")
if not groups:
    bad.append("nothing differs")
print("\n".join(bad))
sys.exit(bool(bad))
