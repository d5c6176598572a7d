/* subject.c - the server under test: listening, and accepting in batches. */
#include "harness/lab/subject_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "crafter/descriptors.h"
#include "harness/lab/server_socket.h"

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
	    subject_watch(subject, subject->timer, WATCHED_TIMER, EPOLLIN) == 0)
		return subject;
	fail(error, "cannot set up the subject: %s", strerror(errno));
	subject_close(subject);
	return NULL;
}

void subject_set_manner(struct subject *subject, const struct manner *manner)
{
	subject->manner = *manner;
	for (size_t i = 0; i < subject->listener_count; i++)
		server_socket_set_manner(subject->listeners[i], manner);
}

int subject_listen(struct subject *subject, const struct endpoint *endpoint, struct error *error)
{
	struct server_socket_options options = {
		.backlog = subject->options.backlog, .receive_buffer = subject->options.receive_buffer,
		.shares_port = subject->options.shares_port, .opens_fast = subject->options.opens_fast,
		.mptcp = subject->options.mptcp,
	};
	int listener;

	if (subject->listener_count == LISTENERS_MAX)
		return fail(error, "a subject listens on at most %d addresses", LISTENERS_MAX);
	listener = server_socket_open(endpoint, &options, error);
	if (listener < 0)
		return -1;
	subject->listeners[subject->listener_count++] = listener;
	if (!manner_is_usual(&subject->manner))
		server_socket_set_manner(listener, &subject->manner);
	if (!subject->options.never_accept && subject_watch(subject, listener, WATCHED_LISTENER, EPOLLIN))
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

bool subject_allows(const struct subject *subject, const struct address *host)
{
	for (size_t i = 0; i < subject->options.allowed_count; i++)
		if (prefix_holds(&subject->options.allowed[i], host))
			return true;
	return subject->options.allowed_count == 0;
}

static int window_of_syn(const struct subject *subject, int connection, const struct endpoint *client)
{
	return subject->options.window ? subject->options.window(subject->options.window_context, client) :
					 server_socket_syn_window(connection);
}

/* Where nothing was asked for. Closing what Fast Open has made would answer its SYN with an RST as well. */
static enum behaviour usual_behaviour(const struct subject *subject, int connection, int window)
{
	bool holds = (window < 0 && subject->manner.holds) || (subject->options.opens_fast && server_socket_opens(connection));

	return holds ? BEHAVIOUR_HOLD : subject->options.behaviour;
}

static void take(struct subject *subject, int connection, const struct endpoint *client)
{
	int window = window_of_syn(subject, connection, client), asked = window - BEHAVIOUR_WINDOW;
	bool obeyed = asked >= 0 && asked < BEHAVIOUR_COUNT;
	enum behaviour behaviour = obeyed ? (enum behaviour)asked : usual_behaviour(subject, connection, window);
	bool holds = behaviour != BEHAVIOUR_CLOSE;

	if (!subject_allows(subject, &client->address)) {
		subject_refuse(connection);
		subject->counts.not_allowed++;
		return;
	}
	if (holds && !subject_has_room(subject, &client->address)) {
		subject_refuse(connection);
		return;
	}
	subject->counts.accepted++;
	if (subject->options.note)
		subject->options.note(subject->options.note_context, client, behaviour, obeyed);
	if (holds)
		subject_hold(subject, connection, behaviour, &client->address);
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
		subject_refuse(connection);
		subject_count_given_up(subject, &subject->counts.full);
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

/* 1: there may be more. */
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
	return more;
}

int subject_accept_all(struct subject *subject, struct error *error)
{
	for (size_t i = 0; i < subject->listener_count; i++) {
		int more = 0;

		while (!subject->options.never_accept && (more = accept_batch(subject, subject->listeners[i], error)) > 0)
			;
		if (more < 0)
			return -1;
	}
	return 0;
}

int subject_stop_listening(struct subject *subject, struct error *error)
{
	if (subject_accept_all(subject, error) < 0)
		return -1;
	while (subject->listener_count > 0)
		close(subject->listeners[--subject->listener_count]);
	return 0;
}

bool subject_listens(const struct subject *subject)
{
	return subject->listener_count > 0;
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
			subject_look_at(subject, descriptor);
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
		subject_close_old(subject);
	for (size_t l = 0; l < subject->listener_count; l++)
		if (listeners[l] && accept_batch(subject, subject->listeners[l], error) < 0)
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
		subject_close_held(subject, subject->held.oldest);
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
