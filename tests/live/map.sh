#!/bin/bash
# twprobe map: each cell has the colour of its answer (read back from the PNG and from the JSON, independently), every format is
# whole, --refine draws the same picture, and what is wrong is said before anything is sent.
. "$(dirname "$0")/lib.sh"
need python3 jq script
unset NO_COLOR

# plane FILE COLUMNS ROWS: the colours of its cells, by the geometry that -v printed last
plane() {
	local numbers
	read -ra numbers < <(sed -nE 's/.*plane begins at ([0-9]+),([0-9]+) .*a cell is ([0-9]+)x.*/\1 \2 \3/p' "$work/err")
	python3 tests/live/map_png.py "$1" "${numbers[@]}" "$2" "$3"
}

# answers JSON COLUMNS ROWS LOW-SEQ SEQ-WIDTH LOW-TS TS-WIDTH: what plane must show. Where a cell belongs is computed from
# the segment that was sent and the baseline, not from its name.
answers() {
	jq -r 'select(.record == "cell") | [.sent.seq - .baseline.rcv_nxt, .sent.tsval - .baseline.ts_recent, .answer, .isn] | @tsv' \
		"$1" | python3 -c '
import sys
colors = {("syn-ack", "continued"): "0072b2", ("syn-ack", "fresh"): "9ad3f5", ("ack", ""): "e69f00",
          ("rst", ""): "a33b00", ("silence", ""): "ececec", ("other", ""): "cc79a7"}
columns, rows, low_seq, seq_width, low_ts, ts_width = map(int, sys.argv[1:])
plane = [["none"] * columns for _ in range(rows)]
def place(offset, low, width, cells):
    offset = (offset + 2**31) % 2**32 - 2**31
    return (offset - low) * cells // width
for line in sys.stdin:
    seq, ts, answer, isn = line.rstrip("\n").split("\t")
    x, y = place(int(seq), low_seq, seq_width, columns), place(int(ts), low_ts, ts_width, rows)
    assert plane[rows - 1 - y][x] == "none", "asked twice: " + line
    plane[rows - 1 - y][x] = colors[answer, isn]
for row in plane:
    print(" ".join(row))' "${@:2}"
}

# same_picture NAME JSON PNG COLUMNS ROWS LOW-SEQ SEQ-WIDTH LOW-TS TS-WIDTH
same_picture() {
	local wanted got
	wanted=$(answers "$2" "${@:4}") got=$(plane "$3" "$4" "$5")
	is "$1" "$got" "$wanted"
	[ "$(wc -w <<<"$got")" = $(($4 * $5)) ] || not_ok "$1: a colour for each cell"
}
circle=(-2147483648 4294967296 -2147483648 4294967296)

run "$TWPROBE" map -v -o "$work/small.png" --size=16x16 --format=json
exits '16x16: every cell agrees' 0
cp "$work/out" "$work/small.json"
is '16x16: a record for each cell' "$(cells "$work/small.json" .cell | sort -u | wc -l)" 256
same_picture '16x16: each cell has the colour of its answer' "$work/small.json" "$work/small.png" 16 16 "${circle[@]}"
is '16x16: both colours of TIME_WAIT are there' "$(plane "$work/small.png" 16 16 | tr ' ' '\n' | sort | uniq -c | tr -s ' ')" \
	$' 128 0072b2\n 128 e69f00'

# Around zero, where equality is an offset of its own; not square, so that an exchange of the axes would show.
run "$TWPROBE" map -v -o "$work/zero.png" --size=9x5 --seq-range=-4..4 --ts-range=-2..2 --format=json
exits 'around zero: every cell agrees' 0
cp "$work/out" "$work/zero.json"
same_picture 'around zero: each cell has the colour of its answer' "$work/zero.json" "$work/zero.png" 9 5 -4 9 -2 5
# The kernel: a SYN is taken with a greater TSval, or with an equal one and a greater sequence number.
is 'around zero: the row of the equal TSval' "$(plane "$work/zero.png" 9 5 | sed -n 3p)" \
	'e69f00 e69f00 e69f00 e69f00 e69f00 0072b2 0072b2 0072b2 0072b2'

# More pixels than offsets: each is asked once, and shown wherever it belongs.
run "$TWPROBE" map -v -o "$work/shared.png" --size=12x12 --seq-range=0..2 --ts-range=-1..0 --format=json
is 'three by two offsets are asked once each' "$(cells "$work/out" .cell | wc -l)" 6
is 'and shown in four by six pixels each' "$(plane "$work/shared.png" 12 12 | sort | uniq -c | tr -s ' ')" \
	"$(printf ' 6 %s\n 6 %s\n' "$(printf 'e69f00 %.0s' 1 2 3 4)$(printf '0072b2 %.0s' 1 2 3 4 5 6 7)0072b2" \
		"$(printf 'e69f00 %.0s' 1 2 3 4 5 6 7 8 9 10 11)e69f00" | sort)"

