"""This machine's own kernel as a column: the same program and options with no guest around it."""
import os
import subprocess
import tempfile

from guest import Run


class Running:
    """Takes the place of a kernel of the catalogue."""

    package = "this machine's kernel"
    package_version = ""

    def __init__(self):
        self.version = os.uname().release


class Local(Run):
    """Has the interface of a Guest. It runs in its own lab, with root or where user namespaces are allowed."""

    def __init__(self, command, seconds):
        super().__init__(seconds)
        self.output = tempfile.TemporaryFile()
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL,
                                        stdout=self.output, stderr=self.errors, start_new_session=True)

    def close(self):
        self.end()
        self.output.close()
        self.errors.close()

    def log(self):
        return b""

    def stage(self):
        return "running"

    def result(self):
        if self.timed_out:
            return None
        status = self.process.returncode
        return {"output": contents(self.output), "errors": contents(self.errors), "uptime": b"",
                "status": str(status if status >= 0 else 128 - status).encode()}

    def trouble(self):
        return f"still running after {self.seconds:.0f} s; a longer --timeout= may help"


def contents(file):
    file.seek(0)
    return file.read()
