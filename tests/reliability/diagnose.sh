#!/bin/bash
# twprobe diagnose on real programs at the two ends of networks that delay, lose, repeat and reorder frames: what it is certain of,
# of its own host and of the one at the other end, is what the kernel traced. diagnose.sh [NAME...]; SECONDS_EACH (20), SEED.
. "$(dirname "$0")/../live/lib.sh"
. "$(dirname "$0")/lib.sh"
programs=tests/live/diagnose_real_programs.py
checked() { checks_of python3 tests/live/diagnose_real_check.py "$TWPROBE_RELEASE" "$@"; }
need jq ip python3 tcpdump
relay_program=$root/build/release/reliability/relay
around_a_relay
ip -n "$near" addr add $near_v6/64 dev wire nodad
ip -n "$far" addr add $far_v6/64 dev wire nodad
background in_far python3 "$programs" serve $far_v4 $far_v6
wanted=("$@") snap=2000 # tcpdump has so many more places in its buffer
# network NAME ARGUMENTS-OF-RELAY...
network() {
	local name=$1 pid capturing=()
	shift
	[[ " ${wanted[*]} " == *" $name "* || ${#wanted[@]} = 0 ]] || return 0
	echo "# $name"
	behind "$@" seed="${SEED:-1}"
	wait_until 10 listens "$far" 8009
	trace_states "$work/trace"
	for space in near far; do
		capture "${!space}" wire "$work/$space.pcap"
		capturing+=("$capture_pid")
	done
	in_near python3 "$programs" connect "${SECONDS_EACH:-20}" "${SEED:-1}" $far_v4 $far_v6
	sleep 2
	for pid in "${capturing[@]}"; do stop "$pid" INT; done
	stop "$tracer" INT
	checked "$work/far.pcap" "$work/trace" servers
	checked "$work/near.pcap" "$work/trace" clients
	checked "$work/near.pcap" "$work/trace" servers "$work/far.pcap"
	checked "$work/far.pcap" "$work/trace" clients "$work/near.pcap"
	checked "$work/near.pcap"
	checked "$work/far.pcap"
}
network good
network delay-5 delay=5
network loss-1 delay=1 loss=0.01
network loss-5 delay=1 loss=0.05
network repeat-5 delay=1 repeat=0.05
network reorder-5 delay=1 reorder=0.05
network jitter-20 delay=20 jitter=5
finish
