#!/bin/bash
# A user-mode Linux whose clock is virtual (scripts/kernels build): the scenarios with all their waits, in seconds.
. "$(dirname "$0")/lib.sh"
need jq
limit=120
image= images=()
for candidate in "${TWPROBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/twprobe}"/uml/[0-9]*/linux; do # not a tree that somebody edits
	[ ! -x "$candidate" ] || { image=$candidate; images+=("$image"); }
done
[ -n "$image" ] || skip_all 'no user-mode Linux with virtual time here (scripts/kernels build 6.12)'
grep -q time-travel=inf-cpu "$image" || skip_all "$image has no virtual time"

begun=${EPOCHREALTIME/./}
run "$TWPROBE_RELEASE" scenario --all --slow --kernel-image="$image" --format=json
exits 'every scenario, its slow parts too, on virtual time' 0
wall=$((${EPOCHREALTIME/./} - begun))
is 'none is skipped or inconclusive' "$(jq -r 'select(.record == "scenario" and .verdict != "agrees") | "\(.scenario) \(.verdict) \(.reason)"' \
	"$work/out")" ''
is 'no part was left out but for what this kernel lacks' "$(jq -r 'select(.record == "scenario") | .scenario as $name | .steps[] |
	select(.played or (.left_out // "" | test("^this kernel has no ")) | not) | "\($name) \(.step) \(.left_out)"' "$work/out")" ''
# observed SCENARIO STEP: what a step saw, as text.
observed() { jq -r --arg name "$1" --arg step "$2" 'select(.scenario == $name) | .steps[] | select(.id == $step) | .observed' "$work/out"; }
# At HZ=100 a timer of a minute is kept to 5.12 s (the third level of kernel/time/timer.c).
matches 'from outside TIME_WAIT lasts 60 s, which the kernel keeps to 5 s' "$(observed tw-lifetime life)" \
	'^between (59|6[0-5])\.[0-9] s and 6[0-5]\.[0-9] s$'
matches 'a SYN that PAWS rejects after 10 s makes it 70 s' "$(observed tw-lifetime longer)" \
	'^between (69|7[0-5])\.[0-9] s and 7[0-5]\.[0-9] s$'
seconds=$(jq -s 'map(select(.record == "scenario") | .seconds) | add' "$work/out")
holds "$seconds s of the guests' in $((wall / 1000)) ms of ours" [ "${seconds%.*}000000" -gt $((4 * wall)) ]

run "$TWPROBE_RELEASE" matrix --matrix=all --matrix=time-wait --matrix=time-wait-rst --kernel-image="$image" --format=json
exits 'all cells' 0
is 'every one agrees' "$(cells "$work/out" 'select(.verdict != "agrees") | "\(.cell) \(.verdict) \(.reason)"' | head -n 5)" ''

# Several guests report what one does. Times, ports and numbers of sequences are their own.
same() { cells "$1" '[.number, .cell, .answer, .isn, .verdict, .expected, .state_before, .state_after, .follow_up.answer, .outcomes] | tojson'; }
run "$TWPROBE_RELEASE" matrix --kernel-image="$image" --workers=1 --format=json
cp "$work/out" "$work/one"
run "$TWPROBE_RELEASE" matrix --kernel-image="$image" --workers=3 --format=json
exits 'three guests at once' 0
is 'they report what one does, in its order' "$(diff <(same "$work/one") <(same "$work/out") | head -n 4 | cut -c 1-300)" ''
holds 'there are cells' [ "$(same "$work/out" | wc -l)" = 472 ]

# While a command waits for the reader of its output nothing else happens in a guest, and its clock leaps from timer to timer.
"$TWPROBE_RELEASE" matrix --matrix=all --kernel-image="${images[0]}" --workers=1 --format=json | { sleep 3; cat; } >"$work/out"
seconds=$(jq -r 'select(.record == "summary") | .seconds' "$work/out")
holds "${images[0]}: with a slow reader $seconds s of virtual time" [ "${seconds%.*}" -lt 100 ]
finish
