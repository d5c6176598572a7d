#!/bin/bash
# The functions that `why` shows, on kernels that let it, compared with what the kernel's source says of each cell, and with the
# documentation.
. "$(dirname "$0")/../live/lib.sh"
need python3 qemu-system-x86_64
run scripts/kernels fetch 6.1 6.12 newest
[ $code = 0 ] || skip_all "no kernels to boot: $(tail -n 1 "$work/err")"
checks_of python3 tests/slow/why_functions.py "$TWPROBE_RELEASE"
finish
