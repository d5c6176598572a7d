#!/bin/bash
# The whole matrix against `twprobe serve` behind networks that lose, repeat, reorder, delay and spoil frames, in both
# directions: nothing wrong, and less than one cell in a hundred inconclusive. networks.sh [NAME...]
. "$(dirname "$0")/../live/lib.sh"
. "$(dirname "$0")/lib.sh"
need jq ip python3
relay_program=$root/build/release/reliability/relay
around_a_relay
serve "$far" 8888 "$TWPROBE" serve 8888
matrix=(--matrix=all ${ONLY:+--only="$ONLY"})
lab_truth "$work/truth" "${matrix[@]}"
limit=${LIMIT:-3000}
# network NAME ARGUMENTS-OF-RELAY...
network() {
	local name=$1
	shift
	[[ " ${wanted[*]} " == *" $name "* || ${#wanted[@]} = 0 ]] || return 0
	behind "$@" seed="${SEED:-1}"
	run in_near "$TWPROBE" matrix "${matrix[@]}" --rate=max --in-flight="${IN_FLIGHT:-1000}" --timeout="${TIMEOUT:-400ms}" --format=json -q $far_v4:8888
	judge "$name" "$work/out" "$work/truth"
	holds "$name: less than 1 % inconclusive" awk -v n="$unsure" -v all="$(cells "$work/out" .number | wc -l)" \
		'BEGIN { exit !(100 * n < all) }'
	stop "$relay"
	echo "# $name: $(tail -n 1 "$work/background.$((${#background[@]} - 1))")"
	relay=
}
wanted=("$@")
network good
network loss-5 loss=0.05
network loss-20 loss=0.20
network repeat-10 repeat=0.10
network reorder-10 reorder=0.10
network delay-50 delay=50 jitter=20
network corrupt-5 corrupt=0.05
finish
