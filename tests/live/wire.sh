#!/bin/bash
# The wire without the engine (wire_smoke.c): raw sockets, capture, guard and link state against real kernels, read back
# with tcpdump. A namespace with loopback alone, as the lab is; then two with a veth pair.
. "$(dirname "$0")/lib.sh"
need_root
need gcc tcpdump python3
snap=512 # whole frames would leave the ring few places
gcc -std=c11 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=undefined -D_GNU_SOURCE -I. \
	-o "$work/wire_smoke" tests/live/wire_smoke.c \
	build/sanitize/libtwprobe.a -lnet -lpcap -lmnl || { echo "not ok - wire_smoke.c does not build"; exit 1; }

# smoke NAME NAMESPACE ARGUMENT...
smoke() {
	local name=$1 space=$2 result
	shift 2
	# The leak finder works here, but not for a process that gave up its user id.
	ASAN_OPTIONS=detect_leaks=$([[ "$*" =~ ^errors|drop: ]]; echo $?) timeout 60 ip netns exec "$space" "$work/wire_smoke" "$@" \
		>"$work/log" 2>&1
	result=$?
	if [ $result = 0 ]; then ok "$name: $(grep -c '^ok' "$work/log") checks"
	else not_ok "$name: exit $result" "$(grep -v '^ok' "$work/log" | head -n 20)"; fi
}
# A listener that never accepts, for both families.
listener='import socket, time
s = socket.create_server(("", 8888), family=socket.AF_INET6, backlog=4096, dualstack_ipv6=True)
time.sleep(1000)'
in_file() { tcpdump -n -r "$1" "$2" 2>/dev/null | wc -l; }
text() { tcpdump -n -t -S -r "$1" 2>/dev/null; }

lab=$near-lab
make_namespace "$lab"
ip -n "$lab" addr add 192.0.2.2/32 dev lo
ip -n "$lab" route add 192.0.2.0/24 dev lo
ip -n "$lab" route add prohibit 192.0.2.99/32
ip -n "$lab" addr add 2001:db8::2/128 dev lo nodad
# A plain IPv6 route through lo becomes one that rejects (ip6_route_info_create); one through a nexthop object does not.
ip -6 -n "$lab" nexthop add id 1 dev lo
ip -n "$lab" route add 2001:db8::/64 nhid 1
ip -n "$lab" route add unreachable 2001:db8::99/128 dev lo
serve "$lab" 8888 python3 -c "$listener"

for way in "192.0.2.1 192.0.2.2 192.0.2.99 tcp[tcpflags]" "2001:db8::1 2001:db8::2 2001:db8::99 ip6[53]"; do
	read -r source target nowhere flags <<<"$way"
	capture "$lab" lo "$work/seen.pcap" 'tcp port 8888'
	before=$(out_rsts "$lab")
	smoke "$source, which is nobody's" "$lab" syns lo "$source" "$target" 8888 "$work/own.pcap"
	is "$source: OutRsts stays" "$(out_rsts "$lab")" "$before"
	capture_stop 192.0.2.2
	# tcpdump drops the copy that goes out, as libpcap does on loopback.
	is "$source: SYNs on the wire" "$(in_file "$work/seen.pcap" "src host $source and $flags = 2")" 300
	is "$source: SYN-ACKs on the wire" "$(in_file "$work/seen.pcap" "dst host $source and $flags = 18")" 300
	text "$work/own.pcap" >"$work/own.text"
	text "$work/seen.pcap" | head -n 600 >"$work/seen.text" # then come the RSTs of the tear-down
	holds "$source: the savefile is what tcpdump saw" cmp "$work/own.text" "$work/seen.text"
	smoke "$source: refused segments" "$lab" refused lo "$source" "$target" 8888 "$nowhere"
done
smoke 'ports, IPv4' "$lab" ports 192.0.2.2
smoke 'ports, IPv6' "$lab" ports 2001:db8::2
smoke 'errors' "$lab" errors lo 192.0.2.2 198.51.100.9

# Plain loopback: the kernel knows the source, and the guard keeps it quiet. Without one it does answer.
for address in 127.0.0.1 ::1; do
	for guard in guard drop; do
		before=$(out_rsts "$lab")
		smoke "$address to itself, $guard" "$lab" syns lo "$guard:$address" "$address" 8888 "$work/own.pcap"
		is "$address, $guard: OutRsts stays" "$(out_rsts "$lab")" "$before"
		is "$address, $guard: no RST on the wire" \
			"$(in_file "$work/own.pcap" 'tcp[tcpflags] & tcp-rst != 0 or ip6[53] & 4 != 0')" 0
	done
	ip netns exec "$lab" "$work/wire_smoke" syns lo "$address" "$address" 8888 "$work/own.pcap" >"$work/log" 2>&1
	holds "$address, unguarded: the kernel resets" [ "$(out_rsts "$lab")" -ge $((before + 300)) ]
done
smoke 'lo goes down and up' "$lab" link lo 'ip link set lo down; ip link set lo up' 1
smoke 'lo goes down' "$lab" link lo 'ip link set lo down' 1

two_namespaces
serve "$far" 8888 python3 -c "$listener"
near_link=fe80::a far_link=fe80::b
ip -n "$near" addr add $near_link/64 dev wire nodad
ip -n "$far" addr add $far_link/64 dev wire nodad
for way in "$near_v4 $far_v4" "$near_v6 $far_v6" "$near_link%wire $far_link%wire"; do
	read -r source target <<<"$way"
	for guard in guard drop; do
		before=$(out_rsts "$near")
		smoke "$source to $target, $guard" "$near" syns wire "$guard:$source" "$target" 8888 "$work/own.pcap"
		is "$source, $guard: OutRsts stays" "$(out_rsts "$near")" "$before"
		is "$source, $guard: tcpdump reads the savefile" "$(in_file "$work/own.pcap" 'tcp port 8888')" 600
	done
done
smoke 'a blink of our interface' "$near" link wire 'ip link set wire down; ip link set wire up' 1
smoke 'two blinks' "$near" link wire 'for i in 1 2; do ip link set wire down; ip link set wire up; sleep 0.1; done' 2
smoke 'a blink of the other end' "$near" link wire "ip netns exec $far ip link set wire down; ip netns exec $far ip link set wire up" 1
smoke 'the other end goes down' "$near" link wire "ip netns exec $far ip link set wire down" 1
ip -n "$far" link set wire up
sleep 1.2
smoke 'the interface goes away' "$near" link wire 'ip link del wire' 1
finish
