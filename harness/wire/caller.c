/* caller.c - datagrams that ask for connections, and what comes back instead of one. */
#include "harness/wire/caller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/lab/call_text.h"

struct caller {
	int socket;
	struct endpoint target;
};

static int set_up(const struct caller *caller, const struct address *source, struct error *error)
{
	struct endpoint from = { *source, 0 };
	struct sockaddr_storage storage;
	size_t length = endpoint_to_sockaddr(&from, &storage);
	char text[ENDPOINT_TEXT_SIZE];

	if (bind(caller->socket, (struct sockaddr *)&storage, (socklen_t)length) == 0) {
		length = endpoint_to_sockaddr(&caller->target, &storage);
		if (connect(caller->socket, (struct sockaddr *)&storage, (socklen_t)length) == 0)
			return 0;
	}
	return fail(error, "cannot ask %s for connections: %s", endpoint_format(&caller->target, text, sizeof(text)),
		    strerror(errno));
}

struct caller *caller_open(const struct address *source, const struct endpoint *target, struct error *error)
{
	struct caller *caller = calloc(1, sizeof(*caller));

	if (!caller) {
		fail(error, "out of memory");
		return NULL;
	}
	caller->target = *target;
	caller->socket = socket(target->address.family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (caller->socket < 0)
		fail(error, "cannot make a UDP socket: %s", strerror(errno));
	if (caller->socket >= 0 && set_up(caller, source, error) == 0)
		return caller;
	caller_close(caller);
	return NULL;
}

/* The first call of the socket after an ICMP error came returns that error (udp_err()). */
static int check(struct caller *caller, struct error *error)
{
	char text[CALL_TEXT_SIZE], target[ENDPOINT_TEXT_SIZE];
	ssize_t size = recv(caller->socket, text, sizeof(text) - 1, MSG_DONTWAIT);
	const char *reason = size > 0 ? call_text_refused(text, (size_t)size) : NULL;

	endpoint_format(&caller->target, target, sizeof(target));
	if (reason)
		return fail(error, "%s does not connect to us: %.120s", target, reason);
	if (size < 0 && errno == ECONNREFUSED)
		return fail(error, "%s cannot be asked to connect: nobody takes calls there by UDP; start `twprobe serve "
			    "--calls %u` there, or leave out --calls", target, (unsigned)caller->target.port);
	return 0;
}

int caller_ask(struct caller *caller, uint16_t port, enum behaviour behaviour, struct error *error)
{
	const struct call call = { port, behaviour };
	char text[CALL_TEXT_SIZE];

	if (check(caller, error) < 0)
		return -1;
	call_text_print(&call, text);
	send(caller->socket, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	return 0;
}

void caller_close(struct caller *caller)
{
	if (!caller)
		return;
	if (caller->socket >= 0)
		close(caller->socket);
	free(caller);
}
