#!/usr/bin/env python3
"""Is what twprobe diagnose says of real programs true?

diagnose_real_check.py TWPROBE CAPTURE TRACE [PORTS]   against the kernel's own states (diagnose_real_programs.py trace), where
                                                       CAPTURE was taken on the host of the subjects: `servers`, `clients`, both
diagnose_real_check.py TWPROBE CAPTURE TRACE PORTS OTHER   the same for subjects that are far away: OTHER was taken on their host,
                                                       and shows when a segment reached them
diagnose_real_check.py TWPROBE CAPTURE                 the capture cut and bent in many ways, against the whole; and the same
                                                       frames behind other link headers, which must change nothing

CAPTURE is a pcap file of Ethernet frames. Prints a line for each check, "ok" or "not ok" first.
"""
import bisect
import collections
import datetime
import json
import random
import re
import struct
import subprocess
import sys

# What passes between a segment's capture and its turn in the kernel, and between a state and its trace, on a busy machine.
RACE_NS = 1_000_000
STATES = {'ESTABLISHED': 'established', 'SYN_SENT': 'syn-sent', 'SYN_RECV': 'syn-recv', 'FIN_WAIT1': 'fin-wait-1',
          'FIN_WAIT2': 'fin-wait-2', 'CLOSE': 'closed', 'CLOSE_WAIT': 'close-wait', 'LAST_ACK': 'last-ack',
          'CLOSING': 'closing', 'LISTEN': 'listen'}
GONE = {'closed', 'listen', 'syn-recv'} # the kernel traces no half-open connection


def said(good, name, detail=''):
    print(('ok - ' if good else 'not ok - ') + name + (f': {detail}' if detail and not good else ''), flush=True)


def diagnose(twprobe, data):
    run = subprocess.run([twprobe, 'diagnose', '-q', '--format=json', '-'], input=data, stdout=subprocess.PIPE, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()]


def encounters(records):
    return [record for record in records if record['record'] == 'encounter']


def frames_of(data):
    at, frames = 24, []
    while at < len(data):
        seconds, micros, size, length = struct.unpack_from('<IIII', data, at)
        frames.append((seconds * 1_000_000 + micros, length, data[at + 16:at + 16 + size]))
        at += 16 + size
    return frames


