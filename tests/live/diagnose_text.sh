#!/bin/bash
# twprobe diagnose --text: what tcpdump prints of a capture, with all kinds of options and broken by mail, is diagnosed like the
# capture, or with less certainty, never falsely; what is no such text.
. "$(dirname "$0")/lib.sh"
need jq python3 tcpdump gzip
export TZ=UTC # of the times that tcpdump prints

run "$TWPROBE_RELEASE" matrix --matrix=time-wait --format=json --pcap="$work/matrix.pcap" -q
exits 'a matrix is captured' 0
python3 tests/live/diagnose_text_check.py "$TWPROBE_RELEASE" "$work/matrix.pcap" >"$work/checks"
checks_of cat "$work/checks"
is 'all checks were made' "$(grep -c '^ok\|^not ok' "$work/checks")" 22

# The example of docs/diagnose.md, word for word.
sed -n '/^## Text from a thread/,/^## /p' "$root/docs/diagnose.md" >"$work/section"
awk '/^```text$/ { on = 1; next } /^```/ { on = 0 } on' "$work/section" >"$work/thread.txt"
awk '/^\$ twprobe diagnose --text/ { on = 1; next } /^\.\.\.$/ { on = 0 } on' "$work/section" >"$work/wanted"
(cd "$work" && COLUMNS=80 "$TWPROBE" diagnose --text thread.txt >"$work/out")
is 'the example of the documentation' "$(head -n "$(wc -l <"$work/wanted")" "$work/out")" "$(cat "$work/wanted")"
is 'it is not empty' "$(grep -c 'refused with an ACK' "$work/wanted") $(wc -l <"$work/thread.txt")" '1 27'

# However it comes, with the sanitizers; and with a filter, which gets packets that are made of the text.
tcpdump -n -S -vv -r "$work/matrix.pcap" 2>"$work/err" >"$work/text"
gzip -k "$work/text"
run "$TWPROBE" diagnose --text --format=json "$work/text.gz"
is 'nothing on standard error' "$(cat "$work/err" | grep -v 'reading from')" ''
sed "s|$work/text.gz|standard input|" "$work/out" >"$work/packed"
"$TWPROBE" diagnose --text --format=json - <"$work/text" >"$work/stdin"
holds 'the same bytes, compressed or from standard input' cmp -s "$work/packed" "$work/stdin"
of_summary='select(.record == "summary") | "\(.frames) \(.filtered) \(.segments)"'
for filter in 'src port 8888 and tcp[tcpflags] & tcp-rst != 0' 'less 60'; do
	run "$TWPROBE" diagnose --text --format=json "$work/text" "$filter"
	cp "$work/out" "$work/filtered"
	run "$TWPROBE" diagnose --format=json "$work/matrix.pcap" "$(sed 's/less 60/less 74/' <<<"$filter")"
	is "the filter '$filter' takes the same" "$(jq -r "$of_summary" "$work/filtered")" "$(jq -r "$of_summary" "$work/out")"
done

# refused TEXT ARGUMENTS...: exit 2 and one line
refused() {
	local text=$1
	shift
	run "$TWPROBE" diagnose "$@"
	exits "$text" 2
	is "$text: one line" "$(wc -l <"$work/err") $(grep -c -e "$text" "$work/err")" '1 1'
}
refused 'this is a capture file, not text' --text "$work/matrix.pcap"
refused '--text reads what tcpdump' "$work/text"
: >"$work/empty"
refused 'it is empty' --text "$work/empty"
refused 'No such file' --text "$work/none"
refused 'text reads a file' --text -i lo
head -c 1000000 /dev/urandom | base64 >"$work/noise" # without a blank, no line can be a packet
refused 'no line looks like a packet' --text "$work/noise"
{ head -n 40 "$work/text" | sed '4s/seq/sex/'; } >"$work/damaged"
run "$TWPROBE" diagnose --text --format=json "$work/damaged"
is 'a line that is not understood is named' \
	"$(jq -r 'select(.record == "summary") | "\(.unread) \(.first_unread | test("^line 4, column [0-9]+: expected seq"))"' "$work/out")" \
	'1 true'
is 'and nothing is certain then' "$(jq -r 'select(.record == "encounter" and .certain).frame' "$work/out")" ''
finish
