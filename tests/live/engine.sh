#!/bin/bash
# The lab inside a user-mode Linux: as an ordinary user, with the same output and exit codes as here, and nothing left of it,
# however it ends.
. "$(dirname "$0")/lib.sh"
need gcc jq setpriv tcpdump
command -v linux.uml >/dev/null || skip_all 'no user-mode Linux here (package user-mode-linux)'
as_nobody=()
[ "$(id -u)" != 0 ] || as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all --)
# Where everybody may read them: the checkout may be in a private folder.
cp "$TWPROBE_RELEASE" "$work/twprobe"
cp -r cases "$work/cases"
chmod -R a+rX "$work/cases"
export TWPROBE_CASES=$work/cases
cd "$work" || exit 1
mkdir -m 777 "$work/open"

# left: processes of a guest of ours, and what it may leave behind
none_runs() { ! pgrep -f "init=$work/twprobe"; }
left() {
	pgrep -f "init=$work/twprobe" | wc -l
	find "${TMPDIR:-/tmp}" /dev/shm ~/.uml -maxdepth 1 -name 'twprobe-uml-*' 2>/dev/null
}

gcc -std=c11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -I"$root" -o "$work/in_guest" "$root/tests/live/in_guest.c" \
	"$root/build/release/libtwprobe.a" -lz || { echo "not ok - in_guest.c does not build"; exit 1; }
# Debian's package has these as modules, each with others that it needs, and no nft_synproxy.
run "$work/in_guest" "$(command -v linux.uml)" nf_conntrack nft_masq ip_vs_rr sch_netem
exits 'modules are loaded' 0
is 'those that were named, and what they need' "$(grep -xE 'nf_conntrack|nft_masq|nf_nat|nf_tables|ip_vs_rr|ip_vs|sch_netem|veth' \
	"$work/out" | sort | paste -sd' ')" 'ip_vs ip_vs_rr nf_conntrack nf_nat nf_tables nft_masq sch_netem veth'
run "$work/in_guest" "$(command -v linux.uml)" nft_masq nft_synproxy
exits 'a module that the kernel does not have' 4
matches 'it is named' "$(err)" 'has no module nft_synproxy$'

release=$(linux.uml --version)
run "${as_nobody[@]}" "$work/twprobe" matrix --engine=uml --format=json --pcap="$work/open/guest.pcap"
exits 'the matrix, as a user' 0
is 'every cell agrees, with the states that this kernel reports' "$(cells "$work/out" \
	'select(.verdict != "agrees" or .state_before != "time-wait") | "\(.cell) \(.verdict)"' | head -n 3)" ''
cp "$work/out" "$work/all"
is 'of that kernel, started for it' "$(jq -r 'select(.record == "run") | "\(.kernel) \(.engine)"' "$work/out")" "$release uml"
is 'IPv6 is there' "$(jq -r 'select(.record == "cell" and .verdict == "skipped") | .cell' "$work/out")" ''
is 'a file that it writes is here' "$(tcpdump -r "$work/open/guest.pcap" 2>/dev/null | head -n 100 | wc -l)" 100

# Where nobody says which kernel it is, its answers are as some kernel's, and tell which. Kernels before 6.10 lose the ISN that
# tcp_timewait_state_process() chose.
run "$work/twprobe" matrix --engine=uml --kernel=any --format=json
exits 'its version not said: nothing differs' 0
case $release in 5.1[0-9].*|6.[0-9].*) series='^5\.10 to 6\.9$' ;; *) series='^6\.10' ;; esac
matches 'its version not said: what it may be' "$(jq -r 'select(.record == "summary") | .kernels' "$work/out")" "$series"
cp "$work/out" "$work/unsaid"
run "$work/twprobe" compare "$work/all" "$work/unsaid"
exits 'two runs of one kernel are equal' 0

run "$work/twprobe" scenario tw-illegal-syn --engine=uml
exits 'a scenario' 0
run "$work/twprobe" --engine=uml --expect=folk time-wait/syn/seq-above/ts-equal
exits 'an exit code passes' 1
is 'nothing on standard error' "$(err)" ''
# What this machine's kernel may not have: IPVS chooses anew where a SYN comes into TIME_WAIT; netem delays what is not silence then.
cat >"$work/open/shop.yaml" <<'Y'
ipvs:
  - service: 198.51.100.1:80
    servers: [192.0.2.2:8888, 192.0.2.2:8891]
