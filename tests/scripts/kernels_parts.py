#!/usr/bin/env python3
"""The parts of scripts/kernels that need neither a mirror nor a guest."""
import contextlib
import gzip
import json
import os
import sys
import tempfile
import unittest
from types import SimpleNamespace

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts", "kernels.d"))

import baseline  # noqa: E402
import catalogue  # noqa: E402
import local  # noqa: E402
import mirror  # noqa: E402
import report  # noqa: E402
import runner  # noqa: E402
import store  # noqa: E402
from common import Trouble, WrongUsage  # noqa: E402


@contextlib.contextmanager
def patched_environment(name, value):
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def uris(*pairs):
    return "".join(f"'{uri}/dists/{suite}/InRelease' name 0 \n" for uri, suite in pairs)


def paragraph(name, version, depends="", size=1000):
    return (f"Package: {name}\nVersion: {version}\nDepends: {depends}\nFilename: pool/{name}.deb\nSize: {size}\n"
            f"SHA256: 00\nDescription: text\n of: more lines\n")


class Archives(unittest.TestCase):
    def test_debian_among_others(self):
        text = uris(("http://other.example/linux/debian", "bookworm"), ("http://d.example/debian", "bookworm"),
                    ("http://d.example/debian", "bookworm-updates"), ("http://d.example/sec", "bookworm-security"),
                    ("http://pg.example/apt", "bookworm-pgdg"), ("http://js.example/x", "nodistro"))
        self.assertEqual(mirror.choose_archives(text), ("http://d.example/debian", "http://d.example/sec"))

    def test_security_beside_the_archive(self):
        text = uris(("http://d.example/debian", "trixie"))
        self.assertEqual(mirror.choose_archives(text)[1], "http://d.example/debian-security")

    def test_none(self):
        with self.assertRaisesRegex(Trouble, "TWPROBE_MIRROR"):
            mirror.choose_archives(uris(("http://u.example/ubuntu", "noble")))

    def test_mirror_list(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("# comment\nhttps://first.example/debian/ priority:1\nhttps://second.example/debian\n")
            file.flush()
            self.assertEqual(mirror.through_list("mirror+file://" + file.name), "https://first.example/debian")


class Catalogue(unittest.TestCase):
    def kernels(self, suite, *paragraphs):
        packages = catalogue.packages_of("\n".join(paragraphs).encode())
        return {kernel.version: kernel for kernel in catalogue.kernels_of(suite, "http://d.example", packages)}

    def test_one_package(self):
        found = self.kernels("bullseye", paragraph("linux-image-5.10.0-46-cloud-amd64", "5.10.262-1"),
                             paragraph("linux-image-5.10.0-46-cloud-amd64-unsigned", "5.10.262-1"),
                             paragraph("linux-image-cloud-amd64", "5.10.262-1"),
                             paragraph("linux-image-5.10.0-46-rt-amd64", "5.10.262-1"),
                             paragraph("linux-image-5.10.0-46-cloud-amd64-dbg", "5.10.262-1"))
        self.assertEqual([(kernel.version, kernel.package) for kernel in found.values()],
                         [("5.10.262", "linux-image-5.10.0-46-cloud-amd64")])
        self.assertTrue(found["5.10.262"].has_modules())

    def test_split_packages(self):
        abi, version = "7.2.13+deb14-cloud-amd64", "7.2.13-1"
        depends = f"kmod, linux-binary-{abi} (= {version}), linux-modules-{abi} (= {version})"
        found = self.kernels("sid", paragraph("linux-image-" + abi, version, depends),
                             paragraph("linux-binary-" + abi, version),
                             paragraph("linux-binary-unsigned-" + abi, version),
                             paragraph("linux-modules-" + abi, version),
                             paragraph("linux-modules-" + abi, "7.2.12-1"))
        self.assertEqual(sorted(part["name"] for part in found["7.2.13"].parts),
                         ["linux-" + kind + abi for kind in ("binary-", "image-", "modules-")])

    def test_not_signed_yet(self):
        abi, version = "7.3.4+deb13-cloud-amd64", "7.3.4-1~bpo13+1"
        found = self.kernels("x", paragraph("linux-binary-unsigned-" + abi, version),
                             paragraph("linux-modules-" + abi, version))
        self.assertEqual(sorted(part["name"] for part in found["7.3.4"].parts),
                         ["linux-binary-unsigned-" + abi, "linux-modules-" + abi])

    def test_sources(self):
        packages = catalogue.packages_of("\n".join((
            paragraph("linux-source", "6.1.180-1"), paragraph("linux-source-6.1", "6.1.180-1~deb11u1"),
            paragraph("linux-source-7.3", "7.3~rc7-1~exp1"), paragraph("linux-image-6.1.0-56-cloud-amd64", "6.1.192-2"))).encode())
        self.assertEqual([(source["version"], source["uri"]) for source in catalogue.sources_of("http://d.example", packages)],
                         [("6.1.180", "http://d.example/pool/linux-source-6.1.deb"),
                          ("7.3-rc7", "http://d.example/pool/linux-source-7.3.deb")])
        self.assertEqual([kernel.version for kernel in catalogue.kernels_of("bookworm", "http://d.example", packages)], ["6.1.192"])

    def test_modules_gone(self):
        abi, version = "7.1.3+deb13-cloud-amd64", "7.1.3-1"
        found = self.kernels("x", paragraph("linux-image-" + abi, version, f"linux-binary-{abi} (= {version})"),
                             paragraph("linux-binary-" + abi, version))
        self.assertFalse(found["7.1.3"].has_modules())

    def test_order(self):
        versions = ["5.10.9", "5.10.262", "6.1.0", "6.12.1", "7.3-rc2", "7.3-rc10", "7.3", "7.3.4"]
        self.assertEqual(sorted(reversed(versions), key=catalogue.order), versions)

    def test_select(self):
        kernels = [SimpleNamespace(version=version, package_version=version + "-1") for version in
                   ("5.10.9", "5.10.262", "6.1.192", "7.3-rc7", "7.3.4")]
        for wanted, versions in (("5.10", ["5.10.262"]), ("5.10.9", ["5.10.9"]), ("v6.1", ["6.1.192"]), ("6", ["6.1.192"]),
                                 ("7.3", ["7.3.4"]), ("7.3~rc7", ["7.3-rc7"]), ("candidate", ["7.3-rc7"]),
                                 ("oldest", ["5.10.9"]), ("newest", ["7.3.4"]),
                                 ("series", ["5.10.262", "6.1.192", "7.3.4"])):
            got = [kernel.version for kernel in catalogue.select(kernels, wanted)]
            self.assertEqual(got, versions, wanted)
        for wanted in ("5.1", "8", "nonsense", "5.10.26", ""):
            with self.assertRaises(Trouble, msg=wanted):
                catalogue.select(kernels, wanted)

    def test_preference(self):
        def kernel(version, suite, package="linux-image-1-cloud-amd64"):
            return SimpleNamespace(package=package, package_version=version, suite=suite)
        best = kernel("6.1.192-2", "bookworm-security")
        for worse in (kernel("6.1.192-1", "bookworm-security"), kernel("6.1.192-3~deb11u1", "bullseye-security"),
                      kernel("6.1.192-2", "bookworm-security", "linux-image-1-amd64"), kernel("6.1.192-2", "sid")):
            self.assertGreater(catalogue.preference(best), catalogue.preference(worse))


class Packages(unittest.TestCase):
    def test_what_is_unpacked(self):
        for name, place in (("./boot/vmlinuz-5.10.0-46-cloud-amd64", "vmlinuz"),
                            ("./usr/lib/modules/7.2/vmlinuz", "vmlinuz"), ("./boot/System.map-5.10.0", None),
                            ("./lib/modules/5.10/kernel/net/ipv4/tcp_diag.ko", "modules/tcp_diag.ko"),
                            ("./usr/lib/modules/7/kernel/net/ipv4/inet_diag.ko.xz", "modules/inet_diag.ko.xz"),
                            ("./lib/modules/5.10/kernel/drivers/net/veth.ko", "modules/veth.ko"),
                            ("./lib/modules/6.1/kernel/net/netfilter/ipvs/ip_vs.ko.xz", "modules/ip_vs.ko.xz"),
                            ("./lib/modules/6.1/modules.builtin", "modules/modules.builtin"),
                            ("./lib/modules/5.10/kernel/drivers/net/ethernet/x/y.ko", None),
                            ("./lib/modules/../../etc/kernel/net/ipv4/x", None)):
            self.assertEqual(store.place_of(SimpleNamespace(name=name, isfile=lambda: True)), place)


def result(lines, status=b"0\n", errors=b""):
    return {"output": "".join(json.dumps(line) + "\n" for line in lines).encode(), "errors": errors, "status": status,
            "uptime": b"1\n"}


RUN, SUMMARY = {"record": "run"}, {"record": "summary"}


def cell(verdict):
    return {"record": "cell", "verdict": verdict}


class Results(unittest.TestCase):
    def test_whole(self):
        lines = [RUN, cell("agrees"), cell("differs"), SUMMARY]
        self.assertIsNone(runner.check(result(lines, b"1\n")))
        self.assertEqual(runner.describe(runner.count(result(lines)["output"])), "2 cells, 1 differs")

    def test_not_whole(self):
        for lines, status, why in (([RUN, cell("agrees")], b"0\n", "line 2 .* summary record belongs"),
                                   ([], b"0\n", "empty"), ([SUMMARY, SUMMARY], b"0\n", "line 1"),
                                   ([RUN, SUMMARY, cell("agrees")], b"0\n", "line 2"),
                                   ([RUN, SUMMARY], b"4\n", "ended with 4: no root"),
                                   ([RUN, SUMMARY], b"139\n", "ended with 139")):
            self.assertRegex(runner.check(result(lines, status, b"x\nno root\n")), why)
        broken = result([RUN, SUMMARY])
        broken["output"] = broken["output"][:-5]
        self.assertRegex(runner.check(broken), "line 2 .* not a record")


class Images(unittest.TestCase):
    """The header is that of the kernel's Documentation/arch/x86/boot.rst."""

    def bzimage(self, folder, name, text):
        data = bytearray(0x400)
        data[0x202:0x206] = b"HdrS"
        data[0x20e:0x210] = (0x100).to_bytes(2, "little")
        data[0x300:0x300 + len(text)] = text
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def test_files_and_trees(self):
        with tempfile.TemporaryDirectory() as folder, patched_environment("TWPROBE_CACHE", folder):
            path = self.bzimage(folder, "tree/arch/x86/boot/bzImage", b"6.12.1-x (y) #1\0")
            for name, engine in ((path, "auto"), (path, "qemu"), (folder + "/tree", "auto"), (folder + "/tree", "qemu")):
                image = local.image_of(name, engine)
                self.assertEqual((image.image, image.version), (path, "6.12.1-x"))
            uml = os.path.join(folder, "tree", "linux")
            with open(uml, "w") as file:
                file.write("#!/bin/sh\necho 6.12.2\n")
            os.chmod(uml, 0o755)
            self.assertEqual(local.image_of(folder + "/tree").version, "6.12.2")  # it starts faster
            self.assertEqual(local.image_of(folder + "/tree", "qemu").image, path)
            text = os.path.join(folder, "text")
            with open(text, "w") as file:
                file.write("no kernel")
            for name, engine, why in ((folder, "auto", "no kernel was built"), (text, "auto", "neither a user-mode Linux"),
                                      (uml, "qemu", "not a bzImage"), (path, "uml", "not a user-mode Linux"),
                                      (folder + "/none", "auto", "No such file")):
                with self.assertRaisesRegex(Trouble, why, msg=name):
                    local.image_of(name, engine)

    def test_a_header_that_says_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            for text in (b"", b"\0", b"../../x (y)\0", b"\xff\xff"):
                self.assertEqual(local.release_of(self.bzimage(folder, "image", text)), "unknown")


class Baselines(unittest.TestCase):
    RUN = {"record": "run", "format_version": 1, "kernel": "k", "matrix": "m", "expect": "linux", "cells": 1, "matrix_cells": 1,
           "repeat": 1, "shard": None, "started": "2026-01-01T00:00:00Z"}
    CELL = {"record": "cell", "cell": "c", "number": 0, "answer": "ack", "isn": None, "verdict": "agrees", "state_after": "closed",
            "follow_up": {"stimulus": "s", "answer": "ack", "isn": None}, "received": [{"seq": 1}]}
    SUMMARY = {"record": "summary", "cells": 1, "interrupted": False, "seconds": 1.5}

    def read(self, *records):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("".join(json.dumps(record) + "\n" for record in records))
            file.flush()
            return baseline.read(file.name)

    def test_whole(self):
        records = self.read(self.RUN, self.CELL, self.SUMMARY)
        self.assertEqual(records[1]["follow_up"], {"answer": "ack", "isn": None})
        self.assertEqual([len(record) for record in records], [9, 7, 3])
        again = self.read(self.RUN | {"started": "later"}, self.CELL | {"received": []}, self.SUMMARY | {"seconds": 9})
        self.assertEqual(baseline.packed(records), baseline.packed(again))
        other = self.read(self.RUN, self.CELL | {"answer": "rst"}, self.SUMMARY)
        self.assertNotEqual(baseline.packed(records), baseline.packed(other))

    def run_of(self, kernel, answers):
        cells = [self.CELL | {"cell": name, "number": number, "answer": answer} for number, (name, answer) in enumerate(answers.items())]
        return [self.RUN | {"kernel": kernel, "cells": len(cells), "matrix_cells": len(cells)}, *cells,
                self.SUMMARY | {"cells": len(cells)}]

    def ships(self, folder, runs):
        """What is in the folder after these runs have been written to it: by name, (all its records, those in the file)."""
        with tempfile.TemporaryDirectory() as results:
            for name, records in runs.items():
                with open(os.path.join(results, name + ".ndjson"), "w") as file:
                    file.write("".join(json.dumps(record) + "\n" for record in records))
            baseline.write(results, folder)
        found = {}
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            with gzip.open(path, "rt") as file:
                found[name.removesuffix(".ndjson.gz")] = baseline.unpacked(path), [json.loads(line) for line in file]
        return found

    def test_only_what_differs(self):
        old, new = {"a": "ack", "b": "rst", "c": "ack"}, {"a": "ack", "b": "silence", "c": "ack"}
        with tempfile.TemporaryDirectory() as folder:
            found = self.ships(folder, {"6.9": self.run_of("6.9", old), "6.10": self.run_of("6.10", new), "5.1": self.run_of("5.1", {"a": "ack"})})
            self.assertEqual([record.get("cell") for record in found["6.9"][1]], [None, "b", None])
            self.assertEqual(found["6.9"][1][0]["like"], "6.10")
            self.assertEqual([len(found[name][1]) for name in ("6.10", "5.1")], [5, 3])
            before = {name: whole for name, (whole, _) in found.items()}
            self.assertEqual([record["answer"] for record in before["6.9"][1:-1]], list(old.values()))
            # The kernel that others are like becomes an older one, with other answers than before.
            found = self.ships(folder, {"6.10": self.run_of("6.10", old), "6.11": self.run_of("6.11", new)})
            self.assertEqual({name: found[name][0] for name in ("6.9", "5.1")}, {name: before[name] for name in ("6.9", "5.1")})
            self.assertEqual([found[name][1][0].get("like") for name in ("6.9", "6.10", "6.11", "5.1")], ["6.11", "6.11", None, None])

    def test_not_whole(self):
        for records in ([], [self.RUN], [self.RUN, self.CELL], [self.RUN, self.CELL, self.CELL, self.SUMMARY],
                        [self.RUN | {"shard": "1/2"}, self.CELL, self.SUMMARY],
                        [self.RUN, self.CELL, self.SUMMARY | {"interrupted": True}],
                        [self.RUN, {"record": "cell"}, self.SUMMARY], [["record"]]):
            with self.assertRaises(WrongUsage):
                self.read(*records)


class Scenarios(unittest.TestCase):
    def test_table(self):
        def results(folder, version, verdict):
            records = [{"record": "run"}, {"record": "scenario", "scenario": "one", "verdict": verdict, "reason": "why",
                                           "steps": [{"checks": [1]}, {"checks": []}]}]
            with open(os.path.join(folder, version + ".ndjson"), "w") as file:
                file.write("".join(json.dumps(record) + "\n" for record in records))
        with tempfile.TemporaryDirectory() as folder:
            for version, verdict in (("6.9.1", "agrees"), ("5.10.3", "agrees"), ("6.18.4", "differs")):
                results(folder, version, verdict)
            text, wrong = report.scenario_table(report.result_files(folder))
            told, right = report.scenario_table(report.result_files(folder), {("one", "6.18.4"): "so it is", ("one", "5.10.3"): "no"})
        self.assertIn("| `one` | 5.10.3 to 6.9.1: **agrees, 1 check**<br>6.18.4: **differs, 1 check** |", text)
        self.assertEqual(wrong, ["scenario one on 6.18.4: differs: why"])
        self.assertEqual((told, right), (text + "\n`one` on 6.18.4: so it is\n", []))

    def test_a_page_for_a_browser(self):
        def group(cell, what="answer", kind="different", **values):
            return {"record": "group", "kind": kind, "in": "a/b", "what": what, "values": values, "count": 1, "example": cell, "cells": [cell]}

        records = [{"record": "comparison", "files": [{"label": "old"}, {"label": "new"}]},
                   group("time-wait/syn/x", old="ack", new="rst"), group("time-wait/rst/x", old="ack", new="rst"),
                   group("listen/syn/x", what="window", old="1", new="2"), {"record": "summary"}]
        toml = """
            change = [{id = "a", title = "A", subject = "tcp: a", since = "6.0", how = "read", sure = "sure", text = "one\\ntwo\\n\\nthree"},
                      {id = "b", title = "B", since = "7.0", how = "seen", sure = "unsure", text = "four"}]
            difference = [{cells = ["time-wait/syn/*"], what = ["answer"], changes = ["a"]},
                          {cells = ["time-wait/rst/*"], what = ["answer"], changes = ["b"]}]
            """
        with tempfile.TemporaryDirectory() as folder:
            program, page, explanations = (os.path.join(folder, name) for name in ("program", "page.html", "why.toml"))
            for version in ("6.9.1", "5.10.3"):
                with open(os.path.join(folder, version + ".ndjson"), "w"):
                    pass
            with open(explanations, "w") as file:
                file.write(toml)
            answer = "\n".join(json.dumps(record) for record in records)
            for code, script in ((0, f'case "$*" in *=json) echo \'{answer}\' ;; *) echo "$@"; cat ;; esac; exit 1'), (2, 'echo no >&2; exit 2')):
                with open(program, "w") as file:
                    file.write("#!/bin/sh\n" + script + "\n")
                os.chmod(program, 0o755)
                if code:
                    self.assertRaisesRegex(report.Trouble, "^no$", report.write_html, program, folder, explanations, page)
                else:
                    wrong = report.write_html(program, folder, explanations, page)
            with open(page) as file:
                command, *notes = file.read().splitlines()
        self.assertEqual(command, f"compare --fields {folder}/5.10.3.ndjson {folder}/6.9.1.ndjson --format=html --notes=-")
        self.assertEqual([json.loads(note) for note in notes], [
            {"record": "note", "format_version": 1, "title": "A", "says": ["one two", "three"], "about": "`tcp: a`; since 6.0; read; sure.",
             "for": [{"cells": ["time-wait/syn/*"], "what": ["answer"]}]},
            # Both kernels are older than the change: it does not tell why they differ.
            {"record": "note", "format_version": 1, "title": "B", "says": ["four", "These versions do not fit all of the differences, for instance "
                                                      "`time-wait/rst/x`."],
             "about": "since 7.0; seen; unsure.", "for": [{"cells": ["time-wait/rst/*"], "what": ["answer"]}]}])
        self.assertEqual(wrong, ["listen/syn/x and 0 more: no explanation", "time-wait/rst/x and 0 more: does not fit its explanation"])


if __name__ == "__main__":
    unittest.main()
