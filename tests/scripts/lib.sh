# What the tests of checks share; to be sourced by a bash program. Sets `bad` when something is not as it should be.
#
# shellcheck shell=bash
bad=0
# fails_with NAME PATTERN COMMAND...: the command fails, and says so in words that match.
fails_with() {
	local name=$1 pattern=$2 text
	shift 2
	if text=$("$@" 2>&1); then
		echo "not ok - $name: not noticed"
		bad=1
	elif ! grep -qE -- "$pattern" <<<"$text"; then
		printf 'not ok - %s: noticed, but nothing matches %s in:\n%s\n' "$name" "$pattern" "$text"
		bad=1
	else
		echo "ok - $name"
	fi
}
