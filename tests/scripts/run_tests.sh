#!/bin/bash
# scripts/run-tests must see what fails, say what it skipped, and never call an empty run a success.
set -u
cd "$(dirname "$0")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
bad=0
expect() { # NAME, WANTED CODE, WANTED LAST LINE, WANTED TEXT
	last=$(tail -n 1 "$copy/out")
	if [ "$code" = "$2" ] && [ "$last" = "$3" ] && grep -qF -- "$4" "$copy/out"; then
		echo "ok - $1"
	else
		echo "not ok - $1: exit code $code, output:"
		sed 's/^/# /' "$copy/out"
		bad=1
	fi
}
run() { "$copy/scripts/run-tests" --as-built check "$1" >"$copy/out" 2>&1; code=$?; }

mkdir -p "$copy"/{scripts,tests/live,tests/scripts,tests/unit,crafter}
cp Makefile "$copy"
cp scripts/run-tests "$copy/scripts"
test_file() { printf '#!/bin/bash\n%s\n' "$2" >"$copy/tests/$1"; chmod +x "$copy/tests/$1"; }
test_file live/good.sh 'echo "ok 1 - fine"; echo "ok 2 - other # SKIP no such card"'
run 'live/*'
expect 'a test that passes' 0 '1 passed, 0 failed, 0 skipped' 'no such card'
test_file live/lame.sh 'echo "no card here"; exit 77'
run 'live/*'
expect 'a test that skips says why' 0 '1 passed, 0 failed, 1 skipped' 'live/lame: no card here'
test_file live/sick.sh 'echo "not ok 1 - broken leg"; exit 1'
run 'live/*'
expect 'a test that fails' 1 '1 passed, 1 failed, 1 skipped' 'not ok 1 - broken leg'
run 'nothing/*'
expect 'a run of no step' 1 '0 passed, 1 failed, 0 skipped' "no step is called 'nothing/*'"

# Unit tests: the Makefile's own programs, stood in for by scripts.
unit() {
	mkdir -p "$copy/build/release/tests" "$copy/build/sanitize/tests"
	for mode in release sanitize; do
		printf '#!/bin/bash\n%s\n' "$1" >"$copy/build/$mode/tests/test_x"
		chmod +x "$copy/build/$mode/tests/test_x"
	done
	: >"$copy/tests/unit/test_x.c"
	run 'unit/*'
}
unit 'echo "100%: Checks: 12, Failures: 0, Errors: 0"'
expect 'a unit test that passes, its closing line shown' 0 '2 passed, 0 failed, 0 skipped' \
	'100%: Checks: 12, Failures: 0, Errors: 0'
unit 'echo "91%: Checks: 12, Failures: 1, Errors: 0"; exit 1'
expect 'a unit test that fails' 1 '0 passed, 2 failed, 0 skipped' '91%: Checks: 12, Failures: 1, Errors: 0'
unit 'echo "100%: Checks: 0, Failures: 0, Errors: 0"'
expect 'a unit test without a check' 1 '0 passed, 2 failed, 0 skipped' 'Checks: 0'
unit 'exit 0'
expect 'a unit test that says nothing' 1 '0 passed, 2 failed, 0 skipped' 'no closing line'

# What a picked step needs is built first: nothing else, and not what cannot be built.
mkdir -p "$copy/bin"
cat >"$copy/bin/make" <<'SCRIPT'
#!/bin/bash
case $* in
*list-tests) echo build/release/tests/test_x build/release/tests/test_y ;;
*) echo "$*" >>made; [ ! -e broken ] || { echo "x.c:1: error: broken"; exit 2; } ;;
esac
SCRIPT
chmod +x "$copy/bin/make"
picked() { (cd "$copy" && rm -f made && PATH=$copy/bin:$PATH scripts/run-tests check "$1" >out 2>&1); code=$?; }
made() { # NAME, WANTED
	if [ "$(cat "$copy/made" 2>/dev/null)" = "$2" ]; then echo "ok - $1"; else
		echo "not ok - $1: $(cat "$copy/made")"
		bad=1
	fi
}
unit 'echo "100%: Checks: 1, Failures: 0, Errors: 0"'
picked 'unit/release/test_x'
expect 'a unit test is built first' 0 '1 passed, 0 failed, 0 skipped' 'Checks: 1'
made 'it alone' '-j2 WERROR=-Werror MODE=release build/release/tests/test_x'
test_file live/good.sh 'echo "ok 1 - fine"'
picked 'live/good'
expect 'a live test' 0 '1 passed, 0 failed, 0 skipped' 'live/good'
made 'is run with programs that are new' "-j2 WERROR=-Werror MODE=release twprobe build/release/schema/validate
-j2 WERROR=-Werror MODE=sanitize build/sanitize/twprobe"
: >"$copy/broken"
picked 'live/good'
expect 'what cannot be built is a failure' 1 '0 passed, 1 failed, 0 skipped' 'x.c:1: error: broken'
exit $bad
