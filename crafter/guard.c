/* guard.c - source ports that the local kernel leaves to us: the order they are handed out in, and the sockets
 * that keep it quiet. */
#include "crafter/guard.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crafter/descriptors.h"

enum { PORT_FIRST = 20000, PORT_LAST = 60999, PORT_COUNT = PORT_LAST - PORT_FIRST + 1 };

/* Where a port is. Ports that were released keep their socket and stand in a list, the oldest first. */
struct port {
	int fd; /* -1: no socket */
	bool taken;
	int older, newer; /* neighbours among the released; -1: none */
};

struct guard {
	struct address source;
	bool needed;
	bool no_filter;     /* the kernel does not let us attach one */
	bool no_signatures; /* and knows no signatures either */
	size_t capacity, sockets, taken;
	int next; /* the port to try first */
	int oldest, newest;
	struct port ports[PORT_COUNT];
};

struct guard *guard_open(const struct address *source, size_t capacity, bool needed, uint64_t seed,
			 struct error *error)
{
	struct guard *guard = calloc(1, sizeof(*guard));
	int index;

	if (!guard) {
		fail(error, "source ports: out of memory");
		return NULL;
	}
	guard->source = *source;
	guard->capacity = capacity;
	guard->needed = needed;
	/* Seeds that are close together start far apart. */
	guard->next = (int)((seed * UINT64_C(0x9e3779b97f4a7c15) >> 32) % PORT_COUNT);
	guard->oldest = guard->newest = -1;
	for (index = 0; index < PORT_COUNT; index++)
		guard->ports[index].fd = -1;
	if (needed)
		descriptors_raise();
	return guard;
}

static void append(struct guard *guard, int index)
{
	guard->ports[index].older = guard->newest;
	guard->ports[index].newer = -1;
	if (guard->newest >= 0)
		guard->ports[guard->newest].newer = index;
	else
		guard->oldest = index;
	guard->newest = index;
}

static void unlink_port(struct guard *guard, int index)
{
	struct port *port = &guard->ports[index];

	if (port->older >= 0)
		guard->ports[port->older].newer = port->newer;
	else
		guard->oldest = port->newer;
	if (port->newer >= 0)
		guard->ports[port->newer].older = port->older;
	else
		guard->newest = port->older;
}

/* False when there is none. */
static bool close_oldest(struct guard *guard)
{
	int index = guard->oldest;

	if (index < 0)
		return false;
	unlink_port(guard, index);
	close(guard->ports[index].fd);
	guard->ports[index].fd = -1;
	guard->sockets--;
	return true;
}

static int attach_filter(int fd)
{
	struct sock_filter drop = { .code = BPF_RET | BPF_K, .k = 0 };
	struct sock_fprog program = { .len = 1, .filter = &drop };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* Segments with a TTL below 255 are dropped before anything is made of them (RFC 5082; min_ttl in tcp_v4_rcv,
 * min_hopcount in tcp_v6_rcv). */
static int refuse_lower_ttl(int fd, uint8_t family)
{
	int lowest = 255;

	if (family == 4)
		return setsockopt(fd, IPPROTO_IP, IP_MINTTL, &lowest, sizeof(lowest));
	return setsockopt(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &lowest, sizeof(lowest));
}

/* Every peer is to sign its segments (RFC 2385); what comes without a signature is dropped, right after the TTL was looked
 * at and without a RST (tcp_inbound_hash in tcp_v4_rcv and tcp_v6_rcv). Nobody knows the key, and a prefix of no bits is
 * everybody. No privilege is needed for it. */
static int want_signatures(int fd, uint8_t family)
{
	struct tcp_md5sig rule = { .tcpm_flags = TCP_MD5SIG_FLAG_PREFIX, .tcpm_keylen = sizeof(rule.tcpm_key) };

	rule.tcpm_addr.ss_family = family == 4 ? AF_INET : AF_INET6;
	if (getrandom(rule.tcpm_key, sizeof(rule.tcpm_key), 0) != (ssize_t)sizeof(rule.tcpm_key))
		return -1;
	return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &rule, sizeof(rule));
}

