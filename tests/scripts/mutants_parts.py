#!/usr/bin/env python3
"""What scripts/mutants changes, how the list is shared, and what it makes of results: no kernel is needed."""
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts", "kernels.d"))

import mutant_kernel  # noqa: E402
import mutant_report  # noqa: E402
import mutation  # noqa: E402
from common import WrongUsage  # noqa: E402
from mutant_questions import Questions  # noqa: E402

SOURCE = r'''#include <a.h>
#define LIMIT(x) ((x) < 1 && 2)
/* decide(0) == 1 */
static int other(int a)
{
	return a == 7;
}

enum verdict
decide(struct sock *sk, u32 seq)
	__releases(&sk->lock.slock)
{
	bool good = false;
	char quote = '"';

	/* a comment: if (x) return 1; */
	if (!after(seq, sk->rcv_nxt) || seq >= 16) {
		say("1 == 2", seq + 1);
#ifdef CONFIG_X
		if (seq) {
#else
		if (good) {
#endif
			sk->count++;
		}
		return TCP_TW_ACK;
	}
	if (sk->state == 3)
		tell(sk,
		     seq << 2);
	return 0;
}
'''


def of(function="decide"):
    return mutation.mutants_of("tcp_input.c", SOURCE, [function])


def texts(operator):
    return [(mutant.line, mutant.before, mutant.after) for mutant in of() if mutant.operator == operator]


class Operators(unittest.TestCase):
    def test_each(self):
        expected = {
            "compare": [(17, ">=", ">"), (28, "==", "!=")],
            "logic": [(17, "||", "&&")],
            "arithmetic": [(18, "+", "-"), (24, "++", "--")],
            "constant": [(13, "false", "true"), (17, "16", "17"), (18, "1", "0"), (28, "3", "4"), (30, "2", "3"), (31, "0", "1")],
            "direction": [(17, "after", "before")],
            "boundary": [(17, "after", "!before")],
            "return": [(26, "TCP_TW_ACK", "TCP_TW_RST")],
            "negate": [(17, "(!after(seq, sk->rcv_nxt) || seq >= 16)", "(!(!after(seq, sk->rcv_nxt) || seq >= 16))"),
                       (20, "(seq)", "(!(seq))"), (22, "(good)", "(!(good))")],
            "call": [(18, 'say("1 == 2", seq + 1)', ""), (29, "tell(sk,\n\t\t     seq << 2)", "")],
        }
        self.assertEqual({name: texts(name) for name in expected}, expected)
        self.assertEqual({mutant.operator for mutant in of()}, set(expected))

    def test_one_place_only(self):
        """What a mutant changes is at its line and column, and all else stays."""
        for mutant in of():
            changed = mutant.apply(SOURCE)
            self.assertNotEqual(changed, SOURCE)
            self.assertEqual(changed[:mutant.offset], SOURCE[:mutant.offset])
            self.assertEqual(changed[mutant.offset + len(mutant.after):], SOURCE[mutant.offset + len(mutant.before):])
            line = SOURCE.splitlines()[mutant.line - 1]
            self.assertTrue(line[mutant.column - 1:].startswith(mutant.before.splitlines()[0]), mutant)

    def test_equal_lines_are_numbered(self):
        text = "int f(int a)\n{\n\tg(a == 1);\n\tg(a == 2);\n\tg(a == 1);\n\th(1,\n\t\t2);\n\t\th(1,\n\t2);\n}\n"
        self.assertEqual([(one.line, one.nth) for one in mutation.mutants_of("a.c", text, ["f"]) if one.operator == "compare"],
                         [(3, 1), (4, 1), (5, 2)])
        # However they are wrapped.
        self.assertEqual([(one.line, one.nth) for one in mutation.mutants_of("a.c", text, ["f"]) if one.operator == "call"],
                         [(3, 1), (4, 1), (5, 2), (6, 1), (8, 2)])

    def test_other_functions_stay(self):
        self.assertEqual([mutant.line for mutant in of("other")], [6, 6])
        self.assertEqual(of("absent"), [])
        self.assertEqual(of("after"), [])

    def test_mutants_compile(self):
        """Every operator leaves C behind: a compiler takes all but none of these."""
        head = ("typedef unsigned u32; typedef _Bool bool; enum { false, true }; struct sock { u32 rcv_nxt, count, state; };\n"
                "enum verdict { TCP_TW_ACK, TCP_TW_RST }; int after(u32, u32), before(u32, u32); void say(char *, u32);\n"
                "void tell(struct sock *, u32);\n#define __releases(x)\n")
        for mutant in of():
            text = head + mutant.apply(SOURCE).replace("#include <a.h>", "")
            said = subprocess.run(["gcc", "-fsyntax-only", "-std=gnu11", "-x", "c", "-"], input=text, text=True, capture_output=True,
                                  check=False)
            self.assertEqual(said.returncode, 0, f"{mutant}\n{said.stderr}")

    def test_functions_are_there_once(self):
        names = [name for functions in mutation.FUNCTIONS.values() for name in functions]
        self.assertEqual(len(names), len(set(names)))
        self.assertTrue(all(reason for functions in mutation.FUNCTIONS.values() for reason in functions.values()))


