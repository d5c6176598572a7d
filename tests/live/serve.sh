#!/bin/bash
# twprobe serve: what it says, what it refuses, each manner as a plain client sees it, and how it ends.
. "$(dirname "$0")/lib.sh"
need unshare python3 setpriv

# refused NAME CODE PATTERN ARGUMENTS...
refused() {
	local name=$1 wanted=$2 pattern=$3
	shift 3
	run "$TWPROBE" serve "$@"
	exits "$name" "$wanted"
	matches "$name: says why" "$(err)" "$pattern"
}
refused 'no port' 2 'needs the port'
refused 'port 0' 2 'no port 0' 0
refused 'port 65536' 2 'no port 65536' 65536
refused 'junk' 2 'not a number' 80x
refused 'an address without port' 2 'port is missing' 192.0.2.1:
refused 'IPv6 without brackets' 2 'brackets' ::1:8888
refused 'two ports' 2 'one port' 8888 8889
refused 'unknown manner' 2 'close, hold, half, eof, eof-half' --manner=fast 8888
refused 'bad backlog' 2 'expected a whole number from 1 to 65535' --backlog=0 8888
refused 'no prefix' 2 'is not a numeric' --allow=example.org 8888
refused 'a long prefix' 2 'an IPv4 prefix has 0 to 32 bits' --allow=192.0.2.0/33 8888
refused 'bits beyond the prefix' 2 'did you mean 192.0.2.0/24' --allow=192.0.2.17/24 8888
refused 'no connection held' 2 'expected a whole number from 1 to' --max-held=0 8888
refused 'held too short' 2 'expected 1s to 86400s' --hold=10ms 8888
refused '--allow where nobody is accepted' 2 'one of them' --allow=192.0.2.1 --never-accept 8888
refused 'unknown option' 2 'no option --nonsense' --nonsense 8888
refused 'unknown short option' 2 'no option -z' -z 8888
refused 'a value where none belongs' 2 'no option --quiet=1' --quiet=1 8888
refused 'a value missing' 2 '--manner needs a value' 8888 --manner
refused 'multicast' 2 'not the address of a single host' 224.0.0.1:8888
refused 'an address that is not here' 4 'belongs to no local interface' 192.0.2.77:8888
run "$TWPROBE" serve --help
exits 'help' 0
matches 'help explains the manners' "$(out)" '61001 hold'

# What follows runs in a namespace with nothing but its loopback interface.
cat >"$work/in_namespace" <<'EOF'
# in_namespace TWPROBE WORK
ip link set lo up 2>/dev/null
serve() { # the ARGUMENTS; waits for the line that says it listens
	: >"$2/line"
	env --default-signal=INT "$1" serve "${@:3}" >"$2/line" 2>&1 &
	server=$!
	for _ in {1..100}; do grep -q listening "$2/line" && break; sleep 0.02; done
}
ended() { # with SIGNAL
	kill "-$1" "$server"
	wait "$server"
	echo "$1: exit $?"
}
python='
import socket, sys
manner, server, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
s = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET)
if manner != "none":
    s.setsockopt(socket.IPPROTO_TCP, 10, 61000 + int(manner))  # TCP_WINDOW_CLAMP
s.connect((server, port))
s.settimeout(0.2)
def end():
    try: return "end" if s.recv(1) == b"" else "data"
    except TimeoutError: return "open"
first = end()
s.shutdown(socket.SHUT_WR)
print(manner, server, first, end())
'
serve "$1" "$2" 8888
cat "$2/line"
python3 -c "$python" none 127.0.0.1 8888
python3 -c "$python" none ::1 8888
for manner in 0 1 2 3 4 5; do python3 -c "$python" $manner 127.0.0.1 8888; done
echo "user $(stat -c %u "/proc/$server/fd" 2>/dev/null >&2; sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "/proc/$server/status")" \
	"capabilities $(sed -n 's/^CapPrm:\t//p' "/proc/$server/status")"
"$1" serve 8888
echo "in use: exit $?"
ended INT
grep "^accepted" "$2/line"
serve "$1" "$2" --manner=eof -v 127.0.0.1:8888
cat "$2/line"
python3 -c "$python" none 127.0.0.1 8888
python3 -c "$python" 0 127.0.0.1 8888
ended TERM
sed 's/:[0-9]*:/:PORT:/' "$2/line" | tail -n 3
serve "$1" "$2" --never-accept --backlog=3 '[::1]:8888'
cat "$2/line"
python3 -c "$python" none ::1 8888
ss -Hltn 2>/dev/null | awk '{ print "queue", $2, "of", $3 }'
ended TERM
serve "$1" "$2" -q 8889
kill -0 "$server" && ended INT
echo "quiet: '$(cat "$2/line")'"
setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all "$1" serve 80
echo "low port: exit $?"
# With an address that others can reach, that one is told, and the command typed as it stands works.
ip address add 192.0.2.5/32 dev lo
serve "$1" "$2" --calls 8890
grep 'from the other side' "$2/line"
$(sed -n "s,^ask it from the other side: sudo twprobe ,$1 ,p" "$2/line") --quiet --shard=1/40 >"$2/asked"
echo "asked: exit $?"
ended TERM
EOF
cp "$TWPROBE" "$work/twprobe"
if unshare -n true 2>/dev/null; then
	unshare -n bash "$work/in_namespace" "$work/twprobe" "$work" >"$work/out" 2>&1
	expected='twprobe: warning: anyone can connect; --allow=ADDR/LENGTH or serve ADDR:PORT restricts it
listening on [::]:8888, closes every connection at once; Ctrl-C ends
ask it from the other side: sudo twprobe matrix 127.0.0.1:8888
none 127.0.0.1 end end
none ::1 end end
0 127.0.0.1 end end
1 127.0.0.1 open open
2 127.0.0.1 end end
3 127.0.0.1 open end
4 127.0.0.1 open end
5 127.0.0.1 end end
user 65534 capabilities 0000000000000000
twprobe: cannot listen on [::]:8888: another program already does
in use: exit 4
INT: exit 0
accepted 8 connections
listening on 127.0.0.1:8888, closes every connection after its client did; Ctrl-C ends
ask it from the other side: sudo twprobe matrix 127.0.0.1:8888
none 127.0.0.1 open end
0 127.0.0.1 end end
TERM: exit 0
127.0.0.1:PORT: eof
127.0.0.1:PORT: close (asked for)
accepted 2 connections
listening on [::1]:8888, accepts nothing; Ctrl-C ends
none ::1 open open
queue 1 of 3
TERM: exit 0
INT: exit 0
quiet: '"''"'
twprobe: cannot listen on [::]:80: only root may use a port this low
low port: exit 4
ask it from the other side: sudo twprobe matrix --calls 192.0.2.5:8890
asked: exit 0
TERM: exit 0'
	holds 'manners, counts and ends' diff "$work/out" - <<<"$expected"
else
	skip 'manners, counts and ends' 'no network namespace without root'
fi
finish
