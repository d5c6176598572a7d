#!/bin/bash
# The subject on another machine: two namespaces and a veth pair, read back with tcpdump and tshark. Every stimulus and every
# answer stands on the wire as the records claim, and the near kernel never answered for us.
. "$(dirname "$0")/lib.sh"
need tcpdump tshark jq python3 ip
two_namespaces
serve "$far" 8888 "$TWPROBE" serve 8888

remote() { # NAME FILE-STEM ARGUMENTS...
	local name=$1 stem=$2 before
	shift 2
	before=$(out_rsts "$near")
	capture "$near" wire "$work/$stem.pcap"
	run in_near "$TWPROBE" "$@" --format=json
	capture_stop $far_v4
	cp "$work/out" "$work/$stem.ndjson"
	exits "$name: exit code" 0
	is "$name: OutRsts of the near side did not move" "$(out_rsts "$near")" "$before"
	holds "$name: the wire agrees with the records" tests/live/wire_matches.py "$work/$stem.ndjson" "$work/$stem.pcap"
	sed 's/^/# /' "$work/holds"
}

remote 'one cell' one --seq-below --ts-above $far_v4:8888
is 'one cell: answer' "$(cells "$work/one.ndjson" '[.cell, .answer, .isn, .state_before, .tuple.target] | tostring')" \
	'["time-wait/syn/seq-below/ts-above","syn-ack","continued",null,"'$far_v4':8888"]'
is 'one cell: sent from the address of the interface' \
	"$(cells "$work/one.ndjson" '.tuple.source | sub(":[0-9]+$"; "")')" $near_v4

remote 'one cell over IPv6' six --seq-below --ts-below "[$far_v6]:8888"
is 'one cell over IPv6: answer' "$(cells "$work/six.ndjson" '[.cell, .answer, .tuple.target] | tostring')" \
	'["time-wait/syn/seq-below/ts-below/ipv6","ack","['$far_v6']:8888"]'

remote 'part of the matrix' part matrix --only='time-wait/*/seq-below/*' $far_v4:8888
is 'part of the matrix: every cell that needs no sysctl agrees' "$(cells "$work/part.ndjson" \
	'select(.cell | contains("=") | not) | select(.verdict != "agrees") | .cell')" ''
holds 'part of the matrix: there are such cells' \
	[ "$(cells "$work/part.ndjson" 'select(.verdict == "agrees") | .cell' | wc -l)" -ge 7 ]
is 'part of the matrix: cells that need sysctls of the server are skipped with the reason' \
	"$(cells "$work/part.ndjson" 'select(.cell | contains("=")) | select(.verdict != "skipped" or (.reason // "") == "")
		| .cell')" ''

run in_near "$TWPROBE" --seq-below --ts-above --source=$near_v4 --interface=wire $far_v4:8888
exits 'source and interface said' 0
matches 'source and interface said: the answer' "$(out)" 'continued'
run in_near "$TWPROBE" --source=192.0.2.99 --in-flight=1 --timeout=300ms $far_v4:8888
holds 'a source address that the far side cannot answer: no verdict' [ "$code" -ge 2 ]

# What was lost on the way is no silence.
run in_near nft add table inet lossy
if [ "$code" = 0 ]; then
	in_near nft add chain inet lossy in '{ type filter hook input priority 0; policy accept; }'
	in_far nft add table inet lossy
	in_far nft add chain inet lossy in '{ type filter hook input priority 0; policy accept; }'
	# The far side loses one frame in twenty that comes to it.
	in_far nft add rule inet lossy in tcp dport 8888 numgen random mod 20 == 0 drop
	run in_near "$TWPROBE" matrix --only='time-wait/syn/seq*/ts-[abe]*' --format=json $far_v4:8888
	is 'with loss: nothing differs' "$(cells "$work/out" 'select(.verdict == "differs") | "\(.cell) \(.reason)"' |
		head -n 5)" ''
	in_far nft delete table inet lossy
else
	skip 'with loss: nothing differs' 'no nftables here'
fi
finish
