#!/bin/bash
# What a scenario may conclude: no check without anything to look at, no outvoting, no options that do nothing; many connections
# in one part, sysctls of several numbers, the manner that a state needs.
. "$(dirname "$0")/lib.sh"
need jq nft ip
two_namespaces

# scenario NAME STEPS: writes NAME.yaml with one part
scenario() {
	printf 'scenario: %s\ntitle: t\nshows: s\nparts:\n  - steps:\n%s\nconclusion:\n  - says: c\n    from: [a]\n' "$1" \
		"$(sed 's/^[\t ]*/      /' <<<"$2")" >"$work/$1.yaml"
}
# lab NAME: plays it in the lab
lab() { run "$TWPROBE" scenario "$work/$1.yaml" --format=json; }
reason() { jq -r 'select(.record == "scenario") | .reason' "$work/out"; }
step() { jq -c "select(.record == \"scenario\") | .steps[$1]" "$work/out"; }

for option in --repeat=3 --rate=10 --in-flight=2 --expect=folk -v; do
	run "$TWPROBE" scenario tw-legal-syn $option
	exits "$option does nothing here and is refused" 2
done
is 'the help has only options that are taken' \
	"$("$TWPROBE" scenario --help | grep -cE -- '--(repeat|rate|in-flight|expect|verbose)([=, ]|$)')" 0

scenario nothing '- { reach: established }
	- { send: "null", acks: +99, id: a }'
lab nothing
exits 'acks: without an answer it does not hold' 1
matches 'acks: and the report says so' "$(reason)" 'expected rcv_nxt\+99, observed no answer'
scenario gone '- { reach: time-wait }
	- { send: rst, ts: absent, expect: silence, state: closed, socket: { recv-queue: 0 }, id: a }'
lab gone
exits 'socket: without a socket it does not hold' 1
matches 'socket: and the report says so' "$(reason)" "Recv-Q: expected 0, observed no socket"
scenario idle '- { reach: established, socket: { expires: ..100s }, id: a }'
lab idle
exits 'expires: without a timer it does not hold' 1
matches 'expires: and the report says so' "$(reason)" 'observed no timer'
scenario nosyn '- { sysctl: tcp_tw_reuse=0 }
	- { sysctl: ip_local_port_range=41000 41000 }
	- { client: reuse, any-port: yes, result: connected }
	- { client: reuse, any-port: yes, result: EADDRNOTAVAIL, expect: silence, id: a }'
lab nosyn
exits 'client: what was never sent was not answered by silence' 1
matches 'client: and the report says so' "$(reason)" 'observed no SYN was sent'
# A port that the kernel chooses is in TIME_WAIT when the next part, or play, begins, which has a server of its own.
scenario twice '- { sysctl: ip_local_port_range=41000 41000 }
	- { client: reuse, any-port: yes, result: connected }
	PART
	- { sysctl: ip_local_port_range=41000 41000 }
	- { client: reuse, any-port: yes, result: connected, id: a }'
sed -i 's/^ *PART$/  - steps:/' "$work/twice.yaml"
lab twice
exits 'client: another part with the same port connects' 0
scenario counter '- { reach: established }
	- { send: syn, seq: below, expect: ack, counters: { TcpExt.NeverThere: 0 }, id: a }'
run "$TWPROBE" scenario "$work/counter.yaml"
exits 'a counter that the kernel lacks is left out' 0
matches 'and named' "$(out | tr -s ' \n' ' ')" 'no counter TcpExt.NeverThere .*left out: checks of step 2, which need a counter'

# A server that would close at once stays, because the file expects it to.
scenario again '- { reach: close-wait }
	- { send: syn, seq: above, ts: above, expect: ack }
	- { reply: rst, expect: silence, state: closed }
	- { send: again, expect: syn-ack, isn: fresh }
	- { reply: ack, state: established }
	- { wait: 50ms, state: established, id: a }'
lab again
exits 'established stays established without a manner' 0
matches 'a reply cites the rule: the reset' "$(step 2)" '"citation":"tcp_validate_incoming\(\), step 2: th->rst'
matches 'a reply cites the rule: the ACK of the handshake' "$(step 4)" '"citation":"tcp_check_req\(\) -> tcp_child_process'

# The witness shows that a reset did not end TIME_WAIT, where the RFC would have it so.
scenario spared '- { sysctl: tcp_rfc1337=1 }
	- { reach: time-wait }
	- { send: syn, seq: below, ts: below, expect: ack }
	- { reply: rst, expect: silence, state: time-wait }
	- { wait: 600ms }
	- { send: again, expect: ack }
	- { reply: rst, expect: silence, state: time-wait, id: a }'
