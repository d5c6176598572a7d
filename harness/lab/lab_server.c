/* lab_server.c - the child's loop: connections, and requests of its parent. */
#include "harness/lab/lab_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crafter/descriptors.h"
#include "crafter/units.h"
#include "harness/lab/lab.h"
#include "harness/lab/privileges.h"
#include "harness/lab/sandbox.h"
#include "harness/lab/subject.h"

enum {
	BACKLOG = 65535,       /* the lab's somaxconn: a full queue would change answers */
	BACKLOG_NEVER = 128,
	HOLD_SECONDS = 5 * 3600, /* no scenario lasts that long: what is older was forgotten by its client */
	ORIGINALS_MAX = 64,    /* sysctls that one run sets */
	SOCKET = 3,            /* where the socket to the parent is put */
};

struct original {
	char name[SYSCTL_NAME_SIZE];
	char value[SYSCTL_TEXT_SIZE];
};

struct server {
	const char *host_names;
	struct original originals[ORIGINALS_MAX];
	size_t original_count;
	struct subject *subject, *never, *calls;
	bool other_buffers; /* the listener was made under a tcp_rmem that a request has set */
	bool ipv6;
};

/* close_range() is not there before 5.9. */
static void close_from(int first)
{
	struct rlimit limit;

	if (close_range((unsigned)first, ~0U, 0) == 0 || getrlimit(RLIMIT_NOFILE, &limit))
		return;
	for (rlim_t descriptor = (rlim_t)first; descriptor < limit.rlim_cur; descriptor++)
		close((int)descriptor);
}

/* Nothing of the parent's stays open here: a pipe that it writes its report to ends when it ends. Standard error stays
 * for the sanitizers. */
static int detach(int socket, pid_t parent)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	int null = open("/dev/null", O_RDWR);

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	if (socket != SOCKET && dup2(socket, SOCKET) < 0)
		return -1;
	close_from(SOCKET + 1);
	fcntl(SOCKET, F_SETFD, FD_CLOEXEC);
	prctl(PR_SET_NAME, "twprobe-lab");
	/* A change of user clears this, so it comes after; and the kernel asks whether the parent, which gives up its
	 * privileges too, may signal us: both become the same user (check_kill_permission). */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	return 0;
}

static int listen_on(struct subject *subject, uint16_t port, bool ipv6, struct error *error)
{
	for (uint8_t family = 4; family <= (ipv6 ? 6 : 4); family = (uint8_t)(family + 2)) {
		struct endpoint endpoint = lab_endpoint(family);

		endpoint.port = port;
		if (subject_listen(subject, &endpoint, error))
			return -1;
	}
	return 0;
}

/* Of a subject that listens for MPTCP. */
static int window_of_syn(void *syns, const struct endpoint *client)
{
	return atomic_exchange(&((_Atomic uint16_t *)syns)[lab_server_syn_place(client)], 0);
}

static struct subject *open_subject(const struct lab_server_options *options, uint16_t port, struct error *error)
{
	bool never = port == LAB_PORT_NEVER;
	struct subject_options behaviours = {
		.behaviour = BEHAVIOUR_CLOSE, .never_accept = never, .backlog = never ? BACKLOG_NEVER : BACKLOG,
		.shares_port = port == LAB_PORT_CALLS, .opens_fast = true,
		.mptcp = options->syns && port != LAB_PORT_CALLS, .window = options->syns ? window_of_syn : NULL,
		.window_context = options->syns,
		.hold_ns = HOLD_SECONDS * NSEC_PER_SEC, .given_up = &options->page->given_up,
	};
	struct subject *subject = subject_open(&behaviours, error);

	if (!subject || listen_on(subject, port, options->ipv6, error) == 0)
		return subject;
	subject_close(subject);
	return NULL;
}

static struct original *find_original(struct server *server, const char *name)
{
	for (size_t i = 0; i < server->original_count; i++)
		if (!strcmp(server->originals[i].name, name))
			return &server->originals[i];
	return NULL;
}

static int set(struct server *server, const struct lab_server_request *request, struct error *error)
{
	struct original *original = find_original(server, request->name);

	if (!original) {
		if (server->original_count == ORIGINALS_MAX)
			return fail(error, "a run sets at most %d different sysctls", ORIGINALS_MAX);
		original = &server->originals[server->original_count];
		if (sysctl_read(request->name, original->value, sizeof(original->value),
				server->host_names, error))
			return -1;
		memcpy(original->name, request->name, sizeof(original->name));
	}
	if (sysctl_write(request->name, request->value, server->host_names, error))
		return -1;
	if (original == &server->originals[server->original_count])
		server->original_count++;
	return 0;
}

/* In the reverse order of their first setting; goes on after an error, and reports the first. */
static int reset(struct server *server, struct error *error)
{
	int result = 0;

	for (size_t i = server->original_count; i-- > 0;)
		if (sysctl_write(server->originals[i].name, server->originals[i].value,
				 server->host_names, result ? NULL : error))
			result = -1;
	return result;
}

/* Its queue is as long as the sysctl is now, not as it was when it began to listen. */
static void listen_again(const struct server *server)
{
	subject_listen_again(server->subject);
	subject_listen_again(server->calls);
	if (server->never)
		subject_listen_again(server->never);
}

