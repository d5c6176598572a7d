/* lab.c - the lab's life: the namespace, its first sysctls, the server and what is asked of it. */
#include "harness/lab/lab.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/lab/lab_namespace.h"
#include "harness/lab/lab_network.h"
#include "harness/lab/lab_server.h"
#include "harness/lab/router.h"
#include "harness/lab/server_socket.h"
#include "harness/lab/sysctl.h"

enum { FIRST_SOURCE = 10, ANSWER_SECONDS = 5 };

struct lab {
	int socket; /* to the server */
	pid_t server;
	int watched;         /* a pidfd of it; -1: none */
	int status;          /* of waitpid(), once it has ended */
	bool ended;
	uint32_t asked;      /* the number of the last request */
	bool ipv6;
	struct router *router; /* NULL: none */
	const struct path *path; /* borrowed; NULL: none */
	char *host_names; /* the host's sysctls */
	struct lab_server_page *page;
	_Atomic uint16_t *syns; /* LAB_SERVER_SYNS of them; NULL: nobody needs them */
};

/* What could eat or change an answer only because a run has many cells, set out of the way in every lab as far as
 * the kernel lets a namespace. All else stays at the kernel's defaults. */
static const char *const first_sysctls[][2] = {
	{ "tcp_max_syn_backlog", "65535" },
	{ "net.core.somaxconn", "65535" },
	{ "tcp_challenge_ack_limit", "2147483647" }, /* one limit for all the sockets of a namespace */
	{ "tcp_max_tw_buckets", "1048576" },
	{ "tcp_max_orphans", "1048576" },
	{ "tcp_no_metrics_save", "1" },              /* else one slow handshake lengthens the timers of those after it */
	{ "net.ipv6.conf.lo.disable_ipv6", "0" },
	{ "net.ipv4.conf.all.rp_filter", "0" },      /* a new namespace has the machine's; the route to each source ... */
	{ "net.ipv4.conf.lo.rp_filter", "0" },       /* ... would be looked up for each segment */
	{ "net.ipv6.conf.all.forwarding", "0" },     /* answers to the sources would go round on lo */
};

static int set_first_sysctls(struct error *error)
{
	for (size_t i = 0; i < sizeof(first_sysctls) / sizeof(first_sysctls[0]); i++) {
		const char *name = first_sysctls[i][0];

		if (sysctl_exists(name) && sysctl_write(name, first_sysctls[i][1], NULL, error))
			return fail_in(error, "cannot set up the lab");
	}
	return 0;
}

static int say_end(const struct lab *lab, struct error *error)
{
	if (WIFSIGNALED(lab->status))
		return fail(error, "the lab's process has ended (signal %d, %s)", WTERMSIG(lab->status),
			    strsignal(WTERMSIG(lab->status)));
	return fail(error, "the lab's process has ended (exit code %d)", WEXITSTATUS(lab->status));
}

/* `options` of waitpid(): WNOHANG, or 0 where it is about to end. */
static int check_end(struct lab *lab, int options, struct error *error)
{
	pid_t pid = lab->ended ? 0 : waitpid(lab->server, &lab->status, options);

	if (pid > 0)
		lab->ended = true;
	return lab->ended ? say_end(lab, error) : 0;
}

int lab_check(struct lab *lab, struct error *error)
{
	return check_end(lab, WNOHANG, error);
}

int lab_descriptor(const struct lab *lab)
{
	return lab->watched;
}

/* Its end of the socket is closed, so it is about to end. */
static int has_ended(struct lab *lab, struct error *error)
{
	return check_end(lab, 0, error) < 0 ? -1 : fail(error, "the lab's process has ended");
}

/* The answer to the last request: one that came too late for an earlier one is passed over. */
static int hear(struct lab *lab, struct lab_server_answer *answer, struct error *error)
{
	ssize_t size;

	do
		size = recv(lab->socket, answer, sizeof(*answer), 0);
	while ((size < 0 && errno == EINTR) || (size == sizeof(*answer) && answer->number != lab->asked));
	if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return fail(error, "the lab's process has not answered for %d s", ANSWER_SECONDS);
	if (size != sizeof(*answer))
		return has_ended(lab, error);
	if (answer->failed) {
		*error = answer->error;
		return -1;
	}
	return 0;
}

static int ask(struct lab *lab, struct lab_server_request *request, struct lab_server_answer *answer,
	       struct error *error)
{
	struct error ignored;

	request->number = ++lab->asked;
	if (send(lab->socket, request, sizeof(*request), MSG_NOSIGNAL) != sizeof(*request))
		return has_ended(lab, error ? error : &ignored);
	return hear(lab, answer, error ? error : &ignored);
}

