"""Builds user-mode Linux kernels: from the distribution's linux-source packages, or from a tree of the user's."""
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time

import catalogue
from common import Trouble, WrongUsage, cache_folder, note
from mirror import Mirror

CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "uml.config")
TOOLS = ("make", "gcc", "flex", "bison", "bc", "xz")
# What tells the most, in a compiler's, linker's or make's output: the first of the first kind that there is.
ERRORS = (r"(?i):\s*(fatal )?error: |undefined reference|multiple definition", r"\*\*\*|(?i:error)")


class DoesNotBuild(Trouble):
    """The tree is to blame."""


def build(wanted, jobs):
    """The path of the image, built if it is not there yet (a tree: always, make decides what to do)."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        raise Trouble(f"a kernel cannot be built without {', '.join(missing)}: apt-get install gcc make flex bison bc xz-utils")
    if os.path.isdir(wanted):
        return build_tree(os.path.realpath(wanted), folder_of_tree(wanted), jobs)
    source = choose_source(wanted)
    folder = os.path.join(cache_folder(), "uml", source["version"])
    image = os.path.join(folder, "linux")
    if os.path.exists(image):
        return image
    return build_tree(unpack(source), folder, jobs)


def images():
    """The images that were built from packages, by version."""
    base = os.path.join(cache_folder(), "uml")
    names = os.listdir(base) if os.path.isdir(base) else []
    return {name: os.path.join(base, name, "linux") for name in names
            if name[:1].isdigit() and os.path.exists(os.path.join(base, name, "linux"))}


def folder_of_tree(tree):
    """Where what is built of a tree is kept: the tree stays as it is."""
    digest = hashlib.sha256(os.path.realpath(tree).encode()).hexdigest()[:12]
    return os.path.join(cache_folder(), "uml", "tree-" + digest)


def choose_source(wanted):
    """The newest linux-source package of a series (6.12), or that of a version. What is unpacked here needs no list."""
    name = wanted.lstrip("v")
    if os.path.exists(os.path.join(cache_folder(), "sources", name, "Kconfig")):
        return {"version": name}
    found = catalogue.load_sources()
    fitting = [source for source in found if source["version"] == name or source["version"].startswith((name + ".", name + "-rc"))]
    if not fitting:
        offer = ", ".join(source["version"] for source in found)
        raise WrongUsage(f"{wanted} is neither a kernel tree nor a linux-source package; on offer: {offer}")
    return fitting[-1]


def unpack(source):
    """The source tree in the cache."""
    tree = os.path.join(cache_folder(), "sources", source["version"])
    if os.path.exists(os.path.join(tree, "Kconfig")):
        return tree
    os.makedirs(os.path.dirname(tree), exist_ok=True)
    package = os.path.join(cache_folder(), "packages", os.path.basename(source["uri"]))
    os.makedirs(os.path.dirname(package), exist_ok=True)
    if not os.path.exists(package):
        note(f"fetching the source of {source['version']} ({source['size'] / 1e6:.0f} MB)")
        Mirror().download(source["uri"], package, source["sha256"])
    note(f"unpacking the source of {source['version']}")
    with tempfile.TemporaryDirectory(prefix="unpack-", dir=os.path.dirname(tree)) as scratch:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as dpkg:
            with tarfile.open(fileobj=dpkg.stdout, mode="r|") as archive:
                for member in archive:
                    if re.search(r"/linux-source-[^/]+\.tar\.xz$", member.name):
                        with subprocess.Popen(["tar", "-xJ", "-C", scratch], stdin=subprocess.PIPE) as tar:
                            shutil.copyfileobj(archive.extractfile(member), tar.stdin)
                            tar.stdin.close()
                        if tar.returncode:
                            raise Trouble(f"{package}: its source cannot be unpacked; remove it and run again")
        trees = [name for name in os.listdir(scratch) if os.path.exists(os.path.join(scratch, name, "Kconfig"))]
        if not trees:
            raise Trouble(f"{package}: holds no kernel source")
        os.rename(os.path.join(scratch, trees[0]), tree)
    os.unlink(package)
    return tree


def build_tree(tree, folder, jobs, more_config="", arguments=()):
    """Configures where that is needed, and builds."""
    if not os.path.exists(os.path.join(tree, "arch", "um", "Makefile")):
        raise Trouble(f"{tree}: is no kernel tree (it has no arch/um)")
    os.makedirs(folder, exist_ok=True)
    configure(tree, folder, more_config)
    begun = time.monotonic()
    note(f"building {tree} as user-mode Linux ({jobs} jobs)")
    make(tree, folder, [f"-j{jobs}", *arguments, "linux"], "build")
    note(f"built in {time.monotonic() - begun:.0f} s")
    return os.path.join(folder, "linux")


def configure(tree, folder, more_config=""):
    """Writes .config if there is none, or if the fragment or what the tree has to choose from has changed: make would ask then."""
    stamp, wanted = os.path.join(folder, "fragment"), os.path.join(folder, "fragment.new")
    with open(CONFIG) as file:
        fragment = file.read() + more_config
    try:
        with open(stamp) as file:
            same = file.read() == fragment and os.path.exists(os.path.join(folder, ".config"))
        with open(os.path.join(folder, "include", "config", "auto.conf.cmd")) as file:
            choices = re.findall(r"^\t(\S+) \\$", file.read(), re.M)
        written = os.stat(stamp).st_mtime_ns
        if same and all(os.stat(os.path.join(tree, name)).st_mtime_ns < written for name in choices):
            return
    except OSError:  # a file is not there (any more)
        pass
    with open(wanted, "w") as file:
        file.write(fragment)
    make(tree, folder, [f"KCONFIG_ALLCONFIG={wanted}", "allnoconfig"], "configure")
    os.replace(wanted, stamp)


def make(tree, folder, arguments, what):
    """Runs make outside of the tree; its output goes to a file, of which the first error is shown where it fails."""
    log = os.path.join(folder, f"{what}.log")
    with open(log, "wb") as file:
        process = subprocess.Popen(["make", "-C", tree, "ARCH=um", f"O={folder}", *arguments], stdout=file, stderr=file,
                                   stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            status = process.wait()
        except BaseException:  # Ctrl-C: make has started others, which would go on
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise
    if status == 0:
        return
    with open(log, errors="replace") as file:
        said = first_error(file.read())
    raise DoesNotBuild(f"{tree}: make cannot {what} this kernel: {said} (all it said: {log})")


def first_error(said):
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it said nothing"]
    for kind in ERRORS:
        for line in lines:
            if re.search(kind, line):
                return line
    return lines[-1]
