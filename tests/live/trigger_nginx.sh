#!/bin/bash
# A server that we do not own and that does not close first: a real nginx.
. "$(dirname "$0")/lib.sh"
need nginx jq ip
two_namespaces
serve_nginx "$far" "$far_v4:8080"
target=$far_v4:8080

begun=$SECONDS
run in_near "$TWPROBE" $target
holds 'without a trigger: exit 3 or 4' [ "$code" = 3 -o "$code" = 4 ]
matches 'without a trigger: the reason names --trigger' "$(out; err)" '--trigger'
holds 'without a trigger: in a few seconds' [ $((SECONDS - begun)) -lt 8 ]

before=$(out_rsts "$near")
for trigger in http 'send:GET / HTTP/1.0\r\n\r\n' 'send:nonsense\r\n\r\n'; do
	name=--trigger=$trigger
	run in_near "$TWPROBE" --seq-below --ts-above --trigger="$trigger" --format=json $target
	exits "$name: as linux says" 0
	is "$name: answer" "$(cells "$work/out" '"\(.answer) \(.isn)"')" 'syn-ack continued'
done
run in_near "$TWPROBE" matrix --only='time-wait/syn/*/ts-*' --trigger=http --format=json $target
exits 'the SYN matrix with --trigger=http: as linux says' 0
is 'no cell that can run is inconclusive' "$(cells "$work/out" \
	'select(.verdict == "inconclusive" or .verdict == "differs") | "\(.cell) \(.reason)"' | head -n 5)" ''
is 'OutRsts of the near side did not move' "$(out_rsts "$near")" "$before"
finish
