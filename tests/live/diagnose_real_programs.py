#!/usr/bin/env python3
"""Real programs that open and close connections in every manner, and what the kernel says about them.

diagnose_real_programs.py serve PORT ADDRESS...      the nine ports after that one, a manner each
diagnose_real_programs.py connect PORT SECONDS SEED ADDRESS...   clients on a few local ports, which come back at once
diagnose_real_programs.py trace PORT FILE            each change of a TCP state where one of these ten ports is the server's, until it
                                                     is interrupted; in a mount namespace of its own. (The kernel tells of the
                                                     sockets of all namespaces, but not of which one each is.)
"""
import contextlib
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time

LINGER_0 = struct.pack('ii', 1, 0)
EVENT = 'events/sock/inet_sock_set_state/enable'


def read_all(connection):
    while connection.recv(65536):
        pass


def closes_first(connection):
    connection.recv(2000)
    connection.sendall(b'x' * random.choice([0, 1, 100, 5000, 40000]))


def echoes(connection):
    while data := connection.recv(65536):
        connection.sendall(data)


def aborts(connection):
    connection.recv(2000)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)


def leaves_unread(connection):
    connection.sendall(b'hello')
    time.sleep(random.random() * .05)


def half_closes(connection):
    connection.recv(100)
    connection.sendall(b'y' * 3000)
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(3)
    read_all(connection)


def is_deaf(connection):
    time.sleep(.3 + random.random() / 2)


def keeps_alive(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option in socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT:
        connection.setsockopt(socket.IPPROTO_TCP, option, 1)
    connection.settimeout(5)
    read_all(connection)


def closes_late(connection):
    connection.settimeout(5)
    read_all(connection)
    time.sleep(random.random())
    connection.sendall(b'late')


def serve_one(connection, manner):
    with contextlib.suppress(OSError), connection:
        manner(connection)


def serve_port(address, port, manner):
    server = socket.create_server((address, port), family=socket.AF_INET6 if ':' in address else socket.AF_INET)
    if manner is None: # a full accept queue
        server.listen(1)
    while True:
        if manner is None:
            time.sleep(2)
        connection, _ = server.accept()
        threading.Thread(target=serve_one, args=(connection, manner or is_deaf), daemon=True).start()


def serve(port, *addresses):
    manners = [closes_first, echoes, aborts, leaves_unread, half_closes, is_deaf, keeps_alive, closes_late, None]
    for address in addresses:
        for number, manner in enumerate(manners):
            threading.Thread(target=serve_port, args=(address, int(port) + 1 + number, manner), daemon=True).start()
    time.sleep(1000)


def connect_once(chance, address, port, local):
    with socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.settimeout(2)
        if chance.random() < .9:
            client.bind(('', local))
        client.connect((address, port + chance.choice([1, 1, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9])))
        if chance.random() < .05:
            return
        client.sendall(b'z' * chance.choice([1, 10, 1000, 20000]))
        manner = chance.random()
        if manner < .35:
            client.shutdown(socket.SHUT_WR)
            read_all(client)
        elif manner < .65:
            client.settimeout(chance.random() * .3 + .02)
            read_all(client)
        elif manner < .75:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
        elif manner < .85:
            time.sleep(chance.random() * 1.5)
            client.sendall(b'q' * 100)
            time.sleep(.02)
            client.sendall(b'q' * 100)


def connect_often(number, end, seed, port, addresses):
    chance = random.Random(seed * 1000 + number)
    while time.time() < end:
        with contextlib.suppress(OSError):
            connect_once(chance, chance.choice(addresses), port, 41000 + 8 * number + chance.randrange(8))
        time.sleep(chance.random() * .02)


def connect(port, seconds, seed, *addresses):
    end = time.time() + float(seconds)
    threads = [threading.Thread(target=connect_often, args=(number, end, int(seed), int(port), addresses)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def trace(port, path):
    root = '/sys/kernel/tracing'
    if not os.path.ismount(root):
        subprocess.run(['mount', '-t', 'tracefs', 'tracefs', root], check=True)
    instance = f'{root}/instances/twprobe-{os.getpid()}'
    os.mkdir(instance)

    def put(name, text):
        with open(f'{instance}/{name}', 'w', encoding='ascii') as file:
            file.write(text)
    put('buffer_size_kb', '16384')
    put('trace_clock', 'mono')
    first, last = int(port), int(port) + 9
    put(EVENT.replace('enable', 'filter'), ' || '.join(f'({field} >= {first} && {field} <= {last})' for field in ('sport', 'dport')))
    offset = min(time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_MONOTONIC) for _ in range(100))
    put(EVENT, '1')
    print('tracing', flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        time.sleep(1000)
    put(EVENT, '0')
    with open(f'{instance}/trace', encoding='ascii') as source, open(path, 'w', encoding='ascii') as target:
        target.write(f'offset {offset}\n')
        target.writelines(line for line in source if 'IPPROTO_TCP' in line)
    os.rmdir(instance)


{'serve': serve, 'connect': connect, 'trace': trace}[sys.argv[1]](*sys.argv[2:])
