#!/bin/bash
# twprobe who: this kernel by its answers, in the lab. tests/slow/who.sh asks others.
. "$(dirname "$0")/lib.sh"
need jq
record() { jq -r "$1" "$work/out"; }

run "$TWPROBE" who --format=json
exits 'lab: named' 0
is 'lab: a Linux, no FreeBSD' "$(record '"\(.verdict) \(.linux != null) \(.freebsd)"')" 'named true null'
is 'lab: each connection is counted' "$(record '.connections == ([.asked[].seen[].tries] | add)')" true
# By name, what the books say of this release: each answer is one of its own.
lab=$(record .linux)
run "$TWPROBE_RELEASE" who
matches 'lab: in words' "$(tr -s ' \n' ' ' <"$work/out")" "^lab answers like Linux $(sed 's/[.+]/\\&/g' <<<"$lab")\\. "
run "$TWPROBE_RELEASE" who --kernel=6.1
exits 'who takes no --kernel: it is what it finds out' 2
finish
