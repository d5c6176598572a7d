"""Runs inside a guest whose kernel holds all mutants: sets one after the other, asks, and says who noticed.

The kernel starts it behind mutant-init, with a file of work and the line that answers go to, as JSON, one record a line."""
import ctypes
import json
import os
import re
import select
import signal
import subprocess
import sys
import termios
import time

POWER_OFF = 0x4321FEDC  # reboot(2)
KNOBS = "/sys/module/tcp_timer/parameters"
# In the guest's time, which leaps over waiting: no load of the host makes it short. The longest scenario (keepalive) waits for hours.
PATIENCE_SECONDS = 6 * 3600
# From the surest: the rule book says something else; no certain answer; `compare` tells the two kernels apart; its --fields do; only the
# kernel's own reasons for dropping segments are others, which `why` shows.
LEVELS = ("differs", "inconclusive", "compare", "fields", "drops")
# What a connection consists of. When a run is over and its namespace gone, all of it is free again. A slab that is debugged keeps nothing
# at hand, so that each object counts (mm/slub.c: without, a processor's free objects count as used).
SLABS = "/proc/slabinfo"
SLAB_NAMES = ("TCP", "TCPv6", "request_sock_TCP", "request_sock_TCPv6", "tw_sock_TCP", "tw_sock_TCPv6", "skbuff_head_cache")
LEAKED_OBJECTS = 1  # as many may be there by chance: a socket whose last timer runs
SLAB_DEBUG = "slub_debug=F," + ",".join(SLAB_NAMES)
SETTLE_SECONDS = 2  # RCU and cleanup_net(); the guest's time
NEAR = 1 << 20
TRACING = "/sys/kernel/tracing"
# What `why` shows beside an answer, by event: its filter, and how a line of the trace tells the reason.
TRACED = {"skb/kfree_skb": ("protocol == 0x800", re.compile(r" kfree_skb: .* reason: (\w+)")),
          "tcp/tcp_send_reset": ("0", re.compile(r" tcp_send_reset: .* reason=(\w+)"))}
DROPS = "segments dropped"  # by this name, in a question's answers; resets sent are there, too
DROPS_TURNS = 2
MARKED = 0xFFFFFFFF  # schemata.MARKED: the original, which marks the places that it passes


def relative(number, base):
    """A number of a segment, counted from one of its connection. Those that lie far away are chosen at random."""
    if number is None or base is None:
        return None
    distance = (number - base + (1 << 31)) % (1 << 32) - (1 << 31)
    return distance if abs(distance) < NEAR else "far"


def signature(record):
    """What is compared of a record: its verdict, and by name what `compare` looks at, and with --fields."""
    found = {"verdict": record["verdict"], "compare": {}, "fields": {}}
    if record["record"] == "cell":
        follow_up = record["follow_up"] or {}
        found["compare"] = {"answer": record["answer"], "isn": record["isn"], "state": record["state_after"],
                            "follow-up": follow_up.get("answer"), "follow-up's isn": follow_up.get("isn")}
        base = record["baseline"] or {}
        for segment in record["received"][:1]:
            found["fields"] = {"flags": segment["flags"], "seq": relative(segment["seq"], base.get("snd_nxt")),
                               "ack": relative(segment["ack"], base.get("rcv_nxt")),
                               "tsecr": relative(segment["tsecr"], base.get("ts_recent")),
                               **{name: segment[name] for name in ("window", "payload", "tos", "ttl", "options")}}
    return found


def both(one, other):
    """What two answers of the unchanged kernel have in common. An answer that is no agreement counts for nothing."""
    return {"verdict": "agrees" if one["verdict"] == other["verdict"] == "agrees" else None,
            **{level: {name: value for name, value in one[level].items() if name in other[level] and other[level][name] == value}
               for level in ("compare", "fields", "drops") if level in one}}


def difference(found, reference):
    """(level, what) by which an answer shows that the kernel is another one; None: by nothing."""
    if reference["verdict"] == "agrees" and found["verdict"] != "agrees":
        return ("inconclusive" if found["verdict"] in ("inconclusive", "skipped") else "differs"), "verdict"
    for level in ("compare", "fields", "drops"):
        for name, value in reference.get(level, {}).items():
            if found[level].get(name) != value:
                return level, name
    return None


