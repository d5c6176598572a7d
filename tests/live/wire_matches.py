#!/usr/bin/python3
"""Compares the cell records of a run with a capture of it: wire_matches.py RESULTS.ndjson CAPTURE.pcap

Every stimulus (and follow-up) must be on the wire exactly once, with the numbers that its record claims; the answer,
after its stimulus; and where a record has silence, the subject must have sent nothing.
Prints a line for each contradiction; exit 1 if there is any.
"""
import json
import subprocess
import sys
from collections import defaultdict

FIELDS = ["frame.time_epoch", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "tcp.flags",
          "tcp.seq", "tcp.ack", "tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr", "tcp.window_size_value", "tcp.len"]
LETTERS = "FSRPAUECe"


def read_frames(path):
    command = ["tshark", "-n", "-r", path, "-o", "tcp.relative_sequence_numbers:FALSE",
               "-o", "tcp.analyze_sequence_numbers:FALSE", "-Y", "tcp", "-T", "fields"]
    for field in FIELDS:
        command += ["-e", field]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    flows = defaultdict(list)
    for line in text.splitlines():
        value = dict(zip(FIELDS, line.split("\t")))
        bits = int(value["tcp.flags"], 16)
        number = lambda field: int(value[field]) if value[field] else None
        order = sum(1 << i for i, letter in enumerate("FSRPAUECe") if bits >> i & 1)
        frame = {
            "time": float(value["frame.time_epoch"]),
            "from": endpoint(value["ip.src"] or value["ipv6.src"], value["tcp.srcport"]),
            "to": endpoint(value["ip.dst"] or value["ipv6.dst"], value["tcp.dstport"]),
            "flags": "".join(letter for i, letter in enumerate(LETTERS) if order >> i & 1),
            "seq": number("tcp.seq"), "ack": number("tcp.ack"),
            "tsval": number("tcp.options.timestamp.tsval"), "tsecr": number("tcp.options.timestamp.tsecr"),
            "window": number("tcp.window_size_value"), "payload": number("tcp.len"),
        }
        flows[frame["from"], frame["to"]].append(frame)
    return flows


def endpoint(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def same(frame, claim):
    fields = ["flags", "seq", "tsval"]
    if "A" in claim["flags"]:
        fields.append("ack")
    if claim.get("tsval") is not None:
        fields.append("tsecr")
    fields += [field for field in ("window", "payload") if field in claim]
    return all(frame[field] == claim[field] for field in fields)


def check(cell, flows):
    name, claim = cell["cell"], cell["sent"]
    ours, theirs = cell["tuple"]["source"], cell["tuple"]["target"]
    sent, heard = flows[ours, theirs], flows[theirs, ours]
    stimuli = [frame for frame in sent if same(frame, claim)]
    if len(stimuli) != 1:
        yield f"{name}: the stimulus {claim} from {ours} stands on the wire {len(stimuli)} times"
        return
    begun = stimuli[0]["time"]
    for answer in cell["received"]:
        frames = [frame for frame in heard if frame["time"] >= begun and same(frame, answer)]
        if len(frames) != 1:
            yield f"{name}: the answer {answer} to {ours} stands on the wire {len(frames)} times"
        elif abs((frames[0]["time"] - begun) * 1e6 - answer["after_us"]) > 1000:
            yield f"{name}: the answer came after {(frames[0]['time'] - begun) * 1e6:.1f} us, not {answer['after_us']}"
    follow_up = cell.get("follow_up")
    later = [frame for frame in sent if frame["time"] > begun]
    end = later[0]["time"] if later else float("inf")
    if cell["answer"] == "silence":
        between = [frame for frame in heard if begun <= frame["time"] < end]
        if between:
            yield f"{name}: called silence, but the subject sent {between}"
    if follow_up and not later:
        yield f"{name}: the follow-up {follow_up['stimulus']} is not on the wire"


def main():
    with open(sys.argv[1]) as file:
        records = [json.loads(line) for line in file]
    flows = read_frames(sys.argv[2])
    cells = [record for record in records if record["record"] == "cell" and record.get("sent")]
    bad = [line for cell in cells for line in check(cell, flows)]
    print("\n".join(bad[:20]))
    print(f"{len(cells)} cells with a stimulus, {len(bad)} things that do not hold")
    return 1 if bad or not cells else 0


if __name__ == "__main__":
    sys.exit(main())
