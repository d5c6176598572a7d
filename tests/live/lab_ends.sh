#!/bin/bash
# A lab whose process dies ends the run at once: exit 4, one line that names its signal, whatever the command waits for; and a
# sysctl refused at the probe is that.
. "$(dirname "$0")/lib.sh"
need jq

# Sets $machine to the lab's process of $1, once it is there.
find_machine() {
	local child
	for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		[ "$(cat "/proc/$child/comm" 2>/dev/null)" != twprobe-lab ] || { machine=$child; return 0; }
	done
	return 1
}
# dies SIGNAL TEXT ARGUMENTS...: kills it half a second into the run (a sanitizer would catch the signal)
dies() {
	local signal=$1 text=$2 begun
	shift 2
	"$TWPROBE_RELEASE" "$@" >"$work/out" 2>"$work/err" </dev/null &
	background+=($!)
	wait_until 5 find_machine $! || { not_ok "$*: there is a lab" "$(cat "$work/err")"; return; }
	sleep 0.5
	begun=${EPOCHREALTIME/./}
	kill -"$signal" "$machine"
	wait $!
	code=$?
	exits "$*: exit 4 after SIG$signal" 4
	is 'and one line' "$(grep -v '^twprobe: note: ' "$work/err")" "twprobe: the lab's process has ended ($text)"
	if [ $((${EPOCHREALTIME/./} - begun)) -lt 2000000 ]; then ok 'at once'; else not_ok 'at once'; fi
	is 'nothing is called closed or silent for that' "$(grep -cE 'port is closed|SYN \(|differs' "$work/out")" 0
}
# Each of them waits at that moment: for its pace, for an answer, for a timer.
dies KILL 'signal 9, Killed' matrix --matrix=all --rate=200
dies KILL 'signal 9, Killed' matrix --matrix=all --rate=200 --format=json
dies SEGV 'signal 11, Segmentation fault' scenario tw-lifetime --slow
dies KILL 'signal 9, Killed' map --rate=200 -o "$work/map.png"
dies KILL 'signal 9, Killed' why --state=established --segment=rst --seq-below --timeout=20s
dies KILL 'signal 9, Killed' --state=established --segment=rst --seq-below --timeout=20s

cat >"$work/refused.yaml" <<'YAML'
name: refused
blocks:
  - sysctl: [tcp_timestamps=abc@probe, tcp_timestamps=abc, none]
    ts: [above, below]
YAML
run "$TWPROBE" matrix --format=json --matrix="$work/refused.yaml" --repeat=40
exits 'values that the kernel refuses' 0
is 'at the probe or before it is the same reason' \
	"$(cells "$work/out" '"\(.verdict): \(.reason // "")"' | sort | uniq -c | sed 's/^ *//')" \
	"80 agrees: 
160 skipped: the kernel refuses the value 'abc' for the sysctl tcp_timestamps"
finish
