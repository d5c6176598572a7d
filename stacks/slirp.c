/* slirp.c - libslirp's TCP, which stands between virtual machines and the world, as a subject: the program is both slirp on the
 * tap and the server behind it, on this namespace's loopback. What slirp is asked is read from the window of each SYN on its way
 * in (docs/stacks.md); slirp begins to connect to the server while it takes that SYN, and the port that it connects from tells
 * the server which SYN that was. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLOSE = 61000, HOLD, HALF, EOF_, EOF_HALF };
enum { POLLED_MAX = 1 << 16, FRAME_SIZE = 2048 };

static struct pollfd polled[POLLED_MAX];
static int polled_count, read_most; /* the highest descriptor that was ever read */
static int reading[POLLED_MAX]; /* by descriptor: what is to be done at end of file; 0: not read */
static uint16_t asked[POLLED_MAX]; /* windows of SYNs, by the port from which slirp connects */
static int tap, listener, connecting = -1; /* the socket that slirp has just made */
static unsigned char gateway_mac[6], resolved[4];
static int resolve; /* slirp asks who has `resolved` */

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	if (!value) {
		fprintf(stderr, "%s is not set; start it with twprobe --engine=exec\n", name);
		exit(2);
	}
	return value;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void open_tap(void)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", setting("TWPROBE_TAP"));
	if (tap < 0 || ioctl(tap, TUNSETIFF, &request) < 0)
		die("tap device");
}

/* Where slirp connects to when somebody connects to its own address. */
static void open_listener(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(setting("TWPROBE_PORT"))) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener, 1024) < 0)
		die("server");
}

static void serve(int connection, int window)
{
	if (window == EOF_ || window == EOF_HALF) {
		reading[connection] = window;
		read_most = connection > read_most ? connection : read_most;
	} else if (window == HALF) {
		shutdown(connection, SHUT_WR);
	} else if (window != HOLD) {
		close(connection);
	}
}

static void read_all(int connection)
{
	char data[4096];
	ssize_t size;

	while ((size = read(connection, data, sizeof(data))) > 0)
		;
	if (size < 0 && errno == EAGAIN)
		return;
	if (size == 0 && reading[connection] == EOF_HALF)
		shutdown(connection, SHUT_WR);
	else
		close(connection);
	reading[connection] = 0;
}

/* The clients are behind the gateway, and slirp takes them for neighbours: it is told the gateway's hardware address. */
static ssize_t send_packet(const void *frame, size_t size, void *unused)
{
	const unsigned char *bytes = frame;

	(void)unused;
	if (size >= 42 && bytes[12] == 8 && bytes[13] == 6 && bytes[21] == 1 && memcmp(bytes + 28, bytes + 38, 4) != 0) {
		memcpy(resolved, bytes + 38, 4);
		resolve = 1;
		return (ssize_t)size;
	}
	return write(tap, frame, size);
}

static void answer_resolve(Slirp *slirp)
{
	unsigned char frame[42] = { [12] = 8, [13] = 6, [15] = 1, [16] = 8, [18] = 6, [19] = 4, [21] = 2 };

	resolve = 0;
	memset(frame, 0xff, 6);
	memcpy(frame + 6, gateway_mac, 6);
	memcpy(frame + 22, gateway_mac, 6);
	memcpy(frame + 28, resolved, 4);
	inet_pton(AF_INET, setting("TWPROBE_ADDRESS"), frame + 38);
	slirp_input(slirp, frame, sizeof(frame));
}

static void guest_error(const char *text, void *unused)
{
	(void)text;
	(void)unused;
}

