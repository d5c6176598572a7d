"""What all parts of scripts/kernels share: errors, messages, the cache folder."""
import os
import sys


class Trouble(Exception):
    """One clear line for the user: what was wrong, where, what to do."""

    exit_code = 4  # cannot run here


class WrongUsage(Trouble):
    """The user asked for something that does not exist."""

    exit_code = 2


def note(text):
    """A line of progress; results go to standard output, so this goes to standard error."""
    print(f"{os.path.basename(sys.argv[0])}: {text}", file=sys.stderr, flush=True)


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.environ.get("TWPROBE_CACHE") or os.path.join(base, "twprobe")


def write_atomically(path, data):
    """The whole file or none of it."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    partial = f"{path}.{os.getpid()}.partial"
    try:
        with open(partial, "wb") as file:
            file.write(data)
        os.rename(partial, path)
    except BaseException:
        if os.path.exists(partial):
            os.unlink(partial)
        raise
