#!/bin/bash
# twprobe diagnose -w: the frames again, with comments that tshark shows; through pipes, with a filter, on a full disk; several
# interfaces and what a pcapng says of its own.
. "$(dirname "$0")/lib.sh"
need jq python3 tshark tcpdump capinfos editcap

comments() { tshark -r "$1" -Y frame.comment -T fields -e frame.number -e frame.comment 2>/dev/null; }
frames() { tshark -r "$1" -T fields -e frame.time_epoch -e frame.len -e frame.cap_len -e tcp.seq_raw -e frame.interface_name 2>/dev/null; }

run "$TWPROBE_RELEASE" scenario tw-illegal-syn --pcap="$work/in.pcap"
exits 'a scenario is captured' 0
run "$TWPROBE" diagnose --format=json -w "$work/out.pcapng" "$work/in.pcap"
cp "$work/out" "$work/found"
is 'nothing on standard error' "$(cat "$work/err")" ''
is 'each frame is there' "$(frames "$work/out.pcapng" | cut -f 1-4)" "$(frames "$work/in.pcap" | cut -f 1-4)"
is 'all encounters are comments' "$(jq -c 'select(.record == "summary").written | [.frames, .commented, .without_comment, .error]' \
	"$work/found")" "[$(frames "$work/in.pcap" | wc -l),$(jq -s 'map(select(.record == "encounter")) | length' "$work/found"),0,null]"
comments "$work/out.pcapng" >"$work/comments"
# One line for each: what the record says, the comment says, on that frame and on the frame of the answer.
while IFS='|' read -r frame finding state answered reason reproduce; do
	holds "frame $frame: $finding" grep -qE "^$frame	.*twprobe: [^(]*\($finding\).*is in $state\\\\n" "$work/comments"
	[ -z "$reason" ] || holds "frame $frame: what is missing" grep -q "^$frame	.*not certain: $reason" "$work/comments"
	[ -z "$reproduce" ] || holds "frame $frame: the command" grep -qF "ask again: $reproduce" "$work/comments"
	[ -z "$answered" ] || holds "frame $answered: the answer" grep -q "^$answered	.*twprobe: answers frame $frame, " \
		"$work/comments"
