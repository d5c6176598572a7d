/* subject_hold.c - the connections that a subject holds or opens: each behaviour's end, and the limits of what is held. */
#include "harness/lab/subject_internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "harness/lab/server_socket.h"

int subject_watch(struct subject *subject, int descriptor, enum watched kind, uint32_t events)
{
	struct epoll_event event = {
		.events = events, .data.u64 = (uint64_t)kind << 32 | (uint32_t)descriptor,
	};

	return epoll_ctl(subject->epoll, EPOLL_CTL_ADD, descriptor, &event);
}

void subject_close_held(struct subject *subject, int connection)
{
	if (subject->shares)
		shares_remove(subject->shares, &subject->held.table[connection].client);
	held_remove(&subject->held, connection);
	close(connection);
}

/* With a linger time of 0 close() sends an RST at once (tcp_close, tcp_disconnect) and frees all that the kernel keeps. It
 * goes out before any answer to what the client sends next. */
void subject_reset_on_close(int connection)
{
	struct linger at_once = { .l_onoff = 1 };

	setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void subject_refuse(int connection)
{
	subject_reset_on_close(connection);
	close(connection);
}

/* It should be held, and is not: whoever relies on it must know. */
void subject_count_given_up(const struct subject *subject, size_t *count)
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

static bool reads(enum behaviour behaviour)
{
	return behaviour == BEHAVIOUR_EOF || behaviour == BEHAVIOUR_EOF_HALF;
}

/* A held connection is looked at only when its state changes (EPOLLET, and EPOLLHUP and EPOLLERR come unasked): its data and
 * the client's FIN must stay unread. */
static uint32_t events_of(enum behaviour behaviour)
{
	return reads(behaviour) ? EPOLLIN | EPOLLRDHUP : EPOLLET;
}

void subject_hold(struct subject *subject, int connection, enum behaviour behaviour, const struct address *client)
{
	if (held_add(&subject->held, connection, behaviour, client, clock_now())) {
		subject_refuse(connection);
		subject_count_given_up(subject, &subject->counts.full);
		return;
	}
	if (subject->shares)
		shares_add(subject->shares, client);
	if (behaviour == BEHAVIOUR_HALF)
		shutdown(connection, SHUT_WR);
	if (subject_watch(subject, connection, WATCHED_HELD, events_of(behaviour))) {
		subject_reset_on_close(connection);
		subject_close_held(subject, connection);
		subject_count_given_up(subject, &subject->counts.full);
		return;
	}
	if (subject->held.count == 1)
		arm(subject);
}

/* TCP_CLOSE: the kernel is done with it. Only then may a held descriptor go (a close before that would send a FIN or RST). */
static uint8_t kernel_state(int connection)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	return getsockopt(connection, IPPROTO_TCP, TCP_INFO, &info, &size) ? TCP_CLOSE : info.tcpi_state;
}

/* Throws away what came (MSG_TRUNC: TCP discards without copying); true at end of file or error. */
static bool is_at_end(int connection)
{
	ssize_t size = recv(connection, NULL, DISCARD, MSG_TRUNC | MSG_DONTWAIT);

	return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

static void watch_otherwise(struct subject *subject, int connection, uint32_t events)
{
	struct epoll_event event = {
		.events = events, .data.u64 = (uint64_t)WATCHED_HELD << 32 | (uint32_t)connection,
	};

	epoll_ctl(subject->epoll, EPOLL_CTL_MOD, connection, &event);
}

/* A call is answered, or will never be. */
static void look_at_call(struct subject *subject, int connection)
{
	struct held *held = &subject->held.table[connection];
	uint8_t state = kernel_state(connection);

	if (state == TCP_SYN_SENT || state == TCP_SYN_RECV)
		return;
	held->calling = false;
	if (state == TCP_CLOSE || held->behaviour == BEHAVIOUR_CLOSE) {
		subject_close_held(subject, connection);
		return;
	}
	if (held->behaviour == BEHAVIOUR_HALF)
		shutdown(connection, SHUT_WR);
	watch_otherwise(subject, connection, events_of(held->behaviour));
}

void subject_half_close(struct subject *subject, int connection)
{
	shutdown(connection, SHUT_WR);
	subject->held.table[connection].behaviour = BEHAVIOUR_HALF;
	watch_otherwise(subject, connection, EPOLLET);
}

void subject_look_at(struct subject *subject, int connection)
{
	const struct held *held = &subject->held.table[connection];

	if (held->calling)
		look_at_call(subject, connection);
	else if (reads(held->behaviour) ? !is_at_end(connection) : kernel_state(connection) != TCP_CLOSE)
		return;
	else if (held->behaviour == BEHAVIOUR_EOF_HALF && kernel_state(connection) != TCP_CLOSE)
		subject_half_close(subject, connection);
	else
		subject_close_held(subject, connection);
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
			subject_look_at(subject, (int)(uint32_t)events[i].data.u64);
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
bool subject_has_room(struct subject *subject, const struct address *client)
{
	if (is_full(subject) || is_full_of(subject, client))
		sweep(subject);
	if (is_full(subject))
		subject_count_given_up(subject, &subject->counts.full);
	else if (is_full_of(subject, client))
		subject_count_given_up(subject, &subject->counts.full_client);
	else
		return true;
	return false;
}

int subject_call(struct subject *subject, const struct endpoint *source, const struct endpoint *target,
		 enum behaviour behaviour, struct error *error)
{
	int connection;

	if (!subject_has_room(subject, &target->address))
		return fail(error, "the subject holds as many connections as it can");
	connection = server_socket_call(source, target, &subject->manner, error);
	if (connection < 0)
		return -1;
	if (held_add(&subject->held, connection, behaviour, &target->address, clock_now())) {
		close(connection);
		return fail(error, "out of memory");
	}
	subject->held.table[connection].calling = true;
	if (subject->shares)
		shares_add(subject->shares, &target->address);
	if (subject_watch(subject, connection, WATCHED_HELD, EPOLLOUT | EPOLLET)) {
		fail(error, "cannot watch a connection: %s", strerror(errno));
		subject_close_held(subject, connection);
		return -1;
	}
	if (subject->held.count == 1)
		arm(subject);
	if (subject->options.note)
		subject->options.note(subject->options.note_context, target, behaviour, true);
	return 0;
}

void subject_close_old(struct subject *subject)
{
	uint64_t expirations, time = clock_now();

	if (read(subject->timer, &expirations, sizeof(expirations)) < 0)
		return;
	while (subject->held.count &&
	       time - subject->held.table[subject->held.oldest].since_ns >= subject->options.hold_ns) {
		subject_reset_on_close(subject->held.oldest);
		subject_close_held(subject, subject->held.oldest);
		subject->counts.expired++;
	}
	arm(subject);
}
