#!/bin/bash
# The functions that `why` shows, on kernels that let it: one with a probe for each function (5.10), and two with one for all of
# them (6.12, newest); compared with what the kernel's source says of each cell, and with the documentation.
. "$(dirname "$0")/../live/lib.sh"
need jq busybox qemu-system-x86_64
run scripts/kernels fetch 5.10 6.12 newest
[ $code = 0 ] || skip_all "no kernels to boot: $(tail -n 1 "$work/err")"
while IFS=: read -r version _; do
	echo "# $version"
	checks_of python3 tests/slow/why_functions.py "$TWPROBE_RELEASE" "$version"
done <"$work/out"
finish
