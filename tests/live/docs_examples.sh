#!/bin/bash
# Every example of README, docs/ and the manual pages that can run in the lab runs, word for word, and agrees: commands, and YAML files.
# Whatever a document says, nothing leaves this machine: the examples have a network of their own, with nobody in it.
if [ "$(id -u)" = 0 ] && [ -z "${TWPROBE_EXAMPLES:-}" ]; then
	TWPROBE_EXAMPLES=alone exec unshare -n "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"
need python3 tshark

# why COMMAND: sets $why to the reason for which it is skipped; else false. A new example is run unless it is of these kinds.
why() {
	case $1 in
	*'[OPTIONS]'* | *' FILE'* | *=FILE | *' NAME'* | *' CELL' | *STATE/* | *'[HOST:PORT]'*) why='a pattern, not an example' ;;
	'twprobe map' | 'twprobe explain' | 'twprobe export' | 'twprobe scenario' | 'twprobe serve' | 'twprobe diagnose' | 'twprobe compare' | 'twprobe compare --merge') why='the name of a command' ;;
	*target:8888* | *machine:8888* | *www.example.net* | *' '*[0-9].[0-9]*:[0-9]*) why='needs another machine' ;;
	'twprobe serve'*) why='serves until it is stopped' ;;
	'twprobe diagnose docs/captures/'*) why='live/docs_findings runs it' ;;
	*'twprobe diagnose -i'*) why='listens until it is stopped' ;;
	'twprobe diagnose --text'*) why='live/diagnose_text runs it' ;;
	'twprobe diagnose '*.pcap*)
		local file=${1#twprobe diagnose }
		[ ! -e "${file%% *}" ] || return 1
		why='needs a capture of yours' ;;
	*'twprobe matrix'*--baseline=*) why='live/baselines runs it' ;;
	*'twprobe compare --all'*) return 1 ;;
	*'twprobe compare'*) why='needs results of several kernels' ;;
	*--kernel-image*|*--engine=qemu*) why='needs a kernel of yours; live/engine starts one' ;;
	*--engine=exec:*) why='live/stacks runs it' ;;
	*--engine=uml*)
		! command -v linux.uml >/dev/null || return 1
		why='needs the package user-mode-linux' ;;
	*JOB_COMPLETION_INDEX*) why='a line of a Kubernetes job' ;;
	*--slow*) why='takes minutes; make check-slow plays all that is slow' ;;
	'twprobe scenario --all') why='live/scenarios plays them' ;;
	'twprobe scenario '[a-z]*)
		[ -e "$root/cases/scenarios/${1##* }.yaml" ] || return 1
		why='live/scenarios plays it' ;;
	*) return 1 ;;
	esac
}

# Words that make a run take long and change nothing of what it shows.
quick() {
	local command=$1
	[[ $command != 'twprobe map'* || $command == *--size* ]] || command+=' --size=24x24'
	echo "$command"
}

mkdir "$work/examples" "$work/bin"
chmod 777 "$work/examples"
ln -s "$TWPROBE_RELEASE" "$work/bin/twprobe"
PATH=$work/bin:$PATH
make -s man || not_ok 'the manual pages are made'
python3 "$(dirname "$0")/docs_examples.py" "$work/examples" README.md README.zh-CN.md docs/*.md build/release/pages/*.1.scd >"$work/list" ||
	not_ok 'the documents are read'
cd "$work/examples" || exit 1

commands=0
declare -A seen=()
while IFS=$'\t' read -r place command; do
	[[ $place != docs/findings-in-captures.md:* ]] || continue # live/docs_findings runs them
	[[ $place != docs/records.md:* ]] || continue # live/records runs them
	[ -z "${seen[$command]:-}" ] || continue
	seen[$command]=1
	if [[ $command == file\ * ]]; then
		name=${command#file }
		if grep -q '^path:' "$name"; then
			run twprobe --path="./$name" -q
			if grep -q 'this kernel has no' "$work/err"; then
				skip "$place: $command" "$(cut -d: -f4- "$work/err"); its example runs in a guest"
				continue
			fi
		elif grep -q '^scenario:' "$name"; then run twprobe scenario "./$name"; else run twprobe matrix -q --matrix="./$name"; fi
	elif why "$command"; then
		skip "$place: $command" "$why"
		continue
	else
		command=$(quick "$command")
		run bash -o pipefail -c "$command"
	fi
	commands=$((commands + 1))
	wanted=0
	[[ $command != *--path=border.nft* && $command != *"compare --all"* ]] || wanted=1
	[[ $command != *--expect=folk* && $command != *--expect=rfc* ]] || wanted=1 # the page says what differs
	exits "$place: $command" $wanted
	! grep -E 'inconclusive: |[1-9][0-9]* inconclusive' "$work/out" >"$work/doubts" ||
		not_ok "$place: $command leaves nothing in doubt" "$(cat "$work/doubts")"
done <"$work/list"
if [ $commands -ge 20 ]; then ok "$commands examples were run"; else not_ok "$commands examples were run" "wanted 20 or more"; fi
matches 'the worked example of the case files has all its cells' \
	"$(twprobe matrix --matrix=./syn-cookies.yaml)" '^32 cells.*: 32 agree with linux'
finish
