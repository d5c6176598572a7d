#!/bin/bash
# A thousand random stops of the process over full matrices in the lab, with 256 and with 6,000 in flight: no hang, nothing
# wrong, and no cell explained by what did not happen.
. "$(dirname "$0")/../live/lib.sh"
. "$(dirname "$0")/lib.sh"
need jq python3
need_root
stops=${STOPS:-1000}
lab_truth "$work/truth" --matrix=all
for in_flight in ${IN_FLIGHT:-256 6000}; do
	name="$stops stops, $in_flight in flight"
	python3 tests/reliability/stops.py "$stops" "${SEED:-1}" "$work/stops" \
		"$TWPROBE" matrix --matrix=all --in-flight="$in_flight" --repeat=3 --format=json -q >"$work/counts" 2>"$work/err"
	echo "$name: $(cat "$work/counts")"
	is "$name: no hang, no crash" "$(grep '^#' "$work/err")" ''
	judge "$name" "$work/stops" "$work/truth"
	# A stop may cost a cell its answer. What it must not do is be told as something that the subject did.
	is "$name: nothing is explained by what did not happen" "$(cells "$work/stops" '.reason // "" |
		select(test("does not close first|never saw|refused|port is closed|no answer to the SYN|reset the connection"))' |
		sort | uniq -c | head -n 5)" ''
done
finish
