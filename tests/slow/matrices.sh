#!/bin/bash
# Every shipped matrix: no cell differs from the linux book, none is inconclusive, every cell has a witness. Over IPv6 as well.
. "$(dirname "$0")/../live/lib.sh"
need jq

for matrix in $("$TWPROBE_RELEASE" list matrices); do
	for family in '' --ipv6; do
		run "$TWPROBE_RELEASE" matrix --matrix="$matrix" $family --format=json
		exits "$matrix $family: exit code" 0
		is "$matrix $family: every cell agrees" "$(cells "$work/out" \
			'select(.verdict != "agrees") | "\(.cell) \(.verdict) \(.reason)"' | head -n 5)" ''
		is "$matrix $family: every cell has a witness" "$(cells "$work/out" \
			'select(.state_before == null or .state_after == null) | .cell' | head -n 5)" ''
	done
done
finish
