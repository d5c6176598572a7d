/* kernel_end.c - sockets, not crafted. */
#include "harness/lab/kernel_end.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { NONE = -1, BACKLOG = 16 };

struct kernel_end {
	int listener, served, client;
	pid_t child;
	struct kernel_client_options options;
	enum kernel_phase phase;
	int number; /* errno */
};

struct kernel_end *kernel_end_open(struct error *error)
{
	struct kernel_end *end = calloc(1, sizeof(*end));

	if (!end) {
		fail(error, "out of memory");
		return NULL;
	}
	end->listener = end->served = end->client = NONE;
	end->phase = KERNEL_OVER;
	return end;
}

static int make_socket(const struct endpoint *endpoint, bool reuses_address, struct error *error)
{
	int yes = reuses_address, made = socket(endpoint->address.family == 6 ? AF_INET6 : AF_INET,
				   SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (made < 0)
		return fail(error, "cannot make a socket in the lab: %s", strerror(errno));
	setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	return made;
}

/* 0, or EADDRINUSE (inet_csk_bind_conflict()). */
static int bind_to(int descriptor, const struct endpoint *endpoint, struct error *error)
{
	struct sockaddr_storage storage;
	size_t size = endpoint_to_sockaddr(endpoint, &storage);
	char text[ENDPOINT_TEXT_SIZE];

	if (bind(descriptor, (struct sockaddr *)&storage, (socklen_t)size) == 0)
		return 0;
	if (errno == EADDRINUSE)
		return EADDRINUSE;
	return fail(error, "cannot bind %s in the lab: %s", endpoint_format(endpoint, text, sizeof(text)), strerror(errno));
}

static int open_listener(struct kernel_end *end, const struct endpoint *endpoint, bool reuses_address, int *number,
			 struct error *error)
{
	int made = make_socket(endpoint, reuses_address, error);

	if (made < 0)
		return -1;
	*number = bind_to(made, endpoint, error);
	if (*number == 0 && listen(made, BACKLOG) == 0) {
		end->listener = made;
		return 0;
	}
	close(made);
	return *number == 0 ? fail(error, "cannot listen in the lab: %s", strerror(errno)) : *number < 0 ? -1 : 0;
}

int kernel_end_listen(struct kernel_end *end, const struct endpoint *endpoint, struct error *error)
{
	int number;

	if (end->listener != NONE)
		return 0;
	if (open_listener(end, endpoint, true, &number, error) < 0)
		return -1;
	return number ? fail(error, "cannot listen in the lab: %s", strerror(number)) : 0;
}

int kernel_end_listen_again(struct kernel_end *end, const struct endpoint *endpoint, bool reuses_address, int *number,
			    struct error *error)
{
	if (end->listener != NONE)
		close(end->listener);
	end->listener = NONE;
	return open_listener(end, endpoint, reuses_address, number, error);
}

static void finish(struct kernel_end *end, int number)
{
	if (end->client != NONE)
		close(end->client);
	end->client = NONE;
	end->number = number;
	end->phase = KERNEL_OVER;
}

static void begin(struct kernel_end *end, const struct kernel_client_options *options)
{
	end->options = *options;
	end->number = 0;
	end->phase = KERNEL_CONNECTING;
}

int kernel_end_connect(struct kernel_end *end, const struct kernel_client_options *options, struct tuple *tuple,
		       struct error *error)
{
	struct sockaddr_storage storage;
	socklen_t size = (socklen_t)endpoint_to_sockaddr(&options->target, &storage);
	int bound;

	begin(end, options);
	end->client = make_socket(&options->target, !options->keeps_address, error);
	if (end->client < 0)
		return -1;
	if (options->bound_to_lo && setsockopt(end->client, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) < 0)
		return fail(error, "cannot bind a socket to lo: %s", strerror(errno));
	tuple->source = options->source;
	tuple->target = options->target;
	bound = options->source.port ? bind_to(end->client, &options->source, error) : 0;
	if (bound < 0)
		return -1;
	if (bound) {
		finish(end, bound);
		return 0;
	}
	if (connect(end->client, (struct sockaddr *)&storage, size) < 0 && errno != EINPROGRESS) {
		finish(end, errno);
		return 0;
	}
	size = sizeof(storage);
	if (getsockname(end->client, (struct sockaddr *)&storage, &size) == 0)
		endpoint_from_sockaddr((struct sockaddr *)&storage, &tuple->source);
	return 0;
}

/* Its output is of no interest; what it sends and gets is. */
static int spawn(pid_t *child, char *const arguments[])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int result;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	for (int descriptor = 0; descriptor < 3; descriptor++)
		posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	result = posix_spawnp(child, arguments[0], &actions, &attributes, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return result;
}

bool kernel_end_curl(struct kernel_end *end, const struct kernel_client_options *options, struct error *error)
{
	char port[16], url[ENDPOINT_TEXT_SIZE + 16], target[ENDPOINT_TEXT_SIZE];
	/* Not ~/.curlrc, no proxy: this is about one connection. */
	char *const arguments[] = { (char *)"curl", (char *)"-q", (char *)"--silent", (char *)"--noproxy", (char *)"*",
				    (char *)"--max-time", (char *)"10", (char *)"--local-port", port, url, NULL };

	snprintf(port, sizeof(port), "%u", options->source.port);
	snprintf(url, sizeof(url), "http://%s/", endpoint_format(&options->target, target, sizeof(target)));
	begin(end, options);
	if (spawn(&end->child, arguments) == 0)
		return true;
	end->child = 0;
	end->phase = KERNEL_OVER;
	fail(error, "curl cannot be started");
	return false;
}

/* The server's turn: a request in, an answer out, and it closes first. */
static void serve(struct kernel_end *end)
{
	static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nhello\n";
	char request[2048];

	if (end->listener == NONE)
		return;
	if (end->served == NONE)
		end->served = accept4(end->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	/* A request is one segment here; end of file or a reset ends the connection too. */
	if (end->served == NONE || (recv(end->served, request, sizeof(request), 0) < 0 && errno == EAGAIN))
		return;
	if (send(end->served, answer, sizeof(answer) - 1, MSG_NOSIGNAL) < 0 && errno == EAGAIN)
		return;
	close(end->served);
	end->served = NONE;
}

static void connected(struct kernel_end *end)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	struct pollfd ready = { .fd = end->client, .events = POLLOUT };
	int number = 0;
	socklen_t size = sizeof(number);

	if (poll(&ready, 1, 0) <= 0)
		return;
	if (getsockopt(end->client, SOL_SOCKET, SO_ERROR, &number, &size) < 0 || number) {
		finish(end, number ? number : errno);
		return;
	}
	end->phase = KERNEL_CONNECTED;
	if (end->options.says_get && send(end->client, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		finish(end, errno);
	else if (end->options.closes_first)
		finish(end, 0);
}

static void read_on(struct kernel_end *end)
{
	char bytes[2048];
	ssize_t size;

	do
		size = recv(end->client, bytes, sizeof(bytes), 0);
	while (size > 0);
	if (size == 0 || errno != EAGAIN)
		finish(end, 0); /* it was connected; how it ended is on the ladder */
}

static void look_at_child(struct kernel_end *end)
{
	int status;

	if (waitpid(end->child, &status, WNOHANG) != end->child)
		return;
	end->child = 0;
	finish(end, WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ECONNABORTED);
}

enum kernel_phase kernel_end_poll(struct kernel_end *end)
{
	serve(end);
	if (end->child > 0)
		look_at_child(end);
	else if (end->phase == KERNEL_CONNECTING)
		connected(end);
	if (end->phase == KERNEL_CONNECTED)
		read_on(end);
	return end->phase;
}

int kernel_end_errno(const struct kernel_end *end)
{
	return end->number;
}

void kernel_end_close(struct kernel_end *end)
{
	if (!end)
		return;
	if (end->child > 0) {
		kill(end->child, SIGKILL);
		waitpid(end->child, NULL, 0);
	}
	finish(end, 0);
	if (end->served != NONE)
		close(end->served);
	if (end->listener != NONE)
		close(end->listener);
	free(end);
}
