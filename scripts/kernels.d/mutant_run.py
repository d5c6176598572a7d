"""Guests that go through a list of mutants: started, watched, and started again where a mutant ends one."""
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time

from common import Trouble
from mutant_guest import SLAB_DEBUG

HERE = os.path.dirname(os.path.abspath(__file__))
MEMORY_MB = 512
# For one question, of which the longest takes two to five. Of the processor, so that a busy machine looks like no hanging guest, and
# enough for a change with which every cell tries in vain to reach its state; and on the clock, for one that waits for what never comes.
HANG_PROCESSOR_SECONDS = 30
HANG_SECONDS = 600
LOOK_SECONDS = 1
# What a kernel says of itself when something is wrong with it (lib/bug.c, lib/refcount.c; kernel/softirq.c: a handler has left another
# preempt_count than it found).
WARNING = re.compile(r"^.*(?:WARNING: |BUG: |refcount_t: |huh, entered softirq ).*$", re.M)


class Guest:
    """A running kernel, whose records come line by line. A context: nothing of it is left."""

    def __init__(self, image, folder, job):
        self.folder = tempfile.TemporaryDirectory(prefix="guest-", dir=folder)
        path = os.path.join(self.folder.name, "work.json")
        with open(path, "w") as file:
            json.dump(job, file)
        reading, writing = os.pipe()
        self.line, self.console, self.read = reading, os.path.join(self.folder.name, "console"), 0
        alone = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        with open(self.console, "wb") as console:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "unshare", *alone, "--pid", "--fork", "--kill-child", image,
                 f"mem={MEMORY_MB}M", f"uml_dir={self.folder.name}", "umid=guest", "root=/dev/root", "rootfstype=hostfs",
                 "rootflags=/", "ro", "con=null", "con0=null,fd:1", "ssl=null", f"ssl0=null,fd:{writing}", "panic=-1",
                 "time-travel=inf-cpu", SLAB_DEBUG, f"init={os.path.join(HERE, 'mutant-init')}", "--", sys.executable, "-S", "-B", "-E",
                 os.path.join(HERE, "mutant_guest.py"), path, "/dev/ttyS0"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, pass_fds=(writing,), start_new_session=True,
                env={"PATH": os.environ["PATH"], "TMPDIR": "/dev/shm"})
        os.close(writing)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.line)
        self.folder.cleanup()

    def records(self):
        """All that it says; at last {"ended": "done", "dies" or "hangs"}."""
        partial, used, since, done = b"", self.processor_seconds(), time.monotonic(), False
        while True:
            if select.select([self.line], [], [], LOOK_SECONDS)[0]:
                data = os.read(self.line, 1 << 20)
                lines = (partial + data).split(b"\n")
                partial = lines.pop()
                for record in map(json.loads, lines):
                    done = done or "done" in record
                    yield record
                if not data:
                    yield {"ended": "done" if done else "dies"}
                    return
                if lines:
                    used, since = self.processor_seconds(), time.monotonic()
            elif self.has_panicked():  # some go round in circles then
                yield {"ended": "dies"}
                return
            elif self.processor_seconds() - used > HANG_PROCESSOR_SECONDS or time.monotonic() - since > HANG_SECONDS:
                yield {"ended": "hangs"}
                return

    def processor_seconds(self):
        """Of all processes that come from ours, and of those of them that have ended. (The kernel begins a session of its own.)"""
        processes = {}
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    with open(f"/proc/{name}/stat", "rb") as file:
                        fields = file.read().rpartition(b")")[2].split()
                except OSError:
                    continue
                processes[int(name)] = int(fields[1]), sum(map(int, fields[11:15]))
        return sum(ticks for pid, (_, ticks) in processes.items() if self.is_ours(pid, processes)) / os.sysconf("SC_CLK_TCK")

    def is_ours(self, pid, processes):
        while pid in processes and pid != self.process.pid:
            pid = processes[pid][0]
        return pid == self.process.pid

    def has_panicked(self):
        with open(self.console, errors="replace") as file:
            return "Kernel panic" in file.read()

    def warning(self):
        """The first warning since this was asked before; None: the kernel has not complained."""
        with open(self.console, errors="replace") as file:
            file.seek(self.read)
            said = WARNING.search(file.read())
            self.read = file.tell()
        return said and said.group().strip()

    def last_words(self):
        with open(self.console, errors="replace") as file:
            lines = [line.strip() for line in file if line.strip()]
        panics = [line for line in lines if "Kernel panic" in line]
        return (panics or lines or ["it said nothing"])[0]


class Run:
    """Asks about mutants of one kernel, however many guests that takes."""

    def __init__(self, kernel, questions, folder):
        """`folder`: for what guests read."""
        self.kernel, self.questions, self.folder, self.guests = kernel, questions, folder, 0

    def guest(self, work, reference):
        self.guests += 1
        return Guest(self.kernel.image, self.folder, {"commands": self.questions.commands, "reference": reference, "work": work})

    def learn(self, key):
        """`key`: of the questions and the kernel; what another shard has learnt with the same, or an earlier run, holds."""
        def start(work):
            with self.guest(work, None) as guest:
                for record in guest.records():
                    if record.get("ended", "done") != "done":
                        record = {"trouble": guest.last_words()}
                    yield record
        self.questions.learn(os.path.join(self.folder, f"answers-{key}"), start)

    def ask(self, work):
        """(number, notice or None) of each; `work`: [(number, its questions)]. What a guest has noticed that was no longer clean
        afterwards is asked again in a new one: perhaps an earlier mutant had left it so."""
        left = [("ask", number, questions) for number, questions in work]
        while left:
            fresh, begun = True, False
            with self.guest(left, self.questions.reference) as guest:
                for record in guest.records():
                    begun = begun or "begins" in record
                    if "asked" in record and not record["clean"] and not fresh:
                        break
                    if "asked" in record:
                        fresh, warning = False, guest.warning()
                        yield left.pop(0)[1], record["noticed"] or self.warns(warning)
                    elif record.get("ended", "done") != "done":
                        if not begun:
                            raise Trouble(f"the guest did not start: {guest.last_words()}")
                        if fresh:
                            yield self.ended(left.pop(0)[1], record["ended"], guest)
                        break

    @staticmethod
    def warns(warning):
        return {"level": "warns", "by": "the kernel", "what": warning, "question": None} if warning else None

    def ended(self, number, how, guest):
        return number, {"level": how, "by": "the kernel", "what": guest.last_words() if how == "dies" else "", "question": None}
