#!/usr/bin/env python3
"""What scripts/mutants changes, how the list is shared, and what it makes of results: no kernel is needed."""
import ctypes
import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
from types import SimpleNamespace

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts", "kernels.d"))

import mutant_kernel  # noqa: E402
import mutant_report  # noqa: E402
import mutant_results  # noqa: E402
import mutant_run  # noqa: E402
import mutant_guest  # noqa: E402
import mutant_questions  # noqa: E402
import mutation  # noqa: E402
import schemata  # noqa: E402
from common import Trouble, WrongUsage  # noqa: E402

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

    def test_blocks_of_keys_are_left_out(self):
        text = "void f(void)\n{\n#ifdef CONFIG_TCP_AO\n\tif (a == 1)\n\t\tg();\n#else\n\th();\n#endif\n\ti();\n}\n"
        self.assertEqual([mutant.before for mutant in mutation.mutants_of("a.c", text, ["f"])], ["h()", "i()"])

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


WHOLE = r'''typedef unsigned int u32;
static int calls;
static void note(int by);
static inline int deep(int a, int (*more)(int b, int c), u32 list[2])
{
	int found[2] = {
		1,
		2 };
	struct {
		int b;
	} rest;

	if (a < 0)
		return found[0] + (rest.b = 0);
	else
		note(1);
	do {
		if (a == 9) {
			note(2);
			continue;
		}
		note(3);
	} while (a++ < 3);
	switch (a) {
	case 4:
		if (list[0] == 5)
			note(4);
		else if (list[0] == 6 && calls < 99)
			note(5);
		else
			note(6);
		break;
	default:
out:
		note(7);
	}
	if (a == 77)
		goto out;
	return more ? more(a, 1) : a;
}

static void
note(int by)
{
	calls += by;
}
int run(int a, u32 b) { u32 list[2] = { b, 0 }; calls = 0; return 1000 * deep(a, 0, list) + calls; }
'''


class Schemata(unittest.TestCase):
    """One file for all mutants, compiled and called."""

    HEAD = "unsigned char twprobe_reached[100]; unsigned int twprobe_mutant;\n"

    @classmethod
    def setUpClass(cls):
        cls.mutants = dict(enumerate(mutation.mutants_of("a.c", WHOLE, ["deep", "note"]), 1))
        cls.made = schemata.made_of("a.c", WHOLE, cls.mutants, 10)
        cls.folder = tempfile.TemporaryDirectory()
        cls.library = cls.library_of(cls.made.text, "all.so")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def compile(cls, text, *arguments):
        return subprocess.run(["gcc", "-w", "-fPIC", *arguments, "-x", "c", "-"], input=cls.HEAD + text, text=True, check=False,
                              capture_output=True, env={**os.environ, "LC_ALL": "C"})

    @classmethod
    def library_of(cls, text, name):
        path = os.path.join(cls.folder.name, name)
        said = cls.compile(text, "-shared", "-o", path)
        assert said.returncode == 0, said.stderr
        return ctypes.CDLL(path)

    def run_as(self, number, *arguments):
        ctypes.c_uint.in_dll(self.library, "twprobe_mutant").value = number
        return self.library.run(*arguments)

    def reached(self, *arguments):
        places = (ctypes.c_ubyte * 100).in_dll(self.library, "twprobe_reached")
        ctypes.memset(places, 0, 100)
        self.assertEqual(self.run_as(schemata.MARKED, *arguments), self.run_as(0, *arguments))
        return {place for place, passed in enumerate(places) if passed}

    def test_each_number_is_its_mutant(self):
        names = ("calls", "note", "deep", "run")
        alone = "".join("".join(f"#define {name} {name}_{number}\n" for name in names) + mutant.apply(WHOLE)
                        + "".join(f"#undef {name}\n" for name in names) for number, mutant in self.mutants.items())
        library = self.library_of(alone, "alone.so")
        for number, mutant in self.mutants.items():
            if re.search("while|77", WHOLE.splitlines()[mutant.line - 1]):
                continue  # without end
            for arguments in ((-1, 5), (0, 5), (0, 6), (0, 7), (9, 5)):
                self.assertEqual(self.run_as(number, *arguments), library[f"run_{number}"](*arguments), mutant)
        self.assertEqual([self.run_as(number, 0, 5) for number in (0, 1 << 20)], [4000 + 1 + 12 + 4] * 2)

    def test_marks(self):
        """A place is passed if, and only if, its line is."""
        def reaching(source, operator, *arguments):
            line = next(number for number, text in enumerate(WHOLE.splitlines(), 1) if source in text)
            numbers = [number for number, mutant in self.mutants.items() if (mutant.line, mutant.operator) == (line, operator)]
            return self.made.place_of[numbers[0]] in self.reached(*arguments)
        for source, operator, arguments, expected in (
                ("return found[0]", "constant", (-1, 5), True), ("return found[0]", "constant", (0, 5), False),
                ("note(1)", "constant", (-1, 5), False), ("note(1)", "constant", (0, 5), True), ("note(2)", "constant", (0, 5), False),
                ("note(2)", "constant", (9, 5), True), ("a++ < 3", "compare", (9, 5), True), ("case 4", "constant", (9, 5), True),
                ("note(4)", "constant", (0, 5), True), ("note(4)", "constant", (0, 6), False), ("== 6", "compare", (0, 5), False),
                ("== 6", "compare", (0, 6), True), ("== 6", "negate", (0, 7), True), ("== 6", "negate", (0, 5), False), ("note(5)", "constant", (0, 6), True), ("note(5)", "constant", (0, 7), False),
                ("note(6)", "constant", (0, 6), False), ("note(6)", "constant", (0, 7), True), ("note(7)", "constant", (9, 5), True),
                ("note(7)", "constant", (0, 5), False), ("a == 77", "compare", (-1, 5), False)):
            with self.subTest((source, arguments)):
                self.assertEqual(reaching(source, operator, *arguments), expected)

    def test_same_code(self):
        text = "int f(int a)\n{\n\treturn a < 5 ? 1 : a > 4 ? 2 : 3;\n}\n"
        mutants = dict(enumerate(mutation.mutants_of("a.c", text, ["f"]), 1))
        codes = schemata.codes_in(self.compile(schemata.made_of("a.c", text, mutants, 0).text, "-O2", "-S", "-o", "-").stdout)
        same = [(mutant.before, mutant.after) for number, mutant in mutants.items() if codes[f"f__m{number}"] == codes["f__m0"]]
        self.assertEqual(same, [(">", ">="), ("3", "4")])

    def test_without(self):
        """What does not compile is told by the names of copies, and taken out."""
        text = self.made.text.replace("found[0]", "lost[0]").replace("lost[0]", "found[0]", 2)
        said = self.compile(text, "-fsyntax-only").stderr
        wrong = {int(one or other) for one, other in mutant_kernel.WRONG.findall(said)}
        self.assertTrue(wrong)
        self.assertTrue(all(self.mutants[number].function == "deep" for number in wrong))
        self.assertEqual(self.compile(schemata.without(text, wrong), "-fsyntax-only").returncode, 0)

    def test_same_text_twice(self):
        self.assertEqual(self.made, schemata.made_of("a.c", WHOLE, self.mutants, 10))
        self.assertEqual(schemata.places_in("8051"), {0, 9, 11, 15})

    def test_what_cannot_be_copied(self):
        text = "int f(void)\n{\n\tstatic int a;\n\n\treturn a++ + 1;\n}\n"
        with self.assertRaisesRegex(schemata.Inexpressible, "f: has variables that last"):
            schemata.made_of("a.c", text, {1: mutation.mutants_of("a.c", text, ["f"])[0]}, 0)


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


