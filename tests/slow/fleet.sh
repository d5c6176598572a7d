#!/bin/bash
# scripts/fleet: a real Slurm of one controller and two nodes, and a real sshd, both in a namespace of their own.
. "$(dirname "$0")/../live/lib.sh"
scripts/deps build fleet >"$work/deps" 2>&1 || { skip 'the fleet' "$(tail -n 1 "$work/deps")"; finish; }
[ "$(id -u)" = 0 ] || { skip 'the fleet' 'not root: its daemons need that'; finish; }

fleet=twprobe-fleet-$$
namespaces+=("$fleet")
ip netns add "$fleet" && ip -n "$fleet" link set lo up
# Slurm looks its hosts up with AI_ADDRCONFIG, which finds nothing where only loopback has an address.
ip -n "$fleet" link add out type veth peer name in && ip -n "$fleet" address add 192.0.2.1/24 dev out &&
	ip -n "$fleet" link set out up && ip -n "$fleet" link set in up
# Not ip netns exec: it hides /sys/fs/cgroup, without which slurmd does not start.
in_fleet=(nsenter "--net=/run/netns/$fleet")
inside() { "${in_fleet[@]}" "$@"; }
# The daemons go to the background by themselves; they are ended by what they wrote down.
end_daemons() {
	local file pid
	for file in "$work"/{slurmd-n1,slurmd-n2,slurmctld,munge/munge,sshd}.pid; do
		pid=$(cat "$file" 2>/dev/null) && kill "$pid" 2>/dev/null && wait_until 10 test ! -d "/proc/$pid"
	done
}
mounted=()
trap 'end_daemons; for place in "${mounted[@]}"; do umount -l "$place"; done; cleanup' EXIT

# A program whose second part is cut off, and one with another kernel: what a fleet may bring.
cat >"$work/cut" <<EOF
#!/bin/bash
if [ "\${SLURM_ARRAY_TASK_ID:-}" = 2 ]; then "$TWPROBE_RELEASE" "\$@" | head -c 20000; kill -KILL \$\$; fi
exec "$TWPROBE_RELEASE" "\$@"
EOF
cat >"$work/other" <<EOF
#!/bin/bash
"$TWPROBE_RELEASE" "\$@" | sed 's/"kernel":"[^"]*"/"kernel":"6.1.99"/'
EOF
chmod 755 "$work/cut" "$work/other"

# ---- Slurm
host=$(hostname -s)
mkdir -p "$work"/{state,log,munge} && chmod 755 "$work" "$work/munge"
head -c 128 /dev/urandom >"$work/munge/key" && chmod 600 "$work/munge/key" && chown -R munge: "$work/munge"
cat >"$work/slurm.conf" <<EOF
ClusterName=twprobe
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
SlurmctldPort=16817
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool-%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd-%n.pid
SlurmctldLogFile=$work/log/slurmctld
SlurmdLogFile=$work/log/slurmd-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=17001 CPUs=1 RealMemory=500
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=17002 CPUs=1 RealMemory=500
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
EOF
export SLURM_CONF=$work/slurm.conf
inside setpriv --reuid=munge --regid=munge --clear-groups munged --force --key-file="$work/munge/key" \
	--socket="$work/munge/socket" --pid-file="$work/munge/munge.pid" --log-file="$work/munge/log" --seed-file="$work/munge/seed"
inside slurmctld -c && inside slurmd -N n1 -c && inside slurmd -N n2 -c
ready() { [ "$(inside sinfo -h -o %T)" = idle ]; }
if ! wait_until 30 ready; then
	not_ok 'Slurm runs' "$(inside sinfo -N -l 2>&1)" "$(tail -n 5 "$work"/log/*)"
	finish
fi

