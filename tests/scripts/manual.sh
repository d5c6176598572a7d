#!/bin/bash
# The manual page and the program's own help name the same options and commands; the README only options that exist.
set -u
cd "$(dirname "$0")/../.."
TWPROBE=${TWPROBE:-$PWD/build/release/twprobe}
bad=0
none() { # NAME TEXT: the text must be empty
	if [ -z "$2" ]; then echo "ok - $1"; else
		printf 'not ok - %s\n' "$1"
		sed 's/^/# /' <<<"$2"
		bad=1
	fi
}
# Long options, with those that stand for several values at once kept apart.
options() { grep -oE -- '--[a-z][a-z-]+[a-z]' | sort -u; }

help=$(for command in '' matrix scenario map why serve compare list explain; do "$TWPROBE" $command --help </dev/null || echo "FAILED $command"; done)
none 'every --help works' "$(grep '^FAILED' <<<"$help")"
in_help=$(options <<<"$help")
in_page=$(options <docs/twprobe.1.scd)
none 'the manual has every option of the help' "$(comm -23 <(echo "$in_help") <(echo "$in_page"))"
none 'the help has every option of the manual' "$(comm -13 <(echo "$in_help") <(echo "$in_page") | grep -vx -e --help -e --version)"
none 'the README has no option that the help lacks' "$(comm -13 <(echo "$in_help") <(options <README.md))"
for command in matrix scenario map why serve compare list explain; do
	grep -qw "$command" <<<"$("$TWPROBE" --help)" || none "the help names $command" "$command"
done
none 'the manual describes each command once, and each option once in a section' "$(
	for command in matrix scenario map why serve compare list explain; do
		[ "$(grep -c "^\*twprobe $command\*" docs/twprobe.1.scd)" = 1 ] || echo "$command: not once in the synopsis"
		[ "$(grep -cx "\*$command\*" docs/twprobe.1.scd)" = 1 ] || echo "$command: not once among the commands"
	done
	awk '/^# / { section = $0 } /^\*-/ && /--/ { print section ": " $0 }' docs/twprobe.1.scd | sort | uniq -d)"
none 'only --format means two things in the manual' "$(grep -E '^\*-' docs/twprobe.1.scd | grep -oE -- '\*--[a-z-]+' |
	sort | uniq -d | grep -vx -e '\*--format' -e '\*--sysctl')"
none 'every command says its version' "$(for command in '' matrix scenario map why serve compare list explain; do
	"$TWPROBE" $command -V </dev/null | grep -qE '^twprobe [0-9.]+$' || echo "$command"; done)"
none 'the documents link to files that exist' "$(grep -oE '\]\([^)#:]+\)' README.md docs/*.md | sed 's/^\([^:]*\):](\(.*\))$/\1 \2/' |
	while read -r page link; do [ -e "$(dirname "$page")/$link" ] || echo "$page: $link"; done)"
exit $bad
