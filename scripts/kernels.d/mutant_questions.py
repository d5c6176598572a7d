"""Asks a kernel everything: who notices that it was changed?"""
import json
import os
import signal
import subprocess
import tempfile
import time

from common import Trouble

MATRICES = ("all", "time-wait", "time-wait-rst")
# Fixed, so that two machines ask the same.
SEED = 1
LEAST_SECONDS = 60
PATIENCE = 10
POLL_SECONDS = 0.02


class Answer:
    """What one run of twprobe said. `whole`: it came to its end; `timed_out`: it was ended."""

    def __init__(self):
        self.differs, self.vague, self.whole, self.timed_out, self.seconds = [], [], False, False, 0.0

    def notice(self):
        """(by, how) of what tells this kernel from an unchanged one, or None. What is only vague must be so twice."""
        if self.differs:
            return self.differs[0], "differs"
        if self.timed_out:
            return "the kernel", "hangs"
        if not self.whole:
            return "the kernel", "dies"
        return None


class Questions:
    """`known`: cells and scenarios that do not agree even on the unchanged kernel, which therefore say nothing."""

    def __init__(self, program):
        self.program, self.known, self.limits = program, set(), {}
        self.commands = {
            "matrix": [program, "matrix", "--format=json", f"--seed={SEED}", *("--matrix=" + name for name in MATRICES)],
            "scenario": [program, "scenario", "--all", "--slow", "--format=json", f"--seed={SEED}"]}

    def learn(self, image):
        """Asks the unchanged kernel, twice."""
        for kind in self.commands:
            for _ in range(2):
                answer = self.ask(kind, image, None, whole=True)
                if not answer.whole:
                    raise Trouble(f"the unchanged kernel gave no results: try {' '.join(self.commands[kind])} "
                                  f"--kernel-image={image}")
                self.known.update(answer.differs, answer.vague)
                self.limits[kind] = max(LEAST_SECONDS, PATIENCE * answer.seconds, self.limits.get(kind, 0))

    def noticed(self, image, unchanged):
        """(by, how), or None: the change has survived. Only if no cell notices it, the scenarios are played."""
        for kind in self.commands:
            first = self.ask(kind, image, self.limits[kind])
            notice = first.notice()
            if notice and notice[1] == "differs":
                return notice
            if notice or first.vague:
                second = self.ask(kind, image, 2 * self.limits[kind])
                if second.differs:
                    return second.differs[0], "differs"
                if notice and second.notice():
                    if not self.ask("matrix", unchanged, 2 * self.limits["matrix"]).whole:
                        raise Trouble("the unchanged kernel gives no results any more; is there no memory left?")
                    return second.notice()
                both = [name for name in first.vague if name in second.vague]
                if both:
                    return both[0], "inconclusive"
        return None

    def ask(self, kind, image, seconds, whole=False):
        """Reads the records as they come; the first difference is enough, unless the whole is wanted."""
        answer, begun = Answer(), time.monotonic()
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *self.commands[kind], "--kernel-image=" + image],
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL,
                                       start_new_session=True)
            try:
                position, partial = 0, b""
                while True:
                    ended = process.poll() is not None
                    data = os.pread(output.fileno(), 1 << 22, position)
                    position += len(data)
                    lines = (partial + data).split(b"\n")
                    partial = lines.pop()
                    for line in lines:
                        self.take(answer, line)
                    answer.seconds = time.monotonic() - begun
                    if (ended and not data) or (answer.differs and not whole):
                        return answer
                    if seconds and answer.seconds > seconds:
                        answer.timed_out = True
                        return answer
                    if not data:
                        time.sleep(POLL_SECONDS)
            finally:
                stop(process)

    def take(self, answer, line):
        try:
            record = json.loads(line)
        except ValueError:
            return
        if record["record"] == "summary":
            answer.whole = True
        elif record["record"] in ("cell", "scenario") and record["verdict"] not in ("agrees", "skipped"):
            name = record[record["record"]]
            if name not in self.known:
                (answer.vague if record["verdict"] == "inconclusive" else answer.differs).append(name)


def stop(process):
    """Its guest ends with it. SIGTERM first, so that it says good-bye; a stopped or hung one is killed."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
