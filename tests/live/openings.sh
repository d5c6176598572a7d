#!/bin/bash
# Subjects without a connection, half-closed ones, those that connect, and those whose listener has gone: in the lab.
. "$(dirname "$0")/lib.sh"
need jq

# agree NAME ARGUMENTS: every cell as linux says, in the state that its name says, by the witness.
agree() {
	local name=$1
	shift
	run "$TWPROBE" matrix --format=json "$@"
	exits "$name: exit code" 0
	is "$name: no cell differs, is inconclusive or skipped" "$(cells "$work/out" \
		'select(.verdict != "agrees") | "\(.cell) \(.verdict) \(.reason)"' | head -n 5)" ''
	is "$name: the kernel was in the state of the cell" "$(cells "$work/out" \
		'select(.state_before != (.cell | split("/")[0])) | "\(.cell) \(.state_before)"' | head -n 5)" ''
	is "$name: nothing was sent again" "$(jq -r 'select(.record == "summary") | .resent' "$work/out")" 0
}

answers() { # CELL: answer, and the state after
	cells "$work/out" "select(.cell == \"$1\") | \"\(.answer) \(.state_after)\""
}

agree 'no connection, half closed' --matrix=closed --matrix=syn-sent --matrix=half --only='*/*/seq-equal/*'
is 'a SYN-ACK for its SYN' "$(answers syn-sent/syn-ack/seq-equal/ts-equal/ack+1)" 'ack established'
is 'a SYN-ACK for another SYN' "$(answers syn-sent/syn-ack/seq-equal/ts-equal)" 'rst syn-sent'
is 'a SYN crosses its SYN' "$(answers syn-sent/syn/seq-equal/ts-equal/ipv6)" 'syn-ack syn-recv'
is 'data after shutdown(SHUT_WR)' "$(answers fin-wait-1-half/data/seq-equal/ts-above/ack-1)" 'ack fin-wait-1-half'
agree 'other openings, no listener' --matrix=openings --matrix=no-listener --only='[est]*/[as]*/seq-equal/ts-above/*'
is 'nobody is left to take the SYN' "$(answers time-wait/syn/seq-equal/ts-above/no-listener)" 'ack time-wait'
is 'somebody listens where it connected from' "$(answers time-wait/syn/seq-equal/ts-above/opening-active)" 'syn-ack syn-recv'
is 'SYNs that crossed' "$(answers syn-recv/ack/seq-equal/ts-above/opening-simultaneous)" 'silence established'
finish
