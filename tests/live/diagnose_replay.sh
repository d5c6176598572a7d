#!/bin/bash
# twprobe diagnose --replay: the same kernel gives the answers that it gave in the capture; an answer that was changed is found,
# and nothing else; at a target as in the lab; and what it says without privileges. The commands that reproduce an encounter ask
# the same cell.
. "$(dirname "$0")/lib.sh"
need jq python3

# records FILE KIND EXPRESSION: of the records of that kind
records() { jq -r "select(.record == \"$2\") | $3" "$1"; }

# Everything that a matrix asked, asked again.
run "$TWPROBE_RELEASE" matrix --matrix=all --pcap="$work/all.pcap" -q
run "$TWPROBE_RELEASE" diagnose --replay --format=json -q "$work/all.pcap"
cp "$work/out" "$work/all.ndjson"
is 'the whole matrix asked again: nothing on standard error' "$(err)" ''
# The crafted client is an end, too, and not one of Linux: what only it met may differ.
records "$work/all.ndjson" encounter 'select(.to | endswith(":8888") | not) | .cell' | sort -u >"$work/of_client"
records "$work/all.ndjson" replay 'select(.result == "differs" or .result == "uncertain" or .result == "unanswered") | .cell' |
	sort | comm -23 - "$work/of_client" >"$work/differs"
is 'no cell of the server differs' "$(cat "$work/differs")" ''
is 'nor does the same state of a closed and of a held descriptor count as a difference' \
	"$(records "$work/all.ndjson" replay 'select(.result == "explained") | .state' | sort -u)" fin-wait-2
holds 'there were enough of them' [ "$(records "$work/all.ndjson" replay_summary .same)" -gt 2000 ]
is 'each cell once' "$(records "$work/all.ndjson" replay .cell | sort | uniq -d)" ''
is 'each encounter is in it' "$(records "$work/all.ndjson" replay .encounters | awk '{ n += $1 } END { print n }')" \
	"$(records "$work/all.ndjson" encounter 'select(.cell) | .frame' | wc -l)"
is 'or counted' "$(records "$work/all.ndjson" replay_summary .without_cell)" \
	"$(records "$work/all.ndjson" encounter 'select(.cell | not) | .frame' | wc -l)"
is 'the summary is the last record' "$(tail -n 1 "$work/all.ndjson" | jq -r .record)" summary

# What the lines "ask again" say.
is 'each command names the cell' "$(records "$work/all.ndjson" encounter 'select(.reproduce != null and
	.reproduce != "twprobe \(.cell)") | .frame')" ''
is 'each encounter has a command, or the reason why there is none' "$(records "$work/all.ndjson" encounter \
	'select((.reproduce == null) != (.cell == null) or (.cell == null and .reproduce_lacks == null)) | .frame')" ''
is 'of a matrix, a command repeats all but TSecr, and who connected' "$(records "$work/all.ndjson" encounter 'select(.cell) |
	"\(.reproduce_same) \(.reproduce_lacks)"' | sort -u | grep -v -e "^true null" -e '^true its TSecr$' \
	-e '^true a subject that connected (the cell.s listened)$')" ''
for command in $(records "$work/all.ndjson" encounter 'select(.reproduce) | .cell' | sort -u | awk 'NR % 40 == 0'); do
	run "$TWPROBE_RELEASE" explain "$command"
	[ "$code" = 0 ] && [ "$(head -n 1 "$work/out")" = "$command" ] || not_ok "explain $command" "$(out)" "$(err)"
done
ok 'a sample of the names can be given'
asked=0
for scenario in tw-illegal-syn close-wait-collision paws-established; do
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

# One answer of the capture is changed: the ACK by which TIME_WAIT refuses a SYN becomes a reset of it.
cell=time-wait/syn/seq-below/ts-below
run "$TWPROBE" matrix --pcap="$work/time-wait.pcap" -q
run "$TWPROBE" diagnose --format=json "$work/time-wait.pcap"
frame=$(records "$work/out" encounter "select(.cell == \"$cell\" and .answer == \"ack\") | .answered_by" | head -n 1)
python3 - "$work/time-wait.pcap" "$frame" >"$work/changed.pcap" <<'PY'
import struct, sys
data, at = bytearray(open(sys.argv[1], 'rb').read()), 24
wanted, asked = int(sys.argv[2]), None
for number in range(1, wanted + 1):
    size = struct.unpack_from('<I', data, at + 8)[0]
    frame, tcp = at + 16, at + 16 + 14 + 20
    if number == wanted - 1:
        asked = struct.unpack_from('>I', data, tcp + 4)[0]
    at += 16 + size
ip = frame + 14
assert data[frame + 12:ip] == b'\x08\x00' and data[ip] == 0x45 and data[tcp + 13] == 0x10
struct.pack_into('>II', data, tcp + 4, 0, asked + 1)
data[tcp + 13] = 0x14
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
	comm -23 - "$work/of_client")" "$cell"
is 'its answers side by side' "$(records "$work/out" replay "select(.cell == \"$cell\") |
	[.capture[0].answer, .expected.linux, .answer] | tostring")" '["rst","ack","ack"]'

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
for target in "$far_v4:8888" "[$far_v6]:8888"; do
	run in_near "$TWPROBE" diagnose --replay="$target" --rate=max --timeout=100ms --format=json "$work/tw-illegal-syn.pcap"
	exits "$target: exit 0" 0
	is "$target: all the same" "$(records "$work/out" replay_summary '[.target, .cells == .same, .cells > 1, .kernel] | tostring')" \
		"[\"$target\",true,true,null]"
done
finish
