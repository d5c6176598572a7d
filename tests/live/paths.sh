#!/bin/bash
# Paths in the lab: a router between the crafted end and the subject, with rules that drop, translate and answer; both sides are
# heard. Nothing of it stays, and an ordinary user can do the same.
. "$(dirname "$0")/lib.sh"
need jq
run "$TWPROBE" --path=router -q
[ "$code" = 0 ] || grep -q libnftables "$work/err" || skip_all "no router here: $(head -n 1 "$work/err")"

# path NAME CELL: what its record says: [answer, verdict, whether the stimulus came through, who answered]
path() {
	run "$TWPROBE" --path="$1" --timeout=100ms --format=json "$2"
	cells "$work/out" '[.answer, .verdict, .path.stimulus, .path.answer_from] | tostring'
}
# Forty cells of TIME_WAIT, at once.
table() { run "$TWPROBE" matrix --path="$1" --only='time-wait/syn/*/ts-above' --format=json; }

before=$(readlink /proc/self/ns/net) links=$(cat /proc/net/dev)
syn=time-wait/syn/seq-above/ts-above
is 'a router that only forwards changes nothing' "$(path router $syn)" '["syn-ack","agrees","reached","subject"]'

table conntrack
is 'conntrack: every SYN into TIME_WAIT comes through, and is answered by the subject' \
	"$(cells "$work/out" '[.verdict, .path.stimulus, .path.answer_from] | tostring' | sort -u)" '["agrees","reached","subject"]'
is 'conntrack: a SYN-ACK into a connection is INVALID, and dropped' "$(path conntrack established/syn-ack/seq-equal/ts-above)" \
	'["silence","differs","stopped","nobody"]'
matches 'conntrack: so the reason says' "$(cells "$work/out" .reason)" \
	'the router dropped the stimulus, at conntrack.yaml:8: ct state invalid .*\(conntrack: ESTABLISHED before, the same after\)'
run "$TWPROBE" --path=conntrack --format=json $syn
is 'conntrack: TIME_WAIT is forgotten for the SYN' "$(cells "$work/out" '[.path.conntrack_before, .path.conntrack_after] | tostring')" \
	'["TIME_WAIT","SYN_RECV"]'

is 'dnat: the subject is behind another address' "$(path dnat $syn)" '["syn-ack","agrees","reached","subject"]'
is 'dnat: what was rewritten' "$(cells "$work/out" '[.path.stimulus_changes, .tuple.target] | tostring')" \
	'["address","198.51.100.1:80"]'

is 'dnat: a connection that the NAT begins in its middle is known by its mark' "$(path dnat listen/ack/seq-equal/ts-absent)" \
	'["rst","agrees","reached","subject"]'
is 'dnat over IPv6' "$(path dnat $syn/ipv6)" '["syn-ack","agrees","reached","subject"]'
is 'dnat over IPv6: in front is an address of the path' "$(cells "$work/out" .tuple.target)" '[2001:db8:1::1]:80'

is 'mptcp: a SYN with MP_CAPABLE is answered with one' "$(path mptcp $syn/opt=1e040101)" '["syn-ack","agrees","reached","subject"]'
is 'mptcp: it has the key of the subject' "$(cells "$work/out" '.received[0].options | last')" 'kind 30 length 12'

table masquerade-random
is 'masquerade-random: no SYN meets the TIME_WAIT of its own connection' \
	"$(cells "$work/out" 'select(.path.stimulus != "reached" or (.reason // "" |
		contains("from another port") | not)) | .cell')" ''

is 'synproxy: the router answers, and the subject never sees the SYN' "$(path synproxy listen/syn/seq-equal/ts-above)" \
	'["syn-ack","differs","stopped","router"]'

cat >"$work/wrong.nft" <<'N'
table inet t {
	chain forward {
		type filter hook forward priority 0
		ct stte invalid drop
	}
}
N
run "$TWPROBE" --path="$work/wrong.nft"
exits 'a wrong rule' 4
matches 'a wrong rule is named with file and line' "$(cat "$work/err")" 'wrong.nft:3: Error: syntax error|wrong.nft:4: Error'

# Ten thousand rules, half a megabyte, are all loaded, and the last one is found.
{
	printf 'table inet t {\n\tchain forward {\n\t\ttype filter hook forward priority 0;\n'
	seq -f '		tcp dport 1 ip id %g counter drop' 10000
	printf '\t\ttcp flags syn,ack / syn,ack iifname "eth0" drop\n\t}\n}\n'
} >"$work/many.nft"
is 'ten thousand rules' "$(TWPROBE=$TWPROBE_RELEASE path "$work/many.nft" established/syn-ack/seq-equal/ts-above)" '["silence","differs","stopped","nobody"]'
matches 'the last of them is named' "$(cells "$work/out" .reason)" 'at many.nft:10004: '

