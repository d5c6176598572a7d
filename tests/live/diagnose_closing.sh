#!/bin/bash
# twprobe diagnose on real kernels that close, or lose each other: keepalives without an answer and with a reset, data after
# close(), a FIN_WAIT_2 that is over, a half-closed connection that a firewall forgets, one that is killed from outside, data that
# nobody acknowledges, a reset into TIME_WAIT, a challenged SYN. And the exit codes.
. "$(dirname "$0")/lib.sh"
need jq python3 tcpdump nft
two_namespaces

in_far sysctl -qw net.ipv4.tcp_fin_timeout=1
for space in "$near" "$far"; do
	ip netns exec "$space" nft 'add table inet test; add chain inet test input { type filter hook input priority 0; };
		add chain inet test output { type filter hook output priority 0; }'
done
capture "$near" wire "$work/closing.pcap"

# What the server does with a connection on each port, once it has read the client's first byte.
cat >"$work/serve.py" <<'PY'
import select, socket, struct, time
def abort(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()
does = {9001: None, 9002: abort, 9003: lambda s: s.close(), 9004: lambda s: s.close(),
        9005: lambda s: s.shutdown(socket.SHUT_WR), 9006: lambda s: s.shutdown(socket.SHUT_WR),
        9007: None, 9008: None, 9009: None}
listeners = {socket.create_server(('', port)): port for port in does}
held = []
while True:
    for listener in select.select(list(listeners), [], [])[0]:
        s, _ = listener.accept()
        held.append(s)
        s.recv(1)
        if does[listeners[listener]]:
            does[listeners[listener]](s)
PY
cat >"$work/connect.py" <<'PY'
import os, socket, sys, time
def keepalive(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 2)):
        s.setsockopt(socket.IPPROTO_TCP, option, value)
s = {}
for port in range(9001, 9010):
    s[port] = socket.create_connection((sys.argv[1], port))
for port in s:
    s[port].send(b'x')
print('connected', flush=True)
while not os.path.exists(sys.argv[2]):
    time.sleep(0.01)
begun = time.monotonic()
keepalive(s[9001])
keepalive(s[9002])
def at(seconds):
    time.sleep(max(0, begun + seconds - time.monotonic()))
def say(port):
    try:
        s[port].send(b'y' * 100)
    except OSError as error:
        print(port, error)
at(0.1)
say(9003)           # the other side has closed
say(9005)           # it has only shut down
s[9005].close()
say(9008)           # dropped on the way, for good
say(9009)           # and for a while
at(0.6)
say(9006)           # forgotten on the way, below
at(2.3)
say(9004)           # and forgotten: tcp_fin_timeout
time.sleep(20)
PY
# The abort of 9002 leaves nothing that anybody sees.
in_far nft add rule inet test output tcp sport 9002 tcp flags rst drop
serve "$far" 9009 python3 "$work/serve.py"
background in_near python3 "$work/connect.py" $far_v4 "$work/go"
wait_until 10 grep -q connected "$work/background.2"
in_far nft add rule inet test input tcp dport '{ 9001, 9006, 9008 }' drop
in_far nft 'add table inet awhile; add chain inet awhile input { type filter hook input priority 0; };
	add rule inet awhile input tcp dport 9009 drop'
in_far nft flush chain inet test output
touch "$work/go"
in_far ss -K 'sport = :9007' >/dev/null 2>&1
# captured LEAST FILTER: so many of these segments came
captured() { [ "$(tcpdump -n -r "$work/closing.pcap" "$2" 2>/dev/null | wc -l)" -ge "$1" ]; }
# The handshake, the first byte, and the data five times: more than two seconds after the third time the sixth will be acknowledged,
# which before would only show a loss.
wait_until 15 captured 8 'dst port 9009'
in_far nft delete table inet awhile
# Until the last keepalive is given up, the last data has been reset, and what was dropped for a while is acknowledged.
all_came() {
	captured 1 'port 9001 and tcp[tcpflags] & tcp-rst != 0' && captured 1 'port 9004 and tcp[tcpflags] & tcp-rst != 0' &&
		captured 3 'src port 9009' && captured 6 'dst port 9008'
}
wait_until 15 all_came
capture_stop "$far_v4"
mv "$work/closing.pcap" "$work/all.pcap"

