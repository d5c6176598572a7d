#!/bin/bash
# What a cell's own sysctls do to the subject's queues makes no cell inconclusive: the answer is right, or it is skipped with the reason.
. "$(dirname "$0")/lib.sh"
need jq

cat >"$work/limits.yaml" <<'YAML'
name: limits
blocks:
  - state: [listen, syn-recv, established, fin-wait-1, fin-wait-2, closing, time-wait, last-ack]
    segment: [syn, ack, fin-ack, rst]
    seq: [equal, above]
    ts: above
    sysctl: [tcp_syncookies=2, tcp_syncookies=2@probe, tcp_max_tw_buckets=0, tcp_max_tw_buckets=0@probe]
  - state: [listen, established, time-wait]
    segment: [syn, rst]
    ts: above
    sysctl: [tcp_max_tw_buckets=2, net.core.somaxconn=1, [tcp_syncookies=0, tcp_max_syn_backlog=8], [tcp_syncookies=0, net.core.somaxconn=2]]
YAML
run "$TWPROBE" matrix --format=json --matrix="$work/limits.yaml"
exits 'short queues, cookies always, no TIME_WAIT: exit 0' 0
is 'every cell agrees or is skipped' \
	"$(cells "$work/out" 'select(.verdict != "agrees" and .verdict != "skipped") | "\(.cell) \(.verdict): \(.reason)"')" ''
is 'what is skipped are cells with cookies from the start' \
	"$(cells "$work/out" 'select(.verdict == "skipped") | .cell' | grep -vc '/tcp_syncookies=2$')" 0
is 'in one state' "$(cells "$work/out" 'select(.verdict == "skipped") | .cell' | cut -d/ -f1 | sort | uniq -c | xargs)" \
	'8 last-ack'
is 'the reason is not that something was overloaded' \
	"$(cells "$work/out" 'select(.verdict == "skipped") | .reason' | grep -c 'cookie')" 8

# said RECORD-FIELD-EXPRESSION WANTED ARGUMENTS...
said() {
	local expression=$1 wanted=$2
	shift 2
	run "$TWPROBE" matrix --format=json "$@"
	is "$*: $wanted" "$(cells "$work/out" "$expression" | sort -u)" "$wanted"
}
printf 'name: one\nblocks:\n  - sysctl: tcp_max_tw_buckets=0\n' >"$work/none.yaml"
said '"\(.state_before) \(.answer) \(.verdict)"' 'closed syn-ack agrees' --matrix="$work/none.yaml"

# What the linux book says of the answer, where it is the second of two, where the window was taken back, where a cookie or data in the
# SYN made the connection, and of the listener's own offer.
shrunk=established/data/seq-1000/ts-equal/rcv-wnd-shrunk/tcp_shrink_window=1
[ -e /proc/sys/net/ipv4/tcp_shrink_window ] || shrunk=established/data/seq-1000/ts-equal # before 6.6
run "$TWPROBE" matrix --format=json listen/syn/seq-equal/ts-equal/tcp_syncookies=2 listen/syn/seq-equal/ts-equal/twice=0 \
	established/data/seq+5/ts-equal/twice=0 "$shrunk" \
	listen/syn/seq-equal/ts-equal/payload=10/tcp_fastopen=514 syn-recv/data/seq-equal/ts-above/tcp_syncookies=2
is 'which fields of which answers are said' \
	"$(cells "$work/out" '"\(.cell | split("/")[0]) \(.state_after) \(.verdict): \(.fields // {} | keys_unsorted | join(" "))"')" \
	'listen listen agrees: flags ack options tsecr window mss wscale
listen syn-recv agrees: flags seq ack options tsecr tsval window mss wscale
established established agrees: flags seq ack options tsecr tsval sack window
established established agrees: flags seq ack options tsecr tsval sack window
listen syn-recv agrees: flags ack options tsecr window mss wscale
syn-recv established agrees: flags seq ack options tsecr tsval window'

run "$TWPROBE" --state=last-ack --sysctl tcp_syncookies=2
exits 'a single cell that cannot be reached: exit 4' 4
matches 'and why' "$(tr -s ' \n' ' ' <"$work/out")" 'skipped: cannot be reached: .* shut the connection down'

run "$TWPROBE" explain time-wait/syn/seq-below/ts-below
matches 'explain lists the fields of the answer with their rules' "$(tr -s ' \n' ' ' <"$work/out")" \
	'fields of that answer: flags A .*seq snd_nxt \[tcp_v4_timewait_ack\(\).*tsecr ts_recent \['
run "$TWPROBE" explain time-wait/syn/seq-below/ts-below/tcp_max_tw_buckets=0
matches 'explain says that there is no such socket' "$(tr -s ' \n' ' ' <"$work/out")" 'the kernel keeps no such socket: the listener'

# Many at once would fill a table of 2; one after the other they do not.
printf 'name: few\nblocks:\n  - segment: ack\n    seq: above\n    ts: above\n    sysctl: tcp_max_tw_buckets=2\n' >"$work/few.yaml"
said '"\(.state_before) \(.verdict) \(.tries)"' 'time-wait agrees 1' --matrix="$work/few.yaml" --repeat=64
finish
