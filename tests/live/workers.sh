#!/bin/bash
# --workers=N: the same report as one process makes; a worker that dies, Ctrl-C, and what only one can do.
. "$(dirname "$0")/lib.sh"
need jq

# What does not depend on time, ports and chance.
same() {
	jq -c 'if .record == "cell" then [.number, .cell, .answer, .isn, .verdict, .reason, .expected, .state_before, .state_after,
		.follow_up.answer, .fields, .outcomes] elif .record == "run" then [.cells, .matrix_cells, .kernel, .engine, .sysctls,
		.repeat, .shard, .rules] else [.cells, .agrees, .otherwise, .open, .segments_sent > 0, .segments_heard > 0, .exit] end' "$1"
}
for arguments in 'matrix --only=*/syn/seq-above/* --matrix=all --matrix=conditions' 'matrix --only=time-wait/syn/* --repeat=3 --shard=2/3'; do
	read -ra words <<<"$arguments"
	run "$TWPROBE" "${words[@]}" --workers=1 --format=json
	exits "$arguments: one process" 0
	cp "$work/out" "$work/one"
	run "$TWPROBE" "${words[@]}" --workers=3 --format=json
	exits "$arguments: three workers" 0
	holds "$arguments: there are cells" [ "$(cells "$work/out" .cell | wc -l)" -gt 20 ]
	is "$arguments: the same records in the same order" "$(diff <(same "$work/one") <(same "$work/out") | head -n 4 | cut -c 1-300)" ''
done

# Children of the process in $1 that ask: not those of the labs.
workers_of() { ps -o pid= --ppid "$1"; }
"$TWPROBE" matrix --repeat=40 --workers=2 --format=json --only='time-wait/syn/*/ts-*' >"$work/out" 2>"$work/err" </dev/null &
pid=$!
background+=($pid)
begun() { [ "$(stat -c %s "$work/out")" -gt 20000 ]; }
holds 'a worker that dies: it has begun' wait_until 20 begun
read -r victim < <(workers_of $pid)
kill -KILL "$victim"
wait $pid
is 'a worker that dies: the run ends well' $? 0
is 'a worker that dies: each cell is there once, in order' \
	"$(cells "$work/out" .number | awk '$1 != NR - 1 { print NR, $1 } END { print NR }')" "$(jq 'select(.record == "run") | .cells' "$work/out")"
matches 'a worker that dies: it is said' "$(err)" 'worker 1 has ended.*asked by another'
is 'a worker that dies: once' "$(wc -l <"$work/err")" 1

timeout --preserve-status --kill-after=5 -s INT 1.5 "$TWPROBE" matrix --repeat=100000 --workers=2 --format=json >"$work/out" 2>"$work/err"
is 'Ctrl-C: exit code' $? 130
is 'Ctrl-C: one summary, of what is done' "$(tail -n 1 "$work/out" | jq -r '"\(.record) \(.interrupted) \(.cells)"')" \
	"summary true $(cells "$work/out" .cell | wc -l)"
is 'Ctrl-C: in order' "$(cells "$work/out" .number | awk 'NR > 1 && $1 <= last { print last, $1 } { last = $1 }' | head -n 3)" ''
is 'Ctrl-C: one word about it' "$(wc -l <"$work/err")" 0

run "$TWPROBE" matrix --workers=2 --pcap="$work/file"
exits '--pcap: refused' 2
matches '--pcap: says why' "$(err)" '^twprobe: --workers=2: --pcap writes'
run "$TWPROBE" matrix --workers=2 -w "$work/file"
exits '-w: refused' 2
run "$TWPROBE" matrix --workers=2 127.0.0.1:9
exits 'a target: refused' 2
run "$TWPROBE" matrix --workers=2 --in-flight=4 -q --path="$work/none.nft"
holds 'a lab that cannot be: no exit code of a run' [ $code = 2 -o $code = 4 ]
is 'a lab that cannot be: said once' "$(wc -l <"$work/err")" 1

run "$TWPROBE" matrix --only='time-wait/syn/*/ts-*' --rate=300 --workers=3 --format=json
exits '--rate: exit code' 0
holds "--rate is that of all together ($(tail -n 1 "$work/out" | jq .cells_per_second) a second)" \
	[ "$(tail -n 1 "$work/out" | jq '.cells_per_second < 360')" = true ]

run "$TWPROBE" map --seq-range=-100..100 --ts-range=-100..100 --size=20x20 -o "$work/map1.svg" --format=json --workers=1
cp "$work/out" "$work/one"
run "$TWPROBE" map --seq-range=-100..100 --ts-range=-100..100 --size=20x20 -o "$work/map2.svg" --format=json --workers=2
exits 'map: two workers' 0
is 'map: the same cells' "$(diff <(same "$work/one") <(same "$work/out") | head -n 4 | cut -c 1-300)" ''
finish
