#!/bin/bash
# Clients of the kernel's own meet what twprobe's subject holds, on the same four-tuple: curl --local-port a TIME_WAIT, nc -p
# a CLOSE_WAIT. Both ends are real kernels; tshark reads the wire.
. "$(dirname "$0")/lib.sh"
need curl nc tcpdump tshark ip ss
two_namespaces
serve "$far" 8888 "$TWPROBE" serve 8888
serve "$far" 8889 "$TWPROBE" serve --manner=hold 8889

state_of() { in_far ss -Htan "sport = :$1 and dport = :$2" | awk '{ print $1 }' | sort -u | tr '\n' ' '; }
reaches() { [ "$(state_of "$1" "$2")" = "$3 " ]; }
# The client's own socket would keep the port busy; a client that died or rebooted has none.
forget() { in_near ss -K "sport = :$1" >/dev/null 2>&1; [ -z "$(in_near ss -Htan "sport = :$1")" ]; }
# Direction (> from the client) and flags of each frame.
wire() {
	frames "$1" "tcp.port == $2" tcp.dstport tcp.flags.syn tcp.flags.ack tcp.flags.reset tcp.flags.fin |
		awk -v server="$3" '{ f = ($2 ~ /1|T/ ? "S" : "") ($4 ~ /1|T/ ? "R" : "") ($5 ~ /1|T/ ? "F" : "") ($3 ~ /1|T/ ? "A" : "")
			print ($1 == server ? ">" : "<") f }' | tr '\n' ' '
}
for version in 4 6; do
	if [ $version = 4 ]; then host=$far_v4 url=$far_v4 own=$near_v4; else host=$far_v6 url=[$far_v6] own=$near_v6; fi

	# TIME_WAIT. (A request that nobody reads would turn the subject's close into a reset; nc sends none,
	# and closes when the subject has; -w only bounds that.)
	port=3500$version
	run in_near nc -$version -d -w 30 -s $own -p $port $host 8888
	holds "IPv$version: the subject is in TIME_WAIT" wait_until 10 reaches 8888 $port TIME-WAIT
	holds "IPv$version: the client's end is gone" wait_until 3 forget $port
	capture "$near" wire "$work/tw$version.pcap" "tcp port $port"
	run in_near curl -g -s -m 5 --interface $own --local-port $port "http://$url:8888/"
	capture_stop $far_v4
	holds "IPv$version: curl --local-port connects, and is told nothing" [ "$code" = 52 -o "$code" = 56 ]
	matches "IPv$version: TIME_WAIT becomes the new connection: SYN, SYN-ACK, ACK" \
		"$(wire "$work/tw$version.pcap" $port 8888)" '^>S <SA >A '

	# CLOSE_WAIT.
	port=3600$version
	background in_near nc -$version -N -s $own -p $port $host 8889
	holds "IPv$version: the subject is in CLOSE_WAIT" wait_until 10 reaches 8889 $port CLOSE-WAIT
	stop "${background[-1]}"
	holds "IPv$version: the client's end is gone" wait_until 3 forget $port
	capture "$near" wire "$work/cw$version.pcap" "tcp port $port"
	background in_near nc -$version -v -s $own -p $port $host 8889
	holds "IPv$version: nc -p connects" wait_until 10 grep -q succeeded "$work/background.$((${#background[@]} - 1))"
	stop "${background[-1]}"
	capture_stop $far_v4
	matches "IPv$version: CLOSE_WAIT: SYN, challenge ACK, RST, SYN again, SYN-ACK, ACK" \
		"$(wire "$work/cw$version.pcap" $port 8889)" '^>S <A >R >S <SA >A '
	# The challenge ACK is of the old connection; the RST carries its ack number, and the SYN comes again as it was.
	numbers=$(frames "$work/cw$version.pcap" "tcp.port == $port" tcp.seq tcp.ack | head -n 4 | tr '\t\n' '  ')
	read -r syn _ _ challenged reset _ again _ <<<"$numbers"
	is "IPv$version: CLOSE_WAIT: the RST takes the challenge's number" "$reset" "$challenged"
	is "IPv$version: CLOSE_WAIT: the same SYN comes again" "$again" "$syn"
done
finish
