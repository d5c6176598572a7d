#!/usr/bin/env python3
"""A server that is no server: it opens and closes connections as a kernel does, and then answers the marked segment of each
in a way of its own, one way (MODE) an address. Frames in, frames out (AF_PACKET); no kernel has its addresses.

evil_server.py INTERFACE MAC - runs until it is killed; prints "MODE IPV4 IPV6" for each mode, then "ready".

It closes first: SYN, SYN-ACK, ACK, its FIN, the client's FIN, its ACK; so it acts as a socket in TIME_WAIT. The first marked
segment (ip_id or flow label 1) is the stimulus and gets the mode's answer, the second is the follow-up and gets an ACK.
"""
import heapq
import itertools
import random
import select
import socket
import struct
import sys
import time

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
ADDRESS_V4, ADDRESS_V6 = '203.0.113.{}', '2001:db8:52::{:x}'
OTHER_V4, OTHER_V6 = '203.0.113.250', '2001:db8:52::250'
NOP = b'\1'


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def timestamps(tsval, tsecr):
    return NOP + NOP + struct.pack('!BBII', 8, 10, tsval & 0xffffffff, tsecr)


def find_timestamps(options):
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        if at + 1 >= len(options) or options[at + 1] < 2:
            break
        if options[at] == 8:
            return struct.unpack('!II', options[at + 2:at + 10])
        at += options[at + 1]
    return None


class Segment:
    """One heard: just what the answers need."""

    def __init__(self, frame):
        self.frame, self.mac, packet = frame, frame[6:12], frame[14:]
        self.family = 6 if frame[12:14] == b'\x86\xdd' else 4
        if self.family == 4:
            size, at = struct.unpack('!H', packet[2:4])[0], (packet[0] & 15) * 4
            self.source, self.target, self.protocol = packet[12:16], packet[16:20], packet[9]
            self.marked = packet[4:6] == b'\0\1'
        else:
            size, at = 40 + struct.unpack('!H', packet[4:6])[0], 40
            self.source, self.target, self.protocol = packet[8:24], packet[24:40], packet[6]
            self.marked = packet[2:4] == b'\0\1'
        self.packet, tcp = packet[:size], packet[at:size]
        if self.protocol != socket.IPPROTO_TCP or len(tcp) < 20:
            raise ValueError
        self.client, self.port, self.seq, self.ack, offset, self.flags = struct.unpack('!HHIIBB', tcp[:14])
        self.stamps = find_timestamps(tcp[20:(offset >> 4) * 4])
        self.size = len(tcp) - (offset >> 4) * 4 + bool(self.flags & SYN) + bool(self.flags & FIN)


class Wire:
    def __init__(self, interface, mac):
        self.mac, self.queue, self.order = mac, [], itertools.count()
        self.end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.end.setsockopt(263, 23, 1)  # SOL_PACKET, PACKET_IGNORE_OUTGOING
        self.end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.end.bind((interface, 0))

    def send(self, frame, late=0.0):
        if late:
            heapq.heappush(self.queue, (time.monotonic() + late, next(self.order), frame))
        else:
            self.end.send(frame)

    def receive(self):
        """Sends what is due; a frame, or None."""
        while self.queue and self.queue[0][0] <= time.monotonic():
            self.end.send(heapq.heappop(self.queue)[2])
        wait = max(0, self.queue[0][0] - time.monotonic()) if self.queue else None
        return self.end.recv(65535) if select.select([self.end], [], [], wait)[0] else None


