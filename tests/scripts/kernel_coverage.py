#!/usr/bin/env python3
"""What `scripts/kernels coverage` makes of gcov's counts."""
import os
import sys
import tempfile
import unittest
from types import SimpleNamespace

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts", "kernels.d"))

import kernel_coverage  # noqa: E402


SOURCE = """/* tcp_none() { */
static int limit = 3;

static void tcp_ack(struct sock *sk,
		    int flag)
{
	if (flag)
		tcp_fin(sk);
}
EXPORT_SYMBOL(tcp_ack);

#define X(a) \\
	f(a)

int tcp_fin(struct sock *sk)
{
	switch (X(1)) {
	case 1:
		break;
	}
	return 0;
}

static struct ops ops = {
	.fin = tcp_fin,
};

static __init void tcp_v4_never(void)
{
	panic("");
}
"""


def line(number, count, *branches):
    return {"line_number": number, "count": count, "branches": [{"count": one} for one in branches]}


LINES = [line(17, 3, 3, 0), line(18, 0), line(17, 0, 0, 5), line(19, 0), line(21, 0), line(7, 1), line(30, 0, 0, 0), line(2, 1)]


class Counts(unittest.TestCase):
    def test_functions(self):
        self.assertEqual(kernel_coverage.functions_of(SOURCE), [(4, 9, "tcp_ack"), (15, 22, "tcp_fin"), (28, 31, "tcp_v4_never")])

    def found(self):
        return list(kernel_coverage.by_function("tcp_input.c", kernel_coverage.functions_of(SOURCE), LINES))

    def test_copies_of_one_function_are_one(self):
        self.assertEqual([one["function"] for one in self.found()], ["tcp_ack", "tcp_fin", "tcp_v4_never"])
        self.assertEqual(self.found()[1], {"file": "tcp_input.c", "function": "tcp_fin", "lines": 4, "reached": 1, "branches": 2,
                                           "taken": 2, "code": [17, 18, 19, 21], "missed": [18, 19, 21]})
        self.assertEqual(kernel_coverage.ranges([17, 18, 20]), "17-18, 20")

    def test_why(self):
        """Lines that follow each other have the reason of the first that has one; what says nothing about reaching is none."""
        entry = {"function": "tcp_fin", "kind": "question", "text": "because\nof it"}
        one = {"file": "tcp_input.c", "function": "tcp_fin", "code": [17, 18, 19, 20, 21], "missed": [18, 19, 21]}
        self.assertEqual(kernel_coverage.runs(one), [[18, 19], [21]])
        with tempfile.TemporaryDirectory() as tree:
            os.makedirs(os.path.join(tree, "net", "ipv4"))
            with open(os.path.join(tree, "net", "ipv4", "tcp_input.c"), "w") as file:
                file.write(SOURCE)
            for more, expected in (({"lines": ["break;"]}, "  - 18-19: a question not asked yet: because of it\n  - 21: no reason is written down yet\n"),
                                   ({}, "  - 18-19, 21: a question not asked yet: because of it\n"),
                                   ({"like": "^return", "function": "*"}, "  - 18-19: no reason is written down yet\n  - 21: a question not asked yet: because of it\n"),
                                   ({"like": "^return", "reached": True}, "no reason"), ({"kind": "same"}, "no reason"),
                                   ({"change": ["compare"]}, "no reason"), ({"function": "tcp_ack"}, "no reason")):
                text = kernel_coverage.why(tree, [one], [{**entry, **more}])
                self.assertIn(expected, text)
            self.assertIn("Of 3 lines, 3 have no reason yet.", text)

    def test_page(self):
        kernel_coverage.version_of, kept = (lambda tree: "9.9.9"), kernel_coverage.version_of
        options = SimpleNamespace(version="9.9", explanations=os.path.join(ROOT, "docs", "mutants.toml"))
        try:
            with tempfile.TemporaryDirectory() as tree:
                os.makedirs(os.path.join(tree, "net", "ipv4"))
                with open(os.path.join(tree, "net", "ipv4", "tcp_input.c"), "w") as file:
                    file.write(SOURCE)
                text = kernel_coverage.page(tree, self.found(), {"cells": "3 cells.", "scenarios": "2 scenarios"}, options)
        finally:
            kernel_coverage.version_of = kept
        for wanted in ("scripts/kernels coverage 9.9.9\n", "\n- 3 cells\n", "| tcp_input.c | 2 of 6 (33 %) | 2 of 4 (50 %) |\n",
                       "| tcp_input.c | `tcp_fin` | 1 of 4 (25 %) | 2 of 2 (100 %) | 18-19, 21 |\n", "\n- `tcp_fin`\n  - 18-19",
                       "| tcp_input.c | `tcp_ack` | 1 of 1 (100 %) | none |  |\n", "- tcp_input.c: `tcp_v4_never`\n"):
            self.assertIn(wanted, text)


if __name__ == "__main__":
    unittest.main()
