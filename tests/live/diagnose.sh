#!/bin/bash
# twprobe diagnose: what it is certain of is true, for a whole matrix and for parts of its capture; files that are none; the same
# bytes for the same file, however it comes; real connections through `-i any`.
. "$(dirname "$0")/lib.sh"
need jq python3 tcpdump gzip

run "$TWPROBE_RELEASE" matrix --matrix=all --format=json --pcap="$work/all.pcap" -q
exits 'a matrix is captured' 0
cp "$work/out" "$work/all.ndjson"
python3 tests/live/diagnose_check.py "$TWPROBE_RELEASE" "$work/all.ndjson" "$work/all.pcap" >"$work/checks"
checks_of cat "$work/checks"
[ "$(grep -c '^ok' "$work/checks")" -ge 14 ] || not_ok 'all checks were made' "$(tail -n 3 "$work/checks")"

# Which kernel: this one is among those that fit, and nothing that it answers is not a Linux's.
run "$TWPROBE_RELEASE" diagnose --kernel="$(uname -r)" --format=json "$work/all.pcap"
is 'no answer of this kernel is strange, and some tell it from others' \
	"$(jq -c 'select(.record == "host" and .address == "192.0.2.2") | [.strange, .differs, .telling > 10]' "$work/out")" '[0,0,true]'
COLUMNS=200 run "$TWPROBE_RELEASE" diagnose --kernel="$(uname -r)" "$work/all.pcap"
is 'it is one of those that fit' "$(grep -c '192.0.2.2: answers like Linux' "$work/out") $(grep -c ', not like' "$work/out")" '1 0'

# However it comes, and with the sanitizers.
"$TWPROBE" diagnose - <"$work/all.pcap" >"$work/stdin" 2>"$work/err"
is 'nothing on standard error' "$(cat "$work/err")" ''
# Names as long as "standard input": lines break where they do there.
ln "$work/all.pcap" "$work/all-cells.pcap"
gzip -c "$work/all.pcap" >"$work/matrix.pcap.gz"
for form in all-cells.pcap matrix.pcap.gz; do
	(cd "$work" && "$TWPROBE" diagnose "$form") | sed "s|^$form|standard input|" >"$work/text"
	holds "${form##*.}: the same bytes as from standard input" cmp -s "$work/text" "$work/stdin"
done
run "$TWPROBE" diagnose --max-connections=10 --format=json "$work/all.pcap"
is 'ten connections at a time: none differs at the server' \
	"$(jq -r 'select(.record == "encounter" and .verdict == "differs" and (.to | endswith(":8888"))).cell' "$work/out")" ''
is 'and it says how many were forgotten' "$(jq -r 'select(.record == "summary") | .forgotten > 1000' "$work/out")" true
run "$TWPROBE" diagnose --format=json "$work/all.pcap" port 1
is 'a filter that lets nothing through' "$(jq -r 'select(.record == "summary") | .segments' "$work/out")" 0

# refused TEXT ARGUMENTS...: exit 2 and one line
refused() {
	local text=$1
	shift
	run "$TWPROBE" diagnose "$@"
	exits "$text" 2
	is "$text: one line" "$(wc -l <"$work/err") $(grep -c "$text" "$work/err")" '1 1'
}
refused 'diagnose needs a capture'
refused 'No such file' "$work/none.pcap"
refused 'the name of the capture is empty' ''
refused 'not a file' "$work"
head -c 100000 /dev/zero >"$work/zero"
refused 'not a capture file' "$work/zero"
: >"$work/empty"
refused 'empty' "$work/empty"
refused "the filter 'no such words'" "$work/all.pcap" no such words
refused 'mergecap' "$work/all.pcap" "$work/all.pcap"
refused 'x: cannot be written: No such file' -w "$work/none/x" "$work/all.pcap"
(ulimit -v 2000000 && run "$TWPROBE_RELEASE" diagnose --max-connections=100000000 "$work/all.pcap"; echo "$code" >"$work/code")
is 'no memory: exit 4' "$(cat "$work/code") $(grep -c 'out of memory for 100000000 connections' "$work/err")" '4 1'
python3 - "$work/all.pcap" >"$work/damaged" <<'PY'
import struct, sys
data, at = open(sys.argv[1], 'rb').read(), 24
while at < 70000:
    at += 16 + struct.unpack_from('<I', data, at + 8)[0]
sys.stdout.buffer.write(data[:at] + b'\xff' * 64)
PY
run "$TWPROBE" diagnose "$work/damaged"
exits 'damaged in the middle: exit 2' 2
holds 'what came before is reported' grep -q ' segments of ' "$work/out"
is 'and where the damage is' "$(grep -c 'at byte 7[0-9]*: frame [0-9]* says' "$work/err")" 1
head -c 70000 "$work/all.pcap" >"$work/cut"
run "$TWPROBE" diagnose "$work/cut"
is 'a file that breaks off' "$(grep -c 'breaks off in the middle of a frame' "$work/out")" 1

# Real connections, captured on a router: each segment comes in and goes out.
if [ "$(id -u)" = 0 ]; then
	router_between
	background ip netns exec "$middle" tcpdump -q -i any -U -w "$work/any.pcap" tcp
	wait_until 10 grep -q 'listening on' "$work/background.0"
	cat >"$work/serve.py" <<'PY'
import socket
server = socket.create_server(('203.0.113.1', 8080))
for _ in range(20):
    connection, _ = server.accept()
    connection.sendall(connection.recv(1000) * 100)
    connection.close()
PY
	background in_far python3 "$work/serve.py"
	wait_until 10 listens "$far" 8080
	in_near python3 - <<'PY'
import socket
for _ in range(20):
    client = socket.create_connection(('203.0.113.1', 8080))
    client.sendall(b'x' * 100)
    while client.recv(65536):
        pass
    client.close()
PY
	sleep 1
	run "$TWPROBE" diagnose --format=json "$work/any.pcap"
	is 'twenty real connections, nothing odd, nothing counted twice' \
		"$(jq -r 'select(.record == "summary") | "\(.connections) \(.encounters) \(.copies > 100)"' "$work/out")" '20 0 true'
fi
finish
