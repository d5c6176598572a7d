#!/bin/bash
# Servers that are not ours as subjects, over IPv4 and IPv6: nginx and Python's http.server, which close first when asked to,
# and OpenSSH's sshd, which speaks first and waits.
. "$(dirname "$0")/lib.sh"
need nginx python3 jq ip
two_namespaces
serve_nginx "$far" "$far_v4:8080" "[$far_v6]:8080"
serve "$far" 8000 python3 -m http.server --bind :: --directory "$work/nginx" 8000

# answers NAME WANTED ARGUMENTS...: the cell agrees with linux, and this is its answer
answers() {
	local name=$1 wanted=$2
	shift 2
	run in_near "$TWPROBE" --format=json "$@"
	is "$name" "$(cells "$work/out" '"\(.answer) \(.isn) \(.verdict) \(.reason)"'; head -n 2 "$work/err")" "$wanted agrees null"
}
# every_state NAME TARGET: what a server shows that waits for its client to speak
every_state() {
	case $2 in \[*) # the same rules, by the same code, over IPv6: one of them
		answers "$1: SYN in ESTABLISHED" 'ack null' --state=established "$2"
		return ;;
	esac
	answers "$1: SYN in LISTEN" 'syn-ack fresh' --state=listen "$2"
	answers "$1: ACK in LISTEN" 'rst null' --state=listen --segment=ack "$2"
	answers "$1: old SYN in SYN_RECV" 'ack null' --state=syn-recv --seq-below "$2"
	answers "$1: SYN in ESTABLISHED" 'ack null' --state=established "$2"
	answers "$1: RST beside rcv_nxt in ESTABLISHED" 'ack null' --state=established --segment=rst --seq=+1 --ts-absent "$2"
}
before=$(out_rsts "$near")
for host in $far_v4 "[$far_v6]"; do
	for server in 'nginx 8080' 'http.server 8000'; do
		name="${server% *} at $host" target=$host:${server#* }
		answers "$name: old SYN in TIME_WAIT, newer timestamp" 'syn-ack continued' --seq-below --ts-above --trigger=http "$target"
		answers "$name: new SYN in TIME_WAIT, older timestamp" 'ack null' --seq-above --ts-below --trigger=http "$target"
		every_state "$name" "$target"
		# Both close as soon as they read the end of our side: no CLOSE_WAIT to be had.
		run in_near "$TWPROBE" --state=close-wait "$target"
		exits "$name: CLOSE_WAIT is not reached" 3
		matches "$name: CLOSE_WAIT: which step failed" "$(out; err)" 'close-wait.*(FIN|closed)'
	done
done

# What their processes do is not their kernel's doing: http.server's socket is closed, not shut down, in FIN_WAIT_2; both close
# in the same moment as they read the end of our side; and http.server's queue of five is soon full, so that a SYN gets a
# SYN cookie and there is no SYN_RECV. None of it "differs".
# some NAME PORT GLOB: these cells of it are as linux says
some() {
	run in_near "$TWPROBE" matrix --matrix=all --only="$3" --trigger=http --rate=max --in-flight=16 --format=json "$far_v4:$2"
	exits "$1: $3 is as linux says" 0
}
some nginx 8080 'fin-wait-2-half/*/seq-equal/ts-equal'
some http.server 8000 'syn-recv/fin-ack/seq-equal/*'
run in_near "$TWPROBE" --state=fin-wait-2-half --segment=data --seq-equal --trigger=http "$far_v4:8000"
matches "http.server: FIN_WAIT_2: on what it depends" "$(out | tr -s ' \n' ' ')" 'RST, then closed, .*closed the descriptor \(fits\)'
run in_near "$TWPROBE" matrix --matrix=all --only='syn-recv/syn/*/ts-equal' --repeat=4 --rate=max --in-flight=64 --format=json \
	"$far_v4:8000"
exits 'http.server, its queue full: nothing is proven' 3
is 'http.server, its queue full: no cell differs' "$(cells "$work/out" 'select(.verdict == "differs") | .cell')" ''
matches 'http.server, its queue full: why' "$(cells "$work/out" 'select(.verdict == "inconclusive" or .verdict == "mixed") | .reason')" \
	'SYN cookie'

sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd)
if [ -n "$sshd" ] && ssh-keygen -q -t ed25519 -N '' -f "$work/key" 2>"$work/keygen"; then
	mkdir -p "$work/empty"
	# Debian's sshd wants its privilege separation directory; a private one, for nobody else to see.
	serve "$far" 2222 unshare -m sh -c 'mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec "$@"' sh \
		"$sshd" -D -e -f /dev/null -h "$work/key" -o PidFile=none -o UsePAM=no -o ListenAddress=$far_v4:2222 \
		-o "ListenAddress=[$far_v6]:2222" -o MaxStartups=1000
	for host in $far_v4 "[$far_v6]"; do
		every_state "sshd at $host" "$host:2222"
		answers "sshd at $host: old SYN in TIME_WAIT" 'syn-ack continued' --seq-below --ts-above \
			--trigger='send:nonsense\r\n' "$host:2222"
	done
else
	skip 'sshd' 'no OpenSSH server here'
fi
is 'OutRsts of the near side did not move' "$(out_rsts "$near")" "$before"
finish
