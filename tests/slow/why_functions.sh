#!/bin/bash
# The functions that `why` shows, on kernels that let it: one that is asked function by function (5.10), and one that is asked
# for all of them at once (newest); compared with what the kernel's source says of each cell.
. "$(dirname "$0")/../live/lib.sh"
need jq busybox qemu-system-x86_64
run scripts/kernels fetch 5.10 newest
[ $code = 0 ] || skip_all "no kernels to boot: $(tail -n 1 "$work/err")"
while IFS=: read -r version _; do
	echo "# $version"
	checks_of python3 tests/slow/why_functions.py "$TWPROBE_RELEASE" "$version"
done <"$work/out"
finish