# An answer that the rules drop on its way back.
cat >"$work/mine.nft" <<'N'
table inet t {
	chain forward {
		type filter hook forward priority 0;
		iifname "eth1" tcp flags ack ip length < 60 ct state established drop
	}
}
N
is 'a rule that drops challenge ACKs is found' "$(path "$work/mine.nft" established/syn/seq-equal/ts-above)" \
	'["silence","differs","reached","stopped"]'
matches 'and told, with the line of the rule' "$(cells "$work/out" .reason)" \
	'the router dropped what the subject sent \(A\), at mine.nft:4: iifname "eth1" tcp flags ack ip length < 60'

# Where the device hands it over, before anything else of the router sees it.
printf 'table netdev t {\n\tchain in {\n\t\ttype filter hook ingress device "eth0" priority 0\n\t\ttcp flags syn,ack / syn,ack drop\n\t}\n}\n' \
	>"$work/device.nft"
run "$TWPROBE" --path="$work/device.nft" --timeout=100ms --format=json established/syn-ack/seq-equal/ts-above
matches 'a rule at a device'"'"'s ingress is named' "$(cells "$work/out" .reason)" 'dropped the stimulus, at device.nft:4: tcp flags'

# A rule that lets no connection come so far.
cat >"$work/acks.nft" <<'N'
table inet t {
	chain forward {
		type filter hook forward priority 0;
		tcp sport 8888 tcp flags & (ack | syn | rst | fin | psh) == ack drop
	}
}
N
run "$TWPROBE" --path="$work/acks.nft" --format=json
exits 'a state that is not reached' 3
matches 'the rule that prevents it is named' "$(cells "$work/out" .reason)" \
	'ACK of our FIN .*: the router dropped what the subject sent \(A\), at acks.nft:4: tcp sport 8888'

# A scenario's own path; it is played through another one, and without the kernel's help it is left out.
run "$TWPROBE" scenario nat-invalid-reset --format=json
exits 'a scenario through three paths' 0
is 'its accident and its cures: who answered, whether the stimulus came through' \
	"$(jq -r 'select(.record == "scenario") | .steps[].checks[] | select(.check | test("router|from")) | .observed' "$work/out" |
		tr '\n' ' ')" 'stopped router ESTABLISHED ESTABLISHED reached subject stopped nobody ct state invalid reached subject reached subject '
run "$TWPROBE" scenario nat-invalid-reset --path=dnat -q
exits '--path stands before all parts: the accident is no cure' 1
matches 'and the verdict names what the router did' "$(out | tr -s ' \n' ' ')" \
	'step 5 .*: answer: expected silence, observed rst: the router answered the stimulus itself'
sed 's/path: dnat$/path: not-here/' cases/scenarios/nat-invalid-reset.yaml >"$work/s.yaml"
run "$TWPROBE" scenario "$work/s.yaml"
exits 'a path that is not there' 2
matches 'is named with file and line' "$(cat "$work/err")" "s.yaml:11:11: path: .*not-here"
printf 'path: broken\nrules: |\n  table inet t {\n    chain x { nonsense }\n  }\n' >"$work/broken.yaml"
sed "s|path: dnat\$|path: $work/broken.yaml|" cases/scenarios/nat-invalid-reset.yaml >"$work/s.yaml"
run "$TWPROBE" scenario "$work/s.yaml"
exits 'a path that cannot be had: the other parts are played' 0
matches 'and this one is left out, with the reason' "$(out | tr -s ' \n' ' ')" 'left out: A published port: .*broken.yaml:4: Error: syntax error'

# Rules of chance: what a router drops now and then is no answer of the subject's.
cat >"$work/chance.nft" <<'N'
table inet t {
	chain forward {
		type filter hook forward priority 0;
		numgen random mod 100 < 10 drop
	}
}
N
run "$TWPROBE_RELEASE" matrix --path="$work/chance.nft" --matrix=all --only='fin-wait-2/*/seq-below/ts-above' --timeout=100ms --format=json
is 'a router that drops one segment in ten: nothing differs' "$(cells "$work/out" 'select(.verdict == "differs").cell' | head -n 3)" ''
holds 'and nine cells in ten agree' [ "$(cells "$work/out" 'select(.verdict == "agrees").cell' | wc -l)" -ge 10 ]

# What ends a connection before it has begun: a policy, and a reset that the router makes up.
printf 'table inet t {\n\tchain f {\n\t\ttype filter hook forward priority 0; policy drop;\n\t\tct state established accept\n\t}\n}\n' \
	>"$work/policy.nft"
