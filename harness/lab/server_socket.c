/* server_socket.c - socket(), bind(), listen(), and the saved SYN. */
#include "harness/lab/server_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/lab/privileges.h"

enum {
	SAVED_SYN_SIZE = 256, /* IP and TCP headers with all their options */
	FAST_OPEN_QUEUE = 64, /* so many connections may wait for their third segment with data taken from their SYN */
};

static int explain(const char *where, struct error *error)
{
	switch (errno) {
	case EADDRINUSE:
		return fail(error, "cannot listen on %s: another program already does", where);
	case EACCES:
		return fail(error, "cannot listen on %s: only root may use a port this low", where);
	case EADDRNOTAVAIL:
		return fail(error, "cannot listen on %s: the address belongs to no local interface", where);
	default:
		return fail(error, "cannot listen on %s: %s", where, strerror(errno));
	}
}

static int set_number(int descriptor, int level, int option, uint32_t number)
{
	return setsockopt(descriptor, level, option, &number, sizeof(number));
}

static int set_up(int listener, const struct endpoint *endpoint, const struct server_socket_options *options,
		  struct error *error)
{
	int yes = 1, only = !address_is_unspecified(&endpoint->address);
	struct sockaddr_storage storage;
	size_t length = endpoint_to_sockaddr(endpoint, &storage);
	char text[ENDPOINT_TEXT_SIZE];

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (options->shares_port) {
		setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes));
		privileges_give_socket(listener);
	}
	if (endpoint->address.family == 6)
		setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	setsockopt(listener, IPPROTO_TCP, TCP_SAVE_SYN, &yes, sizeof(yes));
	/* Connections inherit it. What is set by hand does not grow (SOCK_RCVBUF_LOCK, tcp_rcv_space_adjust). */
	if (options->receive_buffer &&
	    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &options->receive_buffer, sizeof(options->receive_buffer)))
		return fail(error, "cannot bound the memory of a connection: %s", strerror(errno));
	if (options->opens_fast)
		set_number(listener, IPPROTO_TCP, TCP_FASTOPEN, FAST_OPEN_QUEUE);
	if (bind(listener, (struct sockaddr *)&storage, (socklen_t)length) || listen(listener, options->backlog))
		return explain(endpoint_format(endpoint, text, sizeof(text)), error);
	return 0;
}

int server_socket_keep_alive(int descriptor, uint32_t idle_s, uint32_t interval_s, uint32_t probes)
{
	if ((idle_s && set_number(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, idle_s)) ||
	    (interval_s && set_number(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, interval_s)) ||
	    (probes && set_number(descriptor, IPPROTO_TCP, TCP_KEEPCNT, probes)))
		return -1;
	return set_number(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
}

int server_socket_give_up_after(int descriptor, uint32_t timeout_ms)
{
	return set_number(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, timeout_ms);
}

void server_socket_set_manner(int descriptor, const struct manner *manner)
{
	enum { DEFER_SECONDS = 60 };
	struct linger linger = { .l_onoff = manner->lingers_zero };

	setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	if (manner->keepalive_s)
		server_socket_keep_alive(descriptor, manner->keepalive_s, manner->keepalive_s, 0);
	else
		set_number(descriptor, SOL_SOCKET, SO_KEEPALIVE, 0);
	server_socket_give_up_after(descriptor, manner->user_timeout_ms);
	set_number(descriptor, IPPROTO_TCP, TCP_DEFER_ACCEPT, manner->defers ? DEFER_SECONDS : 0);
	set_number(descriptor, IPPROTO_TCP, TCP_LINGER2, (uint32_t)manner->linger2_s);
	/* One of them is of the other family, which takes neither. */
	set_number(descriptor, IPPROTO_IP, IP_MINTTL, manner->min_ttl);
	set_number(descriptor, IPPROTO_IPV6, IPV6_MINHOPCOUNT, manner->min_ttl);
}

static int make_socket(uint8_t family, int protocol, struct error *error)
{
	int made = socket(family == 6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (made < 0 && protocol == SERVER_SOCKET_MPTCP)
		return fail(error, "cannot make an MPTCP socket of IPv%u: %s", family, strerror(errno));
	if (made < 0 && errno == EAFNOSUPPORT)
		return fail(error, "this kernel has no IPv%u", family);
	return made < 0 ? fail(error, "cannot make an IPv%u socket: %s", family, strerror(errno)) : made;
}

/* The ports of a lab are shared by thousands of connections to different endpoints. */
int server_socket_call(const struct endpoint *source, const struct endpoint *target, const struct manner *manner,
		       struct error *error)
{
	int yes = 1, caller = make_socket(source->address.family, IPPROTO_TCP, error);
	char from[ENDPOINT_TEXT_SIZE], to[ENDPOINT_TEXT_SIZE];
	struct sockaddr_storage storage;
	size_t length = endpoint_to_sockaddr(source, &storage);

	if (caller < 0)
		return -1;
	setsockopt(caller, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(caller, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes));
	if (!manner_is_usual(manner))
		server_socket_set_manner(caller, manner);
	if (bind(caller, (struct sockaddr *)&storage, (socklen_t)length) == 0) {
		length = endpoint_to_sockaddr(target, &storage);
		if (connect(caller, (struct sockaddr *)&storage, (socklen_t)length) == 0 || errno == EINPROGRESS)
			return caller;
	}
	fail(error, "cannot connect from %s to %s: %s", endpoint_format(source, from, sizeof(from)),
	     endpoint_format(target, to, sizeof(to)), strerror(errno));
	close(caller);
	return -1;
}

int server_socket_open(const struct endpoint *endpoint, const struct server_socket_options *options, struct error *error)
{
	int listener = make_socket(endpoint->address.family, options->mptcp ? SERVER_SOCKET_MPTCP : IPPROTO_TCP, error);

	if (listener < 0)
		return -1;
	if (set_up(listener, endpoint, options, error) == 0)
		return listener;
	close(listener);
	return -1;
}

/* As tcp_v4_init_req and tcp_v6_init_req saved it (tcp_reqsk_record_syn): the IP header, then the TCP header. It is not
 * saved under SYN cookies, and not looked for behind extension headers. */
int server_socket_syn_window(int connection)
{
	uint8_t syn[SAVED_SYN_SIZE];
	socklen_t size = sizeof(syn);
	size_t tcp;

	if (getsockopt(connection, IPPROTO_TCP, TCP_SAVED_SYN, syn, &size) || size < 20)
		return -1;
	if (syn[0] >> 4 == 4)
		tcp = (size_t)(syn[0] & 15) * 4;
	else if (syn[0] >> 4 == 6 && syn[6] == IPPROTO_TCP)
		tcp = 40;
	else
		return -1;
	return tcp + 20 <= size ? syn[tcp + 14] << 8 | syn[tcp + 15] : -1;
}

bool server_socket_opens(int connection)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	return getsockopt(connection, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_state == TCP_SYN_RECV;
}
