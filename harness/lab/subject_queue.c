/* subject_queue.c - a listener whose queue is full: the shortest one that there is, and one connection in it.
 *
 * sk_acceptq_is_full() and inet_csk_reqsk_queue_is_full(): more than sk_max_ack_backlog, which listen() takes from its
 * argument. With 0 there is room for one. */
#include "harness/lab/subject_internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 1000, DEFER_SECONDS = 600 };

/* A client of our own; it does not wait for the server's side. */
static int connect_to(int listener)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	struct pollfd connected = { .events = POLLOUT };

	if (getsockname(listener, (struct sockaddr *)&address, &size))
		return -1;
	connected.fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (connected.fd < 0)
		return -1;
	if ((connect(connected.fd, (struct sockaddr *)&address, size) == 0 || errno == EINPROGRESS) &&
	    poll(&connected, 1, PATIENCE_MS) == 1 && connected.revents == POLLOUT)
		return connected.fd;
	close(connected.fd);
	return -1;
}

/* tcp_get_info(): of a listener tcpi_unacked is sk_ack_backlog. */
static bool waits_to_be_accepted(int listener)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	for (int i = 0; i < PATIENCE_MS; i++) {
		if (getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &size) || info.tcpi_unacked > 0)
			return info.tcpi_unacked > 0;
		poll(NULL, 0, 1);
	}
	return false;
}

/* The last ACK of a half-open connection is not enough while the listener waits for data (TCP_DEFER_ACCEPT), and nothing is
 * sent again until then (syn_ack_recalc()). */
static void defer(int listener, int seconds)
{
	setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
}

static int fill(struct subject *subject, size_t number, bool half_open)
{
	int listener = subject->listeners[number];

	subject->fillers[number] = -1;
	epoll_ctl(subject->epoll, EPOLL_CTL_DEL, listener, NULL);
	if (half_open)
		defer(listener, DEFER_SECONDS);
	subject->fillers[number] = connect_to(listener);
	if (subject->fillers[number] < 0 || (!half_open && !waits_to_be_accepted(listener)))
		return -1;
	return listen(listener, 0);
}

int subject_fill_queue(struct subject *subject, bool half_open, struct error *error)
{
	int result = subject_accept_all(subject, error);

	subject->full = true;
	for (size_t i = 0; i < subject->listener_count; i++)
		subject->fillers[i] = -1;
	for (size_t i = 0; i < subject->listener_count && result == 0; i++)
		if (fill(subject, i, half_open) < 0)
			result = fail(error, "cannot fill the listener's queue");
	if (result < 0)
		subject_empty_queues(subject);
	return result;
}

void subject_empty_queues(struct subject *subject)
{
	for (size_t i = 0; i < subject->listener_count && subject->full; i++) {
		if (subject->fillers[i] >= 0)
			subject_refuse(subject->fillers[i]);
		defer(subject->listeners[i], 0);
		listen(subject->listeners[i], subject->options.backlog);
		subject_watch(subject, subject->listeners[i], WATCHED_LISTENER, EPOLLIN);
	}
	subject->full = false;
}
