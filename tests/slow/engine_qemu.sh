#!/bin/bash
# The lab inside a kernel that QEMU boots: as an ordinary user, with the same output, files and exit codes as here; modules; what is
# told when it does not boot, has no memory or is killed; and nothing left of it, however it ends.
. "$(dirname "$0")/../live/lib.sh"
need gcc jq setpriv tcpdump qemu-system-x86_64
limit=300
run scripts/kernels fetch 5.10 newest
[ $code = 0 ] || skip_all "no kernels to boot: $(tail -n 1 "$work/err")"
old=$(head -n 1 "$work/out") new=$(tail -n 1 "$work/out")
as_nobody=()
[ "$(id -u)" != 0 ] || as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all --)
cp "$TWPROBE_RELEASE" "$work/twprobe"
cp -r cases "$work/cases"
for name in old new; do # as scripts/kernels keeps them: modules beside the image
	image=${!name#*: }
	mkdir "$work/$name"
	cp -r "$image" "${image%/*}/modules" "$work/$name"
done
chmod -R a+rX "$work/cases" "$work/old" "$work/new"
export TWPROBE_CASES=$work/cases
gcc -std=c11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -I. -o "$work/in_guest" tests/live/in_guest.c build/release/libtwprobe.a -lz ||
	{ echo "not ok - in_guest.c does not build"; exit 1; }
cd "$work" || exit 1
mkdir -m 777 open

guests() { pgrep -f "^qemu-system-x86_64 .*-kernel $work/"; }
is_nothing_left() {
	wait_until 20 bash -c "! pgrep -f '^qemu-system-x86_64 .*-kernel $work/'"
	is "$1: nothing is left" "$(guests; find "${TMPDIR:-/tmp}" /dev/shm -maxdepth 1 -name 'twprobe-uml-*')" ''
}
# told NAME TEXT: exit code 4 and one line
told() {
	exits "$1" 4
	is "$1: one line" "$(wc -l <"$work/err") $(grep -cE "$2" "$work/err")" '1 1'
}

for name in old new; do
	run "${as_nobody[@]}" ./twprobe matrix --kernel-image=$name/vmlinuz --format=json --pcap=open/$name.pcap
	exits "$name: the matrix, as a user" 0
	is "$name: every cell agrees, with the states that this kernel reports" "$(cells out \
		'select(.verdict != "agrees" or .state_before != "time-wait") | "\(.cell) \(.verdict)"' | head -n 3)" ''
	is "$name: of that kernel" "$(jq -r 'select(.record == "run") | .engine' out)" qemu
	is "$name: every segment is in the file that it writes" "$(tcpdump -r open/$name.pcap 2>/dev/null | wc -l)" \
		"$(jq -r 'select(.record == "summary") | .segments_sent + .segments_heard' out)"
done
run ./in_guest "$work/new/vmlinuz" nft_masq nft_synproxy ip_vs_rr sch_netem
exits 'modules are loaded' 0
is 'those that were named, and what they need' "$(grep -xE 'nf_conntrack|nft_masq|nft_synproxy|nf_nat|ip_vs_rr|ip_vs|sch_netem' out |
	sort | paste -sd' ')" 'ip_vs ip_vs_rr nf_conntrack nf_nat nft_masq nft_synproxy sch_netem'
run ./in_guest "$work/new/vmlinuz" no_such_module
told 'a module that is not there' 'no_such_module'

cp cases/time-wait-rst.yaml mine.yaml
run ./twprobe --kernel-image=new/vmlinuz --engine=qemu --expect=folk time-wait/syn/seq-above/ts-equal
exits 'an exit code passes' 1
run ./twprobe matrix --matrix=../"${work##*/}"/mine.yaml --kernel-image=new/vmlinuz --format=json
exits 'a matrix in a file' 0
run bash -c 'exec ./twprobe matrix --kernel-image=new/vmlinuz >/dev/full'
told 'standard output that is full' 'No space left'

# What does not boot.
head -c 40000 new/vmlinuz >zero
truncate -s "$(stat -c %s new/vmlinuz)" zero
run ./in_guest -b 10000 zero
told 'a kernel without a kernel' 'before it had run the command'
cp new/vmlinuz rotten
dd if=/dev/urandom of=rotten bs=1000 seek=3000 count=1 conv=notrunc status=none
run ./in_guest -b 20000 rotten
told 'a kernel that cannot be unpacked' 'before it had run the command.*: .'
run bash -c 'ulimit -v 400000; exec ./twprobe matrix --kernel-image=new/vmlinuz'
told 'no memory for it' 'Cannot allocate memory|killed by signal'

background ./twprobe matrix --kernel-image=old/vmlinuz --format=json --repeat=1000
wait_until 20 guests
sleep 1
kill -INT "${background[-1]}"
wait "${background[-1]}"
is 'Ctrl-C while it boots: exit 130' $? 130
is_nothing_left 'Ctrl-C while it boots'
background ./twprobe matrix --kernel-image=old/vmlinuz --format=json --repeat=1000
wait_until 120 grep -q '"record":"cell"' "$work/background.1"
kill -INT "${background[-1]}"
wait "${background[-1]}"
is 'Ctrl-C: exit 130' $? 130
is 'Ctrl-C: the summary of what was done' "$(tail -n 1 background.1 | jq -r '"\(.record) \(.interrupted)"')" 'summary true'
is_nothing_left 'Ctrl-C'
background ./twprobe matrix --kernel-image=old/vmlinuz --format=json --repeat=1000
wait_until 120 test -s "$work/background.2"
{ kill -KILL "${background[-1]}" && wait "${background[-1]}"; } 2>/dev/null
is_nothing_left 'killed'
background ./twprobe matrix --kernel-image=old/vmlinuz --format=json --repeat=1000
wait_until 120 test -s "$work/background.3"
kill -KILL "$(guests | head -n 1)"
wait "${background[-1]}"
is 'its guest is killed: exit 4' $? 4
matches 'its guest is killed: by what' "$(tail -n 1 background.3)" 'ended before the command had: it was killed by signal 9'
is_nothing_left 'its guest is killed'
finish
