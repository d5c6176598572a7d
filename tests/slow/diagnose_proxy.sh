#!/bin/bash
# twprobe diagnose on both sides of a proxy: haproxy, which splices, resets its health checks before the handshake is over, and asks
# a server that is not there; and with super-segments beyond 64 KiB (BIG TCP). What it is certain of is what the kernels traced.
. "$(dirname "$0")/../live/lib.sh"
need_root
need jq python3 tcpdump nginx curl
command -v haproxy >/dev/null || skip_all 'haproxy is not installed'
programs=tests/live/diagnose_real_programs.py
# Each run has ports of its own: the kernel's trace is that of the whole machine.
port=$((1100 + $$ % 440 * 20))
proxy=$((port + 1)) spliced=$((port + 2)) gone=$((port + 3)) large=$((port + 4))
checked() { checks_of python3 tests/live/diagnose_real_check.py "$TWPROBE_RELEASE" "$@"; }

router_between
ip -n "$near" addr add 2001:db8:51::1/64 dev wire nodad
ip -n "$middle" addr add 2001:db8:51::2/64 dev near nodad
for end in "$near wire" "$middle near"; do
	ip -n ${end% *} link set ${end#* } gso_max_size 180000 gro_max_size 180000 || skip_all 'no BIG TCP here'
done
cat >"$work/haproxy.cfg" <<CONF
defaults
	mode tcp
	timeout connect 1s
	timeout client 2s
	timeout server 2s
	option splice-auto
	retries 1
frontend plain
	bind 198.51.100.2:$proxy
	default_backend plain
backend plain
	server nginx 203.0.113.1:$port check inter 100
	server gone 203.0.113.1:$gone check inter 100
frontend http
	mode http
	option http-server-close
	bind 198.51.100.2:$spliced
	default_backend http
backend http
	mode http
	option httpchk GET /
	server nginx 203.0.113.1:$port check inter 150
CONF
large_server=$(cat <<'PYTHON'
import socket, sys
server = socket.create_server(('2001:db8:51::2', int(sys.argv[1])), family=socket.AF_INET6)
while True:
    connection = server.accept()[0]
    while connection.recv(1 << 20):
        pass
    connection.sendall(b'x' * 2000000)
    connection.close()
PYTHON
)
large_client=$(cat <<'PYTHON'
import socket, sys
for _ in range(10):
    with socket.create_connection(('2001:db8:51::2', int(sys.argv[1]))) as client:
        client.sendall(b'y' * 5000000)
        client.shutdown(socket.SHUT_WR)
        while client.recv(1 << 20):
            pass
PYTHON
)

trace_states $port "$work/trace"
serve_nginx "$far" 203.0.113.1:$port
serve "$middle" $large python3 -c "$large_server" $large
snap=192 # as diagnose -i takes them
captures=()
for place in "$near wire" "$far wire"; do
	capture ${place% *} ${place#* } "$work/${#captures[@]}.pcap" 'tcp or ip6 proto 0' # with a jumbo payload option
	captures+=("$capture_pid")
done
serve "$middle" $proxy haproxy -f "$work/haproxy.cfg" -db
for to in $proxy $spliced; do
	background in_near bash -c "for i in {1..5}; do curl -s -m 5 --parallel --parallel-max 8 'http://198.51.100.2:$to/[1-20]'; done"
	background in_near timeout 4 nc 198.51.100.2 $to
done
run in_near python3 -c "$large_client" $large
exits 'super-segments are sent' 0
sleep 3
for pid in "${captures[@]}"; do stop "$pid" INT; done
stop $tracer INT # unshare runs the program in its own place
holds 'the kernel told its states' [ "$(grep -c inet_sock_set_state "$work/trace")" -gt 500 ]
longest=$(tcpdump -nr "$work/0.pcap" ip6 2>/dev/null | sed -n 's/.*length //p' | sort -n | tail -n 1)
holds 'some are longer than 64 KiB' [ "${longest%% *}" -gt 65535 ]

run "$TWPROBE_RELEASE" diagnose -q --format=json "$work/0.pcap" 'ip6'
holds 'each of them is read' jq -es '.[] | select(.record == "summary") | .unsound == 0 and .encounters == 0' "$work/out"
checked "$work/1.pcap" "$work/trace" servers
checked "$work/1.pcap"
run "$TWPROBE_RELEASE" diagnose -q --format=json "$work/1.pcap"
holds 'health checks are resets before the handshake is over' jq -es 'map(select(.record == "encounter" and .finding == "reset" and
	.state == "syn-recv" and .certain and .verdict == "agrees")) | length > 5' "$work/out"
finish
