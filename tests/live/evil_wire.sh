#!/bin/bash
# What a server, or something on the way, can answer other than a segment in time: what no host would take, what nobody can
# read, errors, late and repeated answers, and another answer each time. None of it is silence, none of it agrees, and the
# report says what came. One fake server (evil_server.py) does each at an address of its own; IPv4 and IPv6.
. "$(dirname "$0")/lib.sh"
need jq ip python3
two_namespaces
router_mac=02:00:00:00:00:66 router_v4=198.51.100.66 router_v6=2001:db8:51::66
for address in $router_v4 $router_v6; do ip -n "$near" neigh add $address lladdr $router_mac dev wire nud permanent; done
ip -n "$near" route add 203.0.113.0/24 via $router_v4
ip -n "$near" route add 2001:db8:52::/64 via $router_v6
background in_far python3 tests/live/evil_server.py wire $router_mac
server=$work/background.0
wait_until 10 grep -q ready "$server" || { not_ok "the fake server" "$(cat "$server")"; finish; }

# Two questions in TIME_WAIT: an old SYN, whose answer is an ACK, and an old RST, whose answer is silence. One a line: a name for
# the output, and the arguments.
ask_ack=(--state=time-wait --segment=syn --seq-below --ts-below)
ask_nothing=(--state=time-wait --segment=rst --seq-below --ts-below)
plan() { # NAME MODE FAMILY QUESTION...
	local name=$1 target timeout=300ms
	target=$(awk -v mode="$2" -v family="$3" '$1 == mode { print family == 4 ? $2 : "[" $3 "]" }' "$server")
	[ -n "$target" ] || { not_ok "the server knows $2"; return; }
	# What comes after the last try is heard by nobody.
	[[ $2 != late-[23]000 ]] || timeout=1s
	shift 3
	printf '%s %s\n' "$name" "$* --timeout=$timeout --format=json --pcap=$work/$name.pcap $target:8888" >>"$work/plan"
}

# MODE  WHAT THE REPORT NAMES (extended regular expression)  FAMILIES
# The answer is none that a host would take, or comes when it is too late: inconclusive, and named, for both questions.
refused='
option-zero            option                       46
option-long            option                       46
timestamps-9           option                       46
offset-0               length|offset|header         46
offset-15              length|offset|header|cut     46
length-short           length|cut|short             46
length-long            length|cut|short             46
tcp-checksum           checksum                     46
ip-checksum            checksum                     4
random-ack             number|never.sent             46
random-rst             number|never.sent             46
fragment-first         fragment                     46
fragment-rest          fragment                     46
fragments              fragment                     46
icmp-port              ICMP.*port                   46
icmp-host              ICMP.*(host|address)         46
icmp-prohibited        ICMP.*prohibited             46
icmp-hops              ICMP.*(exceeded|hop|TTL)     46
icmp-parameter         ICMP.*(parameter|header)     46
icmp-router            ICMP.*(exceeded|hop|TTL)     46
late-400               late|ms.after                     46
late-1200              late|ms.after                     46
late-2000              late|ms.after                     4
late-3000              late|ms.after                     4
all-late               late|ms.after                     4
late-variable          late|ms.after                46
'
# No connection comes about, and the report says who said so.
no_way='
syn-icmp-port          ICMP.*port                   46
syn-icmp-host          ICMP.*(host|address)         46
syn-icmp-prohibited    ICMP.*prohibited             4
syn-icmp-hops          ICMP.*(exceeded|hop|TTL)     4
syn-icmp-parameter     ICMP.*(parameter|header)     4
'
each() { # TABLE COMMAND...: the command, with mode, pattern and family
	local table=$1 mode pattern families family
	shift
	while read -r mode pattern families; do
		[ -n "$mode" ] || continue
		for family in $(grep -o . <<<"$families"); do "$@" "$mode" "$pattern" "$family"; done
	done <<<"$table"
}
plan_both() {
	plan "$1-$3-ack" "$1" "$3" "${ask_ack[@]}"
	plan "$1-$3-nothing" "$1" "$3" "${ask_nothing[@]}"
}
plan_one() { plan "$1-$3-ack" "$1" "$3" "${ask_ack[@]}"; }
each "$refused" plan_both
each "$no_way" plan_one
others='good x 46
dozens x 46
fins-first x 46
noise x 46
reflected x 46
escapes x 4
silent x 46
two-answers x 4'
each "$others" plan_both
for mode in alternate random two-senders; do plan_one $mode x 4; done

