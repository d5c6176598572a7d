#!/usr/bin/env python3
"""Runs twprobe and stops it (SIGSTOP, then SIGCONT) at random moments, for random times.

stops.py STOPS SEED OUTPUT COMMAND... - runs COMMAND again and again until it was stopped STOPS times in all; the output of all
runs goes to OUTPUT. Prints "N stops, N runs, N hangs, longest N s". A run that takes HANG_SECONDS (60) longer than it was
stopped is a hang: it is killed.
"""
import os
import random
import signal
import subprocess
import sys
import time

HANG_SECONDS = float(os.environ.get('HANG_SECONDS', 60))


def one_run(command, output, chance, stops):
    """Stops of this run, its seconds, whether it hung."""
    process = subprocess.Popen(command, stdout=output)
    begun, stopped, done = time.monotonic(), 0.0, 0
    while process.poll() is None:
        if time.monotonic() - begun - stopped > HANG_SECONDS:
            print(f'# hang: pid {process.pid}', file=sys.stderr)
            process.kill()
            process.wait()
            return done, time.monotonic() - begun, True
        time.sleep(chance.expovariate(1 / 0.06))
        if done == stops or process.poll() is not None:
            continue
        wait = min(chance.expovariate(1 / 0.25), 2)
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(wait)
        os.kill(process.pid, signal.SIGCONT)
        stopped, done = stopped + wait, done + 1
    if process.returncode not in (0, 1, 3):
        print(f'# exit code {process.returncode}', file=sys.stderr)
    return done, time.monotonic() - begun, False


def main(stops, seed, path, *command):
    chance, left, runs, hangs, longest = random.Random(int(seed)), int(stops), 0, 0, 0
    with open(path, 'w') as output:
        while left > 0:
            done, seconds, hung = one_run(command, output, chance, left)
            left, runs, hangs, longest = left - done, runs + 1, hangs + hung, max(longest, seconds)
    print(f'{stops} stops, {runs} runs, {hangs} hangs, longest {longest:.0f} s')
    return hangs > 0


sys.exit(main(*sys.argv[1:]))
