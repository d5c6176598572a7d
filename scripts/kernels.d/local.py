"""Kernels that twprobe runs in as a process of this machine: its own, and user-mode Linux."""
import os
import re
import shutil
import subprocess
import tempfile

import build
import catalogue
import debian_uml
from common import Trouble
from guest import Run


class Running:
    """Takes the place of a kernel of the catalogue."""

    package = "this machine's kernel"
    package_version = ""

    def __init__(self):
        self.version = os.uname().release


class UserMode:
    """Takes the place of a kernel of the catalogue: a user-mode Linux, which twprobe starts."""

    package = "a user-mode Linux"

    def __init__(self, image, version):
        self.image, self.version = image, version
        self.package_version = image


def version_of(image):
    """What the image says of itself; None: it is no user-mode Linux that runs here. A bad file is told by twprobe."""
    try:
        answer = subprocess.run([image, "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=10,
                                check=False)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return answer.stdout.strip() if re.fullmatch(r"\d+\.\d+\S*\s*", answer.stdout) else None


def user_mode(name):
    """The kernel that a file or a tree is, or why it is none."""
    image = name
    if os.path.isdir(name):
        places = [os.path.join(name, "linux"), os.path.join(build.folder_of_tree(name), "linux")]
        image = next((place for place in places if os.access(place, os.X_OK)), None)
        if not image:
            raise Trouble(f"{name}: no user-mode Linux was built of this tree: scripts/kernels build {name}")
    version = version_of(os.path.realpath(image))
    if not version:
        raise Trouble(f"{name}: is not a user-mode Linux that runs here")
    return UserMode(os.path.realpath(image), version)


def debians():
    """Debian's user-mode Linux, fetched if it is not here."""
    return user_mode(debian_uml.find())


def user_mode_of(wanted):
    """A user-mode Linux of this series or version that is there already: built, or Debian's package. None: there is none."""
    there = build.images()
    debians = shutil.which("linux.uml")
    version = version_of(debians) if debians else None
    if version:
        there.setdefault(version, debians)
    fitting = [version for version in there if wanted.lstrip("v") in (version, version.rsplit(".", 1)[0])]
    best = max(fitting, key=catalogue.order, default=None)
    return UserMode(there[best], best) if best else None


class Local(Run):
    """Has the interface of a Guest. It runs in its own lab, with root or where user namespaces are allowed."""

    def __init__(self, command, seconds):
        super().__init__(seconds)
        self.output = tempfile.TemporaryFile()
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL,
                                        stdout=self.output, stderr=self.errors, start_new_session=True)

    def close(self):
        self.end()
        self.output.close()
        self.errors.close()

    def log(self):
        return b""

    def stage(self):
        return "running"

    def result(self):
        if self.timed_out:
            return None
        status = self.process.returncode
        return {"output": contents(self.output), "errors": contents(self.errors), "uptime": b"",
                "status": str(status if status >= 0 else 128 - status).encode()}

    def trouble(self):
        return f"still running after {self.seconds:.0f} s; a longer --timeout= may help"


def contents(file):
    file.seek(0)
    return file.read()