static int start_server(struct lab *lab, const struct lab_options *options, struct error *error)
{
	struct lab_server_options server = {
		.ipv6 = lab->ipv6, .never_accept = options->never_accept,
		.host_names = lab->host_names, .parent = getpid(), .page = lab->page,
		.syns = lab->syns,
	};
	struct timeval patience = { .tv_sec = ANSWER_SECONDS };
	struct lab_server_answer hello;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return fail(error, "cannot start the lab's process: %s", strerror(errno));
	lab->socket = pair[0];
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	lab->server = fork();
	if (lab->server == 0) {
		close(pair[0]);
		lab_server_run(pair[1], &server);
	}
	close(pair[1]);
	if (lab->server < 0)
		return fail(error, "cannot start the lab's process: %s", strerror(errno));
	lab->watched = (int)syscall(SYS_pidfd_open, lab->server, 0);
	return hear(lab, &hello, error) ? fail_in(error, "the lab's process") : 0;
}

static void *share_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* Built in, and not off by net.mptcp.enabled. */
static bool has_mptcp(int family)
{
	int made = socket(family, SOCK_STREAM | SOCK_CLOEXEC, SERVER_SOCKET_MPTCP);

	if (made >= 0)
		close(made);
	return made >= 0;
}

/* Its sockets keep no SYN (mptcp_setsockopt_sol_tcp() knows no TCP_SAVE_SYN), so we say what is in them. */
static int prepare_mptcp(struct lab *lab, const struct path *path, struct error *error)
{
	if (!has_mptcp(AF_INET))
		return fail(error, "%.200s:%d: subject: this kernel has no MPTCP", path->file, path->mptcp_line);
	lab->ipv6 = lab->ipv6 && has_mptcp(AF_INET6);
	lab->syns = share_memory(LAB_SERVER_SYNS * sizeof(*lab->syns));
	return lab->syns ? 0 : fail(error, "cannot set up the lab: out of memory");
}

static int set_up(struct lab *lab, const struct lab_options *options, struct error *error)
{
	bool routed = !path_is_direct(options->path);

	if (lab_namespace_enter(error) || set_first_sysctls(error) ||
	    lab_network_set_up(routed, &lab->ipv6, error))
		return -1;
	if (routed && options->path->mptcp_line && prepare_mptcp(lab, options->path, error))
		return -1;
	if (routed) {
		lab->router = router_open(options->path, lab->ipv6, error);
		lab->path = options->path;
		if (!lab->router)
			return -1;
	}
	return start_server(lab, options, error);
}

struct lab *lab_open(const struct lab_options *options, struct error *error)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	struct error ignored;

	if (!error)
		error = &ignored;
	if (!lab) {
		fail(error, "out of memory");
		return NULL;
	}
	lab->socket = lab->watched = -1;
	lab->server = -1;
	lab->host_names = sysctl_names();
	lab->page = share_memory(sizeof(*lab->page));
	if (!lab->page) {
		fail(error, "cannot set up the lab: out of memory");
		lab_close(lab);
		return NULL;
	}
	if (set_up(lab, options, error) == 0)
		return lab;
	lab_close(lab);
	return NULL;
}

/* Asked for every segment. */
static struct address address_of(uint8_t family, uint8_t host)
{
	static struct address networks[2];
	struct address address = networks[family == 6];

	if (!address.family) {
		address_parse(family == 6 ? LAB_SUBJECT_V6 : LAB_SUBJECT_V4, &address, NULL);
		networks[family == 6] = address;
	}
	address.bytes[family == 6 ? 15 : 3] = host;
	return address;
}

struct endpoint lab_endpoint(uint8_t family)
{
	return (struct endpoint){ .address = address_of(family, 2), .port = LAB_PORT };
}

struct address lab_source(uint8_t family, unsigned n)
{
	return address_of(family, (uint8_t)(FIRST_SOURCE + n));
}

static int request_for(struct lab_server_request *request, enum lab_server_request_kind kind, const char *name,
		       const char *value, struct error *error)
{
	*request = (struct lab_server_request){ .kind = kind };
	if (strlen(name) >= sizeof(request->name))
		return fail(error, "the sysctl name '%.40s...' is too long", name);
	if (strlen(value) >= sizeof(request->value))
		return fail(error, "the value of the sysctl %s is too long", name);
	memcpy(request->name, name, strlen(name));
	memcpy(request->value, value, strlen(value));
	return 0;
}

