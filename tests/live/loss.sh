#!/bin/bash
# One frame in twenty is lost on the way, in both directions: slower, never wrong. And one probe at a time gives what many
# at once do. Here for some cells; with WHOLE=1 (tests/slow/loss.sh) for all.
. "$(dirname "$0")/lib.sh"
need jq nft ip
two_namespaces
# The far side loses them, behind the near side's capture and before its own kernel.
cat >"$work/loss.nft" <<-NFT
	table inet lossy {
		chain in { type filter hook input priority 0; iifname "wire" meta l4proto tcp numgen random mod 100 < 5 counter drop; }
		chain out { type filter hook output priority 0; oifname "wire" meta l4proto tcp numgen random mod 100 < 5 counter drop; }
	}
NFT
serve "$far" 8888 "$TWPROBE" serve 8888
target=$far_v4:8888
conclusive() {
	cells "$1" 'select(.verdict == "agrees" or .verdict == "differs") | "\(.cell) \(.answer) \(.isn)"' | sort
}
# lossy NAME ARGUMENTS...: against a run of the same cells that loses nothing
lossy() {
	local name=$1 found
	shift
	run in_near "$TWPROBE_RELEASE" matrix "$@" --rate=max --in-flight=256 --format=json $target
	exits "$name, no loss: exit code" 0
	conclusive "$work/out" >"$work/true"
	in_far nft -f "$work/loss.nft" || { skip "$name, 5 % loss" 'no nftables here'; return; }
	run in_near "$TWPROBE_RELEASE" matrix "$@" --rate=max --in-flight=256 --format=json $target
	in_far nft list table inet lossy | grep -oE 'packets [0-9]+' >"$work/lost"
	in_far nft delete table inet lossy
	conclusive "$work/out" >"$work/seen"
	found=$(wc -l <"$work/seen")
	holds "$name, 5 % loss: frames were lost both ways" [ "$(grep -cv 'packets 0' "$work/lost")" = 2 ]
	is "$name, 5 % loss: no answer is wrong" "$(comm -23 "$work/seen" "$work/true" | head -n 5)" ''
	is "$name, 5 % loss: none differs" "$(cells "$work/out" 'select(.verdict == "differs") | .cell' | head -n 5)" ''
	holds "$name, 5 % loss: eight in ten are answered all the same" [ $((found * 10)) -ge $(($(wc -l <"$work/true") * 8)) ]
	is "$name, 5 % loss: a lost FIN is not taken for a server that never closes" \
		"$(cells "$work/out" '.reason // "" | select(test("does not close first"))' | head -n 3)" ''
	echo "# $name: lost $(tr '\n' ' ' <"$work/lost"), $found of $(wc -l <"$work/true") conclusive," \
		"$(jq -r 'select(.record == "summary") | "\(.seconds) s, \(.resent) of \(.set_up_segments) set-up segments sent again"' "$work/out")"
	cells "$work/out" 'select(.verdict == "inconclusive") | .reason' | sort | uniq -c | sort -rn | head -n 5 | sed 's/^/# /'
}
if [ -n "${WHOLE:-}" ]; then
	limit=3000
	lossy time-wait
	lossy 'every state' --matrix=all
	part=(--matrix=all)
else
	lossy time-wait --only='time-wait/syn/seq-[be]*'
	lossy 'every state' --matrix=all --only='*/[arsf]*/seq-below/ts-absent' --timeout=300ms
	part=(--matrix=all --only='*/[dfs]*/seq-equal/ts-above')
fi

# A scenario whose segments are lost is played again; what is lost every time is no difference.
if sed 's/mod 100 < 5/mod 100 < 10/' "$work/loss.nft" | in_far nft -f - 2>/dev/null; then
	run in_near "$TWPROBE_RELEASE" scenario tw-rate-limit --timeout=300ms --format=json $target
	holds "tw-rate-limit, 10 % loss: agrees or is inconclusive" [ $code = 0 -o $code = 3 ]
	echo "# tw-rate-limit: $(jq -r 'select(.record == "scenario") | "\(.verdict) \(.reason)"' "$work/out")"
	in_far nft delete table inet lossy
else
	skip 'tw-rate-limit, 10 % loss' 'no nftables here'
fi

# Numbers between a small window's edge and the one that the books take where none is known: judged by what the server offered.
echo 'name: edge' >"$work/edge.yaml"
echo 'blocks: [{state: syn-recv, segment: "null", seq: +60000, ts: equal, payload: 9}]' >>"$work/edge.yaml"
run in_near "$TWPROBE" matrix --matrix="$work/edge.yaml" --format=json $target
exits 'a small window: agrees' 0
is 'a small window: an ACK, as for everything beyond the edge' "$(cells "$work/out" '"\(.answer) \(.baseline.rcv_wnd < 60000)"')" 'ack true'

all() { # what must be the same
	cells "$1" '[.cell, .answer, .isn, .verdict, .state_before, .state_after, .follow_up.answer] | tostring' | sort
}
run "$TWPROBE_RELEASE" matrix "${part[@]}" --format=json
all "$work/out" >"$work/many"
run "$TWPROBE_RELEASE" matrix "${part[@]}" --format=json --in-flight=1
exits 'one at a time: exit code' 0
is 'one at a time: the verdicts, answers and states of many at once' "$(all "$work/out" | diff "$work/many" - | head -n 6)" ''
holds 'one at a time: there are cells' [ "$(wc -l <"$work/many")" -ge 60 ]
finish
