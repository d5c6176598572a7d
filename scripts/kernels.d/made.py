"""What make did in a build folder: how it compiled a file, and how it links."""
import os
import re
import shlex

import build


def compile_command(tree, folder, source):
    """How make compiled a file, named from the tree's top, as a shell takes it; None: it did not, or its object is part of something
    that is not the image."""
    below, name = os.path.split(source)
    try:
        with open(os.path.join(folder, below, f".{name[:-2]}.o.cmd")) as file:
            match = re.search(r"^(?:saved)?cmd_\S+ := (.*)$", file.read(), re.M)
    except OSError:
        return None
    if not match or os.path.join(tree, source) not in match.group(1):
        return None
    return match.group(1).replace("$$", "$").replace("\\#", "#")


def link_command(tree, folder, image):
    """After make has built everything: lets it link once more, and takes the words of its command, for an image of this name. None:
    it does not say how."""
    for name in ("vmlinux", "vmlinux.unstripped", "linux"):
        if os.path.lexists(os.path.join(folder, name)):
            os.unlink(os.path.join(folder, name))
    build.make(tree, folder, ["V=1", "linux"], "link")
    with open(os.path.join(folder, "link.log"), errors="replace") as file:
        links = [line[2:] for line in file if line.startswith("+ ") and "--whole-archive" in line and " -o " in line]
    if not links:
        return None
    words = shlex.split(links[-1])
    words[words.index("-o") + 1] = image
    return words
