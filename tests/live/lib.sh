# Helpers for live tests; to be sourced by a bash program. One check prints one line, `ok N - name` or `not ok N - name`
# with what was seen on lines that begin with #. The program ends with `finish`: exit 0 or 1; `skip_all` exits 77.
#
# Whatever ends the test, the traps remove its processes, namespaces and files.

# shellcheck shell=bash
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root" || exit 1
TWPROBE=${TWPROBE:-$root/twprobe}
TWPROBE_RELEASE=${TWPROBE_RELEASE:-$TWPROBE}
validate=$root/build/release/schema/validate
# The program gives up its privileges, and with them what the leak finder needs (ptrace).
export TWPROBE_CASES=$root/cases ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS} LC_ALL=C
work=$(mktemp -d "${TMPDIR:-/tmp}/twprobe-test-XXXXXX")
chmod 755 "$work"
near=twprobe-$$-a far=twprobe-$$-b    # namespaces of `two_namespaces`
near_v4=198.51.100.1 far_v4=198.51.100.2
near_v6=2001:db8:51::1 far_v6=2001:db8:51::2
count=0 bad=0
background=() namespaces=()
code=0 # of the command that `run` ran; its output is in $work/out and $work/err

cleanup() {
	trap - EXIT INT TERM HUP
	local pid name
	exec 2>/dev/null # bash would report each one killed
	for pid in "${background[@]}"; do kill -KILL "$pid" 2>/dev/null; done
	wait 2>/dev/null
	for name in "${namespaces[@]}"; do ip netns del "$name" 2>/dev/null; done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

ok() { count=$((count + 1)); echo "ok $count - $1"; }
# not_ok NAME [DETAIL...]
not_ok() {
	count=$((count + 1)) bad=$((bad + 1))
	echo "not ok $count - $1"
	shift
	[ $# = 0 ] || printf '%s\n' "$@" | cut -c 1-300 | head -n 40 | sed 's/^/# /'
}
# One check left out, visibly.
skip() { count=$((count + 1)); echo "ok $count - $1 # SKIP $2"; }
skip_all() { echo "$1"; exit 77; }
finish() {
	echo "1..$count"
	[ "$count" -gt 0 ] || { echo "not ok - no check was made"; exit 1; }
	[ "$bad" = 0 ]
	exit
}
# is NAME GOT WANTED
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "got:    $2" "wanted: $3"; fi; }
# matches NAME TEXT PATTERN: an extended regular expression, somewhere in the text
matches() {
	if grep -qE -- "$3" <<<"$2"; then ok "$1"; else not_ok "$1" "nothing matches: $3" "in:" "$2"; fi
}
# holds NAME COMMAND...
holds() {
	local name=$1
	shift
	if "$@" >"$work/holds" 2>&1; then ok "$name"; else not_ok "$name" "failed: $*" "$(cat "$work/holds")"; fi
}

# checks_of COMMAND...: each line "ok - NAME" or "not ok - NAME" that it prints is a check of this test
checks_of() {
	local line
	while IFS= read -r line; do
		case $line in
		'ok - '*) ok "${line#ok - }" ;;
		'not ok - '*) not_ok "${line#not ok - }" ;;
		*) echo "$line" ;;
		esac
	done < <("$@" 2>&1 || echo "not ok - $1 ended well")
}

need_root() { [ "$(id -u)" = 0 ] || skip_all "needs root, to make network namespaces"; }
need() {
	local tool
	for tool in "$@"; do command -v "$tool" >/dev/null || skip_all "$tool is not installed (scripts/deps check)"; done
}
[ -x "$TWPROBE" ] || { echo "not ok - no $TWPROBE: build it first"; exit 1; }