def program():
    loader = importlib.machinery.SourceFileLoader("mutants", os.path.join(ROOT, "scripts", "mutants"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutants", loader))
    loader.exec_module(module)
    return module


class Resuming(unittest.TestCase):
    """scripts/mutants goes on in the file of an earlier run."""

    def test_what_is_known_before(self):
        kernel = SimpleNamespace(broken={1}, same={2, 3}, place_of={1: 9, 2: 9, 3: 7, 4: 7, 5: 8, 6: 9})
        self.assertEqual(program().not_asked(kernel, SimpleNamespace(places={"a": {7}, "b": {7, 8}})),
                         {"same-code": 2, "does-not-compile": 1, "not reached": 1})

    def test_what_is_asked_with_some_questions(self):
        """Another run than with all, and only the survivors of one before."""
        mutants = program()
        with tempfile.TemporaryDirectory() as tree:
            os.makedirs(os.path.join(tree, mutant_kernel.PLACE))
            for name in ("Makefile", *(os.path.join(mutant_kernel.PLACE, name) for name in mutation.FUNCTIONS)):
                with open(os.path.join(tree, name), "w") as file:
                    file.write("VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\n")
            heads = [mutants.head_of(mutants.parser().parse_args(["run", "6.12", "--program=/bin/true", *words]), tree)
                     for words in ((), ("--question=b", "--question=a"), ("--question=a", "--question=b"))]
            self.assertEqual(heads[1]["arguments"], ["--question=a", "--question=b"])
            self.assertEqual(heads[1], heads[2])
            self.assertNotEqual(heads[0]["questions"], heads[1]["questions"])
        with self.assertRaisesRegex(WrongUsage, "add --again="):
            mutants.run(mutants.parser().parse_args(["run", "6.12", "--program=/bin/true", "--question=a"]))

    def test_cut_line_and_other_run(self):
        mutants = program()
        head = {"record": "run", "kernel": "6.12.1", "matrices": ("all",), "shard": "1/1"}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "mutants.ndjson")
            self.assertEqual(mutants.earlier(path, head), {})
            with open(path, "w") as file:
                mutants.write(file, {**head, "known": ["x"]})
                mutants.write(file, record("1", "noticed"))
                whole = file.tell()
                file.write('{"record":"mutant","name":"2"')
            self.assertEqual(list(mutants.earlier(path, head)), ["1"])
            self.assertEqual(os.path.getsize(path), whole)
            for other in ({"kernel": "6.12.2"}, {"shard": "1/2"}, {"matrices": ("time-wait",)}):
                with self.assertRaisesRegex(WrongUsage, "another kernel"):
                    mutants.earlier(path, {**head, **other})

    def test_results_of_before(self):
        """What was noticed stands, if it is told how; survivors are asked again, unless nothing has changed since they were asked."""
        head = {**Report.HEAD, "shard": "1/1"}
        parts = ([record("1", "noticed", how="differs"), record("2", "survivor")],
                 [record("3", "survivor", taken_over=True), record("4", "same-code"), record("5", "noticed", taken_over=True)])
        with tempfile.TemporaryDirectory() as folder:
            for number, records in enumerate(parts):
                with open(os.path.join(folder, f"{number}.ndjson"), "w") as file:
                    file.write("".join(json.dumps(one) + "\n" for one in [head, *records]))
            for questions, stand, flagged in (("more", {"1", "4"}, {"1", "2", "3", "4", "5"}), ("q", {"1", "2", "4"}, {"3", "5"})):
                found, stands = mutant_results.taken_over(folder, {**head, "questions": questions})
                self.assertEqual((list(found), stands), (["1", "2", "3", "4", "5"], stand))
                self.assertEqual({name for name, one in found.items() if one.get("taken_over")}, flagged)
            with self.assertRaisesRegex(WrongUsage, "another kernel than 6.12.1"):
                mutant_results.taken_over(folder, {**head, "source": "other"})
        with self.assertRaisesRegex(WrongUsage, "makes results"):
            mutant_results.taken_over("/nonexistent", head)

    def test_going_on_with_survivors_of_before(self):
        """Until it is asked again, a survivor counts as one, and is still to be asked; the last word about a change counts."""
        mutants, head = program(), {**Report.HEAD, "shard": "1/1"}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "mutants.ndjson")
            with open(path, "w") as file:
                for one in (head, record("1", "noticed", how="differs", taken_over=True), record("2", "survivor", taken_over=True),
                            record("3", "survivor", taken_over=True), record("2", "noticed", how="differs"), record("3", "survivor")):
                    mutants.write(file, one)
                file.flush()
                self.assertEqual(list(mutants.earlier(path, head)), ["1", "2", "3"])
                self.assertEqual([(one["outcome"], one.get("taken_over")) for one in mutant_results.load(path)[1]],
                                 [("noticed", True), ("noticed", None), ("survivor", None)])
                mutants.write(file, record("4", "survivor", taken_over=True))
                mutants.write(file, record("5", "noticed", taken_over=True))
            self.assertEqual(list(mutants.earlier(path, head)), ["1", "2", "3"])

    def test_what_comes_first(self):
        """What was noticed nobody knows how; what survived; what is new; what is shown to be the same."""
        entries = [{"function": "tcp_fin", "lines": ["line 3"], "kind": "same", "text": "same"},
                   {"function": "tcp_fin", "kind": "question", "text": "not asked"}]
        before = [record("1", "noticed"), record("2", "survivor"), None, record("3", "survivor")]
        self.assertEqual([program().urgency(one, entries) for one in before], [0, 1, 2, 3])


