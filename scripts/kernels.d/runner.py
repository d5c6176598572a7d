"""Runs the matrix in one guest for each kernel, some at a time, and puts the results in place."""
import json
import os
import sys
import time

import store
from common import Trouble, note, write_atomically
from local import Image, Local, Running

POLL_SECONDS = 0.1
# twprobe's own exit codes (agrees, differs, inconclusive); with any other there is no column.
HAS_RESULTS = (0, 1, 3)


class Column:
    """One kernel of the comparison: waiting, running, or done."""

    def __init__(self, kernel, output):
        self.kernel = kernel
        self.path = os.path.join(output, kernel.version + ".ndjson")
        self.log = os.path.join(output, kernel.version + ".log")
        self.guest = None
        self.unit = "cell"
        self.lost = True  # until there are results
        self.inconclusive = 0
        self.differs = 0  # of scenarios; cells are compared by `report`

    def name(self):
        return self.kernel.version

    def start(self, plan):
        self.unit = plan.unit
        remove(self.path)
        remove(self.log)
        self.guest = plan.begin(self.kernel)

    def finish(self):
        """Writes the results, or why there are none; returns a line for the user."""
        result, elapsed = self.guest.result(), self.guest.elapsed()
        why = check(result, self.unit) if result else self.guest.trouble()
        self.lost = bool(why)
        if why:
            write_atomically(self.log, self.last_words(result, why))
            line = f"{self.name()}: no results: {why}; see {self.log}"
        else:
            write_atomically(self.path, result["output"])
            verdicts = count(result["output"], self.unit)
            self.inconclusive = verdicts.get("inconclusive", 0)
            self.differs = verdicts.get("differs", 0) if self.unit == "scenario" else 0
            line = f"{self.name()}: {describe(verdicts, self.unit)} in {elapsed:.0f} s -> {self.path}"
        self.guest.close()
        self.guest = None
        return line

    def last_words(self, result, why):
        text = b"--- twprobe's messages\n" + self.guest.said()
        if result:
            text += b"--- the end of its output\n" + result["output"][-2000:]
        return f"{self.kernel.package} {self.kernel.package_version}: {why}\n".encode() + text

    def abandon(self):
        if self.guest:
            self.guest.close()


def check(result, unit="cell"):
    """Why these are no whole results, or None; `unit` is what most of the records are."""
    status = int(result["status"])
    said = result["errors"].decode(errors="replace").strip().splitlines()
    if status not in HAS_RESULTS:
        return f"twprobe ended with {status}: {said[-1] if said else 'no message'}"
    lines = result["output"].splitlines()
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)["record"]
        except (ValueError, KeyError, TypeError):
            return f"line {number} of its output is not a record"
        expected = "run" if number == 1 else "summary" if number == len(lines) else unit
        if record != expected:
            return f"line {number} of its output is a {record} record where a {expected} record belongs"
    return None if len(lines) > 1 else "its output is empty"


def count(output, unit="cell"):
    """Cells or scenarios by verdict, from the records themselves."""
    verdicts = {}
    for line in output.splitlines():
        record = json.loads(line)
        if record["record"] == unit:
            verdicts[record["verdict"]] = verdicts.get(record["verdict"], 0) + 1
    return verdicts


def describe(verdicts, unit="cell"):
    text = f"{sum(verdicts.values())} {unit}s"
    for verdict in ("differs", "inconclusive", "skipped"):
        if verdicts.get(verdict):
            text += f", {verdicts[verdict]} {verdict}"
    return text


def remove(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


class Progress:
    """The state of all guests in one line on a terminal; nothing elsewhere."""

    def __init__(self):
        self.on = sys.stderr.isatty()
        self.begun = time.monotonic()

    def show(self, running, waiting):
        if self.on:
            parts = [f"{column.name()} {column.guest.elapsed():.0f} s" for column in running]
            text = f"[{time.monotonic() - self.begun:.0f} s] " + ", ".join(parts)
            text += f", {waiting} waiting" if waiting else ""
            sys.stderr.write("\r\033[K" + text[:os.get_terminal_size(sys.stderr.fileno()).columns - 1])
            sys.stderr.flush()

    def clear(self):
        if self.on:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


class Plan:
    """What every column runs, and how."""

    def __init__(self, kernels, options):
        self.options = options
        self.unit = "scenario" if options.scenarios else "cell"
        self.arguments = ["scenario", "--format=json", "--all"] if options.scenarios else ["matrix", "--format=json"]
        self.arguments += [*options.extra, *("--matrix=" + matrix for matrix in options.matrix)]
        store.fetch([kernel for kernel in kernels if not isinstance(kernel, (Running, Image))])

    def begin(self, kernel):
        return Local([os.path.abspath(self.options.program), *self.arguments, *self.where(kernel)], self.options.timeout)

    def where(self, kernel):
        """The options that say which kernel is asked."""
        if isinstance(kernel, Running):
            return []
        if isinstance(kernel, Image):
            return ["--kernel-image=" + kernel.image]
        # Without inet_diag the witness reads /proc/net/tcp, which takes the longer the more connections there are.
        slowly = [] if kernel.has_modules() or self.options.scenarios else ["--in-flight=64"]
        return ["--kernel-image=" + store.image(kernel), *slowly]


def run(kernels, options):
    """Runs all; 0, 1 when a scenario differs, or 3 when a kernel gave no results or an inconclusive cell."""
    if not os.access(options.program, os.X_OK):
        raise Trouble(f"{options.program}: not a program; build it first (make), or name another with --program=")
    plan = Plan(kernels, options)
    columns = [Column(kernel, options.output) for kernel in kernels]
    run_all(columns, plan, options.jobs)
    lost = [column.name() for column in columns if column.lost]
    if lost:
        note(f"{len(lost)} of {len(columns)} kernels gave no results: {', '.join(lost)}")
    if any(column.differs for column in columns):
        return 1
    return 3 if lost or any(column.inconclusive for column in columns) else 0


def run_all(columns, plan, jobs):
    waiting, running, progress = list(columns), [], Progress()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(waiting.pop(0))
                running[-1].start(plan)
            progress.show(running, len(waiting))
            time.sleep(POLL_SECONDS)
            for column in [column for column in running if column.guest.poll()]:
                running.remove(column)
                line = column.finish()
                progress.clear()
                print(line, flush=True)
    finally:
        progress.clear()
        for column in running:
            column.abandon()
