#!/bin/bash
# One cell in the lab: what it prints for a person, what its record says, the cell that each option names, its speed.
. "$(dirname "$0")/lib.sh"
need jq

run "$TWPROBE" --seq-below --ts-above
exits 'seq below, ts above: the kernel does as linux says' 0
text=$(out)
matches 'it names the cell' "$text" 'time-wait/syn/seq-below/ts-above'
matches 'it says syn-ack, ISN continued' "$text" '[Ss][Yy][Nn]-[Aa][Cc][Kk].*continued'
matches 'it says what the socket holds afterwards' "$text" '^holds: +retransmission timer, [01](\.[0-9]+)? s left$'
matches 'linux agrees' "$text" '^linux: +SYN-ACK continued \(as seen\)'
matches 'folk differs' "$text" '^folk: +ACK \(otherwise\)'
matches 'the verdict' "$text" '^verdict: +agrees'
matches 'it cites the kernel function' "$text" 'tcp_timewait_state_process'
matches 'its fields are judged' "$text" '^fields: +flags, seq, ack, options, tsecr, tsval, window'
holds 'no colour when piped' eval '! grep -q $'"'\\033'"' "$work/out"'
is 'nothing on stderr' "$(err)" ''

run "$TWPROBE" --seq-below --ts-above --format=json
exits 'the same as JSON' 0
holds 'every line is a JSON object with "record"' jq -e '.record | type == "string"' "$work/out"
is 'records in order' "$(jq -r .record "$work/out" | tr '\n' ' ')" 'run cell summary '
is 'the run names the kernel' "$(jq -r 'select(.record == "run") | .kernel' "$work/out")" "$(uname -r)"
is 'the cell' "$(cells "$work/out" '[.cell, .answer, .isn, .verdict, .expected.linux, .expected.folk,
	.state_before, .state_after, .sent.flags, .received[0].flags] | join(" ")')" \
	'time-wait/syn/seq-below/ts-above syn-ack continued agrees syn-ack ack time-wait syn-recv S SA'
holds 'each field has what is expected and what was observed' jq -es 'map(select(.record == "cell"))[0].fields
	| .seq.observed == "snd_nxt+65537" and .tsecr.expected == "ts_recent+1000" and all(.expected and .observed)
	and all(.[]; has("holds") | not)' "$work/out"
holds 'the stimulus is the baseline and its offsets' jq -es 'map(select(.record == "cell"))[0]
	| (4294967296 + .sent.seq - .baseline.rcv_nxt) % 4294967296 == 4294967296 - 1000
	and (4294967296 + .sent.tsval - .baseline.ts_recent) % 4294967296 == 1000' "$work/out"
holds 'the answer acknowledges and echoes it, its ISN is snd_nxt + 65537' jq -es 'map(select(.record == "cell"))[0]
	| .received[0].ack == (.sent.seq + 1) % 4294967296 and .received[0].tsecr == .sent.tsval
	and .received[0].seq == (.baseline.snd_nxt + 65537) % 4294967296' "$work/out"

# Options and the cell they name.
names() {
	local wanted=$1
	shift
	run "$TWPROBE" --format=json "$@"
	is "$* is $wanted" "$(cells "$work/out" .cell; [ "$code" = 0 ] || err)" "$wanted"
}
names time-wait/syn/seq-above/ts-above
names time-wait/syn/seq-below/ts-above --seq-below=1000
names time-wait/syn/seq-1/ts-above --seq-below=1
names time-wait/syn/seq-1000/ts-above --seq=-1000
names time-wait/syn/seq+1000/ts+7 --seq=1000 --ts=+7
names time-wait/syn/seq-equal/ts-equal --seq=0 --ts=0
names time-wait/syn/seq-equal/ts-equal --seq-equal --ts-equal
names time-wait/syn/seq+2^30/ts-absent --seq=+2^30 --ts-absent
names time-wait/syn/seq+2^31-1/ts-zero --seq=+2^31-1 --ts-zero
names time-wait/syn/seq+wnd-1/ts-above --seq=wnd-1
names time-wait/syn/seq+wnd/ts-above --seq=wnd
names time-wait/rst/seq-equal/ts-absent --segment=rst --seq-equal --ts-absent
names time-wait/syn/seq-above/ts-absent/conn-ts-off --ts-absent --connection-timestamps=off
names time-wait/rst/seq-equal/ts-absent/tcp_rfc1337=1 --segment=rst --seq-equal --ts-absent --sysctl tcp_rfc1337=1
names time-wait/syn/seq-above/ts-above/ipv6 --ipv6
names time-wait/ack/seq-equal/ts-above/ack+1 --segment=ack --seq-equal --ack=+1
names time-wait/syn/seq-above/ts-above/tcp_timestamps=0@probe --sysctl-at-probe tcp_timestamps=0

run "$TWPROBE" --seq-below --ts-above --expect=folk
exits 'held against the folk rule, the cell differs' 1
run "$TWPROBE" --seq-below --ts-above --expect=none
exits 'held against no rule book, it agrees' 0

# Several, each once, in their order; a matrix of them.
several=(listen/ack/seq-equal/ts-absent time-wait/syn/seq-below/ts-above listen/ack/seq+0/ts-absent)
run "$TWPROBE" "${several[@]}"
exits 'several cells' 0
is 'several cells: a ladder of each' "$(out | grep -oE '^[^ ]+, kernel')" $'listen/ack/seq-equal/ts-absent, kernel\ntime-wait/syn/seq-below/ts-above, kernel'
run "$TWPROBE" matrix -q "${several[@]}"
is 'several cells as a matrix' "$(out)" '2 cells: 2 agree with linux, 0 differ, 0 inconclusive, 0 skipped.'
run "$TWPROBE" "${several[@]}" --format=svg
exits 'a picture of several' 2
if [ -w /dev/full ]; then
	run bash -c 'exec "$0" --format=png >/dev/full' "$TWPROBE"
	exits 'a picture on a full disk' 4
	is 'a picture on a full disk: what and why' "$(err)" 'twprobe: cannot write the picture to standard output: No space left on device'
fi

finish
