#!/bin/bash
# twprobe diagnose --replay: the same kernel gives the answers that it gave in the capture; an answer that was changed is found,
# and nothing else; at a target as in the lab; and what it says without privileges. The commands that reproduce an encounter ask
# the same cell.
. "$(dirname "$0")/lib.sh"
need jq python3 setpriv

# records FILE KIND EXPRESSION: of the records of that kind
records() { jq -r "select(.record == \"$2\") | $3" "$1"; }

# Everything that a matrix asked, asked again. What is read of it more than once is split by kind, and in columns.
run "$TWPROBE_RELEASE" matrix --matrix=all --pcap="$work/all.pcap" -q
run "$TWPROBE_RELEASE" diagnose --replay --format=json -q "$work/all.pcap"
is 'the whole matrix asked again: nothing on standard error' "$(err)" ''
is 'the summary is the last record' "$(tail -n 1 "$work/out" | cut -c 1-19)" '{"record":"summary"'
grep '^{"record":"replay' "$work/out" >"$work/replay"
grep '^{"record":"encounter"' "$work/out" | jq -r '[.to, .cell // "none", .reproduce // "none", .reproduce_same, .reproduce_lacks] |
	map(tostring) | join("|")' >"$work/encounters"
# The crafted client is an end, too, and not one of Linux: what only it met may differ.
grep -v '^[^|]*:8888|' "$work/encounters" | cut -d'|' -f2 | sort -u >"$work/of_client"
jq -r 'select(.record == "replay") | "\(.result) \(.state) \(.encounters) \(.cell)"' "$work/replay" >"$work/results"
is 'no cell of the server differs' \
	"$(grep -E '^(differs|uncertain|unanswered)' "$work/results" | cut -d' ' -f4 | sort | comm -23 - "$work/of_client")" ''
is 'nor does the same state of a closed and of a held descriptor count as a difference' \
	"$(awk '$1 == "explained" { print $2 }' "$work/results" | sort -u)" fin-wait-2
holds 'there were enough of them' [ "$(records "$work/replay" replay_summary .same)" -gt 2000 ]
is 'each cell once' "$(cut -d' ' -f4 "$work/results" | sort | uniq -d)" ''
is 'each encounter is in it' "$(awk '{ n += $3 } END { print n }' "$work/results")" "$(grep -vc '|none|' "$work/encounters")"
is 'or counted' "$(records "$work/replay" replay_summary .without_cell)" "$(grep -c '|none|none|' "$work/encounters")"

# What the lines "ask again" say.
is 'each command names the cell' "$(awk -F'|' '$2 != "none" && $3 != "twprobe " $2' "$work/encounters")" ''
is 'each encounter has a command, or the reason why there is none' \
	"$(awk -F'|' '($2 == "none") != ($3 == "none") || ($2 == "none" && $5 == "null")' "$work/encounters")" ''
# In SYN-SENT the TSecr decides (tcp_rcv_synsent_state_process()), so that without it the same is not asked.
is 'of a matrix, a command repeats all but TSecr' "$(grep -v -e '|none|' "$work/encounters" | cut -d'|' -f4- |
	sort -u | grep -v -e '^true|null$' -e '^true|its TSecr$')" ''
for command in $(cut -d' ' -f4 "$work/results" | sort | awk 'NR % 100 == 0'); do
	run "$TWPROBE_RELEASE" explain "$command"
	[ "$code" = 0 ] && [ "$(head -n 1 "$work/out")" = "$command" ] || not_ok "explain $command" "$(out)" "$(err)"