netem:
  to-client: { delay: 350ms, seed: 7 }
Y
run "$work/twprobe" --engine=uml --path="$work/open/shop.yaml" --format=json time-wait/syn/seq-above/ts-above
is 'through IPVS with two servers, over a line longer than the wait for an answer' "$(jq -r 'select(.record == "cell") |
	[.answer, .path.stimulus, .path.answer_from, .path.says] | join(" ")' "$work/out")" \
	"syn-ack reached subject the router sent the stimulus to another server than the connection's"

# refused NAME CODE TEXT ARGUMENTS...: the exit code, and one line
refused() {
	local name=$1 code_wanted=$2 text=$3
	shift 3
	run "$work/twprobe" "$@"
	exits "$name" "$code_wanted"
	is "$name: one line" "$(wc -l <"$work/err") $(grep -cE "$text" "$work/err")" '1 1'
}
refused 'a target' 2 'leave out one' --engine=uml 192.0.2.2:80
refused 'the lab and an image' 2 'leave out --kernel-image' --engine=lab --kernel-image=/usr/bin/linux.uml
refused 'a program' 4 'neither a user-mode Linux nor a bzImage' --kernel-image=/bin/ls
refused 'no file' 4 'No such file' --kernel-image="$work/none"
refused 'a folder' 4 'not a kernel tree' --kernel-image="$work"
refused 'an unknown engine' 2 'lab, uml, qemu or exec:COMMAND' --engine=bochs
mkdir "$work/tree"
touch "$work/tree/Kconfig"
refused 'a tree with nothing built' 4 'no kernel was built in this tree: make ARCH=um linux, or make bzImage' --kernel-image="$work/tree"
# The header of a bzImage (arch/x86/boot.rst): one sector of set-up, no more behind it, 64 bits.
head -c 1024 /dev/zero >"$work/bzImage"
for patch in '497 \1' '514 HdrS' '566 \1'; do
	printf "${patch#* }" | dd of="$work/bzImage" bs=1 seek="${patch% *}" conv=notrunc status=none
done
run env PATH=/none "$work/twprobe" --kernel-image="$work/bzImage"
exits 'no QEMU' 4
is 'no QEMU: one line, with its package' "$(wc -l <"$work/err") $(grep -c 'apt-get install qemu-system-x86$' "$work/err")" '1 1'
gcc -std=c11 -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -o "$work/without" "$root/tests/live/without.c" -lseccomp ||
	not_ok 'without.c builds'
run "$work/without" packet "$work/twprobe" time-wait/syn/seq-above/ts-above
exits 'a kernel without packet sockets' 4
is 'a kernel without packet sockets: one line' "$(wc -l <"$work/err") $(grep -c 'CONFIG_PACKET' "$work/err")" '1 1'
run "$work/without" net-namespaces "$work/twprobe" time-wait/syn/seq-above/ts-above
exits 'a kernel without network namespaces' 4
is 'a kernel without network namespaces: one line' "$(wc -l <"$work/err") $(grep -c 'no network namespaces' "$work/err")" '1 1'
printf '\177ELF uml_dir=<directory>' >"$work/broken"
chmod +x "$work/broken"
refused 'a damaged image' 4 'ended before it had run the command: ' --kernel-image="$work/broken"
run env TMPDIR=/none unshare -Ur bash -c 'echo 0 >/proc/sys/user/max_user_namespaces
	exec setpriv --inh-caps=-all --bounding-set=-all -- "$0" --engine=uml time-wait/syn/seq-above/ts-equal' "$work/twprobe"
exits 'a TMPDIR that is not there, without namespaces' 4
matches 'and which it is' "$(err)" 'no folder for its memory, /none/.*: No such file'
run bash -c 'ulimit -v 200000; exec "$0" --engine=uml time-wait/syn/seq-above/ts-equal' "$work/twprobe"
exits 'no memory for the guest' 4
is 'no memory for the guest: one line' "$(wc -l <"$work/err") $(grep -c 'mapping [0-9]* bytes of memory .* failed' "$work/err")" '1 1'
run bash -c 'exec "$0" matrix --engine=uml >/dev/full' "$work/twprobe"
exits 'standard output that is full' 4
is 'standard output that is full: one line' "$(wc -l <"$work/err") $(grep -c 'No space left' "$work/err")" '1 1'
is 'nothing is left' "$(left)" 0

