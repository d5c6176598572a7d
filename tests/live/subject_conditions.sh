#!/bin/bash
# What the subject's process and its host make of the answers: every cell of the matrix `conditions`, and what each condition shows.
. "$(dirname "$0")/lib.sh"
need jq

answers() { # CELL: answer, and the state after
	cells "$work/out" "select(.cell == \"$1\") | \"\(.answer) \(.state_after)\""
}

run "$TWPROBE" matrix --format=json --matrix=conditions --in-flight=800
exits 'exit code' 0
is 'no cell differs, is inconclusive or skipped' "$(cells "$work/out" \
	'select(.verdict != "agrees") | "\(.cell) \(.verdict) \(.reason)"' | head -n 5)" ''
is 'unread data: a FIN is taken all the same' "$(answers established/fin-ack/seq-equal/ts-above/unread=256)" 'ack close-wait'
is 'unread data: an ACK behind it updates the window' "$(answers established/ack/seq-equal/ts-100/opening-active/unread=100)" \
	'ack established'

is 'the same ACK twice: the second is not answered' "$(answers established/ack/seq-below/ts-above/twice=0)" 'silence established'
is 'after the rate limit it is' "$(answers established/ack/seq-below/ts-above/twice=600)" 'ack established'
is 'the first answer is on record' "$(cells "$work/out" \
	'select(.cell == "established/ack/seq-below/ts-above/twice=0") | .first_answer')" ack
is 'the fields of the second answer are judged: it has what the first one left' "$(cells "$work/out" \
	'select(.cell == "established/data/seq-equal/ts-above/twice=0") | .fields | "\(.ack.expected) \(.sack.expected)"')" \
	'rcv_nxt+10 rcv_nxt..rcv_nxt+10'
is 'a SYN-ACK goes out a second time' "$(answers listen/syn/seq-equal/ts-above/twice=0)" 'syn-ack syn-recv'

is 'no room to accept: the last ACK is dropped' "$(answers syn-recv/ack/seq-equal/ts-equal/queue-accept-full)" 'silence syn-recv'
is '... or reset' "$(answers syn-recv/ack/seq-equal/ts-equal/queue-accept-full/tcp_abort_on_overflow=1)" 'rst closed'
is 'no room for half-open connections: a cookie' "$(answers listen/syn/seq-equal/ts-above/queue-syn-full)" 'syn-ack listen'
is '... or nothing' "$(answers listen/syn/seq-equal/ts-above/queue-syn-full/tcp_syncookies=0)" 'silence listen'

is 'deferred accept: an ACK without data is dropped' "$(answers syn-recv/ack/seq-equal/ts-equal/defer-accept)" 'silence syn-recv'
is 'the ACK of a SYN cookie' "$(answers syn-recv/ack/seq-equal/ts-above/tcp_syncookies=2)" 'silence established'

is 'TCP_LINGER2 of -1: no FIN_WAIT_2' "$(answers fin-wait-1/ack/seq-equal/ts-above/linger2=0)" 'rst closed'

is 'a listener that wants a higher TTL: a SYN from afar removes TIME_WAIT, and gets nothing' "$(answers \
	time-wait/syn/seq-above/ts-above/min-ttl=64/ttl=63)" 'silence closed'

run "$TWPROBE" matrix --format=json --matrix=ecn --only='established/*'
exits 'ECN: exit code' 0
is 'marked data: ECE, where both ends agreed' "$(cells "$work/out" 'select(.cell | test("^established/data/seq-equal/ts-equal/.*ecn-ce$"))
	| "\(.cell | test("conn-ecn")) \(.fields.flags.observed)"')" $'true AE\nfalse A'

run "$TWPROBE" matrix --format=json --matrix=receive-window --in-flight=800
exits 'receive windows: exit code' 0
is 'none differs, is inconclusive or skipped, but for a kernel that takes nothing back' "$(cells "$work/out" \
	'select(.verdict != "agrees" and (.reason | test("no sysctl tcp_shrink_window") | not)) | "\(.cell) \(.verdict) \(.reason)"' |
	head -n 5)" ''
is 'a closed window: what comes next is not taken' "$(cells "$work/out" 'select(.cell ==
	"established/data/seq-equal/ts-above/rcv-wnd-closed") | "\(.answer) \(.fields.ack.observed) \(.fields.window.observed)"')" \
	'ack rcv_nxt 0'
is 'the window that the condition is about is on record' "$(cells "$work/out" \
	'select(.cell | test("rcv-wnd-closed")) | .baseline.rcv_wnd' | sort -u)" 0

# Whoever cannot make these conditions says so, and leaves none out silently.
for condition in established/data/seq-equal/ts-above/rcv-wnd-closed fin-wait-1/ack/seq-equal/ts-above/linger2=0; do
	run "$TWPROBE" export $condition
	matches "no script without it: $condition" "$(cat "$work/out" "$work/err")" "no script of $condition: its "
done

refused() { # NAME CELL MESSAGE
	run "$TWPROBE" "$2"
	exits "$1: exit code" 2
	matches "$1" "$(err)" "$3"
}

refused 'a close() with unread data' time-wait/syn/seq-above/ts-above/unread=1 'time-wait cannot be reached, because the close\(\)'
refused 'a close() with SO_LINGER' time-wait/syn/seq-above/ts-above/linger-zero 'time-wait cannot be reached, because close\(\)'
finish
