#!/bin/bash
# The progress line: there all the time once two seconds are over, whatever goes where, never wider than the terminal, gone at
# the end; and what map and compare say of the file that they wrote.
. "$(dirname "$0")/lib.sh"
need python3 jq
unset NO_COLOR COLUMNS

# in_terminal ARGUMENT...: leaves the judgement in $work/seen
in_terminal() { run python3 tests/live/terminal.py "$@"; cp "$work/out" "$work/seen"; }
seen() { jq -r "$1" "$work/seen"; }
# stays NAME: it was there in nearly all samples (one may fall between two writes), and is gone at the end
stays() {
	holds "$1: it is shown for a while" test "$(seen .samples)" -ge 10
	holds "$1: it stays ($(seen .shown) of $(seen .samples) samples)" test "$(seen '.shown * 10 >= (.samples - 2) * 9')" = true
	is "$1: the line is gone at the end" "$(seen .last)" ''
	holds "$1: nothing was wider than the terminal ($(seen .widest))" test "$(seen .widest)" -lt "$2"
}
slow=(matrix --matrix=all --only='time-wait/*' --rate=100)

in_terminal --out="$work/table" "$TWPROBE" "${slow[@]}"
stays 'a table in a file' 80
is 'a table in a file: exit code' "$(seen .code)" 0
in_terminal "$TWPROBE" "${slow[@]}"
stays 'a table on the same terminal' 81
in_terminal "$TWPROBE" "${slow[@]}" --format=tap
holds 'TAP on the same terminal: it stays' test "$(seen '.shown * 10 >= (.samples - 2) * 9 and .samples > 10')" = true
is 'TAP on the same terminal: every line is whole' "$(seen .text | tr -d '\r' | sed 's/^ *//' | grep -cE '^(ok|.* ok) [0-9]+ - time-wait')" 352
in_terminal --columns=40 --out="$work/table" --term=dumb "$TWPROBE" "${slow[@]}"
stays 'a dumb terminal of 40 columns' 40
is 'a dumb terminal gets no escape sequence' "$(seen .escapes)" false
in_terminal --out="$work/table" "$TWPROBE" "${slow[@]}" -q --in-flight=256
is 'not with -q' "$(seen .samples)" 0

in_terminal "$TWPROBE" map -o "$work/plane.png" --size=40x40 --rate=400
stays 'a map' 81
in_terminal "$TWPROBE" scenario tw-illegal-syn-rfc1337
is 'a scenario: exit code' "$(seen .code)" 0
is 'a scenario: nothing is left of it' "$(seen .last)" ''
holds 'a scenario: nothing was wider than the terminal' test "$(seen .widest)" -le 80
finish
