#!/bin/bash
# Whose rules judge: --kernel=VERSION, a kernel that is not known, a limit that the cell sets, the old connection's timestamp.
. "$(dirname "$0")/lib.sh"
need jq

# A kernel that is not known is judged by all of them, and what was seen narrows them down to those that are like this one.
run "$TWPROBE" matrix --kernel=any --format=json
exits 'any kernel: nothing differs' 0
is 'any kernel: the run says so' "$(jq -r 'select(.record == "run") | .rules' "$work/out")" any
cp "$work/out" "$work/any.ndjson"
is 'any kernel: what depends on the version has alternatives' "$(cells "$work/any.ndjson" 'select(.cell ==
	"time-wait/syn/seq-below/ts-above") | .alternatives[] | select(.book == "linux") | "\(.answer) \(.isn) \(.when)"' |
	paste -sd';')" 'syn-ack continued kernels from 6.10 on;syn-ack fresh kernels 5.10 to 6.9'
is 'any kernel: one of them fits' "$(cells "$work/any.ndjson" 'select(.alternatives) |
	[.alternatives[] | select(.book == "linux" and .fits)] | length' | sort -u)" 1
is 'any kernel: what does not depend on it has none' "$(cells "$work/any.ndjson" 'select(.cell ==
	"time-wait/syn/seq-above/ts-below") | .alternatives')" null
major=$(uname -r | cut -d. -f1) minor=$(uname -r | cut -d. -f2 | grep -oE '^[0-9]+')
new=$((major > 6 || (major == 6 && minor >= 10)))
matches 'any kernel: which ones fit the whole run' "$(jq -r 'select(.record == "summary") | .kernels' "$work/any.ndjson")" \
	"$([ $new = 1 ] && echo '^from 6.10 on$' || echo '6.9$')"
run "$TWPROBE" matrix --kernel=any
matches 'any kernel: a line of the report' "$(out | tr -s ' \n' ' ')" 'exact version of the subject.s kernel is unknown, .* --kernel=VERSION'

# tcp_v4_fill_cb() clears the ISN of a reopened TIME_WAIT before 6.10.
if [ $new = 1 ]; then
	run "$TWPROBE" --kernel=6.9 --format=json
	exits 'another kernel'\''s rules: this one differs' 1
	is 'another kernel'\''s rules: what they expect' "$(cells "$work/out" .reason)" \
		'expected a fresh ISN, the syn-ack carried a continued one'
else
	skip "another kernel's rules" 'this kernel is older than 6.10'
fi
run "$TWPROBE" --format=json
is "without --kernel: this kernel's rules" "$(jq -r 'select(.record == "run") | .rules' "$work/out" | cut -d. -f1,2)" \
	"$major.$minor"
for value in x 6 6.1x '' any,5.10; do
	run "$TWPROBE" --kernel="$value"
	exits "--kernel=$value is refused" 2
	matches "--kernel=$value: why" "$(err)" "'$value' is not a kernel's version"
done

# tcp_send_challenge_ack(): 1 a second at least, at most 1 + 1 / 2: half the tries are silent, and none of them is wrong.
run "$TWPROBE" --state=established --sysctl tcp_challenge_ack_limit=1 --repeat=8 --format=json
exits 'a limit of challenge ACKs that the cell sets: nothing differs' 0
holds 'it is reached' [ "$(cells "$work/out" 'select(.answer == "silence") | .cell' | wc -l)" -gt 0 ]
is 'it is named' "$(cells "$work/out" '.alternatives[] | select(.answer == "silence") | .when' | sort -u)" \
	'if tcp_challenge_ack_limit is reached'

# The stimulus' window, on the wire and in the books. tcp_may_update_window(): since 6.6 an ACK that closes the window is not one
# of the past that tcp_disordered_ack() lets pass, and is answered.
cat >"$work/windows.yaml" <<'EOF'
name: windows
blocks:
  - state: [listen, syn-recv, established, fin-wait-2-half, time-wait, close-wait]
    segment: [syn, ack, data, fin-ack, rst]
    seq: [equal, +1]
    ts: [-100, equal, absent]
    window: [usual, 0, 1, 65535]
EOF
run "$TWPROBE" matrix --matrix="$work/windows.yaml" --format=json
exits 'windows: every cell agrees' 0
is 'windows: as many cells as the file has' "$(cells "$work/out" .cell | wc -l)" $((6 * 5 * 2 * 3 * 4))
is 'windows: what was sent' "$(cells "$work/out" '"\((.cell | split("win=")[1]) // (if .sent.flags == "S" then "64240" else "502" end)
	) \(.sent.window)"' | awk '$1 != $2' | head -n 3)" ''
