"""Debian's user-mode Linux (package user-mode-linux): the one that is installed, or that of a suite, in the cache."""
import os
import platform
import re
import shutil
import subprocess
import tarfile
import tempfile

from common import Trouble, cache_folder, note
from mirror import Mirror, SUITES

PACKAGE = "user-mode-linux"
# The image, and of its modules what the network has.
WANTED = re.compile(r"\./usr/(?:bin/linux\.uml|lib/uml/modules/[^/]+/(?:modules\.[^/]+|kernel/(?:net|drivers/net|lib|crypto)/.*\.ko))")


def suite_of_machine():
    try:
        name = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    except OSError:
        name = ""
    return name if name in SUITES else "bookworm"


def find(suite=None):
    """The path of the image; it is fetched where it is neither installed nor in the cache. (A later suite's needs a later libc.)"""
    installed = shutil.which("linux.uml")
    if installed and not suite:
        return installed
    suite = suite or suite_of_machine()
    folder = os.path.join(cache_folder(), "uml-package", suite)
    image = os.path.join(folder, "linux")
    if os.path.exists(image):
        return image
    mirror = Mirror()
    package = offer(mirror, suite)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="unpack-", dir=os.path.dirname(folder)) as scratch:
        note(f"fetching {PACKAGE} {package['Version']} ({int(package['Size']) / 1e6:.0f} MB, {suite})")
        file = os.path.join(scratch, "package.deb")
        mirror.download(f"{mirror.uri(suite)}/{package['Filename']}", file, package["SHA256"])
        unpack(file, os.path.join(scratch, "uml"))
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(os.path.join(scratch, "uml"), folder)
    return image


def offer(mirror, suite):
    lists = mirror.lists()
    lists = lists if suite in lists else mirror.update([suite])
    text = mirror.read(lists[suite]).decode(errors="replace")
    match = re.search(rf"^Package: {PACKAGE}\n(?:.+\n)*", text, re.M)
    if not match:
        raise Trouble(f"{suite} has no package {PACKAGE}")
    return dict(line.split(": ", 1) for line in match.group().splitlines() if ": " in line and not line.startswith(" "))


def unpack(package, target):
    """twprobe looks for modules next to the image."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as dpkg:
        with tarfile.open(fileobj=dpkg.stdout, mode="r|") as archive:
            for member in archive:
                if not member.isfile() or not WANTED.fullmatch(member.name):
                    continue
                place = os.path.relpath(member.name, "./usr/lib/uml") if "/modules/" in member.name else "linux"
                path = os.path.join(target, place)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    shutil.copyfileobj(archive.extractfile(member), file)
    if dpkg.returncode:
        raise Trouble(f"{PACKAGE}: dpkg-deb cannot read this package (exit {dpkg.returncode})")
    os.chmod(os.path.join(target, "linux"), 0o755)