class Drops:
    """The tracepoints skb:kfree_skb and tcp:tcp_send_reset: for which reasons segments were dropped, and resets sent."""

    def __init__(self, folder=TRACING):
        self.trace, self.there = os.path.join(folder, "trace"), False
        for name, (chosen, _) in TRACED.items():
            event = os.path.join(folder, "events", name)
            if os.path.isdir(event):
                self.there = True
                for path, text in ((os.path.join(folder, "buffer_size_kb"), "8192"), (os.path.join(event, "filter"), chosen),
                                   (os.path.join(event, "enable"), "1")):
                    with open(path, "w") as file:
                        file.write(text)

    def begin(self):
        if self.there:
            with open(self.trace, "w"):  # truncating empties it
                pass

    def answer(self):
        """As signature() makes one of a record. (None: this kernel does not say.)"""
        if not self.there:
            return None
        with open(self.trace) as file:
            said = file.read()
        # How often depends on what else runs at that moment.
        came = {f"{name.partition('/')[2]} {reason}": 1 for name, (_, line) in TRACED.items() for reason in line.findall(said)}
        return {"verdict": "agrees", "compare": {}, "fields": {}, "drops": came}


class Reference(dict):
    """By question and by name of a cell, what both() kept; read from the folder where it is first asked for."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def __missing__(self, question):
        with open(self.path(self.folder, question)) as file:
            self[question] = json.load(file)
        return self[question]

    @staticmethod
    def path(folder, question):
        return os.path.join(folder, question.replace(" ", "-").replace("/", "-of-") + ".json")


class Asker:
    """`knobs`: the folder with the kernel's two files; `reference`: by question and by name of a cell, what both() kept."""

    def __init__(self, commands, reference, knobs=KNOBS, patience=PATIENCE_SECONDS, slabs=SLABS, tracing=TRACING):
        self.commands, self.reference, self.knobs, self.patience, self.slabs = commands, reference, knobs, patience, slabs
        self.drops, self.number = Drops(tracing), 0

    def set(self, number):
        with open(os.path.join(self.knobs, "twprobe_mutant"), "w") as file:
            file.write(str(number))

    def reached(self):
        with open(os.path.join(self.knobs, "twprobe_reached")) as file:
            return file.read().strip()

    def records(self, question):
        """Each record of a run as it comes; the last is None if it was not ended within its time."""
        self.drops.begin()
        process = self.asking(question)
        end, partial = time.monotonic() + self.patience, b""
        try:
            while True:
                left = end - time.monotonic()
                if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                    yield None
                    return
                data = os.read(process.stdout.fileno(), 1 << 16)
                if not data:
                    return
                lines = (partial + data).split(b"\n")
                partial = lines.pop()
                yield from map(json.loads, lines)
        finally:
            stop(process)

    def asking(self, question):
        return subprocess.Popen(self.commands[question], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                start_new_session=True)

    def learn(self, question):
        """The answers by name; None: the run was not whole."""
        found, whole = {}, False
        for record in self.records(question):
            if record and record["record"] in ("cell", "scenario"):
                found[record[record["record"]]] = signature(record)
            whole = bool(record) and record["record"] == "summary"
        drops = self.drops.answer()
        if drops:
            found[DROPS] = drops
        return found if whole else None

    def ask(self, question):
        """(level, by, what) of what is noticed first; only what is sure ends the run before its end."""
        best, whole, seconds = None, False, time.monotonic()
        reference = self.reference[question]
        for record in self.records(question):
            if record is None:
                return "hangs", question, f"after {time.monotonic() - seconds:.0f} s"
            whole = whole or record["record"] == "summary"
            name = record.get(record["record"])
            if record["record"] not in ("cell", "scenario") or name not in reference:
                continue
            level = difference(signature(record), reference[name])
            if level and level[0] == "differs":
                return level[0], name, level[1]
            if level and (not best or LEVELS.index(level[0]) < LEVELS.index(best[0])):
                best = level[0], name, level[1]
        if whole and not best and DROPS in reference:
            dropped = difference(self.drops.answer(), reference[DROPS])
            best = dropped and (dropped[0], DROPS, dropped[1])
        return best if whole else ("dies", question, "no summary")

    def surely(self, question, say):
        """What is no difference between answers must be so twice; and reasons of drops, which may be those of what earlier questions left
        behind, must come and go with the mutant."""
        first = self.ask(question)
        if first is None or first[0] == "differs":
            return first
        say({"asks": question})
        second = self.ask(question)
        found = second if second is None or second[0] in (first[0], "differs") else first
        return found if not found or found[0] != "drops" or self.comes_and_goes(question, say) else None

    def comes_and_goes(self, question, say):
        """The unchanged kernel and the mutant by turns."""
        def is_so(unchanged):
            say({"asks": question})
            self.set(0 if unchanged else self.number)
            return (self.ask(question) is None) == unchanged

        does = all(is_so(unchanged) for unchanged in (True, False) * DROPS_TURNS + (True,))
        self.set(self.number)
        return does

    def notice(self, number, questions, say=lambda record: None):
        """{level, by, what, question}: what is known about one mutant. Questions end with the first that is sure of it."""
        before, best = self.first_notice(number, questions, say)
        return best or self.leak(before, questions, say)

    def first_notice(self, number, questions, say):
        """What there was before, and the notice or None."""
        before, best = self.objects(), None
        self.number = number
        self.set(number)
        for question in questions:
            say({"asks": question})
            found = self.surely(question, say)
            if found and (not best or rank(found[0]) < rank(best["level"])):
                best = {"level": found[0], "by": found[1], "what": found[2], "question": question}
            if best and rank(best["level"]) == 0:
                break
        return before, best

    def objects(self):
        """How many of each kind the kernel holds; {}: it does not say."""
        try:
            with open(self.slabs) as file:
                fields = [line.split() for line in file]
        except OSError:
            return {}
        return {one[0]: int(one[1]) for one in fields if one[0] in SLAB_NAMES}

    def leak(self, before, questions, say):
        """What grows each time that all is asked. Once it may be what an earlier mutant's timers held. (Who says nothing hangs.)"""
        if not before:
            return None
        for asked in ((), questions):
            for question in asked:
                say({"asks": question})
                self.ask(question)
            time.sleep(SETTLE_SECONDS)
            after = self.objects()
            grown = {name: count - before.get(name, 0) for name, count in after.items()}
            most, before = max(grown, key=grown.get), after
            if grown[most] <= LEAKED_OBJECTS:
                return None
        return {"level": "leaks", "by": "the kernel", "what": f"{most} +{grown[most]}", "question": None}

    def is_clean(self, question):
        """Whether the unchanged kernel still answers as it did, after a mutant has run in it."""
        self.set(0)
        return self.ask(question) is None