static int64_t clock_get_ns(void *unused)
{
	struct timespec now;

	(void)unused;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* They are for router advertisements of IPv6, which is off. */
static void *timer_new(SlirpTimerCb callback, void *context, void *unused)
{
	static char timer;

	(void)callback;
	(void)context;
	(void)unused;
	return &timer;
}

static void timer_free(void *timer, void *unused)
{
	(void)timer;
	(void)unused;
}

static void timer_mod(void *timer, int64_t expires, void *unused)
{
	(void)timer;
	(void)expires;
	(void)unused;
}

static void made_socket(int fd, void *unused)
{
	(void)unused;
	connecting = fd;
}

static void drop_socket(int fd, void *unused)
{
	(void)fd;
	(void)unused;
}

static void notify(void *unused)
{
	(void)unused;
}

static const SlirpCb callbacks = {
	.send_packet = send_packet, .guest_error = guest_error, .clock_get_ns = clock_get_ns, .timer_new = timer_new,
	.timer_free = timer_free, .timer_mod = timer_mod, .register_poll_fd = made_socket, .unregister_poll_fd = drop_socket,
	.notify = notify,
};

static int add_poll(int fd, int events, void *unused)
{
	(void)unused;
	if (polled_count == POLLED_MAX)
		return -1;
	polled[polled_count] = (struct pollfd){ .fd = fd };
	polled[polled_count].events = (short)((events & SLIRP_POLL_IN ? POLLIN : 0) | (events & SLIRP_POLL_OUT ? POLLOUT : 0) |
					      (events & SLIRP_POLL_PRI ? POLLPRI : 0));
	return polled_count++;
}

static int get_revents(int index, void *unused)
{
	int events = index < 0 ? 0 : polled[index].revents;

	(void)unused;
	return (events & POLLIN ? SLIRP_POLL_IN : 0) | (events & POLLOUT ? SLIRP_POLL_OUT : 0) |
	       (events & POLLPRI ? SLIRP_POLL_PRI : 0) | (events & POLLERR ? SLIRP_POLL_ERR : 0) |
	       (events & POLLHUP ? SLIRP_POLL_HUP : 0);
}

static uint16_t port_of(const struct sockaddr_in *address)
{
	return ntohs(address->sin_port);
}

static void note_window(unsigned window)
{
	struct sockaddr_in own = { 0 };
	socklen_t length = sizeof(own);

	if (connecting >= 0 && getsockname(connecting, (struct sockaddr *)&own, &length) == 0)
		asked[port_of(&own)] = (uint16_t)window;
}

static void take_connections(void)
{
	struct sockaddr_in slirp;
	socklen_t length = sizeof(slirp);
	int connection;

	while ((connection = accept4(listener, (struct sockaddr *)&slirp, &length, SOCK_NONBLOCK)) >= 0)
		serve(connection, asked[port_of(&slirp)]);
}

static void take_frames(Slirp *slirp)
{
	unsigned char frame[FRAME_SIZE];
	ssize_t size;

	while ((size = read(tap, frame, sizeof(frame))) > 0) {
		int is_tcp = size >= 54 && frame[12] == 8 && frame[13] == 0 && frame[23] == 6;
		int is_syn = is_tcp && (frame[47] & 0x12) == 2;

		memcpy(gateway_mac, frame + 6, 6);
		connecting = -1;
		slirp_input(slirp, frame, (int)size);
		if (is_syn)
			note_window((unsigned)(frame[48] << 8 | frame[49]));
		if (resolve)
			answer_resolve(slirp);
	}
}

static Slirp *start_slirp(void)
{
	SlirpConfig config = { .version = 1, .in_enabled = true };

	inet_pton(AF_INET, setting("TWPROBE_ADDRESS"), &config.vhost);
	inet_pton(AF_INET, setting("TWPROBE_NETMASK"), &config.vnetmask);
	config.vnetwork.s_addr = config.vhost.s_addr & config.vnetmask.s_addr;
	config.vdhcp_start.s_addr = config.vnetwork.s_addr | htonl(100);
	config.vnameserver.s_addr = config.vnetwork.s_addr | htonl(99);
	return slirp_new(&config, &callbacks, NULL);
}

static void run(Slirp *slirp)
{
	uint32_t timeout = 1000;
	int ready;

	polled_count = 0;
	add_poll(tap, SLIRP_POLL_IN, NULL);
	add_poll(listener, SLIRP_POLL_IN, NULL);
	for (int fd = 0; fd <= read_most; fd++)
		if (reading[fd])
			add_poll(fd, SLIRP_POLL_IN, NULL);
	ready = polled_count;
	slirp_pollfds_fill(slirp, &timeout, add_poll, NULL);
	if (poll(polled, (nfds_t)polled_count, (int)timeout) < 0)
		return;
	for (int i = 2; i < ready; i++)
		if (polled[i].revents)
			read_all(polled[i].fd);
	take_connections();
	slirp_pollfds_poll(slirp, 0, get_revents, NULL);
	if (polled[0].revents)
		take_frames(slirp);
	if (resolve) {
		answer_resolve(slirp);
		slirp_pollfds_poll(slirp, 1, get_revents, NULL); /* sends what waited for that, and looks at no descriptor */
	}
}

int main(void)
{
	struct rlimit limit;
	Slirp *slirp;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max < POLLED_MAX ? limit.rlim_max : POLLED_MAX;
	setrlimit(RLIMIT_NOFILE, &limit);
	open_tap();
	open_listener();
	slirp = start_slirp();
	for (;;)
		run(slirp);
}
