#!/bin/bash
# The Makefile as a packager uses it: seen on a copy of it with a program of three lines, so that a build takes no time.
set -u
cd "$(dirname "$0")/../.."
source=$PWD
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL CC AR CFLAGS CPPFLAGS LDFLAGS LDLIBS PREFIX BINDIR DATADIR MANDIR DESTDIR WERROR V
bad=0

ok() { echo "ok - $1"; }
not_ok() { # NAME TEXT
	printf 'not ok - %s\n' "$1"
	sed 's/^/# /' <<<"$2"
	bad=1
}
holds() { # NAME COMMAND...
	local text
	if text=$("${@:2}" 2>&1); then ok "$1"; else not_ok "$1" "$text"; fi
}
fails() { # NAME COMMAND...
	local text
	if text=$("${@:2}" 2>&1); then not_ok "$1" "$text"; else ok "$1"; fi
}
# each NAME TEXT PATTERN: every line of the text matches, and there is one.
each() {
	local others
	others=$(grep -vE -- "$3" <<<"$2")
	if [ -n "$2" ] && [ -z "$others" ]; then ok "$1"; else not_ok "$1" "no $3 in: $others"; fi
}
has() { if grep -qE -- "$3" <<<"$2"; then ok "$1"; else not_ok "$1" "nothing matches $3 in: $2"; fi; }
lacks() { if grep -qE -- "$3" <<<"$2"; then not_ok "$1" "$3 in: $2"; else ok "$1"; fi; }
compiled() { grep -E -- ' -c -o ' <<<"$1"; }
linked() { grep -E -- ' -o [^ ]*/twprobe ' <<<"$1"; }
# The objects compiled by the last make, by their names.
which_objects() { grep -oE '^  CC   .*' <<<"$1" | sed 's/.*\///' | sort | tr '\n' ' '; }

