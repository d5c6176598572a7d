#!/bin/bash
# twprobe diagnose on the captures of all scenarios: certain states are those that the witness saw, and nothing differs.
. "$(dirname "$0")/lib.sh"
need jq python3
names=()
for file in cases/scenarios/*.yaml; do names+=("$(basename "$file" .yaml)"); done
# They mostly wait for the kernel's timers.
printf '%s\n' "${names[@]}" | xargs -P 6 -I{} sh -c \
	'"$1" scenario {} --fast --format=json -q --pcap="$2/{}.pcap" >"$2/{}.json" 2>"$2/{}.err"' - "$TWPROBE_RELEASE" "$work"
sum=0 sure=0 open=0
for name in "${names[@]}"; do
	# Behind a router each part has labs of its own, and none writes a capture.
	if [ ! -e "$work/$name.pcap" ] && grep -q '^ *path:' "cases/scenarios/$name.yaml"; then
		skip "$name" 'its path leaves no capture'
		continue
	fi
	python3 tests/live/diagnose_scenarios.py "$TWPROBE_RELEASE" "$work/$name.json" "$work/$name.pcap" >"$work/out" 2>&1
	is "$name" "$(sed '$d' "$work/out")" ''
	read -r all certain ends < <(tail -n 1 "$work/out")
	sum=$((sum + all)) sure=$((sure + certain)) open=$((open + ends))
done
echo "# $sure of $sum encounters certain, $open at the end of a capture, without a handshake or sent twice"
holds 'there were encounters' [ $sum -gt 100 ]
holds 'most are certain, but for those' [ $((10 * sure)) -gt $((8 * (sum - open))) ]
finish
