"""A user-mode Linux that differs from its tree in one place. Neither the tree nor what was built of it changes: each run has its
own copy of the build folder, in which only the changed file is compiled, with the command that make had used, and linked once."""
import fcntl
import os
import re
import shlex
import shutil
import subprocess
import tempfile

import build
from common import Trouble, cache_folder, note

PLACE = "net/ipv4"
COMPILE_SECONDS = 300
LINK_SECONDS = 120


class MutantKernel:
    """The build folder of one run. A context: whatever ends it, the folder is removed; after SIGKILL, by the next run."""

    def __init__(self, tree, base):
        self.tree, self.base = os.path.realpath(tree), base
        self.lock = self.folder = self.link_command = None
        self.objects, self.commands = {}, {}

    def __enter__(self):
        parent = os.path.join(cache_folder(), "mutants")
        os.makedirs(parent, exist_ok=True)
        remove_abandoned(parent)
        self.folder = tempfile.mkdtemp(prefix="run-", dir=parent)
        try:
            self.lock = locked(self.folder)
            note(f"copying {self.base}")
            shutil.copytree(self.base, self.folder, symlinks=True, dirs_exist_ok=True)
            self.learn_link_command()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.lock is not None:
            os.close(self.lock)

    def learn_link_command(self):
        """Lets make link once and say how."""
        for name in ("vmlinux", "vmlinux.unstripped", "linux"):
            if os.path.lexists(os.path.join(self.folder, name)):
                os.unlink(os.path.join(self.folder, name))
        build.make(self.tree, self.folder, ["V=1", "linux"], "link")
        with open(os.path.join(self.folder, "link.log"), errors="replace") as file:
            links = [line[2:] for line in file if line.startswith("+ ") and "--whole-archive" in line and " -o " in line]
        if not links:
            raise Trouble(f"{self.tree}: make does not say how it links this kernel")
        words = shlex.split(links[-1])
        words[words.index("-o") + 1] = "mutant"
        self.link_command = words

    def image(self):
        """The kernel as it is in the tree."""
        return os.path.join(self.folder, "linux")

    def source(self, file):
        with open(os.path.join(self.tree, PLACE, file)) as opened:
            return opened.read()

    def learn_file(self, file):
        """How make compiled it, and what comes out for the file as it is."""
        name = file.removesuffix(".c")
        path = os.path.join(self.folder, PLACE, f".{name}.o.cmd")
        try:
            with open(path) as opened:
                match = re.search(r"^(?:saved)?cmd_\S+ := (.*)$", opened.read(), re.M)
        except OSError:
            match = None
        source = os.path.join(self.tree, PLACE, file)
        if not match or source not in match.group(1):
            raise Trouble(f"{self.tree}: {PLACE}/{file} was not compiled for this kernel")
        command = match.group(1).split(" ; ")[0].replace("$$", "$").replace("\\#", "#")
        self.commands[file] = command.replace(" " + source, " mutant.c")
        if not self.compile(file, self.source(file)):
            raise Trouble(f"{source}: does not compile without a change")
        self.objects[file] = self.object(file)

    def object(self, file):
        with open(os.path.join(self.folder, PLACE, file.removesuffix(".c") + ".o"), "rb") as opened:
            return opened.read()

    def compile(self, file, text):
        # The compiler takes it for the file of the tree: __FILE__ and __LINE__ stay.
        with open(os.path.join(self.folder, "mutant.c"), "w") as opened:
            opened.write(f'#line 1 "{os.path.join(self.tree, PLACE, file)}"\n' + text)
        return quiet(self.commands[file], self.folder, COMPILE_SECONDS, shell=True)

    def build(self, mutant):
        """The image with this change; "same-code": the compiler makes the same of it; None: it does not compile or link."""
        if mutant.file not in self.objects:
            self.learn_file(mutant.file)
        try:
            if not self.compile(mutant.file, mutant.apply(self.source(mutant.file))):
                return None
            if self.object(mutant.file) == self.objects[mutant.file]:
                return "same-code"
            return os.path.join(self.folder, "mutant") if quiet(self.link_command, self.folder, LINK_SECONDS) else None
        finally:
            with open(os.path.join(self.folder, PLACE, mutant.file.removesuffix(".c") + ".o"), "wb") as opened:
                opened.write(self.objects[mutant.file])


def quiet(command, folder, seconds, shell=False):
    try:
        return subprocess.run(command, cwd=folder, shell=shell, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=seconds, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def locked(folder):
    """A descriptor that shows that the folder's run is alive; None: another run has it."""
    lock = os.open(os.path.join(folder, ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lock
    except OSError:
        os.close(lock)
        return None


def remove_abandoned(parent):
    """Folders of runs that were killed."""
    for name in os.listdir(parent):
        folder = os.path.join(parent, name)
        # Without its lock file it is being made or removed just now.
        if not os.path.exists(os.path.join(folder, ".lock")):
            continue
        lock = locked(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
