# Runs in the guest (busybox sh), which has a clock of its own. One line a run: run NAME EXIT SECONDS CELLS AGREES DIFFERS INCONCLUSIVE
b=/bin/busybox
export TWPROBE_CASES=/cases
uptime() { $b cut -d ' ' -f 1 /proc/uptime; }
# steps COUNT SECONDS MICROSECONDS: in the background
steps() {
	for _ in $($b seq "$1"); do
		$b usleep "$3"
		$b date -s "@$(($($b date +%s) + $2))" >/dev/null
	done
}
field() { $b sed -n "s/.*\"record\":\"summary\".*\"$1\":\([0-9]*\).*/\1/p" /out; }
measure() { # NAME COMMAND...
	name=$1 begun=$(uptime)
	shift
	$b timeout 300 "$@" >/out 2>/err
	code=$?
	echo "run $name $code $($b awk "BEGIN { printf \"%.1f\", $(uptime) - $begun }") $(field cells) $(field agrees) $(field differs) $(field inconclusive)"
	$b head -n 2 /err >&2
}
all="/twprobe matrix --matrix=all --format=json -q"
$b ifconfig lo 127.0.0.1 up
measure none $all
(steps 1 -600 300000) &
measure back-600 $all
(steps 40 -2 50000) &
measure back-2-by-40 $all
(steps 40 2 50000) &
measure forward-2-by-40 $all
$b sleep 3
measure scenarios /twprobe scenario --all -q
(steps 60 2 100000) &
measure scenarios-forward /twprobe scenario --all -q
