"""One user-mode Linux that holds all mutants. Neither the tree nor what was built of it changes: the kernel is linked in a copy of the
build folder, in which only the files with mutants are compiled again, and kept in the cache."""
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile

import build
import made
import mutation
import schemata
from common import Trouble, cache_folder, note, write_atomically

PLACE = "net/ipv4"
# Copies of one function share no code, and each lies in one piece, so that they can be compared.
FLAGS = "-g0 -fno-reorder-blocks-and-partition -fno-ipa-icf -fmax-errors=0 -w -fno-diagnostics-show-caret"
# Without warnings all that the compiler says is about errors, also where it says which function a header is used in.
WRONG = re.compile(r"\bmutant-(\d+)\.c:|\w__m(\d+)\b")
LEAST_ROUNDS = 20


class MutantKernel:
    """`image`, `numbers` ({name: number}), `broken` and `same` (numbers: do not compile; the same code as the original), `place_of`
    ({number: place}), `first` ({function: place of its entry})."""

    def __init__(self, tree, base, mutants, jobs):
        self.tree, self.base, self.jobs = os.path.realpath(tree), base, jobs
        self.mutants = {number: mutant for number, mutant in enumerate(mutants, 1)}
        self.folder = os.path.join(cache_folder(), "mutants", self.key())
        self.image = os.path.join(self.folder, "linux")
        parts = os.path.join(self.folder, "parts.json")
        if not os.path.exists(self.image) or not os.path.exists(parts):
            self.build(parts)
        with open(parts) as file:
            known = json.load(file)
        self.numbers = {mutant.name(): number for number, mutant in self.mutants.items()}
        self.broken, self.same = set(known["broken"]), set(known["same"])
        self.place_of = {int(number): place for number, place in known["place_of"].items()}
        self.first = known["first"]

    def key(self):
        """What makes another kernel."""
        total = hashlib.sha256(repr([mutant.name() for mutant in self.mutants.values()]).encode())
        paths = [os.path.join(self.tree, PLACE, name) for name in mutation.FUNCTIONS]
        for path in [*paths, os.path.join(self.base, ".config"), __file__, mutation.__file__, schemata.__file__]:
            total.update(open(path, "rb").read())
        return total.hexdigest()[:16]

    def source(self, file):
        with open(os.path.join(self.tree, PLACE, file)) as opened:
            return opened.read()

    def build(self, parts):
        parent = os.path.dirname(self.folder)
        os.makedirs(parent, exist_ok=True)
        remove_abandoned(parent)
        with scratch(parent) as folder:
            note(f"copying {self.base}")
            shutil.copytree(self.base, folder, symlinks=True, dirs_exist_ok=True)
            link = made.link_command(self.tree, folder, "mutants")
            if not link:
                raise Trouble(f"{self.tree}: make does not say how it links this kernel")
            known = self.compile_all(folder)
            note("linking")
            said = subprocess.run(link, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            if said.returncode:
                raise Trouble(f"the kernel with all mutants does not link: {build.first_error(said.stderr)}")
            os.makedirs(self.folder, exist_ok=True)
            shutil.copy2(os.path.join(folder, "mutants"), self.image)
            write_atomically(parts, json.dumps(known).encode())

    def compile_all(self, folder):
        known, places, running = {"broken": [], "same": [], "place_of": {}, "first": {}}, 0, []
        try:
            for file in mutation.FUNCTIONS:
                own = {number: mutant for number, mutant in self.mutants.items() if mutant.file == file}
                whole = schemata.made_of(os.path.join(self.tree, PLACE, file), self.source(file), own, places)
                places = whole.places
                known["place_of"].update(whole.place_of)
                known["first"].update(whole.first)
                running.append(Unit(self, folder, file, own, places if file == list(mutation.FUNCTIONS)[-1] else None,
                                    whole.text))
            note(f"compiling {len(self.mutants)} mutants in {len(running)} files; some minutes")
            self.settle(running)
        finally:
            for unit in running:
                unit.end()
        for unit in running:
            known["broken"] += sorted(unit.broken)
            known["same"] += unit.same()
        return known

    def settle(self, units):
        """As many compilers at a time as there are jobs; a file whose mutants do not all compile is compiled again without them."""
        waiting, active = sorted(units, key=lambda unit: -len(unit.text)), []
        while waiting or active:
            while waiting and len(active) < self.jobs:
                waiting[0].start()
                active.append(waiting.pop(0))
            unit = active.pop(0)
            if not unit.finish():
                waiting.insert(0, unit)


class Unit:
    """One file on its way to an object."""

    def __init__(self, kernel, folder, file, mutants, knobs, text):
        self.kernel, self.folder, self.file, self.mutants, self.knobs, self.text = kernel, folder, file, mutants, knobs, text
        self.name = file.removesuffix(".c")
        self.command = self.learn_command()
        self.broken, self.process, self.rounds = set(), None, 0

    def learn_command(self):
        """How make compiled it, up to the names of files."""
        command = made.compile_command(self.kernel.tree, self.folder, f"{PLACE}/{self.file}")
        if not command:
            raise Trouble(f"{self.kernel.tree}: {PLACE}/{self.file} was not compiled for this kernel")
        # Without the checks of the object that make adds.
        command = command.split(" ; ")[0]
        return re.sub(r" -c -o \S+ \S+\s*$", "", command)

    def start(self):
        self.rounds += 1
        if self.rounds > 1:
            alive = {number: mutant for number, mutant in self.mutants.items() if number not in self.broken}
            self.text = schemata.without(self.text, self.mutants.keys() - alive.keys())
        with open(os.path.join(self.folder, f"{self.name}-mutants.c"), "w") as opened:
            opened.write(self.text + (schemata.knobs(self.knobs) if self.knobs is not None else ""))
        with open(os.path.join(self.folder, f"{self.name}-mutants.log"), "w") as log:
            self.process = subprocess.Popen(f"{self.command} {FLAGS} -S -o {self.name}-mutants.s {self.name}-mutants.c",
                                            cwd=self.folder, shell=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)

    def end(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, 9)
            self.process.wait()

    def finish(self):
        """Waits; False: some do not compile, and it is to be compiled again."""
        status = self.process.wait()
        with open(os.path.join(self.folder, f"{self.name}-mutants.log"), errors="replace") as log:
            said = log.read()
        wrong = {int(one or other) for one, other in WRONG.findall(said)} - {0}
        if status and (not wrong - self.broken or self.rounds > LEAST_ROUNDS):
            raise Trouble(f"{self.file} with its mutants does not compile: {build.first_error(said)}")
        self.broken |= wrong
        if status:
            return False
        # make's compiler, as an assembler.
        compiler = shlex.split(self.command)[0]
        said = subprocess.run([compiler, "-c", "-o", f"{PLACE}/{self.name}.o", f"{self.name}-mutants.s"], cwd=self.folder,
                              capture_output=True, text=True, check=False)
        if said.returncode:
            raise Trouble(f"{self.file} with its mutants cannot be assembled: {build.first_error(said.stderr)}")
        return True

    def same(self):
        """The numbers of those of which the compiler made what it made of the original."""
        with open(os.path.join(self.folder, f"{self.name}-mutants.s")) as opened:
            codes = schemata.codes_in(opened.read())
        return [number for number, mutant in self.mutants.items() if number not in self.broken
                and codes[f"{mutant.function}__m{number}"] == codes[f"{mutant.function}__m0"]]


@contextlib.contextmanager
def scratch(parent):
    """A folder that goes with its user, whatever ends it; after SIGKILL, with the next one's beginning."""
    folder, lock = tempfile.mkdtemp(prefix="run-", dir=parent), None
    try:
        lock = locked(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


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
