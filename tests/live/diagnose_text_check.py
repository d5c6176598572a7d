#!/usr/bin/env python3
"""Does twprobe diagnose --text say of what tcpdump prints what it says of the capture itself?

diagnose_text_check.py TWPROBE CAPTURE - prints the capture in several ways. Where the text shows everything, all encounters must be
the same; elsewhere each that is still certain must be. Prints a line for each check, "ok" or "not ok" first.
"""
import json
import re
import subprocess
import sys

FIELDS = ('state', 'cell', 'answer', 'answered_by', 'after_us', 'finding', 'verdict', 'certain', 'reason', 'expected', 'from', 'to',
          'segment')
# What a text without sequence numbers of bare ACKs and without IP headers cannot have.
SHOWN = ('state', 'cell', 'answer', 'answered_by', 'finding', 'verdict', 'from', 'to')


def diagnose(twprobe, arguments, text=None):
    run = subprocess.run([twprobe, 'diagnose', '-q', '--format=json', *arguments], input=text, stdout=subprocess.PIPE, check=False)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    return {r['frame']: r for r in records if r['record'] == 'encounter'}, records[-1]


def printed(capture, options):
    return subprocess.run(['tcpdump', '-r', capture, *options.split()], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True).stdout


def said(good, name, detail=''):
    print(('ok - ' if good else 'not ok - ') + name + (f': {detail}' if detail and not good else ''))


def difference(a, b, fields):
    """The first encounter of `a` that is not the same in `b`."""
    for frame, encounter in a.items():
        other = b.get(frame)
        if not other:
            return frame, 'is no encounter'
        for field in fields:
            if encounter[field] != other[field]:
                return frame, field, encounter[field], other[field]
    return None


def place(encounter):
    return encounter['time'][11:], encounter['from'], encounter['to']


def check_cut(name, text, twprobe, whole):
    """Lines are missing, and with them what numbers count from."""
    found, _ = diagnose(twprobe, ['--text', '-'], text)
    wrong = []
    for encounter in found.values():
        other = whole.get(place(encounter))
        if encounter['certain'] and (not other or any(encounter[f] != other[f] for f in ('state', 'answer', 'verdict'))):
            wrong.append((encounter['frame'], encounter['state'], encounter['cell'], encounter['answer']))
    said(found and not wrong, f'{name}: nothing certain is false', f'{len(wrong)}, such as {wrong[:3]}')


def fold(text, columns, mark):
    """As a mail client does: broken at blanks, quoted."""
    lines = []
    for line in text.decode().splitlines():
        while len(line) > columns:
            at = line.rfind(' ', 1, columns + 1)
            at = columns if at <= 0 else at
            lines.append(mark + line[:at])
            line = line[at:].lstrip()
        lines.append(mark + line)
    return '\r\n'.join(lines).encode()


def main(twprobe, capture):
    whole, _ = diagnose(twprobe, [capture])
    said(len(whole) > 100, 'the capture has encounters', str(len(whole)))
    for options in ('-n -S -vv --nano -tttt', '-n -vvv --nano -tt -e -X'):
        found, _ = diagnose(twprobe, ['--text', '-'], printed(capture, options))
        said(found.keys() == whole.keys() and not difference(found, whole, FIELDS), f'{options}: the same encounters',
             difference(found, whole, FIELDS) or f'{len(found)} of {len(whole)}')
    plain = printed(capture, '-n --nano')
    every, _ = diagnose(twprobe, ['--text', '-'], plain)
    texts = {
        '-n': plain,
        '-n -S -e -tttt -x': printed(capture, '-n -S -e -tttt --nano -x'),
        '-n -v -ttt': printed(capture, '-n -v -ttt --nano'),
        'broken at 72 columns and quoted': fold(plain, 72, '> '),
        'cut at 80 columns by a terminal': re.sub(rb'(.{80})(?=.)', rb'\1\n', plain),
    }
    for name, text in texts.items():
        found, summary = diagnose(twprobe, ['--text', '-'], text)
        certain = {frame: e for frame, e in found.items() if e['certain']}
        said(len(certain) > 30, f'{name}: some are certain', f'{len(certain)} of {len(found)}')
        said(not difference(certain, whole, SHOWN), f'{name}: nothing certain is false', difference(certain, whole, SHOWN))
        said(found.keys() == every.keys() and not summary['unread'], f'{name}: all lines are read',
             f"{len(found)} of {len(every)}, {summary['first_unread']}")
    places = {place(encounter): encounter for encounter in whole.values()}
    lines = plain.splitlines(keepends=True)
    check_cut('every tenth line missing', b''.join(l for i, l in enumerate(lines) if i % 10 != 3), twprobe, places)
    check_cut('the first half missing', b''.join(lines[len(lines) // 2:]), twprobe, places)
    check_cut('one direction only', b''.join(l for l in lines if b'.8888 > ' in l), twprobe, places)
    found, _ = diagnose(twprobe, ['--text', '-'], printed(capture, '-n -t -vv'))
    said(found and not [e for e in found.values() if e['certain'] or e['time'] or e['after_us'] or e['delay_us']],
         '-t: without times nothing is certain, and none is told')


main(*sys.argv[1:])
