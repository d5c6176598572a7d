#!/bin/bash
# A target behind a path of the user's, heard on its far side as well (--far): a router that masquerades, translates the target's
# address, or drops what it should not. The same words as for a path in the lab, matched through the NAT.
. "$(dirname "$0")/lib.sh"
need jq ip nft tcpdump
need_root
router_between
serve "$far" 8888 "$TWPROBE" serve 8888
target=$router_far_v4:8888
in_middle() { ip netns exec "$middle" "$@"; }
in_middle nft add table ip probe 2>"$work/err" || skip_all "no nftables here: $(head -n 1 "$work/err")"
# rules TEXT: what the router does, from now on
rules() {
	in_middle nft flush ruleset
	[ -z "$1" ] || in_middle nft "table ip t { chain c { $1; }; }"
}
# heard CELL [OPTIONS...]: what its record says: [answer, verdict, whether the stimulus came through, who answered]
heard() {
	run in_near "$TWPROBE" --far="$middle:far" --rate=max --timeout=100ms --format=json "$@" $target
	cells "$work/out" '[.answer, .verdict, .path.stimulus, .path.answer_from] | tostring'
}
syn=time-wait/syn/seq-above/ts-above

rules ''
is 'a router that only forwards' "$(heard $syn)" '["syn-ack","agrees","reached","subject"]'
rules 'type nat hook postrouting priority srcnat; oifname "far" masquerade'
is 'matched through a masquerade' "$(heard $syn)" '["syn-ack","agrees","reached","subject"]'
is 'which is told' "$(cells "$work/out" '.path.stimulus_changes')" 'address'
rules 'type nat hook prerouting priority dstnat; tcp dport 80 dnat to '$router_far_v4':8888'
target=198.51.100.2:80
is 'matched where the target has another address and port' "$(heard $syn)" '["syn-ack","agrees","reached","subject"]'
is 'and the router answers what it does not know itself' "$(heard time-wait/syn-ack/seq-equal/ts-above)" \
	'["rst","differs","stopped","router"]'
target=$router_far_v4:8888
rules 'type filter hook forward priority 0; iifname "far" tcp flags ack ip length < 60 ct state established drop'
is 'challenge ACKs that are dropped' "$(heard established/syn/seq-equal/ts-above)" '["silence","differs","reached","stopped"]'
matches 'so the reason says' "$(cells "$work/out" .reason)" 'the router dropped what the subject sent \(A\)$'
rules 'type filter hook forward priority 0; ct state invalid drop'
is 'a stimulus that is dropped' "$(heard time-wait/syn-ack/seq-equal/ts-above)" '["silence","differs","stopped","nobody"]'

# A scenario hears the far side, too; what only a router of ours would tell is left out.
cat >"$work/far.yaml" <<'Y'
scenario: invalid
title: A segment that a firewall drops
shows: Both sides of a path of the user's.
parts:
  - title: here
    steps:
      - reach: established
      - send: syn-ack
        expect: silence
        path: { stimulus: stopped, answer-from: nobody, conntrack-before: ESTABLISHED }
        id: dropped
conclusion:
  - says: The firewall dropped it ({dropped}).
    from: [dropped]
Y
run in_near "$TWPROBE" scenario "$work/far.yaml" --far="$middle:far" --timeout=100ms $target
exits 'a scenario that hears the far side' 0
matches 'it says what the path did' "$(out)" 'the router dropped the stimulus'
matches 'and leaves out what nobody there tells' "$(out | tr -s ' \n' ' ')" 'left out: checks of step 2, which need a path'
rules ''
run in_near "$TWPROBE" scenario "$work/far.yaml" --far="$middle:far" --timeout=100ms $target
exits 'where the path drops nothing, the check fails' 1
rules 'type filter hook forward priority 0; ct state invalid drop'

# The same interface as that of the server, and a whole matrix.
run in_near "$TWPROBE" matrix --far="$far:wire" --rate=max --only='time-wait/syn/*/ts-above' --timeout=100ms --format=json $target
exits 'a matrix' 0
is 'every stimulus reached the subject, and it answered' \
	"$(cells "$work/out" '[.path.stimulus, .path.answer_from] | tostring' | sort -u)" '["reached","subject"]'