# in_near and in_far are functions, which neither timeout nor a clean kill can reach: the command they stand for.
resolve() {
	case $1 in
	in_near) resolved=(ip netns exec "$near" "${@:2}") ;;
	in_far) resolved=(ip netns exec "$far" "${@:2}") ;;
	*) resolved=("$@") ;;
	esac
}
# run COMMAND...: for at most 60 seconds (or $limit); sets code, leaves $work/out and $work/err. Fails the test loudly
# when a sanitizer spoke, whatever the exit code, and when NDJSON on standard output is not as docs/schema says.
run() {
	resolve "$@"
	set -- "${resolved[@]}"
	timeout --kill-after=5 "${limit:-60}" "$@" >"$work/out" 2>"$work/err" </dev/null
	code=$?
	if grep -qE 'AddressSanitizer|runtime error:|LeakSanitizer' "$work/err"; then
		not_ok "no sanitizer report from: $*" "$(head -n 30 "$work/err")"
	fi
	local first= wrong
	read -r -N 10 first <"$work/out" 2>/dev/null
	[ "$first" = '{"record":' ] && [ -x "$validate" ] && [ $code -lt 124 ] || return 0
	wrong=$("$validate" "$root/docs/schema" "$work/out") || not_ok "its records are as docs/schema says: $*" "$wrong"
}
out() { cat "$work/out"; }
err() { cat "$work/err"; }
# exits NAME WANTED: the exit code of the last `run`
exits() {
	if [ "$code" = "$2" ]; then ok "$1"
	else not_ok "$1" "exit code $code, wanted $2" "$(head -n 20 "$work/err")" "$(tail -n 5 "$work/out")"; fi
}

