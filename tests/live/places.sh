#!/bin/bash
# Where it must run: a kernel without IPv6, a container with /proc/sys read-only, a kernel that has just booted.
. "$(dirname "$0")/lib.sh"
need_root
need jq gcc unshare setpriv

# A kernel without IPv6 refuses its sockets, which is all that a process sees of it. The release build: a sanitizer's runtime must be
# the first library.
cat >"$work/shim.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol)
{
	if (domain != AF_INET6)
		return ((int (*)(int, int, int))dlsym(RTLD_NEXT, "socket"))(domain, type, protocol);
	errno = EAFNOSUPPORT;
	return -1;
}
C
gcc -shared -fPIC -o "$work/shim.so" "$work/shim.c" -ldl || { echo 'not ok - the shim does not build'; exit 1; }
without_ipv6=(env LD_PRELOAD="$work/shim.so" "$TWPROBE_RELEASE")
cat >"$work/both.yaml" <<'YAML'
name: both
blocks:
  - family: [ipv4, ipv6]
    ts: [above, below]
YAML
run "${without_ipv6[@]}" matrix --format=json --matrix="$work/both.yaml"
exits 'without IPv6: exit 0' 0
is 'IPv4 cells run, IPv6 cells are skipped' \
	"$(cells "$work/out" '"\(.cell | endswith("/ipv6")) \(.verdict) \(.reason // "")"' | sort | uniq -c | sed 's/^ *//')" \
	'2 false agrees 
2 true skipped this kernel has no IPv6'
run "${without_ipv6[@]}"
exits 'one cell over IPv4' 0
run "${without_ipv6[@]}" --ipv6
exits 'one cell over IPv6: exit 4' 4
matches 'and why' "$(cat "$work/out" "$work/err")" 'this kernel has no IPv6'
run "${without_ipv6[@]}" matrix --ipv6 --only='*/syn/seq-above/ts-above*'
exits 'a matrix over IPv6: exit 4' 4
run "${without_ipv6[@]}" scenario tw-illegal-syn
exits 'a scenario over IPv4' 0
run "${without_ipv6[@]}" scenario -6 tw-illegal-syn
exits 'a scenario over IPv6: exit 4' 4
is 'and one line' "$(err)" 'twprobe: -6: this kernel has no IPv6'

# As OCI runtimes mount it.
# shellcheck disable=SC2016
read_only=(unshare -m sh -c 'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec "$@"' sh)
contained=(setpriv '--bounding-set=-all,+sys_admin,+net_admin,+net_raw' --inh-caps=-all)
procs() { grep -E '^\S+ /proc' /proc/mounts; }
before=$(procs)
run "${read_only[@]}" "${contained[@]}" "$TWPROBE" matrix -q --only='*/tcp_timestamps=*'
exits '/proc/sys read-only, SYS_ADMIN, NET_ADMIN, NET_RAW: sysctls are set' 0
run "${read_only[@]}" "${contained[@]}" "$TWPROBE" scenario tw-illegal-syn-rfc1337
exits 'and in a scenario' 0
run "${read_only[@]}" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$TWPROBE"
exits 'as a user: exit 4' 4
matches 'and what would help' "$(err)" '^twprobe: cannot make the lab: .*(/proc/sys is read-only here.*CAP_SYS_ADMIN|run it as root)'
is 'the machine has the mounts that it had' "$(procs)" "$before"

# What a time namespace shows, twprobe waits for.
up=$(cut -d. -f1 /proc/uptime)
if unshare -T --monotonic "-$up" true 2>/dev/null; then
	run unshare -T --monotonic "-$(cut -d. -f1 /proc/uptime)" "$TWPROBE" --ts-below
	exits 'a kernel that has just booted' 0
	matches 'is waited for, and that is said' "$(tr -s ' \n' ' ' <"$work/err")" '^twprobe: note: this kernel has just booted.* waiting [0-9.]+ s'
	run "$TWPROBE" --ts-below
	is 'another is not' "$(err)" ''
else
	skip 'a kernel that has just booted' 'no time namespaces here'
fi
finish
