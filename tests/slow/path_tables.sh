#!/bin/bash
# docs/path-tables.md is what scripts/path-tables says now, path by path, but for those that
# this kernel does not have, nor a user-mode Linux of scripts/kernels.
. "$(dirname "$0")/../live/lib.sh"
need python3
limit=1800
image=$(ls -d "${TWPROBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/twprobe}"/uml/[0-9]*/linux 2>/dev/null | tail -n 1)
run scripts/path-tables ${image:+--uml="$image"}
exits 'the tables are made' 0
cp "$work/out" "$work/now.md"
# section NAME FILE: that path's part, without the kernel's name
section() { awk -v p="## $1:" 'index($0, "## ") == 1 { on = index($0, p) == 1 } on' "$2" | sed 's/, in a user-mode Linux$//'; }
for path in $(sed -n 's/^## \([^:]*\):.*/\1/p' docs/path-tables.md); do
	[ -n "$(section "$path" "$work/now.md")" ] || { skip "$path" 'this kernel does not have it'; continue; }
	case $path in
	masquerade-random) skip "$path" 'it draws its ports, and some cells depend on them'; continue ;;
	ipvs-2 | ipvs-reuse-2 | ipvs-conntrack*) skip "$path" 'what it does depends on which connection comes next'; continue ;;
	esac
	is "$path" "$(section "$path" "$work/now.md")" "$(section "$path" docs/path-tables.md)"
done
finish