class Lists(unittest.TestCase):
    def test_names_are_unique(self):
        names = [mutant.name() for mutant in of()]
        self.assertEqual(len(names), len(set(names)))

    def test_same_list_twice(self):
        self.assertEqual(of(), of())
        # In another process, hash seeds differ.
        code = ("import sys; sys.path[:0] = [sys.argv[1], sys.argv[2]]; sys.dont_write_bytecode = True; import mutants_parts as m;"
                "print([one.name() for one in m.mutation.sample_of(m.of(), 9, 5)])")
        runs = {subprocess.run([sys.executable, "-c", code, os.path.dirname(os.path.abspath(__file__)),
                                os.path.join(ROOT, "scripts", "kernels.d")], capture_output=True, text=True, check=True,
                               env={**os.environ, "PYTHONHASHSEED": str(seed)}).stdout for seed in (1, 2)}
        self.assertEqual(runs, {str([one.name() for one in mutation.sample_of(of(), 9, 5)]) + "\n"})

    def test_sample(self):
        mutants = of()
        sample = mutation.sample_of(mutants, 7, 1)
        self.assertEqual(len(sample), 7)
        self.assertEqual(sample, [mutant for mutant in mutants if mutant in sample])
        self.assertNotEqual(sample, mutation.sample_of(mutants, 7, 2))
        # A greater sample holds the smaller one: results of it need not be made again.
        self.assertLessEqual(set(sample), set(mutation.sample_of(mutants, 9, 1)))
        self.assertEqual(mutation.sample_of(mutants, 1000, 1), mutants)

    def test_shards_partition(self):
        mutants = of()
        for count in (1, 2, 3, 7, 100):
            shards = [mutation.shard_of(mutants, number, count) for number in range(1, count + 1)]
            self.assertEqual(sorted((one for part in shards for one in part), key=mutants.index), mutants)
            self.assertLessEqual(max(map(len, shards)) - min(map(len, shards)), 1)


class Kernel(unittest.TestCase):
    def test_abandoned_folders_are_removed(self):
        with tempfile.TemporaryDirectory() as parent:
            for name in ("dead", "alive", "beginning"):
                os.mkdir(os.path.join(parent, name))
            open(os.path.join(parent, "dead", ".lock"), "w").close()
            lock = mutant_kernel.locked(os.path.join(parent, "alive"))
            mutant_kernel.remove_abandoned(parent)
            self.assertEqual(sorted(os.listdir(parent)), ["alive", "beginning"])
            os.close(lock)


class Resuming(unittest.TestCase):
    """scripts/mutants goes on in the file of an earlier run."""

    def test_cut_line_and_other_run(self):
        loader = importlib.machinery.SourceFileLoader("mutants", os.path.join(ROOT, "scripts", "mutants"))
        program = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutants", loader))
        loader.exec_module(program)
        head = {"record": "run", "kernel": "6.12.1", "matrices": ("all",), "shard": "1/1"}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "mutants.ndjson")
            self.assertEqual(program.earlier(path, head), {})
            with open(path, "w") as file:
                program.write(file, {**head, "known": ["x"]})
                program.write(file, record("1", "noticed"))
                whole = file.tell()
                file.write('{"record":"mutant","name":"2"')
            self.assertEqual(list(program.earlier(path, head)), ["1"])
            self.assertEqual(os.path.getsize(path), whole)
            for other in ({"kernel": "6.12.2"}, {"shard": "1/2"}, {"matrices": ("time-wait",)}):
                with self.assertRaisesRegex(WrongUsage, "another kernel"):
                    program.earlier(path, {**head, **other})


