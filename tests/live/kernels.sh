#!/bin/bash
# Two kernels in QEMU: their difference is found, a sabotaged result is a difference, a guest that does not end is one clear
# line. (engine.sh has two runs of one kernel; they take a fraction of QEMU's time there.)
. "$(dirname "$0")/lib.sh"
need jq qemu-system-x86_64

kernels() { run scripts/kernels "$@" --program="$TWPROBE_RELEASE" --output="$work/$output"; }
limit=100
run scripts/kernels fetch 5.10 newest
[ $code = 0 ] || skip_all "no kernels to boot: $(tail -n 1 "$work/err")"
old=$(head -n 1 "$work/out" | cut -d: -f1) new=$(tail -n 1 "$work/out" | cut -d: -f1)

output=results
kernels run --matrix=time-wait 5.10 newest
exits 'two kernels run' 0
for version in "$old" "$new"; do
	file=$work/results/$version.ndjson
	is "$version: every cell is as linux says" "$(cells "$file" 'select(.verdict != "agrees") |
		"\(.cell) \(.verdict) \(.reason)"' | head -n 5)" ''
	is "$version: the subject's state is known" "$(cells "$file" 'select(.state_before != "time-wait") | .cell' |
		head -n 5)" ''
done

# Kernels before 6.10 lose the ISN that tcp_timewait_state_process() chose.
run "$TWPROBE" compare --format=json "$work/results/$old.ndjson" "$work/results/$new.ndjson"
exits 'compare: they differ' 1
is 'compare: in the ISN of a reopened TIME_WAIT' "$(jq -r 'select(.record == "group" and
	(.cells | index("time-wait/syn/seq-above/ts-above"))) | .values[]' "$work/out" | paste -sd' ' | cut -d: -f1)" \
	'syn-ack fresh syn-ack continued'
is 'compare: in nothing else' "$(jq -r 'select(.record == "group") | .in' "$work/out" | sort -u)" time-wait/syn

sabotaged=$work/sabotaged.ndjson
jq -c 'if .cell == "time-wait/syn/seq-below/ts-below" then .answer = "rst" else . end' \
	"$work/results/$new.ndjson" >"$sabotaged"
run "$TWPROBE" compare --baseline="$work/results/$new.ndjson" "$sabotaged"
exits 'a sabotaged result is a difference' 1
matches 'a sabotaged result is named' "$(out)" 'time-wait/syn/seq-below/ts-below'
head -c 20000 "$work/results/$new.ndjson" >"$work/cut.ndjson"
run "$TWPROBE" compare "$work/results/$new.ndjson" "$work/cut.ndjson"
exits 'a truncated result is refused' 2
matches 'a truncated result: file and line' "$(err)" "cut.ndjson.*[0-9]"

output=late
kernels run --engine=qemu --timeout=1s "$new"
exits 'a guest that does not end: exit code' 3
matches 'a guest that does not end: one line' "$(out)" "^$new: no results: still running after 1 s; .*--timeout"
holds 'a guest that does not end: what twprobe said is kept' grep -q -- "--- twprobe's messages" "$work/late/$new.log"
is 'a guest that does not end: no results' "$(ls "$work/late")" "$new.log"

run scripts/kernels run 1.2.3
exits 'a kernel that is not on offer' 2
is 'a kernel that is not on offer: one line' "$(err | wc -l)" 1
finish
