"""A kernel developer's loop: when the tree changes, build it, ask everything, show what differs."""
import os
import subprocess
import sys
import time

import build
from common import Trouble, note
from quick import Quick

# What a TCP developer edits. A change elsewhere is built with the next one here.
PLACES = ("net/core", "net/ipv4", "net/ipv6", "net/mptcp", "net/netfilter", "net/sched", "include/linux", "include/net", "include/uapi/linux",
          "arch/um")
ENDINGS = (".c", ".h", ".S", "Makefile", "Kconfig")
POLL_SECONDS = 0.5
AGREES, DIFFERS = 0, 1


def look(tree):
    """When each source file of these places was changed, by its name."""
    found, folders = {}, list(PLACES)
    while folders:
        place = folders.pop()
        try:
            entries = list(os.scandir(os.path.join(tree, place)))
        except OSError:  # the tree has no such place, or it has just gone
            continue
        for entry in entries:
            name = os.path.join(place, entry.name)
            try:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                elif name.endswith(ENDINGS):
                    found[name] = entry.stat().st_mtime_ns
            except OSError:  # an editor's file
                continue
    return found


class Loop:
    """One tree, what is built of it, and the results of its last run."""

    def __init__(self, options):
        self.tree, self.options = os.path.realpath(options.tree), options
        self.folder = build.folder_of_tree(self.tree)
        self.quick = Quick(self.tree, self.folder)
        self.last = os.path.join(options.output, "last.ndjson")
        self.now = os.path.join(options.output, "now.ndjson")
        os.makedirs(options.output, exist_ok=True)

    def build(self, changed):
        """The path of the image. None for `changed`: nobody knows what changed."""
        if changed is not None and self.quick.can_build(changed):
            return self.quick.build(changed)
        self.quick.forget()
        return build.build_tree(self.tree, self.folder, self.options.jobs)

    def learn(self):
        """Once the table is there: for the next turn."""
        try:
            if not self.options.once and not self.quick.link:
                self.quick.learn()
        except Trouble as trouble:
            note(trouble)

    def turn(self, changed=None):
        """Builds, asks, compares. False: it did not build, or gave no results."""
        begun = time.monotonic()
        try:
            image = self.build(changed)
        except build.DoesNotBuild as trouble:
            if self.options.once:
                raise
            note(trouble)
            return False
        built = time.monotonic()
        matrices = ["--matrix=" + name for name in self.options.matrix or ["all", "time-wait", "time-wait-rst"]]
        with open(self.now, "wb") as file:
            status = subprocess.run([self.options.program, "matrix", "--format=json", "--kernel-image=" + image, *matrices],
                                    stdout=file, stdin=subprocess.DEVNULL, check=False).returncode
        if status not in (0, 1, 3):
            note(f"no results: twprobe ended with {status}")
            return False
        asked = time.monotonic()
        for name, path in (("the last run", self.last), ("the baseline", self.options.baseline)):
            if path and (path != self.last or os.path.exists(path)):
                self.compare(name, path)
        os.replace(self.now, self.last)
        now = time.monotonic()
        note(f"{now - begun:.1f} s from the change to the table: {built - begun:.1f} s to build, {asked - built:.1f} s to ask, "
             f"{now - asked:.1f} s to compare")
        return True

    def compare(self, name, path):
        print(f"compared with {name}:", flush=True)
        status = subprocess.run([self.options.program, "compare", f"--baseline={path}", self.now], check=False).returncode
        if status not in (AGREES, DIFFERS, 3):
            note(f"{path} cannot be compared with")


def watch(options):
    """Until it is interrupted; with --once one turn, whose exit code says whether something differs."""
    if not os.access(options.program, os.X_OK):
        raise Trouble(f"{options.program}: not a program; build it first (make), or name another with --program=")
    loop = Loop(options)
    if options.once:
        return 0 if loop.turn() else 3
    built, seen = {}, None  # the files as they were when a build succeeded, and as they were last
    while True:
        now = look(loop.tree)
        if now != seen:
            seen = now
            changed = [name for name in built.keys() | now.keys() if built.get(name) != now.get(name)]
            if loop.turn(changed if built else None):
                built = now
                loop.learn()
            note(f"waiting for a change in {loop.tree} (Ctrl-C ends)")
            sys.stdout.flush()
        time.sleep(POLL_SECONDS)
