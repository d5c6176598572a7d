"""Small changes to C functions, one at a time: what a mutation test changes, and in which functions of the kernel."""
import hashlib
import re
from collections import Counter
from dataclasses import dataclass

# The functions that decide about an arriving segment, or about what a timer sends without one; and why each is here. Congestion
# control, memory, MD5/AO keys, Fast Open, BPF and /proc are not here: no cell and no scenario asks about them.
FUNCTIONS = {
    "tcp_minisocks.c": {
        "tcp_in_window": "which segments fit, in TIME_WAIT and SYN_RECV",
        "tcp_timewait_check_oow_rate_limit": "how often TIME_WAIT answers",
        "twsk_rcv_nxt_update": "what TIME_WAIT expects next",
        "tcp_timewait_state_process": "every segment in TIME_WAIT, and in FIN_WAIT_2 without a process",
        "tcp_time_wait_init": "what TIME_WAIT remembers",
        "tcp_time_wait": "whether and how long there is a TIME_WAIT",
        "tcp_check_req": "every segment in SYN_RECV",
        "tcp_child_process": "the third segment of the handshake",
    },
    "tcp_input.c": {
        "tcp_replace_ts_recent": "which timestamp PAWS compares with",
        "tcp_store_ts_recent": "which timestamp PAWS compares with",
        "__tcp_oow_rate_limited": "how often a bad segment is answered",
        "tcp_oow_rate_limited": "how often a bad segment is answered",
        "tcp_challenge_ack_allowed": "how many challenge ACKs there are",
        "tcp_send_challenge_ack": "how many challenge ACKs there are",
        "tcp_reqsk_send_challenge_ack": "challenge ACKs in SYN_RECV",
        "tcp_tsval_replay": "PAWS: old duplicates",
        "tcp_disordered_ack": "PAWS: old duplicates",
        "tcp_disordered_ack_check": "PAWS: old duplicates",
        "tcp_paws_discard": "PAWS",
        "tcp_sequence": "the window",
        "tcp_reset_check": "RST after a FIN",
        "tcp_reset": "RST",
        "tcp_fin": "FIN",
        "tcp_send_dupack": "the answer to a segment outside the window",
        "tcp_validate_incoming": "every segment from ESTABLISHED on: PAWS, window, RST, SYN",
        "tcp_rcv_established": "every segment in ESTABLISHED",
        "tcp_data_queue": "data",
        "tcp_ack": "which acknowledgement numbers are taken",
        "tcp_ack_update_window": "the window that a peer offers",
        "tcp_may_update_window": "the window that a peer offers",
        "tcp_rcv_synsent_state_process": "every segment in SYN_SENT",
        "tcp_rcv_state_process": "every segment in the other states",
        "tcp_conn_request": "SYN to a listener",
        "tcp_parse_options": "the options of a segment",
        "tcp_fast_parse_options": "the options of a segment",
        "tcp_parse_aligned_timestamp": "the options of a segment",
        "__tcp_ack_snd_check": "when data is acknowledged",
    },
    "tcp_ipv4.c": {
        "tcp_twsk_unique": "whether a client takes a port in TIME_WAIT",
        "tcp_v4_send_reset": "RST: whether, and its numbers",
        "tcp_v4_send_ack": "the ACK of TIME_WAIT and SYN_RECV",
        "tcp_v4_timewait_ack": "the ACK of TIME_WAIT",
        "tcp_v4_reqsk_send_ack": "the ACK of SYN_RECV",
        "tcp_v4_conn_request": "SYN to a listener",
        "tcp_v4_syn_recv_sock": "the end of the handshake",
        "tcp_v4_do_rcv": "which function decides",
        "tcp_v4_fill_cb": "the numbers of a segment",
        "tcp_v4_rcv": "which socket decides, and what if there is none",
        "tcp_v4_err": "ICMP",
        "tcp_req_err": "ICMP in SYN_RECV",
    },
    "tcp_timer.c": {
        "tcp_write_err": "giving up",
        "tcp_out_of_resources": "giving up",
        "tcp_orphan_retries": "giving up without a process",
        "retransmits_timed_out": "giving up",
        "tcp_write_timeout": "giving up",
        "tcp_delack_timer_handler": "the delayed ACK",
        "tcp_probe_timer": "a closed window",
        "tcp_retransmit_timer": "sending again",
        "tcp_write_timer_handler": "which timer it is",
        "tcp_keepalive_timer": "keepalive, FIN_WAIT_2, SYN_RECV",
    },
}

SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&", "+": "-", "-": "+",
         "&": "|", "|": "&", "+=": "-=", "-=": "+=", "++": "--", "--": "++", "true": "false", "false": "true", "0": "1", "1": "0"}
RETURNS = {"TCP_TW_SUCCESS": "TCP_TW_ACK", "TCP_TW_ACK": "TCP_TW_RST", "TCP_TW_RST": "TCP_TW_SUCCESS",
           "TCP_TW_SYN": "TCP_TW_SUCCESS", "sk": "NULL"}
# Blocks of keys and of protocols above TCP, which no cell and no scenario uses, and a kernel may lack.
NOT_ASKED = re.compile(r"^#\s*if[^\n]*\bCONFIG_(?:TCP_MD5SIG|TCP_AO|SMC|MPTCP)\b.*?^#\s*(?:else|elif|endif)\b", re.S | re.M)
KEYWORDS = {"if", "for", "while", "switch", "return", "sizeof", "do", "else", "case", "goto"}

