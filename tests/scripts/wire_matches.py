#!/usr/bin/python3
"""tests/live/wire_matches.py must notice each way in which a record and a capture can disagree: seen on a made-up cell
(a SYN, its SYN-ACK) with one thing changed."""
import copy
import json
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "live"))
import wire_matches  # noqa: E402

LETTERS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16}
OURS, THEIRS = ("192.0.2.1", 40000), ("192.0.2.2", 8888)


def packet(source, target, flags, seq, ack, tsval, tsecr, window=64240):
    bits = sum(LETTERS[letter] for letter in flags)
    options = struct.pack("!BBBBII", 1, 1, 8, 10, tsval, tsecr)
    tcp = struct.pack("!HHIIBBHHH", source[1], target[1], seq, ack, 8 << 4, bits, window, 0, 0) + options
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0,
                     socket.inet_aton(source[0]), socket.inet_aton(target[0]))
    return ip + tcp


STIMULUS = packet(OURS, THEIRS, "S", 1000, 0, 77, 0)
ANSWER = packet(THEIRS, OURS, "SA", 5000, 1001, 99, 77, 65160)
RESET = packet(OURS, THEIRS, "R", 1001, 0, 78, 0)
CELL = {
    "record": "cell", "cell": "time-wait/syn/seq-below/ts-above", "answer": "syn-ack", "follow_up": None,
    "sent": {"flags": "S", "seq": 1000, "ack": 0, "tsval": 77, "tsecr": 0},
    "received": [{"flags": "SA", "seq": 5000, "ack": 1001, "tsval": 99, "tsecr": 77, "window": 65160, "after_us": 20.0}],
    "tuple": {"source": "192.0.2.1:40000", "target": "192.0.2.2:8888"},
}


def written(folder, cells, frames):
    """frames: (microseconds, packet)"""
    raw = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)  # LINKTYPE_RAW
    for when, data in frames:
        raw += struct.pack("<IIII", 1000, when, len(data), len(data)) + data
    (folder / "x.pcap").write_bytes(raw)
    (folder / "x.ndjson").write_text("".join(json.dumps(record) + "\n" for record in [{"record": "run"}, *cells]))
    return folder / "x.ndjson", folder / "x.pcap"


def on_port(number, cell, frames):
    """The same flow from a port of its own, so that one capture holds all cases."""
    port = OURS[1] + number
    moved = copy.deepcopy(cell)
    moved["tuple"]["source"] = f"{OURS[0]}:{port}"
    swap = lambda data: data.replace(struct.pack("!H", OURS[1]), struct.pack("!H", port))
    return moved, [(when, swap(data)) for when, data in frames]


def main():
    right = [(100, STIMULUS), (120, ANSWER), (200, RESET)]
    silence = {**copy.deepcopy(CELL), "answer": "silence", "received": []}

    def claim(part, field, value):
        cell = copy.deepcopy(CELL)
        (cell["sent"] if part == "sent" else cell["received"][0])[field] = value
        return cell

    cases = [
        ("the wire as claimed", True, CELL, right),
        ("no stimulus on the wire", False, CELL, right[1:]),
        ("the stimulus twice", False, CELL, right + [(300, STIMULUS)]),
        ("another sequence number", False, claim("sent", "seq", 1001), right),
        ("another TSval", False, claim("sent", "tsval", 78), right),
        ("another flag", False, claim("sent", "flags", "SF"), right),
        ("no answer on the wire", False, CELL, [right[0], right[2]]),
        ("the answer twice", False, CELL, right + [(300, ANSWER)]),
        ("the answer before its stimulus", False, CELL, [(90, ANSWER), right[0]]),
        ("the answer's acknowledgment", False, claim("received", "ack", 1002), right),
        ("the answer's window", False, claim("received", "window", 1), right),
        ("the answer's time", False, claim("received", "after_us", 5000.0), right),
        ("silence as claimed", True, silence, [right[0], right[2]]),
        ("a silence that was none", False, silence, right),
        ("a follow-up that was not sent", False, {**CELL, "follow_up": {"stimulus": "syn/seq-below/ts-absent"}}, right[:2]),
    ]
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        moved = [on_port(number, cell, frames) for number, (_, _, cell, frames) in enumerate(cases)]
        results, capture = written(folder, [cell for cell, _ in moved], sorted(sum((frames for _, frames in moved), [])))
        flows = wire_matches.read_frames(capture)
        for (title, wanted, _, _), (cell, _) in zip(cases, moved):
            good = (not list(wire_matches.check(cell, flows))) == wanted
            bad += not good
            print(f"{'ok' if good else 'not ok'} - {title}")
        for title, wanted, cells in ("one bad cell fails the whole", 1, [moved[0][0], moved[1][0]]), \
                ("good cells pass", 0, [moved[0][0]]), ("no cell at all is no success", 1, []):
            results, _ = written(folder, cells, sum((frames for _, frames in moved[:2]), []))
            code = subprocess.run([wire_matches.__file__, results, capture], capture_output=True).returncode
            bad += code != wanted
            print(f"{'ok' if code == wanted else 'not ok'} - {title}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
