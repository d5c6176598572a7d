#!/bin/bash
# twprobe diagnose on a router in namespaces: both sides of a NAT in one file, resets that the router makes, options that it strips.
. "$(dirname "$0")/lib.sh"
need jq python3 tcpdump mergecap nft
need_root

router_between

# captures NAMESPACE INTERFACE FILE
captures() {
	local log=$work/background.${#background[@]}
	background ip netns exec "$1" tcpdump -q -i "$2" -U -w "$work/$3" tcp
	wait_until 10 grep -q 'listening on' "$log"
}
rules() { ip netns exec "$middle" nft -f -; }
rules <<'NFT'
table ip n {
	chain post {
		type nat hook postrouting priority 100
		oifname "far" masquerade
	}
}
NFT
# What synproxy wants: an ACK of which nothing is known is invalid.
ip netns exec "$middle" sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
captures "$middle" any any.pcap
captures "$near" wire near.pcap
captures "$far" wire far.pcap

# Echoes what it reads; a line "later" is answered once the client has been rejected, whatever else happens.
cat >"$work/serve.py" <<'PY'
import os, socket, sys, threading, time

def serve(connection):
    try:
        while data := connection.recv(1000):
            if data == b'later\n':
                while not os.path.exists(sys.argv[1]):
                    time.sleep(0.01)
            connection.sendall(data)
    except OSError:
        pass
    connection.close()

server = socket.create_server(('203.0.113.1', 8080))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
PY
background in_far python3 "$work/serve.py" "$work/rejected"
wait_until 10 listens "$far" 8080
cat >"$work/ask.py" <<'PY'
import socket, subprocess, sys, time

def ask(connection, text):
    connection.sendall(text)
    return connection.recv(1000)

def rule(text):
    subprocess.run(['ip', 'netns', 'exec', sys.argv[1], 'nft', text], check=True)

for _ in range(5):
    with socket.create_connection(('203.0.113.1', 8080)) as connection:
        for _ in range(3):
            ask(connection, b'x' * 100)
# From the middle on the router strips the client's timestamps.
with socket.create_connection(('203.0.113.1', 8080)) as connection:
    ask(connection, b'x')
    time.sleep(0.25) # a delayed ACK is on its way before
    rule('add table ip f; add chain ip f forward { type filter hook forward priority 0; }; '
         'add rule ip f forward iifname near tcp flags ! rst reset tcp option timestamp')
    for _ in range(4):
        ask(connection, b'x')
    rule('delete table ip f')
# The router answers SYNs itself, and asks the server only then.
rule('table ip s { chain raw { type filter hook prerouting priority -300; iifname near tcp flags syn notrack; }; '
     'chain forward { type filter hook forward priority 0; '
     'ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm; }; }')
with socket.create_connection(('203.0.113.1', 8080)) as connection:
    for _ in range(4):
        ask(connection, b'x' * 100)
rule('delete table ip s')
# The router rejects what the client sends, while the server has an answer to give.
connection = socket.create_connection(('203.0.113.1', 8080))
ask(connection, b'x')
ask(connection, b'x')
connection.sendall(b'later\n')
time.sleep(0.1)
rule('add table ip f; add chain ip f forward { type filter hook forward priority 0; }; '
     'add rule ip f forward iifname near tcp dport 8080 reject with tcp reset')
connection.sendall(b'rejected\n')
time.sleep(0.1)
open(sys.argv[2], 'w').close()
time.sleep(0.4)
rule('delete table ip f')
PY
run in_near python3 "$work/ask.py" "$middle" "$work/rejected"
exits 'connections through the router' 0
sleep 0.5

query() { jq -r "$1" "$work/out"; }
diagnose() { run "$TWPROBE" diagnose --format=json "$@"; }
summary='select(.record == "summary")'
diagnose "$work/any.pcap"
is 'captured on both sides of the masquerade: each connection twice' \
	"$(query "$summary | \"\(.connections) \(.nat_pairs)\"")" '16 7'
is 'and which is whose other side' \
	"$(query 'select(.record == "connection" and .nat_of != null) | .client | split(":")[0]' | sort -u)" 203.0.113.2
is 'what both sides show is told of the one that was seen first' \
	"$(query 'select(.record == "encounter") | select(.from, .to | startswith("203.0.113.2:")) | .finding' | sort -u)" \
	timestamps-vanish
diagnose "$work/near.pcap"
is 'one side only: no pairs' "$(query "$summary | \"\(.connections) \(.nat_pairs)\"")" '8 0'
is 'the reset is not the server'"'"'s: one hop nearer' \
	"$(query 'select(.record == "encounter" and .from == "203.0.113.1:8080" and (.finding | startswith("reset"))) |
		"\(.finding) \(.ttl) \(.peer_ttl) \(.hops) \(.certain)"')" 'reset-other-sender 64 63 1 true'
is 'another answers SYNs: one hop nearer than the server, whose first data is one farther away' \
	"$(query 'select(.record == "encounter" and .finding == "handshake-other-ttl") | "\(.ttl) \(.peer_ttl) \(.hops)"')" \
	'63 64 -1'
is 'nothing differs from the book' "$(query "$summary | .differs")" 0
diagnose "$work/far.pcap"
is 'stripped timestamps are told once' \
	"$(query 'select(.record == "encounter" and (.finding | startswith("timestamp"))) | "\(.finding) \(.certain)"')" \
	'timestamps-vanish true'
is 'nothing differs from the book there' "$(query "$summary | .differs")" 0
mergecap -w "$work/both.pcap" "$work/near.pcap" "$work/far.pcap"
diagnose "$work/both.pcap"
is 'two captures merged' "$(query "$summary | \"\(.connections) \(.nat_pairs)\"")" '16 7'
is 'nothing differs from the book in them' "$(query "$summary | .differs")" 0
COLUMNS=200 run "$TWPROBE" diagnose "$work/any.pcap"
is 'in words' "$(grep -c '7 connections captured on both sides of a NAT, such as 198.51.100.1:' "$work/out")" 1

# Asked again: the same cells as on one side, each once; the server's data that carried its ACK along is an ACK here, too.
replayed() { query 'select(.record == "replay") | "\(.result) \(.cell)"' | sort; }
run "$TWPROBE" diagnose --replay --format=json -q "$work/any.pcap"
exits 'both sides of the masquerade asked again in the lab: exit 0' 0
replayed >"$work/lab"
is 'each cell answers as in the capture' "$(grep -vc '^same ' "$work/lab") $(grep -c 'established/data/seq-equal/ts-absent' "$work/lab")" '0 1'
run "$TWPROBE" diagnose --replay --format=json -q "$work/both.pcap"
is 'the same of two captures merged' "$(replayed)" "$(cat "$work/lab")"
run in_near "$TWPROBE" diagnose --replay=203.0.113.1:8080 --rate=max --timeout=200ms --format=json -q "$work/any.pcap"
exits 'and at the server, through the masquerade: exit 0' 0
is 'which answers what it can be asked in the same way' "$(replayed | grep -v '^same ')" 'unanswered closed/data/seq-equal/ts-equal'
holds 'and is asked all others' [ "$(replayed | grep -c '^same ')" -ge 3 ]
finish
