"""The Debian mirror: found in the machine's apt configuration, read through a private apt root.

apt itself verifies signatures and checksums; the machine's own apt state is neither read from nor written to,
only its configuration (mirror address, proxies) is used.
"""
import glob
import os
import re
import subprocess

from common import Trouble, cache_folder, note

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
RELEASES = ("bullseye", "bookworm", "trixie", "forky", "duke", "oldstable", "stable", "testing", "sid", "unstable")
# In the order in which kernels are preferred when two suites hold the same one.
SUITES = ("bullseye", "bullseye-security", "bookworm", "bookworm-security", "bookworm-backports",
          "trixie", "trixie-security", "trixie-backports", "forky", "sid", "experimental")
# Hooks of the machine's apt configuration (container images delete their caches) must not run here.
APT_CONF = """
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Retries "2";
pkgCacheFile::Generate "false";
Dir::State "%(root)s";
Dir::State::status "%(root)s/status";
Dir::State::lists "%(root)s/lists";
Dir::Cache "%(root)s";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "%(root)s/sources";
Dir::Etc::trusted "/dev/null";
Dir::Etc::trustedparts "/dev/null";
"""


class Mirror:
    """The private apt root and what it knows of the mirror."""

    def __init__(self):
        self.root = os.path.join(cache_folder(), "apt")
        for name in ("lists/partial", "archives/partial", "sources"):
            os.makedirs(os.path.join(self.root, name), exist_ok=True)
        self.conf = os.path.join(self.root, "apt.conf")
        with open(self.conf, "w") as file:
            file.write(APT_CONF % {"root": self.root})
        open(os.path.join(self.root, "status"), "a").close()
        self.archive, self.security = find_archives()

    def apt(self, program, *arguments):
        """Runs an apt program in the private root; a session of its own, so that it has no terminal to ask on."""
        return subprocess.run([program, "-c", self.conf, *arguments], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"}, check=False)

    def uri(self, suite):
        return self.security if suite.endswith("-security") else self.archive

    def update(self, suites=SUITES):
        """Refreshes the lists of these suites; returns {suite: path of its Packages file}."""
        note(f"reading the package lists of {', '.join(suites) if len(suites) == 1 else f'{len(suites)} suites'}")
        for suite in suites:
            self.write_source(suite)
        answer = self.apt("apt-get", "update")
        lists = self.lists()
        if not lists:
            why = why_missing(suites[0], answer.stderr)
            raise Trouble(f"{self.archive}: no suite of this Debian mirror can be read and verified: {why}; "
                          "set TWPROBE_MIRROR to the address of another mirror")
        for suite in suites:
            if suite not in lists:
                note(f"suite {suite}: skipped, {why_missing(suite, answer.stderr)}")
                os.unlink(self.source_path(suite))
        return lists

    def source_path(self, suite):
        return os.path.join(self.root, "sources", suite + ".sources")

    def write_source(self, suite):
        with open(self.source_path(suite), "w") as file:
            file.write(f"Types: deb\nURIs: {self.uri(suite)}\nSuites: {suite}\nComponents: main\n"
                       f"Architectures: amd64\nTargets: Packages\nSigned-By: {KEYRING}\n")

    def lists(self):
        """The package lists that are there and verified, by suite. (apt-get indextargets would index them all first.)"""
        found = {}
        for suite in SUITES:
            for path in sorted(glob.glob(os.path.join(self.root, "lists", f"*_dists_{suite}_main_binary-amd64_Packages*"))):
                found[suite] = path
        return found

    def read(self, path):
        """The text of a package list, whatever it is compressed with."""
        answer = subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", path], capture_output=True, check=False)
        if answer.returncode:
            raise Trouble(f"{path}: apt cannot read this list: {last_line(answer.stderr.decode())}; remove "
                          f"{self.root} and run again")
        return answer.stdout

    def download(self, uri, path, sha256):
        """Fetches one file, checks it, and moves it into place; a part that is there already is continued."""
        partial = path + ".partial"
        answer = self.apt("/usr/lib/apt/apt-helper", "download-file", uri, partial, "SHA256:" + sha256)
        if answer.returncode:
            raise Trouble(f"{os.path.basename(path)}: {last_line(answer.stderr) or 'download failed'}; "
                          "run again to continue")
        os.rename(partial, path)


def find_archives():
    """The addresses of the archive and of the security archive."""
    if not os.path.exists(KEYRING):
        raise Trouble(f"{KEYRING} is missing: install debian-archive-keyring")
    override = os.environ.get("TWPROBE_MIRROR", "").split()
    if override:
        archive = override[0].rstrip("/")
        return archive, (override[1] if len(override) > 1 else archive + "-security").rstrip("/")
    try:
        answer = subprocess.run(["apt-get", "update", "--print-uris"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Trouble("no apt-get on this machine: the kernels come from Debian; run this on Debian") from None
    return choose_archives(answer.stdout)


def choose_archives(uris):
    """Of the repositories that apt is configured with, the one with most Debian suites: third parties use the names
    of Debian's suites, too, but not several of them (and apt would refuse their signature)."""
    archives, securities = {}, {}
    for uri, suite in re.findall(r"^'(\S+?)/dists/(\S+)/InRelease'", uris, re.M):
        release, _, pocket = suite.partition("-")
        if release in RELEASES and pocket in ("", "updates", "backports"):
            archives.setdefault(uri, []).append(suite)
        elif release in RELEASES and pocket == "security":
            securities.setdefault(uri, []).append(suite)
    if not archives:
        raise Trouble("apt is configured with no Debian archive: set TWPROBE_MIRROR to the address of a mirror "
                      "(the folder that holds `dists` and `pool`)")
    archive = max(archives, key=lambda uri: len(archives[uri]))
    security = max(securities, key=lambda uri: len(securities[uri])) if securities else archive + "-security"
    return through_list(archive), through_list(security)


def through_list(uri):
    """apt's mirror+file: names a file of addresses; the first of them stands for all."""
    match = re.match(r"mirror\+file:(?://)?(/.*)", uri)
    if not match:
        return uri
    try:
        with open(match.group(1)) as file:
            return next(line.split()[0].rstrip("/") for line in file if line.strip() and line[0] != "#")
    except (OSError, StopIteration):
        raise Trouble(f"{match.group(1)}: no mirror address in this file, which the apt configuration names") from None


def why_missing(suite, stderr):
    pattern = re.compile(r"[/ ]" + re.escape(suite) + r"[/ ]")
    for line in stderr.splitlines():
        if line[:2] in ("E:", "W:") and pattern.search(line):
            absent = "does not have a Release file" in line or "is not signed" in line or " 404 " in line
            return "the mirror does not have it" if absent else line[3:]
    return "the mirror gave no package list"


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
