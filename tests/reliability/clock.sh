#!/bin/bash
# The wall clock jumps while twprobe runs, in a guest of its own: ten minutes back, and forty steps of two seconds each way. The
# verdicts and the time that a run takes are those of a run without steps.
. "$(dirname "$0")/../live/lib.sh"
need gcc linux.uml
gcc -std=c11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -I. -o "$work/in_guest" tests/live/in_guest.c \
	build/release/libtwprobe.a -lz || { echo "not ok - in_guest.c does not build"; exit 1; }
export TWPROBE_RELEASE
timeout "${LIMIT:-1500}" "$work/in_guest" "${KERNEL:-$(command -v linux.uml)}" -- "$root/tests/reliability/clock_guest.sh" "$work" >"$work/guest" ||
	skip_all "no guest here"
# Each line: NAME EXIT UPTIME-SECONDS CELLS AGREES DIFFERS INCONCLUSIVE
grep -aE '^run ' "$work/guest" >"$work/runs"
cat "$work/runs"
of() { awk -v name="$1" -v field="$2" '$2 == name { print $field }' "$work/runs"; }
for name in back-600 back-2-by-40 forward-2-by-40; do
	for matrix in all; do
		is "$name, $matrix: the verdicts of a run without steps" "$(of "$name" 3) $(of "$name" 5) $(of "$name" 6) $(of "$name" 7) $(of "$name" 8)" \
			"$(of none 3) $(of none 5) $(of none 6) $(of none 7) $(of none 8)"
	done
	# Who waits by the wall clock waits for as long as it was set back.
	holds "$name: it takes as long, $(of "$name" 4) s, $(of none 4) s without steps" awk -v a="$(of "$name" 4)" -v b="$(of none 4)" \
		'BEGIN { exit !(a < 3 * b + 20) }'
done
is 'scenarios, steps of 2 s forward: exit code' "$(of scenarios-forward 3)" "$(of scenarios 3)"
finish
