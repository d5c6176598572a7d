# What the long measurements share; to be sourced by a bash program after tests/live/lib.sh. Each prints one line of numbers a
# measurement, `NAME: N cells, N wrong, N inconclusive (N.NN %), ...`, and its checks as every live test does.
#
# shellcheck shell=bash
# Nothing is measured with the sanitizers in.
TWPROBE=${TWPROBE_RELEASE:-$TWPROBE}

# behind ARGUMENTS...: the relay with these (relay.py), until the next one
behind() {
	[ -z "${relay:-}" ] || stop "$relay" KILL
	background ip netns exec "$middle" "$relay_program" near far "$@"
	relay=$!
	wait_until 10 grep -q ready "$work/background.$((${#background[@]} - 1))"
}

conclusive() { # FILE: cell, answer, ISN, follow-up of each cell that was decided
	cells "$1" 'select(.verdict == "agrees" or .verdict == "differs") | "\(.cell) \(.answer) \(.isn) \(.follow_up.answer)"' |
		sort -u
}
# judge NAME FILE TRUTH: compares what was decided with the truth, a file of `conclusive`. Sets `wrong` and `unsure`.
judge() {
	local all share
	conclusive "$2" >"$work/seen"
	wrong=$({ comm -23 "$work/seen" "$3"; cells "$2" 'select(.verdict == "differs") | "\(.cell) differs"'; } | wc -l)
	all=$(cells "$2" .number | wc -l)
	unsure=$(cells "$2" 'select(.verdict == "inconclusive" or .verdict == "mixed") | .number' | wc -l)
	share=$(awk -v n="$unsure" -v all="$all" 'BEGIN { printf "%.2f", all ? 100 * n / all : 100 }')
	echo "$1: $all cells, $wrong wrong, $unsure inconclusive ($share %),$(jq -r 'select(.record == "summary") |
		" \(.seconds * 10 | round / 10) s, \(.resent) of \(.set_up_segments) set-up segments sent again"' "$2")"
	is "$1: no verdict is wrong" "$(comm -23 "$work/seen" "$3" | head -n 5)" ''
	is "$1: none differs" "$(cells "$2" 'select(.verdict == "differs") | "\(.cell): \(.reason)"' | head -n 5)" ''
	holds "$1: cells were asked" [ "$all" -gt 0 ]
	cells "$2" 'select(.verdict == "inconclusive" or .verdict == "mixed") | .reason' | sed 's/[0-9][0-9]*/N/g' | sort | uniq -c |
		sort -rn | head -n 8 | sed 's/^/# /'
}
# lab_truth FILE ARGUMENTS...: what an undisturbed run in the lab finds
lab_truth() {
	local file=$1
	shift
	run "$TWPROBE" matrix "$@" --format=json -q
	exits 'an undisturbed run in the lab' 0
	conclusive "$work/out" >"$file"
}
