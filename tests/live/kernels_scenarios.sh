#!/bin/bash
# Every scenario on the oldest kernel and on the newest: what depends on a version is judged by that version.
. "$(dirname "$0")/lib.sh"
need jq qemu-system-x86_64
limit=110
run scripts/kernels fetch 5.10 newest
[ $code = 0 ] || skip_all "no kernels to boot: $(tail -n 1 "$work/err")"
old=$(head -n 1 "$work/out" | cut -d: -f1) new=$(tail -n 1 "$work/out" | cut -d: -f1)

run scripts/kernels run --scenarios --program="$TWPROBE_RELEASE" --output="$work" 5.10 newest
exits 'scenarios agree on both kernels' 0
for version in "$old" "$new"; do
	# One that waits in each of its parts is played by virtual_time.sh.
	is "$version: those that do not" "$(jq -r 'select(.record == "scenario" and .verdict != "agrees") |
		"\(.scenario): \(.reason)"' "$work/$version.ndjson" | grep -v 'waits for timers of the kernel; --slow plays it$')" ''
done
is "$old: its ISN is not said to be continued" "$(jq -r 'select(.scenario == "tw-legal-syn") | .conclusion' \
	"$work/$old.ndjson" | grep -c 'fresh one; this kernel forgets')" 1
is "$new: its ISN is said to be continued" "$(jq -r 'select(.scenario == "tw-legal-syn") | .conclusion' \
	"$work/$new.ndjson" | grep -c 'ISN continues the old connection')" 1
is "$old: a counter that it lacks is left out" "$(jq -r 'select(.scenario == "nat-two-clients") | .steps[3].checks_left_out' \
	"$work/$old.ndjson")" 'a counter that this kernel does not have'
finish
