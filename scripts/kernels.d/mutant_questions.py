"""Everything that is asked of a kernel with mutants, in slices; which of it one mutant is asked; and what the original answers."""
import fcntl
import json
import math
import os
import subprocess

import mutant_guest
import schemata
from common import Trouble, WrongUsage, note, write_atomically

# Fixed, so that two machines ask the same.
SEED = 1
# A slice takes half a second of a processor, of which a third goes into its beginning.
SLICE_CELLS = 450
# A change whose line only so many cells pass is asked all of them.
FEW_CELLS = 4000
# Every state, segment kind and edge of the window: asked whole, in one run, about each change that more cells pass.
WHOLE = "all"
# The other matrices together, in parts that have of each matrix and state as many cells as its size deserves.
SAMPLE_CELLS = 3000
# Whose decision every connection passes on its way to its state, but is asked about in one state or matrix: of its cells, SAMPLE_CELLS are
# asked, too.
FOCUS = {"tcp_check_req": "syn-recv", "tcp_reqsk_send_challenge_ack": "syn-recv", "tcp_v4_reqsk_send_ack": "syn-recv",
         "tcp_v4_syn_recv_sock": "syn-recv", "tcp_child_process": "syn-recv", "tcp_conn_request": "listen",
         "tcp_rcv_established": "established", "tcp_timewait_state_process": "time-wait", "tcp_disordered_ack": "windows",
         "tcp_tsval_replay": "windows", "tcp_may_update_window": "windows", "tcp_ack_update_window": "windows", "tcp_ack": "acks",
         "tcp_rcv_synsent_state_process": "syn-sent", "tcp_v4_err": "icmp", "tcp_req_err": "icmp", "tcp_v4_send_reset": "closed",
         "tcp_parse_options": "options", "tcp_fast_parse_options": "options", "tcp_parse_aligned_timestamp": "options"}
# More shards than any matrix fills: one of them has few cells or none, but says how many there are.
MANY = 4096


class Questions:
    """`commands`: by name. `reference`: the folder with what the original answers to each. `places`: by question, the places in the
    kernel that it reaches. `slices`: by matrix, the cells of one state each, in parts: {name: how many}; `whole`: WHOLE in one run;
    `samples`: parts of all others together; `scenarios`: each alone, as most lines are passed by few of them."""

    def __init__(self, program, only=None):
        """`only`: these matrices and scenarios; None: all."""
        self.program, self.reference, self.places, self.known = os.path.abspath(program), None, {}, []
        options = ["--format=json", f"--seed={SEED}"]
        self.ask = [self.program, "matrix", *options]
        self.commands, self.slices = {}, {}
        matrices, states, scenarios = self.listed("matrices"), self.listed("states"), self.listed("scenarios")
        if only:
            for name in set(only) - {*matrices, *scenarios}:
                raise WrongUsage(f"{name}: neither a matrix nor a scenario (see twprobe list)")
            matrices, scenarios = ([name for name in names if name in only] for names in (matrices, scenarios))
        for matrix in matrices:
            self.slices[matrix] = {}
            for state in states:
                self.slices[matrix].update(self.parts(f"{matrix} {state}", ["--matrix=" + matrix, f"--only={state}/*"], SLICE_CELLS))
        self.whole = list(self.parts(f"{WHOLE} whole", ["--matrix=" + WHOLE], math.inf)) if WHOLE in matrices else []
        others = [] if only else ["--matrix=" + matrix for matrix in matrices if matrix != WHOLE]
        self.samples = list(self.parts("samples", others, SAMPLE_CELLS)) if others else []
        self.scenarios = [f"scenario {name}" for name in scenarios]
        self.commands.update((name, [self.program, "scenario", *options, "--slow", name.split()[1]]) for name in self.scenarios)

    def parts(self, name, choice, most):
        """Asks these cells in parts of at most so many: {name of the question: how many cells}."""
        ask = [*self.ask, *choice]
        cells = self.cells(ask)
        count = prime(-(-cells // most)) if most < math.inf else 1
        made = {f"{name} {number}/{count}": cells // count for number in range(1, count + 1) if cells}
        self.commands.update((one, [*ask, "--shard=" + one.split()[-1]]) for one in made)
        return made

    def listed(self, what):
        said = subprocess.run([self.program, "list", what], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if said.returncode or not said.stdout.split():
            raise Trouble(f"{self.program}: does not list its {what}: {said.stderr.strip()}")
        return said.stdout.split()

    def cells(self, ask):
        """How many cells there are to ask."""
        said = subprocess.run([*ask, f"--shard=1/{MANY}"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        try:
            return json.loads(said.stdout.split("\n")[0])["matrix_cells"]
        except (ValueError, KeyError):
            if "no cell's name matches" in said.stderr:
                return 0
            raise Trouble(f"{self.program}: does not say how many cells {ask[4]} has: {said.stderr.strip()}") from None

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

    def reaching(self, place, number, function=None):
        """What the mutant with this number is asked, of all that passes its place. Few cells: all of them, the smallest parts first.
        More: one part; WHOLE; one sample of all others; of the state or matrix that the function is there for, some parts. They are chosen by
        the number, so that each is asked about one mutant or another. Scenarios, which take longest, come last."""
        passing = {name: cells for names in self.slices.values() for name, cells in names.items() if place in self.places[name]}
        parts = sorted(passing, key=lambda name: (passing[name], name))
        scenarios = [name for name in self.scenarios if place in self.places[name]]
        if sum(passing.values()) <= FEW_CELLS or not self.samples:
            return parts + scenarios
        focus = turned([name for name in parts if FOCUS.get(function) in name.split()[:2]], number)
        first = focus or [name for name in self.slices.get(WHOLE, ()) if name in passing] or parts
        chosen = [*turned(first, number)[:1], *(name for name in self.whole if place in self.places[name])]
        chosen += turned([name for name in self.samples if place in self.places[name]], number)[:1]
        return list(dict.fromkeys(chosen + at_most(focus, passing, SAMPLE_CELLS))) + scenarios


def prime(least):
    """In so many parts every N-th cell goes into one: were N a multiple of an axis's length, a part would have one value of it."""
    return least if least < 2 or all(least % one for one in range(2, least)) else prime(least + 1)


def turned(names, number):
    """The same names, beginning with another one."""
    begin = number % max(1, len(names))
    return names[begin:] + names[:begin]


def at_most(names, sizes, cells):
    """The first of them that have together so many cells."""
    total, found = 0, []
    for name in names:
        total += sizes[name]
        if total > cells:
            break
        found.append(name)
    return found


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
