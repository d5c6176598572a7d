#!/bin/bash
# Started in odd ways, written to odd places, fed with hostile text: it says what is wrong, leaves nothing behind, and no byte
# of a file, a name or an argument steers a terminal.
. "$(dirname "$0")/lib.sh"
need tcpdump jq python3 setpriv script ip pgrep
two_namespaces
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all)

# ---- Where the capture goes.
mkfifo "$work/fifo"
timeout 60 tcpdump -n -l -r "$work/fifo" >"$work/frames" 2>/dev/null &
background+=($!)
# So slowly that no buffer is full for half a minute.
background "$TWPROBE" matrix --repeat=100 --rate=0.1 --format=json --pcap="$work/fifo"
holds 'FIFO: its reader sees frames while the run goes on' wait_until 20 eval '[ "$(wc -l <"$work/frames")" -ge 5 ]'
holds 'FIFO: the run goes on' kill -0 $!
kill -INT $!
wait $!
is 'FIFO: Ctrl-C, exit code' $? 130
run timeout --preserve-status -s INT 0.5 "$TWPROBE" --pcap="$work/fifo"
is 'FIFO without a reader: Ctrl-C ends it' "$code" 130
"$TWPROBE" --format=json --pcap=- >"$work/one.pcap" 2>"$work/one.ndjson" </dev/null
is '--pcap=-: exit code' $? 0
holds '--pcap=-: the capture agrees with the report, which is on standard error' \
	tests/live/wire_matches.py "$work/one.ndjson" "$work/one.pcap"
run script -qec "'$TWPROBE' --pcap=-" /dev/null
is '--pcap=- on a terminal: refused' "$code" 2
matches '--pcap=- on a terminal: says why' "$(out)" 'standard output is a terminal'
run "$TWPROBE" --pcap=/dev/full
exits 'capture to a full disk: exit code' 4
matches 'capture to a full disk: the reason' "$(err)" '/dev/full: cannot be written: No space left on device'
for arguments in '127.0.0.1' 'no-such-host.invalid:80' '127.0.0.1:80 --interface=nosuch0' '127.0.0.1:80 --source=127.0.0.1x'; do
	# shellcheck disable=SC2086
	run in_near "$TWPROBE" --pcap="$work/none.pcap" $arguments
	holds "nothing sent to $arguments: exit 2 or 4" [ "$code" = 2 -o "$code" = 4 ]
	holds "nothing sent to $arguments: no empty file" [ ! -e "$work/none.pcap" ]
done
# A disk with room for next to nothing; map gives its privileges up before it draws there.
mkdir -p "$work/small"
# shellcheck disable=SC2016
run unshare -m bash -c 'mount -t tmpfs -o size=16k,mode=755 none "$1"; head -c 12k /dev/zero >"$1/full"
	"$2" map --size=64x64 -o "$1/x.png"; echo $?; "$2" matrix -q --pcap="$1/x.pcap"; echo $?; ls "$1"' - "$work/small" "$TWPROBE"
is 'a full disk: exit 4 both times, no beginning of a picture' "$(grep -v agree "$work/out" | tr '\n' ' ')" '4 4 full x.pcap '
is 'a full disk: said in words both times' "$(grep -c 'No space left on device' "$work/err")" 2
run env SUDO_UID=65534 SUDO_GID=65534 "$TWPROBE" map --size=4x4 -o "$work/sudo.png" --pcap="$work/sudo.pcap"
exits 'sudo: exit code' 0
is 'sudo: picture and capture belong to who called it' "$(stat -c %u:%g "$work/sudo.png" "$work/sudo.pcap" | sort -u)" 65534:65534
background "$TWPROBE" map --rate=100 -o "$work/killed.png"
wait_until 10 test -e "$work/killed.png"
wait_until 10 pgrep -P $! # the process that will remove it
stop $! KILL
holds 'killed before anything was drawn: no empty picture' wait_until 5 [ ! -e "$work/killed.png" ]

# ---- Standard output.
for command in '' why list 'explain time-wait/syn/seq-above/ts-above' --help 'matrix --help' --version 'map -o - --size=4x4' \
	'scenario tw-legal-syn' "compare $work/a.ndjson $work/a.ndjson" 'compare --help'; do
	[ -e "$work/a.ndjson" ] || "$TWPROBE" --format=json >"$work/a.ndjson"
	# shellcheck disable=SC2086
	"$TWPROBE" $command >/dev/full 2>"$work/err"
	is "twprobe $command >/dev/full" "$? $(grep -c . "$work/err") $(grep -o 'No space left on device' "$work/err")" \
		'4 1 No space left on device'
	# shellcheck disable=SC2086
	"$TWPROBE" $command >&- 2>"$work/err"
	is "twprobe $command >&-" "$? $(grep -c . "$work/err") $(grep -o 'Bad file descriptor' "$work/err")" '4 1 Bad file descriptor'
