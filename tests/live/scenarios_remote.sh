#!/bin/bash
# twprobe scenario against a server on another machine (a second namespace): what needs its sysctls, sockets or a witness is
# left out and named, the rest is played.
. "$(dirname "$0")/lib.sh"
need jq
two_namespaces
serve "$far" 8888 "$TWPROBE" serve -q 8888
before=$(out_rsts "$near")
limit=100
run in_near "$TWPROBE" scenario --all --fast --format=json $far_v4:8888
exits 'all scenarios against a remote target' 0
is 'remote: those that need its sysctls or sockets are skipped, and say so' \
	"$(jq -r 'select(.verdict == "skipped") | "\(.scenario): \(.reason)"' "$work/out")" \
	"accept-queue: needs sockets on the server's machine
accept-queue-overflow: needs the server's sysctls and sockets on the server's machine
accurate-ecn: needs the server's sysctls
bind-conflict: needs sockets on the server's machine
counters: needs the server's sysctls
delayed-ack: needs sockets on the server's machine
fast-open: needs the server's sysctls
firewall-late-fin: needs sockets on the server's machine
firewall-rst-lockout: needs sockets on the server's machine
giving-up: needs the server's sysctls and sockets on the server's machine and a witness of the server's sockets
half-closed: needs sockets on the server's machine
ipvs-reused-port: needs sockets on the server's machine
keepalive: needs sockets on the server's machine
nat-invalid-reset: needs sockets on the server's machine
nat-time-wait-strangers: needs sockets on the server's machine
orphan-fin-wait-2: needs the server's sysctls
out-of-order: needs the server's sysctls
receive-memory: needs the server's sysctls and sockets on the server's machine
rfc9293-sender: needs sockets on the server's machine
round-trip-time: needs sockets on the server's machine
sack-reneging: needs the server's sysctls and sockets on the server's machine
segments-in-flight: needs the server's sysctls and sockets on the server's machine
simultaneous-open: needs sockets on the server's machine
syn-cookies: needs the server's sysctls and sockets on the server's machine
syn-queue-overflow: needs the server's sysctls and sockets on the server's machine
syn-sent-old-ack: needs sockets on the server's machine
synproxy-time-wait: needs sockets on the server's machine
synproxy-timestamps: needs sockets on the server's machine
tw-illegal-syn-rfc1337: needs the server's sysctls
tw-real-client: needs sockets on the server's machine
tw-reuse: needs the server's sysctls and sockets on the server's machine"
is 'remote: the others agree' "$(jq -r 'select(.verdict == "agrees") | .scenario' "$work/out" | wc -l)" 19
is 'remote: which checks were left out' "$(jq -c 'select(.scenario == "tw-illegal-syn") | [.steps[] | .checks_left_out != null]' \
	"$work/out")" '[false,true,true,false,true,true]'
is 'remote: our own kernel sent no RST' $(($(out_rsts "$near") - before)) 0
run in_near "$TWPROBE" scenario tw-illegal-syn --fast $far_v6:8888
exits 'usage: an IPv6 address without brackets' 2
run in_near "$TWPROBE" scenario tw-illegal-syn --fast "[$far_v6]:8888"
exits 'over IPv6' 0
matches 'remote: what was left out is named' "$(out | tr '\n' ' ' | tr -s ' ')" \
	"left out: checks of step 2, 3, 5, 6, which need a witness of the server's sockets"
run in_near "$TWPROBE" scenario tw-illegal-syn --fast $far_v4:9
exits 'a closed port is inconclusive' 3
matches 'and says why' "$(out)" 'the port is closed'
finish
