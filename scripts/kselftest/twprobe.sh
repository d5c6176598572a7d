#!/bin/sh
# twprobe as a kselftest program: TAP 13 on standard output; exit 0 pass, 1 fail, 4 skip. Its time limit is in the
# file `settings` beside it. To be copied into tools/testing/selftests/twprobe/ with the program and cases/, or run
# where it is. Arguments go to `twprobe matrix`; TWPROBE names the program.
here=$(cd "$(dirname "$0")" && pwd)
for program in "$TWPROBE" "$here/twprobe" "$here/../../twprobe" "$(command -v twprobe)"; do
	[ -n "$program" ] && [ -x "$program" ] && break
	program=
done
if [ -z "$program" ]; then
	echo "TAP version 13"
	echo "1..0 # SKIP no twprobe program: build it with make, or name it in TWPROBE"
	exit 4
fi
"$program" matrix --format=tap "$@"
case $? in
0) exit 0 ;;
4) exit 4 ;; # cannot run here; the report says so itself
*) exit 1 ;; # also inconclusive (3): not seen is not passed
esac
