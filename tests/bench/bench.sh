#!/bin/bash
# Cells a second of the TIME_WAIT SYN cell, by probes in flight, without and with the witness's states, beside the kernel's
# own plain connections a second in the same run. Prints a table in Markdown. Usage: bench.sh [CELLS]
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C
cells=${1:-60000}
tools=build/release/bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The summary line of a run: cells a second and how many were inconclusive or differ. What the table prints costs next to
# nothing, so it is the probing that is measured.
measure()
{
	local code=0 counts rate
	$tools/peak "$work/cost" ./twprobe --repeat="$1" --workers=1 "${@:2}" >"$work/run" || code=$?
	[ $code -le $worst ] || worst=$code
	counts=$(sed -En 's/^[0-9]+ cells: .* ([0-9]+) differ, ([0-9]+) inconclusive.*/\1 \2/p' "$work/run")
	rate=$(sed -En 's/^It took .* \(([0-9]+) cells\/s\):.*/\1/p' "$work/run")
	[[ "$rate $counts" =~ ^[0-9]+\ [0-9]+\ [0-9]+$ ]] || { echo "bench.sh: the summary has another form now" >&2; exit 1; }
	echo "$rate $counts"
}

echo "$(uname -sr), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(./twprobe -V | head -n 1)"
echo
# The plain loop with its two threads where the scheduler puts them, and both on one core: connections a second of each.
plain() { echo "$($tools/plain_loop 1)" "$($tools/plain_loop 1 one-core)"; }

echo '| in flight | plain connections/s, spread | on one core | cells/s | ratio to spread/one core | cells/s with states | ratio | peak memory, MiB | answer after, p50/p99 us | capture drops | inconclusive | differ |'
echo '|---|---|---|---|---|---|---|---|---|---|---|---|'
worst=0
for in_flight in 1 16 256 1024; do
	count=$cells
	[ $in_flight != 1 ] || count=$((cells / 6))
	# The plain loop runs between all others, so that a machine that changes its speed meanwhile deceives less.
	plain1=$(plain)
	read -r rate differ1 open1 < <(measure "$count" --in-flight=$in_flight --no-witness)
	read -r _ _ _ memory <"$work/cost"
	plain2=$(plain)
	read -r seen differ2 open2 < <(measure "$count" --in-flight=$in_flight)
	plain3=$(plain)
	# The delay of each answer, from the kernel's own receive timestamps.
	./twprobe --repeat=10000 --in-flight=$in_flight --no-witness --format=json >"$work/json" || true
	drops=$(jq -r 'select(.record == "summary").capture_drops' "$work/json")
	read -r p50 p99 < <(jq -r 'select(.record == "cell" and .received[0] != null) | .received[0].after_us' "$work/json" |
		sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)], v[int(NR * 0.99 + 0.99)] }')
	awk -v f=$in_flight -v a="$plain1" -v b="$plain2" -v c="$plain3" -v r="$rate" -v s="$seen" -v m="$memory" \
		-v p="$p50/$p99" -v d="$drops" -v i="$((open1 + open2))" -v x="$((differ1 + differ2))" 'BEGIN {
		split(a " " b " " c, plain)
		spread = (plain[1] + plain[3] + plain[5]) / 3
		one = (plain[2] + plain[4] + plain[6]) / 3
		printf "| %d | %d | %d | %d | %.2f/%.2f | %d | %.2f/%.2f | %.1f | %s | %d | %d | %d |\n", f, spread, one,
			r, r / spread, r / one, s, s / spread, s / one, m / 1024, p, d, i, x }'
done
echo
# Several labs at once, beside one and beside the plain loop.
echo '| workers | plain, spread/one core | cells/s | ratio to spread/one core | to one worker | with states | ratio to spread/one core | to one worker | peak memory of the biggest process, MiB |'
echo '|---|---|---|---|---|---|---|---|---|'
for workers in 1 $(seq 2 "$(nproc)"); do
	plain1=$(plain)
	read -r rate differ1 open1 < <(measure "$cells" --in-flight=256 --no-witness --workers=$workers)
	read -r _ _ _ memory <"$work/cost"
	read -r seen differ2 open2 < <(measure "$cells" --in-flight=256 --workers=$workers)
	plain2=$(plain)
	[ $workers != 1 ] || alone="$rate $seen"
	[ "$((differ1 + differ2 + open1 + open2))" = 0 ] || worst=1
	awk -v w=$workers -v a="$plain1" -v b="$plain2" -v r="$rate" -v s="$seen" -v o="$alone" -v m="$memory" 'BEGIN {
		split(a " " b " " o, plain)
		spread = (plain[1] + plain[3]) / 2
		one = (plain[2] + plain[4]) / 2
		printf "| %d | %d/%d | %d | %.2f/%.2f | %.2f | %d | %.2f/%.2f | %.2f | %.1f |\n", w, spread, one, r, r / spread, r / one,
			r / plain[5], s, s / spread, s / one, s / plain[6], m / 1024 }'
