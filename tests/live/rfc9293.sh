#!/bin/bash
# docs/rfc9293.md has the table of requirements as the program prints it, and what a kernel answers to their cells.
. "$(dirname "$0")/lib.sh"
need jq

page=docs/rfc9293.md
run "$TWPROBE" list --rfc --format=markdown
exits 'the table: exit 0' 0
is 'the page has the table that the program prints' "$(diff <(sed -n '/^| number /,$p' $page) "$work/out")" ''

run "$TWPROBE" list --rfc --format=json
exits 'the records: exit 0' 0
is 'the first says how many there are' \
	"$(jq -r 'select(.record == "requirements") | "\(.requirements) \(.asked)"' "$work/out")" \
	"$(jq -s 'map(select(.record == "requirement"))
		| "\(length) \(map(select(.not_asked == null)) | length)"' -r "$work/out")"
jq -r 'select(.record == "requirement") | .cells[]' "$work/out" | sort -u >"$work/told"

run "$TWPROBE" list states --rfc
exits '--rfc is a list of its own' 2
run "$TWPROBE" list --format=markdown
exits 'other lists are no tables of a report' 2
matches 'and the message says what to do' "$(err)" 'give --rfc'
run "$TWPROBE" list --format=json
exits 'they are records' 0
is 'with the words of each list' "$(jq -r 'select(.list == "states") | .name' "$work/out")" "$("$TWPROBE" list states)"

run "$TWPROBE" matrix --format=json --matrix=rfc
exits 'the matrix: exit 0' 0
is 'it asks the cells of the table' "$(cells "$work/out" .cell | sort | diff "$work/told" -)" ''
is 'and they agree' "$(cells "$work/out" 'select(.verdict != "agrees") | "\(.cell) \(.verdict): \(.reason)"')" ''

# What the page says of older kernels.
older=established/ack/seq-equal/ts-equal/ack+1
for version in 6.1.192 6.12.117 6.18.32 6.18.33 7.0.9 7.1; do
	run "$TWPROBE" explain --kernel=$version $older
	case $version in 6.18.33 | 7.1) wanted=ack ;; *) wanted=silence ;; esac
	matches "$version: $wanted to $older" "$(out)" "^linux +$wanted, then established$"
done

# The two tables of the page: "CELL RFC LINUX", with the states afterwards where only these differ, and "CELL open LINUX".
sed -n 's/^| `\(.*\)` | \([a-z0-9, -]*\) | \([a-z0-9, -]*\) | .* |$/\1 \2 \3/p; s/^| `\(.*\)` | \([a-z-]*\) |$/\1 open \2/p' $page | sort >"$work/page"
run "$TWPROBE" matrix --matrix=rfc --expect=rfc -q --only='time-wait/syn/*'
exits 'a SHOULD that is not followed is told, and no failure' 0
matches 'under its title' "$(sed -n '/^SHOULD, and not followed:/,/^[A-Z]/p' "$work/out")" 'time-wait/syn/seq-below/ts-above/conn-ts-off'
run "$TWPROBE" matrix --matrix=rfc --expect=rfc -q --only='time-wait/syn/*' --strict
exits 'with --strict it is' 1
run "$TWPROBE" matrix --expect=rfc --strict
exits '--strict without such a report' 2

run "$TWPROBE" matrix --format=json --matrix=rfc --expect=rfc
exits 'a MUST that is broken is a failure' 1
cells "$work/out" 'select(.verdict != "agrees" or .expected.rfc == null)
	| ((.reason // "" | capture(", not (?<state>[a-z0-9-]+)$") | ", " + .state) // "") as $state
	| "\(.cell) \(.expected.rfc // "open")\($state) \(.answer)\(if $state == "" then "" else ", " + .state_after end)"' | grep -v "^$older " | sort >"$work/kernel"
is 'the page has the cells in which the RFC and this kernel differ, and those that it leaves open' \
	"$(diff "$work/page" "$work/kernel")" ''
finish
