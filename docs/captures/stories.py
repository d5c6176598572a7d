#!/usr/bin/env python3
"""What happens in the captures of make.sh. stories.py client|server ROUTER SERVER CLIENT: both halves, with the names of the
namespaces; stories.py other: another host with the server's address; stories.py list: NAME PORT PLACE of each capture. Needs
Python 3.8."""
import contextlib
import select
import socket
import struct
import subprocess
import sys
import threading
import time

HOST, LISTENING = "203.0.113.1", list(range(9000, 9013)) + list(range(9020, 9033))
CAPTURES = """keepalive-silent 9001 client
reset-keepalive 9002 client
reset-half-closed 9003 client
half-closed-silent 9004 client
after-close 9005 server
reset-other-sender 9006 client
reset-other-ttl 9007 client
timestamps-vanish 9008 server
handshake-other-ttl 9009 client
other-sender 9010 client
syn-unanswered 9011 client
syn-late 9012 client
syn-unreachable 9013 client
accept-queue 9014 server
reset-handshake 9016 server
crossed-syn 9017 client
tw-syn-accepted 9020 client
tw-syn-dropped 9021 client
tw-syn-no-listener 9022 client
tw-syn-reset 9023 client
data-silent 9024 client
keepalive-late-reset 9025 client
half-closed-late-reset 9026 client
timestamps-back 9027 server
syn-sent-stray 9028 client
sack-shifted 9029 client
ack-shifted 9030 client
syn-ack-other 9031 client
two-clocks 9032 server"""


def run(space, *command):
    subprocess.run(["ip", "netns", "exec", space, *command], check=True)


@contextlib.contextmanager
def rule(text, space=None, hook="forward"):
    """While this lasts, the router has the nft rule."""
    table = f"t{time.monotonic_ns()}"
    run(space or sys.argv[2], "nft", f"add table ip {table}; add chain ip {table} c {{ type filter hook {hook} priority 0; }}; "
        f"add rule ip {table} c {text}")
    yield
    run(space or sys.argv[2], "nft", f"delete table ip {table}")


def abort(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def serve_one(connection, port):
    """`a` is answered, `l` later, `t` with another TTL; `c` closes, `r` resets; the rest is read."""
    with contextlib.suppress(OSError):
        while data := connection.recv(1000):
            word = data[:1]
            if word == b"a":
                connection.sendall(b"a" * 10)
            elif word == b"r":
                time.sleep(0.1)  # until it is acknowledged
                abort(connection)
            elif word == b"l":
                time.sleep(0.4)
                connection.sendall(b"l" * 10)
            elif word == b"t":
                connection.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 50)
                connection.sendall(b"t" * 10)
                connection.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 64)
            elif word == b"c":
                break
    connection.close()


def server():
    """9014 and 9016 never accept; 9022 and 9023 stop listening after their first connection."""
    full = [socket.create_server((HOST, port), backlog=1) for port in (9014, 9016)]
    listeners = {socket.create_server((HOST, port)): port for port in LISTENING}
    while full:
        for listener in select.select(list(listeners), [], [])[0]:
            port = listeners[listener]
            threading.Thread(target=serve_one, args=(listener.accept()[0], port), daemon=True).start()
            if port in (9022, 9023):
                del listeners[listener]
                listener.close()


def connect(port, own=0, seconds=2.5):
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    connection.bind(("198.51.100.1", own))
    connection.settimeout(seconds)
    with contextlib.suppress(OSError):
        connection.connect((HOST, port))
    return connection


def ask(connection, text, answered=True):
    with contextlib.suppress(OSError):
        connection.sendall(text)
        return connection.recv(1000) if answered else None


def keepalive(connection, seconds):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 2)):
        connection.setsockopt(socket.IPPROTO_TCP, option, value)
    time.sleep(seconds)


