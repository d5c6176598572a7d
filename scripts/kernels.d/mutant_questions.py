"""Everything that is asked of a kernel with mutants, in slices; which of it one mutant is asked; and what the original answers."""
import fcntl
import json
import os
import subprocess

import mutant_guest
import schemata
from common import Trouble, note, write_atomically

# Fixed, so that two machines ask the same.
SEED = 1
# A slice takes half a second of a processor, of which a third goes into its beginning.
SLICE_CELLS = 450
# How many slices of one matrix a mutant is asked, of those that reach it.
SLICES_EACH = 1
# More shards than any matrix fills: one of them has few cells or none, but says how many there are.
MANY = 4096


class Questions:
    """`commands`: by name. `reference`: the folder with what the original answers to each. `places`: by question, the places in the kernel
    that it reaches. `slices`: by matrix, the names of its questions; `scenarios`: those of the others."""

    def __init__(self, program):
        self.program, self.reference, self.places, self.known = os.path.abspath(program), None, {}, []
        options = ["--format=json", f"--seed={SEED}"]
        self.commands, self.slices, self.scenarios = {}, {}, []
        for matrix in self.listed("matrices"):
            ask = [self.program, "matrix", *options, "--matrix=" + matrix]
            shards = [f"{number}/{count}" for count in [-(-self.cells(ask) // SLICE_CELLS)] for number in range(1, count + 1)]
            self.slices[matrix] = [f"{matrix} {shard}" for shard in shards]
            self.commands.update((f"{matrix} {shard}", [*ask, "--shard=" + shard]) for shard in shards)
        for name in self.listed("scenarios"):
            self.scenarios.append(f"scenario {name}")
            self.commands[f"scenario {name}"] = [self.program, "scenario", *options, "--slow", name]

    def listed(self, what):
        said = subprocess.run([self.program, "list", what], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if said.returncode or not said.stdout.split():
            raise Trouble(f"{self.program}: does not list its {what}: {said.stderr.strip()}")
        return said.stdout.split()

    def cells(self, ask):
        """How many cells a matrix has."""
        said = subprocess.run([*ask, f"--shard=1/{MANY}"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        try:
            return json.loads(said.stdout.split("\n")[0])["matrix_cells"]
        except (ValueError, KeyError):
            raise Trouble(f"{self.program}: does not say how many cells {ask[-1]} has: {said.stderr.strip()}") from None

    def learn(self, folder, start):
        """Asks the original twice, and which places each question passes. `folder`: where that is kept, for the guests and for other
        runs with the same questions and kernel: one of them learns, and the others wait; `start`: begins a guest with work."""
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "learnt")
        with open(os.path.join(folder, "lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            learnt = read(path)
            if learnt is None:
                learnt = self.ask_original(folder, start)
                write_atomically(path, json.dumps(learnt).encode())
        self.reference, self.known = folder, learnt["known"]
        self.places = {name: set(places) for name, places in learnt["places"].items()}

    def ask_original(self, folder, start):
        note(f"asking the unchanged kernel {len(self.commands)} questions, and what each of them reaches")
        whole, places = {}, {name: set() for name in self.commands}
        for record in start([("learn", name, None) for name in self.commands] * 2):
            if "learnt" in record:
                take_answers(whole, record)
                places[record["learnt"]] |= schemata.places_in(record["places"])
            elif "trouble" in record:
                raise Trouble(f"the kernel without any change gives no results: {record['trouble']}")
        for question, answers in whole.items():
            write_atomically(mutant_guest.Reference.path(folder, question), json.dumps(answers).encode())
        return {"places": {name: sorted(one) for name, one in places.items()},
                "known": sorted(f"{question} {name}" for question, answers in whole.items() for name, one in answers.items()
                                if one["verdict"] is None)}

    def reaching(self, place, number):
        """What the mutant with this number is asked: SLICES_EACH slices of each matrix, of those that pass the place, chosen by the
        number, so that all slices are asked about one mutant or another; and all scenarios that pass it. What passes the most places
        notices the most, and comes first, but no second slice before every matrix had its first."""
        rounds = [[] for _ in range(SLICES_EACH)]
        for names in self.slices.values():
            passing = [name for name in names if place in self.places[name]]
            for turn in range(min(SLICES_EACH, len(passing))):
                # Those of one mutant lie far from each other, where states and conditions are others.
                rounds[turn].append(passing[(number + turn * len(passing) // SLICES_EACH) % len(passing)])
        rounds.append([name for name in self.scenarios if place in self.places[name]])
        return [name for names in rounds for name in sorted(names, key=lambda name: (-len(self.places[name]), name))]


def read(path):
    """What was learnt before; None: nothing."""
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def take_answers(whole, record):
    question, answers = record["learnt"], record["answers"]
    if not answers:
        raise Trouble(f"the kernel without any change does not come to the end of {question}")
    if question not in whole:
        whole[question] = answers
        return
    first = whole[question]
    whole[question] = {name: mutant_guest.both(first[name], answers[name]) for name in first if name in answers}
