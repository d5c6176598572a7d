#!/bin/bash
# The TIME_WAIT matrix in the lab: every cell as linux says, the same each time, with both cores busy too; its formats.
. "$(dirname "$0")/lib.sh"
need jq

agrees_throughout() { # NAME: the last run, in JSON
	exits "$1: exit code" 0
	is "$1: no cell differs, is inconclusive or skipped" "$(cells "$work/out" \
		'select(.verdict != "agrees") | "\(.cell) \(.verdict) \(.reason)"' | head -n 5)" ''
}

run "$TWPROBE" matrix --format=json --seed=1
cp "$work/out" "$work/first"
agrees_throughout 'seed 1'
names=$(cells "$work/first" .cell)
is 'names are unique' "$(sort <<<"$names" | uniq -d)" ''
is 'the summary counts the cells' \
	"$(jq -r 'select(.record == "summary") | .agrees' "$work/first")" "$(wc -l <<<"$names")"
is 'a capture that dropped nothing' "$(jq -r 'select(.record == "summary") | .capture_drops' "$work/first")" 0

# The axes that the matrix must have.
missing=$(
	for seq in -below -1 -equal +1 -above +2^30 +2^31-1 -2^31+1; do
		for ts in -below -1 -equal +1 -above -absent -zero; do
			echo "time-wait/syn/seq$seq/ts$ts"
		done
	done
	for seq in -1 -equal +1; do
		for ts in -below -equal -above -absent; do
			echo "time-wait/rst/seq$seq/ts$ts"
			echo "time-wait/rst/seq$seq/ts$ts/tcp_rfc1337=1"
		done
	done
)
is 'every cell of the SYN and the RST matrix is there' \
	"$(comm -13 <(sort <<<"$names") <(sort <<<"$missing") | head -n 5)" ''
for part in 'conn-ts-off' 'tcp_timestamps=0$' 'tcp_timestamps=0@probe'; do
	holds "some cells with $part" grep -q -- "$part" <<<"$names"
done
is 'each RST is followed by a SYN' "$(cells "$work/first" \
	'select(.sent.flags == "R" and .follow_up == null) | .cell' | head -n 5)" ''

# Known from the kernel's source: where the folk rule is wrong. (tcp_timewait_state_process: a SYN is taken when its
# sequence number is after rcv_nxt, or its TSval after ts_recent.)
answer() { cells "$work/first" "select(.cell == \"$1\") | \"\(.answer) \(.isn) \(.expected.folk)\""; }
is 'seq below, ts above' "$(answer time-wait/syn/seq-below/ts-above)" 'syn-ack continued ack'
is 'seq above, ts above' "$(answer time-wait/syn/seq-above/ts-above)" 'syn-ack continued syn-ack'
is 'seq below, ts below' "$(answer time-wait/syn/seq-below/ts-below)" 'ack null ack'
is 'seq above, ts below: PAWS' "$(answer time-wait/syn/seq-above/ts-below)" 'ack null ack'

same_answers() { # NAME
	is "$1: the same answers and states" "$(diff <(cells "$work/first" '[.cell, .answer, .isn, .state_before,
		.state_after, .follow_up] | tostring' | sort) <(cells "$work/out" '[.cell, .answer, .isn, .state_before,
		.state_after, .follow_up] | tostring' | sort) | head -n 5)" ''
}
run "$TWPROBE" matrix --format=json --seed=2
agrees_throughout 'seed 2'
same_answers 'seed 2'
run "$TWPROBE" matrix --format=json --seed=3 --in-flight=1
agrees_throughout 'one at a time'
same_answers 'one at a time'

for _ in 1 2; do background setpriv --pdeathsig KILL sh -c 'while :; do :; done'; done
run "$TWPROBE_RELEASE" matrix --format=json --seed=4
agrees_throughout 'both cores busy'
same_answers 'both cores busy'
for pid in "${background[@]}"; do stop "$pid"; done

run "$TWPROBE" matrix --only='time-wait/rst/*' --format=json
agrees_throughout 'only RST'
is 'only RST: as many as the pattern fits' "$(cells "$work/out" .cell | sort)" "$(grep '^time-wait/rst/' <<<"$names" | sort)"