def dead_connections():
    connection = connect(9001)
    ask(connection, b"a")
    with rule("tcp dport 9001 drop"):
        keepalive(connection, 4)
    connection = connect(9002)
    ask(connection, b"a")
    with rule("tcp sport 9002 tcp flags & rst == rst drop"):  # the abort reaches nobody
        ask(connection, b"r", False)
        time.sleep(0.3)
    keepalive(connection, 1.5)
    connection = connect(9003)
    ask(connection, b"c")
    ask(connection, b"x" * 100, False)  # the server has closed, and cannot read it
    time.sleep(0.2)
    connection = connect(9004)
    ask(connection, b"c")
    with rule("tcp dport 9004 drop"):
        ask(connection, b"x" * 100, False)
        time.sleep(3)
        abort(connection)
    connection = connect(9005)
    ask(connection, b"a")
    with rule("tcp sport 9005 tcp flags & rst == rst drop"):
        ask(connection, b"r", False)
        time.sleep(0.3)
        ask(connection, b"x" * 100, False)
        time.sleep(0.1)


def late_answers():
    connection = connect(9024)
    ask(connection, b"a")
    with rule("tcp dport 9024 drop"):
        ask(connection, b"x" * 100, False)
        time.sleep(5)
    connection = connect(9025)
    ask(connection, b"a")
    with rule("tcp sport 9025 tcp flags & rst == rst drop"):
        ask(connection, b"r", False)
        time.sleep(0.3)
    with rule("tcp dport 9025 drop"):
        keepalive(connection, 1.5)
    time.sleep(1.5)
    connection = connect(9026)
    ask(connection, b"c")
    with rule("tcp dport 9026 drop"):
        ask(connection, b"x" * 100, False)
        time.sleep(1.2)
    time.sleep(2)


def going_back():
    """The clock of a connection, as after a restore from a checkpoint: TCP_REPAIR (19) lets TCP_TIMESTAMP (24) set it."""
    connection = connect(9027)
    ask(connection, b"a")
    connection.setsockopt(socket.IPPROTO_TCP, 19, 1)
    connection.setsockopt(socket.IPPROTO_TCP, 24, connection.getsockopt(socket.IPPROTO_TCP, 24) - 1000000)
    connection.setsockopt(socket.IPPROTO_TCP, 19, -1)  # without a window probe
    ask(connection, b"x" * 100, False)
    time.sleep(2.5)
    abort(connection)


def strays():
    """A reset of the connection before, while the next one waits for its SYN-ACK."""
    connection = connect(9028, own=7028)
    ask(connection, b"a")
    with rule("tcp dport 9028 tcp flags & (syn | rst) != 0 drop"):
        ask(connection, b"r", False)
        abort(connection)
        connect(9028, own=7028, seconds=0.5)


def something_on_the_way():
    reject = "tcp dport %d tcp flags & psh == psh reject with tcp reset"
    for port, word in ((9006, b"l"), (9007, b"x")):
        connection = connect(port)
        ask(connection, b"a")
        ask(connection, b"a")
        ask(connection, word, False)
        time.sleep(0.1)
        with rule(reject % port):
            ask(connection, b"x", False)
            time.sleep(0.5)
    connection = connect(9008)
    ask(connection, b"a")
    with rule("ip saddr 198.51.100.1 tcp dport 9008 reset tcp option timestamp"):
        for _ in range(4):
            ask(connection, b"a")
        connection.close()
        time.sleep(0.2)
    run(sys.argv[2], "nft", "table ip s { chain raw { type filter hook prerouting priority -300; "
        "tcp dport 9009 tcp flags syn notrack; }; chain forward { type filter hook forward priority 0; "
        "tcp dport 9009 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm; "
        "tcp sport 9009 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm; }; }")
    with connect(9009) as connection:
        for _ in range(4):
            ask(connection, b"a")
    with connect(9010) as connection:
        for word in b"aaaaataaaaaa":
            ask(connection, bytes([word]))


def shifting():
    """A firewall that gives each connection other sequence numbers: in what the client sends, and back in what is acknowledged,
    but for the SACK blocks. Then one that loses the second half of its table."""
    there, back = "tcp dport {0} tcp sequence set tcp sequence ^ 0x90000000", "tcp sport {0} tcp ackseq set tcp ackseq ^ 0x90000000"
    with rule(there.format(9029)), rule(back.format(9029)):
        connection = connect(9029)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ask(connection, b"a")
        with rule("tcp dport 9029 @th,256,8 0x64 drop"):  # a first byte "d"
            for text in (b"d", b"x", b"x", b"x"):
                ask(connection, text * 100, False)
                time.sleep(0.02)
        time.sleep(0.5)
        connection.close()
        time.sleep(0.1)
    with rule(there.format(9030)):
        with rule(back.format(9030)):
            connection = connect(9030)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ask(connection, b"a")
        for _ in range(4):
            ask(connection, b"x" * 100, False)
            time.sleep(0.05)
        time.sleep(1)
        abort(connection)


