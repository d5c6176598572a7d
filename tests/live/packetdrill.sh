#!/bin/bash
# The cells of docs/packetdrill.md are those of the matrix, and a kernel answers each as the script says.
. "$(dirname "$0")/lib.sh"
need jq

page=docs/packetdrill.md
run "$TWPROBE" matrix --format=json --matrix=packetdrill
exits 'the matrix: exit 0' 0
# "CELL ANSWER", as the scripts state it.
sed -n 's/^| .* | `.*` | `\([^`]*\)` | \([a-z-]*\) |$/\1 \2/p' $page | sort -u >"$work/told"
cells "$work/out" .cell | sort >"$work/asked"
is 'the page has each cell, and no other' "$(cut -d' ' -f1 "$work/told" | diff - "$work/asked")" ''
is 'and they agree' "$(cells "$work/out" 'select(.verdict != "agrees") | "\(.cell) \(.verdict): \(.reason)"')" ''
is 'the linux book decides each' "$(cells "$work/out" 'select(.expected.linux == null) | .cell')" ''
cells "$work/out" '"\(.cell) \(.answer)"' | sort >"$work/answered"

# What the page says of older kernels: "CELL SINCE UNTIL ANSWER".
sed -n 's/^| `\([^`]*\)` | \([0-9.]*\) | \([0-9.]*\) | \([a-z-]*\) |$/\1 \2 \3 \4/p' $page >"$work/older"
while read -r cell since until answer; do
	run "$TWPROBE" explain --kernel="$since" "$cell"
	matches "$since: $cell" "$(out)" "^linux +$(sed -n "s,^$cell ,,p" "$work/told"), "
	run "$TWPROBE" explain --kernel="$until" "$cell"
	matches "$until: $cell" "$(out)" "^linux +$answer, "
	echo "$cell $answer" >>"$work/before"
done <"$work/older"
is 'the kernel answers as the scripts say' \
	"$(sort "$work/told" "$work/before" | comm -13 - "$work/answered")" ''

# Every script of both suites is a row of the first table, or counted in the second.
is 'all scripts are there' "$(awk -F' *[|] *' '
	/^[|] (`[^|]*`)? *[|] (`[^|]*`)? *[|] `/ { google += $2 != ""; linux += $3 != "" }
	/^[|] `[^|]*[|] [0-9]+ [|] [0-9]+ [|]/ { google += $3; linux += $4 }
	END { print google, linux }' $page)" \
	"$(sed -n '/^repository has \([0-9]*\) scripts.*7\.3 has \([0-9]*\) .*/s//\1 \2/p' $page)"
finish