fresh() {
	rm -rf "${copy:?}"/*
	mkdir -p "$copy"/{crafter,baselines,systemd,cases/scenarios,harness/commands,harness/pages,docs/manual,tests/unit,scripts}
	cp "$source/Makefile" "$copy"
	cp "$source/scripts/run-tests" "$copy/scripts"
	echo 'int crafter_a(void); int crafter_a(void) { return 0; }' >"$copy/crafter/a.c"
	echo 'int crafter_a(void); int main(void) { return crafter_a(); }' >"$copy/harness/commands/main.c"
	printf '#include <check.h>\nint main(void) { return 0; }\n' >"$copy/tests/unit/test_x.c"
	cp "$source/systemd/"* "$copy/systemd"
	touch "$copy/baselines/1.2.3.ndjson.gz" "$copy/cases/one.yaml" "$copy/cases/scenarios/two.yaml"
	# The writer of manual pages and completion, of a program with one command.
	echo 'int command_one(void); int command_one(void) { return 0; }' >"$copy/harness/commands/command_one.c"
	cat >"$copy/harness/pages/write.c" <<-'EOF'
		#include <stdio.h>
		int main(int argc, char **argv)
		{
			static const char *const names[] = {
				"twprobe.1.scd", "twprobe-one.1.scd", "twprobe-case.5.scd", "twprobe-scenario.5.scd", "twprobe-path.5.scd",
				"twprobe-records.5.scd", "twprobe.7.scd", "twprobe.bash.tables", "_twprobe", "twprobe.fish",
			};
			for (int i = 0; i < 10 * (argc == 3); i++) {
				char path[1000];
				FILE *file;
				snprintf(path, sizeof(path), "%s/%s", argv[2], names[i]);
				file = fopen(path, "w");
				fprintf(file, "twprobe(1)\n\n# NAME\n\ntwprobe - a stub\n");
				fclose(file);
			}
			return 0;
		}
	EOF
	touch "$copy/docs/manual/files.scd" "$copy/docs/completion.bash"
	cd "$copy" || exit 1
}
warn() { echo 'int crafter_b(int unused); int crafter_b(int unused) { return 0; }' >"$copy/crafter/b.c"; }

fresh
text=$(make -j8 V=1 CC=gcc CFLAGS=-O3 CPPFLAGS=-DUSER LDFLAGS=-Wl,-z,now LDLIBS=-lrt AR='ar ' 2>&1)
each 'command line: flags in each compilation, beside our own' "$(compiled "$text")" '^gcc .*-I\. .*-DUSER .*-std=c11 .*-Wall .*-O3'
lacks 'command line: the default -O2 is gone' "$text" '-O2'
each 'command line: flags where it is linked' "$(linked "$text")" '^gcc .*-O3 -Wl,-z,now .*-lnet .*-lrt$'
holds 'a parallel build from a clean tree' ./twprobe
lacks 'no -Werror in a plain build' "$text" '-Werror'
text=$(make CFLAGS=-O3 CPPFLAGS=-DUSER LDFLAGS=-Wl,-z,now LDLIBS=-lrt AR='ar ' CC=gcc 2>&1)
lacks 'the same flags: nothing is built twice' "$text" '(CC|LINK)  '
text=$(make CFLAGS=-O1 CPPFLAGS=-DUSER LDFLAGS=-Wl,-z,now LDLIBS=-lrt AR='ar ' CC=gcc 2>&1)
[ "$(which_objects "$text")" = 'a.o command_one.o main.o write.o ' ] && ok 'other CFLAGS: every object is compiled again' ||
	not_ok 'other CFLAGS: every object is compiled again' "$text"

for mode in release sanitize clang; do
	fresh
	text=$(CFLAGS='-O2 -flto' CPPFLAGS=-DUSER LDFLAGS=-Wl,-z,now make V=1 MODE=$mode "build/$mode/twprobe" tests 2>&1)
	each "environment, $mode: flags in each compilation" "$(compiled "$text")" '-DUSER .*-std=c11 .*-O2 -flto'
	each "environment, $mode: flags where it is linked" "$(grep -E -- '-lnet' <<<"$text")" '-O2 -flto .*-Wl,-z,now'
done
fresh
text=$(CC=gcc make V=1 MODE=clang build/clang/twprobe 2>&1)
each 'clang mode takes clang, whatever CC of the environment' "$(compiled "$text")" '^clang '
text=$(CC='clang -DOTHER' make V=1 MODE=clang build/clang/twprobe 2>&1)
each 'but the environment chooses which clang' "$(compiled "$text")" '^clang -DOTHER '
text=$(make V=1 CC=clang 2>&1)
each 'another compiler in a release build' "$(compiled "$text")" '^clang '

fresh
warn
text=$(make 2>&1) || not_ok 'a warning stops no plain build' "$text"
has 'a plain build warns' "$text" 'unused'
fails 'the check does not build with it, though a plain build has made the object' make WERROR=-Werror
holds 'and a plain build still does' make
echo 'int crafter_b(void); int crafter_b(void) { return 0; }' >crafter/b.c
touch crafter/a.c harness/commands/main.c
make >/dev/null 2>&1
text=$(make WERROR=-Werror 2>&1) || not_ok 'mended, it builds' "$text"
[ "$(which_objects "$text")" = 'a.o b.o command_one.o main.o write.o ' ] && ok 'the first check compiles once more what no check has compiled' ||
	not_ok 'the first check compiles once more what no check has compiled' "$text"
lacks 'the second check does not' "$(make WERROR=-Werror 2>&1)" '(CC|LINK)  '
lacks 'nor does a plain build after it' "$(make 2>&1)" '(CC|LINK)  '
warn
for step in 'check build' 'check build-sanitize' 'lint clang'; do
	# shellcheck disable=SC2086 # two words
	fails "scripts/run-tests $step: a warning is an error" scripts/run-tests $step
	has "scripts/run-tests $step: it says which" "$(cat "build/logs/${step#* }.log")" 'Werror.*unused'
done

installs() { find "$copy/root" -type f -printf '%P %m\n' 2>/dev/null | sort; }
all_of_it='usr/local/bin/twprobe 755
usr/local/lib/systemd/system/twprobe-serve@.service 644
usr/local/share/bash-completion/completions/twprobe 644
usr/local/share/fish/vendor_completions.d/twprobe.fish 644
usr/local/share/man/man1/twprobe-one.1 644
usr/local/share/man/man1/twprobe.1 644
usr/local/share/man/man5/twprobe-case.5 644
usr/local/share/man/man7/twprobe.7 644
usr/local/share/twprobe/baselines/1.2.3.ndjson.gz 644
usr/local/share/twprobe/cases/one.yaml 644
usr/local/share/twprobe/cases/scenarios/two.yaml 644
usr/local/share/zsh/site-functions/_twprobe 644'
missing() { comm -23 <(echo "$1") <(installs); } # others may be installed too
fresh
holds 'make install from a clean tree' make -j8 install DESTDIR="$copy/root"
[ -z "$(missing "$all_of_it")" ] && ok 'everything is in its place' || not_ok 'everything is in its place' "$(installs)"
touch root/usr/local/share/twprobe/cases/mine.yaml
holds 'make uninstall' make uninstall DESTDIR="$copy/root"
[ "$(installs)" = 'usr/local/share/twprobe/cases/mine.yaml 644' ] && ok 'it removes what was installed, and nothing else' ||
	not_ok 'it removes what was installed, and nothing else' "$(installs)"
rm root/usr/local/share/twprobe/cases/mine.yaml
make uninstall DESTDIR="$copy/root" >/dev/null 2>&1 || not_ok 'uninstalling twice' ''
[ -z "$(installs)$(find root -name '*twprobe*')" ] && ok 'nothing of ours is left, no folder either' ||
	not_ok 'nothing of ours is left, no folder either' "$(find root)"
make install DESTDIR="$copy/root" PREFIX=/p BINDIR=/b DATADIR=/d MANDIR=/m UNITDIR=/u >/dev/null 2>&1
[ -z "$(missing $'b/twprobe 755\nd/twprobe/cases/one.yaml 644\nm/man1/twprobe.1 644\nu/twprobe-serve@.service 644')" ] &&
	ok 'BINDIR, DATADIR, MANDIR, UNITDIR' || not_ok 'BINDIR, DATADIR, MANDIR, UNITDIR' "$(installs)"
has 'the systemd unit starts the program that was installed' "$(cat root/u/twprobe-serve@.service)" '^ExecStart=/b/twprobe serve '
if type -P systemd-analyze >/dev/null; then
	unit=$copy/twprobe-serve@8888.service
	sed 's|/b/twprobe|/bin/true|; /^Documentation/d' root/u/twprobe-serve@.service >"$unit"
	each 'systemd finds nothing wrong with it' "nothing$(systemd-analyze verify "$unit" 2>&1 | grep -F twprobe-serve)" '^nothing$'
	holds 'and nothing exposed that it does not need' systemd-analyze security --offline=true --threshold=20 "$unit"
else
	echo 'ok - the unit as systemd sees it # SKIP no systemd-analyze'
fi
fresh
text=$(make V=1 DATADIR=/d 2>&1)
each 'the program is told of a DATADIR that is not beside BINDIR' "$(compiled "$text")" "-DTWPROBE_DATADIR='\"/d\"'"
lacks 'and of no other' "$(make V=1 PREFIX=/usr 2>&1)" 'TWPROBE_DATADIR'

fresh
make CFLAGS=-O3 >/dev/null 2>&1
lacks 'an install by itself keeps the flags of the build' "$(make install DESTDIR="$copy/root" 2>&1)" '(CC|LINK)  '
has 'an install with other flags builds with them' "$(make V=1 install CFLAGS=-O1 DESTDIR="$copy/root" 2>&1)" '-std=c11 .*-O1 .* -c '

# All programs but scdoc.
fresh
mkdir "$copy/bin"
for name in make sh echo cc gcc as ld ar cp rm mkdir touch cat cmp printf install pkg-config sed; do
	ln -s "$(type -P $name)" "$copy/bin/$name"
done
text=$(PATH=$copy/bin make install DESTDIR="$copy/root" 2>&1) || not_ok 'without scdoc' "$text"
has 'without scdoc: one line says what is missing' "$(tail -n 1 <<<"$text")" '^scdoc is not installed: the manual pages were left out$'
[ "$(missing "$all_of_it")" = "$(grep /man/ <<<"$all_of_it")" ] && ok 'without scdoc: the rest is installed' ||
	not_ok 'without scdoc: the rest is installed' "$(installs)"

text=$(make help)
for target in demo check install uninstall help; do
	each "make help has one line for $target" "$(grep -E "^make $target " <<<"$text" | wc -l)" '^1$'
done
# A target that a person may ask for is in the list.
lacks 'and one for each target' "$(sed -n 's/^\.PHONY: //p' Makefile | tr ' ' '\n' |
	grep -vxE 'all|tests|fuzzers|benches|relay|list-.*|FORCE' | while read -r target; do
		grep -qE "^make $target " <<<"$text" || echo "missing: $target"; done)" missing
exit $bad
