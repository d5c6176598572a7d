#!/bin/bash
# twprobe who at servers of several sorts, with 5 % loss, and where something between answers now and then.
. "$(dirname "$0")/../live/lib.sh"
record() { jq -r "$1" "$work/out"; }

need jq nft ip python3
run "$TWPROBE_RELEASE" who --format=json
lab=$(record .linux)
if [ -c /dev/net/tun ]; then
	run timeout 200 "$TWPROBE_RELEASE" who --engine=exec:"$root/stacks/toy.py" --format=json
	is 'a stack of nobody has no name' "$(record .verdict)" nobody
	exits 'a stack of nobody has no name' 1
fi
two_namespaces
serve "$far" 8888 "$TWPROBE_RELEASE" serve 8888
run in_near "$TWPROBE_RELEASE" who --format=json $far_v4:8888
exits 'serve: named' 0
is 'serve: as the lab, if its silences are its own' "$(record 'if .if_direct then .if_direct else "Linux \(.linux)" end')" "Linux $lab"
is 'serve: at most 60 connections' "$(record '.connections <= 60')" true

# Any server: it says nothing and never closes.
cat >"$work/mute.py" <<'PY'
import socket, sys
server = socket.create_server(("", int(sys.argv[1])))
held = []
while True:
    held.append(server.accept()[0])
PY
serve "$far" 8889 python3 "$work/mute.py" 8889
run in_near timeout 300 "$TWPROBE_RELEASE" who --timeout=300ms --format=json $far_v4:8889
exits 'a mute server: named' 0
is 'a mute server: a Linux' "$(record '"\(.verdict) \(.linux != null) \(.freebsd) \(.connections <= 60)"')" 'named true null true'
echo "# serve: $lab; a mute server: $(record .linux)"

# Stacks that are installed here, by name; and, behind one address, two of them: connections go to one or the other by a hash of
# their ports, without connection tracking.
TWPROBE_RELEASE=$(realpath "$TWPROBE_RELEASE")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/twprobe/stacks nets=(192.0.2 203.0.113 198.18.0 198.18.1)
stack_in_far() {
	local net=${address[$1]%.2} tap=$1
	ip -n "$far" tuntap add dev "$tap" mode tap
	ip -n "$far" addr add "$net.1/24" dev "$tap"
	ip -n "$far" link set "$tap" up
	# In a pid namespace, as in the lab: what a stack starts (passt) ends with it.
	background ip netns exec "$far" unshare --pid --fork --kill-child env TWPROBE_TAP="$tap" TWPROBE_MAC=02:00:00:00:00:02 \
		TWPROBE_ADDRESS="$net.2" TWPROBE_NETMASK=255.255.255.0 TWPROBE_GATEWAY="$net.1" TWPROBE_PORT=8888 TWPROBE_CLIENT=$near_v4 TWPROBE_ADDRESS6=2001:db8::2 TWPROBE_PREFIX6=64 \
		TWPROBE_GATEWAY6=2001:db8::1 TWPROBE_CLIENT6=$near_v6 "$cache/$1"
	wait_until 10 in_far python3 -c "import socket; socket.create_connection(('$net.2', 8888), 1)"
}
two_of() {
	in_far nft -f - <<-NFT
		table ip two {
			chain there { type filter hook prerouting priority raw; iifname "wire" tcp dport 8888 jump turn; }
			chain turn { ip daddr set jhash tcp sport mod 2 seed 7 map { 0 : $1, 1 : $2 }; }
			chain back { type filter hook postrouting priority raw; oifname "wire" tcp sport 8888 ip saddr set $far_v4; }
		}
	NFT
	run in_near timeout 300 "$TWPROBE_RELEASE" who --timeout=300ms --format=json $far_v4:8888
	in_far nft delete table ip two
}
declare -A names=([lwip]=lwIP [gvisor]=gVisor [slirp]=libslirp [passt]=passt) address=()
here=()
for name in lwip gvisor slirp passt; do
	if ! [ -c /dev/net/tun ] || ! scripts/stacks build "$name" 2>"$work/missing"; then
		skip "$name has its name" "$(tail -n 1 "$work/missing" | cut -c 1-100)"
		continue
	fi
	run timeout 200 "$TWPROBE_RELEASE" who --engine=exec:"$cache/$name" --format=json
	is "$name has its name" "$(record '"\(.verdict) \(.stack) \(.linux) \(.freebsd) \(.connections <= 60)"' | sed 's/ [(0-9].* null n/ null n/;s/,.* null n/ null n/')" \
		"named ${names[$name]} null null true"
	if [ "$name" = lwip ] && [ "$(dpkg-query -W -f '${Version}' liblwip-dev)" = 2.1.3+dfsg1-2 ]; then
		sed -n '/^Of lwIP/,/^Ctrl-C/{/^```$/,/^```$/{/^```$/d;p}}' docs/who.md >"$work/wanted"
		(cd "$cache" && COLUMNS=100 timeout 200 "$TWPROBE_RELEASE" who --engine=exec:./lwip) >"$work/got"
		holds 'docs/who.md shows what is said of lwIP' diff "$work/wanted" "$work/got"
	fi
	address[$name]=${nets[${#here[@]}]}.2
	here+=("$name")
done
if [ -n "${here[*]}" ]; then
	in_far sysctl -qw net.ipv4.ip_forward=1
	ip -n "$near" route add default via $far_v4
fi
for name in "${here[@]}"; do
	stack_in_far "$name"
done

# A wrong name is one that this subject is not in; the lab says which this kernel is. All are asked side by side: each who has
# addresses of its own to talk to.
# with_loss NAME ADDRESS NAMED: verdicts go to $work/NAME.loss, what is wrong to $work/NAME.wrong
with_loss() {
	local seed answer=$work/$1.json code verdict
	for seed in $(seq "${WHO_RUNS:-10}"); do
		in_near timeout 300 "$TWPROBE_RELEASE" who --timeout=300ms --seed="$seed" --format=json "$2:8888" >"$answer" 2>>"$work/$1.err"
		code=$?
		verdict=$(jq -r '"\(.verdict) \(.linux) \(.freebsd) \(.stack) \(.one) \(.other)"' "$answer")
		echo "$verdict" >>"$work/$1.loss"
		jq -e '.connections <= 60' "$answer" >/dev/null || echo "$seed: $(jq .connections "$answer") connections" >>"$work/$1.wrong"
		case $code:$verdict in
		3:*) ;;
		0:named*) jq -e "$3" "$answer" >/dev/null || echo "$seed: $verdict" >>"$work/$1.wrong" ;;
		*) echo "$seed: exit code $code, $verdict" >>"$work/$1.wrong" ;;
		esac
	done
}
if in_far nft -f - 2>/dev/null <<-NFT
	table inet lossy {
		chain in { type filter hook input priority 0; iifname "wire" meta l4proto tcp numgen random mod 100 < 5 counter drop; }
		chain out { type filter hook output priority 0; oifname "wire" meta l4proto tcp numgen random mod 100 < 5 counter drop; }
		chain there { type filter hook forward priority 0; iifname "wire" meta l4proto tcp numgen random mod 100 < 5 counter drop; }
		chain back { type filter hook forward priority 1; oifname "wire" meta l4proto tcp numgen random mod 100 < 5 counter drop; }
	}
