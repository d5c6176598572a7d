#!/bin/bash
# --pcap: what was sent and received, each frame once, in order, readable by tshark.
. "$(dirname "$0")/lib.sh"
need tshark jq python3

run "$TWPROBE" --seq-below --ts-above --format=json --pcap="$work/one.pcap"
exits 'one cell' 0
holds 'one cell: the file agrees with the record' tests/live/wire_matches.py "$work/out" "$work/one.pcap"
is 'one cell: handshake, FIN and FIN, stimulus, answer' \
	"$(frames "$work/one.pcap" tcp tcp.flags.str | tr -d '·' | head -n 8 | tr '\n' ' ' | sed 's/ $//')" \
	'S AS A AF AF A S AS'
is 'one cell: no frame twice' "$(frames "$work/one.pcap" tcp tcp.srcport tcp.flags tcp.seq tcp.ack tcp.options | sort | uniq -d)" ''
is 'one cell: TCP checksums of ours are right' "$(tshark -n -r "$work/one.pcap" -o tcp.check_checksum:TRUE \
	-Y 'tcp.srcport != 8888 && tcp.checksum.status != 1' 2>/dev/null)" ''
is 'one cell: tshark calls nothing malformed' "$(tshark -n -r "$work/one.pcap" -Y _ws.malformed 2>/dev/null)" ''
is 'one cell: times go forward' "$(frames "$work/one.pcap" tcp frame.time_delta | grep '^-')" ''

run "$TWPROBE" matrix --format=json --pcap="$work/matrix.pcap"
exits 'the matrix' 0
holds 'the matrix: the file agrees with the records' tests/live/wire_matches.py "$work/out" "$work/matrix.pcap"
sed 's/^/# /' "$work/holds"
# tshark's own words for what the experiments of the notes saw.
notes=$(tshark -n -r "$work/matrix.pcap" -T fields -e _ws.expert.message 2>/dev/null)
matches 'the matrix: tshark sees reused ports' "$notes" 'same ports as an earlier session'
finish
