#!/bin/bash
# The source package in a Debian that has nothing but what debian/control asks for: sbuild, as an ordinary user, in a chroot made for it.
. "$(dirname "$0")/../live/lib.sh"
type -P sbuild mmdebstrap newuidmap >/dev/null || { skip 'sbuild' 'sbuild, mmdebstrap or uidmap is not installed'; finish; }
[ "$(id -u)" = 0 ] || { skip 'sbuild' 'not root: it makes a user'; finish; }
. "$(dirname "$0")/ordinary.sh"

suite=$(. /etc/os-release && echo "$VERSION_CODENAME") architecture=$(dpkg --print-architecture)
version=$(dpkg-parsechangelog -S Version)
git archive --prefix="twprobe-$version/" HEAD | tar -x -C "$work/home"
chown -R "$ordinary" "$work/home/twprobe-$version"
holds 'a chroot' as_ordinary "mkdir -p .cache/sbuild && mmdebstrap --mode=unshare --variant=buildd --skip=check/empty $suite \
	.cache/sbuild/$suite-$architecture.tar"
holds 'the source package' as_ordinary "dpkg-source -b twprobe-$version"
holds 'sbuild builds it, and its tests pass' as_ordinary "sbuild --chroot-mode=unshare -d $suite --no-run-lintian \
	--no-apt-upgrade -j2 twprobe_$version.dsc"
for package in "twprobe_${version}_$architecture" "twprobe-doc_${version}_all"; do
	holds "$package.deb" dpkg-deb --info "$work/home/$package.deb"
done
dpkg-deb -x "$work/home/twprobe_${version}_$architecture.deb" "$work/root"
run "$work/root/usr/bin/twprobe" matrix -q
exits 'what was built there runs here' 0
is 'with the manual pages of all sections' "$(cd "$work/root/usr/share/man" && echo man*)" 'man1 man5 man7'
finish