static int set_listener(struct server *server, enum listener listening, struct error *error)
{
	subject_empty_queues(server->subject);
	if (listening == LISTENER_GONE)
		return subject_stop_listening(server->subject, error);
	if (!subject_listens(server->subject) && listen_on(server->subject, LAB_PORT, server->ipv6, error))
		return -1;
	return listening == LISTENER_KEPT ? 0 :
	       subject_fill_queue(server->subject, listening == LISTENER_SYN_FULL, error);
}

static int listen_anew(const struct server *server, struct subject *subject, uint16_t port, struct error *error)
{
	return subject_stop_listening(subject, error) < 0 ? -1 : listen_on(subject, port, server->ipv6, error);
}

/* Whose process never accepts has nobody in its queue again. */
static int empty_queue(struct server *server, struct error *error)
{
	if (!server->never)
		return 0;
	return listen_anew(server, server->never, LAB_PORT_NEVER, error);
}

/* A socket takes the size of its buffer when it is made (tcp_init_sock()): the subject's listener from tcp_rmem as it is. */
static int make_listener(struct server *server, struct error *error)
{
	return subject_listens(server->subject) ? listen_anew(server, server->subject, LAB_PORT, error) : 0;
}

static int put_back(struct server *server, struct error *error)
{
	int result = reset(server, error);

	if (server->other_buffers && make_listener(server, result ? NULL : error) < 0)
		result = -1;
	server->other_buffers = false;
	listen_again(server);
	return empty_queue(server, result ? NULL : error) ? -1 : result;
}

static int do_deed(struct server *server, const struct lab_server_request *request, struct error *error)
{
	struct subject *subjects[] = { server->subject, server->calls };

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		int found = subject_do(subjects[i], &request->pair, &request->deed, error);

		if (found)
			return found < 0 ? -1 : 0;
	}
	return fail(error, "the subject's process does not hold this connection");
}

static void obey(struct server *server, const struct lab_server_request *request, struct lab_server_answer *answer)
{
	int result = -1;

	memset(answer, 0, sizeof(*answer));
	answer->number = request->number;
	switch (request->kind) {
	case LAB_SERVER_GET:
		result = sysctl_read(request->name, answer->value, sizeof(answer->value),
				     server->host_names, &answer->error);
		break;
	case LAB_SERVER_SET:
		result = set(server, request, &answer->error);
		if (strcmp(request->name, "net.core.somaxconn") == 0)
			listen_again(server);
		if (strcmp(request->name, "tcp_rmem") == 0 && result == 0) {
			server->other_buffers = true;
			result = make_listener(server, &answer->error);
		}
		break;
	case LAB_SERVER_RESET:
		result = put_back(server, &answer->error);
		break;
	case LAB_SERVER_CALL:
		result = subject_call(server->calls, &request->pair.subject, &request->pair.crafted, request->behaviour,
				      &answer->error);
		break;
	case LAB_SERVER_LISTEN:
		result = set_listener(server, request->listening, &answer->error);
		break;
	case LAB_SERVER_MANNER:
		subject_set_manner(server->subject, &request->manner);
		subject_set_manner(server->calls, &request->manner);
		result = 0;
		break;
	case LAB_SERVER_DEED:
		result = do_deed(server, request, &answer->error);
		break;
	}
	answer->failed = result != 0;
}

/* Returns when the parent has closed its end. */
static void serve(struct server *server)
{
	struct pollfd watched[3] = {
		{ .fd = SOCKET, .events = POLLIN },
		{ .fd = subject_descriptor(server->subject), .events = POLLIN },
		{ .fd = subject_descriptor(server->calls), .events = POLLIN },
	};
	struct lab_server_request request;
	struct lab_server_answer answer;

	while (poll(watched, 3, -1) >= 0 || errno == EINTR) {
		/* An error here is the machine's own (no descriptors left): its clients see it as silence, and the
		 * parent as a server that has ended. */
		if (watched[1].revents && subject_serve(server->subject, &answer.error))
			return;
		if (watched[2].revents && subject_serve(server->calls, &answer.error))
			return;
		if (!watched[0].revents)
			continue;
		if (recv(SOCKET, &request, sizeof(request), MSG_DONTWAIT) != sizeof(request))
			return;
		obey(server, &request, &answer);
		if (send(SOCKET, &answer, sizeof(answer), MSG_NOSIGNAL) != sizeof(answer))
			return;
	}
}

void lab_server_run(int socket, const struct lab_server_options *options)
{
	static struct server server;
	struct lab_server_answer hello = { 0 };

	server.host_names = options->host_names;
	if (privileges_keep_net_admin(&hello.error) == 0 && detach(socket, options->parent) == 0) {
		socket = SOCKET;
		server.ipv6 = options->ipv6;
		server.subject = open_subject(options, LAB_PORT, &hello.error);
		if (server.subject)
			server.calls = open_subject(options, LAB_PORT_CALLS, &hello.error);
		if (server.calls && options->never_accept)
			server.never = open_subject(options, LAB_PORT_NEVER, &hello.error);
	}
	if (server.calls && subject_room(server.calls))
		options->page->room = subject_room(server.subject);
	if (server.calls && !options->page->room)
		fail(&hello.error, "%zu descriptors are too few to hold a connection; raise the limit (ulimit -n)",
		     descriptors_limit());
	if (sandbox_enter(SANDBOX_MACHINE, &hello.error) < 0)
		options->page->room = 0;
	hello.failed = !options->page->room || (options->never_accept && !server.never);
	if (send(socket, &hello, sizeof(hello), MSG_NOSIGNAL) == sizeof(hello) && !hello.failed)
		serve(&server);
	_exit(0);
}
