#!/bin/bash
# Ctrl-C: exit 130 and a report of what is done, in each format.
. "$(dirname "$0")/lib.sh"
need jq

interrupt() { # SIGNAL ARGUMENTS...
	local signal=$1
	shift
	timeout --preserve-status --kill-after=5 -s "$signal" 1.5 "$TWPROBE" "$@" >"$work/out" 2>"$work/err" </dev/null
	code=$?
}
for signal in INT TERM; do
	interrupt $signal matrix --repeat=100000 --format=json
	is "SIG$signal, JSON: exit code" "$code" 130
	holds "SIG$signal, JSON: whole records only" jq -e .record "$work/out"
	is "SIG$signal, JSON: ends with the summary" "$(tail -n 1 "$work/out" | jq -r .record)" summary
	done_cells=$(cells "$work/out" .cell | wc -l)
	holds "SIG$signal, JSON: some cells are done" [ "$done_cells" -gt 0 ]
	is "SIG$signal, JSON: the summary counts what is done" \
		"$(tail -n 1 "$work/out" | jq '.agrees + .differs + .inconclusive + .skipped')" "$done_cells"
	is "SIG$signal, JSON: nothing differs" "$(cells "$work/out" 'select(.verdict == "differs") | .cell' | head -n 3)" ''
done
interrupt INT matrix --repeat=100000 --format=tap
is 'SIGINT, TAP: exit code' "$code" 130
holds 'SIGINT, TAP: some results' grep -qE '^ok [0-9]+ ' "$work/out"
interrupt INT matrix --repeat=100000
is 'SIGINT, table: exit code' "$code" 130
matches 'SIGINT, table: says that it was interrupted' "$(out; err)" 'nterrupted'

# A reader that goes away is no crash.
timeout 10 "$TWPROBE" matrix --repeat=100 --format=json 2>"$work/err" | head -n 1 >"$work/out"
code=${PIPESTATUS[0]}
holds 'a closed pipe ends the run' [ "$code" != 124 ]
holds 'a closed pipe is no crash' eval '! grep -qE "Sanitizer|runtime error" "$work/err"'
# A disk that is full is an error, not a report.
if [ -w /dev/full ]; then
	"$TWPROBE" --format=json >/dev/full 2>"$work/err"
	holds 'a full disk is an error' [ $? -ge 2 ]
	holds 'a full disk is said in words' grep -qi 'space' "$work/err"
fi
finish
