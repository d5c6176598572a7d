"""Kernels that twprobe asks: the machine's own, and images that it starts; and twprobe while it does."""
import os
import re
import shutil
import subprocess
import tempfile
import time

import build
import catalogue
import debian_uml
from common import Trouble


class Running:
    """Takes the place of a kernel of the catalogue."""

    package = "this machine's kernel"
    package_version = ""

    def __init__(self):
        self.version = os.uname().release


class Image:
    """Takes the place of a kernel of the catalogue: a file that twprobe starts, as a user-mode Linux or in QEMU."""

    def __init__(self, image, version, package="a user-mode Linux"):
        self.image, self.version, self.package = image, version, package
        self.package_version = image


def version_of(image):
    """What the image says of itself; None: it is no user-mode Linux that runs here. A bad file is told by twprobe."""
    try:
        answer = subprocess.run([image, "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=10,
                                check=False)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return answer.stdout.strip() if re.fullmatch(r"\d+\.\d+\S*\s*", answer.stdout) else None


def release_of(image):
    """The release in the header of a bzImage (the kernel's Documentation/arch/x86/boot.rst); None: it is none."""
    with open(image, "rb") as file:
        head = file.read(1 << 16)
    if head[0x202:0x206] != b"HdrS":
        return None
    at = int.from_bytes(head[0x20e:0x210], "little")
    text = head[at + 0x200:].split(b"\0", 1)[0].decode(errors="replace").split() if at else []
    return text[0] if text and re.fullmatch(r"\d+\.\d+[\w.+~-]*", text[0]) else "unknown"


def image_of(name, engine="auto"):
    """The kernel that a file or a tree is, or why it is none. Of a tree, what starts faster."""
    image = name
    if os.path.isdir(name):
        places = {"uml": [os.path.join(name, "linux"), os.path.join(build.folder_of_tree(name), "linux")],
                  "qemu": [os.path.join(name, "arch", "x86", "boot", "bzImage")]}
        wanted = places["uml"] + places["qemu"] if engine == "auto" else places[engine]
        image = next((place for place in wanted if os.access(place, os.R_OK)), None)
        if not image:
            raise Trouble(f"{name}: no kernel was built of this tree: scripts/kernels build {name}, or make bzImage")
    image = os.path.realpath(image)
    try:
        release = release_of(image)
    except OSError as error:
        raise Trouble(f"{name}: {error.strerror}") from None
    if release and engine != "uml":
        return Image(image, release, "a bzImage")
    version = None if release or engine == "qemu" else version_of(image)
    if not version:
        kind = {"auto": "neither a user-mode Linux that runs here nor a bzImage", "uml": "not a user-mode Linux that runs here",
                "qemu": "not a bzImage"}[engine]
        raise Trouble(f"{name}: is {kind}")
    return Image(image, version)


def debians(suite):
    """Debian's user-mode Linux, fetched if it is not here. None: this machine's."""
    image = debian_uml.find(suite)
    if not version_of(image):
        raise Trouble(f"{image}: does not run here; that of a later suite than this machine's needs its C library. `scripts/kernels "
                      "build` makes one of the same source")
    return image_of(image)


def user_mode_of(wanted):
    """A user-mode Linux of this series or version that is there already: built, or Debian's package. None: there is none."""
    there = build.images()
    debians = shutil.which("linux.uml")
    version = version_of(debians) if debians else None
    if version:
        there.setdefault(version, debians)
    fitting = [version for version in there if wanted.lstrip("v") in (version, version.rsplit(".", 1)[0])]
    best = max(fitting, key=catalogue.order, default=None)
    return Image(there[best], best) if best else None


class Local:
    """One twprobe with a deadline. Its lab is in a kernel that it starts, or here, with root or where user namespaces are allowed.
    Whatever ends it, its guest ends with it."""

    def __init__(self, command, seconds):
        self.begun = time.monotonic()
        self.deadline = self.begun + seconds
        self.seconds = seconds
        self.timed_out = False
        self.output = tempfile.TemporaryFile()
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL,
                                        stdout=self.output, stderr=self.errors, start_new_session=True)

    def elapsed(self):
        return time.monotonic() - self.begun

    def poll(self):
        """True when it has ended; ends it at its deadline."""
        if self.process.poll() is None and time.monotonic() >= self.deadline:
            self.timed_out = True
            self.end()
        return self.process.poll() is not None

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self):
        self.end()
        self.output.close()
        self.errors.close()

    def said(self):
        return contents(self.errors)

    def result(self):
        """{output, errors, status} as bytes; None: its time was over."""
        if self.timed_out:
            return None
        status = self.process.returncode
        return {"output": contents(self.output), "errors": self.said(),
                "status": str(status if status >= 0 else 128 - status).encode()}

    def trouble(self):
        return f"still running after {self.seconds:.0f} s; a longer --timeout= may help"


def contents(file):
    file.seek(0)
    return file.read()