# An RST is never answered; the second segment shows what it did. It ends TIME_WAIT with the very sequence number that is
# expected, and a TSval that is not older.
run "$TWPROBE" map -v -o "$work/rst.png" --segment=rst --size=5x3 --seq-range=-2..2 --ts-range=-1..1
is 'rst: where the socket is gone' "$(plane "$work/rst.png" 5 3)" "$(printf '%s\n' \
	'b4b4b4 b4b4b4 4b145c b4b4b4 b4b4b4' 'b4b4b4 b4b4b4 4b145c b4b4b4 b4b4b4' 'b4b4b4 b4b4b4 b4b4b4 b4b4b4 b4b4b4')"

# Another state and segment, where seq counts as well as TSval; in symlog.
run "$TWPROBE" map -v -o "$work/whole.png" --size=64x64 --state=established --segment=syn --scale=symlog
exits 'established, 64x64' 0
plane "$work/whole.png" 64 64 >"$work/whole"
run "$TWPROBE" map -v -o "$work/refined.png" --size=64x64 --state=established --segment=syn --scale=symlog --refine
exits 'established, refined' 0
is '--refine draws the same picture: established' "$(plane "$work/refined.png" 64 64)" "$(cat "$work/whole")"
run "$TWPROBE" map -v -o "$work/whole.png" --size=64x64 --seq-range=-32..31 --ts-range=-32..31
plane "$work/whole.png" 64 64 >"$work/whole"
run "$TWPROBE" map -v -o "$work/refined.png" --size=64x64 --seq-range=-32..31 --ts-range=-32..31 --refine --format=json
is '--refine draws the same picture: TIME_WAIT' "$(plane "$work/refined.png" 64 64)" "$(cat "$work/whole")"
asked=$(cells "$work/out" .cell | sort -u | wc -l)
is '--refine asks no cell twice' "$(cells "$work/out" .cell | wc -l)" "$asked"
holds "--refine asks less than half of 4096 cells ($asked)" test "$asked" -lt 2048
is '--refine: the summary counts what was asked' "$(jq -r 'select(.record == "summary").cells' "$work/out")" "$asked"

# The other formats. Each is read by a parser.
for format in svg pdf html; do
	run "$TWPROBE" map -o "$work/map.$format" --size=16x16 --overlay=linux,rfc,folk,freebsd
	exits "$format" 0
	is "$format: nothing on standard output" "$(out)" ''
	matches "$format: what was written" "$(err)" "^twprobe: wrote $work/map.$format: 16 x 16 points, [0-9,]+ bytes; 256 cells probed in [0-9.]+ s$"
	is "$format: its size" "$(err | sed 's/.* points, //; s/ bytes.*//; s/,//g')" "$(stat -c %s "$work/map.$format")"
	is "$format: in one line" "$(err | wc -l)" 1
