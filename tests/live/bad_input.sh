#!/bin/bash
# Every bad input gets one clear line on stderr, the right exit code, and sends nothing.
. "$(dirname "$0")/lib.sh"
need tcpdump ip setpriv
two_namespaces
serve "$far" 8888 "$TWPROBE" serve 8888
limit=10

printf 'name: [oops\n' >"$work/syntax.yaml"
printf 'name: x\nblocks:\n  - state: time-wait\n    colour: red\n' >"$work/key.yaml"
: >"$work/empty.yaml"
head -c 4096 /dev/urandom >"$work/random.yaml"

capture "$near" any "$work/near.pcap"

# refused WANTED-CODE PATTERN ARGUMENTS...
refused() {
	local wanted=$1 pattern=$2 begun=${EPOCHREALTIME/./} problems=()
	shift 2
	run in_near "$TWPROBE" "$@"
	[ "$code" = "$wanted" ] || problems+=("exit code $code, wanted $wanted")
	grep -qE -- "$pattern" "$work/err" || problems+=("stderr does not match: $pattern")
	[ "$(grep -c . "$work/err")" -le 2 ] || problems+=("more than two lines on stderr")
	[ ! -s "$work/out" ] || problems+=("something on stdout: $(head -n 3 "$work/out")")
	[ $((${EPOCHREALTIME/./} - begun)) -lt 6000000 ] || problems+=("took longer than 6 s")
	if [ ${#problems[@]} = 0 ]; then ok "$wanted: twprobe $*"
	else not_ok "$wanted: twprobe $*" "${problems[@]}" "stderr: $(cat "$work/err")"; fi
}
target=$far_v4:8888

# Targets.
refused 2 'no-such-host\.invalid' no-such-host.invalid:8888
refused 2 'port' $far_v4:0
refused 2 'port' $far_v4:65536
refused 2 'port|PORT' $far_v4:http:80
refused 2 'port' $far_v4
refused 2 'port' $far_v4:
refused 2 ']' "[$far_v6:8888"
refused 2 'multicast' 224.0.0.1:8888
refused 2 'multicast' '[ff02::1]:8888'
refused 2 'broadcast' 255.255.255.255:8888
refused 2 'broadcast' 198.51.100.255:8888
refused 2 '0\.0\.0\.0' 0.0.0.0:8888
refused 2 '::' '[::]:8888'
refused 2 'one' $target $target
refused 2 'port' serve
refused 2 '99999' serve 99999
refused 2 'nosuch' matrix nosuch

# A cell's options.
refused 2 'seq.*12abc' --seq=12abc
refused 2 'seq' --seq=
refused 2 'seq' --seq=2^40
refused 2 'seq' --seq=99999999999
refused 2 'seq' --seq-below=x
refused 2 'seq' --seq-below=0
refused 2 'seq' --seq-below=-5
refused 2 'seq-below.*seq-above|seq-above.*seq-below' --seq-below --seq-above
refused 2 'seq' --seq-equal --seq=7
refused 2 'ts-below.*ts-above|ts-above.*ts-below' --ts-below --ts-above
refused 2 'ts' --ts=wnd
refused 2 'ts' --ts=1.5
refused 2 'closed-wait.*time-wait' --state=closed-wait
refused 2 'ping.*syn-ack' --segment=ping
refused 2 'maybe' --connection-timestamps=maybe
refused 2 'sysctl' --sysctl nonsense
refused 2 'sysctl|\.\.' --sysctl ../../kernel/panic=1
refused 2 'sysctl.*(lab|target|remote)|(lab|target|remote).*sysctl' --sysctl tcp_rfc1337=1 $target
refused 2 'sysctl.*(lab|target|remote)|(lab|target|remote).*sysctl' --sysctl-at-probe tcp_rfc1337=1 $target
refused 2 'trigger.*ftp' --trigger=ftp $target
refused 2 'trigger' --trigger=send: $target
refused 2 'ack' --ack=wnd --segment=ack
refused 2 'connection-timestamps' --connection-timestamps

# Common options.
refused 2 'nosuch' --nosuch
refused 2 'format.*xml|xml.*format' --format=xml
refused 2 'bible' --expect=bible
refused 2 'repeat' --repeat=0
refused 2 'repeat' --repeat=x
refused 2 'in-flight' --in-flight=0
refused 2 'in-flight' --in-flight=-1
refused 2 'rate' --rate=0
refused 2 'rate' --rate=fast
refused 2 'shard' matrix --shard=3/2
refused 2 'only' --only='*'
refused 2 'state' matrix --state=listen
refused 2 'timeout' --timeout=soon
refused 2 'timeout' --timeout=-1s
refused 2 'seed' --seed=x
refused 2 'color' --color=sometimes
refused 2 'source' --source=nowhere $target
refused 2 'no/such/dir' --pcap=/no/such/dir/x.pcap
refused 2 'no/such/dir' --pcap=/no/such/dir/x.pcap $target

# Case files.
refused 2 '/no/such\.yaml' matrix --matrix=/no/such.yaml
refused 2 'nosuch' matrix --matrix=nosuch
refused 2 'tests/live' matrix --matrix="$root/tests/live"
refused 2 'syntax\.yaml:[0-9]+:[0-9]+' matrix --matrix="$work/syntax.yaml"
refused 2 'key\.yaml:4:[0-9]+.*colour' matrix --matrix="$work/key.yaml"
refused 2 'empty\.yaml' matrix --matrix="$work/empty.yaml"
refused 2 'random\.yaml' matrix --matrix="$work/random.yaml"
refused 2 'only|pattern|no cell' matrix --only='no-such-cell*'
refused 2 'nonsense' explain nonsense
refused 2 'no-such-state' explain no-such-state/syn/seq-above/ts-above
refused 2 'CELL|cell' explain

# What cannot be done here.
refused 4 'nosuch0' --interface=nosuch0 $target
capture_stop $far_v4
is 'nothing was sent by any of them' "$(tcpdump -n -r "$work/near.pcap" 2>/dev/null | head -n 5)" ''

# Allowed, but it says what the offset is counted from.
run "$TWPROBE" --ts-below --connection-timestamps=off
holds '--ts-below --connection-timestamps=off is allowed' [ "$code" -lt 2 ]
matches '--ts-below --connection-timestamps=off says what it is relative to' "$(out; err)" 'relative|counted|instead'

# Targets that do not do: a reason, soon.
hopeless() { # NAME PATTERN COMMAND...
	local name=$1 pattern=$2 begun=${EPOCHREALTIME/./}
	shift 2
	run "$@"
	holds "$name: exit 3 or 4" [ "$code" = 3 -o "$code" = 4 ]
	matches "$name: the reason" "$(out; err)" "$pattern"
	holds "$name: in a few seconds" [ $((${EPOCHREALTIME/./} - begun)) -lt 8000000 ]
}
hopeless 'a sysctl that this kernel lacks' 'no sysctl tcp_nosuch' "$TWPROBE" --sysctl tcp_nosuch=1
hopeless 'a closed port' 'refused|closed' in_near "$TWPROBE" $far_v4:9999
hopeless 'a host that does not answer' 'answer|unreachable|route' in_near "$TWPROBE" 198.51.100.77:8888
hopeless 'no route' 'route|unreachable' in_near "$TWPROBE" 203.0.113.1:8888
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --)
hopeless 'no privilege' 'rivilege|root|CAP_NET_RAW' in_near "${nobody[@]}" "$TWPROBE" $target
is 'no privilege: exit 4' "$code" 4
run in_near "${nobody[@]}" "$TWPROBE" --format=tap $target
is 'no privilege, TAP: exit 4' "$code" 4
matches 'no privilege, TAP: skipped with the reason' "$(out)" '^1\.\.0 # SKIP .*(rivilege|root|CAP_NET_RAW)'
hopeless 'a matrix against a closed port' 'refused|closed' in_near "$TWPROBE" matrix --only='*/seq-below/*' $far_v4:9999
finish
