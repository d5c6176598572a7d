#!/usr/bin/env python3
# A TCP that fits on a page, as the subject of `twprobe --engine=exec:stacks/toy.py`: no options, no timers, a TTL of 255.
import fcntl, os, socket, struct
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, 0x400454CA, struct.pack("16sH22x", os.environ["TWPROBE_TAP"].encode(), 0x1002))  # a frame at a time
mac = bytes.fromhex(os.environ["TWPROBE_MAC"].replace(":", ""))
own, port = socket.inet_aton(os.environ["TWPROBE_ADDRESS"]), int(os.environ["TWPROBE_PORT"])
CLOSE, HOLD, HALF, EOF, EOF_HALF = range(61000, 61005)  # what the window of a SYN asks us to do with the connection
FIN, SYN, RST, ACK = 1, 2, 4, 16
ends = {}  # by the client's address and port

def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    return -total % 65535

def answer(frame, flags, seq, ack):  # goes back to where the frame came from
    tcp = lambda sum: struct.pack("!2H2I2B3H", to, client[1], seq % 2**32, ack % 2**32, 80, flags, 65535, sum, 0)
    ip = lambda sum: struct.pack("!2B3H2BH4s4s", 69, 0, 40, 0, 0, 255, 6, sum, own, client[0])
    pseudo = own + client[0] + struct.pack("!2H", 6, 20)
    os.write(tap, frame[6:12] + mac + b"\x08\0" + ip(checksum(ip(0))) + tcp(checksum(pseudo + tcp(0))))

while True:
    frame = os.read(tap, 2000)
    if frame[12:14] == b"\x08\x06" and frame[38:42] == own:  # who has our address (ARP)?
        os.write(tap, frame[6:12] + mac + frame[12:20] + b"\0\2" + mac + own + frame[22:32])
    if frame[12:14] != b"\x08\0" or frame[23] != 6 or frame[30:34] != own:
        continue
    their, to, seq, ack, offset, flags, window = struct.unpack("!2H2I2BH", frame[34:50])
    client, size = (frame[26:30], their), int.from_bytes(frame[16:18], "big") - 20 - (offset >> 4) * 4
    end, length = ends.get(client), size + bool(flags & SYN) + bool(flags & FIN)
    if flags & RST:
        if end and seq == end["rcv"]: del ends[client]
    elif not end and to == port and flags & (SYN | ACK) == SYN:
        ends[client] = {"snd": 1001, "rcv": (seq + 1) % 2**32, "closed": False, "eof": False, "asked": window}
        answer(frame, SYN | ACK, 1000, seq + 1)
    elif not end:
        answer(frame, *(RST, ack, 0) if flags & ACK else (RST | ACK, 0, seq + length))
    elif flags & SYN or seq != end["rcv"]:
        answer(frame, ACK, end["snd"], end["rcv"])
    elif flags & ACK:
        if length:
            end["rcv"], end["eof"] = (seq + length) % 2**32, end["eof"] or bool(flags & FIN)
            answer(frame, ACK, end["snd"], end["rcv"])
        if not end["closed"] and (end["asked"] not in (HOLD, EOF, EOF_HALF) or end["asked"] != HOLD and end["eof"]):
            answer(frame, FIN | ACK, end["snd"], end["rcv"])
            end["closed"], end["snd"] = True, end["snd"] + 1
