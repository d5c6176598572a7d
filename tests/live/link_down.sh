#!/bin/bash
# An interface that goes down in the run: no wrong silence, a reason, and an end in a few seconds.
. "$(dirname "$0")/lib.sh"
need jq ip
two_namespaces
serve "$far" 8888 "$TWPROBE" serve 8888

goes_down() { # NAME NAMESPACE
	local begun=$SECONDS
	background in_near timeout 30 "$TWPROBE" matrix --only='time-wait/syn/*/ts-above' --repeat=100 --rate=200 --format=json $far_v4:8888
	local pid=$! log=$work/background.$((${#background[@]} - 1))
	sleep 0.7
	ip -n "$2" link set wire down
	wait $pid
	code=$?
	ip -n "$2" link set wire up
	grep '^{' "$log" >"$work/out"
	is "$1: nothing differs" "$(cells "$work/out" 'select(.verdict == "differs") | "\(.cell) \(.reason)"' | head -n 3)" ''
	is "$1: no silence is called an answer" "$(cells "$work/out" 'select(.answer == "silence" and .verdict != "inconclusive")
		| .cell' | head -n 3)" ''
	holds "$1: some cells were done before" [ "$(cells "$work/out" 'select(.verdict == "agrees") | .cell' | wc -l)" -gt 0 ]
	holds "$1: exit 3 or 4, not $code" [ $code = 3 -o $code = 4 ]
	matches "$1: says so" "$(cells "$work/out" .reason)" 'down|unreachable'
	holds "$1: ends in a few seconds" [ $((SECONDS - begun)) -lt 15 ]
}
goes_down 'our interface' "$near"
sleep 0.3
goes_down 'the other end of the cable' "$far"

ip -n "$near" link set wire down
run in_near "$TWPROBE" $far_v4:8888
exits 'down from the start: exit 4' 4
matches 'down from the start: says so' "$(err)" 'down|route|unreachable'
finish
