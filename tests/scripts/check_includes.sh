#!/bin/bash
# scripts/check-includes must fail on each thing it forbids, seen on a copy of the project with each of them broken.
set -u
cd "$(dirname "$0")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
. tests/scripts/lib.sh

fresh() {
	rm -rf "${copy:?}"/*
	mkdir "$copy/scripts" "$copy/docs" "$copy/tests"
	cp -r crafter listener cases harness "$copy"
	cp -r tests/unit tests/fuzz tests/bench "$copy/tests"
	cp docs/architecture.md "$copy/docs"
}
# breaks NAME PATTERN: the check of the copy with everything broken must say so in words that match.
broken=()
breaks() { broken+=("$1" "$2"); }

fresh
if text=$(scripts/check-includes "$copy" 2>&1); then
	echo "ok - the project as it is"
else
	printf 'not ok - the project as it is\n%s\n' "$text"
	exit 1
fi
echo '#include "harness/report/report.h"' >>"$copy/cases/matrix/cell.h"
breaks 'a room that includes upwards' 'cases/matrix/cell.h:[0-9]+: includes upwards: "harness/report/report.h"'
echo '#include "crafter/segment.h"' >>"$copy/crafter/tuple.h"
breaks 'two headers that include each other' 'in a circle'
echo '#include <libnet.h>' >>"$copy/harness/lab/lab.h"
breaks 'libnet outside inject.c' 'harness/lab/lab.h:[0-9]+: libnet belongs'
echo '#include <pcap/pcap.h>' >>"$copy/listener/decode.h"
breaks 'libpcap outside capture.c' 'listener/decode.h:[0-9]+: libpcap belongs'
echo '#include "cell.h"' >>"$copy/cases/books/oracle.h"
breaks 'an include without its room' 'cases/books/oracle.h:[0-9]+: "cell.h" is no file'
echo '# include <crafter/seq.h>' >>"$copy/cases/books/oracle.h"
breaks 'an include of ours in angle brackets' 'cases/books/oracle.h:[0-9]+: <crafter/seq.h> is ours'
echo '#include "crafter/peer_internal.h"' >>"$copy/crafter/encode.c"
breaks 'an internal header included by another' 'crafter/encode.c:[0-9]+: "crafter/peer_internal.h" is internal'
mkdir "$copy/utils" && echo 'int a;' >"$copy/utils/a.c"
breaks 'a file outside the rooms' 'utils/a.c: belongs to no room'
echo 'int a;' >"$copy/a.c"
breaks 'a file at the top' '^a.c: belongs to no room'
mkdir "$copy/cases/deep" && echo 'int a;' >"$copy/cases/deep/a.c"
breaks 'a room within a room' 'cases/deep/a.c: belongs to no room'
sed -i 's/TWPROBE_CRAFTER_SEQ_H/SEQ_H/' "$copy/crafter/seq.h"
breaks 'a guard of another name' 'crafter/seq.h: its guard is not TWPROBE_CRAFTER_SEQ_H'
printf '#ifndef TWPROBE_CASES_NEW_H\n#define TWPROBE_CASES_NEW_H\n#endif\n' >"$copy/cases/new.h"
breaks 'a header that the architecture does not name' 'cases/new.h: docs/architecture.md does not name it'
echo 'see `cases/gone.h`' >>"$copy/docs/architecture.md"
breaks 'a header of the architecture that is gone' 'names cases/gone.h, which is not there'

said=$(scripts/check-includes "$copy" 2>&1) && { echo 'not ok - the check passes'; exit 1; }
for ((i = 0; i < ${#broken[@]}; i += 2)); do
	fails_with "${broken[i]}" "${broken[i + 1]}" bash -c 'echo "$0"; exit 1' "$said"
done
exit $bad
