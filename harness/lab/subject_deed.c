/* subject_deed.c - what the process does with one of the connections it holds, because it is told to. */
#include "harness/lab/subject_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/lab/server_socket.h"

static bool has_ends(int connection, const struct pair *pair)
{
	struct sockaddr_storage storage[2];
	socklen_t sizes[] = { sizeof(storage[0]), sizeof(storage[1]) };
	struct endpoint subject, crafted;

	if (getsockname(connection, (struct sockaddr *)&storage[0], &sizes[0]) ||
	    getpeername(connection, (struct sockaddr *)&storage[1], &sizes[1]))
		return false;
	endpoint_from_sockaddr((struct sockaddr *)&storage[0], &subject);
	endpoint_from_sockaddr((struct sockaddr *)&storage[1], &crafted);
	address_unmap(&subject.address);
	address_unmap(&crafted.address);
	return endpoint_equal(&subject, &pair->subject) && endpoint_equal(&crafted, &pair->crafted);
}

/* The youngest one first: it is the one that is asked about. */
static int find(const struct subject *subject, const struct pair *pair)
{
	int connection = subject->held.youngest;

	while (connection >= 0 && !has_ends(connection, pair))
		connection = subject->held.table[connection].older;
	return connection;
}

static int write_bytes(int connection, size_t size)
{
	static const char bytes[DEED_BYTES_MAX];

	return send(connection, bytes, size < sizeof(bytes) ? size : sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static int act(struct subject *subject, int connection, const struct deed *deed)
{
	switch (deed->kind) {
	case DEED_ABORT:
		subject_reset_on_close(connection);
		subject_close_held(subject, connection);
		return 0;
	case DEED_CLOSE:
		subject_close_held(subject, connection);
		return 0;
	case DEED_SHUTDOWN:
		subject_half_close(subject, connection);
		return 0;
	case DEED_READ:
		while (recv(connection, NULL, DISCARD, MSG_TRUNC | MSG_DONTWAIT) > 0)
			;
		return 0;
	case DEED_WRITE:
		return write_bytes(connection, deed->bytes);
	case DEED_KEEPALIVE:
		return server_socket_keep_alive(connection, deed->idle_s, deed->interval_s, deed->probes);
	case DEED_USER_TIMEOUT:
		return server_socket_give_up_after(connection, deed->timeout_ms);
	case DEED_COUNT:
		break;
	}
	errno = EINVAL;
	return -1;
}

int subject_do(struct subject *subject, const struct pair *pair, const struct deed *deed, struct error *error)
{
	int connection;

	/* Who completed a handshake before this was asked is held by now. */
	if (subject_serve(subject, error) < 0)
		return -1;
	connection = find(subject, pair);
	if (connection < 0)
		return 0;
	if (act(subject, connection, deed) == 0)
		return 1;
	return fail(error, "the subject's process cannot %s: %s", deed_name(deed->kind), strerror(errno));
}
