# What the tests of diagnose on real programs share; to be sourced by a bash program after tests/live/lib.sh.
#
# shellcheck shell=bash
programs=tests/live/diagnose_real_programs.py

# checked ARGUMENTS...: the checks of the reader, diagnose_real_check.py
checked() {
	local line
	while IFS= read -r line; do
		case $line in
		'ok - '*) ok "${line#ok - }" ;;
		'not ok - '*) not_ok "${line#not ok - }" ;;
		*) echo "$line" ;;
		esac
	done < <(python3 tests/live/diagnose_real_check.py "$TWPROBE_RELEASE" "$@" 2>&1 || echo 'not ok - the reader ended well')
}

# trace_states FILE: the kernel's changes of TCP states go to FILE once $tracer gets a SIGINT
trace_states() {
	background unshare -m python3 "$programs" trace "$1"
	tracer=$!
	local output=$work/background.$((${#background[@]} - 1))
	wait_until 10 grep -q tracing "$output" || skip_all "no tracepoints here: $(tail -n 1 "$output")"
}
