#!/bin/bash
# The manual pages and the program's own help name the same options and commands; the README only options that exist.
set -u
cd "$(dirname "$0")/../.."
TWPROBE=${TWPROBE:-$PWD/build/release/twprobe}
pages=build/release/pages
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
page() { echo "$pages/twprobe${1:+-$1}.1.scd"; }

make -s man || none 'the pages are built' 'make man fails'
commands=(matrix scenario map why who diagnose serve compare list explain export help)
# A row of the table of commands that this list lacks has a page.
none 'each command has a page, and no others' "$(diff <(printf '%s\n' "${commands[@]}" | sort) \
	<(printf '%s\n' $pages/twprobe-*.1 | sed 's/.*twprobe-//; s/\.1$//' | sort))"
none 'each page that is written is made, and installed' "$(for page in $pages/*.scd; do [ -s "${page%.scd}" ] || echo "$page"; done)"
for reader in 'groff -Kutf8 -Tutf8 -t -man -ww -z' 'mandoc -T lint -W warning'; do
	if type -P "${reader%% *}" >/dev/null; then
		# scdoc ends each definition with an empty paragraph; nobody sees it.
		none "${reader%% *} has nothing to say of the pages" "$($reader $pages/*.[157] 2>&1 | grep -v 'skipping paragraph macro: PP')"
	else
		echo "ok - ${reader%% *} # SKIP it is not here"
	fi
done
none 'the words: each state, segment and condition' "$(cd cases && { TWPROBE_CASES=. "$TWPROBE" list states; TWPROBE_CASES=. "$TWPROBE" list segments
	printf '%s\n' opening-active conn-ts-off no-listener bad-checksum ipv6; } | while read -r word; do
		grep -qE "(\\*|, )$word(\\*|,)" "../$pages/twprobe.7.scd" || echo "$word"; done)"
# What a document has is in its page: every word but those for which marks stand, and the head of a table's first column.
for pair in case:case-files scenario:scenarios records:records; do
	none "twprobe-${pair%:*}(5) has the words of ${pair#*:}.md" "$(comm -13 \
		<(tr -d '\\' <$pages/twprobe-${pair%:*}.5.scd | grep -oE '[A-Za-z0-9_]+' | tr A-Z a-z | sort -u) \
		<(sed -zE 's/\n\|[^|\n]*(\|[^\n]*\n\|--)/\n\1/g; s/\n(```|!\[)[^\n]*/\n/g; s/\]\([^)]*\)//g' docs/${pair#*:}.md | grep -oE '[A-Za-z0-9_]+' | tr A-Z a-z | sort -u))"
done

help=
for command in '' "${commands[@]}"; do
	own=$(COLUMNS=110 "$TWPROBE" $command --help </dev/null) || none "$command --help works" "exit code $?"
	help+=$own
	none "twprobe${command:+ $command}: the page has the options of its --help, and no others" "$(
		diff <(grep '^  -' <<<"$own" | options) <(grep '^\*-' "$(page $command)" | options))"
	none "twprobe help $command: the same as --help" "$(diff <(echo "$own") <(COLUMNS=110 "$TWPROBE" help $command))"
	[ -z "$command" ] || [ "$(grep -c "^  twprobe $command\>" <<<"$("$TWPROBE" --help)")" -ge 1 ] ||
		none "the help names $command" "$command"
	[ -z "$command" ] || [ "$(grep -c "\*twprobe $command\*" "$(page)")" -ge 1 ] ||
		none "the synopsis of the manual has $command" "$command"
	none "twprobe${command:+ $command}: each option once in its page" \
		"$(grep -E '^\*-' "$(page $command)" | grep -oE -- '\*--[a-z-]+\*' | sort | uniq -d)"
done
none 'the READMEs have no option that the help lacks' "$(comm -13 <(options <<<"$help") <(cat README*.md | options))"
none 'every command says its version' "$(for command in '' "${commands[@]}"; do
	"$TWPROBE" $command -V </dev/null | grep -qE '^twprobe [0-9.]+$' || echo "$command"; done)"

# What belongs to no row of the tables is prose in docs/manual.
for section in DESCRIPTION COMMANDS OPERANDS OPTIONS 'RULE BOOKS' VERDICTS 'EXIT STATUS' PRIVILEGES ENVIRONMENT FILES EXAMPLES \
	'SEE ALSO'; do
	[ "$(grep -cx "# $section" "$(page)")" = 1 ] || none "the manual has a section $section, once" "$(grep '^# ' "$(page)")"
done
for name in TWPROBE_CASES NO_COLOR SUDO_UID SUDO_GID COLUMNS share/twprobe/cases CAP_NET_RAW seccomp SIGPIPE; do
	grep -q "$name" "$(page)" || none "the manual speaks of $name" "$name"
done
none 'the documents link to files that exist' "$(grep -oE '\]\([^)#:]+\)' README.md README.zh-CN.md docs/*.md | sed 's/^\([^:]*\):](\(.*\))$/\1 \2/' |
	while read -r page link; do [ -e "$(dirname "$page")/$link" ] || echo "$page: $link"; done)"
exit $bad
