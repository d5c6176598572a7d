#!/bin/bash
# Completion as the shells do it: what is offered for a command line that is begun.
set -u
cd "$(dirname "$0")/../.."
pages=$PWD/build/release/pages
PATH=$PWD/build/release:$PATH # for `twprobe list`
export TWPROBE_CASES=$PWD/cases
bad=0
work=$(mktemp -d "${TMPDIR:-/tmp}/twprobe-completion-XXXXXX")
trap 'rm -rf "$work"' EXIT
ok() { echo "ok - $1"; }
not_ok() { printf 'not ok - %s\n' "$1"; sed 's/^/# /' <<<"$2"; bad=1; }

make -s completion twprobe || not_ok 'make completion' "exit code $?"

# What bash offers for these words; the last one is that which is begun. `=` is a word of its own, as readline does it.
offers() {
	bash -c '. "$1" && shift && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) && _twprobe && printf "%s\n" "${COMPREPLY[@]}"' \
		- "$pages/twprobe.bash" "$@" | sort | tr '\n' ' '
}
# gives WANTED WORD...
gives() {
	local wanted=$1 got
	shift
	got=$(offers "$@")
	if [ "$got" = "$wanted" ]; then ok "bash: $*"; else not_ok "bash: $*" "wanted $wanted, got $got"; fi
}
# has WANTED WORD...: among others
has() {
	local wanted=$1 got
	shift
	got=$(offers "$@")
	if [[ " $got" = *" $wanted "* ]]; then ok "bash: $*: $wanted"; else not_ok "bash: $*: $wanted" "$got"; fi
}
gives 'map matrix ' twprobe ma
gives 'compare diagnose explain export help list map matrix scenario serve who why ' twprobe ''
gives '--seed= --segment= --seq-above --seq-below --seq-equal --seq= ' twprobe --se
gives '--seed= --segment= --seq-range= ' twprobe map --se
gives '--shard= ' twprobe matrix --sh
gives ' ' twprobe --sh
gives 'github html json junit ktap png svg table tap ' twprobe --format = ''
gives 'json ' twprobe --format = js
gives 'json table ' twprobe map --format =
gives 'markdown ' twprobe compare --format = m
gives 'json ' twprobe --format=js
gives 'fin-wait-1 fin-wait-1-half fin-wait-2 fin-wait-2-half ' twprobe --state = fin
gives 'folk freebsd linux none rfc ' twprobe matrix --expect ''
gives 'close eof eof-half half hold ' twprobe serve --manner = ''
gives 'max ' twprobe --rate = m
gives 'send: ' twprobe --trigger = s
gives 'tw-legal-syn ' twprobe scenario tw-legal
gives 'time-wait time-wait-rst ' twprobe matrix --matrix = time-wait
has 'README.md' twprobe matrix --matrix = READ
has 'README.md' twprobe compare READ
has 'README.md' twprobe map -o READ
gives 'scenarios segments states ' twprobe list s
gives 'matrix ' twprobe help mat
gives ' ' twprobe why example.
# A cell, part by part.
gives 'scenario serve syn-recv/ syn-sent/ ' twprobe s
gives 'time-wait/ ' twprobe map ti
gives 'time-wait/rst-ack/ time-wait/rst/ ' twprobe time-wait/rs
gives 'time-wait/rst/seq+wnd-1/ time-wait/rst/seq+wnd/ time-wait/rst/seq-above/ time-wait/rst/seq-below/ time-wait/rst/seq-equal/ ' \
	twprobe why time-wait/rst/
gives 'a/rst/seq-1/ts-above a/rst/seq-1/ts-absent a/rst/seq-1/ts-below a/rst/seq-1/ts-equal a/rst/seq-1/ts-zero ' \
	twprobe why a/rst/seq-1/
gives 'a/rst/seq-1/ts-zero/bad-checksum a/rst/seq-1/ts-zero/conn-ecn a/rst/seq-1/ts-zero/conn-ts-off a/rst/seq-1/ts-zero/defer-accept a/rst/seq-1/ts-zero/ecn- a/rst/seq-1/ts-zero/ipv6 a/rst/seq-1/ts-zero/linger-zero a/rst/seq-1/ts-zero/no-listener a/rst/seq-1/ts-zero/opening- a/rst/seq-1/ts-zero/queue- a/rst/seq-1/ts-zero/rcv-wnd- ' twprobe a/rst/seq-1/ts-zero/
gives 'tw-syn-refused tw-syn-reset ' twprobe explain tw-syn-re
gives 'fin-wait-1-half/ fin-wait-1/ fin-wait-2-half/ fin-wait-2/ ' twprobe explain fin

# The other shells' scripts have every option of every command, and the shells that are here can read them.
for command in cell matrix map scenario who why diagnose serve compare list explain help; do
	in_zsh=$(sed -n "/^$command)/,/;;/p" "$pages/_twprobe")
	condition="__fish_seen_subcommand_from ${command/#cell/\$__twprobe_commands}'"
	in_fish=$(grep -F -- "$condition" "$pages/twprobe.fish")
	for option in $(bash -c '. "$1" && _twprobe_options "$2"' - "$pages/twprobe.bash" $command | grep -oE -- '--[a-z0-9-]+'); do
		grep -qE -- "'$option(\[|=)" <<<"$in_zsh" || not_ok "zsh: $command $option" 'is not there'
		grep -qE -- " -l ${option#--} " <<<"$in_fish" || not_ok "fish: $command $option" 'is not there'
	done
done
if type zsh >/dev/null 2>&1; then
	# A zsh on a terminal of its own: a line that is begun, two tabs, and what must then be there to be read.
	cat >"$work/driver" <<-'EOF'
		zmodload zsh/zpty
		zpty shell zsh -f -i
		zpty -w shell "PROMPT= LISTMAX=0 fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; print BE''GUN"
		zpty -r -m shell seen '*BEGUN*'
		for line pattern in "${@:2}"; do
			zpty -w -n shell "$line"$'\t\t'
			zpty -r -m shell seen "*$pattern*" || seen=
			[[ -n $seen ]] && print -r -- "zsh: $line"
			zpty -w -n shell $'\C-u'
		done
		zpty -d shell
	EOF
	lines=('twprobe matrix --sha' 'rd*=' 'twprobe scenario tw-legal' '-syn' 'twprobe compare READ' 'ME*.md' 'twprobe ex' 'explain*export'
		'twprobe --format=js' 'on' 'twprobe list se' gments)
	got=$(timeout 20 zsh -f "$work/driver" "$pages" "${lines[@]}")
	for ((i = 0; i < ${#lines[@]}; i += 2)); do
		grep -qxF "zsh: ${lines[i]}" <<<"$got" && ok "zsh: ${lines[i]}: ${lines[i + 1]}" || not_ok "zsh: ${lines[i]}" "$got"
	done
else
	echo 'ok - zsh # SKIP it is not here'
fi
if type fish >/dev/null 2>&1; then
	got=$(HOME=$work fish -N -c "source $pages/twprobe.fish; complete -C 'twprobe map --format='; complete -C 'twprobe ma'
		complete -C 'twprobe scenario tw-legal'" 2>&1 | sed 's/\t.*//' | sort | tr '\n' ' ')
	[ "$got" = '--format=json --format=table map matrix tw-legal-syn ' ] && ok 'fish completes' || not_ok 'fish completes' "$got"
else
	echo 'ok - fish # SKIP it is not here'
fi
exit $bad
