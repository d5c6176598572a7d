#!/bin/bash
# The whole matrix over routers that drop by chance, on either side of which everything is heard; and against a target behind a
# network that delays or loses, whose far side is heard (--far). Nothing wrong, and nothing said of the path that did not
# happen. paths.sh [NAME...]
. "$(dirname "$0")/../live/lib.sh"
. "$(dirname "$0")/lib.sh"
need jq ip
matrix=(--matrix=all ${ONLY:+--only="$ONLY"})
lab_truth "$work/truth" "${matrix[@]}"
limit=${LIMIT:-3000}
wanted=("$@")
skips() { [[ ${#wanted[@]} != 0 && " ${wanted[*]} " != *" $1 "* ]]; }
# judge_over NAME: the names of cells without the path, as in the truth
judge_over() {
	sed 's|/path=[^/"]*||' "$work/out" >"$work/over"
	judge "$1" "$work/over" "$work/truth"
	holds "$1: less than 1 % inconclusive" awk -v n="$unsure" -v all="$(cells "$work/over" .number | wc -l)" \
		'BEGIN { exit !(100 * n < all) }'
}
# chance NAME PERCENT [RULES]: drops on the way there, and on the way back
chance() {
	skips "$1" && return
	cat >"$work/chance.nft" <<-N
		table inet t {
			chain forward {
				type filter hook forward priority 0;
				iifname "eth0" numgen random mod 100 < $2 drop
				iifname "eth1" numgen random mod 100 < $2 drop
			}
			${3:-}
		}
	N
	run "$TWPROBE" matrix "${matrix[@]}" --path="$work/chance.nft" --format=json -q
	judge_over "$1"
}
chance router-loss-5 5
chance router-loss-20 20
chance conntrack-loss-5 5 'chain c { type filter hook input priority 0; ct state new accept; }'

relay_program=$root/build/release/reliability/relay
around_a_relay
serve "$far" 8888 "$TWPROBE" serve 8888
# network NAME ARGUMENTS-OF-RELAY...
network() {
	skips "$1" && return
	local name=$1
	shift
	behind "$@" seed="${SEED:-1}"
	run in_near "$TWPROBE" matrix "${matrix[@]}" --far="$far:wire" --rate=max --in-flight="${IN_FLIGHT:-1000}" --timeout=400ms \
		--format=json -q $far_v4:8888
	judge_over "$name"
	echo "# $name: $(cells "$work/out" '[.path.stimulus, .path.answer_from] | tostring' | sort | uniq -c | tr -s ' \n' ' ')"
	[ "$name" = far-loss-5 ] || is "$name: the path dropped nothing, and answered nothing" \
		"$(cells "$work/out" 'select(.path.stimulus == "stopped" or .path.answer_from == "stopped" or .path.answer_from == "router") |
			"\(.cell) \(.path.says)"' | head -n 5)" ''
	stop "$relay"
	relay=
}
network far-good
network far-delay-50 delay=50 jitter=20
network far-loss-5 loss=0.05
finish
