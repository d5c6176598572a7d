"""The cache of unpacked kernels: vmlinuz and the network modules, one folder for each package version."""
import fcntl
import glob
import os
import re
import shutil
import subprocess
import tarfile
import tempfile

from common import Trouble, cache_folder, note
from mirror import Mirror

# What the witness and raw sockets may need as modules, and what stands on a path: conntrack, nft, IPVS, netem, veth; with what
# they depend on. Everything else that twprobe uses is built in.
WANTED = re.compile(r"\./(?:usr/)?lib/modules/[^/]+/(?:modules\.builtin|kernel/(?:drivers/net/[^/]+|lib/[^/]+|crypto/crc32[^/]*|"
                    r"net/(?:802|8021q|bridge|core|ipv4|ipv6|llc|netfilter|packet|sched)/(?:[^/]+/)*[^/]+)\.ko(?:\.xz|\.zst|\.gz)?)")
# WireGuard, and what it needs in any of its versions. For this alone a kernel that is in the cache is not fetched again.
TUNNEL = re.compile(r"\./(?:usr/)?lib/modules/[^/]+/kernel/(?:drivers/net/wireguard|lib/crypto|arch/x86/(?:lib/)?crypto)/"
                    r"[^/]+\.ko(?:\.xz|\.zst|\.gz)?")
KEPT = "kept"  # a file that says what WANTED was when the kernel was unpacked
IMAGE = re.compile(r"\./(?:boot|(?:usr/)?lib/modules/[^/]+)/vmlinuz[^/]*")


def folder(kernel):
    flavour = "cloud" if "-cloud-" in kernel.package else "generic"
    return os.path.join(cache_folder(), "kernels", f"{kernel.package_version}-{flavour}")


def is_cached(kernel):
    """With all that is WANTED today, where its packages are still on offer."""
    if not os.path.exists(image(kernel)):
        return False
    try:
        with open(os.path.join(folder(kernel), KEPT)) as file:
            return file.read() == WANTED.pattern
    except OSError:
        return not kernel.has_modules()


def image(kernel):
    return os.path.join(folder(kernel), "vmlinuz")


def fetch(kernels):
    """Makes sure that these kernels are in the cache."""
    missing = [kernel for kernel in kernels if not is_cached(kernel)]
    if not missing:
        return
    base = os.path.join(cache_folder(), "kernels")
    os.makedirs(base, exist_ok=True)
    with open(os.path.join(base, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once do not fetch the same file
        for left in glob.glob(os.path.join(base, "unpack-*")):  # by a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        mirror = Mirror()
        for kernel in missing:
            if not is_cached(kernel):
                fetch_one(mirror, kernel)


def fetch_one(mirror, kernel):
    packages = os.path.join(cache_folder(), "packages")
    os.makedirs(packages, exist_ok=True)
    note(f"fetching {kernel.version} ({kernel.size() / 1e6:.0f} MB, {kernel.suite})")
    paths = []
    for part in kernel.parts:
        paths.append(os.path.join(packages, os.path.basename(part["uri"])))
        if not os.path.exists(paths[-1]):
            mirror.download(part["uri"], paths[-1], part["sha256"])
    with tempfile.TemporaryDirectory(prefix="unpack-", dir=os.path.dirname(folder(kernel))) as scratch:
        target = os.path.join(scratch, "kernel")
        os.makedirs(os.path.join(target, "modules"))
        for path in paths:
            unpack(path, target)
        if not os.path.exists(os.path.join(target, "vmlinuz")):
            raise Trouble(f"{kernel.package} {kernel.package_version}: its packages hold no kernel image "
                          f"({', '.join(part['name'] for part in kernel.parts)})")
        with open(os.path.join(target, KEPT), "w") as file:
            file.write(WANTED.pattern)
        shutil.rmtree(folder(kernel), ignore_errors=True)
        os.rename(target, folder(kernel))
    for path in paths:
        os.unlink(path)


def unpack(path, target):
    """Takes vmlinuz and the wanted modules out of one package."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE) as dpkg:
        try:
            with tarfile.open(fileobj=dpkg.stdout, mode="r|") as archive:
                for member in archive:
                    place = place_of(member)
                    if place:
                        with open(os.path.join(target, place), "wb") as file:
                            shutil.copyfileobj(archive.extractfile(member), file)
        except tarfile.TarError as error:
            raise Trouble(f"{path}: damaged package ({error}); remove it and run again") from None
    if dpkg.returncode:
        raise Trouble(f"{path}: dpkg-deb cannot read this package (exit {dpkg.returncode}); remove it and run again")


def place_of(member):
    if not member.isfile():
        return None
    if IMAGE.fullmatch(member.name):
        return "vmlinuz"
    if WANTED.fullmatch(member.name) or TUNNEL.fullmatch(member.name):
        return os.path.join("modules", os.path.basename(member.name))
    return None
