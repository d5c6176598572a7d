#!/usr/bin/env python3
"""What `scripts/kernels coverage` makes of gcov's counts."""
import os
import sys
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
                                           "taken": 2, "missed": [18, 19, 21]})
        self.assertEqual(kernel_coverage.ranges([17, 18, 20]), "17-18, 20")

    def test_page(self):
        kernel_coverage.version_of, kept = (lambda tree: "9.9.9"), kernel_coverage.version_of
        try:
            text = kernel_coverage.page("", self.found(), {"cells": "3 cells.", "scenarios": "2 scenarios"}, SimpleNamespace(version="9.9"))
        finally:
            kernel_coverage.version_of = kept
        for wanted in ("scripts/kernels coverage 9.9.9\n", "\n- 3 cells\n", "| tcp_input.c | 2 of 6 (33 %) | 2 of 4 (50 %) |\n",
                       "| tcp_input.c | `tcp_fin` | 1 of 4 (25 %) | 2 of 2 (100 %) | 18-19, 21 |\n",
                       "| tcp_input.c | `tcp_ack` | 1 of 1 (100 %) | none |  |\n", "- tcp_input.c: `tcp_v4_never`\n"):
            self.assertIn(wanted, text)


if __name__ == "__main__":
    unittest.main()
