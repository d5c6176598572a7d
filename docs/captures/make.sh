#!/bin/bash
# Makes the captures of docs/findings-in-captures.md again: docs/captures/make.sh [FOLDER]. Needs root, nft, tcpdump, python3 and a
# kernel with nf_tables; packets pass only between three namespaces that it makes and removes.
# Times and ports differ each time: tests/live/docs_findings.sh then says which lines of the page to bring up to date.
# client 198.51.100.1 - router - server 203.0.113.1; each story has a port of its own, and is captured at both ends. Behind the
# router is another host with the server's address.
set -euo pipefail
folder=$(realpath "${1:-$(dirname "$0")}")
stories=$(realpath "$(dirname "$0")/stories.py")
work=$(mktemp -d)
client=twprobe-$$-c router=twprobe-$$-r server=twprobe-$$-s other=twprobe-$$-o
pids=()

clean() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
	for space in $client $router $server $other; do ip netns del "$space" 2>/dev/null || true; done
	rm -rf "$work"
}
trap clean EXIT

for space in $client $router $server $other; do
	ip netns add "$space"
	ip -n "$space" link set lo up
done
ip -n $client link add wire type veth peer name near netns $router
ip -n $server link add wire type veth peer name far netns $router
ip -n $other link add wire type veth peer name beside netns $router
ip -n $client addr add 198.51.100.1/24 dev wire
ip -n $server addr add 203.0.113.1/24 dev wire
ip -n $router addr add 198.51.100.2/24 dev near
ip -n $router addr add 203.0.113.2/24 dev far
ip -n $router addr add 192.0.2.1/24 dev beside
ip -n $other addr add 192.0.2.9/24 dev wire
ip -n $other addr add 203.0.113.1/32 dev lo
for end in "$client wire" "$server wire" "$other wire" "$router near" "$router far" "$router beside"; do ip -n "${end% *}" link set "${end#* }" up; done
ip -n $client route add default via 198.51.100.2
ip -n $server route add default via 203.0.113.2
ip -n $other route add default via 192.0.2.1
ip netns exec $router sysctl -qw net.ipv4.ip_forward=1 net.netfilter.nf_conntrack_tcp_loose=0

for place in client server; do
	ip netns exec "${!place}" tcpdump -q -i wire -U -w "$work/$place.pcap" 'tcp or icmp' 2>"$work/$place.log" &
	pids+=($!)
	until grep -q 'listening on' "$work/$place.log"; do sleep 0.05; done
done
ip netns exec $server python3 "$stories" server $router $server $client &
pids+=($!)
ip netns exec $other python3 "$stories" other &
pids+=($!)
sleep 0.5
ip netns exec $client python3 "$stories" client $router $server $client
sleep 1
kill "${pids[@]}"
wait "${pids[@]}" 2>/dev/null || true
pids=()
while read -r name port place; do
	tcpdump -q -n -r "$work/$place.pcap" -w "$folder/$name.pcap" "tcp port $port or tcp port 9000 or (icmp and icmp[30:2] = $port)" 2>/dev/null
done < <(python3 "$stories" list)