done
for shard in 1 2; do "$TWPROBE" matrix --only='*/seq-equal/*' --shard=$shard/2 --format=json >"$work/$shard.ndjson"; done
"$TWPROBE" compare --merge "$work"/[12].ndjson >/dev/full 2>"$work/err"
is 'compare --merge >/dev/full' "$? $(grep -c 'No space left' "$work/err")" '4 1'
"$TWPROBE" matrix --repeat=50 --format=json 2>"$work/err" | head -n 1 >"$work/out"
is 'head: dies of SIGPIPE as others do, without a word' "${PIPESTATUS[0]} $(cat "$work/err")" '141 '
"$TWPROBE" map -v --size=4x4 -o "$work/no2.png" 2>&-
is 'standard error closed: exit code' $? 0
is 'standard error closed: the picture is one' "$(head -c 8 "$work/no2.png" | od -An -c | tr -d ' \n')" '211PNG\r\n032\n'
"$TWPROBE" -q 0<&- >"$work/out" 2>"$work/err"
is 'standard input closed' "$? $(cat "$work/err")" '0 '

# ---- Signals that were ignored at the start.
(trap '' HUP INT; exec "$TWPROBE" matrix --repeat=100000 --format=json >"$work/ignoring" 2>&1) &
background+=($!)
pid=$!
wait_until 10 test -s "$work/ignoring"
kill -HUP $pid
kill -INT $pid
sleep 0.3
holds 'ignored signals stay ignored' kill -0 $pid
kill -TERM $pid
wait $pid
is 'SIGTERM ends it all the same' $? 130

# ---- Lent and given privileges.
cp "$TWPROBE_RELEASE" "$work/lent"
chmod 4755 "$work/lent"
run "${nobody[@]}" "$work/lent" --pcap="$work/lent.pcap"
exits 'set-uid: exit code' 4
is 'set-uid: one line, and what to do' "$(grep -c . "$work/err") $(grep -o 'setcap cap_net_raw+ep' "$work/err")" \
	'1 setcap cap_net_raw+ep'
holds 'set-uid: no file was made' [ ! -e "$work/lent.pcap" ]
chmod 755 "$work/lent"
if setcap cap_net_raw+ep "$work/lent" 2>/dev/null; then
	serve "$far" 8888 "$TWPROBE" serve 8888
	run in_near "${nobody[@]}" "$work/lent" $far_v4:8888
	exits 'a file capability: a target is asked by an ordinary user' 0
else
	skip 'a file capability' 'setcap does not work here'
fi

# ---- Texts. Each path of output; what steers is refused, or a '?'.
python3 - "$work" <<'EOF'
import json, os, sys
work = sys.argv[1]
hostile = ["\x1b[31m", "\x1b]0;pwned\x07", "\x7f", "\u009b2J", "\u009d0;x", "\u202e", "\u2066", "\u200f", "\u061c"]
os.makedirs(f"{work}/cases/scenarios")
with open(f"{work}/a.ndjson") as file:
    records = [json.loads(line) for line in file]
def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
for number, text in enumerate(hostile):
    quoted = '"x' + "".join(c if c in "0;[]xJmpwned12" else f"\\u{ord(c):04x}" for c in text) + '"'
    for what in "title", "shows", "part", "says", "id":
        t = {k: quoted if k == what else "x" for k in ("title", "shows", "part", "says", "id")}
        write(f"{work}/s{number}{what}.yaml", f"scenario: esc\ntitle: {t['title']}\nshows: {t['shows']}\nparts:\n"
              f"  - title: {t['part']}\n    steps:\n      - reach: time-wait\n        id: {t['id']}\n"
              f"conclusion:\n  - says: {t['says']}\n    from: [x]\n")
    write(f"{work}/cases/m{number}.yaml", f"name: m\ndescription: {quoted}\nblocks: [{{seq: below, ts: below}}]\n")
    write(f"{work}/cases/k{number}.yaml", f"name: m\n{quoted}: 1\n")
    write(f"{work}/cases/scenarios/s{number}.yaml", f"scenario: esc\ntitle: {quoted}\n")
    for key in "kernel", "matrix", "cell", "answer", "reason":
        changed = [{**record, key: text} if key in record else record for record in records]
        for ascii in False, True:
            lines = "".join(json.dumps(r, ensure_ascii=ascii) + "\n" for r in changed)
            write(f"{work}/r{number}{key}{ascii}.ndjson", lines)
for number, name in enumerate([t.encode() for t in hostile] + [b"\x9b2J", b"\xc2", b"\xff"]):
    good = b"name: m\nblocks: [{seq: below, ts: below}]\n"
    for folder in b"/cases/", b"/":
        with open(work.encode() + folder + name + b".yaml", "wb") as file:
            file.write(good)
    with open(work.encode() + b"/" + name + b".ndjson", "w") as file:
        file.write("".join(json.dumps(r) + "\n" for r in records))
