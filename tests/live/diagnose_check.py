#!/usr/bin/env python3
"""Is what twprobe diagnose is certain of true?

diagnose_check.py TWPROBE RESULTS CAPTURE - CAPTURE is what RESULTS (the records of a matrix in the lab) were made from. Each cell's
stimulus must be found with the state that the witness saw and, where the name is the segment's alone, with the cell's name. Then
the same capture is cut in several ways: what is still certain must be what the whole capture shows. Prints a line for each
check, "ok" or "not ok" first.

diagnose_check.py --live RESULTS ENCOUNTERS - the same for the records of a live diagnosis. A matrix against a target has no
witness: there the state is the one that the cell's name says. With --lossy the listener missed frames; only what is certain is
looked at.
"""
import collections
import json
import random
import re
import struct
import subprocess
import sys

PORT = ':8888'


def diagnose_all(twprobe, data):
    run = subprocess.run([twprobe, 'diagnose', '-q', '--format=json', '-'], input=data, stdout=subprocess.PIPE, check=False)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    return [r for r in records if r['record'] == 'encounter']


def at_server(encounters):
    return [e for e in encounters if e['to'].endswith(PORT)]


def diagnose(twprobe, data):
    return at_server(diagnose_all(twprobe, data))


def frames_of(data):
    at, frames = 24, []
    while at < len(data):
        size = struct.unpack_from('<I', data, at + 8)[0]
        frames.append((data[at:at + 16], data[at + 16:at + 16 + size]))
        at += 16 + size
    return frames


def written(head, frames, snap=None):
    out = [head]
    for header, body in frames:
        if snap:
            body = body[:snap]
            header = header[:8] + struct.pack('<I', len(body)) + header[12:]
        out += [header, body]
    return b''.join(out)


def tcp_header(frame):
    """And what follows it."""
    ip = frame[1][14:]
    return ip[40:] if frame[1][12:14] == b'\x86\xdd' else ip[(ip[0] & 15) * 4:]


def from_server(frame):
    return struct.unpack_from('>H', tcp_header(frame))[0] == 8888


def tcp_of(frame):
    """Source port, numbers, flags and timestamps (None without them) of a frame's TCP header."""
    tcp = tcp_header(frame)
    port, seq, ack, flags = struct.unpack_from('>H2xIIxB', tcp)
    options, stamps = tcp[20:(tcp[12] >> 4) * 4], None
    while options and options[0]:
        if options[0] == 8:
            stamps = struct.unpack_from('>II', options, 2)
        options = options[options[1] if options[0] != 1 else 1:]
    return port, seq, ack, flags, stamps


def said(good, name, detail=''):
    print(('ok - ' if good else 'not ok - ') + name + (f': {detail}' if detail and not good else ''))
    return good


def is_routine(cell):
    """What is next, in the window, or comes again: no encounter. In syn-recv and listen a SYN begins something."""
    state, kind, seq, ts = cell.split('/')[:4]
    if state == 'listen':
        return True
    if kind in ('ack', 'data', 'fin-ack') and re.fullmatch(r'ts(-equal|\+.*|-above)|ts-absent', ts):
        beyond = re.fullmatch(r'seq\+(2\^.*|wnd(\+.*)?)|seq-2\^.*', seq)
        return not beyond and (kind != 'ack' or seq != 'seq-below')
    return state == 'syn-recv' and kind in ('syn', 'syn-ack', 'syn-fin') and seq == 'seq-1'


def check_cells(results, found, least=1000, tries=1, lossy=False):
    by_source, unknown, states, names = collections.defaultdict(list), [], [], []
    for encounter in found:
        by_source[encounter['from']].append(encounter)
    asked = 0
    for record in results:
        if record['record'] != 'cell' or not record['sent'] or record['tries'] > tries or is_routine(record['cell']):
            continue
        # What cannot be seen: sysctls, whether the descriptor is held, and a clock that sends no timestamps.
        name = '/'.join(p for p in record['cell'].split('/') if '=' not in p).replace('fin-wait-2-half', 'fin-wait-2')
        stamped = 'conn-ts-off' not in name
        sent = record['sent']
        of_it = [e for e in by_source[record['tuple']['source']] if e['segment'].split(' ')[1].startswith(f"{sent['seq']}:")]
        asked += 1
        if not of_it:
            unknown.append(record['cell'])
            continue
        encounter = of_it[0]
        if lossy and not encounter['certain']:
            continue
        state = record['state_before'] or name.split('/')[0]
        if encounter['certain'] and encounter['state'] != state.replace('fin-wait-2-half', 'fin-wait-2'):
            states.append((record['cell'], encounter['state']))
        if stamped and encounter['cell'] != name:
            names.append((record['cell'], encounter['cell']))
    said(asked > least, 'cells were asked', str(asked))
    said(lossy or not unknown, 'every stimulus that is not routine is an encounter', f'{len(unknown)}, such as {unknown[:3]}')
    said(not states, 'the state is the one that the kernel reported', f'{len(states)}, such as {states[:3]}')
    said(not names, 'the cell is called as it was asked', f'{len(names)}, such as {names[:3]}')


