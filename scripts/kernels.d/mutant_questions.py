"""Everything that is asked of a kernel with mutants, from the most telling to the slowest; and what it answers without any."""
import json
import os
import subprocess

import mutant_guest
import schemata
from common import Trouble, note, write_atomically

# Fixed, so that two machines ask the same.
SEED = 1
TIME_WAIT = ("time-wait", "time-wait-rst")
STATES = ("listen", "syn-recv", "established", "fin-wait-1", "fin-wait-2", "fin-wait-2-half", "closing", "time-wait", "close-wait",
          "last-ack")


class Questions:
    """`commands`: by name, in the order in which they are asked. `reference`: a file with what the original answers to each.
    `places`: by question, the places in the kernel that it reaches."""

    def __init__(self, program):
        self.program, self.reference, self.places, self.known = os.path.abspath(program), None, {}, []
        options = ["--format=json", f"--seed={SEED}"]
        self.commands = {name: [self.program, "matrix", *options, "--matrix=" + name] for name in TIME_WAIT}
        self.commands.update((f"all/{state}", [self.program, "matrix", *options, "--matrix=all", f"--only={state}/*"])
                             for state in STATES)
        self.commands.update((f"scenario {name}", [self.program, "scenario", *options, "--slow", name])
                             for name in self.scenarios())

    def scenarios(self):
        said = subprocess.run([self.program, "list", "scenarios"], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              check=False)
        if said.returncode or not said.stdout.split():
            raise Trouble(f"{self.program}: does not list its scenarios: {said.stderr.strip()}")
        return said.stdout.split()

    def learn(self, path, key, start):
        """Asks the original twice, and twice which places each question passes. `path`: where that is kept, for the guests and for
        the next run, if its key is the same; `start`: begins a guest with work."""
        kept = read(path)
        if kept is None or kept["key"] != key:
            kept = {"key": key, **self.ask_original(start)}
            write_atomically(path, json.dumps(kept).encode())
        self.reference = path
        self.places = {name: set(places) for name, places in kept["places"].items()}
        self.known = sorted(f"{question} {name}" for question, answers in kept["answers"].items() for name, one in answers.items()
                            if one["verdict"] is None)

    def ask_original(self, start):
        note(f"asking the unchanged kernel {len(self.commands)} questions, and what each of them reaches")
        whole, places = {}, {name: set() for name in self.commands}
        work = [("learn", name, None) for name in self.commands] * 2 + [("reach", name, None) for name in self.commands] * 2
        for record in start(work):
            if "learnt" in record:
                take_answers(whole, record)
            elif "reached" in record:
                places[record["reached"]] |= schemata.places_in(record["places"])
            elif "trouble" in record:
                raise Trouble(f"the kernel without any change gives no results: {record['trouble']}")
        return {"answers": whole, "places": {name: sorted(one) for name, one in places.items()}}

    def reaching(self, place):
        """The questions that pass a place."""
        return [name for name in self.commands if place in self.places[name]]


def read(path):
    """What an earlier run has learnt; None: nothing."""
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
