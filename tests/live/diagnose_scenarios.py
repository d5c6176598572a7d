#!/usr/bin/env python3
"""Is the state that twprobe diagnose infers from a scenario's capture the one that its witness saw?

diagnose_scenarios.py TWPROBE RESULTS CAPTURE - the states of the certain encounters, one after the other, must be found in this
order among the states in which the scenario's steps began. (A half-open connection that no step asked about is shown by its
SYN-ACK.) Prints what is wrong; then the encounters, the certain ones, and those that the end of the capture leaves
open, or that are uncertain because it completes no handshake: then it may have been filtered.
"""
import json
import re
import subprocess
import sys

# The same segment several times at once looks like a copy that the capture made.
OPEN = ('the capture ends', 'no segment that is only an ACK', 'a segment of this connection twice',
        # What segments do not settle: out of order, after what may have ended the connection; data in a SYN that was taken
        # (TCP Fast Open) looks as if segments were missing.
        'may continue what this side holds out of order', 'an earlier segment may have ended the connection',
        'the capture misses many segments')


def plain(state):
    return state and state.replace('-half', '')


def states_before(scenario):
    state = None
    for step in scenario['steps']:
        yield plain(state)
        if match := re.search(r'\breach ([a-z0-9-]+)', step['does']):
            state = match[1]
        for check in step['checks']:
            if check['check'] == 'state':
                state = check['observed']
    yield plain(state)


def main(twprobe, results, capture):
    with open(results, encoding='utf-8') as file:
        records = [json.loads(line) for line in file]
    states = [state for record in records if record['record'] == 'scenario' for state in states_before(record)]
    run = subprocess.run([twprobe, 'diagnose', '-q', '--format=json', capture], stdout=subprocess.PIPE, check=False)
    found = [record for record in map(json.loads, run.stdout.splitlines()) if record['record'] == 'encounter' and
             record['to'].endswith(':8888')]
    certain, at = [encounter for encounter in found if encounter['certain']], 0
    for encounter in certain:
        while at < len(states) and states[at] != plain(encounter['state']):
            at += 1
        if at == len(states) and encounter['state'] != 'syn-recv':
            print(f'frame {encounter["frame"]}: {encounter["cell"]}, which no step found')
        if at == len(states):
            at = 0
    for encounter in found:
        if encounter['verdict'] == 'differs':
            print(f'frame {encounter["frame"]}: {encounter["cell"]} differs')
    print(len(found), len(certain), sum(any(words in (encounter['reason'] or '') for words in OPEN) for encounter in found))


main(*sys.argv[1:])
