#!/bin/bash
# Nothing is wider than the terminal: every command in 60 columns, and in 80 where nobody says how many there are.
# Only a single word may be longer than a line.
. "$(dirname "$0")/lib.sh"
need python3 jq
unset NO_COLOR COLUMNS

# widest FILE COLUMNS: the lines that are too long and have a place to break
widest() {
	python3 -c '
import sys
for line in open(sys.argv[1], encoding="utf-8"):
    line = line.rstrip("\n")
    if len(line) > int(sys.argv[2]) and len(line.split()) > 1:
        print(len(line), line)' "$1" "$2"
}
# fits NAME COLUMNS ARGUMENT...: with COLUMNS set (default: not set), piped
fits() {
	local name=$1 columns=$2
	shift 2
	if [ "$columns" = default ]; then run "$TWPROBE" "$@"; columns=80
	else run env COLUMNS="$columns" "$TWPROBE" "$@"; fi
	is "$name in $columns columns" "$(widest "$work/out" "$columns" | head -n 5)" ''
	[ -s "$work/out" ] || not_ok "$name in $columns columns printed something" "$(err)"
}

"$TWPROBE" matrix --format=json --only='time-wait/syn/*/conn-ts-off' >"$work/a.ndjson"
for i in 1 2 3; do
	sed 's/"answer":"ack"/"answer":"rst"/; s/"kernel":"[^"]*"/"kernel":"5.10.'$i'-with-a-long-name"/' "$work/a.ndjson" >"$work/b$i.ndjson"
done
sed 's/expect: ack/expect: rst/' cases/scenarios/tw-illegal-syn.yaml >"$work/sabotaged.yaml"

"$TWPROBE" scenario tw-real-client --fast --pcap="$work/capture.pcap" >"$work/out"

for columns in 60 default; do
	for command in '' matrix map scenario why serve compare list explain help; do
		fits "$command --help" $columns $command --help
	done
	fits list $columns list
	fits explain $columns explain time-wait/rst/seq-equal/ts-absent/tcp_rfc1337=1
	fits 'explain, every kernel' $columns explain --kernel=any syn-recv/syn/seq-above/ts-above
	fits 'a cell' $columns --seq-below --ts-above
	fits 'a cell with data' $columns --state=established --segment=data
	fits 'a silent cell' $columns --segment=rst --seq-equal
	fits 'a cell of another book' $columns --seq-below --ts-above --expect=folk
	fits 'the matrix' $columns matrix
	fits 'rows' $columns matrix --matrix=all --only='*/seq-equal/ts-above'
	fits 'a matrix that differs' $columns matrix --expect=folk
	fits 'quiet' $columns matrix --expect=folk -q
	fits 'verbose' $columns matrix --expect=folk -q -v
	fits 'a map' $columns map -o - --overlay=rfc,folk
	fits 'why' $columns why --seq-below
	fits 'a scenario' $columns scenario tw-illegal-syn --fast
	fits 'a scenario that differs' $columns scenario "$work/sabotaged.yaml" --fast
	fits 'a scenario with cells' $columns scenario tw-timestamps-one-side
	run env COLUMNS="${columns/default/80}" "$TWPROBE" diagnose "$work/capture.pcap"
	is "a diagnosis in $columns columns" "$(widest "$work/out" "${columns/default/80}" | grep -v 'ask again: ')" ''
	fits 'two files' $columns compare "$work/a.ndjson" "$work/b1.ndjson"
	fits 'four files' $columns compare --baseline="$work/a.ndjson" "$work"/b?.ndjson
done

fits 'the matrix' 200 matrix
holds 'a wide terminal is made use of' grep -qE '^.{81}' "$work/out"

# What the README quotes, but for the seconds.
if [[ $(uname -r) == 6.18.* ]]; then
	run "$TWPROBE" matrix
	is 'the README shows what the matrix prints' "$(sed -n '/^\$ .\/twprobe matrix$/,/^```$/p' README.md | sed '1d; $d; /^\.\.\.$/d; /^It took/d' |
		while IFS= read -r line; do grep -qFx -- "$line" "$work/out" || echo "$line"; done)" ''
else
	skip 'the README shows what the matrix prints' 'it shows Linux 6.18'
fi

# A terminal: its own width, errors and notes as well. Elsewhere an error is one line.
in_terminal() { run python3 tests/live/terminal.py "$@"; cp "$work/out" "$work/seen"; }
in_terminal --columns=70 "$TWPROBE" --connection-timestamps=off --seq-below --ts-above
is 'a terminal of 70 columns' "$(jq '.widest <= 70' "$work/seen")" true
matches 'a note goes on under its begin' "$(jq -r .text "$work/seen" | tr -d '\r')" '^         [^ ]'
in_terminal --columns=60 "$TWPROBE" matrix --matrix=no-such-matrix-of-this-long-name --only='x'
is 'an error on a terminal is wrapped' "$(jq '.widest <= 60' "$work/seen")" true
run "$TWPROBE" matrix --matrix=no-such-matrix-of-this-long-name --only='x'
is 'an error in a file is one line' "$(err | wc -l)" 1

# Reasons: folded, but every cell by name with -v.
differ=$("$TWPROBE" matrix --expect=folk --format=json | jq -r 'select(.verdict == "differs") | .cell' | sort)
run "$TWPROBE" matrix --expect=folk -q
exits 'folk is wrong in some cells' 1
holds "$(wc -l <<<"$differ") cells that differ take fewer lines" test "$(wc -l <"$work/out")" -lt "$(wc -l <<<"$differ")"
is 'the counts of the reasons are that of the cells' \
	"$(grep -E '^  ! ' "$work/out" | sed -E 's/^  ! ([0-9]+) cells: .*/\1/; s/^  ! [a-z].*/1/' | paste -sd+ | bc)" "$(wc -l <<<"$differ")"
run "$TWPROBE" matrix --expect=folk -q -v
is '-v names all of them' "$(grep -oE '[a-z-]+/[a-z-]+/seq[^ :]+' "$work/out" | sort)" "$differ"
finish
