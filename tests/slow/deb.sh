#!/bin/bash
# The Debian packages: built as a packager builds them, without a complaint of lintian, and what they hold works in its place.
. "$(dirname "$0")/../live/lib.sh"
scripts/deps build package >"$work/deps" 2>&1 || { skip 'the packages' "$(tail -n 1 "$work/deps")"; finish; }

make deb >"$work/built" 2>&1 || { not_ok 'make deb' "$(tail -n 20 "$work/built")"; finish; }
ok 'make deb'
package=$(echo build/deb/twprobe_*.deb) documents=$(echo build/deb/twprobe-doc_*.deb)
lintian --fail-on=error,warning --no-tag-display-limit build/deb/twprobe_*.changes >"$work/lintian" 2>&1
holds 'lintian finds neither errors nor warnings' test $? = 0
grep -E '^[EW]:' "$work/lintian" | sed 's/^/# /'
dpkg-deb -x "$package" "$work/root"
dpkg-deb -x "$documents" "$work/root"
run "$work/root/usr/bin/twprobe" matrix
exits 'the matrix by what is in the package' 0
matches 'all cells agree' "$(out)" 'cells: [0-9]* agree with linux, 0 differ, 0 inconclusive'
run "$work/root/usr/bin/twprobe" diagnose "$work/root/usr/share/doc/twprobe/captures/reset-half-closed.pcap"
matches 'a capture of the documents' "$(out)" 'a segment after a close, answered by a reset'
holds 'the page of all kernels' grep -q '<title>' "$work/root/usr/share/doc/twprobe/atlas.html"
is 'each document that another names is there' "$(cd "$work/root/usr/share/doc/twprobe" && grep -ohE '\]\([^)#:]+[)#]' -- *.md | tr -d '])(#' |
	sort -u | while read -r file; do [ -e "$file" ] || echo "$file"; done)" ''
is 'the pages of files and words' "$(cd "$work/root/usr/share/man" && echo man[57]/*)" \
	'man5/twprobe-case.5.gz man5/twprobe-path.5.gz man5/twprobe-records.5.gz man5/twprobe-scenario.5.gz man7/twprobe.7.gz'
is 'a manual page for each command, and the first' "$(find "$work/root/usr/share/man/man1" -name 'twprobe*.1.gz' | wc -l)" \
	"$(find harness/commands -name 'command_*.c' | wc -l)" # of which command_cell.c is the first
finish
