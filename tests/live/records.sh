#!/bin/bash
# docs/records.md: its examples are what twprobe prints, and docs/schema describes them. A record that is not as a schema says
# is found.
. "$(dirname "$0")/lib.sh"
need python3 jq
need_root # `twprobe diagnose -i` of a namespace
[ -x "$validate" ] || { echo "not ok - no $validate: make tests"; exit 1; }

mkdir "$work/bin"
ln -s "$TWPROBE_RELEASE" "$work/bin/twprobe"
PATH=$work/bin:$PATH
checks_of python3 tests/live/records.py check "$validate" "$work"

run "$TWPROBE_RELEASE" --seq-below --ts-above --format=json
cp "$work/out" "$work/good"
# wrong NAME FILTER PATTERN: what jq makes of a good output is refused, and why
wrong() {
	jq -c "$2" "$work/good" >"$work/bad"
	matches "refused: $1" "$("$validate" docs/schema "$work/bad")" "$3"
}
wrong 'a key that no schema knows' 'if .record == "cell" then .baseline.more = 1 else . end' 'line 2: "cell": .baseline: .*know more'
wrong 'a key that is missing'      'if .record == "cell" then del(.isn) else . end' 'line 2: "cell": the record: has no isn'
wrong 'another type'               'if .record == "summary" then .exit = "0" else . end' 'line 3: "summary": .exit: '
wrong 'a word that is none'        'if .record == "cell" then .answer = "maybe" else . end' 'line 2: "cell": .answer: .*maybe'
wrong 'a number beyond its field'  'if .record == "cell" then .sent.window = 65536 else . end' 'line 2: "cell": .sent.window: '
wrong 'a record that is none'      'if .record == "cell" then .record = "cells" else . end' 'line 2: .*does not know the record'
wrong 'no version'                 'del(.format_version)' 'line 1: .*format_version'
truncate -s -1 "$work/good"
matches 'refused: a line that does not end' "$("$validate" docs/schema "$work/good")" 'line 3: does not end'
finish
