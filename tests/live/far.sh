#!/bin/bash
# A target behind a bad network: frames lost, repeated and overtaken in both directions, or far away. Slower or inconclusive,
# never wrong; and an answer that takes longer than --timeout because of the distance is no silence.
. "$(dirname "$0")/lib.sh"
need jq ip python3
around_a_relay
serve "$far" 8888 "$TWPROBE" serve 8888
target=$far_v4:8888
conclusive() {
	cells "$1" 'select(.verdict == "agrees" or .verdict == "differs") | "\(.cell) \(.answer) \(.isn) \(.follow_up.answer)"' | sort
}
# behind DELAY_MS JITTER_MS LOSS REPEAT: the relay, until the next one
behind() {
	[ -z "${relay:-}" ] || stop "$relay" KILL
	background ip netns exec "$middle" python3 tests/live/relay.py near far "$@" "${SEED:-7}"
	relay=$!
	wait_until 10 grep -q ready "$work/background.$((${#background[@]} - 1))"
}
# never_wrong NAME PERCENT ARGUMENTS...: at least PERCENT of the cells conclusive, all as in the lab
never_wrong() {
	local name=$1 percent=$2 found
	shift 2
	run in_near "$TWPROBE_RELEASE" matrix "${part[@]}" --rate=max --in-flight=256 --format=json "$@" $target
	conclusive "$work/out" >"$work/seen"
	found=$(wc -l <"$work/seen")
	is "$name: no answer is wrong" "$(comm -23 "$work/seen" "$work/true" | head -n 5)" ''
	holds "$name: $percent in a hundred are answered, $found of $(wc -l <"$work/true")" \
		[ $((found * 100)) -ge $(($(wc -l <"$work/true") * percent)) ]
	echo "# $name: $(jq -r 'select(.record == "summary") | "\(.seconds) s, \(.resent) of \(.set_up_segments) segments sent again"' "$work/out")"
	cells "$work/out" 'select(.verdict == "inconclusive") | .reason' | sort | uniq -c | sort -rn | head -n 5 | sed 's/^/# /'
}
limit=${LIMIT:-100}
part=(--matrix=all --only="${ONLY:-*/[adfs]*/seq-equal/ts-a*}")
run "$TWPROBE_RELEASE" matrix "${part[@]}" --format=json
exits 'the same cells in the lab' 0
conclusive "$work/out" >"$work/true"

behind 0 0 0 0
never_wrong 'a good network, at a pace that is found' 100 --timeout=300ms --rate=auto
behind 2 20 0.03 0.1
never_wrong 'lost, repeated and overtaken' 90 --timeout=200ms
behind 180 2 0 0
never_wrong '360 ms away, --timeout=100ms' 90 --timeout=100ms
finish
