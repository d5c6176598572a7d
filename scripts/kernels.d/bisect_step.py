"""One step of `git bisect run`: builds a tree, asks it one cell, and tells git by its exit code."""
import os
import subprocess

import build
from common import Trouble, note

# git-bisect(1): what `git bisect run` takes an exit code for. From 128 on it stops.
GOOD, BAD, SKIP, STOP = 0, 1, 125, 128
# twprobe's exit codes for a cell: as expected, otherwise, and no certain answer (or a kernel that does not start).
MEANINGS = {0: GOOD, 1: BAD, 3: SKIP, 4: SKIP}


def step(options):
    try:
        if not os.access(options.program, os.X_OK):
            raise Trouble(f"{options.program}: not a program; build it first (make), or name another with --program=")
        image = build.build(os.path.realpath(options.tree), options.jobs)
    except build.DoesNotBuild as trouble:
        note(trouble)
        return SKIP
    except Trouble as trouble:  # the next commit would fare no better
        note(trouble)
        return STOP
    status = subprocess.run([options.program, "-q", f"--kernel-image={image}", f"--kernel={options.kernel}", options.cell],
                            stdin=subprocess.DEVNULL, check=False).returncode
    return MEANINGS.get(status, STOP)
