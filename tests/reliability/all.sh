#!/bin/bash
# The long measurements, one after the other; their lines of numbers are the last ones. all.sh [NAME...]
set -u
cd "$(dirname "$0")/../.." || exit 1
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(descriptors networks paths diagnose clock stops million)
export TWPROBE=$PWD/build/release/twprobe
logs=build/logs/reliability bad=0
mkdir -p $logs
for name in "${names[@]}"; do
	tests/reliability/"$name".sh >"$logs/$name" 2>&1
	case $? in
	0) echo "pass  $name" ;;
	77) echo "SKIP  $name: $(tail -n 1 "$logs/$name")" ;;
	*) echo "FAIL  $name: $logs/$name"; grep -A 6 '^not ok' "$logs/$name" | head -n 40; bad=1 ;;
	esac
	grep -vE '^(ok|not ok|#|1\.\.)' "$logs/$name"
done
exit $bad