run bash -c 'exec "$0" --path=- --format=json established/syn/seq-equal/ts-above <"$1"' "$TWPROBE" "$work/policy.nft"
matches 'the policy that drops each SYN is named' "$(cells "$work/out" .reason)" 'its SYN was dropped at standard input.*policy drop'
printf 'table inet t {\n\tchain f {\n\t\ttype filter hook forward priority 0\n\t\tiifname "eth0" tcp flags ack reject with tcp reset\n\t}\n}\n' \
	>"$work/reset.nft"
run "$TWPROBE" --path="$work/reset.nft" --format=json established/syn/seq-equal/ts-above
matches 'a reset of the router is not the server'"'"'s' "$(cells "$work/out" .reason)" "the reset is the router's own"

# Several paths: what differs from no router at all, and why.
run "$TWPROBE" matrix --path=router --path=dnat --only='time-wait/syn/seq-below/*'
exits 'paths that change nothing' 0
run bash -c 'exec "$0" matrix --path=router --path=- --matrix=all --only="established/syn/seq-[be]*" --timeout=100ms <"$1"' \
	"$TWPROBE" "$work/mine.nft"
exits 'a path that changes answers' 1
matches 'it is told which' "$(out)" 'answer +ack +ack +silence, then silence$'
matches 'and why' "$(out)" 'standard[- ]input, 8 cells:'
run "$TWPROBE" matrix --path=router --path="$work/mine.nft" --matrix=all --only='established/syn/seq-below/ts-below' \
	--timeout=100ms --expect=none --format=json
exits 'without a book that is no failure' 0
is 'and the cause is a record' "$(jq -r 'select(.record == "cause") | .says' "$work/out")" \
	'the router dropped what the subject sent (A), at mine.nft:4: iifname "eth1" tcp flags ack ip length < 60 ct state established drop (conntrack: ESTABLISHED before, the same after)'

# The tables of docs/path-tables.md (scripts/path-tables), for one path and one state.
told=$(awk '/^## /{ on = /^## conntrack:/ } on' docs/path-tables.md | grep -oE 'established [0-9]+' | awk '{ n += $2 } END { print n }')
run "$TWPROBE_RELEASE" matrix --path=direct --path=conntrack --matrix=all --only='established/*' --expect=none --format=json
is 'the documented table is what a run says' \
	"$(jq -s '[.[] | select(.record == "group" and .kind == "different").cells[]] | unique | length' "$work/out")" "$told"

# The path is a part of the cell's name, which goes wherever one goes, and every command asks over it.
name=established/syn-ack/seq-equal/ts-above/path=conntrack
run "$TWPROBE" "$name" --timeout=100ms --format=json
exits 'a cell whose name has a path' 1
is 'its record has the name, and the run the path' "$(jq -r 'select(.record == "run").path, select(.record == "cell").cell' "$work/out")" \
	"conntrack
$name"
run "$TWPROBE" "$name" --path=router
exits 'another path than that of the name' 2
run "$TWPROBE" explain "$name"
exits 'explain' 0
run "$TWPROBE" why "$name"
exits 'why' 1
matches 'why: what the path did' "$(out)" 'the router dropped the stimulus'
run "$TWPROBE" map --path=conntrack --segment=syn-ack --state=established --size=3x3 -o -
exits 'map' 1
matches 'map: names it' "$(out)" '^with timestamps on the connection, path=conntrack$'
matches 'map: no point of it is answered' "$(out)" 'silence, socket stays +9$'
run "$TWPROBE" diagnose docs/captures/after-close.pcap --replay --path=conntrack -q
matches 'diagnose --replay' "$(tr -s ' \n' ' ' <"$work/out")" 'Asked again now, in the lab over the path conntrack \(Linux [^:]*: [0-9]+ cells of'
matches 'diagnose --replay: cells with that path' "$(out)" '/path=conntrack$'
printf 'name: over\nblocks:\n- {state: established, segment: syn-ack, seq: [equal, +1], path: conntrack}\n' >"$work/over.yaml"
run "$TWPROBE" matrix --matrix="$work/over.yaml" --timeout=100ms --format=json
is 'a case file with a path' "$(cells "$work/out" '.path.stimulus' | sort -u)" stopped
cp "$work/out" "$work/over.json"
run "$TWPROBE" matrix --matrix="$work/over.yaml" --path=router
exits 'another path than that of the case file' 2
printf 'name: mixed\nblocks:\n- {state: established, segment: syn-ack, seq: [equal, +1], path: [conntrack, direct, dnat]}\n' \
	>"$work/mixed.yaml"