class Connection:
    """What the server knows of one client port, and every segment that it can make of that."""

    def __init__(self, wire, syn):
        self.wire, self.syn = wire, syn
        self.irs = random.getrandbits(32)
        self.snd_nxt, self.rcv_nxt = self.irs, syn.seq + 1
        self.recent = syn.stamps[0] if syn.stamps else 0
        self.fin_sent = self.closed = False
        self.marked = 0

    def ip(self, payload, protocol=6, source=None, target=None, ttl=64, ident=None, fragment=0, length=None, spoil=0):
        source, target = source or self.syn.target, target or self.syn.source
        if self.syn.family == 4:
            ident = random.getrandbits(16) if ident is None else ident
            head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(payload) if length is None else length, ident, fragment, ttl,
                               protocol, 0) + source + target
            head = head[:10] + struct.pack('!H', checksum(head) ^ spoil) + head[12:]
            return self.syn.mac + self.wire.mac + b'\x08\0' + head + payload
        if fragment:  # in eight bytes; 0x2000: more follow
            payload = struct.pack('!BBHI', protocol, 0, (fragment & 0x1fff) << 3 | fragment >> 13, 7) + payload
            protocol = 44
        head = struct.pack('!IHBB', 6 << 28, len(payload) if length is None else length, protocol, ttl) + source + target
        return self.syn.mac + self.wire.mac + b'\x86\xdd' + head + payload

    def pseudo(self, size, protocol, source, target):
        if self.syn.family == 4:
            return source + target + struct.pack('!BBH', 0, protocol, size)
        return source + target + struct.pack('!IHBB', size, 0, 0, protocol)

    def tcp(self, flags, seq=None, ack=None, options=None, data=b'', offset=None, spoil=0, source=None, target=None, port=None,
            client=None):
        seq, ack = self.snd_nxt if seq is None else seq, self.rcv_nxt if ack is None else ack
        if options is None:
            options = timestamps(int(time.monotonic() * 1000), self.recent) if self.syn.stamps else b''
        options += b'\0' * (-len(options) % 4)
        offset = 5 + len(options) // 4 if offset is None else offset
        segment = struct.pack('!HHIIBBHHH', port or self.syn.port, client or self.syn.client, seq & 0xffffffff, ack & 0xffffffff,
                              offset << 4, flags, 64000, 0, 0) + options + data
        over = self.pseudo(len(segment), 6, source or self.syn.target, target or self.syn.source)
        return segment[:16] + struct.pack('!H', checksum(over + segment) ^ spoil) + segment[18:]

    def send(self, flags, late=0.0, ip=None, **fields):
        """One segment. `ip`: what is unusual around it."""
        ip = ip or {}
        fields |= {key: ip[key] for key in ('source', 'target') if key in ip}
        self.wire.send(self.ip(self.tcp(flags, **fields), **ip), late)

    def answer(self, **fields):
        """What a socket in TIME_WAIT says of an old segment; what any host takes."""
        self.send(ACK, **fields)

    def syn_ack(self, to, **fields):
        self.send(SYN | ACK, seq=self.snd_nxt + 65537, ack=to.seq + 1, **fields)

    def reset(self, to, **fields):
        self.send(RST, seq=to.ack, ack=0, **fields)

    def icmp(self, about, kind_v4, kind_v6, source=None, **ip):
        """An error about the segment, of (type, code) as each family numbers it; None: this family has none."""
        kind = kind_v4 if self.syn.family == 4 else kind_v6
        source = source or self.syn.target
        body = struct.pack('!BBHI', *kind, 0, 0) + (about.packet[:28] if self.syn.family == 4 else about.packet[:1200])
        if self.syn.family == 4:
            protocol, over = 1, b''
        else:
            protocol, over = 58, self.pseudo(len(body), 58, source, self.syn.source)
        body = body[:2] + struct.pack('!H', checksum(over + body)) + body[4:]
        self.wire.send(self.ip(body, protocol=protocol, source=source, **ip))

    def hear(self, segment, mode):
        if segment.marked:
            self.marked += 1
            if self.marked == 1:
                mode(self, segment)
            else:
                self.follow_up(segment, mode)
        elif segment.flags & RST:
            self.closed = True
        elif segment.flags & FIN:
            self.rcv_nxt = segment.seq + segment.size
            self.send(ACK)
        elif not self.fin_sent:
            self.fin_sent = True
            self.send(FIN | ACK)
            self.snd_nxt += 1

    def follow_up(self, segment, mode):
        self.answer(late=getattr(mode, 'late', 0.0))


MODES = {}    # name -> the answer to the stimulus
REFUSALS = {} # name -> the answer to the SYN


def mode(function):
    MODES[function.__name__.replace('_', '-')] = function
    return function


def make(name, function):
    """A mode that is one line."""
    MODES[name] = function


def refuse(name, function):
    REFUSALS[name] = function


# As it should be, and nothing at all.
make('good', lambda c, s: c.answer())
make('silent', lambda c, s: None)

# Segments that no host takes, or cannot read.
make('option-zero', lambda c, s: c.answer(options=b'\x08\x00' + b'\xff' * 10))
make('option-long', lambda c, s: c.answer(options=b'\x08\xff' + b'\xff' * 38))
make('timestamps-9', lambda c, s: c.answer(options=NOP * 2 + b'\x08\x09' + b'\0' * 8))
make('offset-0', lambda c, s: c.answer(offset=0))
make('offset-15', lambda c, s: c.answer(offset=15))
make('length-short', lambda c, s: c.answer(ip={'length': 30 if c.syn.family == 4 else 10}))
make('length-long', lambda c, s: c.answer(ip={'length': 60000}))
make('tcp-checksum', lambda c, s: c.answer(spoil=0x5555))
make('ip-checksum', lambda c, s: c.answer(ip={'spoil': 0x1234}))
make('random-ack', lambda c, s: c.answer(seq=random.getrandbits(32), ack=random.getrandbits(32)))
make('random-rst', lambda c, s: c.send(RST, seq=random.getrandbits(32), ack=0))