# Name of the operator, what it changes (group 1), and what becomes of it.
TEXTUAL = (
    ("compare", re.compile(r"(?<![-<>=!])(<=|>=|==|!=|<|>)(?![<>=])"), SWAPS.get),
    ("logic", re.compile(r"(&&|\|\|)"), SWAPS.get),
    ("arithmetic", re.compile(r"(?<=[\w)\]] )([-+&|])(?= )|(\+=|-=|\+\+|--)"), SWAPS.get),
    ("constant", re.compile(r"(?<![\w.])(\d+|true|false)(?![\w.])"),
     lambda text: SWAPS.get(text) or str(int(text, 8 if text[0] == "0" else 10) + 1)),
    ("direction", re.compile(r"\b(after|before)(?=\()"), {"after": "before", "before": "after"}.get),
    ("boundary", re.compile(r"\b(after|before)(?=\()"), {"after": "!before", "before": "!after"}.get),
    ("return", re.compile(r"(?<=\breturn )(\w+)(?=;)"), RETURNS.get),
)


@dataclass(frozen=True)
class Mutant:
    """One change: `before` at this offset of the file becomes `after`. Lines and columns count from 1."""

    file: str
    function: str
    operator: str
    offset: int
    line: int
    column: int
    before: str
    after: str
    nth: int  # of the same changes in equal lines of the function, from 1: with them it names a place without its line number

    def name(self):
        return f"{self.file}:{self.line}:{self.column}:{self.operator}"

    def apply(self, text):
        end = self.offset + len(self.before)
        assert text[self.offset:end] == self.before
        return text[:self.offset] + self.after + text[end:]


def masked(text):
    """The same text with blanks in the place of comments, strings, characters and preprocessor lines: offsets stay."""
    token = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|^[ \t]*#(?:\\\n|[^\n])*", re.S | re.M)
    return token.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def body_of(code, function):
    """Where the body of a function begins and ends in masked code; None: it is not defined there. A body ends with the first brace
    at a line's begin: braces within it need not match, where #ifdef offers two beginnings of one block."""
    for match in re.finditer(rf"^(?=\S)(?:[^\n;{{}}=]*[\s*])?{re.escape(function)} ?\(", code, re.M):
        end = closing(code, match.end() - 1)
        # Between the two: notes such as __releases(lock).
        begin = re.compile(r"[\s\w()&*>.-]*\{").match(code, end + 1) if end is not None else None
        last = code.find("\n}", begin.end()) if begin else -1
        if last >= 0:
            return begin.end(), last
    return None


def closing(code, opening):
    """The place of the parenthesis that closes the one at `opening`."""
    depth = 0
    for match in re.compile(r"[()]").finditer(code, opening):
        depth += 1 if match.group() == "(" else -1
        if depth == 0:
            return match.start()
    return None


def changes(code, begin, end):
    """(operator, offset, before, after) of everything that can be changed between two places of masked code."""
    for operator, pattern, becomes in TEXTUAL:
        for match in pattern.finditer(code, begin, end):
            after = becomes(match.group())
            if after:
                yield operator, match.start(), match.group(), after
    for match in re.compile(r"\bif \(").finditer(code, begin, end):
        last = closing(code, match.end() - 1)
        if last is not None and last < end:
            condition = code[match.end() - 1:last + 1]
            if re.fullmatch(r"\([^=!<>&|]*(->[^=!<>&|]*)*[=!]=[^=!<>&|]*(->[^=!<>&|]*)*\)", condition):
                continue  # `==` to `!=` is the same change
            yield "negate", match.end() - 1, condition, f"(!{condition})"
    for match in re.compile(r"^[ \t]+(\w+)\(", re.M).finditer(code, begin, end):
        last = closing(code, match.end() - 1)
        # A call that is a whole statement: it begins after the end of another.
        if (match.group(1) not in KEYWORDS and last is not None and code[last + 1:last + 2] == ";"
                and re.search(r"[;{}):]\s*$|\belse\s*$", code[begin - 1:match.start()])):
            yield "call", match.start(1), code[match.start(1):last + 1], ""


def mutants_of(file, text, functions):
    """All mutants of these functions of a file, in the order of their places. What a version lacks is passed over."""
    code, found, seen, lines = masked(text), [], Counter(), text.splitlines()
    left_out = [match.span() for match in NOT_ASKED.finditer(text)]
    for function in functions:
        body = body_of(code, function)
        for operator, offset, before, after in sorted(changes(code, *body), key=lambda change: change[1]) if body else ():
            if any(begin <= offset < end for begin, end in left_out):
                continue
            # From the text itself: a condition may hold a comment.
            before, after = text[offset:offset + len(before)], after.replace(before, text[offset:offset + len(before)])
            line = text.count("\n", 0, offset) + 1
            column = offset - text.rfind("\n", 0, offset)
            key = (function, lines[line - 1].strip(), operator, *(" ".join(one.split()) for one in (before, after)))
            seen[key] += 1
            found.append(Mutant(file, function, operator, offset, line, column, before, after, seen[key]))
    return sorted(found, key=lambda mutant: (mutant.offset, mutant.operator))


def mixed(mutants, seed):
    """In an order that depends on their names and the seed only: whatever part of it is done stands for the whole."""
    return sorted(mutants, key=lambda mutant: hashlib.sha256(f"{seed} {mutant.name()}".encode()).digest())


def sample_of(mutants, count, seed):
    """So many of them, in their order."""
    kept = set(mixed(mutants, seed)[:count])
    return [mutant for mutant in mutants if mutant in kept]


def shard_of(mutants, number, count):
    """The part of one machine, from 1. Neighbours go to different machines, so that all have as much to do."""
    return mutants[number - 1::count]
