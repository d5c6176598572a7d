#!/bin/bash
# make image, and the image as Kubernetes would run it: podman with runc, and exactly the securityContext of scripts/fleet/kubernetes.yaml.
. "$(dirname "$0")/../live/lib.sh"
scripts/deps build image >"$work/deps" 2>&1 && scripts/deps container >>"$work/deps" 2>&1 ||
	{ skip 'the image' "$(tail -n 1 "$work/deps")"; finish; }
[ "$(id -u)" = 0 ] || { skip 'the image' 'not root'; finish; }

for archive in one two; do
	scripts/image "$TWPROBE_RELEASE" "$work/$archive.tar" >"$work/made" 2>&1 || { not_ok 'the image is made' "$(cat "$work/made")"; finish; }
done
ok 'the image is made'
holds 'twice the same, byte for byte' cmp "$work/one.tar" "$work/two.tar"
holds 'under 10 MB' test "$(stat -c %s "$work/one.tar")" -lt 10000000

# Limits that a container may not raise here are given; crun wants cgroups that not every machine has.
store=(podman --root "$work/store" --runroot "$work/run" --storage-driver vfs --cgroup-manager=cgroupfs --runtime runc)
limits=(--network=none --ulimit nofile=20000:20000 --ulimit nproc=20000:20000)
"${store[@]}" load -q -i "$work/one.tar" >/dev/null 2>"$work/load" || { not_ok 'podman loads it' "$(cat "$work/load")"; finish; }
context=$(python3 - <<'EOF'
import yaml
pod = yaml.safe_load(open("scripts/fleet/kubernetes.yaml"))["spec"]["template"]["spec"]["containers"][0]
context = pod["securityContext"]
words = [f"--cap-drop={','.join(context['capabilities']['drop'])}", f"--cap-add={','.join(context['capabilities']['add'])}"]
words += ["--read-only"] if context["readOnlyRootFilesystem"] else []
print(" ".join(words), pod["image"], " ".join(pod["args"]))
EOF
)
for index in 0 1 2 3 4 5 6 7; do
	# shellcheck disable=SC2086 # words
	"${store[@]}" run --rm "${limits[@]}" -e JOB_COMPLETION_INDEX=$index $context >"$work/pod-$index.ndjson" 2>"$work/err" ||
		not_ok "pod $index" "exit code $?" "$(cat "$work/err")"
done
run scripts/fleet/collect --output="$work/whole" "$work"/pod-*.ndjson
exits 'the logs of eight pods are a whole result' 0
matches 'joined' "$(out)" ': 8 parts$'
run "${store[@]}" run --rm "${limits[@]}" --cap-drop=ALL --cap-add=SYS_ADMIN,NET_ADMIN,NET_RAW localhost/twprobe:latest matrix --path=conntrack -q
exits 'through a router in the container' 0
run "${store[@]}" run --rm "${limits[@]}" --cap-drop=ALL localhost/twprobe:latest
exits 'without capabilities' 4
matches 'it says that the container forbids it' "$(err)" 'container'
"${store[@]}" system reset --force >/dev/null 2>&1

# The same by an ordinary user, rootless: his root in the container is himself.
. "$(dirname "$0")/ordinary.sh"
cp "$work/one.tar" "$work/home" && chown "$ordinary" "$work/home/one.tar"
rootless='podman --storage-driver vfs --cgroup-manager=cgroupfs --runtime runc'
holds 'rootless: podman loads it' as_ordinary "$rootless load -q -i one.tar"
as_ordinary "$rootless run --rm --network=none --ulimit nofile=1024:1024 --ulimit nproc=4000:4000 --read-only --cap-drop=ALL \
	--cap-add=SYS_ADMIN,NET_ADMIN,NET_RAW localhost/twprobe:latest matrix --matrix=all -q" >"$work/out" 2>"$work/err"
code=$?
exits 'rootless: the matrix' 0
matches 'rootless: all cells' "$(out)" '^3520 cells: 3520 agree'
finish
