#!/bin/bash
# twprobe who: this kernel by its answers, in the lab; with WHOLE=1 (tests/slow/who.sh) at servers of several sorts, with 5 %
# loss, and where something between answers now and then.
. "$(dirname "$0")/lib.sh"
need jq
record() { jq -r "$1" "$work/out"; }

run "$TWPROBE" who --format=json
exits 'lab: named' 0
is 'lab: a Linux, no FreeBSD' "$(record '"\(.verdict) \(.linux != null) \(.freebsd)"')" 'named true null'
is 'lab: each connection is counted' "$(record '.connections == ([.asked[].seen[].tries] | add)')" true
# By name, what the books say of this release: each answer is one of its own.
lab=$(record .linux)
run "$TWPROBE_RELEASE" who
matches 'lab: in words' "$(tr -s ' \n' ' ' <"$work/out")" "^lab answers like Linux $(sed 's/[.+]/\\&/g' <<<"$lab")\\. "
run "$TWPROBE_RELEASE" who --kernel=6.1
exits 'who takes no --kernel: it is what it finds out' 2
[ -n "${WHOLE:-}" ] || { finish; exit; }

need nft ip python3
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

# A wrong name is one that this kernel is not in; the lab says which it is.
cat >"$work/loss.nft" <<-NFT
	table inet lossy {
		chain in { type filter hook input priority 0; iifname "wire" meta l4proto tcp numgen random mod 100 < 5 counter drop; }
		chain out { type filter hook output priority 0; oifname "wire" meta l4proto tcp numgen random mod 100 < 5 counter drop; }
	}
NFT
if in_far nft -f "$work/loss.nft" 2>/dev/null; then
	wrong='' verdicts=''
	for seed in $(seq "${WHO_RUNS:-20}"); do
		run in_near timeout 300 "$TWPROBE_RELEASE" who --timeout=300ms --seed="$seed" --format=json $far_v4:8888
		verdicts+="$(record '"\(.verdict) \(.linux)"')"$'\n'
		[ "$(record .verdict)" = named ] || { [ "$code" = 3 ] || wrong+=" $seed($code)"; continue; }
		# A wider range than the lab's is no wrong one; one without its last version is.
		[[ "$(record .linux)" == *"${lab##*, }" && "$(record .freebsd)" = null ]] || wrong+=" $seed: $(record .linux)"
	done
	in_far nft delete table inet lossy
	is '5 % loss: no wrong name' "$wrong" ''
	sort <<<"$verdicts" | uniq -c | sed 's/^/# 5 % loss: /'
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
finish
