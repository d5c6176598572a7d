#!/bin/bash
# The lab, its subject and its witness, without the crafter: lab_check.c as root, as a user, and as a root without
# CAP_SYS_ADMIN; and the machine, which no signal but its parent's end may stop. The host stays as it is.
. "$(dirname "$0")/lib.sh"
need gcc setpriv unshare
as_nobody=()
[ "$(id -u)" != 0 ] || as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all --)
gcc -std=c11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -I. -o "$work/lab_check" tests/live/lab_check.c \
	build/release/libtwprobe.a -lmnl -lcap-ng -lseccomp || { echo "not ok - lab_check.c does not build"; exit 1; }

host() { sysctl -a 2>/dev/null | grep -E '^net\.(ipv4\.tcp|core\.somaxconn|ipv6\.conf)'; ip addr show; ip route show table all; }
host >"$work/before"

# checked NAME COMMAND...: exit 77 says that this system allows no lab here
checked() {
	local name=$1 result
	shift
	timeout 60 "$@" >"$work/log" 2>&1
	result=$?
	grep '^# the witness' "$work/log"
	case $result in
	0) ok "$name: $(grep -c '^ok' "$work/log") checks" ;;
	77) skip "$name" "$(sed -n 's/^# //p' "$work/log" | head -n 1)" ;;
	*) not_ok "$name: exit $result" "$(grep -A1 '^not ok' "$work/log" || tail -n 3 "$work/log")" ;;
	esac
}
[ "$(id -u)" != 0 ] || checked 'as root' "$work/lab_check"
checked 'a process that was stopped for a while' "$work/lab_check" late
checked 'as a user' "${as_nobody[@]}" "$work/lab_check"
[ "$(id -u)" != 0 ] || checked 'as root without CAP_SYS_ADMIN' \
	setpriv --inh-caps=-sys_admin --bounding-set=-sys_admin "$work/lab_check"

# The machine's end. `alive` asks by pid; a zombie is nobody's.
alive() { [ -e "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
ends() { for _ in {1..100}; do alive "$1" || return 0; sleep 0.02; done; return 1; }
waiting() { # starts COMMAND... and leaves $parent and $machine
	: >"$work/machine"
	"$@" >"$work/machine" 2>&1 &
	parent=$!
	background+=("$parent")
	for _ in {1..100}; do [ -s "$work/machine" ] && break; sleep 0.02; done
	machine=$(cat "$work/machine")
}
for who in root user; do
	if [ $who = root ]; then
		[ "$(id -u)" = 0 ] || continue
		waiting "$work/lab_check" wait
	else
		waiting "${as_nobody[@]}" "$work/lab_check" wait
	fi
	if ! [[ $machine =~ ^[0-9]+$ ]]; then
		skip "$who: the machine's end" "no lab"
		continue
	fi
	for signal in INT TERM HUP QUIT PIPE; do kill -$signal "$machine"; done
	sleep 0.1
	holds "$who: the terminal's signals do not end the machine" alive "$machine"
	# Stopped, it cannot see its socket end: only the kernel's signal can end it then.
	kill -STOP "$machine"
	kill -KILL "$parent"
	wait "$parent" 2>/dev/null
	holds "$who: the machine dies with its parent, even stopped" ends "$machine"
	kill -KILL "$machine" 2>/dev/null
done
is 'the host is as it was' "$(host | diff "$work/before" - | head -n 20)" ''

# What one connection measures is not the next one's: a slow handshake would lengthen the timers of those after it.
if [ "$(id -u)" != 0 ] || ! command -v nsenter >/dev/null || ! command -v ip >/dev/null; then
	skip 'the lab keeps no metrics' 'needs root, nsenter and ip'
else
	"$TWPROBE" matrix --matrix=time-wait --rate=200 >/dev/null 2>&1 &
	prober=$!
	background+=("$prober")
	served() {
		# Until it is in the lab, its counters are those of the host.
		[ "$(readlink "/proc/$prober/ns/net")" != "$(readlink /proc/self/ns/net)" ] &&
			awk '$1 == "Tcp:" { opens = $7 } END { exit !(opens > 100) }' "/proc/$prober/net/snmp" 2>/dev/null
	}
	holds 'a hundred connections have been served' wait_until 20 served
	is 'and the lab keeps no metrics of them' "$(nsenter -t "$prober" -n ip tcp_metrics show)" ''
	kill "$prober"
fi
finish