run "$TWPROBE" matrix --matrix="$work/mixed.yaml" --timeout=100ms --repeat=2 --format=json
exits 'a case file with several paths' 1
is 'each cell is asked over its own, and has its number' "$(cells "$work/out" '[.number, .cell, .answer, .path.answer_from] | tostring' |
	sort -t'[' -k2n | sed 's|established/syn-ack/||; s|/ts-above||')" \
	'[0,"seq-equal/path=conntrack","silence","nobody"]
[1,"seq+1/path=conntrack","silence","nobody"]
[2,"seq-equal","ack",null]
[3,"seq+1","ack",null]
[4,"seq-equal/path=dnat","rst","router"]
[5,"seq+1/path=dnat","rst","router"]
[6,"seq-equal/path=conntrack","silence","nobody"]
[7,"seq+1/path=conntrack","silence","nobody"]
[8,"seq-equal","ack",null]
[9,"seq+1","ack",null]
[10,"seq-equal/path=dnat","rst","router"]
[11,"seq+1/path=dnat","rst","router"]'
is 'as many cells as it says' "$(jq -r 'select(.record == "run" or .record == "summary").cells' "$work/out" | tr '\n' ' ')" '12 12 '
run "$TWPROBE" matrix --matrix="$work/mixed.yaml" --pcap="$work/mixed.pcap"
exits 'what only one process can write' 2
matches 'is refused, with the two paths' "$(cat "$work/err")" 'cells over several paths, conntrack and direct'
run "$TWPROBE" matrix --matrix=all --only='established/syn-ack/*' --path=router --format=json
cp "$work/out" "$work/router.json"
run "$TWPROBE" matrix --matrix=all --only='established/syn-ack/*' --format=json
cp "$work/out" "$work/direct.json"
run "$TWPROBE" compare "$work/direct.json" "$work/router.json"
matches 'compare: the same cells over two paths' "$(out)" '^32 cells in 2 files: 32 the same, 0 different'
run "$TWPROBE" --path=conntrack "$name" --repeat=3 --pcap="$work/over.pcap" -q
holds 'repeat, and a capture of the side of the crafted end' \
	[ "$(frames "$work/over.pcap" 'tcp.flags == 0x12 && ip.src == 192.0.2.10' frame.number | wc -l)" -ge 3 ]

# Both sides in one file, with what is said about them.
run "$TWPROBE" --path="$work/mine.nft" --timeout=100ms -w "$work/both.pcapng" -q established/syn/seq-equal/ts-above
exits 'a capture of both sides' 1
said=$(frames "$work/both.pcapng" frame.comment frame.interface_name frame.comment)
matches 'before the router: the stimulus and its path' "$said" 'crafted end: eth0\s+twprobe: stimulus of .*path: the stimulus reached the subject'
matches 'behind it: the stimulus' "$said" 'subject: eth0\s+twprobe: stimulus of [^ ]*, behind the router, unchanged'
matches 'behind it: the answer, and who dropped it' "$said" \
	"subject: eth0\s+twprobe: the subject's answer to .*dropped what the subject sent \(A\), at mine.nft:4"

run "$TWPROBE" --path=router 192.0.2.1:80
exits 'a path and a target do not go together' 2

is 'nothing of the host was touched: its interfaces' "$(cut -d: -f1 /proc/net/dev)" "$(cut -d: -f1 <<<"$links")"
is 'nothing of the host was touched: its namespace' "$(readlink /proc/self/ns/net)" "$before"

# Killed in the middle of a run, it leaves no process, and with it no namespace.
"$TWPROBE" matrix --path=masquerade --matrix=all -q >/dev/null 2>&1 &
pid=$!
# Of its workers or its server, whichever is in a namespace of its own first.
space=$before
for _ in $(seq 100); do
	for child in $pid $(pgrep -P $pid); do
		[ "$space" != "$before" ] || space=$(readlink "/proc/$child/ns/net" || echo "$before")
	done
	[ "$space" = "$before" ] || break
	sleep 0.02
done
it_is_there() { [ "$space" != "$before" ] && kill -0 $pid; }
holds 'it is there before it is killed' it_is_there
kill -KILL $pid
wait $pid 2>/dev/null
nobody_there() { ! readlink /proc/[0-9]*/ns/net 2>/dev/null | grep -qF "$space"; }
holds 'killed: no process has its namespaces any more' wait_until 10 nobody_there

if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --regid 65534 --clear-groups unshare -rn true 2>/dev/null; then
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$TWPROBE_RELEASE" --path=invalid-drop -q
	exits 'an ordinary user has paths, too' 0
else
	skip 'an ordinary user has paths, too' 'no user namespaces here, or not root'
fi
finish