done
ok 'a sample of the names can be given'
asked=0
for scenario in tw-illegal-syn close-wait-collision; do
	run "$TWPROBE" scenario $scenario --fast --pcap="$work/$scenario.pcap" -q
	run "$TWPROBE" diagnose --format=json "$work/$scenario.pcap"
	records "$work/out" encounter 'select(.certain and .reproduce and (.to | endswith(":8888"))) |
		"\(.reproduce)\t\(.answer)"' | sort -u >"$work/commands"
	while IFS=$'\t' read -r command answer; do
		run "$TWPROBE" ${command#twprobe } --format=json
		is "$scenario: $command" "$(cells "$work/out" .answer)" "$answer"
		asked=$((asked + 1))
	done <"$work/commands"
done
holds 'commands were run' [ $asked -ge 2 ]

# One answer of the capture is changed: the ACK by which TIME_WAIT refuses becomes a SYN-ACK that goes on from the old
# connection's numbers, which only a TIME_WAIT socket can. (A reset in its place would be that of a host which has forgotten the
# connection, an ACK in place of a SYN-ACK that of one where nobody listens any more: no differences that are certain.)
cell=time-wait/syn/seq-below/ts-below
run "$TWPROBE" matrix --pcap="$work/time-wait.pcap" -q
run "$TWPROBE" diagnose --format=json "$work/time-wait.pcap"
frames=$(records "$work/out" encounter "select(.cell == \"$cell\" and .answer == \"ack\") | \"\(.frame) \(.answered_by)\"" | head -n 1)
python3 - "$work/time-wait.pcap" ${frames:-0 0} >"$work/changed.pcap" <<'PY'
import struct, sys
data, at = bytearray(open(sys.argv[1], 'rb').read()), 24
stimulus, wanted, asked = int(sys.argv[2]), int(sys.argv[3]), None
for number in range(1, wanted + 1):
    size = struct.unpack_from('<I', data, at + 8)[0]
    frame, tcp = at + 16, at + 16 + 14 + 20
    if number == stimulus:
        asked = struct.unpack_from('>I', data, tcp + 4)[0]
    at += 16 + size
ip = frame + 14
assert data[frame + 12:ip] == b'\x08\x00' and data[ip] == 0x45 and data[tcp + 13] == 0x10
snd_nxt = struct.unpack_from('>I', data, tcp + 4)[0]
struct.pack_into('>II', data, tcp + 4, (snd_nxt + 65537) & 0xffffffff, (asked + 1) & 0xffffffff)
data[tcp + 13] = 0x12
struct.pack_into('>H', data, tcp + 16, 0)
segment = bytes(data[tcp:ip + struct.unpack_from('>H', data, ip + 2)[0]])
total = bytes(data[ip + 12:ip + 20]) + struct.pack('>HH', 6, len(segment)) + segment + b'\0' * (len(segment) % 2)
total = sum(struct.unpack('>%dH' % (len(total) // 2), total))
while total >> 16:
    total = (total & 0xffff) + (total >> 16)
struct.pack_into('>H', data, tcp + 16, ~total & 0xffff)
sys.stdout.buffer.write(data)
PY
run "$TWPROBE" diagnose --replay --format=json -q "$work/changed.pcap"
exits 'an answer that was changed: exit 1' 1
is 'exactly that cell differs' "$(records "$work/out" replay 'select(.result == "differs") | .cell' | sort |
	comm -23 - "$work/of_client" | grep -v '^syn-sent/')" "$cell" # the crafted client's own
is 'its answers side by side' "$(records "$work/out" replay "select(.cell == \"$cell\") |
	[.capture[0].answer, .expected.linux, .answer] | tostring")" '["syn-ack","ack","ack"]'

# For a person.
for columns in 40 80; do
	COLUMNS=$columns run "$TWPROBE" diagnose --replay -q "$work/tw-illegal-syn.pcap"
	exits "$columns columns: exit 0" 0
	is "$columns columns: both are there" \
		"$(tr '\n' ' ' <"$work/out" | tr -s ' ' | grep -oE 'Asked again now|cells of [0-9]+ encounters?|in the same way:' | wc -l)" 3
	is "$columns columns: no line is wider, but for names" "$(sed '1,/^Asked again/d' "$work/out" |
		grep -vE '^ +[a-z0-9-]+/[^ ]*$' | awk -v most=$columns 'length > most')" ''
done

# Without privileges: one line, and the capture's report all the same.
if [ "$(id -u)" = 0 ]; then
	chmod 644 "$work/tw-illegal-syn.pcap"
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$TWPROBE_RELEASE" diagnose --replay=127.0.0.1:9 \
		"$work/tw-illegal-syn.pcap"
	exits 'no privilege: exit 4' 4
	is 'one line says so' "$(wc -l <"$work/err")" 1
	matches 'and the report is there' "$(out)" 'a SYN into TIME_WAIT, refused with an ACK: 1 time'
	is 'without what could not be asked' "$(grep -c 'Asked again' "$work/out")" 0
fi

# At a target.
two_namespaces
serve "$far" 8888 "$TWPROBE_RELEASE" serve 8888
number=0 # of the processes in the background
for target in "$far_v4:8888" "[$far_v6]:8888"; do
	background in_near "$TWPROBE" diagnose --replay="$target" --rate=max --timeout=100ms --format=json \
		"$work/tw-illegal-syn.pcap"
done
for target in "$far_v4:8888" "[$far_v6]:8888"; do
	number=$((number + 1))
	wait "${background[number]}"
	is "$target: exit 0" $? 0
	is "$target: all the same" "$(records "$work/background.$number" replay_summary \
		'[.target, .cells == .same + .unanswered, .same > 1, .kernel] | tostring')" "[\"$target\",true,true,null]"
	is "$target: but for what a target cannot be asked" \
		"$(records "$work/background.$number" replay 'select(.result == "unanswered") | .state' | sort -u)" syn-sent
done
finish