FAKE = """#!/bin/sh
number=$(cat $(dirname $0)/twprobe_mutant)
cell() { echo "{\\"record\\":\\"cell\\",\\"cell\\":\\"$1\\",\\"verdict\\":\\"$2\\",\\"answer\\":\\"${3:-ack}\\",\\"isn\\":null,\\"state_after\\":null,\\"follow_up\\":null,\\"baseline\\":{\\"snd_nxt\\":4294967290,\\"rcv_nxt\\":5,\\"ts_recent\\":null},\\"received\\":[{\\"flags\\":\\"A\\",\\"seq\\":4,\\"ack\\":5,\\"tsecr\\":null,\\"window\\":${4:-7},\\"payload\\":0,\\"tos\\":0,\\"ttl\\":64,\\"options\\":[]}]}"; }
cell a agrees
case $number in
1) cell b differs; exec sleep 100 ;;
2) cell b inconclusive ;;
3) [ -e $0.once ] || cell b inconclusive; : >$0.once ;;
4) cell b agrees rst ;;
5) cell b agrees ack 8 ;;
6) exit 4 ;;
7) exec sleep 100 ;;
8) : >$0.spoilt; cell b differs ;;
*) [ -e $0.spoilt ] && cell b differs || cell b agrees ;;
esac
cell odd differs
echo '{"record":"summary"}'
"""