def check_clients(encounters, frames):
    """What differs is the crafted client in SYN-SENT: it has a SYN's ACK without a SYN, and resets when its cell is over.
    tcp_rcv_synsent_state_process(): the number is the SYN's, the echo its TSval, so neither is reset_and_undo; then !th->syn is
    discard_and_undo. (tcp_parse_options(): with tcp_timestamps=0, as its SYN without them says, no echo is seen.) A process
    that closes in SYN_SENT makes no segment, either (tcp_need_reset()). So no Linux sends that reset."""
    wrong, differ = [], [e for e in encounters if e['verdict'] == 'differs' and not e['to'].endswith(PORT)]
    for encounter in differ:
        port = int(encounter['to'].rsplit(':', 1)[1])
        segment = tcp_of(frames[encounter['frame'] - 1])
        back = range(encounter['frame'] - 2, -1, -1)
        syn = next(sent for sent in (tcp_of(frames[i]) for i in back) if sent[0] == port and sent[3] & 0x02)
        answer = tcp_of(frames[encounter['answered_by'] - 1])
        meant = segment[2] == syn[1] + 1 & 0xffffffff and \
            (not segment[4] or not syn[4] or segment[4][1] in (0, syn[4][0]))
        if encounter['state'] != 'syn-sent' or encounter['expected']['linux'] != 'silence' or segment[3] & 0x17 != 0x10 or \
                not meant or answer[3] & 0x14 != 0x04 or answer[0] != port:
            wrong.append((encounter['frame'], encounter['state'], encounter['cell']))
    print(f'# {len(differ)} answers of the crafted client differ')
    said(not wrong, 'what differs at the client is no answer of a Linux', f'{len(wrong)}, such as {wrong[:3]}')


def key(encounter):
    return encounter['time'], encounter['from'], encounter['to']


def check_cut(name, cut, whole):
    wrong = []
    for encounter in cut:
        if not encounter['certain']:
            continue
        other = whole.get(key(encounter))
        if not other or other['state'] != encounter['state'] or encounter['verdict'] == 'differs' or \
                (other['certain'] and other['answer'] != encounter['answer']):
            wrong.append((encounter['frame'], encounter['state'], encounter['cell']))
    certain = sum(e['certain'] for e in cut)
    print(f'# {name}: {certain} of {len(cut)} encounters certain')
    said(not wrong, f'{name}: nothing certain is false', f'{len(wrong)}, such as {wrong[:3]}')


def main(twprobe, results, capture):
    with open(results, encoding='utf-8') as file:
        records = [json.loads(line) for line in file]
    if twprobe in ('--live', '--lossy'):
        with open(capture, encoding='utf-8') as file:
            live = [json.loads(line) for line in file]
        check_cells(records, [r for r in live if r['record'] == 'encounter' and r['to'].endswith(PORT)], 30, 9, twprobe == '--lossy')
        return
    with open(capture, 'rb') as file:
        data = file.read()
    everything = diagnose_all(twprobe, data)
    found = at_server(everything)
    certain = sum(e['certain'] for e in found)
    print(f'# {certain} of {len(found)} encounters certain')
    last = sum('capture ends' in (e['reason'] or '') for e in found) # what followed these is not in it
    said(certain >= 0.95 * (len(found) - last) > 0, 'certain in 95 of 100', f'{certain} of {len(found)}, {last} at the end')
    said(not [e for e in found if e['verdict'] == 'differs'], 'none differs')
    check_cells(records, found)
    head, frames = data[:24], frames_of(data)
    check_clients(everything, frames)
    whole = {key(e): e for e in found}
    chance = random.Random(1)
    cuts = {
        'the first half is missing': (frames[len(frames) // 2:], None),
        'every tenth frame is missing': ([f for i, f in enumerate(frames) if i % 10 != 3], None),
        'one in ten is missing by chance': ([f for f in frames if chance.random() > 0.1], None),
        'only what goes to the server': ([f for f in frames if not from_server(f)], None),
        'only what comes from the server': ([f for f in frames if from_server(f)], None),
        '64 bytes of each frame': (frames, 64),
        '96 bytes of each frame': (frames, 96),
    }
    for name, (kept, snap) in cuts.items():
        check_cut(name, diagnose(twprobe, written(head, kept, snap)), whole)


main(*sys.argv[1:])