done
echo
# From start to exit, in us.
elapsed() {
	local begun=${EPOCHREALTIME/./} code=0
	"$@" >/dev/null || code=$?
	echo $((${EPOCHREALTIME/./} - begun))
	return $code
}
# median NAME COMMAND...: of nine, in ms
median() {
	for _ in 1 2 3 4 5 6 7 8 9; do
		elapsed "${@:2}" || true
	done | sort -n | awk -v name="$1" 'NR == 5 { printf "%s, from start to exit: %.1f ms (median of nine).\n", name, $1 / 1000 }'
}
median 'One cell in the lab' ./twprobe --seq-below --ts-above
if [ "$(id -u)" = 0 ] && cp twprobe "$work/twprobe" && chmod 755 "$work" "$work/twprobe"; then
	median 'The same without root' setpriv --reuid=65534 --regid=65534 --clear-groups "$work/twprobe" --seq-below --ts-above
fi
median 'The matrix time-wait' ./twprobe matrix -q --matrix=time-wait
median 'The matrix all' ./twprobe matrix -q --matrix=all
read -r ours theirs size < <($tools/json_cells)
echo "A cell's record of $size bytes of JSON: $ours us of CPU; $theirs with a tree of jansson's."

# Paths beside no router, in turns, so that a machine that changes its speed meanwhile deceives less.
paths=(direct router conntrack dnat masquerade)
if ./twprobe --path=conntrack -q >/dev/null 2>&1; then
	rounds=3
	for _ in $(seq $rounds); do
		for path in "${paths[@]}"; do
			read -r rate _ < <(measure $((cells / 6)) --path=$path)
			echo "$rate" >>"$work/rate.$path"
		done
	done
	for _ in 1 2 3 4 5 6 7 8 9; do
		for path in "${paths[@]}"; do
			elapsed ./twprobe --path=$path >>"$work/start.$path"
		done
	done
	echo
	echo '| path | cells/s with states | of the direct rate | one cell, from start to exit, ms (median of nine) | more than directly |'
	echo '|---|---|---|---|---|'
	for path in "${paths[@]}"; do
		sort -n "$work/start.$path" | sed -n 5p >"$work/median.$path"
		sum() { awk '{ sum += $1 } END { print sum }' "$1"; }
		awk -v p=$path -v n=$rounds -v rate="$(sum "$work/rate.$path")" -v direct="$(sum "$work/rate.direct")" \
			-v start="$(cat "$work/median.$path")" -v from="$(cat "$work/median.direct")" 'BEGIN {
			printf "| %s | %d | %.2f | %.0f | %.0f |\n", p, rate / n, rate / direct, start / 1000, (start - from) / 1000 }'
	done
fi

# Captures read by diagnose and by tshark, in turn; of three rounds the one that was disturbed least.
best_of() { # FILE COMMAND...: keeps the least seconds of CPU and of wall time there
	$tools/peak "$work/cost" "${@:2}" >/dev/null 2>&1 || true
	cat "$1" "$work/cost" | awk '{ cpu = NF == 4 ? $2 + $3 : $1; wall = NF == 4 ? $1 : $2 }
		NR == 1 || cpu < least { least = cpu } NR == 1 || wall < shortest { shortest = wall }
		END { print least, shortest }' >"$1.new"
	mv "$1.new" "$1"
}
echo
theirs=tshark
command -v tshark >/dev/null || { theirs=; echo 'tshark is not installed: nothing to compare with.'; echo; }
echo '| capture | segments | encounters | segments per second of CPU | times tshark -q -z conv,tcp, CPU/wall | peak memory, MiB | of ten times as many |'
echo '|---|---|---|---|---|---|---|'
./twprobe matrix --matrix=all --repeat=20 -q --in-flight=256 --pcap="$work/matrix" >/dev/null || worst=$?
# in-pieces: the same as ordinary, but as tcpdump writes it. Of such a file the kernel keeps each 4 KiB on their own.
for kind in ordinary in-pieces parallel hostile matrix; do
	case $kind in
		matrix) ;;
		in-pieces) dd if="$work/ordinary" of="$work/in-pieces" bs=4096 status=none ;;
		*) $tools/capture_maker 1000000 $kind >"$work/$kind" ;;
	esac
	read -r segments encounters < <(./twprobe diagnose -q --format=json "$work/$kind" |
		jq -r 'select(.record == "summary") | "\(.segments) \(.encounters)"')
	: >"$work/ours"
	: >"$work/theirs"
	for _ in 1 2 3; do
		best_of "$work/ours" ./twprobe diagnose -q "$work/$kind"
		read -r _ _ _ memory <"$work/cost"
		[ -z "$theirs" ] || best_of "$work/theirs" tshark -r "$work/$kind" -q -z conv,tcp
	done
	more=-
	[[ $kind = matrix || $kind = in-pieces ]] || { $tools/capture_maker 10000000 $kind | $tools/peak "$work/cost" ./twprobe diagnose -q - >/dev/null || true
		read -r _ _ _ more <"$work/cost"; }
	cat "$work/ours" "$work/theirs" | awk -v k="$kind" -v n="$segments" -v e="$encounters" -v m="$memory" -v f="$more" '
		{ cpu[NR] = $1; wall[NR] = $2 }
		END {
			ratio = NR < 2 ? "-" : sprintf("%.0f/%.0f", cpu[2] / cpu[1], wall[2] / wall[1])
			printf "| %s | %d | %d | %d | %s | %.0f | %s |\n", k, n, e, n / cpu[1], ratio, m / 1024,
				f == "-" ? f : sprintf("%.0f", f / 1024)
		}'
done
rm -f "$work/ordinary" "$work/in-pieces" "$work/parallel" "$work/hostile" "$work/matrix"
exit $worst