# find_on FILTER: what there is on these connections
find_on() {
	run "$TWPROBE" diagnose --format=json "$work/all.pcap" "$1"
	cp "$work/out" "$work/found"
	is "nothing of $1 differs from the book" "$(jq -r 'select(.record == "summary") | .differs' "$work/found")" 0
}
# of PORT: the findings on connections with this port, in their order
of() {
	jq -r "select(.record == \"encounter\" and ((.to | endswith(\":$1\")) or (.from | endswith(\":$1\")))) |
		.finding + (if .certain then \"\" else \"?\" end)" "$work/found" | paste -sd' '
}
# delay PORT: of the data that nobody acknowledged
delay() { jq -r "select(.finding == \"data-silent\" and (.to | endswith(\":$1\"))) | .delay_us" "$work/found"; }
details() { jq -r "select(.finding == \"$1\" and ((.to + .from) | contains(\":$2\"))) | .details" "$work/found"; }

# Data that is sent again and again looks like a path that loses segments, of which less is certain: it has a look of its own.
find_on 'port 9008 or port 9009'
is 'data that nobody acknowledges, for good' "$(of 9008) $(delay 9008)" 'data-silent null'
is 'and for a while' "$(of 9009)" data-silent
matches 'until the delay ends' "$(delay 9009)" '^[0-9]{6,7}(\.[0-9]+)?$'

find_on 'not port 9008 and not port 9009'
matches 'keepalives that nobody answers' "$(of 9001)" '^keepalive-silent keepalive-given-up[?]?$'
matches 'how many' "$(details keepalive-given-up 9001)" '^2 keepalives in [12].* without an answer'
is 'a keepalive finds a dead connection' "$(of 9002)" 'reset-keepalive'
is 'data after close()' "$(of 9003)" 'reset-half-closed'
matches 'which is lost' "$(details reset-half-closed 9003)" \
	'too short for a time-out of 60 s: the process had closed.*100 bytes are lost'
is 'data after FIN_WAIT_2 is over' "$(of 9004)" 'reset-half-closed'
is 'data after shutdown(SHUT_WR) is routine' "$(of 9005)" ''
is 'a half-closed connection that was forgotten on the way' "$(of 9006)" 'half-closed-silent'
if [ -z "$(in_far ss -Htan state connected 'sport = :9007')" ]; then
	is 'killed from outside: a reset of an end that still had the connection' "$(of 9007) $(jq -r 'select(.finding == "reset" and
		((.from + .to) | contains(":9007"))) | "\(.segment | split(" ")[0]) \(.says | contains("`ss -K`"))"' "$work/found")" 'reset RA true'
else
	skip 'killed from outside' 'this kernel has no CONFIG_INET_DIAG_DESTROY'
fi
run "$TWPROBE" time-wait/rst/seq-equal/ts-equal --pcap="$work/rst.pcap"
exits 'a reset into TIME_WAIT' 0
run "$TWPROBE" diagnose --format=json "$work/rst.pcap"
is 'has a cause of its own' "$(jq -r 'select(.record == "encounter" and (.to | endswith(":8888"))) |
	"\(.finding) \(.details)"' "$work/out" | head -n 1 | cut -d, -f 1)" 'reset-time-wait This one ends TIME_WAIT'
run "$TWPROBE" scenario tw-illegal-syn --pcap="$work/syn.pcap"
run "$TWPROBE" diagnose --format=json "$work/syn.pcap"
exits 'all as the book expects: exit 0' 0
matches 'what followed the challenge' "$(jq -r 'select(.finding == "tw-syn-refused") | .details' "$work/out")" \
	'reset the old connection [0-9.]+ (us|ms) after this answer; its next SYN came 1\.[0-9]+ s after .* connected after 1\.'
at=$(jq -r 'select(.finding == "tw-syn-refused") | .frame' "$work/out")

# The exit codes: this file ends where the SYN has not been answered yet; that one shows an ISN which goes on from the connection before
# (Linux from 6.10 on, tcp_tw_isn in tcp_timewait_state_process()), or does not.
tcpdump -r "$work/syn.pcap" -c "$at" -w "$work/uncertain.pcap" 2>/dev/null
run "$TWPROBE" diagnose -q "$work/uncertain.pcap"
exits 'only uncertain encounters: exit 3' 3
matches 'which are there' "$(out)" '1 encounter: 0 as the linux book expects, 0 otherwise, 1 uncertain'
run "$TWPROBE" time-wait/syn/seq-above/ts-above --pcap="$work/isn.pcap" -q
other=6.9
[ "$(printf '%s\n' 6.10 "$(uname -r)" | sort -V | head -n 1)" = 6.10 ] || other=6.18.44
run "$TWPROBE" diagnose -q --kernel="$(uname -r)" "$work/isn.pcap"
exits 'as the book of this kernel expects: exit 0' 0
run "$TWPROBE" diagnose -q --kernel=$other "$work/isn.pcap"
exits 'not as the book of the kernel said expects: exit 1' 1
matches 'and it says which' "$(out | tr -s ' \n' ' ')" ' as the linux book expects, 1 otherwise, .* expected: linux: SYN-ACK'
finish
