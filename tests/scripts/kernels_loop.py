#!/usr/bin/env python3
"""The loop of scripts/kernels on a tree of two C files whose Makefile does what the kernel's does: configures from a fragment, keeps
the command of each object, says how it links with V=1."""
import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
import unittest
from types import SimpleNamespace

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts", "kernels.d"))

import bisect_step  # noqa: E402
import build  # noqa: E402
import watch  # noqa: E402
from common import Trouble  # noqa: E402

MAKEFILE = r"""
O ?= .
allnoconfig:
	echo configured >>$(O)/configured
	cp $(KCONFIG_ALLCONFIG) $(O)/.config
	mkdir -p $(O)/include/config
	printf 'deps_config := \\\n\tKconfig \\\n\n' >$(O)/include/config/auto.conf.cmd
linux: $(O)/linux
$(O)/linux: $(O)/net/ipv4/one.o $(O)/net/ipv4/two.o
	@test -z "$(V)" || echo '+ cc -Wl,--whole-archive net/ipv4/one.o net/ipv4/two.o -Wl,--no-whole-archive -o vmlinux'
	cd $(O) && cc net/ipv4/one.o net/ipv4/two.o -o linux
$(O)/%.o: $(CURDIR)/%.c $(wildcard $(O)/net/ipv4/.*.cmd)
	@mkdir -p $(@D)
	echo make >>$(O)/made
	cd $(O) && cc -DSAID=\"x\" -c -o $*.o $(CURDIR)/$*.c
	printf 'savedcmd_$*.o := cc -DSAID=\\"x\\" -c -o $*.o $(CURDIR)/$*.c\n' >$(@D)/.$(notdir $*).o.cmd
"""
ONE = '#include <stdio.h>\nint two(void);\nint main(void)\n{\n\tprintf("%s %d\\n", SAID, two());\n\treturn 0;\n}\n'
TWO = "int two(void);\nint two(void)\n{\n\treturn 2;\n}\n"


