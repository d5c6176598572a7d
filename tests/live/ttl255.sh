#!/bin/bash
# A subject whose segments come with a TTL of 255, as those of lwIP, passt and many routers do: the near kernel does not interfere
# all the same, whatever privileges the prober has.
. "$(dirname "$0")/lib.sh"
need jq ip setpriv tcpdump
two_namespaces
in_far sysctl -qw net.ipv4.ip_default_ttl=255 net.ipv6.conf.all.hop_limit=255 net.ipv6.conf.wire.hop_limit=255
in_near sysctl -qw net.ipv4.ip_default_ttl=64
serve "$far" 8888 "$TWPROBE" serve 8888

quiet() { # NAME TARGET COMMAND...: the whole matrix, and not one RST of the near kernel's
	local name=$1 target=$2 before
	shift 2
	before=$(out_rsts "$near")
	run in_near "$@" matrix --matrix=time-wait --rate=max --format=json "$target"
	exits "$name: exit code" 0
	is "$name: every cell that needs no sysctl agrees" "$(cells "$work/out" 'select(.cell | contains("=") | not) |
		select(.verdict != "agrees") | "\(.cell) \(.reason)"' | head -n 3)" ''
	holds "$name: there are such cells" [ "$(cells "$work/out" 'select(.verdict == "agrees") | .cell' | wc -l)" -ge 100 ]
	is "$name: the answers came with a TTL of 255" "$(cells "$work/out" '.received[0].ttl // empty' | sort -u)" 255
	is "$name: OutRsts of the near side did not move" "$(out_rsts "$near")" "$before"
}
quiet 'IPv4' $far_v4:8888 "$TWPROBE"
quiet 'IPv6' "[$far_v6]:8888" "$TWPROBE"
# A container has no more than this.
quiet 'CAP_NET_RAW alone' $far_v4:8888 setpriv --bounding-set=-all,+net_raw,+setuid,+setgid,+setpcap \
	--inh-caps=-all,+net_raw "$TWPROBE"
finish
