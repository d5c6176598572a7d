#!/bin/bash
# What a CI asks for: annotations of GitHub, failures that are known, a run that sends nothing.
. "$(dirname "$0")/lib.sh"
need jq

# What the popular rule expects is not what a kernel does.
cells=(--only='time-wait/syn/seq-[1ab]*/ts-a[bb]*' --expect=folk)
run "$TWPROBE" matrix --matrix=time-wait "${cells[@]}" --format=json
mapfile -t failing < <(cells "$work/out" 'select(.verdict == "differs").cell')
mapfile -t passing < <(cells "$work/out" 'select(.verdict == "agrees").cell')
[ ${#failing[@]} -gt 1 ] && [ ${#passing[@]} -gt 1 ] || { not_ok 'some differ, some agree'; finish; }

run "$TWPROBE" matrix --matrix=time-wait "${cells[@]}" --format=github
exits 'github: exit code' 1
is 'github: an error for each that differs' "$(sed -n 's/^::error title=\([^:]*\)::differs: .*/\1/p' "$work/out")" \
	"$(printf '%s\n' "${failing[@]}")"
is 'github: nothing else but the count' "$(grep -vc ^::error "$work/out")" 1
cp cases/time-wait.yaml "$work/mine.yaml"
run "$TWPROBE" matrix --matrix="$work/mine.yaml" "${cells[@]}" --format=github
is "github: a case file of the user's" "$(grep -c "^::error file=$work/mine.yaml,title=" "$work/out")" ${#failing[@]}

printf '# known\n\n%s  the folk rule is wrong\n' "${failing[0]}" >"$work/known"
run "$TWPROBE" matrix --matrix=time-wait "${cells[@]}" --format=tap --expected-failures="$work/known"
exits 'one is known, others differ' 1
is 'tap: it is TODO' "$(sed -n 's/^not ok [0-9]* - \(.*\) # TODO the folk rule is wrong$/\1/p' "$work/out")" "${failing[0]}"
for name in "${failing[@]}"; do echo "$name the folk rule is wrong"; done >"$work/known"
run "$TWPROBE" matrix --matrix=time-wait "${cells[@]}" --format=github --expected-failures="$work/known"
exits 'all are known' 0
is 'github: they are notices' "$(grep -c '^::notice title=.*(known to fail: the folk rule is wrong)$' "$work/out")" ${#failing[@]}
run "$TWPROBE" matrix --matrix=time-wait "${cells[@]}" --format=json --expected-failures="$work/known"
is 'json: the exit code of the summary' "$(jq 'select(.record == "summary").exit' "$work/out")" 0
echo "${passing[0]} once it failed" >>"$work/known"
run "$TWPROBE" matrix --matrix=time-wait "${cells[@]}" -q --expected-failures="$work/known"
exits 'one of them passes' 1
matches 'one of them passes: it is told' "$(err)" "${passing[0]} passes, but is known to fail: once it failed"
echo 'time-wait/* as a pattern' >"$work/pattern"
run "$TWPROBE" matrix --matrix=time-wait "${cells[@]}" --format=junit --expected-failures="$work/known"
exits 'junit: one of them passes' 1
is 'junit: the others are skipped, with the reason' \
	"$(grep -c '<skipped type="differs" message="known to fail: the folk rule is wrong; ' "$work/out")" ${#failing[@]}
is 'junit: that one is a failure' "$(sed -n 's/<failure type="agrees" message="passes, but is known to fail: once it failed">passes, .* once it failed<\/failure>.*//p' \
	"$work/out" | sed 's/.* name="\([^"]*\)".*/\1/')" "${passing[0]}"
is 'junit: and the heads count them so' "$(grep -oE ' (failures|skipped)="[0-9]+"' "$work/out" | tr -d '\n')" \
	" failures=\"1\" skipped=\"${#failing[@]}\""
if type -P xmllint >/dev/null; then
	valid() { xmllint --noout --nonet --schema tests/schema/junit.xsd "$work/out"; }
	holds 'junit: as its schema says' valid
	run "$TWPROBE" scenario tw-legal-syn --format=junit --expected-failures="$work/pattern"
	holds 'junit of a scenario: as its schema says' valid
	run "$TWPROBE" scenario ipvs-reused-port --format=junit # which many a kernel cannot set up
	holds 'junit of a scenario that may be skipped: as its schema says' valid
	run "$TWPROBE" scenario tw-legal-syn --format=junit
	sed -i 's/ name="tw-legal-syn"//' "$work/out"
	matches 'and the schema refuses what is not' "$(valid 2>&1)" 'fails to validate'
else
	skip 'junit: as its schema says' 'xmllint (libxml2-utils) is not installed'
fi
run "$TWPROBE" "${failing[0]}" --expect=folk -q --expected-failures="$work/pattern"
exits 'a pattern' 0
echo 'tw-legal-syn x' >"$work/scenarios"
run "$TWPROBE" scenario tw-legal-syn -q --expected-failures="$work/scenarios"
exits 'a scenario that passes' 1
echo 'time-wait/syn/seq-below/ts-below' >"$work/bad"
run "$TWPROBE" --expected-failures="$work/bad"
exits 'without a reason' 2
matches 'without a reason: where' "$(err)" 'bad:1: .*NAME REASON'
run "$TWPROBE" --expected-failures="$work/none"
exits 'no such file' 2

run setpriv --reuid=65534 --regid=65534 --clear-groups "$TWPROBE_RELEASE" matrix --matrix=all --dry-run
exits '--dry-run needs no privilege' 0
lines=$(wc -l <"$work/out")
is '--dry-run: each cell' "$lines" "$("$TWPROBE_RELEASE" list matrices --format=json |
	jq -r 'select(.name == "all").text' | sed 's/.*(\([0-9]*\) cells)$/\1/')"
run "$TWPROBE" time-wait/syn/seq-below/ts-above --dry-run
is '--dry-run: what is sent' "$(out | tr -s ' ')" 'time-wait/syn/seq-below/ts-above S rcv_nxt-1000 win 64240 <TS val ts_recent+1000>'
run "$TWPROBE" scenario tw-legal-syn --dry-run
matches '--dry-run of a scenario: its steps' "$(out)" '^  1\.1  '
finish
