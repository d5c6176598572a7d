/* subject.c - the server under test: accepting in batches, each behaviour's end, and the limits of what is held. */
#include "harness/lab/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/descriptors.h"
#include "crafter/units.h"
#include "harness/lab/held.h"
#include "harness/lab/server_socket.h"
#include "harness/lab/shares.h"

enum {
	LISTENERS_MAX = 8,
	EVENTS = 64,
	ACCEPT_BATCH = 256,      /* then the other descriptors have their turn */
	SPARE_DESCRIPTORS = 3,   /* in addition to the held ones: one just accepted, and the files of a sysctl */
	DISCARD = 1 << 20,
};

struct subject {
	struct subject_options options;
	int epoll, timer;
	int spare; /* given up for a moment to accept what can only be reset */
	int listeners[LISTENERS_MAX];
	size_t listener_count;
	size_t room; /* 0: not known yet */
	struct shares *shares;
	struct held_list held;
	struct subject_counts counts;
};

enum watched { WATCHED_LISTENER, WATCHED_HELD, WATCHED_TIMER };

static int watch(struct subject *subject, int descriptor, enum watched kind, uint32_t events)
{
	struct epoll_event event = {
		.events = events, .data.u64 = (uint64_t)kind << 32 | (uint32_t)descriptor,
	};

	return epoll_ctl(subject->epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static int take_spare(struct subject *subject)
{
	subject->spare = fcntl(subject->epoll, F_DUPFD_CLOEXEC, 0);
	return subject->spare;
}

struct subject *subject_open(const struct subject_options *options, struct error *error)
{
	struct subject *subject = calloc(1, sizeof(*subject));

	if (!subject) {
		fail(error, "out of memory");
		return NULL;
	}
	subject->options = *options;
	subject->spare = -1;
	held_init(&subject->held);
	descriptors_raise();
	subject->epoll = epoll_create1(EPOLL_CLOEXEC);
	subject->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (subject->epoll >= 0 && subject->timer >= 0 && take_spare(subject) >= 0 &&
	    watch(subject, subject->timer, WATCHED_TIMER, EPOLLIN) == 0)
		return subject;
	fail(error, "cannot set up the subject: %s", strerror(errno));
	subject_close(subject);
	return NULL;
}

int subject_listen(struct subject *subject, const struct endpoint *endpoint, struct error *error)
{
	struct server_socket_options options = {
		.backlog = subject->options.backlog, .receive_buffer = subject->options.receive_buffer,
	};
	int listener;

	if (subject->listener_count == LISTENERS_MAX)
		return fail(error, "a subject listens on at most %d addresses", LISTENERS_MAX);
	listener = server_socket_open(endpoint, &options, error);
	if (listener < 0)
		return -1;
	subject->listeners[subject->listener_count++] = listener;
	if (!subject->options.never_accept && watch(subject, listener, WATCHED_LISTENER, EPOLLIN))
		return fail(error, "cannot watch a listening socket: %s", strerror(errno));
	return 0;
}

void subject_listen_again(struct subject *subject)
{
	for (size_t i = 0; i < subject->listener_count; i++)
		listen(subject->listeners[i], subject->options.backlog);
}

size_t subject_room(struct subject *subject)
{
	size_t descriptors, most = subject->options.held_most;

	if (subject->room)
		return subject->room;
	descriptors = descriptors_free();
	descriptors = descriptors > SPARE_DESCRIPTORS ? descriptors - SPARE_DESCRIPTORS : 0;
	subject->room = most && most < descriptors ? most : descriptors;
	/* With fewer in all than was wished for, one client's share shrinks as well. */
	if (most > subject->room && subject->options.held_most_each)
		subject->options.held_most_each = 1 + (subject->options.held_most_each - 1) * subject->room / most;
	if (subject->room && subject->options.held_most_each)
		subject->shares = shares_open(subject->room);
	return subject->room;
}

static void close_held(struct subject *subject, int connection)
{
	if (subject->shares)
		shares_remove(subject->shares, &subject->held.table[connection].client);
	held_remove(&subject->held, connection);
	close(connection);
}

/* With a linger time of 0 close() sends an RST at once (tcp_close, tcp_disconnect) and frees all that the kernel keeps. It
 * goes out before any answer to what the client sends next. */
static void reset_on_close(int connection)
{
	struct linger at_once = { .l_onoff = 1 };

	setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void refuse(int connection)
{
	reset_on_close(connection);
	close(connection);
}

/* It should be held, and is not: whoever relies on it must know. */
static void count_given_up(const struct subject *subject, size_t *count)
{
	(*count)++;
	if (subject->options.given_up)
		atomic_fetch_add(subject->options.given_up, 1);
}

/* The timer goes off when the oldest has been held for too long; it is armed only while one is held. */
static void arm(struct subject *subject)
{
	struct itimerspec due = { 0 };
	uint64_t end_ns;

	if (!subject->held.count)
		return;
	end_ns = subject->held.table[subject->held.oldest].since_ns + subject->options.hold_ns;
	due.it_value.tv_sec = (time_t)(end_ns / NSEC_PER_SEC);
	due.it_value.tv_nsec = (long)(end_ns % NSEC_PER_SEC);
	timerfd_settime(subject->timer, TFD_TIMER_ABSTIME, &due, NULL);
}

static void hold(struct subject *subject, int connection, enum behaviour behaviour, const struct address *client)
{
	/* A held connection is looked at only when its state changes (EPOLLET, and EPOLLHUP and EPOLLERR come
	 * unasked): its data and the client's FIN must stay unread. */
	uint32_t events = behaviour == BEHAVIOUR_EOF ? EPOLLIN | EPOLLRDHUP : EPOLLET;

	if (held_add(&subject->held, connection, behaviour, client, clock_now())) {
		refuse(connection);
		count_given_up(subject, &subject->counts.full);
		return;
	}
	if (subject->shares)
		shares_add(subject->shares, client);
	if (behaviour == BEHAVIOUR_HALF)
		shutdown(connection, SHUT_WR);
	if (watch(subject, connection, WATCHED_HELD, events)) {
		reset_on_close(connection);
		close_held(subject, connection);
		count_given_up(subject, &subject->counts.full);
		return;
	}
	if (subject->held.count == 1)
		arm(subject);
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
	bool over = subject->held.table[connection].behaviour == BEHAVIOUR_EOF ? is_at_end(connection)
									 : is_dead(connection);

	if (over)
		close_held(subject, connection);
}

/* Closes the held ones that are over, wherever they stand in the queue of events. */
static void sweep(struct subject *subject)
{
	struct epoll_event events[EVENTS];
	bool found;

	do {
		int count = epoll_wait(subject->epoll, events, EVENTS, 0);

		found = false;
		for (int i = 0; i < count; i++) {
			if (events[i].data.u64 >> 32 != WATCHED_HELD)
				continue;
			found = true;
			look_at(subject, (int)(uint32_t)events[i].data.u64);
		}
	} while (found);
}

static bool is_full(struct subject *subject)
{
	return subject->held.count >= subject_room(subject);
}

static bool is_full_of(const struct subject *subject, const struct address *client)
{
	return subject->shares && shares_held(subject->shares, client) >= subject->options.held_most_each;
}

/* Counts it when there is none. */
static bool has_room(struct subject *subject, const struct address *client)
{
	if (is_full(subject) || is_full_of(subject, client))
		sweep(subject);
	if (is_full(subject))
		count_given_up(subject, &subject->counts.full);
	else if (is_full_of(subject, client))
		count_given_up(subject, &subject->counts.full_client);
	else
		return true;
	return false;
}

static bool is_allowed(const struct subject *subject, const struct address *client)
{
	for (size_t i = 0; i < subject->options.allowed_count; i++)
		if (prefix_holds(&subject->options.allowed[i], client))
			return true;
	return subject->options.allowed_count == 0;
}

static void take(struct subject *subject, int connection, const struct endpoint *client)
{
	int asked = server_socket_syn_window(connection) - BEHAVIOUR_WINDOW;
	bool obeyed = asked >= 0 && asked < BEHAVIOUR_COUNT;
	enum behaviour behaviour = obeyed ? (enum behaviour)asked : subject->options.behaviour;
	bool holds = behaviour != BEHAVIOUR_CLOSE;

	if (!is_allowed(subject, &client->address)) {
		refuse(connection);
		subject->counts.not_allowed++;
		return;
	}
	if (holds && !has_room(subject, &client->address)) {
		refuse(connection);
		return;
	}
	subject->counts.accepted++;
	if (subject->options.note)
		subject->options.note(subject->options.note_context, client, behaviour, obeyed);
	if (holds)
		hold(subject, connection, behaviour, &client->address);
	else
		close(connection);
}

/* No descriptor is left, or none in the whole machine (ENFILE), although some were kept back: with the spare one this
 * connection can at least be reset. */
static int refuse_unseen(struct subject *subject, int listener, struct error *error)
{
	int connection;

	if (subject->spare >= 0)
		close(subject->spare);
	connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (connection >= 0) {
		refuse(connection);
		count_given_up(subject, &subject->counts.full);
	}
	if (take_spare(subject) < 0 && connection < 0 && !subject->held.count)
		return fail(error, "cannot accept: %s", strerror(errno));
	return connection >= 0;
}

/* 1 to go on, 0 when there is nothing more to accept for now. */
static int accept_failed(struct subject *subject, int listener, struct error *error)
{
	switch (errno) {
	case EMFILE:
	case ENFILE:
		return refuse_unseen(subject, listener, error);
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
	struct sockaddr_storage storage;
	struct endpoint client;
	socklen_t size;
	int more = 1;

	for (int i = 0; i < ACCEPT_BATCH && more > 0; i++) {
		int connection;

		size = sizeof(storage);
		connection = accept4(listener, (struct sockaddr *)&storage, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (connection < 0) {
			more = accept_failed(subject, listener, error);
			continue;
		}
		endpoint_from_sockaddr((struct sockaddr *)&storage, &client);
		address_unmap(&client.address);
		take(subject, connection, &client);
	}
	return more < 0 ? -1 : 0;
}

static void close_old(struct subject *subject)
{
	uint64_t expirations, time = clock_now();

	if (read(subject->timer, &expirations, sizeof(expirations)) < 0)
		return;
	while (subject->held.count &&
	       time - subject->held.table[subject->held.oldest].since_ns >= subject->options.hold_ns) {
		reset_on_close(subject->held.oldest);
		close_held(subject, subject->held.oldest);
		subject->counts.expired++;
	}
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

struct subject_counts subject_counts(const struct subject *subject)
{
	struct subject_counts counts = subject->counts;

	counts.held = subject->held.count;
	return counts;
}

void subject_close(struct subject *subject)
{
	if (!subject)
		return;
	while (subject->held.count)
		close_held(subject, subject->held.oldest);
	held_free(&subject->held);
	shares_close(subject->shares);
	for (size_t i = 0; i < subject->listener_count; i++)
		close(subject->listeners[i]);
	if (subject->spare >= 0)
		close(subject->spare);
	if (subject->timer >= 0)
		close(subject->timer);
	if (subject->epoll >= 0)
		close(subject->epoll);
	free(subject);
}