class Asking(unittest.TestCase):
    """A program in the place of twprobe, which says what a changed kernel makes it say."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        program = os.path.join(folder.name, "twprobe")
        with open(program, "w") as file:
            file.write(FAKE)
        os.chmod(program, 0o755)
        self.asker = mutant_guest.Asker({"q": [program]}, {}, folder.name, slabs="/nonexistent", tracing="/nonexistent")
        self.asker.set(0)
        answers = {}
        for _ in range(2):
            mutant_questions.take_answers(answers, {"learnt": "q", "answers": self.asker.learn("q")})
        self.asker.reference = answers

    def test_outcomes(self):
        self.assertEqual(self.asker.reference["q"]["odd"]["verdict"], None)
        self.asker.patience = 1
        for number, expected in ((0, None), (1, ("differs", "b")), (2, ("inconclusive", "b")), (3, None), (4, ("compare", "b")),
                                 (5, ("fields", "b")), (6, ("dies", "q")), (7, ("hangs", "q"))):
            with self.subTest(number):
                found = self.asker.notice(number, ["q"])
                self.assertEqual(found and (found["level"], found["by"]), expected)

    def test_leaks(self):
        """Sockets that are still there when everything was asked."""
        self.asker.slabs, mutant_guest.SETTLE_SECONDS = os.path.join(self.asker.knobs, "slabs"), 0
        for first, second, expected in ((1, 1, None), (2, 1, None), (2, 2, "tw_sock_TCP +2")):
            counts = iter(({"TCP": 5, "tw_sock_TCP": 7}, {"TCP": 5, "tw_sock_TCP": 7 + first},
                           {"TCP": 5, "tw_sock_TCP": 7 + first + second}))
            self.asker.objects = lambda: next(counts)
            said = []
            found = self.asker.notice(0, ["q"], said.append)
            self.assertEqual(found and found["what"], expected)
            self.assertEqual(len(said), 2 if first > 1 else 1)  # a guest that says nothing for long counts as hanging
            del self.asker.objects
        with open(self.asker.slabs, "w") as file:
            file.write("slabinfo - version: 2.1\n# name <active_objs> <num_objs>\nTCP 5 9 2048\nother 7 9 64\n")
        self.assertEqual(self.asker.objects(), {"TCP": 5})
        self.asker.slabs = "/nonexistent"
        self.assertEqual(self.asker.objects(), {})

    def test_reasons_of_drops(self):
        """They count if everything else is as it was, and only those that the unchanged kernel gives each time. So do resets'."""
        trace, event = (os.path.join(self.asker.knobs, name) for name in ("trace", "events/skb/kfree_skb"))
        os.makedirs(event)
        self.asker.drops = mutant_guest.Drops(self.asker.knobs)
        line = ("  twprobe-7 [000] ..... 1.5: kfree_skb: skbaddr=1 rx_sk=2 protocol=2048 location=tcp+0x1 reason: {}\n"
                "  twprobe-7 [000] ..... 1.5: tcp_send_reset: skbaddr=1 skaddr=2 src=a:1 dest=b:2 state=UNKNOWN reason=NO_{}\n")
        asking, said = self.asker.asking, []
        self.asker.asking = lambda question: [open(trace, "a").write(line.format(one, one)) for one in said.pop(0)] and asking(question)
        answers = {}
        for reasons in (("PAWS", "FLAGS", "ODD"), ("PAWS", "FLAGS")):
            said.append(reasons)
            mutant_questions.take_answers(answers, {"learnt": "q", "answers": self.asker.learn("q")})
        self.asker.reference = answers
        self.assertEqual(answers["q"][mutant_guest.DROPS]["drops"], {
            f"{event} {reason}": 1 for event, reason in (("kfree_skb", "PAWS"), ("kfree_skb", "FLAGS"), ("tcp_send_reset", "NO_PAWS"),
                                                         ("tcp_send_reset", "NO_FLAGS"))})
        for number, reasons, expected in ((0, ("FLAGS", "PAWS", "OTHER"), None),
                                          (0, ("PAWS", "NOT_SPECIFIED"), ("drops", "kfree_skb FLAGS")),
                                          (4, ("PAWS", "NOT_SPECIFIED"), ("compare", "answer"))):
            with self.subTest(reasons):
                said += [reasons, reasons] + [("PAWS", "FLAGS"), reasons] * mutant_guest.DROPS_TURNS + [("PAWS", "FLAGS")]
                found = self.asker.notice(number, ["q"])
                self.assertEqual(found and (found["level"], found["what"]), expected)
                said.clear()
        odd, usual = ("PAWS", "NOT_SPECIFIED"), ("PAWS", "FLAGS")
        for turns in ((odd, odd, odd), (odd, odd, usual, usual), (odd, odd, usual, odd, odd)):  # it comes and goes by itself
            said += turns
            self.assertIsNone(self.asker.notice(0, ["q"]))
            self.assertEqual(said, [])

    def test_a_spoilt_kernel_is_left(self):
        said = []
        mutant_guest.work_through(self.asker, [["ask", 1, ["q"]], ["ask", 8, ["q"]], ["ask", 2, ["q"]]], said.append)
        self.assertEqual([(one["asked"], one["clean"]) for one in said if "asked" in one], [(1, True), (8, False)])

    def test_numbers_are_relative(self):
        self.assertEqual(self.asker.reference["q"]["a"]["fields"]["seq"], 10)
        self.assertEqual(mutant_guest.relative(1 << 31, 5), "far")
        self.assertEqual(mutant_guest.relative(0xFFFFFFFF, 0), -1)