run "${in_fleet[@]}" scripts/fleet/slurm --shards=4 --output="$work/slurm" --program="$TWPROBE_RELEASE"
exits 'four parts on two nodes' 0
matches 'they are joined' "$(out)" ': 4 parts$'
"$TWPROBE_RELEASE" matrix -q --format=json >"$work/here"
run "$TWPROBE_RELEASE" compare "$work"/slurm/whole/*.ndjson "$work/here"
matches 'and are what one run says' "$(out)" '472 the same, 0 different'
is 'both nodes had a part' "$(inside scontrol show jobs -o | grep -oE ' NodeList=n[12]' | sort -u | wc -l)" 2
run "${in_fleet[@]}" scripts/fleet/slurm --shards=3 --output="$work/killed" --program="$work/cut"
exits 'a part that was killed' 3
matches 'it is named' "$(err)" 'part 2/3 of .* was cut off after [0-9]+ cells; ask it again'
matches 'and what is missing' "$(err)" 'shard 2 of 3 is missing'
is 'the others are kept' "$(find "$work/killed" -maxdepth 1 -name 'part.*.ndjson' | wc -l)" 2
"$TWPROBE_RELEASE" matrix -q --format=json --shard=2/3 >"$work/killed/again.ndjson"
rm "$work"/killed/*.failed
run scripts/fleet/collect --output="$work/killed/whole" "$work/killed"
exits 'asked again, it is whole' 0
# A disk that has room for some of the parts.
full_disk() { # NAME: mounted there
	mkdir "$work/$1" && mount -t tmpfs -o size=300k tmpfs "$work/$1" && mounted+=("$work/$1")
}
full_disk full
run "${in_fleet[@]}" scripts/fleet/slurm --shards=4 --output="$work/full" --program="$TWPROBE_RELEASE"
exits 'Slurm, a full disk' 3
matches 'Slurm, a full disk: the parts that are cut off are named, and why' "$(err)" \
	'part [1-4]/4 of .* was cut off after [0-9]+ cells \(its disk is full\); ask it again'
kept=$(find "$work/full" -maxdepth 1 -name 'part.*.ndjson' | wc -l)
holds "Slurm, a full disk: what had room is kept" test "$kept" -ge 1
mkdir "$work/room" && cp "$work"/full/part.*.ndjson "$work/room"
for part in 1 2 3 4; do
	[ -e "$work/room/part.$part.ndjson" ] || "$TWPROBE_RELEASE" matrix -q --format=json --shard=$part/4 >"$work/room/part.$part.ndjson"
done
run scripts/fleet/collect --output="$work/room/whole" "$work/room"
exits 'and with the others asked again, elsewhere, it is whole' 0
run "${in_fleet[@]}" scripts/fleet/slurm --output="$work/nothing" --program=/nowhere/twprobe
exits 'a program that is not there' 3
matches 'its parts say so' "$(err)" '/nowhere/twprobe: No such file'

# ---- ssh; on each host the program finds its cases, as where it is installed
ssh-keygen -q -t ed25519 -N '' -f "$work/host_key" && ssh-keygen -q -t ed25519 -N '' -f "$work/user_key"
printf '%s\n' 'Port 2222' 'ListenAddress 127.0.0.1' 'ListenAddress 192.0.2.1' "HostKey $work/host_key" "PidFile $work/sshd.pid" \
	"AuthorizedKeysFile $work/user_key.pub" 'UsePAM no' 'StrictModes no' 'PermitRootLogin prohibit-password' \
	"SetEnv TWPROBE_CASES=$TWPROBE_CASES" >"$work/sshd_config"
mkdir -p /run/sshd
inside /usr/sbin/sshd -f "$work/sshd_config" -E "$work/sshd.log"
ssh="ssh -p 2222 -i $work/user_key -o ConnectTimeout=5 -o StrictHostKeyChecking=no -o UserKnownHostsFile=$work/known -o LogLevel=ERROR"
run "${in_fleet[@]}" scripts/fleet/ssh --shards=3 --output="$work/shared" --program="$TWPROBE_RELEASE" \
	"$ssh root@127.0.0.1" "$ssh root@192.0.2.1" -- --only='time-wait/rst/*'
exits 'three parts on two hosts' 0
matches 'joined' "$(out)" ': 3 parts$'
run "${in_fleet[@]}" scripts/fleet/ssh --output="$work/each" --program="$TWPROBE_RELEASE" "$ssh root@127.0.0.1" "$ssh root@192.0.2.1"
exits 'each host its own kernel' 0
matches 'compared' "$(out)" '472 cells in 2 files: 472 the same, 0 different'
run "${in_fleet[@]}" scripts/fleet/ssh --output="$work/lost" --program="$TWPROBE_RELEASE" "$ssh root@127.0.0.1" "$ssh root@192.0.2.99"
exits 'a host that does not answer' 3
matches 'it is named' "$(err)" '192.0.2.99'
full_disk ssh
run "${in_fleet[@]}" scripts/fleet/ssh --shards=4 --output="$work/ssh" --program="$TWPROBE_RELEASE" "$ssh root@127.0.0.1"
holds 'ssh, a full disk: it fails' test "$code" -ge 3
matches 'ssh, a full disk: it is said' "$(err)" 'No space left on device|was cut off after|is full'
# The result that is joined has no room where the parts have.
mkdir "$work/parts" && cp "$work"/shared/part.*.ndjson "$work/parts"
full_disk joined && head -c 290000 /dev/zero >"$work/joined/filler"
run scripts/fleet/collect --output="$work/joined" "$work/parts"
holds 'collect, a full disk: it fails' test "$code" -ge 3
is 'collect, a full disk: nothing is taken for whole' "$(find "$work/joined" -name '*.ndjson')" ''
is 'collect, a full disk: the parts are there' "$(ls "$work/parts" | wc -l)" 3
run "${in_fleet[@]}" scripts/fleet/ssh --output="$work/mixed" --program="$work/other" "$ssh root@127.0.0.1"
cp "$work/here" "$work/mixed/here.ndjson"
run scripts/fleet/collect --output="$work/mixed/whole" "$work/mixed"
exits 'two kernels that answer alike' 0
matches 'each has its file' "$(find "$work/mixed/whole" -name '*.ndjson')" '/6.1.99.ndjson'
finish
