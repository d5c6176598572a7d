#!/bin/bash
# Whatever kills a run, nothing is left: no process, namespace, interface, route, rule, socket, file or changed sysctl.
# The host is played by a namespace of our own, so that nothing else changes it meanwhile.
. "$(dirname "$0")/lib.sh"
need ip nft ss sysctl
need_root
host=twprobe-$$-h
make_namespace "$host"
serve "$host" 8888 "$TWPROBE" serve 8888
cp "$TWPROBE" "$work/twprobe" # a binary of its own: its processes are known by it
mkdir "$work/empty"

on_host() { ip netns exec "$host" "$@"; }
snapshot() {
	on_host ip -o link | sed 's/ qlen.*//'
	on_host ip -o addr | sed 's/ valid_lft.*//'
	on_host ip rule
	on_host ip route show table all
	on_host ip -6 route show table all
	on_host nft list ruleset
	on_host sysctl -a 2>/dev/null | grep -E '^net\.(ipv4|ipv6|core)\.' | grep -vE 'random|stable_secret|gc_thresh|^net\.ipv4\.tcp_fastopen_key'
	on_host ss -Hltunw
	ls "$work/empty"
	# Namespaces that a mount keeps alive, but for those of tests.
	grep nsfs /proc/self/mountinfo | grep -vE ' /(var/)?run/netns/' || true
}
processes() {
	local link
	for link in /proc/[0-9]*/exe; do
		[ "$(readlink "$link" 2>/dev/null)" != "$work/twprobe" ] || { link=${link#/proc/}; echo "${link%/exe}"; }
	done
}
no_process() { [ -z "$(processes)" ]; }

snapshot >"$work/before"
own=$(on_host readlink /proc/self/ns/net)
labs=0
# killed NAME SIGNAL MILLISECONDS ARGUMENTS...
killed() {
	local name=$1 signal=$2 delay=$3 pid each space
	shift 3
	(cd "$work/empty" && exec env --default-signal=INT,QUIT ip netns exec "$host" "$work/twprobe" "$@") >/dev/null 2>&1 </dev/null &
	pid=$!
	background+=($pid)
	sleep "0.$(printf %03d "$delay")"
	for each in $(processes); do
		space=$(readlink "/proc/$each/ns/net")
		[ "$space" = "$own" ] || labs=$((labs + 1))
	done
	kill -"$signal" $pid 2>/dev/null
	wait $pid 2>/dev/null
	if ! wait_until 3 no_process; then
		# A namespace lives as long as a process in it, so none of those is left either.
		not_ok "$name: no process is left" "$(for each in $(processes); do tr '\0' ' ' <"/proc/$each/cmdline"; echo; done)"
		for each in $(processes); do kill -KILL "$each"; done
	fi
}

# From the first moments, when the lab is being made, to the middle of a long run.
RANDOM=$$
for round in {1..12}; do
	delay=$((RANDOM % (round * 25)))
	killed "SIGKILL after $delay ms in the lab" KILL $delay matrix --repeat=1000 --format=json
done
holds 'some of them were killed with a lab of their own' [ $labs -gt 0 ]
for signal in TERM HUP INT QUIT; do
	killed "SIG$signal in the lab" $signal 300 matrix --repeat=1000 --format=json
done
for round in {1..4}; do
	killed "SIGKILL towards a target" KILL $((RANDOM % 400)) matrix --repeat=1000 --format=json 127.0.0.1:8888
done
killed 'a run that ends by itself' TERM 900 --seq-below --ts-above
is 'the host is as it was' "$(snapshot | diff "$work/before" - | head -n 20)" ''
holds 'no process is left' no_process

# What the subject holds after a run against it: no connection of ours stays half open.
on_host "$work/twprobe" matrix --only='time-wait/syn/*/ts-*' 127.0.0.1:8888 >/dev/null 2>&1
sleep 0.2
is 'no half-open connection is left at the target' "$(on_host ss -Htan state syn-recv | head -n 5)" ''
finish
