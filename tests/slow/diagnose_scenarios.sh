#!/bin/bash
# The capture of every scenario, asked again: each command names its cell and can be given, and this kernel answers as it did in the
# capture. Only what no segment shows may make a difference.
. "$(dirname "$0")/../live/lib.sh"
need jq
need_root

for scenario in $("$TWPROBE" list scenarios); do
	rm -f "$work/capture"
	run "$TWPROBE_RELEASE" scenario "$scenario" --fast --pcap="$work/capture" -q
	# What a path needs, this kernel may not have.
	[ "$code" != 4 ] || { skip "$scenario is played" "$(out | tail -n 1)"; continue; }
	exits "$scenario is played" 0
	[ -e "$work/capture" ] || { skip "$scenario" 'its path leaves no capture'; continue; }
	run "$TWPROBE" diagnose --replay --format=json -q "$work/capture"
	cp "$work/out" "$work/records"
	is "$scenario: nothing on standard error" "$(err)" ''
	is "$scenario: each command names the cell, and else there is a reason" "$(jq -r 'select(.record == "encounter") |
		select(if .cell then .reproduce != "twprobe \(.cell)" else .reproduce != null or .reproduce_lacks == null end) |
		.frame' "$work/records")" ''
	for cell in $(jq -r 'select(.record == "replay") | .cell' "$work/records"); do
		run "$TWPROBE_RELEASE" explain "$cell"
		[ "$code" = 0 ] && [ "$(head -n 1 "$work/out")" = "$cell" ] || not_ok "$scenario: explain $cell" "$(out)" "$(err)"
	done
	# With tcp_max_tw_buckets=0 the server forgets its TIME_WAIT at once. No segment says so; nor who closed first in the others, nor
	# that a crossing SYN was no retransmission, nor what lies behind a gap.
	uncertain='no such result'
	case $scenario in tw-buckets | challenge-ack-limits | simultaneous-open | out-of-order | tw-rate-limit) uncertain=uncertain ;; esac
	# When all is over the crafted client resets, also where an ACK of its SYN was the last thing that came: Linux ignores that.
	its_own=
	[ $scenario != tw-timestamps-off ] || its_own=syn-sent/ack/seq-equal/ts-absent/ack+1
	is "$scenario: this kernel answers as in the capture" "$(jq -r --arg uncertain "$uncertain" --arg its_own "$its_own" '
		select(.record == "replay" and .cell != $its_own) |
		select(.result != "same" and .result != "explained" and .result != $uncertain) | "\(.result) \(.cell)"' "$work/records")" ''
done
finish
