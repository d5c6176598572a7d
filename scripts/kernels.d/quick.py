"""Builds again after a change of C files only: each is compiled with the command that make had used, and the kernel linked once
with make's own. Make itself looks at every folder, checks every module's symbols and links three times, for the names of symbols."""
import os
import subprocess

import build
import made

IMAGE = os.path.join("quick", "linux")


class Quick:
    """What make did in one build folder. It stays make's: whatever is compiled here, make compiles once more."""

    def __init__(self, tree, folder):
        self.tree, self.folder = tree, folder
        self.forget()

    def forget(self):
        """Make builds now, and may do it in another way."""
        self.commands = {}  # by source; make does not know all of them any more
        self.failed = set()  # what does not compile: its object may be gone
        self.link = None

    def learn(self):
        """After make has built everything: lets it link once more and say how."""
        self.link = made.link_command(self.tree, self.folder, IMAGE)
        os.makedirs(os.path.join(self.folder, "quick"), exist_ok=True)

    def can_build(self, changed):
        """Whether these files, named from the tree's top, are all that has to be compiled."""
        return bool(self.link) and all(name.endswith(".c") and os.path.exists(os.path.join(self.tree, name)) and self.command(name)
                                       for name in changed)

    def command(self, source):
        """How make compiled it; None: it did not, or its object is part of something that is not the image."""
        if source not in self.commands:
            command = made.compile_command(self.tree, self.folder, source)
            if not command:
                return None
            self.commands[source] = command
        return self.commands[source]

    def build(self, changed):
        """The path of the image with these files as they are now."""
        for source in sorted({*changed, *self.failed}):
            folder, name = os.path.split(source)
            command = self.command(source)
            self.failed.add(source)
            # Make has to find out which headers it includes now.
            remove(os.path.join(self.folder, folder, f".{name[:-2]}.o.cmd"))
            self.run(command, source)
            self.failed.remove(source)
        self.run(self.link, "the kernel")
        return os.path.join(self.folder, IMAGE)

    def run(self, command, what):
        done = subprocess.run(command, cwd=self.folder, shell=isinstance(command, str), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise build.DoesNotBuild(f"{self.tree}: {what} cannot be built: {build.first_error(done.stdout.decode(errors='replace'))}")


def remove(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
