/* subject.c - the server under test: listening sockets, accepting in batches, and each manner's end. */
#include "harness/subject.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "harness/held.h"

enum {
	LISTENERS_MAX = 8,
	EVENTS = 64,
	ACCEPT_BATCH = 256,      /* then the other descriptors have their turn */
	HELD_SECONDS = 600,      /* no cell lasts that long: who is older was forgotten by its client */
	SAVED_SYN_SIZE = 256,    /* IP and TCP headers with all their options */
	DISCARD = 1 << 20,
};

struct subject {
	struct subject_options options;
	int epoll, timer;
	int listeners[LISTENERS_MAX];
	size_t listener_count;
	bool saves_syns;
	size_t accepted;
	struct held_list held;
};

enum watched { WATCHED_LISTENER, WATCHED_HELD, WATCHED_TIMER };

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static int watch(struct subject *subject, int descriptor, enum watched kind, uint32_t events)
{
	struct epoll_event event = {
		.events = events, .data.u64 = (uint64_t)kind << 32 | (uint32_t)descriptor,
	};

	return epoll_ctl(subject->epoll, EPOLL_CTL_ADD, descriptor, &event);
}

/* Held connections need a descriptor each. As far as we may: short of that the oldest are closed. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

struct subject *subject_open(const struct subject_options *options, struct error *error)
{
	struct subject *subject = calloc(1, sizeof(*subject));

	if (!subject) {
		fail(error, "out of memory");
		return NULL;
	}
	subject->options = *options;
	held_init(&subject->held);
	raise_descriptor_limit();
	subject->epoll = epoll_create1(EPOLL_CLOEXEC);
	subject->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (subject->epoll >= 0 && subject->timer >= 0 &&
	    watch(subject, subject->timer, WATCHED_TIMER, EPOLLIN) == 0)
		return subject;
	fail(error, "cannot set up the subject: %s", strerror(errno));
	subject_close(subject);
	return NULL;
}

/* The wildcard of IPv6 takes IPv4 as well; any other address its own family alone. */
static int set_up(struct subject *subject, int listener, const struct endpoint *endpoint, struct error *error)
{
	int yes = 1, only = !address_is_unspecified(&endpoint->address);
	struct sockaddr_storage storage;
	size_t length = endpoint_to_sockaddr(endpoint, &storage);
	char text[ENDPOINT_TEXT_SIZE];

	endpoint_format(endpoint, text, sizeof(text));
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (endpoint->address.family == 6)
		setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	subject->saves_syns = setsockopt(listener, IPPROTO_TCP, TCP_SAVE_SYN, &yes, sizeof(yes)) == 0;
	if (bind(listener, (struct sockaddr *)&storage, (socklen_t)length) ||
	    listen(listener, subject->options.backlog)) {
		switch (errno) {
		case EADDRINUSE:
			return fail(error, "cannot listen on %s: another program does already", text);
		case EACCES:
			return fail(error, "cannot listen on %s: only root may use a port this low", text);
		case EADDRNOTAVAIL:
			return fail(error, "cannot listen on %s: the address belongs to no interface here",
				    text);
		default:
			return fail(error, "cannot listen on %s: %s", text, strerror(errno));
		}
	}
	if (!subject->options.never_accept && watch(subject, listener, WATCHED_LISTENER, EPOLLIN))
		return fail(error, "cannot watch the socket on %s: %s", text, strerror(errno));
	return 0;
}

int subject_listen(struct subject *subject, const struct endpoint *endpoint, struct error *error)
{
	int family = endpoint->address.family == 6 ? AF_INET6 : AF_INET;
	int listener;

	if (subject->listener_count == LISTENERS_MAX)
		return fail(error, "a subject listens on at most %d addresses", LISTENERS_MAX);
	listener = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener < 0)
		return fail(error, errno == EAFNOSUPPORT ? "this kernel has no %s" : "cannot make an %s socket",
			    family == AF_INET6 ? "IPv6" : "IPv4");
	if (set_up(subject, listener, endpoint, error)) {
		close(listener);
		return -1;
	}
	subject->listeners[subject->listener_count++] = listener;
	return 0;
}

void subject_listen_again(struct subject *subject)
{
	for (size_t i = 0; i < subject->listener_count; i++)
		listen(subject->listeners[i], subject->options.backlog);
}

/* The window of the client's SYN, as tcp_v4_init_req and tcp_v6_init_req saved it (tcp_reqsk_record_syn): the IP
 * header, then the TCP header. -1 when it was not saved (SYN cookies) or has headers in between. */
static int syn_window(int connection)
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

static void close_held(struct subject *subject, int connection)
{
	held_remove(&subject->held, connection);
	close(connection);
}

/* The timer goes off when the oldest has been held for too long; it is armed only while one is held. */
static void arm(struct subject *subject)
{
	struct itimerspec due = { .it_value.tv_sec = 1 };
	uint64_t age_s;

	if (!subject->held.count)
		return;
	age_s = (now() - subject->held.table[subject->held.oldest].since_ns) / 1000000000;
	if (age_s < HELD_SECONDS)
		due.it_value.tv_sec = (time_t)(HELD_SECONDS - age_s);
	timerfd_settime(subject->timer, 0, &due, NULL);
}

