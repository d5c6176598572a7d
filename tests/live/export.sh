#!/bin/bash
# twprobe export: scripts of packetdrill's language, which packetdrill passes where it is installed; C programs and scripts for scapy
# that get the same answer.
. "$(dirname "$0")/lib.sh"
need gcc python3
need_root

# Rules of many kinds: a challenge ACK, silence proven by what follows, a new connection, sysctls, an active opening, both FINs.
cells=(established/rst/seq+1/ts-equal fin-wait-2/rst/seq+1/ts-equal time-wait/syn/seq-below/ts-above
	time-wait/rst/seq-equal/ts-absent/tcp_rfc1337=1 syn-sent/ack/seq-equal/ts-absent/ack+1 closing-half/data/seq-below/ts-below
	last-ack/fin-ack/seq-equal/ts-equal listen/ack/seq-equal/ts-absent closed/syn/seq-equal/ts-absent)
run "$TWPROBE" export "${cells[@]}" -q -o "$work/scripts"
exits 'cells as scripts' 0
is 'a file for each' "$(ls "$work/scripts" | wc -l)" ${#cells[@]}
holds 'they are of the language' tests/live/packetdrill_check.py "$work"/scripts/*.pkt
run "$TWPROBE_RELEASE" export --matrix=all --only='*/seq+1/*' -q -o "$work/matrix"
exits 'a matrix: some cells are no scripts' 3
matches 'a matrix: it says which' "$(err)" 'no script of .*: '
# An example of each error, so that the checker is one.
sed 's/ack 1 win/ack 1 wim/' "$work/scripts/tcp_established_rst_seq+1_ts-equal.pkt" >"$work/bad.pkt"
matches 'the checker refuses' "$(tests/live/packetdrill_check.py "$work/bad.pkt")" 'not of the language'
holds 'a matrix: all are of the language' tests/live/packetdrill_check.py "$work"/matrix/*/*.pkt
is 'a matrix: a folder for each state' "$(ls "$work/matrix" | tr '\n' ' ')" "$("$TWPROBE" list states |
	grep -vxE 'closed|syn-sent|fin-wait-1-half|closing-half|last-ack-half' | sort | tr '\n' ' ')"
# What a file of results has, beside what this kernel answers.
run "$TWPROBE_RELEASE" matrix --matrix=time-wait-rst --only='time-wait/rst/seq-equal/*' --format=json
sed 's/"answer":"silence"/"answer":"rst"/; s/"kernel":"[^"]*"/"kernel":"1.2.3"/' "$work/out" >"$work/results"
run "$TWPROBE_RELEASE" export "$work/results" --only='*/ts-equal*' -o "$work/again"
exits 'the cells of a result file' 0
is 'the cells of a result file: a folder for each way to set them up' "$(cd "$work/again" && echo */*)" \
	'time-wait/tcp_time-wait_rst_seq-equal_ts-equal.pkt time-wait_tcp_rfc1337_1/tcp_time-wait_rst_seq-equal_ts-equal_tcp_rfc1337_1.pkt'
