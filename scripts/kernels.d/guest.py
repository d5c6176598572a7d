"""One guest: QEMU with no network card, the console in one memory file and the results in another.

Nothing is written to the disk and the guest dies with us, so that no kind of death of this program leaves something.
"""
import io
import os
import re
import shutil
import subprocess
import tarfile
import time

import initramfs
import store
from common import Trouble, note

QEMU = "qemu-system-x86_64"
MEMORY_MB = 768
# Under emulation the guest's clock counts its instructions (one a nanosecond) and jumps over idle time. However slow or
# busy this machine is, the guest does not see it: no timer of its kernel and no time-out of twprobe is ever late.
ACCELERATION = {"kvm": ["-accel", "kvm", "-cpu", "host"],
                "tcg": ["-accel", "tcg", "-cpu", "max,la57=off", "-icount", "shift=0,sleep=off"]}
COMMAND_LINE = "console=ttyS0 quiet panic=-1 oops=panic random.trust_cpu=on 8250.nr_uarts=2 rdinit=/init"
PROOF_SECONDS = 20


class Run:
    """A process with a deadline."""

    def __init__(self, seconds):
        self.begun = time.monotonic()
        self.deadline = self.begun + seconds
        self.seconds = seconds
        self.timed_out = False
        self.process = None

    def elapsed(self):
        return time.monotonic() - self.begun

    def poll(self):
        """True when it has ended; ends it at its deadline."""
        if self.process.poll() is None and time.monotonic() >= self.deadline:
            self.timed_out = True
            self.end()
        return self.process.poll() is not None

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Guest(Run):
    """A running guest; poll() until finished, then result() or trouble()."""

    def __init__(self, kernel, archive, accel, seconds):
        super().__init__(seconds)
        self.kernel = kernel
        self.console = memory_file("console")
        self.port = memory_file("results")
        initrd = memory_file("initramfs")
        os.write(initrd, archive)
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", qemu(), "-no-user-config", "-nodefaults", "-no-reboot",
             "-display", "none", "-machine", "pc", *ACCELERATION[accel], "-smp", "1", "-m", str(MEMORY_MB),
             "-kernel", store.image(kernel), "-initrd", f"/proc/self/fd/{initrd}", "-append", COMMAND_LINE,
             "-serial", f"file:/proc/self/fd/{self.console}", "-serial", f"file:/proc/self/fd/{self.port}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            pass_fds=(initrd, self.console, self.port), start_new_session=True)
        os.close(initrd)

    def close(self):
        self.end()
        self.process.stderr.close()
        os.close(self.console)
        os.close(self.port)

    def log(self):
        return contents(self.console).replace(b"\r", b"")

    def stage(self):
        steps = re.findall(rb"twprobe-guest: (running|sending|done)", self.log())
        return steps[-1].decode() if steps else "booting"

    def result(self):
        """{output, errors, status, uptime} as bytes, or None when the guest did not send it whole."""
        try:
            with tarfile.open(fileobj=io.BytesIO(contents(self.port)), mode="r:gz") as archive:
                return {member.name: archive.extractfile(member).read() for member in archive}
        except (tarfile.TarError, EOFError, OSError, ValueError):
            return None

    def trouble(self):
        """Why there is no result."""
        if self.timed_out:
            return f"still {self.stage()} after {self.seconds:.0f} s; a longer --timeout= may help"
        panic = re.search(rb"Kernel panic - not syncing: ([^\n]*)", self.log())
        if panic:
            return f"kernel panic while {self.stage()}: {panic.group(1).decode(errors='replace')}"
        if self.process.returncode:
            said = self.process.stderr.read().decode(errors="replace").strip().splitlines()
            how = f"ended with {code}" if (code := self.process.returncode) > 0 else f"died of signal {-code}"
            return f"QEMU {how}" + (": " + said[-1].removeprefix(QEMU + ": ") if said else "")
        return f"the guest ended while {self.stage()}, without a whole result"


def memory_file(name):
    return os.memfd_create(name, 0)


def contents(fd):
    return os.pread(fd, os.fstat(fd).st_size, 0)


def qemu():
    path = shutil.which(QEMU)
    if not path:
        raise Trouble(f"no {QEMU} on this machine: install qemu-system-x86")
    return path


def choose_acceleration(kernel):
    """KVM only when a guest really runs under it: with nested virtualisation /dev/kvm may answer and still hang."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        reason = "no access to /dev/kvm" if os.path.exists("/dev/kvm") else "no /dev/kvm"
        note(f"software emulation ({reason})")
        return "tcg"
    archive = initramfs.build(store.folder(kernel), ["/bin/busybox", "echo", "alive"])
    guest = Guest(kernel, archive, "kvm", PROOF_SECONDS)
    try:
        while not guest.poll():
            time.sleep(0.05)
        result = guest.result()
        if result and result["output"] == b"alive\n":
            note(f"KVM (a guest booted in {guest.elapsed():.1f} s)")
            return "kvm"
        note(f"software emulation (KVM does not work here: {guest.trouble()})")
        return "tcg"
    finally:
        guest.close()
