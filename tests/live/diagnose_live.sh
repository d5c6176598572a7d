#!/bin/bash
# twprobe diagnose -i: a live interface of a server. What is certain is true; encounters come in time; what was missed puts what it
# touches in doubt; every end has its exit code.
. "$(dirname "$0")/lib.sh"
need jq python3 ip tcpdump
need_root
# near - middle - far: on the router in the middle `-i any` sees each segment come and go.
router_between
server=$router_far_v4
serve "$far" 8888 "$TWPROBE" serve 8888

# listen NAMESPACE NAME ARGUMENTS...: in the background, until it listens; its output is in $work/NAME
listen() {
	local space=$1 name=$2
	shift 2
	env --default-signal=INT ip netns exec "$space" "$TWPROBE" diagnose --duration=30s "$@" >"$work/$name" 2>"$work/$name.err" </dev/null &
	background+=($!)
	wait_until 10 test -s "$work/$name" || not_ok "$name listens" "$(cat "$work/$name.err")"
}
# ends NAME PID CODE [SIGNAL]
ends() {
	[ $# -lt 4 ] || kill -"$4" "$2"
	wait "$2"
	is "$1: exit code" $? "$3"
	is "$1: nothing else on standard error" "$(grep -vc "${quiet:-^$}" "$work/$1.err")" 0
}
encounters() { jq -r "select(.record == \"encounter\") | $2" "$work/$1"; }
summary() { tail -n 1 "$work/$1" | jq -r "$2"; }
# checks NAME [--lossy]: what it was certain of, against the cells that were asked
checks() {
	while IFS= read -r line; do
		case $line in
		'ok - '*) ok "$1: ${line#ok - }" ;;
		'not ok - '*) not_ok "$1: ${line#not ok - }" ;;
		*) not_ok "$1: $line" ;;
		esac
	done < <(python3 tests/live/diagnose_check.py "${2:---live}" "$work/cells.ndjson" "$work/$1" 2>&1)
}

listen "$far" json -i wire --format=json
json=$!
listen "$middle" any -i any --format=json --every=1s
any=$!
listen "$far" text -i wire --every=1s "host 198.51.100.1 and tcp port 8888"
text=$!
listen "$far" written -i wire --format=json -w "$work/written.pcapng" port 8888
written=$!
listen "$far" drops -i wire --format=json --buffer=16
drops=$!
# Real clients of a real server at the same time: one connection after the other, each from a port of its own. Those that a
# kernel picks come again at times (its table_perturb is shared and not locked), and the SYN into TIME_WAIT would be true.
real_port=$((9000 + $$ % 1000))
cat >"$work/real.py" <<'PY'
import socket, sys, threading
address = (sys.argv[1], int(sys.argv[3]))
if sys.argv[2] == 'server':
    server = socket.create_server(address, backlog=1024)
    while True:
        connection, _ = server.accept()
        connection.recv(1000)
        connection.close()
for i in range(int(sys.argv[2])):
    client = socket.create_connection(address, source_address=('', 20000 + i))
    client.sendall(b'x' * 100)
    client.recv(1)
    client.close()
PY
serve "$far" $real_port python3 "$work/real.py" $server server $real_port
in_near python3 "$work/real.py" $server 2000 $real_port &
real=$!
in_near "$TWPROBE" matrix --only='time-wait/*/seq[-+]*/ts-[ab]*' --rate=400 --format=json $server:8888 \
	>"$work/cells.ndjson" 2>"$work/err" &
matrix=$!
# Stopped for a moment, again and again, it does not hear the segments that open and close connections.
while kill -0 $matrix 2>/dev/null; do
	sleep 0.1
	kill -STOP $drops
	sleep 0.1
	kill -CONT $drops