matches 'the cells of a result file: what it has' "$(cat "$work"/again/time-wait/*)" 'results has of Linux 1.2.3: rst$'
matches 'the cells of a result file: answers that are others here' "$(err)" '2 scripts have another answer than the file'
run bash -c '"$0" export - --only="*/seq-equal/ts-equal" -o "$1/streamed" <"$1/results"' "$TWPROBE_RELEASE" "$work"
exits 'those of standard input' 0
matches 'those of standard input: it is named' "$(cat "$work"/streamed/time-wait/*)" '// standard input has of Linux 1.2.3: rst$'
run bash -c 'gzip -c "$1/results" | "$0" compare - "$1/results"' "$TWPROBE_RELEASE" "$work"
exits 'compare reads standard input, compressed as well' 0
# A cell that is named as well is asked once, and its script has what the file says.
run "$TWPROBE_RELEASE" export "$work/results" time-wait/rst/seq-equal/ts-equal time-wait/rst/seq+0/ts-equal -o "$work/named" --only='*/ts-equal'
exits 'a cell of a result file that is named, too' 0
is 'a cell of a result file that is named, too: one script' "$(cat "$work"/named/time-wait/* | grep -c 'results has of Linux')" 1
run "$TWPROBE_RELEASE" export "$work/results" time-wait/rst/seq-equal/ts-equal --only='*/ts-equal' --dry-run
is 'a cell of a result file that is named, too: it is listed once' "$(out | cut -d' ' -f1)" 'time-wait/rst/seq-equal/ts-equal'
run "$TWPROBE" export "$work/results" --only='established/*' -o "$work/none"
exits 'no cell of a result file' 2
if command -v packetdrill >/dev/null; then
	for script in "$work"/scripts/*.pkt; do
		holds "packetdrill passes $(basename "$script")" unshare -n packetdrill --ip_version=ipv4 --local_ip=192.168.0.1 \
			--gateway_ip=192.168.0.1 --netmask_ip=255.255.0.0 --remote_ip=192.0.2.1 "$script"
	done
else
	skip 'packetdrill passes them' 'packetdrill is not installed'
fi

run "$TWPROBE" export "${cells[@]}" -q --format=c -o "$work/programs"
exits 'cells as programs' 0
run "$TWPROBE" export syn-sent/ack/seq-equal/ts-absent/ack+1/ipv6 -q --format=c -o "$work/programs"
exits 'a cell over IPv6 as a program' 0
for program in "$work"/programs/*.c; do
	holds "it compiles without a warning: $(basename "$program")" gcc -Wall -Wextra -Werror -o "${program%.c}" "$program"
done
for program in "$work"/programs/*.c; do
	run "${program%.c}"
	exits "the same answer from $(basename "$program")" 0
done
python=
for one in python3 /usr/bin/python3; do
	[ -n "$python" ] || ! "$one" -c 'import scapy' 2>/dev/null || python=$one
done
if [ -n "$python" ]; then
	run "$TWPROBE" export time-wait/syn/seq-below/ts-above established/rst/seq+1/ts-equal/ipv6 -q --format=scapy -o "$work/scapy"
	exits 'cells for scapy' 0
	for script in "$work"/scapy/*.py; do
		run "$python" "$script"
		exits "the same answer from $(basename "$script")" 0
	done
	sed '/The stimulus/,$s/kind="expect", wait=0.000, flags="A"/kind="expect", wait=0.000, flags="RA"/' \
		"$work/scapy/tcp_established_rst_seq+1_ts-equal_ipv6.py" >"$work/other.py"
	run "$python" "$work/other.py"
	exits 'scapy: another answer' 1
	matches 'scapy: both are shown' "$(out)" "differs: wanted \('RA'"
else
	skip 'scripts for scapy' 'python3-scapy is not installed'
fi
# Another answer than the expected one is told.
program=$work/programs/tcp_established_rst_seq+1_ts-equal.c
sed '/The stimulus/,/EXPECT/s/\(EXPECT, .flags = \)0x10/\10x14/' "$program" >"$work/other.c"
gcc -o "$work/other" "$work/other.c"
run "$work/other"
exits 'another answer' 1
matches 'another answer: both are shown' "$(out)" 'differs: wanted RA'

run "$TWPROBE" export time-wait/syn/seq-below/ts-above
matches 'one cell goes to standard output' "$(out)" '^// time-wait/syn/seq-below/ts-above: SYN-ACK continued'
run "$TWPROBE" export established/rst/seq-equal/ts-equal/path=router
exits 'what is no script: exit code' 3
matches 'what is no script: why' "$(err)" 'no script of .*: a path is between'
run "$TWPROBE" export "${cells[@]}"
exits 'several without a folder' 2
run "$TWPROBE" export time-wait/sin/seq-below/ts-above
exits 'no cell' 2
run "$TWPROBE" export
exits 'nothing' 2
finish
