#!/bin/bash
# The matrix `all` twenty-nine times in one file, more than 100,000 cells: what diagnose is certain of is true, in the whole capture
# and in parts of it.
. "$(dirname "$0")/../live/lib.sh"
need jq python3

limit=600 run "$TWPROBE_RELEASE" matrix --matrix=all --repeat=29 --in-flight=256 --format=json --pcap="$work/all.pcap" -q
exits 'a matrix is captured' 0
mv "$work/out" "$work/all.ndjson"
holds 'a hundred thousand cells were asked' [ "$(grep -c '"record":"cell"' "$work/all.ndjson")" -ge 100000 ]
python3 tests/live/diagnose_check.py "$TWPROBE_RELEASE" "$work/all.ndjson" "$work/all.pcap" >"$work/checks"
checks_of cat "$work/checks"
grep '^#' "$work/checks"
[ "$(grep -c '^ok' "$work/checks")" -ge 14 ] || not_ok 'all checks were made' "$(tail -n 3 "$work/checks")"
finish
