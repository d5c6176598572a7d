#!/bin/bash
# The parts of scenarios that wait for the kernel's own timers: the life of TIME_WAIT, seen from outside.
. "$(dirname "$0")/../live/lib.sh"
need jq
limit=600
run "$TWPROBE" scenario tw-lifetime --slow --format=json
exits 'tw-lifetime --slow' 0
is 'no part was left out' "$(jq -c 'select(.record == "scenario") | [.steps[] | select(.played | not)] | length' "$work/out")" 0
matches 'from outside TIME_WAIT lasts 60 s, which the kernel keeps to about 2 s' \
	"$(jq -r 'select(.record == "scenario") | .steps[] | select(.id == "life") | .observed' "$work/out")" \
	'^between (59|6[0-3])\.[0-9] s and 6[0-4]\.[0-9] s$'
matches 'a SYN that PAWS rejects after 10 s makes it 70 s' \
	"$(jq -r 'select(.record == "scenario") | .steps[] | select(.id == "longer") | .observed' "$work/out")" \
	'^between (69|7[0-3])\.[0-9] s and 7[0-5]\.[0-9] s$'
run "$TWPROBE" scenario tw-old-rst --slow --format=json
exits 'tw-old-rst --slow: an exact RST with an old timestamp ends a TIME_WAIT that is older than a minute' 0
is 'no part was left out' "$(jq -c 'select(.record == "scenario") | [.steps[] | select(.played | not)] | length' "$work/out")" 0
finish