# A capture of the far side that grows meanwhile, as a file and through a pipe.
capture "$middle" far "$work/far.pcap"
rules 'type filter hook forward priority 0; ct state invalid drop'
is 'a file that grows: a stimulus that is dropped' "$(heard time-wait/syn-ack/seq-equal/ts-above --far="$work/far.pcap")" \
	'["silence","differs","stopped","nobody"]'
is 'a file that grows: one that is answered' "$(heard time-wait/syn/seq-below/ts-above --far="$work/far.pcap")" \
	'["syn-ack","agrees","reached","subject"]'
stop $capture_pid INT
rules 'type nat hook postrouting priority srcnat; oifname "far" masquerade'
mkfifo "$work/fifo"
background ip netns exec "$middle" tcpdump -i far -n -U --immediate-mode -w "$work/fifo" tcp
run in_near "$TWPROBE" matrix --far="$work/fifo" --rate=max --only='time-wait/syn/*/ts-above' --timeout=100ms --format=json $target
is 'through a pipe: every stimulus reached the subject, and it answered' \
	"$(cells "$work/out" '[.verdict, .path.stimulus, .path.answer_from] | tostring' | sort | uniq -c | tr -s ' ')" \
	' 8 ["agrees","reached","subject"]'
head -c 4096 /dev/urandom >"$work/junk.pcap"
run in_near "$TWPROBE" --far="$work/junk.pcap" $target
exits 'a file that is no capture' 4
run in_near "$TWPROBE" --far="$work/nowhere/nothing.pcap" $target
exits 'a file whose folder is not there' 4

# A capture that is only there once all cells are asked, complete: the run waits for it.
capture "$middle" far "$work/kept.pcap"
rules 'type filter hook forward priority 0; ct state invalid drop; ip id set 7'
background in_near "$TWPROBE" matrix --matrix=all --only='time-wait/[sr]*/seq-equal/ts-above' --far="$work/later.pcap" --rate=max \
	--timeout=100ms --format=json $target
asking=$! said=$work/background.$((${#background[@]} - 1))
holds 'it says that it waits' wait_until 20 grep -q 'waiting for the end of .*later.pcap' "$said"
capture_stop $router_far_v4
cp "$work/kept.pcap" "$work/later.pcap"
wait $asking
is 'then it says what the path did, although the IP IDs are others' "$(grep '^{' "$said" >"$work/out"; cells "$work/out" \
	'"\(.cell | split("/")[1]) \(.path.stimulus) \(.path.answer_from) \(.path.stimulus_changes)."')" 'syn reached subject IP ID.
syn-ack stopped nobody .
rst reached nobody IP ID.
rst-ack reached nobody IP ID.
syn-fin stopped nobody .
syn-rst stopped nobody .'
matches 'and the reason names it' "$(cells "$work/out" .reason)" 'the answer was silence: the router dropped the stimulus$'

# The subject's kernel is this one: it tells why, through a NAT, too.
rules 'type nat hook postrouting priority srcnat; oifname "far" masquerade'
run in_near "$TWPROBE" why --far="$far:wire" --timeout=100ms --format=json time-wait/syn/seq-below/ts-below $target
exits 'why' 0
is 'why: counters and socket of the subject' "$(jq -r 'select(.record == "evidence") |
	[.counters["TcpExt.PAWSTimewait"], .before.state, .after.state] | tostring' "$work/out")" '[1,"time-wait","time-wait"]'
is 'why: and the path' "$(cells "$work/out" '[.path.stimulus, .path.stimulus_changes] | tostring')" '["reached","address"]'
run in_near "$TWPROBE" why --far="$middle:far" --timeout=100ms time-wait/syn/seq-below/ts-below $target
matches 'why: where the subject is not, its socket is not seen' "$(out | tr -s ' \n' ' ')" 'not seen: the network namespace that --far names has no such'

# Where it is not on the way, nothing is said of the path.
is 'another interface hears nothing, and says nothing' "$(heard $syn --far=lo)" '["syn-ack","agrees",null,null]'
run in_near "$TWPROBE" --far=wire $target
exits 'the near side is no far side' 2
run in_near "$TWPROBE" --far=nowhere:eth0 $target
exits 'a namespace that is not there' 4
run "$TWPROBE" --far=lo
exits 'the lab has no far side of that kind' 2
run in_near "$TWPROBE" --path=router $target
exits 'a path of the lab and a target' 2
matches 'say what to do' "$(err)" '--far=INTERFACE hears'
finish
