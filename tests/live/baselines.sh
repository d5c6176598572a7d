#!/bin/bash
# The results that ship: a run of this kernel against its own and against others', what they are made of, and the program as it is
# installed.
. "$(dirname "$0")/lib.sh"
need jq python3

shipped=$("$TWPROBE" list baselines)

# Small, and all that is in them is what a comparison needs.
total=$(cat baselines/*.ndjson.gz baselines/*/*.ndjson.gz | wc -c)
holds "they have less than 1 MB ($total bytes)" test "$total" -lt 1000000
is 'one list of the kernels' "$(sort <<<"$shipped")" "$(cd baselines && printf '%s\n' *.ndjson.gz | sed 's/\.ndjson\.gz$//' | sort)"
is 'they hold no times, numbers of chance or addresses' "$(zcat baselines/*.ndjson.gz | jq -r 'keys_unsorted | join(" ")' | sort -u)" \
	'record cell answer isn verdict state_after follow_up
record cells interrupted
record format_version kernel matrix expect cells matrix_cells repeat shard
record format_version kernel matrix expect cells matrix_cells repeat shard like'
is 'nor do those of stacks and paths' "$(zcat baselines/*/*.ndjson.gz | jq -r 'keys_unsorted | join(" ")' | sort -u)" \
	'record cell answer isn verdict state_after follow_up
record cell answer isn verdict state_after follow_up path
record cells interrupted
record format_version kernel matrix expect cells matrix_cells repeat shard
record format_version kernel matrix expect cells matrix_cells repeat shard path'
is 'every cell of each that could be asked agreed with the linux book' \
	"$(zcat baselines/*.ndjson.gz | jq -r 'select(.record == "cell" and .verdict != "agrees" and .verdict != "skipped") | .cell' | head -n 5)" ''

# The kernel of this machine: its own results show no difference, those of 5.10 exactly the changes in between.
matrices=(--matrix=all --matrix=time-wait --matrix=time-wait-rst)
release=$(uname -r)
own=$(grep -oE '^[0-9]+\.[0-9]+\.[0-9]+' <<<"$release")
run "$TWPROBE_RELEASE" matrix -q "${matrices[@]}" --format=json --baseline=5.10
cp "$work/out" "$work/mine.ndjson"
cp "$work/err" "$work/told"
exits 'matrix --baseline=5.10 in JSON: they differ' 1
matches 'what differs is told on standard error' "$(cat "$work/told")" '^[0-9]+ cells in 2 files: [0-9]+ the same, [1-9][0-9]* different\.$'
run "$TWPROBE" compare --baseline=5.10 "$work/mine.ndjson"
exits 'compare --baseline=5.10: standard output was a result file' 1
is 'both tell of as many' "$(out | tail -n 1)" "$(tail -n 1 "$work/told")"
run "$TWPROBE" compare --format=json --baseline=5.10 "$work/mine.ndjson"
holds 'and every difference from 5.10 is one of docs/kernels.toml, and none of those is missing' \
	python3 tests/live/baselines_check.py "$work/out" 5.10 "$release" "$work/mine.ndjson"
if [ -e "baselines/$own.ndjson.gz" ]; then
	for name in "$own" "$release"; do
		run "$TWPROBE" compare --baseline="$name" "$work/mine.ndjson"
		exits "compare --baseline=$name: nothing differs" 0
		matches 'every cell was compared' "$(out)" '^3956 cells in 2 files: 3956 the same, 0 different\.$'
	done
	run "$TWPROBE_RELEASE" matrix --only='time-wait/syn/*' --baseline="$own"
	exits 'matrix --baseline of the own kernel: nothing differs' 0
	matches 'the report comes first, then the comparison' "$(out | tail -n 6 | tr '\n' ' ')" "It took .*  The first column is the baseline, $own\.  [0-9]+ cells in 2 files: [0-9]+ the same, 0 different\. "
else
	skip 'nothing differs from the own kernel' "no results of $own ship"
fi
jq -c 'if .cell == "time-wait/rst/seq-equal/ts-equal" then .answer = "rst" else . end' "$work/mine.ndjson" >"$work/wrong.ndjson"
gzip -nk "$work/wrong.ndjson"
run "$TWPROBE" compare --baseline="$work/mine.ndjson" "$work/wrong.ndjson.gz"
exits 'a compressed file is read; one that differs in one cell does' 1
is 'by that cell' "$(out | grep -cE '^time-wait/rst/seq-equal/ts-equal$')" 1
run "$TWPROBE_RELEASE" matrix -q --matrix=time-wait-rst --baseline="$work/wrong.ndjson"
exits 'matrix --baseline=FILE: of its cells only those that were asked count' 1
matches 'and the wrong one is found' "$(out)" '^24 cells in 2 files: 23 the same, 1 different\.$'
run "$TWPROBE" matrix --baseline=2.4
exits 'an unknown kernel: nothing is asked' 2
is 'and one line lists what there is' "$(err)" \
	"twprobe: --baseline: no file '2.4', and no results of such a kernel: there are those of $(paste -sd, <<<"$shipped" | sed 's/,/, /g')"

# The same results, the same bytes, whatever the time of day.
mkdir "$work/one" "$work/two"
for folder in one two; do
	for name in 6.1.1-a 6.2.1-b; do cp "$work/mine.ndjson" "$work/$folder/$name.ndjson"; done
done
sed -i 's/"started":"[^"]*"/"started":"2030-01-01T00:00:00Z"/; s/"after_us":[0-9.]*/"after_us":1.5/g' "$work"/two/*.ndjson
for folder in one two; do holds "scripts/kernels baseline ($folder)" scripts/kernels baseline --results="$work/$folder" --output="$work/$folder/made"; done
is 'named by the version, and the same bytes' "$(cd "$work/one/made" && sha256sum ./*)" "$(cd "$work/two/made" && sha256sum ./*)"
is 'a file each' "$(ls "$work/one/made")" $'6.1.1.ndjson.gz\n6.2.1.ndjson.gz'
run "$TWPROBE" compare --baseline="$work/one/made/6.1.1.ndjson.gz" "$work/one/made/6.2.1.ndjson.gz"
exits 'they can be compared as files' 0
head -n 100 "$work/mine.ndjson" >"$work/one/6.2.1-b.ndjson"
run scripts/kernels baseline --results="$work/one" --output="$work/one/made"
exits 'a run that was cut off ships not' 2
matches 'and one line says so' "$(err)" '6\.2\.1-b\.ndjson: the run was cut off'

# As it is installed, from any folder.
root_of() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s install SCDOC= DESTDIR="$work/root" PREFIX=/usr; }
if holds 'make install' root_of && cd / && unset TWPROBE_CASES; then
	installed=$work/root/usr/bin/twprobe
	is 'installed: the kernels' "$("$installed" list baselines)" "$shipped"
	run "$installed" compare --baseline=5.10 "$work/mine.ndjson"
	exits 'installed: compare' 1
	run "$installed" matrix -q --only='time-wait/syn/*' --baseline=5.10
	exits 'installed: matrix' 1
fi
finish
