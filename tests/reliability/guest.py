#!/usr/bin/env python3
"""Boots a kernel of scripts/kernels with the release build in it, runs a shell script there, and prints what that printed.

guest.py VERSION SCRIPT SECONDS
"""
import os
import sys
import time

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'scripts', 'kernels.d'))

import catalogue  # noqa: E402
import guest  # noqa: E402
import initramfs  # noqa: E402
import store  # noqa: E402
from common import Trouble  # noqa: E402


def cases():
    folder = os.path.join(ROOT, 'cases')
    for path, _, names in os.walk(folder):
        for name in names:
            if name.endswith('.yaml'):
                whole = os.path.join(path, name)
                yield whole, os.path.join('cases', os.path.relpath(whole, folder))


def main(version, script, seconds):
    kernel = catalogue.select(catalogue.load(), version)[0]
    store.fetch([kernel])
    archive = initramfs.build(store.folder(kernel), ['/bin/busybox', 'sh', '/script.sh'],
                              program=os.environ.get('TWPROBE', os.path.join(ROOT, 'twprobe')),
                              files=[(script, 'script.sh'), *cases()])
    run = guest.Guest(kernel, archive, guest.choose_acceleration(kernel), float(seconds))
    try:
        while not run.poll():
            time.sleep(0.1)
        result = run.result()
        if not result:
            raise Trouble(run.trouble())
        sys.stdout.buffer.write(result['output'])
        sys.stderr.buffer.write(result['errors'])
        return 0
    finally:
        run.close()


try:
    sys.exit(main(*sys.argv[1:]))
except Trouble as trouble:
    print(f'guest.py: {trouble}', file=sys.stderr)
    sys.exit(4)
