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


def line(number, count, function, *branches):
    return {"line_number": number, "count": count, "function_name": function, "branches": [{"count": one} for one in branches]}


PART = {"functions": [{"name": "tcp_fin", "start_line": 20}, {"name": "tcp_fin.part.0", "start_line": 20},
                      {"name": "tcp_ack", "start_line": 10}, {"name": "tcp_v4_never", "start_line": 30}],
        "lines": [line(21, 3, "tcp_fin", 3, 0), line(22, 0, "tcp_fin"), line(21, 0, "tcp_fin.part.0", 0, 5),
                  line(23, 0, "tcp_fin"), line(25, 0, "tcp_fin.part.0"), line(11, 1, "tcp_ack"), line(31, 0, "tcp_v4_never", 0, 0)]}


class Counts(unittest.TestCase):
    def test_copies_of_one_function_are_one(self):
        found = list(kernel_coverage.by_function("tcp_input.c", PART))
        self.assertEqual([one["function"] for one in found], ["tcp_ack", "tcp_fin", "tcp_v4_never"])
        self.assertEqual(found[1], {"file": "tcp_input.c", "function": "tcp_fin", "lines": 4, "reached": 1, "branches": 2, "taken": 2,
                                    "missed": [22, 23, 25]})
        self.assertEqual(kernel_coverage.ranges(found[1]["missed"]), "22-23, 25")

    def test_page(self):
        found = list(kernel_coverage.by_function("tcp_input.c", PART))
        tree = os.path.join(ROOT, "tests")
        kernel_coverage.version_of, kept = (lambda tree: "9.9.9"), kernel_coverage.version_of
        try:
            text = kernel_coverage.page(tree, found, {"cells": "3 cells.", "scenarios": "2 scenarios"}, SimpleNamespace(version="9.9"))
        finally:
            kernel_coverage.version_of = kept
        for wanted in ("scripts/kernels coverage 9.9.9\n", "| tcp_input.c | 2 of 6 (33 %) | 2 of 4 (50 %) |\n",
                       "| tcp_input.c | `tcp_fin` | 1 of 4 (25 %) | 2 of 2 (100 %) | 22-23, 25 |\n",
                       "| tcp_input.c | `tcp_ack` | 1 of 1 (100 %) | none |  |\n", "- tcp_input.c: `tcp_v4_never`\n"):
            self.assertIn(wanted, text)


if __name__ == "__main__":
    unittest.main()
