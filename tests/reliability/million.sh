#!/bin/bash
# A million cells in the lab while both cores are kept busy and the process is stopped now and then: nothing wrong.
. "$(dirname "$0")/../live/lib.sh"
. "$(dirname "$0")/lib.sh"
need jq python3
need_root
lab_truth "$work/truth" --matrix=all
all=$(wc -l <"$work/truth")
repeat=$(((${CELLS:-1000000} + all - 1) / all))
for _ in $(seq "$(nproc)"); do background bash -c 'while :; do :; done'; done
HANG_SECONDS=3000 python3 tests/reliability/stops.py "${STOPS:-200}" "${SEED:-1}" "$work/stops" \
	"$TWPROBE" matrix --matrix=all --repeat="$repeat" --format=json -q >"$work/counts" 2>"$work/err"
echo "under load: $(cat "$work/counts")"
is 'under load: no hang, no crash' "$(grep '^#' "$work/err")" ''
judge 'under load' "$work/stops" "$work/truth"
finish
