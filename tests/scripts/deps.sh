#!/bin/bash
# scripts/deps installs what is missing and nothing else, with lists brought up to date first; it is silent when nothing is
# missing. Debian's programs are played by stand-ins, so nothing is installed.
set -u
cd "$(dirname "$0")/../.."
stand_in=$(mktemp -d)
trap 'rm -rf "$stand_in"' EXIT
bad=0
is() { # NAME GOT WANTED
	if [ "$2" = "$3" ]; then echo "ok - $1"; else
		printf 'not ok - %s\n# got:    %s\n# wanted: %s\n' "$1" "$2" "$3"
		bad=1
	fi
}
program() { printf '#!/bin/bash\n%s\n' "$2" >"$stand_in/$1"; chmod +x "$stand_in/$1"; }
deps() { PATH=$stand_in:$PATH scripts/deps "$@" 2>&1; }

program dpkg-query 'echo -n installed'
program apt-get 'echo "apt-get $*" >>"$(dirname "$0")/log"'
program id 'echo 0'
is 'nothing is missing: silent' "$(deps build check kernels; echo $?)" 0
is 'nothing is missing: apt-get is not called' "$(cat "$stand_in/log" 2>/dev/null)" ''

program dpkg-query 'case ${!#} in cppcheck) exit 1 ;; scdoc) echo -n config-files ;; *) echo -n installed ;; esac'
text=$(deps build check)
is 'two are missing: exit code' $? 0
is 'two are missing: said in one line' "$text" 'scripts/deps: installing scdoc cppcheck'
is 'two are missing: update, then those two' "$(cat "$stand_in/log")" \
	$'apt-get -q -y update\napt-get -q -y install --no-install-recommends scdoc cppcheck'

program apt-get 'case $* in *install*) exit 100 ;; esac'
is 'apt-get fails: one clear line, exit 1' "$(deps check | tail -n 1; echo "${PIPESTATUS[0]}")" \
	$'scripts/deps: apt-get could not install: cppcheck\n1'

program id 'echo 1000'
program sudo 'echo "sudo $*"'
is 'not root, with sudo: through sudo' "$(deps build | tail -n 1)" \
	'sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends scdoc'
rm "$stand_in/sudo"
if ! PATH=$stand_in:/usr/bin:/bin command -v sudo >/dev/null; then
	is 'not root, no sudo: the command to type, exit 1' "$(PATH=$stand_in:/usr/bin:/bin scripts/deps build 2>&1; echo $?)" \
		$'scripts/deps: packages are missing; type as root: apt-get install --no-install-recommends scdoc\n1'
else
	echo "ok - not root, no sudo # SKIP this machine has sudo"
fi
is 'a set that does not exist' "$(deps everything; echo $?)" \
	$'scripts/deps: unknown set \'everything\': build, check, package, image, container, fleet, kernels or stacks\n1'
exit $bad
