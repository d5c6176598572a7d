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

# -w: the same frames as pcapng, with what is to be said about them.
run "$TWPROBE_RELEASE" matrix --matrix=all --only='*/*/seq+1/*' --format=json -w "$work/commented.pcapng"
exits '-w' 0
is '-w: nothing had no frame' "$(err)" ''
holds '-w: the comments agree with the records' tests/live/pcap_comments.py "$work/out" "$work/commented.pcapng"
run "$TWPROBE" scenario tw-legal-syn -q -w "$work/scenario.pcapng"
comments() { tshark -n -r "$1" -Y frame.comment -T fields -e frame.comment 2>/dev/null; }
matches '-w of a scenario: its conclusion' "$(comments "$work/scenario.pcapng" | head -n 1)" '^twprobe: scenario tw-legal-syn.*agrees'
is '-w of a scenario: the states after each segment' "$(comments "$work/scenario.pcapng" | grep -c 'is then in')" \
	"$(frames "$work/scenario.pcapng" 'tcp.flags.reset == 0' tcp.flags | wc -l)"
run "$TWPROBE" why -q -w - time-wait/syn/seq-below/ts-above
cp "$work/out" "$work/why.pcapng"
matches '-w - of why: the report goes to standard error' "$(err)" 'SYN-ACK'
matches '-w - of why: the stimulus' "$(comments "$work/why.pcapng")" '^twprobe: stimulus of time-wait/syn/seq-below/ts-above'
head=$(capinfos "$work/why.pcapng" 2>/dev/null)
matches '-w: who wrote it'  "$head" "application: *twprobe $("$TWPROBE" --version | sed 's/.* //;q')"
matches '-w: which kernel'  "$head" "oper-sys: *Linux $(uname -r)"
matches '-w: which interface' "$head" 'Name = lo'
run "$TWPROBE" map -o "$work/map.png" --size=4x4 -q -w "$work/map.pcapng"
is '-w of a map: each stimulus' "$(comments "$work/map.pcapng" | grep -c '^twprobe: stimulus')" 16
run "$TWPROBE" diagnose --format=json "$work/commented.pcapng"
is 'diagnose reads what -w wrote' "$(jq -r 'select(.record == "summary") | .differs' "$work/out")" 0
run "$TWPROBE" matrix --path=direct --path=router -w "$work/two.pcapng"
exits '-w and several paths' 2
run "$TWPROBE" -q -w /dev/full
exits '-w: a full disk is said' 4
finish