static void hold(struct subject *subject, int connection, enum manner manner)
{
	/* A held connection is looked at only when its state changes (EPOLLET, and EPOLLHUP and EPOLLERR come
	 * unasked): its data and the client's FIN must stay unread. */
	uint32_t events = manner == MANNER_EOF ? EPOLLIN | EPOLLRDHUP : EPOLLET;

	if (held_add(&subject->held, connection, manner, now())) {
		close(connection);
		return;
	}
	if (manner == MANNER_HALF)
		shutdown(connection, SHUT_WR);
	if (watch(subject, connection, WATCHED_HELD, events)) {
		close_held(subject, connection);
		return;
	}
	if (subject->held.count == 1)
		arm(subject);
}

static void take(struct subject *subject, int connection, const struct sockaddr_storage *client)
{
	int asked = subject->saves_syns ? syn_window(connection) - MANNER_WINDOW : -1;
	bool obeyed = asked >= 0 && asked < MANNER_COUNT;
	enum manner manner = obeyed ? (enum manner)asked : subject->options.manner;
	struct endpoint endpoint;

	subject->accepted++;
	if (subject->options.note && !endpoint_from_sockaddr((const struct sockaddr *)client, &endpoint))
		subject->options.note(subject->options.note_context, &endpoint, manner, obeyed);
	if (manner == MANNER_CLOSE)
		close(connection);
	else
		hold(subject, connection, manner);
}

/* 1 to go on, 0 when there is nothing more to accept for now. */
static int accept_failed(struct subject *subject, struct error *error)
{
	switch (errno) {
	case EMFILE:
	case ENFILE:
		if (!subject->held.count)
			return fail(error, "cannot accept: %s", strerror(errno));
		close_held(subject, subject->held.oldest);
		return 1;
	case EAGAIN:
	case ENOBUFS:
	case ENOMEM:
		return 0;
	case EBADF:
	case EINVAL:
	case ENOTSOCK:
		return fail(error, "cannot accept: %s", strerror(errno));
	default: /* what became of one client (accept(2): "already-pending network errors") */
		return 1;
	}
}

static int accept_batch(struct subject *subject, int listener, struct error *error)
{
	struct sockaddr_storage client;
	socklen_t size;
	int more = 1;

	for (int i = 0; i < ACCEPT_BATCH && more > 0; i++) {
		int connection;

		size = sizeof(client);
		connection = accept4(listener, subject->options.note ? (struct sockaddr *)&client : NULL,
				     subject->options.note ? &size : NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (connection >= 0)
			take(subject, connection, &client);
		else
			more = accept_failed(subject, error);
	}
	return more < 0 ? -1 : 0;
}

/* The kernel is done with it: only then may a held descriptor go (a close before that would send a FIN or RST). */
static bool is_dead(int connection)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	return getsockopt(connection, IPPROTO_TCP, TCP_INFO, &info, &size) || info.tcpi_state == TCP_CLOSE;
}

/* Throws away what came (MSG_TRUNC: TCP discards without copying); true at end of file or error. */
static bool is_at_end(int connection)
{
	ssize_t size = recv(connection, NULL, DISCARD, MSG_TRUNC | MSG_DONTWAIT);

	return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

static void look_at(struct subject *subject, int connection)
{
	bool over = subject->held.table[connection].manner == MANNER_EOF ? is_at_end(connection)
									 : is_dead(connection);

	if (over)
		close_held(subject, connection);
}

static void close_old(struct subject *subject)
{
	uint64_t limit_ns = (uint64_t)HELD_SECONDS * 1000000000, expirations;
	uint64_t time = now();

	if (read(subject->timer, &expirations, sizeof(expirations)) < 0)
		return;
	while (subject->held.count && time - subject->held.table[subject->held.oldest].since_ns >= limit_ns)
		close_held(subject, subject->held.oldest);
	arm(subject);
}

int subject_descriptor(const struct subject *subject)
{
	return subject->epoll;
}

int subject_serve(struct subject *subject, struct error *error)
{
	struct epoll_event events[EVENTS];
	bool listeners[LISTENERS_MAX] = { false }, old = false;
	int count = epoll_wait(subject->epoll, events, EVENTS, 0);

	/* Accepting comes last: it may close a held connection, and use its number again for another one, while an
	 * event for the first is still in `events`. */
	for (int i = 0; i < count; i++) {
		int descriptor = (int)(uint32_t)events[i].data.u64;

		switch ((enum watched)(events[i].data.u64 >> 32)) {
		case WATCHED_HELD:
			look_at(subject, descriptor);
			break;
		case WATCHED_TIMER:
			old = true;
			break;
		case WATCHED_LISTENER:
			for (size_t l = 0; l < subject->listener_count; l++)
				listeners[l] |= subject->listeners[l] == descriptor;
		}
	}
	if (old)
		close_old(subject);
	for (size_t l = 0; l < subject->listener_count; l++)
		if (listeners[l] && accept_batch(subject, subject->listeners[l], error))
			return -1;
	return 0;
}

size_t subject_accepted(const struct subject *subject)
{
	return subject->accepted;
}

size_t subject_held(const struct subject *subject)
{
	return subject->held.count;
}

void subject_close(struct subject *subject)
{
	if (!subject)
		return;
	while (subject->held.count)
		close_held(subject, subject->held.oldest);
	held_free(&subject->held);
	for (size_t i = 0; i < subject->listener_count; i++)
		close(subject->listeners[i]);
	if (subject->timer >= 0)
		close(subject->timer);
	if (subject->epoll >= 0)
		close(subject->epoll);
	free(subject);
}
