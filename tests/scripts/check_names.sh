#!/bin/bash
# scripts/check-names must fail on each thing it forbids, seen on a small project with one thing broken.
set -u
cd "$(dirname "$0")/../.."
small=$(mktemp -d)
trap 'rm -rf "$small"' EXIT
. tests/scripts/lib.sh

# A room with two modules, of which one has two files, and a test that calls one of them.
fresh() {
	rm -rf "${small:?}"/*
	mkdir -p "$small"/{crafter,listener,cases,harness,tests}
	cat >"$small/crafter/peer.h" <<-'EOF'
	enum peer_phase { PEER_IDLE, PEER_BUSY = (1 << 2), };
	#define PEER_LIMIT 3
	struct peer { int phase; };
	int peer_begin(struct peer *peer);
	int peer_reach(struct peer *peer);
	/* Of the test's; for tests. */
	int peer_count(const struct peer *peer);
	EOF
	cat >"$small/crafter/peer.c" <<-'EOF'
	#include "peer.h"
	int peer_begin(struct peer *peer) { return peer_reach(peer); }
	int peer_count(const struct peer *peer) { return peer->phase; }
	EOF
	cat >"$small/crafter/peer_reach.c" <<-'EOF'
	#include "peer.h"
	int peer_reach(struct peer *peer) { return peer->phase; }
	EOF
	cat >"$small/harness/main.c" <<-'EOF'
	#include "../crafter/peer.h"
	struct local { int number; };
	int main(void) { struct peer peer = { PEER_IDLE }; return peer_begin(&peer); }
	EOF
	echo 'int test(void) { return peer_count(0); }' >"$small/tests/test_peer.c"
}
build() {
	local file
	rm -rf "$small/build"
	shopt -s nullglob
	for file in $(cd "$small" && echo crafter/*.c listener/*.c harness/*.c); do
		mkdir -p "$small/build/release/${file%/*}"
		${CC:-gcc} -w -c -o "$small/build/release/${file%.c}.o" "$small/$file" || exit 1
	done
}
# breaks NAME PATTERN: the check fails now, and says so in words that match.
breaks() {
	build
	fails_with "$1" "$2" scripts/check-names "$small"
	fresh
}

fresh
build
if text=$(scripts/check-names "$small" 2>&1); then
	echo "ok - names that are right"
else
	printf 'not ok - names that are right\n%s\n' "$text"
	bad=1
fi
echo 'int reach(void) { return 0; }' >>"$small/crafter/peer_reach.c"
breaks 'a function without its module' "crafter/peer_reach.c: 'reach' does not begin with 'peer_'"
echo 'int peers;' >>"$small/crafter/peer.c"
breaks 'an object whose name only begins alike' "crafter/peer.c: 'peers' does not begin with 'peer_'"
echo 'static inline int count(void) { return 0; }' >>"$small/crafter/peer.h"
breaks 'an inline function without its module' "crafter/peer.h: 'count' does not begin with 'peer_'"
echo 'int peer_alone(void) { return 0; } int peer_other(void) { return peer_alone(); }' >>"$small/crafter/peer.c"
breaks 'a function that one file uses' "'peer_alone' is used in this file alone, and no test needs it: make it static"
sed -i '/for tests/d' "$small/crafter/peer.h"
breaks 'a function that tests alone call' "crafter/peer.c: 'peer_count' is used by tests alone"
echo 'static int nothing;' >"$small/harness/peer.c"
breaks 'two files of the same name' 'two files have the same name: peer.c'
echo 'struct peer { int other; };' >"$small/listener/link.c"
breaks 'a tag for two things' 'peer is declared for several things: crafter/peer.h listener/link.c'
echo 'struct local { int other; };' >>"$small/crafter/peer.c"
breaks 'a tag for two things that no header has' 'local is declared for several things: crafter/peer.c harness/main.c'
echo 'enum { OTHER, PEER_BUSY };' >"$small/listener/link.c"
breaks 'an enumerator of a header declared again' 'PEER_BUSY is declared for several things: crafter/peer.h listener/link.c'
echo '#define PEER_LIMIT 3' >"$small/listener/link.c"
breaks 'a macro of a header declared again' 'PEER_LIMIT is declared for several things: crafter/peer.h listener/link.c'
sed -i '1i int mnl_new(void);
	s/return peer_begin/mnl_new(); return peer_begin/' "$small/harness/main.c"
breaks 'what the stand-in for libmnl does not have' 'mnl_new is called, and scripts/static.d/mnl.c, for a static build, does not'
build
rm "$small/build/release/crafter/peer.o"
if scripts/check-names "$small" >/dev/null 2>&1; then
	echo "not ok - an object that is missing: not noticed"
	bad=1
else
	echo "ok - an object that is missing"
fi
exit $bad
