# What scripts/fleet/slurm and scripts/fleet/ssh share; to be sourced by a bash program.

# shellcheck shell=bash
set -uo pipefail
die() { echo "${0##*/}: $*" >&2; exit "${code:-2}"; }
usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit 0; }
program=twprobe shards='' output='' ask='' places=() asked=()

# Ours first, then what belongs to the batch system or the hosts, and after -- what the matrix takes. $ask: a command of a shell that
# asks it; 1 and 3 are results, too, so that it fails only if it could not run, or was killed.
take_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		-h|--help) usage ;;
		--shards=*) shards=${1#*=} ;;
		--output=*) output=${1#*=} ;;
		--program=*) program=${1#*=} ;;
		--) shift; asked=("$@"); break ;;
		*) places+=("$1") ;;
		esac
		shift
	done
	[[ -z $shards || $shards =~ ^[1-9][0-9]{0,4}$ ]] || die "--shards=$shards: expected a number of parts"
	[ -n "$output" ] || output=fleet-$(date +%Y%m%d-%H%M%S)
	mkdir -p "$output" || exit 4
	output=$(cd "$output" && pwd)
	[ -z "$(ls "$output"/*.ndjson 2>/dev/null)" ] || die "$output has results already; give another --output"
	ask=$(printf '%q ' "$program" matrix --format=json -q "${asked[@]}")
}
