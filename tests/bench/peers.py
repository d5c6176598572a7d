#!/usr/bin/env python3
"""What a question costs with other tools, on this machine and in this run, in turn: prints a table in Markdown.

    sudo tests/bench/peers.py [ROUNDS]

PACKETDRILL=FILE names packetdrill, which Debian does not have; scapy is python3-scapy. What is not here is said. Each runs in a
network namespace of its own. A packetdrill script has one four-tuple, and accepts one connection: its long script brings one
connection to TIME_WAIT and asks it thousands of times, where twprobe sets up a connection for each question."""
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TWPROBE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../twprobe')
CELL = 'time-wait/syn/seq-below/ts-below'
STIMULI, CELLS, QUESTIONS = 20000, 60000, 40
SCAPY = f'''
import logging, time
logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.all import IP, TCP, L3RawSocket, conf, sr1
conf.L3socket = L3RawSocket
begun = time.monotonic()
answers = [sr1(IP(dst="127.0.0.1") / TCP(dport=9, sport=40000 + n, flags="S"), timeout=2, verbose=0) for n in range({QUESTIONS})]
assert all(answer and answer[TCP].flags == "RA" for answer in answers), "not all were answered"
'''


def long_script():
    lines = ['--tolerance_usecs=10000000',
             '+0 `sysctl -q net.ipv4.tcp_window_scaling=0 net.ipv4.tcp_invalid_ratelimit=0`',
             '+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3', '+0 bind(3, ..., ...) = 0', '+0 listen(3, 1) = 0',
             '+0 < S 0:0(0) win 61000 <mss 1460,sackOK,TS val 70000 ecr 0>',
             '+0 > S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 5000 ecr 70000>',
             '+0 < . 1:1(0) ack 1 win 65535 <nop,nop,TS val 70000 ecr 5000>',
             '+0 accept(3, ..., ...) = 4', '+0 close(4) = 0', '+0 > F. 1:1(0) ack 1 <...>',
             '+0 < F. 1:1(0) ack 2 win 65535 <nop,nop,TS val 70000 ecr 5000>', '+0 > . 2:2(0) ack 2 <...>']
    lines += ['+0 < S 4294966298:4294966298(0) win 64240 <mss 1460,sackOK,TS val 69000 ecr 0>',
              '+0 > . 2:2(0) ack 2 <...>'] * STIMULI
    return '\n'.join(lines) + '\n'


def apart(command):
    """In a namespace with loopback up."""
    return ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] + command


def cost(commands):
    """Wall and processor seconds of all of them at once; None where one fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for command in commands]
    said = [(process.communicate()[1].decode(errors='replace'), process.returncode) for process in running]
    took = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    for text, code in said:
        if code:
            raise SystemExit(f'peers.py: {commands[0]} ended with {code}: {text.strip()}')
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows(folder, packetdrill, scapy):
    """Tool, what it is asked, how many questions, the commands that run at once."""
    def export(form):
        name = os.path.join(folder, form)
        with open(name, 'w') as out:
            subprocess.run([TWPROBE, 'export', CELL, f'--format={form}'], stdout=out, check=True)
        return name
    yield 'twprobe', 'one cell, from start to exit', 1, [[TWPROBE, CELL]]
    for workers in (1, 2):
        yield ('twprobe', f'{CELLS:,} cells with states, {workers} worker{"s" if workers > 1 else ""}', CELLS,
               [[TWPROBE, CELL, f'--repeat={CELLS}', f'--workers={workers}', '-q']])
    if packetdrill:
        one, many = export('packetdrill'), os.path.join(folder, 'long')
        with open(many, 'w') as out:
            out.write(long_script())
        yield 'packetdrill', 'the same cell, from start to exit', 1, [apart([packetdrill, one])]
        yield 'packetdrill', 'two such at once', 2, [apart([packetdrill, one])] * 2
        yield 'packetdrill', f'{STIMULI:,} such SYNs to one TIME_WAIT', STIMULI, [apart([packetdrill, many])]
        yield 'packetdrill', 'two such scripts at once', 2 * STIMULI, [apart([packetdrill, many])] * 2
    if scapy:
        one, many = export('scapy'), os.path.join(folder, 'many.py')
        with open(many, 'w') as out:
            out.write(SCAPY)
        yield 'scapy', 'the same cell, from start to exit', 1, [[scapy, one]]
        yield 'scapy', f'sr1() of {QUESTIONS} SYNs to a closed port', QUESTIONS, [apart([scapy, many])]


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    packetdrill = os.environ.get('PACKETDRILL') or shutil.which('packetdrill')
    scapy = next((python for python in (sys.executable, '/usr/bin/python3')
                  if subprocess.run([python, '-c', 'import scapy'], stderr=subprocess.DEVNULL).returncode == 0), None)
    with tempfile.TemporaryDirectory() as folder:
        asked = list(rows(folder, packetdrill, scapy))
        costs = [[] for _ in asked]
        for _ in range(rounds):
            for row, measured in zip(asked, costs):
                measured.append(cost(row[3]))
    print(f'| tool | what (medians of {rounds}, in turn) | wall, ms | questions a second | processor time a question, us |')
    print('|---|---|---|---|---|')
    for (tool, what, count, _), measured in zip(asked, costs):
        wall = statistics.median(one[0] for one in measured)
        busy = statistics.median(one[1] for one in measured)
        rate = count / wall
        print(f'| {tool} | {what} | {wall * 1000:.0f} | {rate:,.{0 if rate >= 100 else 1}f} | {busy / count * 1e6:,.0f} |')
    for name, found in (('packetdrill', packetdrill), ('scapy', scapy)):
        if not found:
            print(f'\n{name} is not here: nothing was measured of it.')


if __name__ == '__main__':
    main()