done
holds 'svg is XML' python3 -c 'import sys, xml.etree.ElementTree as e
assert e.parse(sys.argv[1]).getroot().tag == "{http://www.w3.org/2000/svg}svg"' "$work/map.svg"
is 'pdf begins as one' "$(head -c 5 "$work/map.pdf")" '%PDF-'
is 'pdf ends as one' "$(tail -n 1 "$work/map.pdf")" '%%EOF'
holds 'html holds its picture and the counts, and asks no other machine for anything' python3 -c '
import base64, html.parser, re, sys, xml.etree.ElementTree as e
text = open(sys.argv[1], encoding="utf-8").read()
picture = re.search(r"src=\"data:image/svg\+xml;base64,([^\"]+)\"", text).group(1)
assert e.fromstring(base64.b64decode(picture, validate=True)).tag.endswith("svg")
stack = []
class Reader(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        if tag not in ("img", "meta", "br"): stack.append(tag)
        assert not [v for n, v in attributes if n in ("src", "href") and not v.startswith("data:")]
    def handle_endtag(self, tag): assert stack.pop() == tag, tag
reader = Reader(); reader.feed(text); reader.close()
assert not stack
assert re.search(r"<td>ACK</td><td class=\"n\">128</td>", text), "the count of ACKs"
assert re.search(r"<td>folk disagrees</td><td class=\"n\">64</td>", text), "folk"' "$work/map.html"

# A terminal.
run "$TWPROBE" map -o - --size=8x4
exits 'letters where there is no terminal' 0
is 'letters: the plane' "$(grep -cE ' C{8}$| a{8}$' "$work/out")" 4
holds 'letters: no escape' eval '! grep -q $'"'\\033'"' "$work/out"'
matches 'letters: the legend' "$(out)" '^a +ACK +16$'
run script -qec "stty cols 80 rows 40; LC_ALL=C.UTF-8 TERM=xterm '$TWPROBE' map -o -" /dev/null
matches 'a terminal: half blocks in 256 colours' "$(out)" $'\033\\[38;5;25;48;5;25m(▀){67}\033'
holds 'a terminal: no line of the plane is wider' python3 -c '
import re, sys
for line in open(sys.argv[1], encoding="utf-8"):
    assert len(re.sub("\033\\[[0-9;]*m", "", line.rstrip())) <= 80 or "▀" not in line, line' "$work/out"
run script -qec "stty cols 80 rows 40; TERM=xterm NO_COLOR=1 '$TWPROBE' map -o -" /dev/null
holds 'a terminal with NO_COLOR: no colour' eval '! grep -q "38;5" "$work/out"'
run script -qec "stty cols 80 rows 40; LC_ALL=C TERM=xterm '$TWPROBE' map -o -" /dev/null
matches 'a terminal without UTF-8: letters' "$(out)" ' C{67}'
matches 'a terminal without UTF-8: the ends of the axes' "$(out)" '^ +\+-2\^31 .* \+-2\^31'
holds 'a terminal without UTF-8: nothing but ASCII' eval '! grep -qP "[^\x00-\x7f]" "$work/out"'
run script -qec "stty cols 80 rows 40; LC_ALL=C.UTF-8 TERM=dumb '$TWPROBE' map -o -" /dev/null
holds 'a dumb terminal: no colour' eval '! grep -q "38;5" "$work/out"'

# Interrupted: what is known is drawn, and the picture says so.
background "$TWPROBE" map -o "$work/half.png" --rate=1000
wait_until 10 test -e "$work/half.png"
sleep 1
kill -INT "$!"
wait "$!"
is 'interrupted: exit code' $? 130
holds 'interrupted: there is a whole picture' python3 tests/live/map_png.py "$work/half.png" 0 0 1 1 1

# refused PATTERN ARGUMENT...
refused() {
	local pattern=$1 problems=()
	shift
	rm -f "$work/none.png"
	run "$TWPROBE" map "$@"
	[ "$code" = 2 ] || problems+=("exit code $code, wanted 2")
	[ "$(wc -l <"$work/err")" = 1 ] || problems+=("not one line on stderr")
	grep -qE -- "$pattern" "$work/err" || problems+=("stderr does not match: $pattern")
	[ ! -s "$work/out" ] || problems+=("something on stdout")
	[ ! -e "$work/none.png" ] || problems+=("a file is left behind")
	if [ ${#problems[@]} = 0 ]; then ok "refused: $*"; else not_ok "refused: $*" "${problems[@]}" "$(err)"; fi
}
mkdir "$work/folder.png"
none=$work/none.png
refused "no output file"
refused 'must end in'                    -o "$work/none.gif"
refused 'must end in'                    -o "$work/none"
refused 'must end in'                    -o .png
refused 'cannot be written'              -o "$work/missing/none.png"
refused 'cannot be written'              -o "$work/folder.png"
refused '--size=0x5: expected WxH'       -o "$none" --size=0x5
refused '--size=4097x5: expected WxH'    -o "$none" --size=4097x5
refused '--size=512: expected WxH'       -o "$none" --size=512
refused 'below the second'               -o "$none" --seq-range=5..5
refused 'below the second'               -o "$none" --ts-range=5..-5
refused '--ts-range.*expected A\.\.B'    -o "$none" --ts-range=5
refused '--seq-range'                    -o "$none" --seq-range=-2^32..0
refused '--scale=log: expected'          -o "$none" --scale=log
refused '--overlay=bsd: expected'        -o "$none" --overlay=bsd
refused '--overlay=: expected'           -o "$none" --overlay=
refused '--seq-below: a map has all'     -o "$none" --seq-below
refused '--ts-absent: a map has all'     -o "$none" --ts-absent
refused '--repeat'                       -o "$none" --repeat=2
refused '--format=tap'                   -o "$none" --format=tap
refused 'both go to standard output'     -o - --format=json
refused '-o needs a value'         -o
refused '--shard does not belong'        -o "$none" --shard=1/2
refused '--pcap=.*cannot be written'     -o "$none" --pcap="$work/missing/x.pcap"
refused 'no such state|expected one of'  -o "$none" --state=nowhere
echo precious >"$work/old.png"
refused '--pcap=.*cannot be written'     -o "$work/old.png" --pcap="$work/missing/x.pcap"
is 'what was there stays when nothing is drawn' "$(cat "$work/old.png")" precious
(ulimit -f 8 && trap '' XFSZ && exec "$TWPROBE_RELEASE" map --size=16x16 -o "$work/old.png" 2>"$work/err")
is 'what was there stays when the new picture does not fit' "$? $(cat "$work/old.png") $(cd "$work" && echo old*)" '4 precious old.png'
matches 'and that is said' "$(err)" 'old.png: .*File too large'
run "$TWPROBE" -o "$work/none.png"
exits '-o belongs to map alone' 2
finish
