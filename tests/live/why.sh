#!/bin/bash
# twprobe why: what the kernel says of a cell, as root and without; nothing is left behind.
. "$(dirname "$0")/lib.sh"
need setpriv jq
need_root
mounts() { grep -cE 'tracefs|debugfs' /proc/self/mountinfo; }
events() { cat /sys/kernel/tracing/events/{sock/inet_sock_set_state,tcp/tcp_send_reset,skb/kfree_skb}/enable 2>/dev/null; }
mounts_before=$(mounts) events_before=$(events)
section() { sed -n "/^$1/,/^\$/p" <<<"$text"; }
why() { # NAME ARGUMENTS...
	name=$1
	shift
	run "$TWPROBE" why "$@"
	exits "$name: exit code" 0
	text=$(out)
}

why 'SYN in ESTABLISHED' --state=established
matches "$name: a challenge ACK" "$(section Counters)" '^ *TcpExt\.TCPChallengeACK +\+1$'
matches "$name: for a SYN" "$(section Counters)" '^ *TcpExt\.TCPSYNChallenge +\+1$'
matches "$name: the socket stays" "$(section 'The subject')" 'after +established'

why 'old SYN without timestamp in TIME_WAIT' --seq-below --ts-absent
holds "$name: not a challenge ACK" eval '! grep -qi challenge <<<"$(section Counters)"'
matches "$name: an ACK was sent all the same" "$(section Counters)" '^ *Tcp\.OutSegs +\+1$'
matches "$name: the timer" "$(section 'The subject')" 'did not restart the timer'

why 'SYN that PAWS rejects in TIME_WAIT' --seq-above --ts-below
holds "$name: not a challenge ACK" eval '! grep -qi challenge <<<"$(section Counters)"'
matches "$name: PAWS" "$(section Counters)" 'PAWS[A-Za-z]* +\+1$'
matches "$name: the timer" "$(section 'The subject')" 'stimulus restarted the timer'
matches "$name: before, less than a minute was left" "$(section 'The subject')" 'before .*TIME_WAIT, 5[0-9]\.[0-9]+ s left'

why 'RST in TIME_WAIT' --segment=rst --seq-equal --ts-absent
matches "$name: the socket is gone" "$(section 'The subject')" 'after +closed'

# The tracepoints show the whole machine; beside other labs at work some of it is lost to them, so they have some tries.
# seen_within TRIES SECTION PATTERN: in the output of the last `why` or of another try
seen_within() {
	local try
	for ((try = 1; try <= $1; try++)); do
		section "$2" | grep -qE -- "$3" && return
		run "$TWPROBE" why "${arguments[@]}"
		text=$(out)
	done
	out
	return 1
}
arguments=(--state=listen --segment=ack)
why 'ACK in LISTEN' "${arguments[@]}"
# A machine without tracefs, as some containers are: each part says so, and the rest is there.
if ! { section State; section Resets; section Segments; } | grep -q 'not seen'; then
	holds "$name: the reset is seen" seen_within 10 Resets '^ +[+-][0-9.]+ us'
	arguments=(--state=established)
	why 'SYN in ESTABLISHED' "${arguments[@]}"
	holds "$name: the way to the state" seen_within 10 State 'SYN_RECV -> ESTABLISHED'
	holds "$name: the drop reason" seen_within 10 Segments 'TCP_INVALID_SYN at '
else
	skip 'tracepoints' 'no tracefs with these events here'
fi
is 'no tracefs is left mounted' "$(mounts)" "$mounts_before"
is 'no trace event is left on' "$(events)" "$events_before"

cp "$TWPROBE" "$work/twprobe"
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all --)
if "${nobody[@]}" unshare -Urn true 2>/dev/null; then
	run "${nobody[@]}" "$work/twprobe" why --state=established
	exits 'as a user: exit code' 0
	text=$(out)
	for part in Functions State Resets Segments; do
		matches "as a user, $part: says what is missing" "$(section $part | tr '\n' ' ')" 'not seen: .*root'
	done
	matches 'as a user: the counters are there' "$(section Counters)" 'TCPChallengeACK +\+1$'
	matches 'as a user: the socket is there' "$(section 'The subject')" 'before +established'
else
	skip 'as a user' 'this system allows no unprivileged user namespace'
fi

run "$TWPROBE" why 127.0.0.1:8888
exits 'a target is refused' 2
run "$TWPROBE" why --format=tap
exits 'a format is refused' 2

run "$TWPROBE" why closed/syn/seq-equal/ts-absent --format=svg
exits 'as a picture' 0
is 'as a picture: the segments, and below what the kernel told' "$(python3 - "$work/out" <<'P'
import sys, xml.etree.ElementTree as tree
texts = ["".join(text.itertext()) for text in tree.parse(sys.argv[1]).getroot().iter("{http://www.w3.org/2000/svg}text")]
print(sum("stimulus" == text.strip().split(" ")[-1] for text in texts), sum(text.startswith("Tcp.OutRsts +") for text in texts),
      sum(text.startswith("State transitions") for text in texts))
P
)" '1 1 1'
run "$TWPROBE" why --state=established --format=json
exits 'as records: exit code' 0
evidence() { jq -r "select(.record == \"evidence\") | $1" "$work/out"; }
is 'as records: the evidence comes before the summary' "$(jq -r .record "$work/out" | paste -sd' ')" 'run cell evidence summary'
is 'as records: whose it is' "$(evidence .cell)" "$(cells "$work/out" .cell)"
is 'as records: the counters' "$(evidence '.counters["TcpExt.TCPChallengeACK"]')" 1
is 'as records: the socket' "$(evidence '[.before.state, .after.state] | join(" ")')" 'established established'
is 'as records: each part is there, or the reason why not' \
	"$(evidence '. as $all | .missing | to_entries[] | select((.value == null) == ($all[.key] == null)) | .key')" ''
matches 'as records: the rule' "$(evidence .citation)" '^tcp_validate_incoming\(\)'
# tests/slow/why_functions.sh has kernels that allow it.
if [ "$(evidence '.functions | type')" = array ]; then
	matches 'as records: functions' "$(evidence '.functions[].name' | paste -sd' ')" '^tcp_v4_rcv .*tcp_send_challenge_ack'
else
	matches 'as records: why no functions' "$(evidence .missing.functions)" '^(this kernel|user-mode Linux) '
fi
finish