EOF
said=0
taste() { # COMMAND...: its whole output is gathered
	in_near "$TWPROBE" "$@" >>"$work/said" 2>&1 </dev/null
	said=$((said + 1))
}
: >"$work/said"
for file in "$work"/s[0-9]*.yaml; do
	for format in table tap; do taste scenario --format=$format "$file"; done
done
is 'hostile scenarios: all are refused with their place' "$(grep -cvE '^twprobe: .*yaml:[0-9]+:[0-9]+: .*' "$work/said")" 0
for file in "$work"/cases/[mk]*.yaml; do taste matrix --matrix="$file"; done
for file in "$work"/r*.ndjson; do
	taste compare "$work/a.ndjson" "$file"
	taste compare --merge "$file"
done
is 'hostile results: all are refused with their place' "$(grep -cE '^twprobe: compare: .*ndjson:[12]: ' "$work/said")" \
	$((2 * $(ls "$work"/r*.ndjson | wc -l)))
for file in "$work"/[^a-z0-9]*.ndjson; do
	for format in table tap markdown json; do taste compare --format=$format --baseline="$file" "$work/a.ndjson" "$file"; done
done
for name in $'\e[31m' $'\e]0;x\a' $'\u009b2J' $'\x9b2J' $'\u202e' $'\u061c' $'\x7f' $'a\nb'; do
	taste "$name"
	taste "$name:80"
	taste "--$name"
	for option in state source interface pcap trigger kernel; do
		taste "--$option=$name/x" 127.0.0.1:80
	done
	taste matrix --only="$name"
	taste matrix --matrix="./$name.yaml"
	taste scenario "$name"
	taste scenario "./$name.yaml"
	taste explain "$name"
	taste map -o "/nowhere/$name.png"
	taste map -o - --size=4x4 --seed=1 --timeout=300ms --pcap="$work/$name.pcap"
	taste serve "$name"
	taste compare "$name" "$name"
	TWPROBE_CASES="$work/$name" taste matrix
	TWPROBE_CASES="$work/$name" taste list
done
TWPROBE_CASES=$work/cases taste list
matches 'a bad case file does not end the list' "$(TWPROBE_CASES=$work/cases "$TWPROBE" list 2>/dev/null)" 'Rule books'
TWPROBE_CASES=$work/cases "$TWPROBE" list >/dev/null 2>"$work/err"
is 'a bad case file: the exit code tells' $? 2
matches 'a bad case file is named' "$(cat "$work/err")" 'cases/m0\.yaml:2:'
holds "$said outputs and no byte that steers a terminal" python3 -c '
import re, sys, unicodedata
data = open(sys.argv[1], "rb").read()
assert len(data) > 50000, len(data)
for line in data.split(b"\n"):
    text = line.decode("ascii")  # LC_ALL=C here: not even letters
    assert text.isprintable(), repr(line)' "$work/said"

# ---- Letters stay letters, where the terminal reads them.
printf '%s\n' 'scenario: letters' 'title: Größe 中文' 'shows: שלום' 'parts: [{steps: [{reach: time-wait, id: a}]}]' \
	'conclusion: [{says: Ende ü, from: [a]}]' >"$work/letters.yaml"
for format in table tap; do
	run env LC_ALL=C.UTF-8 "$TWPROBE" scenario --format=$format "$work/letters.yaml"
	exits "letters, $format" 0
	matches "letters, $format: UTF-8" "$(out)" 'Ende ü'
	run env LC_ALL=C "$TWPROBE" scenario --format=$format "$work/letters.yaml"
	matches "letters, $format: ASCII" "$(out)" 'Ende \?\?$'
	holds "letters, $format: nothing but ASCII" eval '! grep -qP "[^\x00-\x7f]" "$work/out"'
done
run env LC_ALL=C "$TWPROBE" scenario --format=json "$work/letters.yaml"
matches 'letters, json: UTF-8 whatever the terminal reads' "$(out)" '"shows":"שלום".*"conclusion":"Ende ü"'

# ---- Input without end.
run bash -c 'ulimit -v 300000; exec "$@"' - "$TWPROBE_RELEASE" compare /dev/zero "$work/a.ndjson"
exits 'compare /dev/zero: exit code' 2
matches 'compare /dev/zero: names file and line' "$(err)" '/dev/zero:1: the line has more than'
run "$TWPROBE" '[fe80::1]:8888' --interface=lo
exits 'a link-local address without its interface' 2
matches 'a link-local address without its interface: what to write' "$(err)" '\[fe80::1%INTERFACE\]:PORT'
finish