if [ "$major" -gt 6 ] || { [ "$major" = 6 ] && [ "$minor" -ge 6 ]; }; then
	is 'windows: an old ACK is answered only where it closes the window' "$(cells "$work/out" 'select(.cell |
		startswith("established/ack/seq-equal/ts-100")) | "\(.cell | ltrimstr("established/ack/seq-equal/ts-100")):\(.answer)"' |
		paste -sd' ')" ':silence /win=0:ack /win=1:silence /win=65535:silence'
fi
run "$TWPROBE" explain --kernel=6.6 established/ack/seq-equal/ts-100/win=0
matches 'windows: why' "$(out | tr -s ' \n' ' ')" 'linux ack, .* closes the window.* \[tcp_validate_incoming.* tcp_may_update_window'

# Some cells of each axis of the stimulus, on the wire (read by tshark) and in the books; the whole matrices are in tests/slow.
cat >"$work/axes.yaml" <<'EOF'
name: axes
blocks:
  - state: [listen, syn-recv, established, fin-wait-2, time-wait, close-wait]
    segment: [SEC, FSA, FPU, FPAU]
    seq: [-1, equal]
    ts: equal
    payload: [0, 100]
    urgent: [0, 3]
  - state: [syn-recv, established, time-wait]
    segment: [ack, fin-ack]
    seq: equal
    ts: [below, zero]
    tsecr: [equal, -1, zero]
    connection-tsval: [0, 3000000000]
  - state: [listen, established, fin-wait-2, time-wait]
    segment: [syn, data]
    seq: equal
    ts: equal
    options: [fd01, 02040000, 131200000000000000000000000000000000, 1dff00000000000000000000000000000000ffff]
  - state: [listen, established, time-wait]
    segment: [syn, rst]
    seq: equal
    checksum: wrong
EOF
run "$TWPROBE" matrix --matrix="$work/axes.yaml" --format=json --pcap="$work/axes.pcap"
exits 'axes: every cell agrees' 0
is 'axes: as many cells as the file has' "$(cells "$work/out" .cell | wc -l)" $((6 * 2 * 2 * (2 + 2 * 2) + 3 * 2 * 2 * 3 * 2 + 4 * 2 * 4 + 3 * 2))
if command -v tshark >/dev/null; then
	holds 'axes: the file agrees with the records' tests/live/wire_matches.py "$work/out" "$work/axes.pcap"
	is 'axes: urgent pointers on the wire' "$(frames "$work/axes.pcap" 'tcp.flags.urg == 1' tcp.urgent_pointer | sort -un | xargs)" '0 3'
	is 'axes: wrong checksums on the wire' "$(tshark -n -r "$work/axes.pcap" -o tcp.check_checksum:TRUE \
		-Y 'tcp.dstport == 8888 && tcp.checksum.status == 0' 2>/dev/null | wc -l)" $((3 * 2))
	# Behind the 20 bytes that a SYN has anyway, or the 12 of another segment.
	is 'axes: options on the wire' "$({ frames "$work/axes.pcap" 'tcp.flags.syn == 1 && tcp.hdr_len > 40' tcp.options | cut -c 41-
		frames "$work/axes.pcap" 'tcp.flags.syn == 0 && tcp.hdr_len > 32 && tcp.dstport == 8888' tcp.options | cut -c 25-; } |
		cut -c 1-4 | sort | uniq -c | xargs)" '8 0204 8 1312 8 1dff 8 fd01'
fi

run "$TWPROBE" explain time-wait/syn/seq-below/ts-above
exits 'explain' 0
matches 'explain: which versions answer what' "$(out | tr -s ' \n' ' ')" 'kernels 5.10 to 6.9: syn-ack, ISN fresh'
run "$TWPROBE" explain --kernel=5.10 time-wait/syn/seq-below/ts-above
matches 'explain --kernel: that one'\''s' "$(out)" '^linux +syn-ack, ISN fresh, then syn-recv$'
is 'explain --kernel: no other' "$(out | grep -c continued)" 0
run "$TWPROBE" explain syn-recv/rst/seq+1/ts-equal --kernel=6.1
matches 'explain, a series: both of its answers' "$(out | tr -s ' \n' ' ')" 'silence, then closed \(kernels 6.1 to 6.1.190\)'
run "$TWPROBE" explain --kernel=3.10 close-wait/syn/seq-above/ts-above
matches 'explain, an old kernel: what the book is worth' "$(out | tr -s ' \n' ' ')" 'from 5.10 on.*may be wrong'
run "$TWPROBE" explain --kernel=5.10 close-wait/syn/seq-above/ts-above
is 'explain, 5.10: no such note' "$(out | grep -c 'may be wrong')" 0
finish
