#!/bin/bash
# Every finding has its section in docs/findings-in-captures.md; the examples there run, find it, and print what is shown.
. "$(dirname "$0")/lib.sh"
need python3
for document in README.md docs/findings-in-captures.md; do
	run python3 "$(dirname "$0")/docs_findings.py" "$TWPROBE_RELEASE" "$document" "$work"
	exits "$document" 0
	cat "$work/out"
done
finish
