#!/bin/bash
# The cells of docs/freebsd-suite.md are those of the matrix, and a kernel answers each as the book says.
. "$(dirname "$0")/lib.sh"
need jq

page=docs/freebsd-suite.md
run "$TWPROBE" matrix --format=json --matrix=freebsd-suite
exits 'the matrix: exit 0' 0
cells "$work/out" .cell | grep -v '/ipv6$' | sort >"$work/asked"
cells "$work/out" .cell | sed -n 's,/ipv6$,,p' | sort >"$work/asked-6"
sed -n 's/^| \(`rcv-.*\|`snippets.*\|\)| `\([^`]*\)` |$/\2/p; s/^|  |  | `\([^`]*\)` |$/\1/p' "$page" | sort -u >"$work/told"
is 'the page has a row for each cell, and no other' "$(diff "$work/told" "$work/asked")" ''
is 'over both families' "$(diff "$work/asked" "$work/asked-6")" ''
is 'every script of the suite has its row' \
	"$(sed -n '/`rcv-icmp/d; s/^| `rcv-.* | \([0-9]*\) | `.*/\1/p' "$page" | awk '{ scripts += $1 } END { print NR, scripts }')" '187 614'
is 'and so has every way into a state' \
	"$(sed -n 's/^| `snippets[^|]* | \([0-9]*\) | `[^|]*` |$/\1/p' "$page" | awk '{ scripts += $1 } END { print NR, scripts }')" '16 28'
is 'and the scripts about ICMP' \
	"$(sed -n 's/^| `rcv-icmp[^|]* | \([0-9]*\) | `[^|]*` |$/\1/p' "$page" | awk '{ scripts += $1 } END { print NR, scripts }')" '4 8'
is 'with those that are no cells they are all' \
	"$(sed -n 's/^| `[^|]* | \([0-9]*\) | .*/\1/p' "$page" | awk '{ scripts += $1 } END { print scripts }')" 1103
is 'and they agree' "$(cells "$work/out" 'select(.verdict != "agrees") | "\(.cell) \(.verdict): \(.reason)"')" ''
finish