FAKE = """#!/bin/sh
case $* in *=hangs) sleep 100 ;; esac
cell() { echo "{\\"record\\":\\"cell\\",\\"cell\\":\\"$1\\",\\"verdict\\":\\"$2\\"}"; }
scenario() { echo "{\\"record\\":\\"scenario\\",\\"scenario\\":\\"$1\\",\\"verdict\\":\\"$2\\"}"; }
case $1 in
matrix)
	cell a agrees
	case $* in *=dies) exit 4 ;; *=differs) cell b differs; sleep 100 ;; *=vague) cell b inconclusive ;;
	*=once) [ -e $0.once ] || cell b inconclusive; : >$0.once ;; esac
	cell odd differs ;;
*)	case $* in *=played) scenario s differs ;; esac ;;
esac
echo '{"record":"summary"}'
"""


class Asking(unittest.TestCase):
    """A program in the place of twprobe, which says what a changed kernel makes it say."""

    def noticed(self, image):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "twprobe")
            with open(program, "w") as file:
                file.write(FAKE)
            os.chmod(program, 0o755)
            questions = Questions(program)
            questions.learn("unchanged")
            self.assertEqual(questions.known, {"odd"})
            questions.limits = dict.fromkeys(questions.limits, 0.7)
            return questions.noticed(image, "unchanged")

    def test_outcomes(self):
        for image, expected in (("unchanged", None), ("differs", ("b", "differs")), ("played", ("s", "differs")),
                                ("vague", ("b", "inconclusive")), ("once", None),
                                ("dies", ("the kernel", "dies")), ("hangs", ("the kernel", "hangs"))):
            with self.subTest(image):
                self.assertEqual(self.noticed(image), expected)


def record(name, outcome, **more):
    return {"record": "mutant", "name": name, "file": "tcp_input.c", "line": 1, "column": int(name), "function": "tcp_fin",
            "operator": "compare", "before": "==", "after": "!=", "source": f"line {name}", "nth": 1, "outcome": outcome, "how": None, **more}


class Report(unittest.TestCase):
    HEAD = {"record": "run", "kernel": "6.12.1", "source": "s", "arguments": [], "questions": "q", "matrices": ["all"], "mutants": 5,
            "everything": 5, "known": []}

    def write(self, explained, head=None, other=None):
        with tempfile.TemporaryDirectory() as folder:
            parts = {"1/2": [record("1", "noticed", how="differs"), record("2", "survivor"), record("3", "same-code")],
                     "2/2": [record("4", "survivor"), record("5", "does-not-compile")]}
            for shard, records in parts.items():
                with open(os.path.join(folder, f"mutants-{shard[0]}.ndjson"), "w") as file:
                    first = {**self.HEAD, **(head or {}), **((other or {}) if shard == "2/2" else {}), "shard": shard}
                    file.write("".join(json.dumps(one) + "\n" for one in [first, *records]) + '{"cut')
            toml, page = os.path.join(folder, "mutants.toml"), os.path.join(folder, "mutants.md")
            with open(toml, "w") as file:
                for source in explained:
                    file.write(f'[[survivor]]\nfunction = "tcp_fin"\nsource = "{source}"\noperator = "compare"\nbefore = "=="\n'
                               'after = "!="\nkind = "same"\ntext = "twice\\nthe same"\n')
            problems = mutant_report.write(folder, toml, page)
            with open(page) as file:
                return problems, file.read()

    def test_score(self):
        problems, page = self.write(["line 2", "line 4"])
        self.assertEqual(problems, [])
        self.assertIn("**1 of 3 changes noticed (33 %)**, 2 survived; 1 made the same\ncode, 1 did not compile", page)
        self.assertIn("| `line 4` | `==` to `!=` | **the same behaviour**: twice the same |", page)
        self.assertNotIn("**This is a part", page)

    def test_not_explained(self):
        problems, page = self.write(["line 2", "line 3"])
        self.assertEqual([problem.split(": ", 1)[1] for problem in problems], ["not explained", "fits no survivor: tcp_fin: line 3"])
        self.assertIn("**not explained yet**", page)

    def test_a_part_says_so(self):
        problems, page = self.write(["line 2", "line 4", "line 9"], {"everything": 9, "arguments": ["--sample=9", "--seed=1"]})
        self.assertEqual(problems, [])  # what was not asked about may survive
        self.assertIn("**This is a part, not the score**: 5 of the 9", page)
        self.assertIn("scripts/mutants run 6.12 --sample=9 --seed=1 --shard=2/2", page)

    def test_other_runs_are_not_mixed(self):
        for key in ("kernel", "source", "questions", "arguments"):
            with self.assertRaisesRegex(WrongUsage, f"'{key}' differs"):
                self.write([], other={key: "else"})


if __name__ == "__main__":
    unittest.main()