int lab_sysctl_get(struct lab *lab, const char *name, char value[static SYSCTL_VALUE_SIZE], struct error *error)
{
	struct lab_server_request request;
	struct lab_server_answer answer;

	if (request_for(&request, LAB_SERVER_GET, name, "", error) || ask(lab, &request, &answer, error))
		return -1;
	if (strlen(answer.value) >= SYSCTL_VALUE_SIZE)
		return fail(error, "the value of the sysctl %s is longer than %d characters", name,
			    SYSCTL_VALUE_SIZE - 1);
	memcpy(value, answer.value, strlen(answer.value) + 1);
	return 0;
}

int lab_sysctl_set(struct lab *lab, const char *name, const char *value, struct error *error)
{
	struct lab_server_request request;
	struct lab_server_answer answer;

	return request_for(&request, LAB_SERVER_SET, name, value, error) ? -1 : ask(lab, &request, &answer, error);
}

int lab_sysctls_reset(struct lab *lab, struct error *error)
{
	struct lab_server_request request = { .kind = LAB_SERVER_RESET };
	struct lab_server_answer answer;

	return ask(lab, &request, &answer, error);
}

int lab_call(struct lab *lab, const struct pair *pair, enum behaviour behaviour, struct error *error)
{
	struct lab_server_request request = { .kind = LAB_SERVER_CALL, .pair = *pair, .behaviour = behaviour };
	struct lab_server_answer answer;

	return ask(lab, &request, &answer, error);
}

int lab_deed(struct lab *lab, const struct pair *pair, const struct deed *deed, struct error *error)
{
	struct lab_server_request request = { .kind = LAB_SERVER_DEED, .pair = *pair, .deed = *deed };
	struct lab_server_answer answer;

	return ask(lab, &request, &answer, error);
}

int lab_manner(struct lab *lab, const struct manner *manner, struct error *error)
{
	struct lab_server_request request = { .kind = LAB_SERVER_MANNER, .manner = *manner };
	struct lab_server_answer answer;

	return ask(lab, &request, &answer, error);
}

int lab_listener(struct lab *lab, enum listener listening, struct error *error)
{
	struct lab_server_request request = { .kind = LAB_SERVER_LISTEN, .listening = listening };
	struct lab_server_answer answer;

	return ask(lab, &request, &answer, error);
}

/* The subject may accept long after the handshake, when the next SYN into this connection is sent already. That one asks for no
 * behaviour. */
void lab_expect(struct lab *lab, const struct segment *segment)
{
	_Atomic uint16_t *window = lab->syns ? &lab->syns[lab_server_syn_place(&segment->tuple.source)] : NULL;
	uint16_t none = 0;

	if (!window || !(segment->flags & FLAG_SYN) || segment->flags & FLAG_ACK)
		return;
	if (segment->window >= BEHAVIOUR_WINDOW && segment->window < BEHAVIOUR_WINDOW + BEHAVIOUR_COUNT)
		atomic_store(window, segment->window);
	else
		atomic_compare_exchange_strong(window, &none, segment->window);
}

void lab_expect_anew(struct lab *lab, const struct endpoint *crafted)
{
	if (lab->syns)
		atomic_store(&lab->syns[lab_server_syn_place(crafted)], 0);
}

struct router *lab_router(const struct lab *lab)
{
	return lab->router;
}

const struct path *lab_path(const struct lab *lab)
{
	return lab->path;
}

struct endpoint lab_front(const struct lab *lab, uint8_t family)
{
	const struct path *path = lab->path;
	const struct endpoint *front = !path ? NULL : family == 6 ? &path->front_v6 : &path->front_v4;

	return front && front->address.family ? *front : lab_endpoint(family);
}

bool lab_has_ipv6(const struct lab *lab)
{
	return lab->ipv6;
}

size_t lab_room(const struct lab *lab)
{
	return lab->page->room;
}

uint64_t lab_given_up(const struct lab *lab)
{
	return atomic_load(&lab->page->given_up);
}

unsigned lab_families(const struct lab *lab)
{
	return 1U << 4 | (lab->ipv6 ? 1U << 6 : 0);
}

pid_t lab_server_pid(const struct lab *lab)
{
	return lab->server;
}

void lab_close(struct lab *lab)
{
	if (!lab)
		return;
	if (lab->socket >= 0)
		close(lab->socket); /* this ends it; the signal is for the case that it cannot */
	if (lab->watched >= 0)
		close(lab->watched);
	if (lab->server > 0 && !lab->ended) {
		kill(lab->server, SIGKILL);
		while (waitpid(lab->server, NULL, 0) < 0 && errno == EINTR)
			;
	}
	router_close(lab->router);
	if (lab->page)
		munmap(lab->page, sizeof(*lab->page));
	if (lab->syns)
		munmap(lab->syns, LAB_SERVER_SYNS * sizeof(*lab->syns));
	free(lab->host_names);
	free(lab);
}