done < <(jq -r 'select(.record == "encounter") | [.frame, .finding, .state, .answered_by // "", if .certain then "" else .reason end,
	.reproduce // ""] | join("|")' "$work/found")
info=$(capinfos "$work/out.pcapng" 2>/dev/null)
matches 'who wrote it' "$info" 'Capture application: *twprobe [0-9]'
matches 'on what' "$info" "Capture oper-sys: *Linux $(uname -r)"

# Through pipes, and again from what was written: no word twice.
"$TWPROBE" diagnose -w - - <"$work/in.pcap" 2>"$work/err" | cat >"$work/piped.pcapng"
is 'the same bytes through pipes' "$(cmp "$work/piped.pcapng" "$work/out.pcapng" 2>&1)" ''
holds 'and the report on standard error' grep -q '^standard input: 1[0-9] segments' "$work/err"
holds 'which says what was written' grep -q '^  standard output: 13 frames, 4 encounters in comments$' "$work/err"
run "$TWPROBE" diagnose -q -w "$work/again.pcapng" "$work/out.pcapng"
is 'written from what was written' "$(comments "$work/again.pcapng")" "$(cat "$work/comments")"

# A filter: both numbers where they differ. Frames of something else come first.
first=$(jq -r 'select(.record == "encounter" and .answered_by).frame' "$work/found" | head -n 1)
python3 - "$work/in.pcap" >"$work/two.pcap" <<'PY'
import struct, sys
data, at, other = open(sys.argv[1], 'rb').read(), 24, b''
while at < len(data):
    frame = bytearray(data[at:at + 16 + struct.unpack_from('<I', data, at + 8)[0]])
    at += len(frame)
    frame[16 + 12:16 + 14] = b'\x08\x06' # not IP
    other += frame
sys.stdout.buffer.write(data[:24] + other + data[24:])
PY
run "$TWPROBE" diagnose -q -w "$work/filtered.pcapng" "$work/two.pcap" tcp
is 'only what the filter takes' "$(frames "$work/filtered.pcapng" | wc -l)" "$(frames "$work/in.pcap" | wc -l)"
matches 'numbers of the file that is written, and of the one that was read' "$(comments "$work/filtered.pcapng")" \
	"^$((first + 1))	.*twprobe: answers frame $first \\([0-9]+ of .*two.pcap\\)"

# Files exist whose frames are larger than their header says that frames are. libpcap refuses such a pcapng.
cp "$work/in.pcap" "$work/larger.pcap"
printf '\020\0\0\0' | dd of="$work/larger.pcap" bs=1 seek=16 conv=notrunc status=none
run "$TWPROBE" diagnose -q -w "$work/larger.pcapng" "$work/larger.pcap"
is 'frames that are larger than the file says' "$(tcpdump -n -r - <"$work/larger.pcapng" 2>&1 | grep -c ' IP ')" \
	"$(frames "$work/in.pcap" | wc -l)"

# What a pcapng says of itself: interfaces, their names, comments.
editcap -a 2:'said before' "$work/in.pcap" "$work/commented.pcapng"
run "$TWPROBE" diagnose -q -w "$work/kept.pcapng" "$work/commented.pcapng"
is 'a comment that was there' "$(comments "$work/kept.pcapng" | grep '^2	')" '2	said before'
if [ "$(id -u)" = 0 ]; then
	make_namespace "$near"
	ip -n "$near" link set lo up
	ip -n "$near" link add spare type veth peer name other
	ip -n "$near" link set spare up
	background in_near dumpcap -q -i lo -i spare -a packets:6 -w "$work/named.pcapng"
	dumpcap=$!
	wait_until 10 grep -q '^File:' "$work/background.0"
	for _ in 1 2 3 4 5; do in_near bash -c ': 3<>/dev/tcp/127.0.0.1/9' 2>/dev/null; done
	wait_until 10 eval "! kill -0 $dumpcap 2>/dev/null"
	matches 'dumpcap names its interfaces' "$(frames "$work/named.pcapng")" '	lo$'
	run "$TWPROBE" diagnose -q -w "$work/kept.pcapng" "$work/named.pcapng"
	is 'names of interfaces' "$(frames "$work/kept.pcapng")" "$(frames "$work/named.pcapng")"

	# Live: without privileges, and under the sandbox.
	background in_near "$TWPROBE" diagnose -i lo --duration=2s -w "$work/live.pcapng"
	live=$! listening=$work/background.$((${#background[@]} - 1))
	wait_until 10 grep -q 'listening on' "$listening"
	in_near python3 - <<'PY'
import socket, struct
server = socket.create_server(('127.0.0.1', 8080))
client = socket.create_connection(('127.0.0.1', 8080))
client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
client.close()
PY
	wait_until 20 eval "! kill -0 $live 2>/dev/null"
	matches 'live: a reset' "$(comments "$work/live.pcapng")" '^4	twprobe: a reset '
	is 'and the interface' "$(frames "$work/live.pcapng" | cut -f 5 | sort -u)" lo

	# A disk with room for next to nothing.
	mkdir -p "$work/small"
	# shellcheck disable=SC2016
	run unshare -m bash -c 'mount -t tmpfs -o size=16k,mode=755 none "$1"; head -c 14k /dev/zero >"$1/full"
		"$2" diagnose -q -w "$1/x.pcapng" "$3"; echo "exit $?"' - "$work/small" "$TWPROBE" "$work/in.pcap"
	is 'a full disk: exit 4' "$(grep exit "$work/out")" 'exit 4'
	matches 'a full disk: the report says it' "$(cat "$work/out")" '^  .*x.pcapng is not whole:'
	is 'a full disk: said in words' "$(grep -c 'x.pcapng: cannot be written: No space left on device' "$work/err")" 1
	matches 'and the report is there' "$(cat "$work/out")" '^4 encounters'
fi

# refused TEXT ARGUMENTS...: exit 2 and one line
refused() {
	local text=$1
	shift
	run "$TWPROBE" diagnose "$@"
	exits "$text" 2
	is "$text: one line" "$(wc -l <"$work/err") $(grep -c "$text" "$work/err")" '1 1'
}
cp "$work/in.pcap" "$work/copy.pcap"
ln "$work/copy.pcap" "$work/link.pcap"
refused 'that is the capture which is read' -w "$work/link.pcap" "$work/copy.pcap"
holds 'and is as it was' cmp "$work/copy.pcap" "$work/in.pcap"
refused 'reads one that has none' --text -w "$work/none.pcapng" "$work/comments"
refused 'No such file' -w "$work/none/out" "$work/in.pcap"
refused 'not a capture file' -w "$work/new.pcapng" "$work/comments"
holds 'not a capture: nothing is made' [ ! -e "$work/new.pcapng" ]
cp "$work/out.pcapng" "$work/old.pcapng"
refused 'not a capture file' -w "$work/old.pcapng" "$work/comments"
holds 'and what was there stays' cmp "$work/old.pcapng" "$work/out.pcapng"
finish
