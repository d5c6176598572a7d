#!/bin/bash
# twprobe diagnose on handshakes of real kernels: a full accept queue, with and without tcp_abort_on_overflow; TCP_DEFER_ACCEPT;
# a port that a firewall drops or rejects, one that is closed; two connect() that meet.
. "$(dirname "$0")/lib.sh"
need jq python3 tcpdump nft
two_namespaces

# Somebody who waits for an acknowledgment that does not leave, while others fill the queue. The server that resets is the near
# one: the sysctl belongs to its namespace.
in_near sysctl -qw net.ipv4.tcp_abort_on_overflow=1
for space in "$near" "$far"; do
	ip netns exec "$space" nft -f - <<'NFT'
table inet test {
	chain input {
		type filter hook input priority 0
		tcp dport 8083 drop
		tcp dport 8084 reject with icmpx admin-prohibited
	}
	chain output {
		type filter hook output priority 0
		tcp flags rst tcp sport 7002 drop
	}
	chain held {
		type filter hook output priority 0
		tcp flags & (syn | ack) == ack tcp sport 6001 drop
	}
}
NFT
done
capture "$far" wire "$work/handshakes.pcap" 'tcp or icmp'

cat >"$work/serve.py" <<'PY'
import socket, sys, time
full, deferred = int(sys.argv[1]), int(sys.argv[2])
listener = socket.create_server(('', full), backlog=2)
if deferred:
    waits = socket.create_server(('', deferred))
    waits.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
time.sleep(20)
PY
serve "$far" 8081 python3 "$work/serve.py" 8081 8086
serve "$near" 8082 python3 "$work/serve.py" 8082 0

# connect.py HOST [OWN:]PORT...
cat >"$work/connect.py" <<'PY'
import socket, sys, time
held = []
for port in sys.argv[2:]:
    bound, port = port.split(':') if ':' in port else (0, port)
    client = socket.socket()
    client.setblocking(False)
    client.bind(('', int(bound)))
    client.connect_ex((sys.argv[1], int(port)))
    held.append(client)
print('connected', flush=True)
time.sleep(20)
PY
clients() { grep -l connected "$work"/background.* | wc -l; }
clients_are() { [ "$(clients)" = "$1" ]; }
background in_near python3 "$work/connect.py" $far_v4 6001:8081 8081 8081 8081 8081 8083 8084 8085 8086 7001:7002
background in_far python3 "$work/connect.py" $near_v4 6001:8082 8082 8082 8082
wait_until 10 clients_are 2
for space in "$near" "$far"; do
	ip netns exec "$space" nft flush chain inet test held
done
background in_far python3 "$work/connect.py" $near_v4 7002:7001
# Until the SYN-ACKs come again that were acknowledged, and the dropped SYN has come three times.
all_came() {
	tcpdump -n -r "$work/handshakes.pcap" tcp 2>/dev/null | awk '
		/6001 > .*8081: Flags \[\.\]/ { acknowledged = 1 }
		/8081 > .*6001: Flags \[S\.\]/ { again = acknowledged }
		/8086 > .*: Flags \[S\.\]/ { deferred++ }
		/8083: Flags \[S\]/ { dropped++ }
		END { exit !(again && deferred >= 2 && dropped >= 3) }'
}
wait_until 15 all_came
capture_stop "$near_v4"
tcpdump -n -r "$work/handshakes.pcap.full" -w "$work/all.pcap" 'tcp or icmp' 2>"$work/err"

run "$TWPROBE" diagnose --format=json "$work/all.pcap"
cp "$work/out" "$work/found"
# of PORT: how many findings of each kind on connections with this port, certain or not
of() {
	jq -r "select(.record == \"encounter\" and ((.to | endswith(\":$1\")) or (.from | endswith(\":$1\")))) |
		\"\(.finding) \(.certain)\"" "$work/found" | sort | uniq -c | awk '{ print $2, ($3 == "true" ? "certain" : "uncertain"), $1 }' |
		paste -sd,
}
details() { jq -r "select(.finding == \"$1\") | .details" "$work/found"; }

is 'the full accept queue: one waits, the next SYN is dropped' "$(of 8081)" 'syn-ack-repeated certain 1,syn-unanswered certain 1'
is 'with tcp_abort_on_overflow it is reset' "$(of 8082)" 'reset-handshake certain 1'
is 'the dropped port does not answer' "$(of 8083)" 'syn-unanswered certain 1'
is 'the rejected one is unreachable' "$(of 8084)" 'syn-unreachable certain 1'
is 'a refusal is routine' "$(of 8085)" ''
is 'TCP_DEFER_ACCEPT' "$(of 8086)" 'syn-ack-repeated certain 1'
is 'two connect() meet' "$(of 7002)" 'crossed-syn certain 1'
matches 'the SYN was dropped and not refused' "$(details syn-unanswered)" \
	'It came [34] times .* never answered a SYN, not even with a reset'
matches 'the port with the full queue is known' "$(details syn-unanswered)" 'came again .* points to a full accept queue'
matches 'the ICMP error by its name' "$(details syn-unreachable)" 'administratively prohibited'
finish
