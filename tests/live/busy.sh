#!/bin/bash
# Both cores kept busy while the matrices run in the lab: slower, never wrong, and the same each time.
. "$(dirname "$0")/lib.sh"
need jq
for ((i = 0; i < $(nproc); i++)); do background setpriv --pdeathsig KILL sh -c 'while :; do :; done'; done
states() {
	cells "$1" '[.cell, .answer, .isn, .state_before, .state_after, .follow_up.answer, .follow_up.isn] | tostring' | sort
}
for matrix in time-wait all; do
	for round in 1 2; do
		run "$TWPROBE_RELEASE" matrix --matrix=$matrix --seed=$round --format=json
		cp "$work/out" "$work/$matrix.$round"
		exits "$matrix, run $round: exit code" 0
		is "$matrix, run $round: no cell differs or is inconclusive" "$(cells "$work/out" \
			'select(.verdict != "agrees") | "\(.cell) \(.verdict) \(.reason)"' | head -n 5)" ''
		echo "# $matrix, run $round: $(jq -r 'select(.record == "summary") | "\(.cells) cells in \(.seconds) s"' "$work/out")"
	done
	holds "$matrix: there are cells" [ "$(states "$work/$matrix.1" | wc -l)" -ge 56 ]
	is "$matrix: the same answers and states twice" \
		"$(diff <(states "$work/$matrix.1") <(states "$work/$matrix.2") | head -n 6)" ''
done
for pid in "${background[@]}"; do holds 'the core was busy to the end' kill -0 "$pid"; done
finish
