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
# Of this shell and what it waited for; the kernel's own share is as it is with a table.
cpu() { awk '{ print ($14 + $16) * 10 }' /proc/$$/stat; }
begun=$(cpu)
limit=600 run "$TWPROBE_RELEASE" matrix -q --workers=1 --matrix=full
between=$(cpu)
limit=600 run "$TWPROBE_RELEASE" matrix -q --matrix=full --format=html
ended=$(cpu)
cells=$(grep -cE '^[0-9]+,' "$work/out")
bytes=$(stat -c %s "$work/out")
more=$((ended - between - (between - begun)))
echo "# $cells cells: $bytes bytes; $more ms of processor time more than the table takes"
holds 'a hundred thousand cells take at most 20 MB' [ $((bytes * 100000 / cells)) -lt $LIMIT_BYTES ]
holds 'and at most 3 s' [ $((more * 100000 / cells)) -lt $((LIMIT_SECONDS * 1000)) ]
finish
