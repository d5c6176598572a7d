#!/bin/bash
# The whole matrix in the lab with few descriptors: what the subject cannot hold makes no verdict wrong.
. "$(dirname "$0")/../live/lib.sh"
. "$(dirname "$0")/lib.sh"
need jq
need_root
matrix=(--matrix=all --only="${ONLY:-*/*/seq-equal/ts-a*}")
lab_truth "$work/truth" "${matrix[@]}"
limit=300
for descriptors in ${DESCRIPTORS:-16 20 24 32 48 64 96 128}; do
	run bash -c "ulimit -n $descriptors; exec \"\$@\"" - "$TWPROBE" matrix "${matrix[@]}" --format=json -q
	if [ $code = 4 ]; then # it says that it cannot: that is not wrong
		echo "ulimit -n $descriptors: refused: $(head -n 1 "$work/err")"
		ok "ulimit -n $descriptors: refused"
	else
		judge "ulimit -n $descriptors" "$work/out" "$work/truth"
	fi
done
run bash -c 'ulimit -n 1024; exec "$@"' - "$TWPROBE" matrix "${matrix[@]}" --in-flight=16384 --format=json -q
judge 'ulimit -n 1024, --in-flight=16384' "$work/out" "$work/truth"
finish
