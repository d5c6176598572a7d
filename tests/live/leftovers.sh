#!/bin/bash
# A socket that stays behind in the lab's namespace is found at the end of the run, and the exit code says so.
. "$(dirname "$0")/lib.sh"
need python3

if [ "$(id -u)" != 0 ] || ! command -v nsenter >/dev/null; then
	skip 'a socket that stays is found' 'needs root and nsenter'
	finish
	exit
fi

"$TWPROBE" time-wait/rst/seq-below/ts-equal/delay=1200 >"$work/cell" 2>"$work/error" &
probe=$!
# Until its connection is in TIME_WAIT, in a namespace of its own.
until [ "$(readlink "/proc/$probe/ns/net")" != "$(readlink /proc/self/ns/net)" ] && grep -q ' 06 0' "/proc/$probe/net/tcp"; do
	kill -0 "$probe" 2>/dev/null || break
	sleep 0.02
done
nsenter -n -t "$probe" python3 -c '
import socket, time
kept = socket.create_server(("127.0.0.1", 0))
time.sleep(20)' &
keeper=$!
code=0
wait "$probe" || code=$?
kill "$keeper"
is 'a socket that stays: the exit code' "$code" 1
is '... and one line' "$(cat "$work/error")" "twprobe: note: the subject's kernel holds more than before the run: 1 socket"
matches 'the cell agrees all the same' "$(cat "$work/cell")" '^verdict: +agrees'
finish
