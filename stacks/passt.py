#!/usr/bin/env python3
# passt's TCP towards a guest, as a subject: passt gets the tap's frames through a socket, as from QEMU, and connects to the server
# below, on this namespace's loopback. The port that it connects to is its guest's: of frames, port TWPROBE_PORT becomes one for what
# the window of the connection's SYN asks for (docs/stacks.md), and back. pasta is the same program, and this the same code in it.
import fcntl, os, resource, select, socket, struct, subprocess

CLOSE, HOLD, HALF, EOF, EOF_HALF = range(61000, 61005)
SYN, ACK = 2, 16
HELD_MOST = 16384  # what passt has closed looks half-closed for ever: the oldest go
port = int(os.environ["TWPROBE_PORT"])
asked = {}  # by the client's address and port: what the last SYN with such a window asked for

most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(tap, 0x400454CA, struct.pack("16sH22x", os.environ["TWPROBE_TAP"].encode(), 0x1002))
ours, theirs = socket.socketpair()
ours.setblocking(False)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
options = {"--fd": str(theirs.fileno()), "--interface": os.environ["TWPROBE_TAP"], "--mac-addr": os.environ["TWPROBE_MAC"],
           "--gateway": os.environ["TWPROBE_ADDRESS"], "--address": os.environ["TWPROBE_CLIENT"], "--netmask": "24",
           "--tcp-ports": "none", "--udp-ports": "none", "--runas": "0"}
passt = subprocess.Popen(["passt", "--foreground", "--ipv4-only", "--no-dhcp", *(word for pair in options.items() for word in pair)],
                         pass_fds=[theirs.fileno()])
theirs.close()


def with_port(frame, at, number):
    """The frame with that port at this place of the TCP header, and the checksum that this makes (RFC 1624)."""
    tcp = 14 + (frame[14] & 15) * 4
    old, = struct.unpack_from("!H", frame, tcp + at)
    sum_, = struct.unpack_from("!H", frame, tcp + 16)
    sum_ = (sum_ ^ 65535) + (old ^ 65535) + number
    sum_ = (sum_ & 65535) + (sum_ >> 16)
    sum_ = (sum_ & 65535) + (sum_ >> 16)
    struct.pack_into("!H", frame, tcp + at, number)
    struct.pack_into("!H", frame, tcp + 16, sum_ ^ 65535)
    return frame


def to_passt(frame):
    tcp = 14 + (frame[14] & 15) * 4
    if frame[12:14] == b"\x08\0" and frame[23] == 6 and len(frame) >= tcp + 20:
        source, to = struct.unpack_from("!2H", frame, tcp)
        window, = struct.unpack_from("!H", frame, tcp + 14)
        client = bytes(frame[26:30]), source
        if to == port:
            if frame[tcp + 13] & (SYN | ACK) == SYN and CLOSE <= window <= EOF_HALF:
                asked[client] = window
            frame = with_port(frame, 2, asked.get(client, CLOSE))
    while True:
        try:
            return ours.send(struct.pack("!I", len(frame)) + frame)
        except BlockingIOError:
            if select.select([ours], [ours], [])[0]:  # passt may wait for us to take what it has sent
                take_frames()


def to_tap(frame):
    tcp = 14 + (frame[14] & 15) * 4
    if frame[12:14] == b"\x08\0" and frame[23] == 6 and len(frame) >= tcp + 20:
        if CLOSE <= struct.unpack_from("!H", frame, tcp)[0] <= EOF_HALF:
            frame = with_port(frame, 0, port)
    os.write(tap, frame)


def take_frames():
    """From passt; each frame is behind its length."""
    global rest
    rest += ours.recv(1 << 20)
    while len(rest) >= 4 and len(rest) >= 4 + struct.unpack_from("!I", rest)[0]:
        size = 4 + struct.unpack_from("!I", rest)[0]
        frame, rest = bytearray(rest[4:size]), rest[size:]
        to_tap(frame)


def serve(connection, behaviour):
    """-> whether it is kept"""
    connection.setblocking(False)
    if behaviour == CLOSE:
        connection.close()
    elif behaviour == HALF:
        connection.shutdown(socket.SHUT_WR)
    if behaviour != CLOSE:
        poll.register(connection, select.EPOLLIN if behaviour in (EOF, EOF_HALF) else 0)
    return behaviour != CLOSE


def read_all(connection, behaviour, events):
    """-> whether it is kept"""
    try:
        if events & (select.EPOLLERR | select.EPOLLHUP):
            raise OSError
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return True
    except OSError:
        behaviour = EOF  # nobody is there any more
    if behaviour == EOF:
        connection.close()
        return False
    poll.modify(connection, 0)
    connection.shutdown(socket.SHUT_WR)
    return True


poll = select.epoll()
listeners, held = {}, {}  # by descriptor: the socket, and what it does
for number in range(CLOSE, EOF_HALF + 1):
    listener = socket.create_server(("127.0.0.1", number), backlog=1024)
    listener.setblocking(False)
    listeners[listener.fileno()] = listener, number
for descriptor in (tap, ours.fileno(), *listeners):
    poll.register(descriptor, select.EPOLLIN)
rest = b""
while passt.poll() is None:
    for descriptor, events in poll.poll(1):
        try:
            if descriptor == tap:
                while True:
                    to_passt(bytearray(os.read(tap, 2000)))
            elif descriptor == ours.fileno():
                take_frames()
            elif descriptor in listeners:
                listener, number = listeners[descriptor]
                while True:
                    connection = listener.accept()[0]
                    fileno = connection.fileno()
                    if serve(connection, number):
                        held[fileno] = connection, number
                    if len(held) > HELD_MOST:
                        held.pop(next(iter(held)))[0].close()
            elif descriptor in held and not read_all(*held[descriptor], events):
                del held[descriptor]
        except (BlockingIOError, OSError):
            pass
raise SystemExit(f"passt has ended with exit code {passt.returncode}")
