#!/bin/bash
# twprobe scenario: every one in the lab, twice with the same result, in time; what tshark sees of two of them; a file that
# is wrong, one that expects what does not happen.
. "$(dirname "$0")/lib.sh"
need tshark jq

# What was observed, without times and numbers of chance.
essence() {
	jq -c 'select(.record == "scenario") | [.scenario, .verdict, .reason, [.steps[] | [.played, .left_out, [.checks[]
		| [.check, .expected, .holds]]]], [.cells[] | [.cell, .answer, .isn]]]' "$1"
}
# Most of it is waiting: the first round goes on behind the second. One of its processes is killed, and Ctrl-C ends another run.
background "$TWPROBE" scenario --all --format=json --workers=3
first=${background[-1]}
# The process of a scenario that is being played has a child of its own, its lab. One that stands still and has one will not have
# told how its scenario went when it is killed.
playing() {
	for player in $(ps -o pid= --ppid "$first"); do
		kill -STOP "$player" 2>/dev/null || continue
		! ps -o pid= --ppid "$player" >"$work/labs" || return 0
		kill -CONT "$player"
	done
	return 1
}
holds 'a process that plays a scenario is there' wait_until 20 playing
kill -KILL "$player"
timeout --preserve-status --kill-after=5 -s INT 2.5 "$TWPROBE" scenario --all --format=json --workers=2 >"$work/out" 2>"$work/err"
is 'Ctrl-C: exit code' $? 130
is 'Ctrl-C: one summary' "$(tail -n 1 "$work/out" | jq -r '"\(.record) \(.interrupted)"')" 'summary true'
is 'Ctrl-C: nothing is said' "$(err)" ''
run "$TWPROBE" scenario --all --format=json
exits 'all scenarios, round 2, eight at a time' 0
essence "$work/out" >"$work/round2"
wait "$first"
is 'all scenarios, round 1, three at a time: exit code' $? 0
matches 'the process that was killed is replaced' "$(grep -v '^{' "$work/background.0")" '^twprobe: note: .* killed .*: it is played again$'
grep '^{' "$work/background.0" >"$work/first"
essence "$work/first" >"$work/round1"
echo "# they took $(jq 'select(.record == "summary") | .seconds' "$work/first" "$work/out" | tr '\n' ' ')s"
is 'both rounds saw the same' "$(diff "$work/round1" "$work/round2")" ''
is 'all scenarios that there are' "$(jq -r 'select(.record == "scenario") | .scenario' "$work/out")" \
	"$(basename -s .yaml cases/scenarios/*.yaml | LC_ALL=C sort)"
is 'each has a conclusion' "$(jq -r 'select(.record == "scenario" and .conclusion == null and .verdict != "skipped") | .scenario' "$work/out")" ''
is 'a client that waits 1 s waits 1 s' "$(jq -c 'select(.scenario == "tw-illegal-syn") | [.ladder[] | select(.flags == "S")] |
	.[2].us - .[1].us | . > 1000000 and . < 3000000' "$work/out")" true
is 'the clock of ISNs is 64 ns' "$(jq -r 'select(.scenario == "isn-clock") | .steps[0].observed' "$work/out" |
	grep -cE '^one each (63\.9[5-9]|64\.0[0-5]) ns')" 1
run "$TWPROBE" scenario tw-illegal-syn --fast
exits '--fast' 0
matches '--fast says that it does not wait' "$(out)" 'a real client would wait 1 s here; --fast does not'
matches 'the ladder has both ends' "$(out)" 'syn-sent +<-- A snd_nxt ack rcv_nxt +<-- time-wait'
matches 'the conclusion' "$(out)" '^conclusion: The SYN below rcv_nxt got the ACK of the old connection'

# What tshark prints for the frames, as in the notes.
for name in tw-illegal-syn close-wait-collision; do
	run "$TWPROBE" scenario $name -q --pcap="$work/$name.pcap"
	exits "$name with --pcap" 0
	notes=$(tshark -n -r "$work/$name.pcap" -T fields -e tcp.flags.str -e _ws.expert.message 2>/dev/null | tr -d '·')
	matches "$name: TCP Port numbers reused" "$notes" '^S.*same ports as an earlier session'
	matches "$name: ACKed unseen segment" "$notes" '^A.*ACKed segment that wasn.t captured'
	matches "$name: the RST" "$notes" '^R.*Connection reset \(RST\)'
	matches "$name: the retransmitted SYN" "$notes" '^S.*\(suspected\) retransmission'
	is "$name: nothing malformed" "$(tshark -n -r "$work/$name.pcap" -Y _ws.malformed 2>/dev/null)" ''
done

# A file that expects what does not happen.
sed 's/expect: ack/expect: rst/' cases/scenarios/tw-illegal-syn.yaml >"$work/sabotaged.yaml"
run "$TWPROBE" scenario "$work/sabotaged.yaml" --fast
exits 'an answer that is not the expected one' 1
matches 'which step, what was expected, what was observed' "$(out | tr '\n' ' ' | tr -s ' ')" \
	'verdict: differs: step 2 \(send syn, seq-below, ts-absent; line [0-9]+\): answer: expected rst, observed ack'
sed 's/state: closed/state: time-wait/' cases/scenarios/tw-illegal-syn.yaml >"$work/sabotaged.yaml"
run "$TWPROBE" scenario "$work/sabotaged.yaml" --fast
exits 'a state that is not the expected one' 1
matches 'the state it is in' "$(out | tr '\n' ' ' | tr -s ' ')" 'state: expected time-wait, observed closed'
if grep -q "The client's reset ended TIME_WAIT" "$work/out"; then not_ok 'no conclusion from what was not seen' "$(out)"
else ok 'no conclusion from what was not seen'; fi
run "$TWPROBE" scenario "$work/sabotaged.yaml" --fast --format=tap
matches 'TAP: not ok' "$(out)" '^not ok 1 - tw-illegal-syn'
sed 's/reach: time-wait/reach: time-weight/' cases/scenarios/tw-illegal-syn.yaml >"$work/wrong.yaml"
run "$TWPROBE" scenario "$work/wrong.yaml"
exits 'a file that is wrong' 2
matches 'its place and what would be right' "$(err)" '^twprobe: .*/wrong.yaml:[0-9]+:[0-9]+: reach: .time-weight. is not a state; expected closed, listen'
run "$TWPROBE" scenario
exits 'no name' 2
run "$TWPROBE" scenario tw-none
exits 'an unknown name' 2
matches 'the names there are' "$(err)" 'there are accept-queue, .*, and others'
run "$TWPROBE" list
matches 'twprobe list has them' "$(out)" '^  tw-rate-limit +Six illegal SYNs'

finish
