
# The functions above are made from the program's tables; this one is the rest of the file.
_twprobe() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=cell option= names words
	names=$(_twprobe_commands)
	if [ "$COMP_CWORD" -gt 1 ] && [[ " $names " = *" ${COMP_WORDS[1]} "* ]]; then command=${COMP_WORDS[1]}; fi
	# `=` is a word of its own where COMP_WORDBREAKS has it.
	if [ "$word" = = ]; then
		option=$before word=
	elif [ "$before" = = ]; then
		option=${COMP_WORDS[COMP_CWORD-2]}
	elif [[ $word = --*=* ]]; then
		option=${word%%=*} word=${word#*=}
	elif [[ $before = -* && -n $(_twprobe_values "$command" "$before" "$word") ]]; then
		option=$before
	fi
	if [ -n "$option" ]; then
		words=$(_twprobe_values "$command" "$option" "$word")
	elif [[ $word = -* ]]; then
		words=$(_twprobe_options "$command")
	else
		[ "$COMP_CWORD" = 1 ] || names=
		# The names of cells would hide those of commands.
		[ "$command" = cell ] && [ -z "$word" ] || names+=" $(_twprobe_operands "$command" "$word")"
		words=$names
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	if [[ ${COMPREPLY[0]-} = *[=:/] ]]; then compopt -o nospace 2>/dev/null; fi
	return 0
}

complete -F _twprobe twprobe
