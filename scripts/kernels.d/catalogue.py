"""The kernels on offer: one entry for each upstream version, with the packages that hold it."""
import json
import os
import re
import time

from common import Trouble, WrongUsage, cache_folder, note, write_atomically
from mirror import Mirror, SUITES

FRESH_SECONDS = 24 * 3600
# linux-image-5.10.0-46-cloud-amd64, linux-binary-7.2.12+deb13-amd64, linux-modules-...; no -rt, no -dbg.
NAME = re.compile(r"linux-(?:image|binary|binary-unsigned|modules)-(\d[^-]*(?:-[\d.]+(?:deb\d+\.\d+)?)?)-(cloud-)?amd64"
                  r"(?:-unsigned)?")
SOURCE = re.compile(r"linux-source-\d+\.\d+")
EXACT = re.compile(r"(linux-(?:image|binary|modules)-\S+) \(= ([^)]+)\)")


class Kernel:
    """One kernel: what it is called, where it is, and the packages to unpack."""

    def __init__(self, fields):
        self.version = fields["version"]  # 5.10.262, 7.3-rc7
        self.package_version = fields["package_version"]
        self.suite = fields["suite"]
        self.package = fields["package"]
        self.parts = fields["parts"]  # each: name, uri, sha256, size

    def fields(self):
        return dict(vars(self))

    def size(self):
        return sum(part["size"] for part in self.parts)

    def has_modules(self):
        """Mirrors drop linux-modules of superseded kernels and keep their linux-binary: such a kernel boots, but
        the witness has no inet_diag."""
        names = [part["name"] for part in self.parts]
        return any(name.startswith("linux-modules") for name in names) or not any("linux-binary" in name
                                                                                   for name in names)


def upstream(package_version):
    """5.10.262-1 -> 5.10.262; 7.3~rc7-1~exp1 -> 7.3-rc7."""
    return package_version.rsplit("-", 1)[0].replace("~", "-")


def order(version):
    """Sorts as the kernel counts: 7.3-rc7 before 7.3 before 7.3.1."""
    match = re.fullmatch(r"(\d+)\.(\d+)(?:\.(\d+))?(?:-rc(\d+))?.*", version)
    if not match:
        return (0, 0, 0, 0)
    major, minor, patch, candidate = match.groups()
    return (int(major), int(minor), int(patch or 0), int(candidate) if candidate else 1 << 30)


def packages_of(text):
    """The packages of kernels and of their sources that are in one suite's list, by name and version."""
    found = {}
    for paragraph in text.split(b"\n\n"):
        if not paragraph.startswith(b"Package: linux-"):
            continue
        fields = dict(line.split(": ", 1) for line in paragraph.decode().splitlines()
                      if ": " in line and not line.startswith(" "))
        if NAME.fullmatch(fields["Package"]) or SOURCE.fullmatch(fields["Package"]):
            found[fields["Package"], fields["Version"]] = fields
    return found


def sources_of(uri, packages):
    """The kernel sources among them."""
    return [{"version": upstream(version), "uri": f"{uri}/{fields['Filename']}", "sha256": fields["SHA256"],
             "size": int(fields["Size"])} for (name, version), fields in packages.items() if SOURCE.fullmatch(name)]


def parts_of(root, packages, abi):
    """The packages that hold kernel and modules. Since 6.19 linux-image is an empty package that depends on
    linux-binary (the kernel) and linux-modules; a kernel that is not signed yet has no linux-image at all."""
    version = root["Version"]
    wanted, parts = [root["Package"], f"linux-modules-{abi}"], {}
    while wanted:
        name = wanted.pop()
        fields = packages.get((name, version))
        if fields is None or name in parts:
            continue
        parts[name] = fields
        wanted += [other for other, exact in EXACT.findall(fields.get("Depends", "")) if exact == version]
    return list(parts.values())


