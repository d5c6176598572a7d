"""Asks one kernel in QEMU why it answers some cells as it does, and compares the functions that it passed with the source.

why_functions.py PROGRAM VERSION: prints "ok - NAME" or "not ok - NAME" for each check.
"""
import json
import os
import re
import sys
import time

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts", "kernels.d"))

import catalogue  # noqa: E402
import initramfs  # noqa: E402
import runner  # noqa: E402
import store  # noqa: E402
from guest import Guest, choose_acceleration  # noqa: E402

LIMIT = 900
# Each: a cell; functions in the order in which they are entered, with what they return, as the source has them, other
# functions may lie between; functions that are not entered. "A|B": versions differ.
CELLS = [
    # tcp_v4_rcv(), do_time_wait: TCP_TW_ACK -> tcp_v4_timewait_ack() -> tcp_v4_send_ack()
    ("time-wait/syn/seq-below/ts-below", "tcp_v4_rcv tcp_timewait_state_process=TCP_TW_ACK tcp_v4_send_ack",
     "tcp_v4_do_rcv tcp_v4_send_reset inet_twsk_deschedule_put"),
    # TCP_TW_SYN: the TIME_WAIT socket is removed, and the listener gets the segment
    ("time-wait/syn/seq-above/ts-above", "tcp_v4_rcv tcp_timewait_state_process=TCP_TW_SYN inet_twsk_deschedule_put "
     "tcp_v4_do_rcv tcp_rcv_state_process=0|SKB_NOT_DROPPED_YET tcp_v4_conn_request tcp_conn_request=0 tcp_v4_send_synack",
     "tcp_v4_send_ack tcp_v4_send_reset"),
    # tcp_timewait_state_process(), th->rst: inet_twsk_deschedule_put(), return TCP_TW_SUCCESS
    ("time-wait/rst/seq-equal/ts-equal", "tcp_v4_rcv tcp_timewait_state_process=TCP_TW_SUCCESS inet_twsk_deschedule_put",
     "tcp_v4_send_ack tcp_v4_send_reset tcp_v4_do_rcv"),
    # tw_substate == TCP_FIN_WAIT2, new data after the end of a closed descriptor: TCP_TW_RST
    ("fin-wait-2/data/seq-equal/ts-equal", "tcp_v4_rcv tcp_timewait_state_process=TCP_TW_RST tcp_v4_send_reset "
     "inet_twsk_deschedule_put", "tcp_v4_send_ack tcp_v4_do_rcv"),
    # tcp_validate_incoming(), step 4: syn_challenge
    ("established/syn/seq-equal/ts-equal", "tcp_v4_rcv tcp_v4_do_rcv tcp_rcv_established tcp_validate_incoming=false "
     "tcp_send_ack", "tcp_v4_send_reset tcp_reset tcp_ack"),
    # step 2: seq == rcv_nxt -> tcp_reset() -> tcp_done()
    ("established/rst/seq-equal/ts-equal", "tcp_v4_rcv tcp_v4_do_rcv tcp_rcv_established tcp_validate_incoming=false tcp_reset "
     "tcp_done", "tcp_send_ack tcp_v4_send_reset"),
    # tcp_rcv_established(), the slow path: tcp_data_queue() -> tcp_fin()
    ("established/fin-ack/seq-equal/ts-equal", "tcp_v4_rcv tcp_v4_do_rcv tcp_rcv_established tcp_validate_incoming=true tcp_ack "
     "tcp_data_queue tcp_fin", "tcp_reset tcp_v4_send_reset"),
    # tcp_rcv_state_process(), TCP_LISTEN: th->ack; its caller sends the reset
    ("listen/ack/seq-equal/ts-equal", "tcp_v4_rcv tcp_v4_do_rcv tcp_rcv_state_process=1|SKB_DROP_REASON_TCP_FLAGS "
     "tcp_v4_send_reset", "tcp_conn_request tcp_timewait_state_process"),
    # tcp_check_req(): the SYN lies in the window: embryonic_reset
    ("syn-recv/syn/seq-equal/ts-equal", "tcp_v4_rcv tcp_check_req=NULL tcp_v4_send_reset inet_csk_reqsk_queue_drop=true",
     "tcp_child_process tcp_v4_do_rcv"),
    # tcp_rcv_state_process(), TCP_LAST_ACK: snd_una == write_seq
    ("last-ack/ack/seq-equal/ts-equal", "tcp_v4_rcv tcp_v4_do_rcv tcp_rcv_state_process tcp_validate_incoming=true tcp_ack "
     "tcp_done", "tcp_send_ack tcp_v4_send_reset tcp_rcv_established"),
    ("time-wait/syn/seq-below/ts-below/ipv6", "tcp_v6_rcv tcp_timewait_state_process=TCP_TW_ACK tcp_v6_send_response",
     "tcp_v4_rcv tcp_v6_do_rcv"),
    ("established/syn/seq-equal/ts-equal/ipv6", "tcp_v6_rcv tcp_v6_do_rcv tcp_rcv_established tcp_validate_incoming=false "
     "tcp_send_ack", "tcp_v6_send_reset tcp_v4_do_rcv"),
]
# Another connection of the machine, to the same port in another network namespace, ten times a second.
STRANGER = ("b=/bin/busybox; $b ip link set lo up; "
            "while :; do $b nc -l -p 8888 </dev/null >/dev/null 2>&1; done & "
            "while :; do echo hello | $b nc 127.0.0.1 8888 >/dev/null 2>&1; $b usleep 100000; done & ")


