#!/bin/bash
# ICMP errors about a connection, in the lab: who survives what, by the witness; and that they do not upset the counters.
. "$(dirname "$0")/lib.sh"
need jq

run "$TWPROBE" matrix --format=json --matrix=icmp
exits 'every state, error and family: exit code' 0
is 'no cell differs, is inconclusive or skipped' "$(cells "$work/out" \
	'select(.verdict != "agrees") | "\(.cell) \(.verdict) \(.reason)"' | head -n 5)" ''
is 'nothing was sent again, no silence took a second try' "$(cells "$work/out" 'select(.tries != 1) | .cell' | wc -l)" 0
is 'errors that end a connection end only those that are being opened' "$(cells "$work/out" \
	'select(.state_after == "closed" and .state_before != "closed") | .state_before' | sort | uniq -c | tr -s ' ' | tr '\n' ';')" \
	' 9 syn-recv; 32 syn-sent;'

# An independent reader of what went over the wire.
run "$TWPROBE" --pcap="$work/pcap" syn-sent/icmp-port-unreachable/seq-1/ts-absent
exits 'a client that is told that the port is unreachable' 0
matches 'the ladder says what was sent' "$(cat "$work/out")" 'icmp-port-unreachable irs, the stimulus|icmp-port-unreachable snd_nxt-1, the stimulus'
syn=$(tshark -r "$work/pcap" -o tcp.relative_sequence_numbers:FALSE -Y 'tcp.flags == 2 && !icmp' -T fields -e tcp.seq_raw | head -n 1)
is 'tshark reads the error, with right checksums, and in it the number of the SYN' "$(tshark -r "$work/pcap" \
	-o ip.check_checksum:TRUE -Y icmp -T fields -e icmp.type -e icmp.code -e icmp.checksum.status -e tcp.seq | tr '\t' ' ')" \
	"3 3 1 $syn"

run "$TWPROBE" established/icmp-source-quench/seq-equal/ts-absent/ipv6
exits 'what IPv6 has not' 2
matches 'the error says so' "$(cat "$work/err")" "icmp-source-quench.*IPv6 has no such error"
finish
