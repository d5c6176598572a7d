"""A kernel developer's loop: when the tree changes, build it, ask everything, show what differs."""
import os
import subprocess
import sys
import time

import build
from common import Trouble, note

# What a TCP developer edits. A change elsewhere is built with the next one here.
PLACES = ("net/core", "net/ipv4", "net/ipv6", "net/mptcp", "net/netfilter", "net/sched", "include/linux", "include/net", "include/uapi/linux",
          "arch/um")
POLL_SECONDS = 0.3
AGREES, DIFFERS = 0, 1


def newest(tree):
    """When something was changed last: the latest time of any source file or folder (a file may be gone)."""
    latest = 0
    for place in PLACES:
        for base, _, names in os.walk(os.path.join(tree, place)):
            times = [os.stat(base).st_mtime_ns]
            times += [os.lstat(os.path.join(base, name)).st_mtime_ns for name in names
                      if name.endswith((".c", ".h", ".S")) and os.path.lexists(os.path.join(base, name))]
            latest = max(latest, *times)
    return latest


class Loop:
    """One tree and the results of its last run."""

    def __init__(self, options):
        self.tree, self.options = os.path.realpath(options.tree), options
        self.last = os.path.join(options.output, "last.ndjson")
        self.now = os.path.join(options.output, "now.ndjson")
        os.makedirs(options.output, exist_ok=True)

    def turn(self):
        """Builds, asks, compares. False: it did not build, or gave no results."""
        begun = time.monotonic()
        try:
            image = build.build_tree(self.tree, build.folder_of_tree(self.tree), self.options.jobs)
        except Trouble as trouble:
            note(trouble)
            return False
        matrices = ["--matrix=" + name for name in self.options.matrix or ["all", "time-wait", "time-wait-rst"]]
        with open(self.now, "wb") as file:
            status = subprocess.run([self.options.program, "matrix", "--format=json", "--kernel-image=" + image, *matrices],
                                    stdout=file, stdin=subprocess.DEVNULL, check=False).returncode
        if status not in (0, 1, 3):
            note(f"no results: twprobe ended with {status}")
            return False
        for name, path in (("the last run", self.last), ("the baseline", self.options.baseline)):
            if path and os.path.exists(path):
                self.compare(name, path)
        os.replace(self.now, self.last)
        note(f"{time.monotonic() - begun:.1f} s from the change to the table")
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
    seen = None
    while True:
        changed = newest(loop.tree)
        if changed != seen:
            seen = changed
            loop.turn()
            note(f"waiting for a change in {loop.tree} (Ctrl-C ends)")
            sys.stdout.flush()
        time.sleep(POLL_SECONDS)