def written(head, frames, snap=262144):
    out = [head]
    for micros, length, body in frames:
        body = body[:snap]
        out += [struct.pack('<IIII', micros // 1_000_000, micros % 1_000_000, len(body), length), body]
    return b''.join(out)


def endpoint(address, port):
    return f'[{address}]:{port}' if ':' in address else f'{address}:{port}'


def changes_of(path):
    changes, offset = collections.defaultdict(list), 0
    pattern = re.compile(r' (\d+)\.(\d{6}): inet_sock_set_state: family=(\S+) .*sport=(\d+) dport=(\d+) saddr=(\S+) daddr=(\S+) '
                         r'saddrv6=(\S+) daddrv6=(\S+) oldstate=TCP_(\S+) newstate=TCP_(\S+)')
    with open(path, encoding='ascii') as file:
        for line in file:
            if line.startswith('offset'):
                offset = int(line.split()[1])
            elif match := pattern.search(line):
                when = int(match[1]) * 10**9 + int(match[2]) * 1000 + offset
                own, other = (match[6], match[7]) if match[3] == 'AF_INET' else (match[8], match[9])
                changes[endpoint(own, match[4]), endpoint(other, match[5])].append((when, STATES[match[10]], STATES[match[11]]))
    return changes


def ports_of(own, other):
    """On the other side of a router an end has another address; masquerading keeps its port if it can."""
    return own[0] == '[', own.rsplit(':', 1)[1], other.rsplit(':', 1)[1]


def states_at(changes, when):
    number = bisect.bisect_right([change[0] for change in changes], when) - 1
    if number < 0:
        return GONE
    before, now = changes[number][1:]
    if now != 'closed':
        return {now}
    # tcp_time_wait(): FIN_WAIT_2 and TIME_WAIT live on as small sockets, which nobody traces.
    if before in ('fin-wait-1', 'fin-wait-2'):
        return GONE | {'fin-wait-2', 'time-wait'}
    return GONE | {'time-wait'} if before == 'closing' else GONE


def time_of(encounter):
    when = datetime.datetime.fromisoformat(encounter['time'].replace('Z', '+00:00'))
    return int(when.timestamp()) * 10**9 + when.microsecond * 1000


def arrivals(data, other):
    """When each frame of one capture is seen in the other one, in nanoseconds; None: never."""
    seen, times = collections.defaultdict(list), []
    for micros, _, body in frames_of(other):
        seen[body].append(micros * 1000)
    for micros, _, body in frames_of(data):
        times.append(next((when for when in seen[body] if micros * 1000 - 10**6 < when < micros * 1000 + 10**9), None))
    return times


def check_kernel(twprobe, capture, trace, whose, other=None):
    changes = changes_of(trace)
    key = ports_of if whose == 'both' else lambda own, other: (own, other)
    changes = {key(*ends): of_one for ends, of_one in changes.items()}
    begun = min(change[0] for of_one in changes.values() for change in of_one)
    with open(capture, 'rb') as file:
        data = file.read()
    records, arrived = diagnose(twprobe, data), None
    if other:
        with open(other, 'rb') as file:
            arrived = arrivals(data, file.read())
    born = {record['connection']: time_of(record) for record in records if record['record'] == 'connection'}
    wrong, checked = [], collections.Counter()
    for encounter in encounters(records):
        server = int(encounter['to'].rsplit(':', 1)[1]) < 10000
        if not encounter['certain'] or not encounter['state'] or whose == ('clients' if server else 'servers') or \
                born[encounter['connection']] < begun:
            continue
        when, own = time_of(encounter), changes.get(key(encounter['to'], encounter['from']), [])
        if arrived:
            when = arrived[encounter['frame'] - 1]
        if when is None: # lost on the way: it met nothing
            continue
        allowed = set().union(*(states_at(own, when + shift) for shift in (-RACE_NS, 0, RACE_NS)))
        for change in own:
            if abs(change[0] - when) <= RACE_NS:
                allowed |= set(change[1:])
        checked[encounter['state']] += 1
        if encounter['state'].replace('-half', '') not in allowed:
            wrong.append((encounter['frame'], encounter['state'], encounter['finding'], sorted(allowed)))
    name = f'{whose}, far away' if other else whose
    print(f'# {name}: {sum(checked.values())} certain encounters, {dict(checked)}')
    if not other:
        said(len(checked) > 1, f'{name}: certain encounters in several states', str(dict(checked)))
    said(not wrong, f'{name}: the state is the kernel\'s', f'{len(wrong)}, such as {wrong[:3]}')


def check_cut(twprobe, head, name, kept, whole, snap=262144):
    """kept: (number in the whole capture, frame)"""
    found = encounters(diagnose(twprobe, written(head, [frame for _, frame in kept], snap)))
    wrong = []
    # Where the first SYN is missing, the second one stands for the same.
    told = {(e['from'], e['to'], e['finding']): e for e in whole.values() if e['finding'] == 'syn-unanswered'}
    for encounter in found:
        if not encounter['certain']:
            continue
        other = whole.get(kept[encounter['frame'] - 1][0]) or told.get((encounter['from'], encounter['to'], encounter['finding']))
        # A later one may be answered.
        if not other and encounter['finding'] == 'syn-unanswered' and name == 'the second half is missing':
            continue
        if not other or other['state'] != encounter['state'] or other['finding'] != encounter['finding'] or \
                (other['certain'] and (other['answer'], other['verdict']) != (encounter['answer'], encounter['verdict'])):
            wrong.append((encounter['frame'], kept[encounter['frame'] - 1][0], encounter['finding'], encounter['state'],
                          encounter['answer'], other and (other['finding'], other['state'], other['answer'])))
    print(f'# {name}: {sum(encounter["certain"] for encounter in found)} of {len(found)} encounters certain')
    # Of a hole, those connections leave no trace that were over before it ended.
    most = 3 if 'in a row' in name else 0
    said(len(wrong) <= most, f'{name}: {"almost " if most else ""}nothing certain is false', f'{len(wrong)}, such as {wrong[:3]}')


def to_server(frame):
    body = frame[2]
    at = 54 if body[12:14] == b'\x86\xdd' else 14 + (body[14] & 15) * 4
    return struct.unpack_from('>H', body, at + 2)[0] < 10000


def cuts_of(frames, chance):
    all_frames = list(enumerate(frames, 1))
    half = len(frames) // 2
    swapped = list(all_frames)
    for at in range(0, len(swapped) - 1, 7):
        swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
    doubled = [pair for number, frame in all_frames for pair in ((number, frame), (number, (frame[0] + 3, *frame[1:])))]

    def later(by_us):
        return [(number, (frame[0] + (by_us if number > half else 0), *frame[1:])) for number, frame in all_frames]
    yield 'the first half is missing', all_frames[half:], 262144
    yield 'the second half is missing', all_frames[:half], 262144
    yield 'every tenth frame is missing', [pair for pair in all_frames if pair[0] % 10], 262144
    yield 'one in a hundred is missing by chance', [pair for pair in all_frames if chance.random() > .01], 262144
    yield 'five hundred in a row are missing', all_frames[:half] + all_frames[half + 500:], 262144
    yield 'only what goes to servers', [pair for pair in all_frames if to_server(pair[1])], 262144
    yield 'only what comes from servers', [pair for pair in all_frames if not to_server(pair[1])], 262144
    yield '64 bytes of each frame', all_frames, 64
    yield '96 bytes of each frame', all_frames, 96
    yield 'neighbours have changed places', swapped, 262144
    yield 'every frame twice', doubled, 262144
    yield 'the clock jumps ahead by an hour', later(3600 * 10**6), 262144
    yield 'the clock jumps back by an hour', later(-3600 * 10**6), 262144


def links_of(frames):
    """Name, number of the link type, and what is in front of each IP packet."""
    def family(body):
        return body[12:14] == b'\x86\xdd'
    yield 'VLAN', 1, lambda body: body[:12] + b'\x81\x00\x00\x07' + body[12:14]
    yield 'QinQ', 1, lambda body: body[:12] + b'\x88\xa8\x00\x05\x81\x00\x00\x07' + body[12:14]
    yield 'raw IP, as of tun', 101, lambda body: b''
    yield 'PPP', 9, lambda body: b'\xff\x03' + (b'\x00\x57' if family(body) else b'\x00\x21')
    yield 'BSD loopback', 0, lambda body: b'\x1e\0\0\0' if family(body) else b'\x02\0\0\0'
    yield 'cooked', 113, lambda body: b'\0\0\0\x01\0\x06' + body[6:12] + b'\0\0' + body[12:14]
    yield 'cooked, version 2', 276, lambda body: body[12:14] + b'\0\0\0\0\0\x02\0\x01\0\x06' + body[6:12] + b'\0\0'


def check_links(twprobe, frames, records):
    plain = [record for record in records if record['record'] not in ('capture', 'summary')]
    for name, link, header in links_of(frames):
        head = struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, link)
        changed = []
        for micros, length, body in frames:
            new = header(body)
            changed.append((micros, length - 14 + len(new), new + body[14:]))
        seen = [record for record in diagnose(twprobe, written(head, changed)) if record['record'] not in ('capture', 'summary')]
        said(seen == plain, f'{name}: the same', str([(a, b) for a, b in zip(seen, plain) if a != b][:1]))


def check_cuts(twprobe, capture):
    with open(capture, 'rb') as file:
        data = file.read()
    records, frames = diagnose(twprobe, data), frames_of(data)
    whole = {encounter['frame']: encounter for encounter in encounters(records)}
    print(f'# {len(frames)} frames, {sum(e["certain"] for e in whole.values())} of {len(whole)} encounters certain')
    said(sum(e['certain'] for e in whole.values()) > 20, 'the whole capture has certain encounters')
    for name, kept, snap in cuts_of(frames, random.Random(1)):
        check_cut(twprobe, data[:24], name, kept, whole, snap)
    check_links(twprobe, frames, records)


if len(sys.argv) > 3:
    check_kernel(*sys.argv[1:])
else:
    check_cuts(*sys.argv[1:])
