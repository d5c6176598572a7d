#!/bin/bash
# The TIME_WAIT matrix a hundred times in a row with another seed each time, then with both cores kept busy: always the
# same answers, no cell differs, none inconclusive.
. "$(dirname "$0")/../live/lib.sh"
need jq
runs=${RUNS:-100}

hundred() { # NAME
	local seed problems=0 first="$work/first"
	for ((seed = 1; seed <= runs; seed++)); do
		run "$TWPROBE_RELEASE" matrix --format=json --seed=$seed
		cells "$work/out" '[.cell, .answer, .isn, .verdict, .reason, .state_before, .state_after, .follow_up]
			| tostring' | sort >"$work/now"
		[ -e "$first" ] || cp "$work/now" "$first"
		if [ "$code" != 0 ] || ! cmp -s "$first" "$work/now"; then
			problems=$((problems + 1))
			not_ok "$1, seed $seed" "exit code $code" "$(diff "$first" "$work/now" | head -n 6)" "$(head -n 3 "$work/err")"
		fi
	done
	is "$1: runs that were not as the first" $problems 0
}
hundred 'quiet'
is 'the first run has cells' "$([ "$(wc -l <"$work/first")" -gt 400 ] && echo many)" many
for ((i = 0; i < $(nproc); i++)); do background setpriv --pdeathsig KILL sh -c 'while :; do :; done'; done
hundred 'every core busy'
finish
