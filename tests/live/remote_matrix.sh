#!/bin/bash
# The whole matrix against `twprobe serve` behind a veth pair, without a witness: every answer is the lab's for the same
# cell, the near kernel sends no RST, and --rate holds.
. "$(dirname "$0")/lib.sh"
need jq tcpdump tshark ip
two_namespaces
serve "$far" 8888 "$TWPROBE" serve 8888
# Cell, answer and ISN of each conclusive cell of a file, sorted.
conclusive() {
	cells "$1" 'select(.verdict == "agrees" or .verdict == "differs") | "\(.cell) \(.answer) \(.isn)"' | sort
}
# as_in_lab NAME ARGUMENTS...: the last run, in $work/out, against a run in the lab
as_in_lab() {
	local name=$1 found both
	shift
	cp "$work/out" "$work/remote"
	run "$TWPROBE_RELEASE" matrix "$@" --format=json
	exits "$name: the lab agrees with linux" 0
	conclusive "$work/remote" >"$work/remote.answers"
	conclusive "$work/out" >"$work/lab.answers"
	found=$(wc -l <"$work/remote.answers")
	both=$(comm -12 <(cut -d ' ' -f 1 "$work/remote.answers") <(cut -d ' ' -f 1 "$work/lab.answers") | wc -l)
	is "$name: each conclusive cell is a cell of the lab" "$both" "$found"
	is "$name: each has the lab's answer" "$(comm -23 "$work/remote.answers" "$work/lab.answers" | head -n 5)" ''
	is "$name: none differs from linux" "$(cells "$work/remote" 'select(.verdict == "differs") | .cell' | head -n 5)" ''
	echo "# $name: $found conclusive, $(cells "$work/remote" 'select(.verdict == "inconclusive") | .cell' | wc -l)" \
		"inconclusive, $(jq -r 'select(.record == "summary") | .seconds' "$work/remote") s"
	cells "$work/remote" 'select(.verdict == "inconclusive") | .reason' | sort | uniq -c | sed 's/^/# /' | head -n 8
}
before=$(out_rsts "$near")

run in_near "$TWPROBE" matrix --rate=max --format=json $far_v4:8888
exits 'time-wait: exit code' 0
is 'time-wait: a cell is skipped exactly when it needs a sysctl, with the reason' "$(cells "$work/out" \
	'select((.cell | contains("=")) != (.verdict == "skipped" and (.reason | test("sysctl")))) | .cell' | head -n 5)" ''
holds 'time-wait: there are such cells' [ "$(cells "$work/out" 'select(.verdict == "skipped") | .cell' | wc -l)" -ge 100 ]
holds 'time-wait: and others' [ "$(cells "$work/out" 'select(.verdict == "agrees") | .cell' | wc -l)" -ge 100 ]
is 'time-wait: no state is claimed that nobody saw' \
	"$(cells "$work/out" 'select(.state_before != null or .state_after != null) | .cell' | head -n 5)" ''
as_in_lab time-wait

run in_near "$TWPROBE" matrix --matrix=all --rate=max --in-flight=500 --timeout=400ms --format=json $far_v4:8888
exits 'all: exit code' 0
is 'all: each state is reached' "$(cells "$work/out" 'select(.verdict == "agrees") | .cell | split("/")[0]' | sort -u | tr '\n' ' ')" \
	'close-wait closing established fin-wait-1 fin-wait-2 fin-wait-2-half last-ack listen syn-recv time-wait '
is 'all: no cell is inconclusive' "$(cells "$work/out" 'select(.verdict != "agrees") | "\(.cell) \(.reason)"' | head -n 5)" ''
as_in_lab all --matrix=all

six=(--matrix=all --only='*/*/seq-[be]*/ts-above*')
run in_near "$TWPROBE" matrix "${six[@]}" --rate=max --in-flight=500 --timeout=400ms --format=json "[$far_v6]:8888"
exits 'IPv6: exit code' 0
is 'IPv6: every name says so' "$(cells "$work/out" '.cell | select(endswith("/ipv6") | not)' | head -n 3)" ''
holds 'IPv6: hundreds of cells' [ "$(wc -l <"$work/out")" -gt 200 ]
as_in_lab IPv6 "${six[@]}" --ipv6
# What the run itself makes the subject hold back is no silence.
in_far sysctl -qw net.ipv4.tcp_challenge_ack_limit=60
run in_near "$TWPROBE_RELEASE" matrix --matrix=all --only='established/rst/*' --rate=max --repeat=2 --timeout=300ms --format=json $far_v4:8888
exits 'a limit on challenge ACKs: exit code' 0
holds 'a limit on challenge ACKs: it was reached' [ "$(cells "$work/out" 'select(.tries > 3) | .cell' | wc -l)" -gt 0 ]
in_far sysctl -qw net.ipv4.tcp_challenge_ack_limit=2147483647
is 'OutRsts of the near side did not move' "$(out_rsts "$near")" "$before"

# The pace. The first SYN of each source port begins a cell. Never faster than asked for; how much slower depends on what else
# the machine does, so that only tests/slow/pace.sh, which runs alone, asks for 2 %.
slower=${PACE_PERCENT:-20}
within() { # NAME GOT WANTED
	holds "$1: $2 cells a second, $3 asked for" awk -v got="$2" -v wanted="$3" -v slower="$slower" \
		'BEGIN { exit !(got <= wanted * 1.02 && got >= wanted * (1 - slower / 100)) }'
}
for rate in 500; do
	many=$((rate * 4 / 3)) # a target's cell is asked three times, and the pace is that of the connections
	capture "$near" wire "$work/rate.pcap" "dst host $far_v4 and tcp[tcpflags] = tcp-syn"
	run in_near "$TWPROBE_RELEASE" --seq-below --ts-above --repeat=$many --in-flight=400 --rate=$rate --format=json $far_v4:8888
	capture_stop $far_v4
	exits "--rate=$rate: exit code" 0
	within "--rate=$rate, the summary" "$(jq -r 'select(.record == "summary") | .cells_per_second * 3' "$work/out")" $rate
	begun=$(frames "$work/rate.pcap" tcp tcp.srcport frame.time_epoch | sort -s -u -k 1,1n | cut -f 2 | sort -n)
	is "--rate=$rate: connections that tcpdump saw begin" "$(wc -l <<<"$begun")" $((many * 3))
	within "--rate=$rate, tcpdump" "$(awk 'NR == 1 { first = $1 } { last = $1 } END { print (NR - 1) / (last - first) }' \
		<<<"$begun")" $rate
done
finish