def asked_in_guest(program, version):
    """What `why` says of each cell, one boot for all of them."""
    kernel = catalogue.select(catalogue.load(), version)[0]
    files, _ = runner.guest_files(ROOT, [])
    ask = "; ".join(f"/twprobe why --format=json {cell}" for cell, _, _ in CELLS)
    archive = initramfs.build(store.folder(kernel), ["/bin/busybox", "sh", "-c", STRANGER + ask], program, files)
    guest = Guest(kernel, archive, choose_acceleration(kernel), LIMIT)
    try:
        while not guest.poll():
            time.sleep(0.1)
        result = guest.result()
        if not result:
            sys.exit(f"not ok - {version}: {guest.trouble()}")
        return [json.loads(line) for line in result["output"].splitlines()], result["errors"].decode()
    finally:
        guest.close()


def check(name, passed, seen):
    print(f"{'ok' if passed else 'not ok'} - {name}")
    if not passed:
        print(f"# {seen}")


def follows(chain, wanted):
    """Whether the calls have these functions, in this order, with these results."""
    calls = iter(chain)
    for word in wanted.split():
        name, _, values = word.partition("=")
        if not any(call["name"] == name and (not values or call["returned"] in values.split("|")) for call in calls):
            return False
    return True


def documented():
    """The functions of the example in docs/kernel-developers.md: as the words of CELLS."""
    with open(os.path.join(ROOT, "docs", "kernel-developers.md")) as file:
        block = re.search(r"```text\nFunctions of the kernel that the stimulus passed:\n(.*?)```", file.read(), re.S).group(1)
    calls = re.findall(r"^ *(\w+)\(\)(?: returned (\w+))?(?: \(cited\))?$", block, re.M)
    return " ".join(name + ("=" + value if value else "") for name, value in calls)


def main():
    program, version = sys.argv[1:]
    records, errors = asked_in_guest(program, version)
    evidence = {record["cell"]: record for record in records if record["record"] == "evidence"}
    for cell, wanted, others in CELLS:
        record = evidence.get(cell, {"functions": None, "missing": errors})
        chain = record["functions"]
        if not chain:
            check(f"{version}: {cell}: its functions are seen", False, record["missing"])
            continue
        text = " ".join(f"{call['name']}={call['returned']}" for call in chain)
        check(f"{version}: {cell}: passes {wanted}", follows(chain, wanted), text)
        entered = {call["name"] for call in chain}
        check(f"{version}: {cell}: and not {others}", not entered & set(others.split()), text)
        check(f"{version}: {cell}: one segment alone", [call["depth"] for call in chain].count(0) == 1, text)
        if cell == CELLS[0][0] and version.startswith("6.12"):
            told = " ".join(call["name"] + ("=" + call["returned"] if call["returned"] else "") for call in chain)
            check(f"{version}: {cell}: as docs/kernel-developers.md shows it", told == documented(), f"{told}, {documented()}")
        cited = [call["name"] for call in chain if call["cited"]]
        check(f"{version}: {cell}: among them what the rule cites", bool(cited), f"{record['citation']}: {text}")


main()
