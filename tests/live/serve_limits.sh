#!/bin/bash
# The subject's limits: what it cannot hold it refuses, says so, and nobody takes a refusal for an answer.
. "$(dirname "$0")/lib.sh"
need_root
need python3 jq ss

# The lab: one connection in flight takes one descriptor.
limited() { # DESCRIPTORS ARGUMENTS...
	run bash -c 'ulimit -n "$1"; shift; exec "$@"' - "$1" "$TWPROBE" "${@:2}"
}
held='--matrix=all --only=established/*/seq-equal/ts-equal --only=close-wait/*/seq-equal/ts-equal'
# shellcheck disable=SC2086
limited 32 matrix $held --in-flight=16384 --repeat=2
exits 'with 32 descriptors every cell agrees' 0
matches 'and what was asked for too much is said' "$(err)" 'note: [0-9]+ in flight, not [0-9]+: each takes a descriptor'
limited 10 matrix -q
exits 'with 10 descriptors nothing works' 4
matches 'which is one line' "$(err)" '^twprobe: .*(Too many open files|descriptors).*$'
is 'and no more' "$(err | wc -l)" 1
limited 40 scenario tw-illegal-syn
exits 'a scenario does not begin with too few' 4
matches 'and says why' "$(err)" 'each with a descriptor'

# serve, with another host that holds all it gets. Its address is no interface's, so that nobody resets for it.
two_namespaces
flooder=198.51.100.9
in_far ip neigh replace $flooder lladdr "$(in_near cat /sys/class/net/wire/address)" dev wire
pages() { in_far awk '/^TCP:/ { print $NF }' /proc/net/sockstat; }
flood() { # COUNT WINDOW BYTES; sets flooded
	background in_near python3 tests/live/flood.py $flooder $far_v4 8888 "$@"
	flooder_pid=$! flooded=$work/background.$((${#background[@]} - 1))
	wait_until 30 grep -q established "$flooded"
}
serve "$far" 8888 "$TWPROBE" serve --allow=198.51.100.0/24 --max-held=300 --max-held-each=200 8888
server=$! said=$work/background.$((${#background[@]} - 1))
before=$(pages)
flood 500 61001 60000
is 'one client holds as many as it may' "$(cat "$flooded")" 'established 500 reset 300'
# 40 KiB each, as the manual says: ten pages. What is counted lags by up to so many pages a processor (sk_memory_allocated_add()).
lag=$(($(nproc) * $(cat /proc/sys/net/core/mem_pcpu_rsv 2>/dev/null || echo 256)))
holds 'their unread bytes are bounded' [ $(($(pages) - before)) -le $((200 * 10 + lag)) ]
run in_near "$TWPROBE" matrix --matrix=all --only='established/*/seq-equal/ts-equal' --rate=max $far_v4:8888
exits 'another client is served meanwhile' 0
stop $server
matches 'the end counts what was held' "$(cat "$said")" '^200 still held$'
matches 'and what was refused' "$(cat "$said")" '^300 reset, because their client had reached its limit'
stop $flooder_pid

# Full in all: the prober is refused. Whatever it concludes, it must not be that the kernel differs.
serve "$far" 8888 "$TWPROBE" serve --max-held=100 --max-held-each=100 8888
server=$! said=$work/background.$((${#background[@]} - 1))
flood 100 61001 0
is 'all is held by one' "$(cat "$flooded")" 'established 100 reset 0'
run in_near "$TWPROBE" matrix --matrix=all --only='established/*/seq-equal/ts-equal' --only='syn-recv/*ack/seq-equal/ts-equal' \
	--rate=max --expect=linux --format=json $far_v4:8888
exits 'a full server makes cells inconclusive' 3
is 'not different' "$(cells "$work/out" .verdict | grep -c differs)" 0
matches 'the reason is the reset' "$(cells "$work/out" .reason)" 'reset the connection'
matches 'also where it is the answer' "$(cells "$work/out" 'select(.cell | startswith("syn-recv/ack")) | .reason')" \
	"the server's process reset"
run in_near "$TWPROBE" --seq-below --ts-below $far_v4:8888
exits 'what need not be held is answered as ever' 0
stop $server
matches 'the end counts them' "$(cat "$said")" '^[0-9]+ reset, because the limit was reached'
stop $flooder_pid

# Who may connect.
serve "$far" 8888 "$TWPROBE" serve --allow=192.0.2.0/24 --allow=2001:db8:51::1 8888
server=$! said=$work/background.$((${#background[@]} - 1))
is 'who is allowed needs no warning' "$(grep -c warning "$said")" 0
run in_near "$TWPROBE" --seq-below --ts-below $far_v4:8888
exits 'a client that is not allowed gets nowhere' 3
matches 'and sees a reset' "$(out)" 'reset the connection'
run in_near "$TWPROBE" --seq-below --ts-below "[$far_v6]:8888"
exits 'one that is allowed is served' 0
stop $server
matches 'the end counts them too' "$(cat "$said")" '^[0-9]+ reset, because their client is not in --allow$'

# Held for too long.
serve "$far" 8888 "$TWPROBE" serve --hold=1s 8888
server=$! said=$work/background.$((${#background[@]} - 1))
flood 20 61001 0
wait_until 5 bash -c "[ \"\$(ip netns exec $far ss -Htn state established | wc -l)\" = 0 ]"
is 'what is held for too long is reset' "$(in_far ss -Htn state established | wc -l)" 0
stop $server
matches 'and counted' "$(cat "$said")" '^20 reset after --hold$'

# The name service is asked without privileges.
if command -v strace >/dev/null; then
	run in_far timeout 10 strace -f -e trace=setresuid,connect "$TWPROBE" serve name.invalid:8888
	is 'no question as root' "$(err | awk '/setresuid/ { dropped = 1 } /connect.*htons\(53\)/ && !dropped' | wc -l)" 0
fi
finish