/* Newer kernels want CAP_NET_ADMIN for a filter on a TCP socket (sk_setsockopt; 6.12 has it, 5.10 has not), which is given
 * up by now. A kernel without signatures (CONFIG_TCP_MD5SIG) leaves the TTL alone. */
static int make_deaf(struct guard *guard, int fd)
{
	if (!guard->no_filter) {
		if (attach_filter(fd) == 0)
			return 0;
		if (errno != EPERM)
			return -1;
		guard->no_filter = true;
	}
	if (!guard->no_signatures && want_signatures(fd, guard->source.family))
		guard->no_signatures = true;
	return refuse_lower_ttl(fd, guard->source.family);
}

/* A listener that hears nothing, and is deaf before it has its port. Returns it, or -1 with errno. */
static int open_deaf_listener(struct guard *guard, const struct endpoint *local)
{
	struct sockaddr_storage address;
	socklen_t size = (socklen_t)endpoint_to_sockaddr(local, &address);
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP), number;

	if (fd < 0)
		return -1;
	if (make_deaf(guard, fd) == 0 && bind(fd, (const struct sockaddr *)&address, size) == 0 &&
	    listen(fd, 1) == 0)
		return fd;
	number = errno;
	close(fd);
	errno = number;
	return -1;
}

static int explain(const struct guard *guard, const struct endpoint *local, int number, struct error *error)
{
	char text[ENDPOINT_TEXT_SIZE];

	if (number == EMFILE) {
		return fail(error,
			    "%zu source ports are in use and each takes a descriptor, of which this process may have %zu; "
			    "use fewer in flight or raise the limit (ulimit -n)",
			    guard->taken, descriptors_limit());
	}
	endpoint_format(local, text, sizeof(text));
	if (number == EADDRNOTAVAIL)
		return fail(error, "guarding source port %s: the address belongs to no local interface", text);
	return fail(error, "guarding source port %s: %s", text, strerror(number));
}

/* Makes the port deaf. 1: done, 0: it is in use by others, -1: error. */
static int guard_port(struct guard *guard, int index, struct error *error)
{
	struct endpoint local = { .address = guard->source, .port = (uint16_t)(PORT_FIRST + index) };
	struct port *port = &guard->ports[index];

	if (port->fd >= 0) { /* the turn came round to a port whose socket is still open */
		unlink_port(guard, index);
		return 1;
	}
	if (guard->sockets == guard->capacity && !close_oldest(guard))
		return fail(error, "all %zu source ports are in use", guard->capacity);
	do
		port->fd = open_deaf_listener(guard, &local);
	while (port->fd < 0 && errno == EMFILE && close_oldest(guard));
	if (port->fd >= 0) {
		guard->sockets++;
		return 1;
	}
	return errno == EADDRINUSE ? 0 : explain(guard, &local, errno, error);
}

int guard_take(struct guard *guard, uint16_t *port, struct error *error)
{
	char text[ADDRESS_TEXT_SIZE];
	int tries, index, done;

	for (tries = 0; tries < PORT_COUNT; tries++) {
		index = guard->next;
		guard->next = (index + 1) % PORT_COUNT;
		if (guard->ports[index].taken)
			continue;
		done = guard->needed ? guard_port(guard, index, error) : 1;
		if (done < 0)
			return -1;
		if (done == 0)
			continue;
		guard->ports[index].taken = true;
		guard->taken++;
		*port = (uint16_t)(PORT_FIRST + index);
		return 0;
	}
	return fail(error, "no source port of %s is free: %zu are used by this run, the others by other programs",
		    address_format(&guard->source, text, sizeof(text)), guard->taken);
}

void guard_release(struct guard *guard, uint16_t port)
{
	int index = port - PORT_FIRST;

	if (index < 0 || index >= PORT_COUNT || !guard->ports[index].taken)
		return;
	guard->ports[index].taken = false;
	guard->taken--;
	if (guard->needed)
		append(guard, index);
}

bool guard_leaks(const struct guard *guard)
{
	return guard->no_filter && guard->no_signatures;
}

void guard_close(struct guard *guard)
{
	int index;

	if (!guard)
		return;
	for (index = 0; index < PORT_COUNT; index++)
		if (guard->ports[index].fd >= 0)
			close(guard->ports[index].fd);
	free(guard);
}