run "$TWPROBE" matrix --format=tap
exits 'TAP' 0
is 'TAP: version' "$(head -n 1 "$work/out")" 'TAP version 13'
holds 'TAP: plan' grep -qx "1\.\.$(wc -l <<<"$names")" "$work/out"
is 'TAP: a line for each cell' "$(grep -cE '^ok [0-9]+ ' "$work/out")" "$(wc -l <<<"$names")"
holds 'TAP: nothing but plan, results and diagnostics' eval \
	'! grep -vE "^(TAP version 13|1\.\.[0-9]+|(not )?ok [0-9]+ .*|#.*)$" "$work/out"'
run "$TWPROBE" matrix --format=tap --expect=folk
exits 'TAP against folk: some differ' 1
holds 'TAP against folk: not ok' grep -qE '^not ok [0-9]+ - time-wait/syn/seq-below/ts-above$' "$work/out"
failed=$(grep -c '^not ok' "$work/out")
run "$TWPROBE" matrix --format=junit --expect=folk
exits 'JUnit against folk: some differ' 1
is 'JUnit: the heads of the suites count what is in them, and as many fail as in TAP' "$(python3 - "$work/out" <<'P'
import sys, xml.etree.ElementTree as tree
tests = failures = 0
for suite in tree.parse(sys.argv[1]).getroot().iter("testsuite"):
    cases = suite.findall("testcase")
    assert len(cases) == int(suite.get("tests")), suite.get("name")
    for tag, head in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert sum(case.find(tag) is not None for case in cases) == int(suite.get(head)), (suite.get("name"), tag)
    tests, failures = tests + len(cases), failures + int(suite.get("failures"))
print(tests, failures)
P
)" "$(wc -l <<<"$names") $failed"

run "$TWPROBE" matrix
exits 'table' 0
holds 'table: plain when piped' eval '! grep -q $'"'\\033'"' "$work/out"'
holds 'table: says where folk is wrong' grep -qi folk "$work/out"
run "$TWPROBE" matrix --color=always
holds 'table: colour when asked' grep -q $'\033' "$work/out"
run env NO_COLOR=1 "$TWPROBE" matrix --color=auto
holds 'table: NO_COLOR' eval '! grep -q $'"'\\033'"' "$work/out"'

# Sysctls that alternate: asked in groups, reported in the order of the file.
{
	printf 'name: alternating\nblocks:\n'
	for distance in {1..60}; do
		printf '  - {seq: +%d, sysctl: tcp_rfc1337=1}\n  - {seq: +%d, sysctl: tcp_syncookies=2@probe}\n  - {seq: +%d, listener: gone}\n' \
			"$distance" "$distance" "$distance"
	done
} >"$work/alternating.yaml"
run "$TWPROBE" matrix --format=json --matrix="$work/alternating.yaml"
exits 'alternating sysctls' 0
is 'alternating sysctls: all agree, in the order of the file' "$(cells "$work/out" '"\(.cell) \(.verdict)"')" "$(
	for distance in {1..60}; do
		for condition in tcp_rfc1337=1 tcp_syncookies=2@probe no-listener; do
			echo "time-wait/syn/seq+$distance/ts-above/$condition agrees"
		done
	done)"
holds 'alternating sysctls: not one after the other' jq -e 'select(.record == "summary") | .seconds < 3' "$work/out"

# All matrices as one: each cell once, in the order of their names.
run "$TWPROBE" matrix --matrix=full --only='time-wait/rst/*/ts-zero*' --format=json
exits 'full' 0
is 'full: its name' "$(jq -r 'select(.record == "run") | .matrix' "$work/out")" full
is 'full: each cell once' "$(cells "$work/out" .cell | sort | uniq -d)" ''
mapfile -t names < <("$TWPROBE" list matrices | sed 's/^/--matrix=/')
is 'full: the cells of all' "$(cells "$work/out" .cell)" \
	"$("$TWPROBE" matrix "${names[@]}" --only='time-wait/rst/*/ts-zero*' --format=json | jq -r 'select(.record == "cell").cell')"

# A file of the user's own.
run "$TWPROBE" matrix --matrix=/dev/null
exits 'an empty case file is an error' 2
finish
