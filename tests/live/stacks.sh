#!/bin/bash
# A TCP stack that is a process, behind a tap: --engine=exec.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || unshare -Urn true 2>/dev/null || skip_all "needs root or user namespaces"
[ -w /dev/net/tun ] || skip_all "/dev/net/tun cannot be opened here"
command -v python3 >/dev/null || skip_all "python3 is not installed"

toy="--engine=exec:stacks/toy.py"

# The example in the documentation is the program.
sed -n '/^```python$/,/^```$/{/^```/d;p}' docs/stacks.md >"$work/toy.py"
holds "docs/stacks.md shows stacks/toy.py" cmp "$work/toy.py" stacks/toy.py

# Every state, with segments that are answered at once; its TTL is 255, and our kernel stays out of it.
cat >"$work/states.yaml" <<'END'
name: states
description: a segment that every state answers
blocks:
  - state: [listen, syn-recv, established, fin-wait-1, fin-wait-1-half, fin-wait-2, fin-wait-2-half, closing, closing-half,
            time-wait, close-wait, last-ack, last-ack-half]
    segment: [ack]
    seq: [-1]
    ts: absent
    connection-timestamps: off
  - state: [established, close-wait]
    segment: [ack]
    seq: [-1, -2]
    ts: [below, equal, above]
  - state: [closed]
    segment: [syn]
    seq: [equal]
    ts: absent
    connection-timestamps: off
  - state: [established]
    segment: [syn]
    seq: [equal]
    ts: absent
    connection-timestamps: off
    sysctl: tcp_timestamps=0
END
run "$TWPROBE" matrix --matrix="$work/states.yaml" "$toy" --expect=rfc --format=json --pcap="$work/toy.pcap"
is "a matrix of the toy: exit code" "$code" 0
is "all 14 states are reached, and answer as RFC 9293 says" \
	"$(jq -r 'select(.verdict == "agrees") | .cell | split("/")[0]' "$work/out" | sort -u | wc -l)" 14
is "a cell with a sysctl is skipped, and says why" "$(jq -r 'select(.cell | test("tcp_timestamps=0")?) | .reason' "$work/out")" \
	"needs a Linux kernel's sysctls, and the subject is a process"
is "cells with timestamps are asked without, each once" "$(grep -c '"cell":"[a-z0-9-]*/ack/seq-[12]/ts-absent/conn-ts-off"' "$work/out")" 15
is "the others are skipped" "$(grep -c 'without them another cell asks the same' "$work/out")" 10
is "that is said once" "$(cat "$work/err")" "twprobe: note: the subject has no timestamps: 2 cells were asked without \
(conn-ts-off), and 10 are skipped that are the same as one of them"
is "the record names the engine and the command" "$(jq -r 'select(.record == "run") | "\(.engine) \(.target)"' "$work/out")" \
	"exec stacks/toy.py"
is "our kernel sends no reset" "$(tcpdump -nr "$work/toy.pcap" 'src 198.51.100.1 and tcp[13] & 4 != 0 and ip[8] != 64' 2>/dev/null | wc -l)" 0
is "the subject's TTL is 255" "$(tcpdump -nvr "$work/toy.pcap" 'src 192.0.2.2' 2>/dev/null | grep -o 'ttl [0-9]*' | sort -u)" "ttl 255"

cell=listen/ack/seq-1/ts-absent/conn-ts-off
# fails_with NAME CODE TEXT ARGUMENTS...
fails_with() {
	local name=$1 wanted=$2 text=$3
	shift 3
	run "$TWPROBE" $cell "$@"
	is "$name: exit code" "$code" "$wanted"
	is "$name: one line" "$(wc -l <"$work/err")" 1
	matches "$name: says why" "$(cat "$work/err")" "$text"
}
fails_with "a command that is not there" 4 "'nosuch' has ended \(exit code 127\): .*nosuch: not found" --engine=exec:nosuch
fails_with "one that ends at once" 4 "has ended \(exit code 3\): out of flash" "--engine=exec:echo out of flash >&2; exit 3"
fails_with "one that is killed" 4 "has ended \(signal 9, Killed\)" '--engine=exec:kill -9 $$'
fails_with "no command" 2 "a command is expected" --engine=exec:
fails_with "a source" 2 "source has no meaning for a process|--source tells" "$toy" --source=192.0.2.7
fails_with "a target as well" 2 "starts the subject, and 192.0.2.9:1 is one already" "$toy" 192.0.2.9:1

# In the middle of the run.
cat >"$work/dies.sh" <<END
exec 2>&1
sleep 4711 &
stacks/toy.py &
sleep 0.7
echo the battery is empty
exit 5
END
sed -i 's/segment: .*/segment: [rst]/' "$work/states.yaml"
run "$TWPROBE" matrix --matrix="$work/states.yaml" --engine="exec:sh $work/dies.sh" --format=json --repeat=500
is "a subject that ends: exit code" "$code" 4
matches "a subject that ends: says so" "$(cat "$work/err")" "has ended \(exit code 5\): the battery is empty"
is "its children are gone" "$(pgrep -cf 'sleep 4711')" 0

if [ "$(id -u)" = 0 ]; then
	run unshare -m sh -c "mount -t tmpfs none /dev/net && exec '$TWPROBE' $cell $toy"
	is "without /dev/net/tun: exit code" "$code" 4
	matches "without /dev/net/tun: says what to do" "$(cat "$work/err")" "there is no /dev/net/tun here .*modprobe tun"
	run unshare -m sh -c "mount -t tmpfs none /dev/net && mknod -m 600 /dev/net/tun c 10 200 &&
		exec setpriv --reuid=65534 --regid=65534 --clear-groups '$TWPROBE' $cell $toy"
	matches "a user who may not open it: says what to do" "$(cat "$work/err")" "not this user's to open; run it as root|user namespace"
fi

# Killed, it leaves nothing.
{ timeout -s KILL 0.8 "$TWPROBE" matrix --matrix="$work/states.yaml" "--engine=exec:sleep 4712 & stacks/toy.py" --repeat=500 -q \
	--format=json >/dev/null; } 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(pgrep -cf 'sleep 4712')" != 0 ] || break
	sleep 0.1
done
is "killed, it leaves no process" "$(pgrep -cf 'sleep 4712')" 0
finish