# They wait more than they work.
shuf --random-source=<(yes) "$work/plan" | xargs -P "${AT_ONCE:-24}" -L 1 bash -c '
	name=$1; shift
	timeout --kill-after=5 60 ip netns exec "'"$near"'" "'"$TWPROBE"'" "$@" >"'"$work"'/$name.out" 2>"'"$work"'/$name.err" </dev/null
	echo $? >"'"$work"'/$name.code"' -
is 'no sanitizer report' "$(cd "$work" && grep -lE 'AddressSanitizer|runtime error:' ./*.err | tr '\n' ' ')" ''
is 'every run ends by itself' "$(cd "$work" && grep -lxE '124|137|134|139' ./*.code | tr '\n' ' ')" ''
is 'the server had no trouble' "$(grep -A 5 Traceback "$server")" ''

# of NAME JQ: of the one cell of a run
of() { cells "$work/$1.out" "$2"; }
told() { of "$1" '"\(.cell): \(.answer), \(.verdict) after \(.tries): \(.reason)\n  heard \(.heard)"'; }
# A check of one run in one line: everything that is wrong with it.
check() { # NAME WRONG
	if [ -z "$2" ]; then ok "$1"; else not_ok "$1" "$2" "$(told "$1")" "$(head -n 3 "$work/$1.err")"; fi
}
refused_run() { # NAME PATTERN
	local wrong=
	[ "$(of "$1" .verdict)" = inconclusive ] || wrong+='not inconclusive; '
	[ "$(of "$1" .answer)" = null ] || wrong+='there is an answer; '
	of "$1" .reason | grep -qE "$2" || wrong+="the reason names no $2; "
	# Later fragments have no ports, so that no one connection heard them.
	[[ $1 = fragment-rest-* ]] || of "$1" '.heard | tostring' | grep -qiE "$2" || wrong+="\"heard\" names no $2; "
	[ "$(cat "$work/$1.code")" = 3 ] || wrong+="exit code $(cat "$work/$1.code")"
	check "$1" "$wrong"
}
check_refused() {
	refused_run "$1-$3-ack" "$2"
	refused_run "$1-$3-nothing" "$2"
}
check_no_way() { refused_run "$1-$3-ack" "$2"; }
each "$refused" check_refused
each "$no_way" check_no_way

# conclusive NAME ANSWER VERDICT
conclusive() {
	check "$1" "$([ "$(of "$1" '"\(.answer) \(.verdict)"')" = "$2 $3" ] || echo "not $2, $3")"
}
for family in 4 6; do
	for mode in good dozens fins-first noise reflected; do conclusive $mode-$family-ack ack agrees; done
	conclusive good-$family-nothing ack differs
	conclusive silent-$family-ack silence differs
	conclusive silent-$family-nothing silence agrees
done
check escapes-4-ack "$([ "$(of escapes-4-ack .verdict)" != agrees ] || echo 'data is no bare ACK')"
holds 'no escape byte comes through' [ "$(cat "$work"/escapes-*.out "$work"/escapes-*.err | LC_ALL=C tr -cd '\033\233' | wc -c)" = 0 ]
for mode in alternate random two-senders; do
	check "$mode-4-ack" "$([ "$(of "$mode-4-ack" .verdict)" = mixed ] || echo 'not mixed')$(
		[ "$(of "$mode-4-ack" '.outcomes | length')" -ge 2 ] || echo 'not every outcome is told')"
done
matches 'two senders are told apart' "$(of two-senders-4-ack .reason)" 'TTL 58.*TTL 121|TTL 121.*TTL 58'
[ -z "${KEEP:-}" ] || cp -r "$work" "$KEEP"
finish