def rank(level):
    return LEVELS.index(level) if level in LEVELS else 0


def stop(process):
    """It says good-bye; a stopped or hung one is killed, and those that it has started."""
    process.stdout.close()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    while True:  # whom they left to the first process
        try:
            if os.getpid() != 1 or os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def work_through(asker, work, say):
    """`work`: [[what, number or question, questions]]; `say` takes a record."""
    for what, one, questions in work:
        say({"begins": one})
        if what == "learn":
            begun = time.monotonic()
            asker.set(MARKED)
            answers = asker.learn(one)
            say({"learnt": one, "answers": answers, "places": asker.reached(), "seconds": round(time.monotonic() - begun, 1)})
        else:
            found = asker.notice(one, questions, say)
            clean = not found or found["level"] == "leaks" or asker.is_clean(found["question"])
            say({"asked": one, "noticed": found, "clean": clean})
            if not clean:
                return


def main():
    with open(sys.argv[1]) as file:
        job = json.load(file)
    line = os.open(sys.argv[2], os.O_WRONLY | os.O_NOCTTY)

    def say(record):
        data = json.dumps(record).encode() + b"\n"
        while data:
            data = data[os.write(line, data):]
    work_through(Asker(job["commands"], Reference(job["reference"])), job["work"], say)
    say({"done": True})
    termios.tcdrain(line)
    ctypes.CDLL(None).reboot(POWER_OFF)


if __name__ == "__main__":
    main()
