#!/bin/bash
# Over IPv6: a cell and the TIME_WAIT matrix in the lab, and against a target, read back with tshark.
. "$(dirname "$0")/lib.sh"
need tcpdump tshark jq python3 ip
two_namespaces
serve "$far" 8888 "$TWPROBE" serve 8888

run "$TWPROBE" -6 --seq-below --ts-above --format=json --pcap="$work/lab.pcap"
exits 'a cell in the lab' 0
is 'a cell in the lab: answer and states' "$(cells "$work/out" \
	'[.cell, .answer, .isn, .state_before, .state_after] | join(" ")')" \
	'time-wait/syn/seq-below/ts-above/ipv6 syn-ack continued time-wait syn-recv'
is 'a cell in the lab: tshark reads IPv6 from its capture, and nothing else' \
	"$(frames "$work/lab.pcap" 'frame' ipv6.src tcp.dstport | sed 's/^2001:db8:.*\t[0-9]\+$/IPv6/' | sort -u)" IPv6
holds 'a cell in the lab: the wire agrees with the record' tests/live/wire_matches.py "$work/out" "$work/lab.pcap"

run "$TWPROBE" matrix -6 --format=json
exits 'the matrix in the lab' 0
is 'the matrix in the lab: every cell agrees' "$(cells "$work/out" \
	'select(.verdict != "agrees" or (.cell | endswith("/ipv6") | not)) | "\(.cell) \(.verdict) \(.reason)"' | head -n 5)" ''
answers() { cells "$1" '[(.cell | sub("/ipv6$"; "")), .answer, .isn, .state_after, .follow_up.answer] | tostring' | sort; }
answers "$work/out" >"$work/six"
holds 'the matrix in the lab: hundreds of cells' [ "$(wc -l <"$work/six")" -ge 100 ]
run "$TWPROBE" matrix --format=json
is 'the matrix in the lab: as over IPv4' "$(diff <(answers "$work/out") "$work/six" | head -n 6)" ''

before=$(out_rsts "$near")
capture "$near" wire "$work/near.pcap" ip6
run in_near "$TWPROBE" matrix --only='time-wait/*/seq*/ts-[abe]*' --rate=max --format=json "[$far_v6]:8888"
capture_stop $far_v4
exits 'the matrix against a target' 0
is 'the matrix against a target: nothing inconclusive' "$(cells "$work/out" \
	'select(.verdict != "agrees" and .verdict != "skipped") | "\(.cell) \(.reason)"' | head -n 5)" ''
is 'the matrix against a target: the lab says the same' "$(comm -23 <(cells "$work/out" 'select(.verdict == "agrees")
	| "\(.cell | sub("/ipv6$"; "")) \(.answer) \(.isn)"' | sort) <(jq -r '"\(.[0]) \(.[1]) \(.[2])"' "$work/six" | sort) | head -n 5)" ''
# What was asked twice, as a silence is, stands in the record with its last connection.
holds 'the matrix against a target: the wire agrees with the records' \
	tests/live/wire_matches.py "$work/out" "$work/near.pcap"
sed 's/^/# /' "$work/holds"
# A name with an address of either family: the option chooses.
printf '%s both\n' $far_v4 $far_v6 >"$work/names"
for family in 4 6; do
	run in_near unshare -m sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$work/names" "$TWPROBE" --format=json -$family both:8888
	exits "-$family of a name with both addresses" 0
	name=far_v$family
	matches "-$family: its address" "$(jq -r 'select(.tuple).tuple.target' "$work/out")" "^\[?${!name}\]?:8888$"
done
run in_near "$TWPROBE" -4 "[$far_v6]:8888"
exits '-4 and an IPv6 address' 2
matches '-4 and an IPv6 address: what is wrong' "$(err)" '^twprobe: -4: .* is an IPv6 address'
is 'OutRsts of the near side did not move' "$(out_rsts "$near")" "$before"
finish
