#!/bin/bash
# twprobe diagnose on what real programs do to each other through a router that masquerades and loses segments: what it is certain
# of is what the kernels of both ends traced; captured at either end, or by the router on all interfaces; cut and bent in many
# ways; behind other link headers.
. "$(dirname "$0")/lib.sh"
need_root
need jq python3 tcpdump nft nginx curl
programs=tests/live/diagnose_real_programs.py
# Each run has ports of its own: the kernel's trace is that of the whole machine.
port=$((1100 + $$ % 440 * 20))
checked() { checks_of python3 tests/live/diagnose_real_check.py "$TWPROBE_RELEASE" "$@"; }

router_between
ip -n "$near" addr add 2001:db8:51::1/64 dev wire nodad
ip -n "$middle" addr add 2001:db8:51::2/64 dev near nodad
ip -n "$middle" addr add 2001:db8:52::2/64 dev far nodad
ip -n "$far" addr add 2001:db8:52::1/64 dev wire nodad
ip -n "$near" -6 route add default via 2001:db8:51::2
ip netns exec "$middle" sysctl -qw net.ipv6.conf.all.forwarding=1
ip netns exec "$middle" nft -f - <<'NFT' || skip_all 'no nft with NAT here'
table inet t {
	chain out { type nat hook postrouting priority 100; oifname "far" masquerade; }
	chain lose { type filter hook forward priority 0; meta l4proto tcp numgen random mod 1000 < 4 drop; }
}
NFT

trace_states $port "$work/trace"
serve_nginx "$far" 203.0.113.1:$port
background in_far python3 "$programs" serve $port 203.0.113.1 2001:db8:52::1
wait_until 10 listens "$far" $((port + 9))
snap=2000 # tcpdump has so many more places in its buffer; of GSO's super-segments it takes the beginning
# What real programs do, captured in three places: 0.pcap, 1.pcap, 2.pcap.
real_traffic() {
	local place pid capturing=()
	for place in "$near wire" "$far wire" "$middle any"; do
		capture ${place% *} ${place#* } "$work/${#capturing[@]}.pcap"
		capturing+=("$capture_pid")
	done
	background in_near bash -c "for i in {1..5}; do curl -s --parallel --parallel-max 8 'http://203.0.113.1:$port/[1-20]'; done"
	for _ in {1..20}; do echo hello | in_near timeout 2 nc -N 203.0.113.1 $((port + 2)); done >/dev/null 2>&1 &
	in_near python3 "$programs" connect $port 3 1 203.0.113.1 2001:db8:52::1
	sleep 0.5
	for pid in "${capturing[@]}"; do stop "$pid" INT; done
}
# A busy host may not run tcpdump in time, and where much is missing, nothing is certain: three tries.
for try in 1 2 3; do
	real_traffic
	lost=$(sed -n 's/^\([0-9]*\) packets\{0,1\} dropped by kernel.*/\1/p' "$work"/[012].pcap.err | awk '{ n += $1 } END { print n + 0 }')
	[ "$lost" != 0 ] || break
	echo "# try $try: tcpdump lost $lost frames"
done
# unshare runs the program in its own place.
stop $tracer INT
holds 'the kernel told its states' [ "$(grep -c inet_sock_set_state "$work/trace")" -gt 1000 ]

checked "$work/1.pcap" "$work/trace" servers
checked "$work/0.pcap" "$work/trace" clients
checked "$work/2.pcap" "$work/trace" both
checked "$work/1.pcap"
finish