def two_servers():
    """What goes to the server also goes to another host with its address."""
    with rule("tcp dport 9031 dup to 192.0.2.9 device beside"):
        connection = connect(9031)
        time.sleep(0.2)
        ask(connection, b"a")
        connection.close()


def two_clients():
    """Without an offset (tcp_timestamps=2) all connections show one clock; the router gives every second one another."""
    run(sys.argv[4], "sysctl", "-qw", "net.ipv4.tcp_timestamps=2")
    clock = "tcp option timestamp {0} set tcp option timestamp {0} ^ 0x20000000"
    with rule("tcp dport 9032 tcp sport 7100-7199 " + clock.format("tsval")), \
            rule("tcp sport 9032 tcp dport 7100-7199 " + clock.format("tsecr")):
        for number in range(4):
            for own in (7000, 7100):
                with connect(9032, own=own + 32 + number) as connection:
                    ask(connection, b"a")
            time.sleep(0.4)
    run(sys.argv[4], "sysctl", "-qw", "net.ipv4.tcp_timestamps=1")


def silent_handshakes():
    connect(9011).close()
    with rule("tcp dport 9011 drop"):
        connect(9011).close()
    with rule("tcp dport 9012 drop"):
        waiting = threading.Thread(target=connect, args=(9012, 0, 5))
        waiting.start()
        time.sleep(2.2)
    with rule("tcp dport 9013 reject with icmp type admin-prohibited"):
        waiting.join()
        connect(9013).close()
        time.sleep(4.5)
        connect(9013).close()
    connections = []
    for port, aborts in ((9016, 1), (9014, 0)):
        run(sys.argv[3], "sysctl", "-qw", f"net.ipv4.tcp_abort_on_overflow={aborts}")
        with rule(f"tcp dport {port} tcp flags & (syn | ack) == ack drop"):
            late = connect(port)  # whose ACK is lost until the queue is full
            late.setblocking(False)
        filler = [connect(port) for _ in range(2)]
        connections += [late, *filler, connect(port)]
        time.sleep(2.5)
    return connections


def crossing_syns():
    code = ("import socket,time; s=socket.socket(); s.bind(('%s',%d)); s.setblocking(False); "
            "s.connect_ex(('%s',%d)); time.sleep(2)")
    with rule("tcp sport 9017 tcp flags & rst == rst drop", sys.argv[3], "output"):
        first = subprocess.Popen(["python3", "-c", code % ("198.51.100.1", 7001, HOST, 9017)])
        time.sleep(0.3)
        run(sys.argv[3], "python3", "-c", code % (HOST, 9017, "198.51.100.1", 7001))
        first.wait()


def time_wait():
    run(sys.argv[4], "sysctl", "-qw", "net.ipv4.tcp_timestamps=0")  # with them an offset drawn for each connection may decide
    for port, text in ((9020, None), (9021, "tcp dport 9021 drop"), (9022, None)):
        connection = connect(port, own=7000 + port - 9000)
        ask(connection, b"a")
        ask(connection, b"c")
        connection.close()
        time.sleep(0.1)
        with rule(text) if text else contextlib.nullcontext():
            with connect(port, own=7000 + port - 9000) as connection:
                ask(connection, b"a")
    run(sys.argv[3], "sysctl", "-qw", "net.ipv4.tcp_max_tw_buckets=0")
    for _ in range(2):
        connection = connect(9023, own=7023)
        ask(connection, b"a")
        ask(connection, b"c")
        connection.close()
        time.sleep(0.1)


def other():
    while True:
        serve_one(socket.create_server((HOST, 9031)).accept()[0], 9031)


def client():
    dead_connections()
    late_answers()
    going_back()
    strays()
    something_on_the_way()
    shifting()
    two_servers()
    two_clients()
    held = silent_handshakes()
    crossing_syns()
    time_wait()
    time.sleep(3)
    ask(connect(9000), b"a")  # in every capture: what nobody answers until then stays so
    del held


if sys.argv[1] == "list":
    print(CAPTURES)
else:
    {"client": client, "server": server, "other": other}[sys.argv[1]]()
