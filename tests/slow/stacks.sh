#!/bin/bash
# The stacks that are installed here: every state of theirs is reached, and what they answer is known.
. "$(dirname "$0")/../live/lib.sh"

[ "$(id -u)" = 0 ] || unshare -Urn true 2>/dev/null || skip_all "needs root or user namespaces"
[ -w /dev/net/tun ] || skip_all "/dev/net/tun cannot be opened here"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/twprobe/stacks
for name in lwip gvisor; do
	if ! scripts/stacks build $name 2>"$work/missing"; then
		skip "$name" "$(cut -c 1-150 "$work/missing" | tail -n 1)"
		continue
	fi
	run "$TWPROBE" matrix --matrix=stacks/matrix.yaml --engine="exec:$cache/$name" --expect=rfc --in-flight=256 --format=json -q
	matches "$name: exit code" "$code" '^(0|1)$'
	is "$name: all ten states are reached" \
		"$(jq -r 'select(.verdict == "agrees" or .verdict == "differs") | .cell | split("/")[0]' "$work/out" | sort -u | wc -l)" 10
	is "$name: nothing is inconclusive or mixed" "$(jq -c 'select(.verdict == "inconclusive" or .verdict == "mixed")' "$work/out" |
		head -n 3)" ""
	matches "$name: in less than a minute" "$(jq -r 'select(.record == "summary") | .seconds' "$work/out")" '^[1-5]?[0-9](\.|$)'
	# Conformance: neither breaks a MUST, both leave a SHOULD out; what they cannot be asked (ECN) is skipped.
	run "$TWPROBE" matrix --matrix=rfc --expect=rfc --engine="exec:$cache/$name" --format=json -q
	is "$name: no MUST is broken: exit code" "$code" 0
	is "$name: nothing of the RFCs is inconclusive" "$(jq -r 'select(.record == "summary") | .inconclusive' "$work/out")" 0
	run "$TWPROBE" matrix --matrix=rfc --expect=rfc --engine="exec:$cache/$name" --strict -q
	is "$name: a SHOULD is not followed: exit code with --strict" "$code" 1
done

run "$TWPROBE" listen/ack/seq-1/ts-absent/conn-ts-off --engine="exec:sleep 60"
is "a process that opens no tap: exit code" "$code" 4
matches "a process that opens no tap: says so" "$(cat "$work/err")" "'sleep 60' did not open the tap device tap0 within 10 s"
finish