class Slices(unittest.TestCase):
    """What is asked about which mutant."""

    LISTING = """#!/bin/sh
say() { echo '{"record":"run","matrix_cells":'$1'}'; }
case "$*" in
"list matrices") echo "small\nlarge\nall" ;;
"list states") echo "listen\nsyn-recv" ;;
"list scenarios") echo "one\ntwo" ;;
*small*large*) say 9000 ;;
*small*listen*) echo "twprobe: no cell's name matches 'listen/*'; a name looks like so" >&2; exit 2 ;;
*small*) say 450; exit 3 ;;
*large*) say 4501 ;;
*all*only*) say 400 ;;
*all*) say 800 ;;
esac
"""

    def questions(self, text=LISTING, only=None):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "twprobe")
            with open(program, "w") as file:
                file.write(text)
            os.chmod(program, 0o755)
            return mutant_questions.Questions(program, only)

    def test_some_alone(self):
        """All parts of a matrix, whoever passes the place."""
        questions = self.questions(only=["large", "two"])
        self.assertEqual(list(questions.commands), [*(f"large {state} {number}/11" for state in ("listen", "syn-recv")
                                                      for number in range(1, 12)), "scenario two"])
        questions.places = dict.fromkeys(questions.commands, {1})
        self.assertEqual(sorted(questions.reaching(1, 7)), sorted(questions.commands))
        with self.assertRaisesRegex(WrongUsage, "three: neither a matrix nor a scenario"):
            self.questions(only=["two", "three"])

    def test_all_that_the_program_lists(self):
        questions = self.questions()
        self.assertEqual(list(questions.commands), [
            "small syn-recv 1/1", *(f"large {state} {number}/11" for state in ("listen", "syn-recv") for number in range(1, 12)),
            "all listen 1/1", "all syn-recv 1/1", "all whole 1/1", *(f"samples {number}/3" for number in (1, 2, 3)),
            "scenario one", "scenario two"])
        begin = ["matrix", "--format=json", "--seed=1"]
        self.assertEqual(questions.commands["large listen 4/11"][1:], [*begin, "--matrix=large", "--only=listen/*", "--shard=4/11"])
        self.assertEqual(questions.commands["all whole 1/1"][1:], [*begin, "--matrix=all", "--shard=1/1"])
        self.assertEqual(questions.commands["samples 3/3"][1:], [*begin, "--matrix=small", "--matrix=large", "--shard=3/3"])
        self.assertEqual(questions.commands["scenario two"][1:], ["scenario", "--format=json", "--seed=1", "--slow", "two"])
        with self.assertRaisesRegex(Trouble, "does not say how many cells --matrix=large has"):
            self.questions(self.LISTING.replace("say 4501", "true"))

    def test_learnt_once(self):
        """Where one run has learnt what the original answers, another one does not ask."""
        answers = {"a": {"verdict": "agrees", "compare": {}, "fields": {}}, "odd": {"verdict": "differs", "compare": {}, "fields": {}}}

        def start(work):
            return [{"learnt": name, "answers": answers, "places": "8"} for _, name, _ in work]
        first, second = self.questions(), self.questions()
        with tempfile.TemporaryDirectory() as folder:
            first.learn(folder, start)
            second.learn(folder, None)
            self.assertEqual(second.known, [f"{name} odd" for name in sorted(first.commands)])
            self.assertEqual(second.places, dict.fromkeys(first.commands, {0}))
            self.assertEqual(mutant_guest.Reference(second.reference)["large listen 2/11"]["a"], answers["a"])

    def test_few_cells(self):
        """All of them, the smallest parts first."""
        questions = self.questions()
        questions.places = dict.fromkeys(questions.commands, set())
        for name in ("all whole 1/1", "all listen 1/1", "small syn-recv 1/1", "large listen 7/11"):
            questions.places[name] = {1}
        questions.places["scenario two"] = {1, 2}
        self.assertEqual(questions.reaching(1, 7), ["all listen 1/1", "large listen 7/11", "small syn-recv 1/1", "scenario two"])
        self.assertEqual(questions.reaching(2, 9), ["scenario two"])
        self.assertEqual(questions.reaching(6, 1), [])

    def test_many_cells(self):
        """One part, the whole matrix, and a sample of all others."""
        questions = self.questions()
        questions.places = dict.fromkeys(questions.commands, {1})
        self.assertEqual(questions.reaching(1, 7), ["all syn-recv 1/1", "all whole 1/1", "samples 2/3", "scenario one", "scenario two"])
        self.assertEqual({questions.reaching(1, number)[2] for number in range(3)}, set(questions.samples))
        # Of the state that the function is there for, some more: each part about one change or another.
        asked = [questions.reaching(1, number, "tcp_check_req") for number in range(13)]
        self.assertEqual([name.split()[0] for name in asked[0][1:3]], ["all", "samples"])
        self.assertTrue(all(name.split()[1] == "syn-recv" for name in [asked[0][0], *asked[0][3:-2]]))
        self.assertTrue(all(len(set(names)) == len(names) for names in asked))
        of_state = {name for name in questions.commands if " syn-recv " in name}
        self.assertEqual({name for names in asked for name in names if " syn-recv " in name}, of_state)
        # What does not pass the place is not asked.
        questions.places["samples 2/3"] = questions.places["scenario one"] = questions.places["scenario two"] = questions.places["all syn-recv 1/1"] = set()
        self.assertEqual(questions.reaching(1, 7), ["all listen 1/1", "all whole 1/1", "samples 3/3"])

    def test_at_most(self):
        sizes = {"a": 2, "b": 3, "c": 1}
        self.assertEqual([mutant_questions.at_most(list("abc"), sizes, cells) for cells in (1, 2, 5, 6)],
                         [[], ["a"], ["a", "b"], ["a", "b", "c"]])
        self.assertEqual([mutant_questions.turned(list("abc"), number) for number in (0, 4)], [list("abc"), list("bca")])
        self.assertEqual(mutant_questions.turned([], 3), [])
        self.assertEqual([mutant_questions.prime(least) for least in (0, 1, 2, 4, 8, 20, 23)], [0, 1, 2, 5, 11, 23, 23])