def kernels_of(suite, uri, packages):
    """One kernel for each ABI name, from the best package that holds it (signed before unsigned)."""
    roots = {}
    for (name, version), fields in packages.items():
        match = NAME.fullmatch(name)
        if not match or name.startswith("linux-modules"):
            continue
        rank = (name.startswith("linux-image"), "unsigned" not in name)
        key = (match.group(1), match.group(2) or "", version)
        if key not in roots or rank > roots[key][0]:
            roots[key] = (rank, fields)
    for (abi, flavour, version), (_, root) in roots.items():
        parts = [{"name": part["Package"], "uri": f"{uri}/{part['Filename']}", "sha256": part["SHA256"],
                  "size": int(part["Size"])} for part in parts_of(root, packages, f"{abi}-{flavour}amd64")]
        yield Kernel({"version": upstream(version), "package_version": version, "suite": suite,
                      "package": root["Package"], "parts": parts})


def preference(kernel):
    """Of the same upstream version: cloud (small), not a backport, the last Debian revision, the first suite."""
    numbers = [int(number) for number in re.findall(r"\d+", kernel.package_version.rsplit("-", 1)[1])]
    return ("-cloud-" in kernel.package, "~bpo" not in kernel.package_version and "~deb" not in
            kernel.package_version, numbers, -SUITES.index(kernel.suite))


def read_mirror():
    """The kernels and the sources on offer, oldest first."""
    mirror, best, sources = Mirror(), {}, {}
    for suite, path in mirror.update().items():
        packages = packages_of(mirror.read(path))
        sources.update((source["version"], source) for source in sources_of(mirror.uri(suite), packages))
        for kernel in kernels_of(suite, mirror.uri(suite), packages):
            if kernel.version not in best or preference(kernel) > preference(best[kernel.version]):
                best[kernel.version] = kernel
    if not best:
        raise Trouble("the mirror's package lists name no kernel for amd64")
    return (sorted(best.values(), key=lambda kernel: order(kernel.version)),
            sorted(sources.values(), key=lambda source: order(source["version"])))


def load(update=False):
    """The kernels on offer, oldest first; the mirror is asked once a day, or when told to."""
    return load_all(update)[0]


def load_sources():
    """Their sources, oldest first: each its version, uri, sha256 and size."""
    return load_all(False)[1]


def load_all(update):
    path = os.path.join(cache_folder(), "catalogue.json")
    wanted = os.environ.get("TWPROBE_MIRROR", "")
    old = None
    try:
        with open(path) as file:
            stored = json.load(file)
        if stored["mirror"] == wanted:
            old = [Kernel(fields) for fields in stored["kernels"]], stored["sources"]
        if old and not update and 0 <= time.time() - stored["time"] < FRESH_SECONDS:
            return old
    except (OSError, ValueError, KeyError, TypeError):
        pass
    try:
        kernels, sources = read_mirror()
    except Trouble as trouble:
        if not old:
            raise
        note(f"{trouble}; using what the mirror offered before")
        return old
    write_atomically(path, json.dumps({"time": int(time.time()), "mirror": wanted, "sources": sources,
                                       "kernels": [kernel.fields() for kernel in kernels]}, indent=1).encode())
    return kernels, sources


def select(kernels, wanted):
    """The kernels that a word means: `oldest`, `newest`, `candidate` (the newest release candidate), `series` (the
    newest of each series), a whole version, or the newest of one series (`5.10`)."""
    if wanted in ("oldest", "newest"):
        return [kernels[0 if wanted == "oldest" else -1]]
    if wanted == "series":
        return list({order(kernel.version)[:2]: kernel for kernel in kernels}.values())
    candidates = [kernel for kernel in kernels if "-rc" in kernel.version]
    if wanted == "candidate":
        return candidates[-1:]
    name = wanted.replace("~rc", "-rc").lstrip("v")
    exact = [kernel for kernel in kernels if name in (kernel.version, kernel.package_version)]
    series = [kernel for kernel in kernels if kernel.version.startswith((name + ".", name + "-rc"))]
    if not exact and not series:
        raise WrongUsage(f"no kernel {wanted} on offer; `scripts/kernels list` shows what is on offer")
    # A name of two numbers is a series even where its first release is on offer, too.
    return (series if series and name.count(".") < 2 else exact or series)[-1:]
