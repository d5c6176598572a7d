#!/bin/bash
# make static: one program without a library, that works where there is nothing else but /proc.
. "$(dirname "$0")/../live/lib.sh"
need make readelf unshare
need_root

make static >"$work/made" 2>&1 || { not_ok 'make static' "$(tail -n 20 "$work/made")"; finish; }
ok 'make static'
archive=$(echo build/twprobe-*-static.tar.gz)
mkdir "$work/root" && tar -C "$work/root" --strip-components=1 -xzf "$archive"
is 'it needs no library and no loader' "$(readelf -dl "$work/root/twprobe" | grep -E 'NEEDED|INTERP')" ''
holds 'at most 10 MB' test "$(stat -c %s "$work/root/twprobe")" -lt 10000000
echo 'table inet x { }' >"$work/root/x.nft"
mkdir "$work/root/proc"
# in_root WORD...: nothing but what was in the archive, and /proc
in_root() { run unshare -m sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" /twprobe "$@"' "$work/root" "$@"; }
for options in '' '-6'; do
	in_root matrix --matrix=all -q $options
	exits "every state and segment in an empty root $options" 0
	matches "all cells agree $options" "$(out)" '^3520 cells: 3520 agree with linux'
done
in_root scenario tw-legal-syn
exits 'a scenario' 0
in_root time-wait/syn/seq-below/ts-above --format=json
is 'with what the kernel says of the socket' "$(cells "$work/out" '[.state_before, .state_after, .after.timer] | join(" ")')" \
	'time-wait syn-recv retransmission'
in_root list baselines
holds 'the results of other kernels are there' test "$(wc -l <"$work/out")" -ge 5
in_root --path=router -q
exits 'a router without rules' 0
in_root --path=./x.nft
exits 'what it lacks: rules, exit code' 4
matches 'what it lacks: rules' "$(err)" 'a static twprobe cannot load'
finish