class Scripted:
    """A guest that says what was written down for it."""

    def __init__(self, said):
        self.said = said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def records(self):
        return iter(self.said)

    def last_words(self):
        return "panic"

    def warning(self):
        return None


class Guests(unittest.TestCase):
    """Who is asked again, and in which guest."""

    def asked(self, *guests):
        """The answers about mutants 1 to 3, and with which list each guest was started."""
        started, left = [], list(guests)

        class Scripts(mutant_run.Run):
            def guest(self, work, reference):
                started.append([number for _, number, _ in work])
                return Scripted(left.pop(0))
        run = Scripts(None, mutant_questions.Questions.__new__(mutant_questions.Questions), "")
        run.questions.reference = None
        answers = [(number, found and found["level"]) for number, found in run.ask([(1, ["q"]), (2, ["q"]), (3, ["q"])])]
        return answers, started

    @staticmethod
    def said(number, level=None, clean=True):
        return [{"begins": number}, {"asks": "q"}, {"asked": number, "noticed": level and {"level": level}, "clean": clean}]

    def test_one_guest(self):
        said = [*self.said(1), *self.said(2, "differs"), *self.said(3), {"done": True}, {"ended": "done"}]
        self.assertEqual(self.asked(said), ([(1, None), (2, "differs"), (3, None)], [[1, 2, 3]]))

    def test_a_guest_that_dies(self):
        """Whose fault that is, a new guest tells."""
        first = [*self.said(1), {"begins": 2}, {"ended": "dies"}]
        for second, level in (([{"begins": 2}, {"ended": "hangs"}], "hangs"), (self.said(2) + self.said(3) + [{"ended": "done"}], None)):
            third = [*self.said(3), {"ended": "done"}]
            answers, started = self.asked(first, second, third)
            self.assertEqual(answers, [(1, None), (2, level), (3, None)])
            self.assertEqual(started, [[1, 2, 3], [2, 3]] + ([[3]] if level else []))

    def test_a_kernel_that_warns(self):
        """Only what is new on the console since the mutant before."""
        with tempfile.TemporaryDirectory() as folder:
            guest = mutant_run.Guest.__new__(mutant_run.Guest)
            guest.console, guest.read = os.path.join(folder, "console"), 0
            with open(guest.console, "w") as file:
                for said, expected in (("Linux\n", None), ("\nWARNING: CPU: 0 at x.c\n", "WARNING: CPU: 0 at x.c"), ("more\n", None),
                                       ("refcount_t: underflow\nWARNING: y\n", "refcount_t: underflow"),
                                       ("huh, entered softirq 3 NET_RX\n", "huh, entered softirq 3 NET_RX")):
                    file.write(said)
                    file.flush()
                    self.assertEqual(guest.warning(), expected)

    def test_what_was_left_behind(self):
        """A difference that the unchanged kernel then shows, too, may be an earlier mutant's."""
        first = [*self.said(1), *self.said(2, "differs", clean=False), {"ended": "done"}]
        second = [*self.said(2), *self.said(3, "differs", clean=False), {"ended": "done"}]
        third = [*self.said(3, "differs", clean=False), {"ended": "done"}]
        self.assertEqual(self.asked(first, second, third), ([(1, None), (2, None), (3, "differs")], [[1, 2, 3], [2, 3], [3]]))

    def test_a_guest_that_does_not_start(self):
        with self.assertRaisesRegex(Trouble, "the guest did not start: panic"):
            self.asked([{"ended": "dies"}])