lab spared
exits 'tcp_rfc1337: spared twice' 0
matches 'tcp_rfc1337: the second reset cites it as well' "$(step 6)" 'th->rst, tcp_rfc1337 != 0'

# 129 connections fill a queue of 128; one part is enough.
scenario queue '- { reach: syn-recv, never-accept: yes, connection: half }
	- { reach: established, never-accept: yes, times: 129, connection: last, listener: { recv-queue: 129 } }
	- { send: syn, new-port: yes, connection: last, seq: above, expect: silence, counters: { TcpExt.ListenOverflows: 1.., TcpExt.ListenDrops: 1.. } }
	- { send: ack, connection: half, ts: equal, expect: silence, state: syn-recv, id: a }'
lab queue
exits 'an accept queue is filled in one part' 0
is 'and its ladder stays short' "$(jq 'select(.record == "scenario") | .ladder | length < 60' "$work/out")" true

scenario window '- { sysctl: tcp_rmem=4096 4096 4096 }
	- { reach: established }
	- { send: data, ts: equal, times: 40, answers: 1.., socket: { recv-queue: 10.. }, id: a }'
lab window
exits 'a sysctl of three numbers in a scenario' 0
run "$TWPROBE" --sysctl 'tcp_rmem=4096 4096 4096' --format=json
exits 'a sysctl of three numbers on the command line' 0
is 'has a name without blanks' "$(cells "$work/out" .cell)" time-wait/syn/seq-above/ts-above/tcp_rmem=4096,4096,4096
run "$TWPROBE" explain "$(cells "$work/out" .cell)"
exits 'which can be read again' 0

# A step after a client begins as soon as the client is through.
scenario soon '- { client: reuse, result: connected }
	- { wait: 500us, id: a }'
lab soon
exits 'client: reuse' 0
is 'client: reuse keeps no 20 ms to itself' "$(jq 'select(.record == "scenario") | [.ladder[].us] | .[-1] - .[-2] < 15000' \
	"$work/out")" true

# On this machine, but not in the lab: settings are read, and what failed before trouble is a difference.
in_far sysctl -qw net.ipv4.tcp_rfc1337=1
serve "$far" 8888 "$TWPROBE" serve -q 8888
run in_far "$TWPROBE" scenario tw-illegal-syn --fast --format=json 127.0.0.1:8888
exits 'findings come before trouble' 1
matches 'the first finding is named' "$(reason)" 'state: expected closed, observed time-wait'
# The reset in it is answered by a silence that nothing proves.
is 'seven plays ended so' "$(jq -c 'select(.record == "scenario") | .plays' "$work/out")" \
	'{"agrees":0,"differs":7,"inconclusive":0,"skipped":0}'
scenario exact '- { reach: time-wait }
	- { send: rst, ts: absent, expect: silence, id: a }'
run in_far "$TWPROBE" scenario "$work/exact.yaml" --format=json 127.0.0.1:8888
matches 'the rule is that of the machine as it is set' "$(step 1 | jq -r .citation)" 'tcp_rfc1337 != 0|rfc1337.*(set|1)'

# A rejected segment is no silence; what fills the server's queue is not believed from one play.
in_far nft -f - <<-NFT
	table inet refusing {
		chain in { type filter hook input priority 0;
			iifname "wire" tcp flags & (fin | syn | rst | psh | ack | urg) == 0x0 reject with icmp type admin-prohibited; }
	}
NFT
scenario rejected '- { reach: established }
	- { send: "null", expect: silence, id: a }'
run in_near "$TWPROBE" scenario "$work/rejected.yaml" --format=json --timeout=300ms $far_v4:8888
exits 'a rejected segment: inconclusive' 3
matches 'a rejected segment: what came is named' "$(reason)" "instead of an answer came: ICMP communication administratively prohib.*$far_v4"
in_far nft delete table inet refusing
serve "$far" 8889 "$TWPROBE" serve -q --never-accept --backlog=1 8889
scenario full '- { reach: established, times: 2 }
	- { send: syn, new-port: yes, seq: above, ts: above, expect: silence, id: a }'
run in_near "$TWPROBE" scenario "$work/full.yaml" --format=json --timeout=300ms $far_v4:8889
exits 'a play that cannot be repeated: inconclusive' 3
matches 'and the first one is shown' "$(reason)" 'it agrees in one play, .* could not be played again: step 1 .*no answer to the SYN'
is 'with what it saw' "$(step 1 | jq -r .observed)" silence
finish