done
wait $matrix $real
last=$(cells "$work/cells.ndjson" 'select(.sent) | .tuple.source' | tail -n 1)
has_last() { encounters json .from | grep -q "^$last\$"; }
holds 'the last encounter is told within three seconds' wait_until 3 has_last
# The crafted client answers an ACK that it does not expect as no Linux client does.
ends json $json 1 INT
ends any $any 1 TERM
ends text $text 1 INT
is_written() { [ -n "$(tcpdump -n -r "$work/written.pcapng" "src port ${last##*:}" 2>/dev/null)" ]; }
holds 'written: frames are in the file before it ends' wait_until 3 is_written
ends written $written 1 INT
# Alone, nothing is dropped, and after some segments the gaps are far away.
in_near "$TWPROBE" matrix -q --only='time-wait/syn/seq-below/*' --rate=100 $server:8888 >"$work/quiet" 2>&1 || cat "$work/quiet"
kill -INT $drops
wait $drops
is 'the exit code is that of the summary' $? "$(summary drops .exit)"
# The same frames from a file: but for those at its end, of which the listener could hear more.
fields='[.frame, .state, .cell, .answer, .verdict, .certain, .reason, .finding] | tostring'
"$TWPROBE_RELEASE" diagnose --format=json "$work/written.pcapng" >"$work/read"
encounters read "select(.reason // \"\" | test(\"capture ends\") | not) | $fields" | sort >"$work/read.list"
encounters written "$fields" | sort >"$work/written.list"
is 'live is told what the file tells' "$(comm -23 "$work/read.list" "$work/written.list" | head -n 5)" ''
holds 'and little more' [ "$(comm -13 "$work/read.list" "$work/written.list" | wc -l)" -lt 30 ]
holds 'which is a lot' [ "$(wc -l <"$work/read.list")" -gt 100 ]
checks json
checks any
checks drops --lossy
# On a busy machine a real kernel sends a FIN again, too late, and resets what is answered.
odd='select("\(.from) \(.to)" | test(":'$real_port'")) | select(.finding | test("^(after-close|reset)") | not) | .finding'
is 'nothing is odd about real connections' "$(encounters json "$odd")" ''
is 'nor where they pass' "$(encounters any "$odd")" ''
is 'nothing of the server'\''s differs' "$(encounters json 'select(.verdict == "differs" and (.to | endswith(":8888"))) | .cell')" ''
is 'nearly all is certain' "$(summary json '.uncertain * 10 < .encounters')" true
is 'nothing was dropped or cut, and time goes on' "$(summary json '[.dropped, .unsound, .cut_options, .time_back, .clock_set] |
	tostring')" '[0,0,0,0,0]'
# They do not end at the same moment, and one may pass between.
is 'any: what comes and goes counts once' "$(summary any '.copies - .segments | fabs <= 2')" true
is 'any: as much as at the server' "$(summary any ".segments - $(summary json .segments) | fabs <= 2")" true
holds 'any: lines of summary' [ "$(jq -r 'select(.record == "interval") | .segments' "$work/any" | wc -l)" -ge 3 ]
matches 'text: lines of summary' "$(cat "$work/text")" '^20[-0-9T:]*Z: [0-9]+ segments, [0-9]+ new connections'
matches 'text: what each means' "$(cat "$work/text")" 'What helps: Switch timestamps on at both ends'
matches 'text: the report at the end' "$(tail -n 300 "$work/text")" '^wire: [0-9]* segments of [0-9]* connections in [0-9.]* s'
is 'drops: they are counted' "$(summary drops '.dropped > 10')" true
holds 'drops: they put encounters in doubt' \
	[ "$(encounters drops 'select(.reason // "" | test("frames were dropped")) | .frame' | wc -l)" -gt 3 ]
holds 'drops: not for ever' [ "$(encounters drops 'select(.certain) | .frame' | wc -l)" -gt 0 ]

# one_line CODE TEXT COMMAND...
one_line() {
	local wanted=$1 text=$2
	shift 2
	run in_far "$@"
	exits "$text: exit $wanted" "$wanted"
	is "$text: one line" "$(wc -l <"$work/err") $(grep -c "$text" "$work/err")" '1 1'
}
one_line 4 "no interface 'nope' here; there are lo, wire, and any" "$TWPROBE" diagnose -i nope
one_line 2 "the filter 'no such words' cannot be used" "$TWPROBE" diagnose -i wire no such words
one_line 2 'for a live interface' "$TWPROBE" diagnose --duration=1s "$work/any"
one_line 4 'setcap cap_net_raw' setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	"$TWPROBE" diagnose -i wire
if [ -w /dev/full ]; then
	ip netns exec "$far" "$TWPROBE" diagnose -i wire >/dev/full 2>"$work/err"
	is 'a full disk ends it' "$? $(grep -c 'No space left' "$work/err")" '4 1'
fi
timeout 10 ip netns exec "$far" "$TWPROBE" diagnose -i wire --every=1s 2>"$work/err" | head -n 1 >"$work/out"
is 'so does a reader who goes away' "${PIPESTATUS[0]}" 141

# Down, and up again: what began before is in doubt. Then the interface goes.
listen "$far" down -i wire --format=json --every=1s
down=$!
in_far ip link set wire down
in_far ip link set wire up
quiet='the interface is gone'
ip -n "$middle" link del far
ends down $down 4
matches 'down: says that the interface is gone' "$(cat "$work/down.err")" '^twprobe: wire: the interface is gone'
is 'down: it is counted' "$(summary down '.went_down >= 1')" true
finish
