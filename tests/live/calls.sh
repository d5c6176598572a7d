#!/bin/bash
# A subject on another machine that connects when it is asked to: `twprobe serve --calls` in a namespace of its own.
. "$(dirname "$0")/lib.sh"
need jq python3 ip nft
two_namespaces
serve "$far" 8888 "$TWPROBE" serve --calls --allow=$near_v4 --allow=$near_v6 8888
server=${background[-1]}

# asked NAME LEAST ARGUMENTS...: at least so many cells, all as linux says
asked() {
	local name=$1 least=$2
	shift 2
	run in_near "$TWPROBE" matrix --rate=max --timeout=300ms --format=json --calls "$@"
	is "$name: no cell differs or is inconclusive; what is skipped has a reason" "$(cells "$work/out" \
		'select(.verdict != "agrees") | select(.verdict != "skipped" or (.cell | test("no-listener|/ipv6$") | not)) |
		"\(.cell) \(.verdict) \(.reason)"' | head -n 5)" ''
	holds "$name: there are cells" [ "$(cells "$work/out" 'select(.verdict == "agrees") | .cell' | wc -l)" -ge "$least" ]
}
asked 'SYN_SENT' 4 --matrix=syn-sent --only='*/syn-ack/seq-equal/ts-equal*' $far_v4:8888
is 'an IPv4 target: what is said of cells over IPv6' "$(cells "$work/out" 'select(.cell | endswith("/ipv6") and (contains("no-listener") | not)) | .reason' | sort -u)" \
	'the target has no IPv6 address'
asked 'a subject that connects' 6 --matrix=openings --only='[ectl]*/data/seq-equal/ts-above/opening-active' $far_v4:8888
asked 'SYNs that cross' 6 --matrix=openings --only='[ectl]*/data/seq-equal/ts-above/opening-simultaneous' $far_v4:8888
asked 'over IPv6' 6 --matrix=openings --only='[ectl]*/syn/seq-equal/ts-above/opening-active/*' "[$far_v6]:8888"

# One datagram in two is lost: they are asked for again.
in_far nft -f - <<NFT
table inet lossy { chain in { type filter hook input priority 0; udp dport 8888 numgen inc mod 2 == 1 drop; }; }
NFT
asked 'half of the datagrams are lost' 2 --matrix=syn-sent --only='syn-sent/syn-ack/seq-equal/ts-equal*' $far_v4:8888
in_far nft delete table inet lossy

run in_near "$TWPROBE" syn-sent/syn-ack/seq-equal/ts-equal/ack+1 $far_v4:8888
exits 'without --calls' 4
matches 'without --calls: what would help' "$(cat "$work/out" "$work/err" | tr '\n' ' ' | tr -s ' ')" 'twprobe serve --calls'
run in_near "$TWPROBE" syn-sent/syn-ack/seq-equal/ts-equal/ack+1 --calls
exits '--calls without a target' 2
matches '--calls without a target: says why' "$(err)" 'calls tells how to reach a target'
run in_near "$TWPROBE" syn-sent/syn-ack/seq-equal/ts-equal/ack+1 --calls $far_v4:8889
exits 'nobody takes calls there' 4
matches 'nobody takes calls there: what would help' "$(err | tr '\n' ' ' | tr -s ' ')" 'start .twprobe serve --calls 8889. there'
in_near ip addr add 198.51.100.77/24 dev wire
run in_near "$TWPROBE" syn-sent/syn-ack/seq-equal/ts-equal/ack+1 --calls --source=198.51.100.77 $far_v4:8888
exits 'not in --allow' 4
matches 'not in --allow: says so' "$(err | tr '\n' ' ' | tr -s ' ')" 'does not connect to us: not in --allow'

# Whatever else comes in such a datagram, nobody is connected to, and the server lives.
in_near tcpdump -i wire -n -w "$work/pcap" 'tcp[tcpflags] & tcp-syn != 0' 2>/dev/null &
background+=($!)
wait_until 5 test -e "$work/pcap"
in_near python3 - $far_v4 <<'PY'
import random, socket, sys
random.seed(1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
bad = [b"", b"\n", b"twprobe call 0 hold\n", b"twprobe call 65536 hold\n", b"twprobe call 80 nothing\n", b"twprobe call 80 hold",
       b"twprobe call 80\0hold\n", b"twprobe call 80 hold\n\n", b"twprobe call -1 hold\n", b"twprobe call 80 hold " + b"x" * 2000]
for text in bad + [bytes(random.randrange(256) for _ in range(random.randrange(300))) for _ in range(500)]:
    s.sendto(text, (sys.argv[1], 8888))
PY
sleep 0.3
stop "${background[-1]}"
is 'garbage makes it send nothing' "$(tcpdump -n -r "$work/pcap" 2>/dev/null | wc -l)" 0
asked 'and it still serves' 1 --matrix=syn-sent --only='syn-sent/syn-ack/seq-equal/ts-equal/ack+1' $far_v4:8888
stop "$server" INT
matches 'the server ends as always' "$(cat "$work/background.0")" '^accepted [0-9]+ connection'
finish