class Tree(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tree, self.folder = os.path.join(scratch.name, "tree"), os.path.join(scratch.name, "built")
        self.write("arch/um/Makefile", "")
        self.write("Kconfig", "")
        self.write("Makefile", MAKEFILE)
        self.write("net/ipv4/one.c", ONE)
        self.write("net/ipv4/two.c", TWO)
        self.said = io.StringIO()
        redirected = contextlib.redirect_stderr(self.said)
        redirected.__enter__()
        self.addCleanup(redirected.__exit__, None, None, None)
        self.addCleanup(setattr, build, "cache_folder", build.cache_folder)
        build.cache_folder = lambda: os.path.join(scratch.name, "cache")

    def write(self, name, text):
        path = os.path.join(self.tree, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def lines(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return len(file.readlines())

    def says(self, image):
        return subprocess.run([image], capture_output=True, text=True, check=True).stdout

    def test_configured_when_needed(self):
        os.makedirs(self.folder)
        build.configure(self.tree, self.folder)
        build.configure(self.tree, self.folder)
        self.assertEqual(self.lines("configured"), 1)
        later = time.time() + 10
        os.utime(os.path.join(self.tree, "Kconfig"), (later, later))
        build.configure(self.tree, self.folder)
        self.assertEqual(self.lines("configured"), 2)
        os.unlink(os.path.join(self.tree, "Kconfig"))  # make would have to choose again
        build.configure(self.tree, self.folder)
        self.assertEqual(self.lines("configured"), 3)

    def loop(self):
        loop = watch.Loop(SimpleNamespace(tree=self.tree, output=os.path.join(self.folder, "results"), once=False, jobs=1))
        self.folder = loop.folder
        return loop

    def built(self):
        loop = self.loop()
        self.assertEqual(self.says(loop.build(None)), "x 2\n")
        loop.learn()
        return loop

    def test_one_file_without_make(self):
        loop = self.built()
        made, before = self.lines("made"), watch.look(self.tree)
        self.write("net/ipv4/two.c", TWO.replace("return 2", "return 3"))
        later = time.time() + 10
        os.utime(os.path.join(self.tree, "net/ipv4/two.c"), (later, later))
        after = watch.look(self.tree)
        changed = [name for name in after if before[name] != after[name]]
        self.assertEqual(changed, ["net/ipv4/two.c"])
        self.assertEqual(self.says(loop.build(changed)), "x 3\n")
        self.assertEqual(self.lines("made"), made)
        self.assertFalse(os.path.exists(os.path.join(loop.folder, "net/ipv4/.two.o.cmd")), "make takes the object for its own")

    def test_what_failed_is_compiled_again(self):
        loop = self.built()
        self.write("net/ipv4/two.c", "error\n")
        with self.assertRaises(build.DoesNotBuild):
            loop.build(["net/ipv4/two.c"])
        self.write("net/ipv4/two.c", TWO)
        self.assertEqual(self.says(loop.build(["net/ipv4/one.c"])), "x 2\n")

    def test_what_ends_the_loop(self):
        """A tree that does not build may build after the next change, unless there is none to come; what is no tree never does."""
        loop = self.built()
        self.write("net/ipv4/two.c", "error\n")
        self.assertFalse(loop.turn())
        loop.options.once = True
        with self.assertRaises(build.DoesNotBuild):
            loop.turn()
        loop.options.once = False
        os.rename(os.path.join(self.tree, "arch"), os.path.join(self.tree, "gone"))
        with self.assertRaisesRegex(build.Trouble, "is no kernel tree"):
            loop.turn()

    def test_a_failure_is_one_line(self):
        """The compiler's first error, and where all of it is."""
        loop = self.built()
        self.said.truncate(0)
        self.write("net/ipv4/two.c", "int two(void);\nerror here;\nerror there;\n")
        with self.assertRaisesRegex(build.DoesNotBuild, r"^\S+: net/ipv4/two.c cannot be built: \S+two.c:2:1: error: [^\n]+$"):
            loop.build(["net/ipv4/two.c"])
        with self.assertRaisesRegex(build.DoesNotBuild, r"^\S+: make cannot build this kernel: \S+two.c:2:1: error: [^\n]+ "
                                    r"\(all it said: \S+/build.log\)$"):
            build.build_tree(self.tree, self.folder, 1)
        self.assertNotIn("error", self.said.getvalue())

    def test_commands_that_need_what_does_not_build(self):
        """Exit 4, and one line behind what was being done; what is not built yet is no kernel either."""
        self.write("net/ipv4/two.c", "int two(void);\nerror here;\n")
        environment = {**os.environ, "TWPROBE_CACHE": self.folder}
        for words, said in ((("build", self.tree), "make cannot build this kernel: .*two.c:2:1: error: "),
                            (("run", f"--output={self.folder}/results", self.tree), "no kernel was built of this tree: ")):
            done = subprocess.run([os.path.join(ROOT, "scripts", "kernels"), *words], capture_output=True, text=True, env=environment,
                                  stdin=subprocess.DEVNULL, check=False)
            lines = [line for line in done.stderr.splitlines() if " as user-mode Linux (" not in line]
            self.assertEqual((done.returncode, len(lines), done.stdout), (4, 1, ""), done.stderr)
            self.assertRegex(lines[0], said)

    def test_the_first_error(self):
        for said, expected in (("  CC a.o\na.c:1: Warning: no error\nb.c:2:3: error: bad\nc.c:1:1: error: worse\nmake: *** [a.o] Error 1\n",
                                "b.c:2:3: error: bad"),
                               ("CC a.o\nb.c:2:10: fatal error: x.h: No such file\n", "b.c:2:10: fatal error: x.h: No such file"),
                               ("ld: a.o: in function `f':\na.c:(.text+0x1): undefined reference to `g'\nmake: *** [linux] Error 1\n",
                                "a.c:(.text+0x1): undefined reference to `g'"),
                               ("HOSTCC x\n*** The source tree is not clean\nmake[1]: *** [all] Error 1\n", "*** The source tree is not clean"),
                               ("one\n  two\n\n", "two"), ("", "it said nothing")):
            self.assertEqual(build.first_error(said), expected)

    def test_an_interrupted_build_ends(self):
        """make, and those that it has started."""
        self.write("Makefile", "allnoconfig:\n\tcp $(KCONFIG_ALLCONFIG) $(O)/.config\nlinux:\n\tsleep 60 & echo $$! >$(O)/pid; wait\n")
        code = ("import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True; import build, signal; "
                "signal.signal(signal.SIGTERM, lambda *_: sys.exit(1)); build.build_tree(sys.argv[2], sys.argv[3], 1)")
        with subprocess.Popen([sys.executable, "-c", code, os.path.join(ROOT, "scripts", "kernels.d"), self.tree, self.folder],
                              stderr=subprocess.DEVNULL) as process:
            path = os.path.join(self.folder, "pid")
            while not os.path.exists(path) or not os.path.getsize(path):
                self.assertIsNone(process.poll())
                time.sleep(0.02)
            process.terminate()
        with open(path) as file:
            pid = file.read().strip()
        end = time.monotonic() + 10
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < end:
            time.sleep(0.02)
        self.assertFalse(os.path.exists(f"/proc/{pid}"))

    def test_what_only_make_can_do(self):
        loop = self.loop()
        self.assertFalse(loop.quick.can_build(["net/ipv4/two.c"]), "before make has built anything")
        loop.build(None)
        loop.learn()
        self.assertTrue(loop.quick.can_build(["net/ipv4/one.c", "net/ipv4/two.c"]))
        for name in ("include/net/tcp.h", "net/ipv4/Makefile", "net/ipv4/new.c"):
            self.assertFalse(loop.quick.can_build(["net/ipv4/two.c", name]), name)
        os.unlink(os.path.join(self.tree, "net/ipv4/two.c"))
        self.assertFalse(loop.quick.can_build(["net/ipv4/two.c"]), "a file that has gone")

    def step(self, code, **others):
        program = os.path.join(self.tree, "answers")
        self.write("answers", f"#!/bin/sh\necho \"$@\" >{self.tree}/asked\nexit {code}\n")
        os.chmod(program, 0o755)
        return bisect_step.step(SimpleNamespace(**{"tree": self.tree, "jobs": 1, "program": program, "kernel": "6.9",
                                                    "cell": "a/cell", **others}))

    def test_step(self):
        for code, wanted in ((0, 0), (1, 1), (3, 125), (4, 125), (2, 128), (127, 128)):
            self.assertEqual(self.step(code), wanted, code)
        with open(os.path.join(self.tree, "asked")) as file:
            self.assertEqual(file.read(), f"-q --kernel-image={build.folder_of_tree(self.tree)}/linux --kernel=6.9 a/cell\n")
        self.assertEqual(self.step(0, program="/none"), 128)
        self.assertEqual(self.step(0, tree="/none"), 128)
        self.write("net/ipv4/two.c", "error\n")
        self.assertEqual(self.step(0), 125)
        self.assertIn("error", self.said.getvalue())

    def test_no_tree(self):
        with self.assertRaisesRegex(Trouble, "no kernel tree"):
            build.build_tree("/usr", self.folder, 1)


if __name__ == "__main__":
    unittest.main()