def pieces(c):
    """The answer in two fragments."""
    whole = c.tcp(ACK, data=b'x' * 64)
    cut = 40
    return (c.ip(whole[:cut], fragment=0x2000, ident=7), c.ip(whole[cut:], fragment=cut // 8, ident=7))


make('fragment-first', lambda c, s: c.wire.send(pieces(c)[0]))
make('fragment-rest', lambda c, s: c.wire.send(pieces(c)[1]))
make('fragments', lambda c, s: [c.wire.send(piece) for piece in pieces(c)])

# Errors, of the subject or of a router on the way, about the stimulus or the SYN.
ERRORS = {
    'port': ((3, 3), (1, 4)),
    'host': ((3, 1), (1, 3)),
    'prohibited': ((3, 13), (1, 1)),
    'hops': ((11, 0), (3, 0)),
    'parameter': ((12, 0), (4, 0)),
}
for error, kinds in ERRORS.items():
    make('icmp-' + error, lambda c, s, kinds=kinds: c.icmp(s, *kinds))
    refuse('syn-icmp-' + error, lambda c, s, kinds=kinds: c.icmp(s, *kinds))


@mode
def icmp_router(c, s):
    c.icmp(s, *ERRORS['hops'], source=socket.inet_aton(OTHER_V4) if c.syn.family == 4 else
           socket.inet_pton(socket.AF_INET6, OTHER_V6))


# Late: the answer to the stimulus alone, or whatever comes after it.
for milliseconds in 400, 1200, 2000, 3000:
    make(f'late-{milliseconds}', lambda c, s, late=milliseconds / 1000: c.answer(late=late))


def all_late(c, s):
    c.answer(late=all_late.late)


all_late.late = 0.4
MODES['all-late'] = all_late
make('late-variable', lambda c, s: c.answer(late=random.uniform(0.35, 1.0)))


# More of it than there should be.
@mode
def dozens(c, s):
    for _ in range(24):
        c.answer()


@mode
def fins_first(c, s):
    for _ in range(7):
        c.send(FIN | ACK, seq=c.snd_nxt - 1)
    c.answer()


@mode
def two_answers(c, s):
    c.syn_ack(s)
    c.answer()


# Not the same each time. What a Linux says comes second, so that it is not believed at once.
turns = itertools.count()
OUTCOMES = (lambda c, s: c.syn_ack(s), lambda c, s: c.answer(), lambda c, s: c.reset(s), lambda c, s: None)
make('alternate', lambda c, s: OUTCOMES[next(turns) % 2](c, s))
chosen = itertools.chain((0, 1), iter(lambda: random.randrange(4), None))
make('random', lambda c, s: OUTCOMES[next(chosen)](c, s))
senders = itertools.count()


@mode
def two_senders(c, s):
    number = next(senders)
    if number % 2:
        c.answer(ip={'ttl': 121, 'ident': 40000 + number})
    else:
        c.reset(s, ip={'ttl': 58, 'ident': 0})


# What is not for this connection, beside the right answer.
@mode
def noise(c, s):
    other_v4, other_v6 = socket.inet_aton(OTHER_V4), socket.inet_pton(socket.AF_INET6, OTHER_V6)
    c.send(RST, port=s.port - 1000)
    c.send(RST, client=s.client ^ 1)
    c.send(RST, ip={'source': other_v4 if c.syn.family == 4 else other_v6})
    c.send(RST, ip={'target': other_v4 if c.syn.family == 4 else other_v6})
    c.answer()


@mode
def reflected(c, s):
    c.wire.send(s.mac + c.wire.mac + s.frame[12:])
    c.answer()


make('escapes', lambda c, s: c.send(ACK | PSH, data=b'\x1b]0;gotcha\x07\x1b[31m\xc2\x9b2J' * 4))


def addresses():
    """Mode, IPv4 and IPv6 address of each."""
    return [(name, ADDRESS_V4.format(number), ADDRESS_V6.format(number))
            for number, name in enumerate(MODES | REFUSALS, 1)]


def begin(wire, segment, name):
    """A new connection, and the answer to its SYN."""
    connection = Connection(wire, segment)
    if name in REFUSALS:
        REFUSALS[name](connection, segment)
        return connection
    stamps = timestamps(int(time.monotonic() * 1000), segment.stamps[0]) if segment.stamps else b''
    connection.send(SYN | ACK, options=b'\x02\x04\x05\xb4' + stamps)
    connection.snd_nxt += 1
    return connection


def serve(wire):
    names, connections = {}, {}
    for name, v4, v6 in addresses():
        names[socket.inet_aton(v4)] = names[socket.inet_pton(socket.AF_INET6, v6)] = name
        print(name, v4, v6)
    print('ready', flush=True)
    while True:
        frame = wire.receive()
        try:
            if not frame or frame[12:14] not in (b'\x08\0', b'\x86\xdd'):
                continue
            segment = Segment(frame)
        except (ValueError, struct.error, IndexError):
            continue
        name = names.get(segment.target)
        if not name:
            continue
        key = segment.source, segment.client, segment.target, segment.port
        connection = connections.get(key)
        if segment.flags & (SYN | ACK) == SYN and not segment.marked:
            connections[key] = begin(wire, segment, name)
        elif connection and not connection.closed and name in MODES:
            connection.hear(segment, MODES[name])


serve(Wire(sys.argv[1], bytes.fromhex(sys.argv[2].replace(':', ''))))
