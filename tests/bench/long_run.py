#!/usr/bin/env python3
"""Whether a run of many cells is as quick and as small at its end as at its beginning, on a machine that others use, too.

long_run.py [MILLIONS [TWPROBE-OPTIONS...]] - asks one cell so many million times (default 10) with two workers and takes every
line of the report through a pipe. After each million it says what one cell of it took of processor time, in all processes of the
run together, and what memory they hold now (shared pages divided by those that share them). Beside it, somewhere in each million,
a short run of the same cell begins and ends: what a cell of that takes is what one costs just then without a past, on processors
and caches that have neighbours. If the two stay together, a run does not grow.
"""
import os
import subprocess
import sys
import threading
import time

MILLION = 1000000
SHORT = 100000
TICKS = os.sysconf('SC_CLK_TCK')


def family(root):
    """The process and all that came from it, as far as they live, each with its seconds."""
    children, seconds = {}, {}
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/stat') as stat:
                fields = stat.read().rsplit(')', 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(name))
        seconds[int(name)] = (int(fields[11]) + int(fields[12])) / TICKS
    grown = [root]
    for parent in grown:
        grown += children.get(parent, [])
    return [(pid, seconds[pid]) for pid in grown]


def memory(pid):
    try:
        with open(f'/proc/{pid}/smaps_rollup') as rollup:
            return sum(int(line.split()[1]) for line in rollup if line.startswith('Pss:')) / 1024
    except OSError:
        return 0.0


def short(options):
    """Processor time of a cell of a run that begins now, in us."""
    _, status, used = os.wait4(subprocess.Popen(['./twprobe', *options, f'--repeat={SHORT}'], stdout=subprocess.DEVNULL).pid, 0)
    return 1e6 * (used.ru_utime + used.ru_stime) / SHORT if status == 0 else 0.0


def main():
    millions = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    options = sys.argv[2:] or ['--seq-below', '--ts-above', '--workers=2', '--in-flight=256', '--format=tap']
    shorts = []
    run = subprocess.Popen(['./twprobe', *options, f'--repeat={millions * MILLION}'], stdout=subprocess.PIPE, bufsize=0)
    print('| million | us of processor time a cell | of a short run | ratio | cells/s | memory, MiB |\n|---|---|---|---|---|---|', flush=True)
    count, told, used, since = 0, 0, 0.0, time.monotonic()
    tail = b''

    def begin_short():
        threading.Thread(target=lambda: shorts.append(short(options))).start()

    def tell(seconds, held):
        nonlocal told, used, since
        now = time.monotonic()
        told += 1
        beside = shorts[-1] if shorts else 0.0
        print(f'| {told} | {seconds - used:.2f} | {beside:.2f} | {(seconds - used) / beside if beside else 0:.3f} '
              f'| {MILLION / (now - since):.0f} | {held} |', flush=True)
        used, since = seconds, now

    begin_short()
    while True:
        piece = os.read(run.stdout.fileno(), 1 << 20)
        if not piece:
            break
        count += (tail[-4:] + piece).count(b'\nok ') + (tail[-7:] + piece).count(b'\nnot ok ')
        tail = (tail + piece)[-4096:]
        if count >= (told + 1) * MILLION and told + 1 < millions:
            processes = family(run.pid)
            tell(sum(seconds for _, seconds in processes), f'{sum(memory(pid) for pid, _ in processes):.0f}')
            begin_short()
    _, status, all_used = os.wait4(run.pid, 0)
    tell(all_used.ru_utime + all_used.ru_stime, '-')
    print()
    print(tail.decode(errors='replace').strip().split('\n')[-1])
    return os.waitstatus_to_exitcode(status)


if __name__ == '__main__':
    sys.exit(main())
