"""Asks kernels in QEMU why they answer some cells as they do, and compares the functions that were passed with the source.

why_functions.py PROGRAM: prints "ok - NAME" or "not ok - NAME" for each check.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts", "kernels.d"))

import catalogue  # noqa: E402
import store  # noqa: E402

# Each: a series, and how many of the cells it is asked. 6.1 has a probe for each function, the others have one for all of them.
KERNELS = [("6.12", None), ("6.1", 3), ("newest", 3)]
# Each: a cell; functions in the order in which they are entered, with what they return, as the source has them, other
# functions may lie between; functions that are not entered. "A|B": versions differ.
CELLS = [
    # tcp_v4_rcv(), do_time_wait: TCP_TW_ACK, from 6.15 on TCP_TW_ACK_OOW -> tcp_v4_timewait_ack() -> tcp_v4_send_ack()
    ("time-wait/syn/seq-below/ts-below", "tcp_v4_rcv tcp_timewait_state_process=TCP_TW_ACK|TCP_TW_ACK_OOW tcp_v4_send_ack",
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
     "tcp_send_ack|__tcp_send_ack", "tcp_v4_send_reset tcp_reset tcp_ack"),
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
    # tcp_v4_rcv(), no_tcp_socket
    ("closed/syn/seq-equal/ts-equal", "tcp_v4_rcv tcp_v4_send_reset", "tcp_v4_do_rcv tcp_timewait_state_process"),
    # The subject is a client: the same rule, from another port
    ("established/syn/seq-equal/ts-equal/opening-active", "tcp_v4_rcv tcp_v4_do_rcv tcp_rcv_established "
     "tcp_validate_incoming=false tcp_send_ack|__tcp_send_ack", "tcp_v4_send_reset tcp_reset tcp_ack"),
    ("time-wait/syn/seq-below/ts-below/ipv6", "tcp_v6_rcv tcp_timewait_state_process=TCP_TW_ACK|TCP_TW_ACK_OOW "
     "tcp_v6_send_response", "tcp_v4_rcv tcp_v6_do_rcv"),
    ("established/syn/seq-equal/ts-equal/ipv6", "tcp_v6_rcv tcp_v6_do_rcv tcp_rcv_established tcp_validate_incoming=false "
     "tcp_send_ack|__tcp_send_ack", "tcp_v6_send_reset tcp_v4_do_rcv"),
]


def ask(program, image, cell):
    """The evidence record of a cell, and what was said on standard error."""
    answer = subprocess.run([program, "why", "--format=json", f"--kernel-image={image}", cell],
                            capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    for line in answer.stdout.splitlines():
        record = json.loads(line)
        if record["record"] == "evidence":
            return record
    return {"functions": None, "missing": answer.stderr or answer.stdout}


def check(name, passed, seen):
    print(f"{'ok' if passed else 'not ok'} - {name}")
    if not passed:
        print(f"# {seen}")


def follows(chain, wanted):
    """Whether the calls have these functions, in this order, with these results."""
    calls = iter(chain)
    for word in wanted.split():
        names, _, values = word.partition("=")
        if not any(call["name"] in names.split("|") and (not values or call["returned"] in values.split("|")) for call in calls):
            return False
    return True


def documented():
    """The functions of the example in docs/kernel-developers.md: as the words of CELLS."""
    with open(os.path.join(ROOT, "docs", "kernel-developers.md")) as file:
        block = re.search(r"```text\nFunctions of the kernel that the stimulus passed:\n(.*?)```", file.read(), re.S).group(1)
    calls = re.findall(r"^ *(\w+)\(\)(?: returned (\w+))?(?: \(cited\))?$", block, re.M)
    return " ".join(name + ("=" + value if value else "") for name, value in calls)


def check_cell(version, record, cell, wanted, others):
    chain = record["functions"]
    name = f"{version}: {cell}"
    if not chain:
        check(f"{name}: its functions are seen", False, record["missing"])
        return
    text = " ".join(call["name"] + ("=" + call["returned"] if call["returned"] else "") for call in chain)
    check(f"{name}: passes {wanted}", follows(chain, wanted), text)
    check(f"{name}: and not {others}", not {call["name"] for call in chain} & set(others.split()), text)
    check(f"{name}: one segment alone", [call["depth"] for call in chain].count(0) == 1, text)
    check(f"{name}: among them what the rule cites", any(call["cited"] for call in chain), f"{record['citation']}: {text}")
    said = set(re.findall(r"TCP_TW_\w+", record["citation"]))
    check(f"{name}: and returns what the rule says", not said or said & {call["returned"] for call in chain if call["cited"]},
          f"{record['citation']}: {text}")
    if cell == CELLS[0][0] and version.startswith("6.12."):
        check(f"{name}: as docs/kernel-developers.md shows it", text == documented(), f"{text}, not {documented()}")


def main():
    program = sys.argv[1]
    offered = catalogue.load()
    questions = []
    for series, count in KERNELS:
        kernel = catalogue.select(offered, series)[0]
        questions += [(kernel, cell) for cell in CELLS[:count]]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        records = pool.map(lambda question: ask(program, store.image(question[0]), question[1][0]), questions)
        for (kernel, cell), record in zip(questions, records):
            check_cell(kernel.version, record, *cell)


main()