NFT
then
	asked=(Linux) askers=()
	# A wider range than the lab's is no wrong one; one without its last version is.
	with_loss Linux $far_v4 ".freebsd == null and (.linux | endswith(\"${lab##*, }\"))" &
	askers+=($!)
	for name in "${here[@]}"; do
		with_loss "$name" "${address[$name]}" ".linux == null and .freebsd == null and (.stack | test(\"^${names[$name]} \"))" &
		askers+=($!)
		asked+=("$name")
	done
	wait "${askers[@]}"
	for name in "${asked[@]}"; do
		is "5 % loss: $name: no wrong name" "$(cat "$work/$name.wrong" 2>/dev/null)" ''
		is "5 % loss: $name: each run was made" "$(wc -l <"$work/$name.loss")" "${WHO_RUNS:-10}"
		sort "$work/$name.loss" | uniq -c | sed "s/^/# 5 % loss: $name: /"
	done
	in_far nft delete table inet lossy
else
	skip '5 % loss: no wrong name' 'no nftables here'
fi

# Half of what acknowledges something is answered with an RST, which no kernel does.
if in_far nft -f - 2>/dev/null <<-NFT
	table inet two {
		chain in { type filter hook input priority 0; tcp dport 8888 tcp flags & (syn|ack) == ack numgen random mod 2 == 0 reject with tcp reset; }
	}
NFT
then
	run in_near timeout 300 "$TWPROBE_RELEASE" who --timeout=300ms --format=json $far_v4:8888
	holds 'somebody else answers now and then: no name' [ "$(record .verdict)" != named ]
	in_far nft delete table inet two
else
	skip 'somebody else answers now and then: no name' 'no nftables here'
fi

if [ -n "${address[lwip]:-}" ] && [ -n "${address[gvisor]:-}" ]; then
	two_of $far_v4 "${address[gvisor]}"
	is 'Linux and gVisor behind one address' "$(record '"\(.verdict) \(.one | test("^Linux")) \(.other | test("gVisor"))"')" 'two true true'
	two_of "${address[lwip]}" "${address[gvisor]}"
	is 'lwIP and gVisor behind one address' "$(record '"\(.verdict) \(.one | test("gVisor")) \(.other | test("lwIP"))"')" 'two true true'
else
	skip 'two stacks behind one address' 'without lwIP, gVisor or /dev/net/tun'
fi

run in_near timeout --preserve-status -s INT 6 "$TWPROBE_RELEASE" who --timeout=300ms --rate=2 --format=json $far_v4:8888
exits 'interrupted' 130
is 'interrupted: what was heard so far is told' "$(record '"\(.interrupted) \(.connections > 0)"')" 'true true'
finish
