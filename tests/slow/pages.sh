#!/bin/bash
# The pages of --format=html in a headless Chromium: clicks, keys, search, filters; narrow, dark, printed; no word on its console.
. "$(dirname "$0")/../live/lib.sh"
need python3 chromium
export LIMIT_SECONDS=3 LIMIT_BYTES=20000000

run "$TWPROBE_RELEASE" matrix --matrix=all --format=html
exits 'a page of cells' 0
cp "$work/out" "$work/cells.html"
run "$TWPROBE_RELEASE" compare --all --format=html
cp "$work/out" "$work/atlas.html"
run "$TWPROBE_RELEASE" scenario tw-legal-syn --format=html
cp "$work/out" "$work/scenario.html"
run "$TWPROBE_RELEASE" scenario --all --fast --format=html
cp "$work/out" "$work/scenarios.html"
run "$TWPROBE_RELEASE" --seq-below --ts-above --format=html
cp "$work/out" "$work/one.html"
run "$TWPROBE_RELEASE" map --size=64x64 --overlay=folk -q -o "$work/map.html"
exits 'a page with a map' 0
run "$TWPROBE_RELEASE" diagnose docs/captures/reset-half-closed.pcap --format=html
cp "$work/out" "$work/capture.html"
# A run that was cut off.
head -n 1200 "$work/cells.html" >"$work/cut.html"
# What a file may say, on its way to a page.
sed -e 's/"kernel":"[^"]*"/"kernel":"<img src=x onerror=alert(1)><\/script><script>alert(2)<\/script>"/' \
	<("$TWPROBE_RELEASE" matrix --format=json --only='time-wait/rst/*') >"$work/evil.ndjson"
"$TWPROBE_RELEASE" matrix --format=json --only='time-wait/rst/*' >"$work/good.ndjson"
run "$TWPROBE_RELEASE" compare --format=html "$work/evil.ndjson" "$work/good.ndjson"
cp "$work/out" "$work/evil.html"
checks_of python3 tests/slow/pages.py "$work"
# How much time and room a large page takes.
# Its user time, its largest memory: the kernel's own share is that of a table.
measure() { # FILE COMMAND...
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "w"), stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(int(used.ru_utime * 1000), used.ru_maxrss)' "$@"
}
read -r table _ < <(measure "$work/table" "$TWPROBE_RELEASE" matrix -q --workers=1 --matrix=full)
read -r page once < <(measure "$work/full.html" "$TWPROBE_RELEASE" matrix -q --matrix=full --format=html)
read -r _ twice < <(measure "$work/twice.html" "$TWPROBE_RELEASE" matrix -q --matrix=full --repeat=2 --format=html)
cells=$(grep -cE '^[0-9]+,' "$work/full.html")
bytes=$(stat -c %s "$work/full.html")
echo "# $cells cells: $bytes bytes; $((page - table)) ms of user time more than a table; $once KiB, twice as many cells $twice KiB"
holds 'a hundred thousand cells take at most 20 MB' [ $((bytes * 100000 / cells)) -lt $LIMIT_BYTES ]
holds 'and at most 3 s' [ $(((page - table) * 100000 / cells)) -lt $((LIMIT_SECONDS * 1000)) ]
holds 'and twice as many no more memory' [ "$twice" -lt $((once * 11 / 10)) ]
finish
