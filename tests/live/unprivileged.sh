#!/bin/bash
# The lab as a user without any privilege, through a user namespace; and where the system does not allow one.
. "$(dirname "$0")/lib.sh"
need setpriv unshare jq
as_nobody=()
[ "$(id -u)" != 0 ] || as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all --)
# Where everybody may read them: the checkout may be in a private folder.
cp "$TWPROBE" "$work/twprobe"
cp -r cases "$work/cases"
chmod -R a+rX "$work/cases"
export TWPROBE_CASES=$work/cases
cd "$work" || exit 1

if "${as_nobody[@]}" unshare -Urn true 2>/dev/null; then
	run "${as_nobody[@]}" "$work/twprobe" --seq-below --ts-above --format=json
	exits 'one cell' 0
	is 'one cell: answer and states' "$(cells "$work/out" \
		'[.answer, .isn, .state_before, .state_after] | join(" ")')" 'syn-ack continued time-wait syn-recv'
	run "${as_nobody[@]}" "$work/twprobe" matrix --format=json
	exits 'the matrix' 0
	is 'the matrix: every cell agrees' "$(cells "$work/out" \
		'select(.verdict != "agrees") | "\(.cell) \(.verdict) \(.reason)"' | head -n 5)" ''
	run "${as_nobody[@]}" "$work/twprobe" --sysctl tcp_rfc1337=1 --segment=rst --seq-equal --ts-absent --format=json
	exits 'a sysctl of the lab' 0
else
	skip 'the lab as a user' 'this system allows no unprivileged user namespace'
fi

# A system that allows none, played by a user namespace that may have no other below it.
refuse='echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all -- "$@"'
if unshare -Ur bash -c "$refuse" bash true 2>/dev/null; then
	run unshare -Ur bash -c "$refuse" bash "$work/twprobe" --seq-below --ts-above
	exits 'without user namespaces: exit 4' 4
	matches 'without user namespaces: says what would help' "$(err)" 'root|user namespace'
	run unshare -Ur bash -c "$refuse" bash "$work/twprobe" matrix --format=tap
	exits 'without user namespaces, TAP: exit 4' 4
	matches 'without user namespaces, TAP: skipped with the reason' "$(out)" '^1\.\.0 # SKIP .+'
else
	skip 'without user namespaces' 'no user namespace to play such a system'
fi
finish
