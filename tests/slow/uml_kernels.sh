#!/bin/bash
# Every user-mode Linux that scripts/kernels has built: all cells, and every scenario with its waits on virtual time. And what they
# come to is the same as on a real clock.
. "$(dirname "$0")/../live/lib.sh"
need jq
limit=1200

# Of what this kernel has not (IPVS, for instance) nothing is said.
verdicts() { jq -r 'select(.record == "scenario" and .verdict != "skipped") | "\(.scenario) \(.verdict)"' "$1" | sort; }
images=()
for image in "${TWPROBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/twprobe}"/uml/[0-9]*/linux; do
	[ ! -x "$image" ] || images+=("$image")
done
[ ${#images[@]} != 0 ] || skip_all 'no user-mode Linux with virtual time here (scripts/kernels build 6.12)'
for image in "${images[@]}"; do
	version=$("$image" --version)
	run "$TWPROBE_RELEASE" matrix --matrix=all --matrix=time-wait --matrix=time-wait-rst --kernel-image="$image" --format=json
	exits "$version: all cells" 0
	is "$version: every one agrees" "$(cells "$work/out" 'select(.verdict != "agrees") | "\(.cell) \(.verdict) \(.reason)"' |
		head -n 5)" ''
	# tcp_rcv_state_process(), TCP_LISTEN: th->ack; its caller sends the reset. 6.1 has no reason for it.
	run "$TWPROBE_RELEASE" why listen/ack/seq-equal/ts-equal --kernel-image="$image" --format=json
	matches "$version: what its tracepoints say of an answer" "$(jq -r 'select(.record == "evidence") |
		[(.resets | length), (.drops[0].says | sub(" at .*"; ""))] | join(" ")' "$work/out")" '^1 (TCP_FLAGS|NOT_SPECIFIED)$'
	run "$TWPROBE_RELEASE" scenario --all --slow --kernel-image="$image" --format=json
	exits "$version: every scenario, on virtual time" 0
	verdicts "$work/out" >"$work/$version"
done

# Some six minutes, in which the kernel's timers wait.
run "$TWPROBE_RELEASE" scenario --all --slow --format=json
exits 'every scenario, on a real clock' 0
verdicts "$work/out" >"$work/real"
for image in "${images[@]}"; do
	version=$("$image" --version)
	holds "$version: and on a real clock" test "$(join "$work/real" "$work/$version" | wc -l)" -ge 40
	is "$version: the same verdicts as on a real clock" "$(join "$work/real" "$work/$version" | awk '$2 != $3')" ''
done
finish
