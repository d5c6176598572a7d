#!/bin/bash
# --format=html, svg and png: what is written is whole, asks no network, and shows what a table shows. The pictures in docs are made
# anew. tests/slow/pages.sh looks at the pages with a browser.
. "$(dirname "$0")/lib.sh"
need python3

# page NAME FILE: well formed, and nothing in it comes from elsewhere
page() { holds "$1 is a page that needs nothing else" python3 tests/live/pages_check.py page "$2"; }

run "$TWPROBE" matrix --matrix=time-wait-rst --seed=5
table=$(grep -E '^24 cells:' "$work/out")
run "$TWPROBE" matrix --matrix=time-wait-rst --seed=5 --format=html
exits 'a matrix as a page' 0
cp "$work/out" "$work/matrix.html"
page 'a matrix' "$work/matrix.html"
matches 'the page ends with the sums of the table' "$(out)" "<p class=\"i0\">$table</p>"
holds 'it has every cell with its ladder, what is said of it, and the command' \
	python3 tests/live/pages_check.py cells "$work/matrix.html" 24

run "$TWPROBE" --format=html time-wait/syn/seq-below/ts-above
exits 'one cell as a page' 0
cp "$work/out" "$work/cell.html"
holds 'it has its ladder' python3 tests/live/pages_check.py cells "$work/cell.html" 1

run env TWPROBE_CASES="$root/cases" scripts/kernels report --shipped --page="$work/atlas.html" --program="$TWPROBE_RELEASE"
exits 'the atlas: every difference of kernels that ship is explained' 0
page 'a comparison' "$work/atlas.html"
matches 'with the commit behind a difference' "$(cat "$work/atlas.html")" 'tcp: challenge ACK for non-exact RST in SYN-RECEIVED</code>; since 7.2'
is 'each stack and path that ships can be chosen' "$(grep -oE '"views":\[[^]]*\]' "$work/atlas.html" | grep -oE '"[^",]+"' | tail -n +2 | tr -d '"' | sort)" \
	"$(find baselines -name '*.gz' -printf '%f\n' | sed 's/\.ndjson\.gz$//' | sort)"
is 'it has every cell' "$(grep -cE '^[0-4],' "$work/atlas.html")" \
	"$("$TWPROBE_RELEASE" compare --all --format=json | grep -o '^{"record":"summary".*' | grep -oE '"cells":[0-9]+' | grep -oE '[0-9]+')"

run "$TWPROBE" scenario --fast --format=html tw-legal-syn
exits 'a scenario as a page' 0
cp "$work/out" "$work/scenario.html"
page 'a scenario' "$work/scenario.html"
matches 'it says what follows' "$(out)" '<p class="i0">conclusion:.*TIME_WAIT was left early'
run "$TWPROBE" scenario --all --format=svg
exits 'a picture is of one scenario' 2

# picture COMMAND... FILE: the picture in docs, but for what chance decides: times, and numbers as they are on the wire
picture() {
	local file=${*: -1}
	run "$TWPROBE" "${@:1:$# - 1}" --format=svg
	exits "a picture: ${*:1:$# - 1}" 0
	cp "$work/out" "$work/picture.svg"
	holds "$file is what it shows" python3 tests/live/pages_check.py same "$work/picture.svg" "$file"
}
picture scenario --fast tw-illegal-syn docs/pictures/tw-illegal-syn.svg
picture time-wait/syn/seq-below/ts-above docs/pictures/time-wait-syn.svg
run "$TWPROBE" --format=png
exits 'a PNG' 0
is 'it is one' "$(head -c 8 "$work/out" | od -An -c | tr -d ' ')" '211PNG\r\n032\n'
finish