def record(name, outcome, **more):
    return {"record": "mutant", "name": name, "file": "tcp_input.c", "line": int(name), "column": 1, "function": "tcp_fin",
            "operator": "compare", "before": "==", "after": "!=", "source": f"line {name}", "nth": 1, "outcome": outcome, "how": None,
            "reached": 1, **more}


class Report(unittest.TestCase):
    HEAD = {"record": "run", "kernel": "6.12.1", "source": "s", "arguments": [], "questions": "q", "mutants": 6, "everything": 6,
            "known": [], "questions_asked": ["acks listen 1/2", "acks listen 2/2", "time-wait time-wait 1/1", "all whole 1/1",
                                "samples 1/2", "samples 2/2", "scenario all"]}

    def write(self, explained, head=None, other=None, function="tcp_fin", more=None):
        """`explained`: what the entries say of their lines, as TOML."""
        with tempfile.TemporaryDirectory() as folder:
            parts = {"1/2": [record("1", "noticed", how="differs"), record("2", "survivor"), record("3", "same-code")],
                     "2/2": [record("4", "survivor", reached=0), record("5", "does-not-compile"), record("6", "noticed", how="fields")]}
            for shard, records in parts.items():
                with open(os.path.join(folder, f"mutants-{shard[0]}.ndjson"), "w") as file:
                    first = {**self.HEAD, **(head or {}), **((other or {}) if shard == "2/2" else {}), "shard": shard}
                    file.write("".join(json.dumps({**one, **(more or {})}) + "\n" for one in [first, *records]) + '{"cut')
            toml, page = os.path.join(folder, "mutants.toml"), os.path.join(folder, "mutants.md")
            with open(toml, "w") as file:
                for number, one in enumerate(explained):
                    file.write(f'[[survivors]]\nfunction = "{function}"\n{one}\nkind = "same"\ntext = "twice\\n{number}"\n')
            problems = mutant_report.write(folder, toml, page)
            with open(page) as file:
                text = file.read()
            packed = os.path.join(folder, "kept.ndjson.gz")
            mutant_results.keep(folder, packed)
            with open(packed, "rb") as file:
                data = file.read()
            # From the packed file comes the same page, and of it the same file.
            self.assertEqual(mutant_report.write(packed, toml, page), problems)
            with open(page) as file:
                self.assertEqual(file.read(), text)
            mutant_results.keep(packed, packed)
            with open(packed, "rb") as file:
                self.assertEqual(file.read(), data)
            return [problem.split(": ", 1)[1] for problem in problems], text

    def test_score(self):
        problems, page = self.write(['lines = ["line 2", "line 4"]'])
        self.assertEqual(problems, [])
        self.assertIn("**2 of 2 changes noticed (100 %)**, 2 survived; not counted: 1 made the\nsame code, 1 did not compile, 2 are the same behaviour.", page)
        self.assertIn("Of the 2 on lines that a question reaches, 2\nwere noticed (100 %).", page)
        self.assertIn("| `tcp_fin` | 2 | 2 | 2 | 1 | 100 % | 1 | 1 |", page)
        self.assertIn("Of the 2 survivors, 1 are on lines that no question reaches", page)
        self.assertIn("**the same behaviour**: twice 0\n\n- 2 `line 2`: `==` to `!=`\n- 4 `line 4` (not reached): `==` to `!=`\n", page)
        self.assertIn("| a cell or scenario says `differs` | 1 |", page)
        self.assertNotIn("**This is a part", page)
        self.assertIn(f"into 3 parts of at most {mutant_questions.SLICE_CELLS} cells of one state: acks 2, time-wait 1.", " ".join(page.split()))
        self.assertIn("one of 2 samples of 3,000 cells of all other matrices", " ".join(page.split()))

    def test_not_explained(self):
        problems, page = self.write(['lines = ["line 2"]', 'lines = ["line 3"]'], {"remark": "Beware of this."})
        self.assertIn("\n\nBeware of this.\n\n", page)
        self.assertEqual(problems, ["not explained", "survivors 2 (tcp_fin) fit none"])
        self.assertIn("below, 1 are **not explained yet**", page)
        self.assertIn("**2 of 3 changes noticed (66 %)**", page)  # what is not explained counts as not the same

    def test_the_first_entry_that_fits(self):
        for entries, expected in ((['change = ["compare"]\nlines = ["line 2"]', ""], ["twice 0", "twice 1"]),
                                  (['change = ["== -> !="]', ""], ["twice 0"]), (['change = ["logic"]', ""], ["twice 1"]),
                                  (["reached = false", "reached = true"], ["twice 1", "twice 0"]),
                                  (["nth = 2", "nth = 1"], ["twice 1"]),
                                  (['like = "4$"', 'like = "^line"'], ["twice 1", "twice 0"])):
            self.assertEqual(re.findall("twice .", self.write(entries)[1]), expected)

    def test_entries_of_every_function(self):
        """They have to say of which lines."""
        with self.assertRaisesRegex(WrongUsage, "survivors 1 say nothing, or of everything"):
            self.write([""], function="*")
        self.assertEqual(self.write(['like = "line [24]"'], function="*")[0], [])

    def test_a_part_says_so(self):
        problems, page = self.write(['lines = ["line 2", "line 4"]', 'lines = ["line 9"]'],
                                    {"everything": 9, "arguments": ["--sample=9", "--seed=2"],
                                     "not_asked": {"same-code": 1, "does-not-compile": 2, "not reached": 3}})
        self.assertEqual(problems, [])  # what was not asked about may survive
        self.assertIn("**This is a part, not the score**: 6 of the 9", page)
        self.assertIn("that 1 made the same code, 2 did not compile, and 3 are on lines that no question reaches.", page)
        self.assertIn("scripts/mutants run 6.12 --sample=9 --seed=2 --shard=2/2", page)

    def test_the_page_that_ships(self):
        """docs/mutants.md is what the results that ship give, and all of it is explained."""
        with tempfile.TemporaryDirectory() as folder:
            for name in ("mutants.ndjson.gz", "mutants.toml"):
                shutil.copy(os.path.join(ROOT, "docs", name), folder)
            toml, page = os.path.join(folder, "mutants.toml"), os.path.join(folder, "mutants.md")
            self.assertEqual(mutant_report.write(os.path.join(folder, "mutants.ndjson.gz"), toml, page), [])
            with open(page) as made, open(os.path.join(ROOT, "docs", "mutants.md")) as shipped:
                self.assertEqual(made.read(), shipped.read())

    def test_results_that_are_none(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "file")
            for data, said in ((b"", "no results"), (b"x\n", "these are no results"), (b"[1]\n", "these are no results"),
                               (b"\xff\n", "these are no results"), (b'{"record":"mutant"}\n', "no results")):
                with open(path, "wb") as file:
                    file.write(data)
                with self.assertRaisesRegex(WrongUsage, said):
                    mutant_results.load(path)
            os.rename(path, path + ".gz")
            with self.assertRaisesRegex(WrongUsage, "Not a gzipped file"):
                mutant_results.load(path + ".gz")

    def test_what_an_earlier_run_said(self):
        page = self.write(['lines = ["line 2", "line 4"]'], more={"taken_over": True})[1]
        self.assertIn("2 of them were noticed by an earlier run with fewer questions, and not asked about again (--again). 2 of the",
                      " ".join(page.split()))

    def test_several_runs(self):
        """Of a change the last that was asked decides; what a run took over decides only where no other has asked."""
        first = [record("1", "noticed", taken_over=True), record("2", "survivor", reached=3), record("3", "noticed", how="hangs"),
                 record("4", "survivor")]
        then = [record("1", "survivor"), record("2", "survivor", reached=0), record("3", "survivor", taken_over=True),
                record("4", "noticed", how="differs"), record("5", "survivor", reached=0)]
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, f"{number}.ndjson") for number in (1, 2)]
            toml, page, packed = (os.path.join(folder, name) for name in ("mutants.toml", "mutants.md", "kept.ndjson.gz"))
            for path, head, records in zip(paths, ({}, {"questions": "more", "arguments": ["--seed=2"]}), (first, then)):
                with open(path, "w") as file:
                    file.write("".join(json.dumps(one) + "\n" for one in [{**self.HEAD, **head, "shard": "1/1"}, *records]))
            open(toml, "w").close()
            decided = [("survivor", 1, 2), ("survivor", 3, 2), ("noticed", 1, 1), ("noticed", 1, 2), ("survivor", 0, 2)]
            mutant_results.keep(paths, packed)
            pages = []
            for results in (paths, packed):
                self.assertEqual([(one["outcome"], one["reached"], one["run"]) for one in mutant_results.load(results)[1]], decided)
                mutant_report.write(results, toml, page)
                with open(page) as file:
                    pages.append(file.read())
            self.assertEqual(*pages)
            self.assertIn("the first has decided about 1, the last about 4 changes", " ".join(pages[0].split()))
            self.assertIn("scripts/mutants run 6.12\nscripts/mutants run 6.12 --seed=2\nscripts/mutants report", pages[0])
            # A third goes on where both ended.
            found, stands = mutant_results.taken_over(packed, {**self.HEAD, "questions": "more"})
            self.assertEqual(stands, {"1", "2", "3", "4", "5"})
            with self.assertRaisesRegex(WrongUsage, "'kernel' differs"):
                with open(paths[1], "w") as file:
                    file.write(json.dumps({**self.HEAD, "kernel": "6.12.2", "shard": "1/1"}) + "\n")
                mutant_results.load(paths)

    def test_other_runs_are_not_mixed(self):
        for key in ("kernel", "source", "questions", "arguments"):
            with self.assertRaisesRegex(WrongUsage, f"'{key}' differs"):
                self.write([], other={key: "else"})


if __name__ == "__main__":
    unittest.main()
