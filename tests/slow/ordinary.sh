# An ordinary user for a test, with users of his own in a namespace (subuid), who is gone afterwards; to be sourced behind lib.sh.

# shellcheck shell=bash disable=SC2154
ordinary=twprobe-t$$
useradd --create-home --home-dir "$work/home" --shell /bin/bash "$ordinary" >/dev/null 2>&1 || skip_all 'no user can be made here'
ordinary_gone() {
	# What belongs to the users of his namespace, only they may remove.
	as_ordinary 'unshare --map-auto --map-root-user rm -rf ~/*' 2>/dev/null
	local pid
	for pid in $(ps -o pid= -u "$ordinary"); do kill "$pid"; done # podman leaves one that holds the namespace
	wait_until 5 userdel "$ordinary" 2>/dev/null
	cleanup
}
trap ordinary_gone EXIT
mkdir "$work/home/run" && chown "$ordinary" "$work/home/run" && chmod 700 "$work/home/run"
# as_ordinary COMMANDS: of a shell, in his home
as_ordinary() {
	setpriv --reuid="$ordinary" --regid="$ordinary" --init-groups env -i HOME="$work/home" USER="$ordinary" LOGNAME="$ordinary" \
		PATH="$PATH" LC_ALL=C TMPDIR="$work/home" XDG_RUNTIME_DIR="$work/home/run" bash -c "cd && $1"
}