# background COMMAND...: its pid is in $!, its output in $work/background.N, N from 0
background() {
	resolve "$@"
	# bash lets them ignore SIGINT, and then twprobe ignores it as well.
	env --default-signal=INT,QUIT "${resolved[@]}" >"$work/background.${#background[@]}" 2>&1 </dev/null &
	background+=($!)
}
# Waits up to $1 seconds until the command succeeds.
wait_until() {
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt $end ] || return 1
		sleep 0.02
	done
}
# stop PID [SIGNAL]: ends a background process and waits for it
stop() {
	kill -"${2:-TERM}" "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

in_near() { ip netns exec "$near" "$@"; }
in_far() { ip netns exec "$far" "$@"; }
# make_namespace NAME: with its loopback up
make_namespace() {
	ip netns add "$1" || { echo "not ok - cannot make a network namespace"; exit 1; }
	namespaces+=("$1")
	ip -n "$1" link set lo up
}
# Two namespaces and a third one, $middle, between them: a relay there (tests/live/relay.py, tests/reliability/relay.c) is what
# joins them.
middle=twprobe-$$-c
around_a_relay() {
	need_root
	make_namespace "$near"
	make_namespace "$far"
	make_namespace "$middle"
	local side
	for side in near far; do
		declare -n space=$side v4=${side}_v4
		ip -n "$space" link add wire type veth peer name $side netns "$middle"
		ip -n "$space" addr add "$v4/24" dev wire
		ip -n "$space" link set wire up
		ip -n "$middle" link set $side up
		ip netns exec "$space" python3 tests/live/relay.py --checksums wire 2>"$work/err" ||
			skip_all "no relay here: $(tail -n 1 "$work/err")"
	done
}
# Two namespaces joined by a veth pair: `in_near` and `in_far` run a command there; the interface is "wire" in both.
two_namespaces() {
	need_root
	make_namespace "$near"
	make_namespace "$far"
	ip -n "$near" link add wire type veth peer name wire netns "$far"
	ip -n "$near" addr add $near_v4/24 dev wire
	ip -n "$far" addr add $far_v4/24 dev wire
	ip -n "$near" addr add $near_v6/64 dev wire nodad
	ip -n "$far" addr add $far_v6/64 dev wire nodad
	ip -n "$near" link set wire up
	ip -n "$far" link set wire up
	wait_until 5 in_near grep -q up /sys/class/net/wire/operstate
	wait_until 5 in_far grep -q up /sys/class/net/wire/operstate
}
# `near` and `far` again, with a router between them, `middle`, whose interfaces are called after the ends.
router_near_v4=198.51.100.1 router_far_v4=203.0.113.1
router_between() {
	local end
	for end in "$near" "$far" "$middle"; do make_namespace "$end"; done
	ip -n "$near" link add wire type veth peer name near netns "$middle"
	ip -n "$far" link add wire type veth peer name far netns "$middle"
	ip -n "$near" addr add $router_near_v4/24 dev wire
	ip -n "$far" addr add $router_far_v4/24 dev wire
	ip -n "$middle" addr add 198.51.100.2/24 dev near
	ip -n "$middle" addr add 203.0.113.2/24 dev far
	for end in "$near wire" "$far wire" "$middle near" "$middle far"; do ip -n ${end% *} link set ${end#* } up; done
	ip -n "$near" route add default via 198.51.100.2
	ip -n "$far" route add default via 203.0.113.2
	ip netns exec "$middle" sysctl -qw net.ipv4.ip_forward=1
}
# listens NAMESPACE PORT: does somebody listen there?
listens() { [ -n "$(ip netns exec "$1" ss -Hltn "sport = :$2")" ]; }
# trace_states PORT FILE: the kernel's changes of the TCP states of servers on ten ports from PORT on, and of their clients, go to
# FILE once $tracer gets a SIGINT
trace_states() {
	background unshare -m python3 tests/live/diagnose_real_programs.py trace "$1" "$2"
	tracer=$!
	local output=$work/background.$((${#background[@]} - 1))
	wait_until 10 grep -qx tracing "$output" || skip_all "no tracepoints here: $(tail -n 1 "$output")"
}
# serve NAMESPACE PORT COMMAND...: a server in the background, until it listens
serve() {
	local space=$1 port=$2
	shift 2
	background ip netns exec "$space" "$@"
	wait_until 10 listens "$space" "$port" || {
		not_ok "a server on port $port: $*" "$(cat "$work/background.$((${#background[@]} - 1))")"
		finish
	}
}

# capture NAMESPACE INTERFACE FILE [FILTER]: tcpdump in the background, which captures once this returns
capture() {
	: >"$3.err" # what an earlier one said there is not waited for
	ip netns exec "$1" tcpdump -i "$2" -n -U -s "${snap:-0}" --immediate-mode -B 16384 -w "$3" \
		"(${4:-tcp}) or udp port 9" 2>"$3.err" </dev/null &
	background+=($!)
	capture_pid=$! capture_space=$1 capture_file=$3
	wait_until 10 grep -q 'listening on' "$3.err" || { not_ok "tcpdump captures" "$(cat "$3.err")"; finish; }
}
# Stops it once it has written all that went before: a UDP datagram to the discard port (to $1, an address behind the
# interface) is the last frame. The file is then without it.
capture_stop() {
	local full=$capture_file.full
	ip netns exec "$capture_space" bash -c "echo >/dev/udp/$1/9" 2>/dev/null
	wait_until 10 has_marker "$capture_file" || not_ok "tcpdump heard the end mark"
	stop $capture_pid INT
	matches "tcpdump lost no frame" "$(cat "$capture_file.err")" '^0 packets dropped by kernel'
	mv "$capture_file" "$full"
	tcpdump -n -r "$full" -w "$capture_file" tcp 2>/dev/null
}
has_marker() { [ -n "$(tcpdump -n -r "$1" udp port 9 2>/dev/null)" ]; }

# frames FILE FILTER FIELD...: one line a frame, fields separated by tabs, absolute numbers, values in decimal
frames() {
	local file=$1 filter=$2 fields=() field
	shift 2
	for field in "$@"; do fields+=(-e "$field"); done
	tshark -n -r "$file" -o tcp.relative_sequence_numbers:FALSE -o tcp.analyze_sequence_numbers:FALSE \
		-Y "$filter" -T fields "${fields[@]}" 2>/dev/null
}
# out_rsts NAMESPACE: how many RSTs its own TCP has sent
out_rsts() {
	ip netns exec "$1" awk '/^Tcp:/ { if (n++) print $c; else for (i = 1; i <= NF; i++) if ($i == "OutRsts") c = i }' \
		/proc/net/snmp
}
# cells FILE JQ: applies a jq expression to each cell record of an NDJSON file
cells() { jq -r "select(.record == \"cell\") | $2" "$1"; }
# serve_nginx NAMESPACE ADDRESS:PORT...: a real nginx that answers every request with one line.
serve_nginx() {
	local namespace=$1 address listen=
	shift
	for address; do listen+="listen $address; "; done
	mkdir "$work/nginx"
	chmod 777 "$work/nginx"
	cat >"$work/nginx.conf" <<-CONF
		daemon off;
		master_process off;
		pid $work/nginx/pid;
		error_log $work/nginx/error.log;
		events {}
		http {
			access_log off;
			client_body_temp_path $work/nginx; proxy_temp_path $work/nginx; fastcgi_temp_path $work/nginx;
			uwsgi_temp_path $work/nginx; scgi_temp_path $work/nginx;
			server { ${listen}location / { return 200 "hello\n"; } }
		}
	CONF
	serve "$namespace" "${1##*:}" nginx -c "$work/nginx.conf"
}