# A reader that stands still, whether the pipe makes us wait (Ctrl-C twice ends it) or refuses (O_NONBLOCK; all arrives later).
cat >"$work/slow.py" <<'PY'
import fcntl, os, signal, struct, subprocess, sys, termios, time
how, command = sys.argv[1], sys.argv[2:]
reader, writer = os.pipe()
fcntl.fcntl(writer, 1031, 4096) # F_SETPIPE_SZ
if how == 'refuses':
    os.set_blocking(writer, False)
child = subprocess.Popen(command, stdout=writer)
os.close(writer)
end, full = time.monotonic() + 20, -1
while time.monotonic() < end:  # until something is there, and it does not become more
    now = struct.unpack('i', fcntl.ioctl(reader, termios.FIONREAD, b'    '))[0]
    if now and now == full:
        break
    full = now
    time.sleep(0.3)
if how == 'refuses':
    print(len(open(reader, 'rb').read().splitlines()), child.wait())
    sys.exit()
for _ in range(2):
    child.send_signal(signal.SIGINT)
    time.sleep(0.3)
try:
    print(child.wait(5))
except subprocess.TimeoutExpired:
    child.kill()
    print('stuck')
PY
is 'a full pipe: Ctrl-C twice ends it' "$(python3 "$work/slow.py" waits "$work/twprobe" matrix --engine=uml --format=json)" 130
wait_until 5 none_runs
is 'and nothing is left' "$(left)" 0
is 'a pipe that refuses: all arrives' "$(python3 "$work/slow.py" refuses "$work/twprobe" matrix --engine=uml --format=json)" \
	"$(wc -l <"$work/all") 0"

background "$work/twprobe" matrix --engine=uml --repeat=10000
wait_until 20 grep -q expecting "$work/background.0"
sleep 2
kill -INT "${background[-1]}"
wait "${background[-1]}"
is 'Ctrl-C: exit 130' $? 130
matches 'Ctrl-C: the summary of what was done' "$(cat "$work/background.0")" 'Interrupted: [1-9][0-9]* of 4720000 cells were done'
background "$work/twprobe" matrix --engine=uml --repeat=10000
wait_until 20 pgrep -f "init=$work/twprobe"
sleep 1
{ kill -KILL "${background[-1]}" && wait "${background[-1]}"; } 2>/dev/null
wait_until 5 none_runs
is 'killed: nothing is left' "$(left)" 0
for hundredths in 0{0..9} 0{0..9} {10..14}; do # before it has begun, and on the way
	"$work/twprobe" matrix --engine=uml --repeat=10000 >/dev/null 2>&1 &
	sleep 0.$hundredths
	{ kill -KILL $! && wait $!; } 2>/dev/null
done
wait_until 5 none_runs
is 'killed at any moment: nothing is left' "$(left)" 0
# Guests read the case files when they have started: what was changed meanwhile is not what was asked for.
mkdir -p "$work/some/scenarios"
sed 's/^scenario: .*/scenario: aaa/' cases/scenarios/tw-legal-syn.yaml >"$work/aaa.yaml" # comes before all others
printf '%s\n' 'name: two' 'description: two cells' 'blocks: [{seq: [below, above], ts: below}]' >"$work/some/two.yaml"
changed() { # FROM TO ARGUMENTS...: FROM is moved to TO while the guests start
	background env TWPROBE_CASES="$work/some" "$work/twprobe" "${@:3}" --engine=uml --workers=2
	wait_until 20 pgrep -f "init=$work/twprobe"
	mv "$1" "$2"
	wait "${background[-1]}"
	is "case files that were changed meanwhile, $3: exit code" $? 4
	matches "case files that were changed meanwhile, $3: said" "$(cat "$work/background.$((${#background[@]} - 1))")" \
		'^twprobe: the case files were changed while the run read them; ask again$'
}
sed 's/above/equal/' "$work/some/two.yaml" >"$work/other.yaml"
changed "$work/other.yaml" "$work/some/two.yaml" matrix --matrix="$work/some/two.yaml" --format=json
changed "$work/aaa.yaml" "$work/some/scenarios/aaa.yaml" scenario --all --format=json
wait_until 5 none_runs
is 'and nothing is left' "$(left)" 0
finish
