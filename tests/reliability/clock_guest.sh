#!/bin/bash
# Runs in a user-mode Linux, which has a clock of its own: clock_guest.sh FOLDER. One line a run: run NAME EXIT SECONDS CELLS AGREES
# DIFFERS INCONCLUSIVE
folder=$1
uptime() { cut -d ' ' -f 1 /proc/uptime; }
# steps COUNT SECONDS PAUSE: in the background
steps() {
	for _ in $(seq "$1"); do
		sleep "$3"
		date -s "@$(($(date +%s) + $2))" >/dev/null
	done
}
field() { sed -n "s/.*\"record\":\"summary\".*\"$1\":\([0-9]*\).*/\1/p" "$folder/out"; }
measure() { # NAME COMMAND...
	local name=$1 begun code
	begun=$(uptime)
	shift
	"$@" >"$folder/out" 2>"$folder/err"
	code=$?
	echo "run $name $code $(awk "BEGIN { printf \"%.1f\", $(uptime) - $begun }") $(field cells) $(field agrees) $(field differs) $(field inconclusive)"
	head -n 2 "$folder/err" >&2
}
all=("$TWPROBE_RELEASE" matrix --matrix=all --format=json -q)
ip link set lo up
measure none "${all[@]}"
(steps 1 -600 0.3) &
measure back-600 "${all[@]}"
(steps 40 -2 0.05) &
measure back-2-by-40 "${all[@]}"
(steps 40 2 0.05) &
measure forward-2-by-40 "${all[@]}"
sleep 3
measure scenarios "$TWPROBE_RELEASE" scenario --all -q
(steps 60 2 0.1) &
measure scenarios-forward "$TWPROBE_RELEASE" scenario --all -q
