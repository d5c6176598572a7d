#!/bin/bash
# tests/slow/sbuild.sh [SUITE...]: the source package in a Debian that has nothing but what debian/control asks for: sbuild, as an
# ordinary user, in a chroot made for it; and what came out, installed in a fresh one, by the tests of debian/tests.
. "$(dirname "$0")/../live/lib.sh"
type -P sbuild mmdebstrap newuidmap autopkgtest >/dev/null ||
	{ skip 'sbuild' 'sbuild, mmdebstrap, uidmap or autopkgtest is not installed'; finish; }
[ "$(id -u)" = 0 ] || { skip 'sbuild' 'not root: it makes a user'; finish; }
. "$(dirname "$0")/ordinary.sh"

suites=("$@")
[ $# -gt 0 ] || suites=("$(. /etc/os-release && echo "$VERSION_CODENAME")")
architecture=$(dpkg --print-architecture) version=$(dpkg-parsechangelog -S Version)
git archive --prefix="twprobe-$version/" HEAD | tar -x -C "$work/home"
chown -R "$ordinary" "$work/home/twprobe-$version"
holds 'the source package' as_ordinary "dpkg-source -b twprobe-$version"
for suite in "${suites[@]}"; do
	chroot=.cache/sbuild/$suite-$architecture.tar
	holds "$suite: a chroot" as_ordinary "mkdir -p .cache/sbuild && mmdebstrap --mode=unshare --variant=buildd --skip=check/empty $suite \
		$chroot"
	holds "$suite: sbuild builds it, and its tests pass" as_ordinary "sbuild --chroot-mode=unshare -d $suite --no-run-lintian \
		--no-apt-upgrade -j2 twprobe_$version.dsc"
	for package in "twprobe_${version}_$architecture" "twprobe-doc_${version}_all"; do
		holds "$suite: $package.deb" dpkg-deb --info "$work/home/$package.deb"
	done
	holds "$suite: installed in another, it passes its own tests" as_ordinary "autopkgtest --setup-commands='apt-get update' \
		./twprobe_${version}_$architecture.deb ./twprobe-doc_${version}_all.deb ./twprobe-$version -- unshare --tarball $chroot"
	as_ordinary "rm $chroot ./*.deb"
done
finish
