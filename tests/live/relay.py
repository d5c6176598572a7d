#!/usr/bin/env python3
"""A wire between two interfaces that delays, loses, repeats and reorders: what tc's netem does, where a kernel has none.

relay.py LEFT RIGHT DELAY_MS JITTER_MS LOSS REPEAT SEED - runs until it is killed. Each frame is late by DELAY plus up to
JITTER, so that later ones overtake it; LOSS and REPEAT are shares of 1. Prints "ready" when it listens.
relay.py --checksums INTERFACE - makes the kernel write the checksums of what it sends there: a relayed frame needs them.
"""
import fcntl
import heapq
import random
import select
import socket
import struct
import sys
import time

ETH_P_ALL, SIOCETHTOOL, ETHTOOL_STXCSUM = 3, 0x8946, 0x17
PACKET_IGNORE_OUTGOING, SOL_PACKET = 23, 263


def write_checksums(interface):
    import array
    value = array.array('B', struct.pack('II', ETHTOOL_STXCSUM, 0))
    request = struct.pack('16sP', interface.encode(), value.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCETHTOOL, request)


def attach(interface):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    end.bind((interface, 0))
    return end


def relay(left, right, delay, jitter, loss, repeat, seed):
    chance, queue, count = random.Random(seed), [], 0
    other = {left: right, right: left}
    while True:
        wait = max(0, queue[0][0] - time.monotonic()) if queue else None
        for end in select.select([left, right], [], [], wait)[0]:
            frame, now = end.recv(65536), time.monotonic()
            for _ in range((chance.random() >= loss) + (chance.random() < repeat)):
                count += 1
                heapq.heappush(queue, (now + delay + jitter * chance.random(), count, other[end], frame))
        while queue and queue[0][0] <= time.monotonic():
            _, _, end, frame = heapq.heappop(queue)
            end.send(frame)


if sys.argv[1] == '--checksums':
    write_checksums(sys.argv[2])
else:
    ends = attach(sys.argv[1]), attach(sys.argv[2])
    print('ready', flush=True)
    relay(*ends, float(sys.argv[3]) / 1000, float(sys.argv[4]) / 1000, float(sys.argv[5]), float(sys.argv[6]), int(sys.argv[7]))
