"""The guest's whole file system: an uncompressed cpio archive in memory (see the kernel's
Documentation/driver-api/early-userspace/buffer-format.rst)."""
import gzip
import lzma
import os
import re
import shlex
import shutil
import stat
import subprocess

from common import Trouble

INIT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guest-init")
MODULES = ("af_packet", "ipv6", "tcp_diag")


class Archive:
    """Collects files and yields them as a cpio archive in the newc format."""

    def __init__(self):
        self.data = bytearray()
        self.names = set()

    def add(self, name, mode, content=b""):
        name = name.strip("/")
        if name in self.names:
            return
        self.names.add(name)
        if os.path.dirname(name):
            self.folder(os.path.dirname(name))
        self.entry(name, mode, content)

    def entry(self, name, mode, content):
        path = name.encode() + b"\0"
        # magic, inode, mode, uid, gid, links, mtime, size, device and rdevice (major, minor), name's size, checksum
        fields = (len(self.names), mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(path), 0)
        self.data += b"070701" + b"".join(b"%08X" % field for field in fields) + path
        self.pad()
        self.data += content
        self.pad()

    def pad(self):
        self.data += bytes(-len(self.data) % 4)

    def folder(self, name):
        self.add(name, stat.S_IFDIR | 0o755)

    def file(self, path, name=None, mode=0o755):
        with open(path, "rb") as file:
            self.add(name or path, stat.S_IFREG | mode, file.read())

    def text(self, name, content, mode=0o644):
        self.add(name, stat.S_IFREG | mode, content.encode())

    def program(self, path, name):
        """A program with the shared libraries that it needs, under the names by which the loader looks for them."""
        self.file(path, name)
        for library in libraries(path):
            self.file(library)

    def finish(self):
        self.entry("TRAILER!!!", 0, b"")
        return bytes(self.data)


def libraries(path):
    answer = subprocess.run(["ldd", path], capture_output=True, text=True, check=False)
    missing = re.findall(r"(\S+) => not found", answer.stdout)
    if missing:
        raise Trouble(f"{path}: needs {', '.join(missing)}, which this machine does not have")
    return re.findall(r"(?:=> |^\s)(/\S+) \(0x", answer.stdout, re.M)


def busybox():
    path = shutil.which("busybox")
    if not path:
        raise Trouble("no busybox on this machine, which is the guest's shell: install busybox-static")
    return path


def plain_module(path):
    """Old kernels load no compressed module, so all are unpacked here."""
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".xz"):
        return lzma.decompress(data)
    if path.endswith(".gz"):
        return gzip.decompress(data)
    if path.endswith(".zst"):
        return subprocess.run(["zstd", "-dc"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return data


def modules(kernel_folder):
    """The wanted modules as (name, content), each after those it depends on; what is built in has no file."""
    base = os.path.join(kernel_folder, "modules")
    files = {re.sub(r"\.ko.*", "", name).replace("-", "_"): name for name in os.listdir(base)}
    found = {}

    def visit(name):
        if name in found or name not in files:
            return
        content = plain_module(os.path.join(base, files[name]))
        depends = re.search(rb"\0depends=([^\0]*)\0", content)
        for other in depends.group(1).decode().split(",") if depends else ():
            visit(other.replace("-", "_"))
        found[name] = content

    for name in MODULES:
        visit(name)
    return list(found.items())


def build(kernel_folder, command, program=None, files=()):
    """An archive that runs `command` (a list) in the guest. `files`: pairs of a path here and a path there."""
    archive = Archive()
    for name in ("dev", "proc", "sys", "tmp", "modules"):
        archive.folder(name)
    archive.file(INIT, "init")
    archive.program(busybox(), "bin/busybox")
    loaded = modules(kernel_folder)
    for name, content in loaded:
        archive.add(f"modules/{name}.ko", stat.S_IFREG | 0o644, content)
    archive.text("modules/order", "".join(name + "\n" for name, _ in loaded))
    archive.text("command", "exec " + " ".join(shlex.quote(word) for word in command) + "\n")
    archive.text("etc/passwd", "root:x:0:0::/:\nnobody:x:65534:65534::/:\n")  # twprobe becomes nobody
    archive.text("etc/group", "root:x:0:\nnogroup:x:65534:\n")
    if program:
        archive.program(program, "twprobe")
    for here, there in files:
        archive.file(here, there, 0o644)
    return archive.finish()
