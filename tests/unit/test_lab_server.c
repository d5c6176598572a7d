/* test_lab_server.c - what lab and server say to each other: both ends as they are, over a real socket, with stand-ins for the
 * subject, the sysctls and the privileges; no namespace. */
#include <poll.h>
#include <sys/mman.h>

/* Its own fields and the start of the server are wanted, without the namespace. */
#include "harness/lab/lab.c"

#include "crafter/behaviour.h"
#include "harness/lab/privileges.h"
#include "harness/lab/sandbox.h"
#include "harness/lab/subject.h"
#include "tests/unit/child_exit.h"

#include "tests/unit/suite.h"
#undef fail /* Check's; the stand-ins need the project's */

enum { SYSCTLS_MAX = 80, WRITES_MAX = 256 };

/* Shared with the server: what it did is seen here. */
static struct stand_in {
	size_t room;
	bool cannot_listen, cannot_drop;
	bool listens;            /* on LAB_PORT */
	uint32_t keepalive_s;    /* of its manner */
	int full;                /* 1: its queue of complete connections; 2: that of half-open ones */
	uint16_t called_from, called;
	enum behaviour called_for;
	enum deed_kind did;
	unsigned served, listened_again;
	bool fails;              /* the subject, when it has something to do */
	unsigned slow_ms;        /* each reading of a sysctl takes so long */
	size_t count;
	struct { char name[SYSCTL_NAME_SIZE], value[SYSCTL_TEXT_SIZE]; } sysctls[SYSCTLS_MAX];
	size_t write_count;
	char writes[WRITES_MAX][SYSCTL_NAME_SIZE]; /* the names, in the order of the writing */
} *seen;

static int doorbell[2]; /* the subject's descriptor: readable when it has something to do */

/* --- stand-ins; they run in the server, where Check's assertions have nobody to speak to --- */

int privileges_keep_net_admin(struct error *error)
{
	return seen->cannot_drop ? fail(error, "no such user") : 0;
}

int privileges_drop(struct error *error)
{
	(void)error;
	return 0;
}

int sandbox_enter(enum sandbox kind, struct error *error)
{
	(void)error;
	return kind == SANDBOX_MACHINE ? 0 : -1;
}

struct subject *subject_open(const struct subject_options *options, struct error *error)
{
	(void)error;
	return options->given_up ? (struct subject *)doorbell : NULL;
}

int subject_listen(struct subject *subject, const struct endpoint *endpoint, struct error *error)
{
	(void)subject;
	if (seen->cannot_listen)
		return fail(error, "cannot listen on port %u", endpoint->port);
	seen->listens |= endpoint->port == LAB_PORT;
	return 0;
}

void subject_listen_again(struct subject *subject)
{
	(void)subject;
	seen->listened_again++;
}

int subject_stop_listening(struct subject *subject, struct error *error)
{
	(void)subject;
	if (seen->cannot_listen)
		return fail(error, "a descriptor is broken");
	seen->listens = false;
	return 0;
}

void subject_set_manner(struct subject *subject, const struct manner *manner)
{
	(void)subject;
	seen->keepalive_s = manner->keepalive_s;
}

int subject_fill_queue(struct subject *subject, bool half_open, struct error *error)
{
	(void)subject;
	(void)error;
	seen->full = half_open ? 2 : 1;
	return 0;
}

void subject_empty_queues(struct subject *subject)
{
	(void)subject;
	seen->full = 0;
}

bool subject_listens(const struct subject *subject)
{
	(void)subject;
	return seen->listens;
}

int subject_call(struct subject *subject, const struct endpoint *source, const struct endpoint *target,
		 enum behaviour behaviour, struct error *error)
{
	(void)subject;
	if (target->port == 0)
		return fail(error, "cannot connect to port 0");
	seen->called_from = source->port;
	seen->called = target->port;
	seen->called_for = behaviour;
	return 0;
}

int subject_do(struct subject *subject, const struct pair *pair, const struct deed *deed, struct error *error)
{
	(void)subject;
	if (pair->crafted.port == 0)
		return 0;
	if (pair->crafted.port == 1)
		return fail(error, "cannot %s", deed_name(deed->kind));
	seen->did = deed->kind;
	return 1;
}

size_t subject_room(struct subject *subject)
{
	(void)subject;
	return seen->room;
}

/* The server keeps the descriptors that it opens after it has closed its parent's: so does the stand-in. */
int subject_descriptor(const struct subject *subject)
{
	(void)subject;
	if (pipe(doorbell))
		abort();
	if (seen->fails && write(doorbell[1], "x", 1) != 1)
		abort();
	return doorbell[0];
}

int subject_serve(struct subject *subject, struct error *error)
{
	(void)subject;
	seen->served++;
	return seen->fails ? fail(error, "no descriptors") : 0;
}

void subject_close(struct subject *subject)
{
	(void)subject;
}

static char *find(const char *name)
{
	for (size_t i = 0; i < seen->count; i++)
		if (strcmp(seen->sysctls[i].name, name) == 0)
			return seen->sysctls[i].value;
	return NULL;
}

int sysctl_read(const char *name, char *value, size_t size, const char *host_names, struct error *error)
{
	usleep(seen->slow_ms * 1000);
	if (!find(name) || strcmp(host_names, "names") != 0)
		return fail(error, "this kernel has no sysctl '%s'", name);
	snprintf(value, size, "%s", find(name));
	return 0;
}

int sysctl_write(const char *name, const char *wanted, const char *host_names, struct error *error)
{
	(void)host_names;
	snprintf(seen->writes[seen->write_count++], SYSCTL_NAME_SIZE, "%s", name);
	if (strcmp(wanted, "refused") == 0)
		return fail(error, "the kernel refuses the value '%s'", wanted);
	snprintf(find(name), SYSCTL_TEXT_SIZE, "%s", wanted);
	return 0;
}

char *sysctl_names(void)
{
	return strdup("names");
}

bool sysctl_exists(const char *name)
{
	return find(name) != NULL;
}

/* --- a lab without a namespace --- */

static struct lab *opened;

static void put_sysctl(const char *name, const char *value)
{
	snprintf(seen->sysctls[seen->count].name, SYSCTL_NAME_SIZE, "%s", name);
	snprintf(seen->sysctls[seen->count++].value, SYSCTL_TEXT_SIZE, "%s", value);
}

static int try_start(const struct lab_options *options, struct error *error)
{
	opened = calloc(1, sizeof(*opened));
	opened->socket = opened->watched = opened->server = -1;
	opened->host_names = sysctl_names();
	opened->page = mmap(NULL, sizeof(*opened->page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return start_server(opened, options, error);
}

static void prepare(void)
{
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	seen->room = 1000;
	put_sysctl("tcp_one", "1");
	put_sysctl("tcp_two", "2");
	put_sysctl("net.core.somaxconn", "4096");
}

static void start(void)
{
	struct error error = { "" };

	prepare();
	ck_assert_msg(try_start(&(struct lab_options){ 0 }, &error) == 0, "%s", error.text);
}

/* The server sees the end of its socket, and goes of itself. */
static void finish(void)
{
	if (opened->socket >= 0)
		close(opened->socket);
	opened->socket = -1;
	if (opened->server > 0 && !opened->ended && waitpid(opened->server, &opened->status, 0) > 0)
		opened->ended = true;
	lab_close(opened);
	opened = NULL;
}

/* The server's own end, seen when it has gone of itself. */
static int exit_code(void)
{
	int status;

	ck_assert_int_eq(waitpid(opened->server, &status, 0), opened->server);
	opened->server = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- requests --- */

START_TEST(it_starts_and_ends)
{
	struct error error = { "" };

	start();
	ck_assert_uint_eq(lab_room(opened), 1000);
	ck_assert_uint_eq(lab_given_up(opened), 0);
	ck_assert_int_eq(lab_check(opened, &error), 0);
	ck_assert_int_gt(lab_server_pid(opened), 0);
	ck_assert_uint_eq(lab_families(opened), 1 << 4);
	close(opened->socket);
	opened->socket = -1;
	ck_assert_int_eq(exit_code(), 0);
	finish();
}
END_TEST

START_TEST(values_are_read_and_set)
{
	char value[SYSCTL_VALUE_SIZE];
	struct error error = { "" };

	start();
	ck_assert_int_eq(lab_sysctl_get(opened, "tcp_one", value, &error), 0);
	ck_assert_str_eq(value, "1");
	ck_assert_int_eq(lab_sysctl_set(opened, "tcp_one", "5", &error), 0);
	ck_assert_int_eq(lab_sysctl_get(opened, "tcp_one", value, &error), 0);
	ck_assert_str_eq(value, "5");
	ck_assert_int_eq(lab_sysctl_get(opened, "tcp_none", value, &error), -1);
	ck_assert_str_eq(error.text, "this kernel has no sysctl 'tcp_none'");
	ck_assert_int_eq(lab_sysctl_set(opened, "tcp_one", "refused", &error), -1);
	ck_assert_str_eq(error.text, "the kernel refuses the value 'refused'");
	ck_assert_int_eq(lab_sysctl_set(opened, "tcp_none", "1", NULL), -1); /* who wants no reason gets none */
	finish();
}
END_TEST

/* What was found goes back, the last first; what was never set is left alone, and what was refused was never set. */
START_TEST(values_go_back)
{
	struct error error = { "" };

	start();
	ck_assert_int_eq(lab_sysctl_set(opened, "tcp_one", "5", &error), 0);
	ck_assert_int_eq(lab_sysctl_set(opened, "tcp_two", "6", &error), 0);
	ck_assert_int_eq(lab_sysctl_set(opened, "tcp_one", "7", &error), 0);
	ck_assert_int_eq(lab_sysctl_set(opened, "net.core.somaxconn", "refused", &error), -1);
	seen->write_count = 0;
	ck_assert_int_eq(lab_sysctls_reset(opened, &error), 0);
	ck_assert_uint_eq(seen->write_count, 2);
	ck_assert_str_eq(seen->writes[0], "tcp_two");
	ck_assert_str_eq(seen->writes[1], "tcp_one");
	ck_assert_str_eq(find("tcp_one"), "1");
	ck_assert_str_eq(find("tcp_two"), "2");
	finish();
}
END_TEST

/* One that does not go back is told, and those before it go back all the same. */
START_TEST(one_does_not_go_back)
{
	struct error error = { "" };

	start();
	snprintf(find("tcp_two"), SYSCTL_TEXT_SIZE, "refused");
	ck_assert_int_eq(lab_sysctl_set(opened, "tcp_one", "5", &error), 0);
	ck_assert_int_eq(lab_sysctl_set(opened, "tcp_two", "6", &error), 0);
	ck_assert_int_eq(lab_sysctls_reset(opened, &error), -1);
	ck_assert_str_eq(error.text, "the kernel refuses the value 'refused'");
	ck_assert_str_eq(find("tcp_one"), "1");
	finish();
}
END_TEST

/* inet_listen: a queue is as long as somaxconn was when listen() was called. */
START_TEST(a_new_somaxconn_needs_a_new_listen)
{
	start();
	ck_assert_int_eq(lab_sysctl_set(opened, "tcp_one", "5", NULL), 0);
	ck_assert_uint_eq(seen->listened_again, 0);
	ck_assert_int_eq(lab_sysctl_set(opened, "net.core.somaxconn", "10", NULL), 0);
	ck_assert_uint_eq(seen->listened_again, 2); /* on both of its ports */
	ck_assert_int_eq(lab_sysctls_reset(opened, NULL), 0);
	ck_assert_uint_eq(seen->listened_again, 4);
	finish();
}
END_TEST

START_TEST(the_listener_goes_and_comes_back)
{
	struct error error = { "" };

	start();
	ck_assert(seen->listens);
	ck_assert_int_eq(lab_listener(opened, LISTENER_GONE, &error), 0);
	ck_assert(!seen->listens);
	ck_assert_int_eq(lab_listener(opened, LISTENER_KEPT, &error), 0);
	ck_assert(seen->listens);
	ck_assert_int_eq(lab_listener(opened, LISTENER_ACCEPT_FULL, &error), 0);
	ck_assert_int_eq(seen->full, 1);
	ck_assert_int_eq(lab_listener(opened, LISTENER_SYN_FULL, &error), 0);
	ck_assert_int_eq(seen->full, 2);
	ck_assert_int_eq(lab_listener(opened, LISTENER_KEPT, &error), 0);
	ck_assert_int_eq(seen->full, 0);
	ck_assert_int_eq(lab_manner(opened, &(struct manner){ .keepalive_s = 7 }, &error), 0);
	ck_assert_uint_eq(seen->keepalive_s, 7);
	seen->cannot_listen = true;
	ck_assert_int_eq(lab_listener(opened, LISTENER_KEPT, &error), 0); /* it does already */
	ck_assert_int_eq(lab_listener(opened, LISTENER_GONE, &error), -1);
	ck_assert_str_eq(error.text, "a descriptor is broken");
	finish();
}
END_TEST

START_TEST(it_connects_when_asked)
{
	struct pair pair = { .subject.port = LAB_PORT_NOBODY, .crafted.port = 20001 };
	struct error error = { "" };

	start();
	ck_assert_int_eq(lab_call(opened, &pair, BEHAVIOUR_HALF, &error), 0);
	ck_assert_uint_eq(seen->called_from, LAB_PORT_NOBODY);
	ck_assert_uint_eq(seen->called, 20001);
	ck_assert_int_eq(seen->called_for, BEHAVIOUR_HALF);
	pair.crafted.port = 0;
	ck_assert_int_eq(lab_call(opened, &pair, BEHAVIOUR_HALF, &error), -1);
	ck_assert_str_eq(error.text, "cannot connect to port 0");
	finish();
}
END_TEST

START_TEST(it_does_what_it_is_told)
{
	struct pair pair = { .crafted.port = 20001 };
	struct deed deed = { .kind = DEED_SHUTDOWN };
	struct error error = { "" };

	start();
	ck_assert_int_eq(lab_deed(opened, &pair, &deed, &error), 0);
	ck_assert_int_eq(seen->did, DEED_SHUTDOWN);
	pair.crafted.port = 0;
	ck_assert_int_eq(lab_deed(opened, &pair, &deed, &error), -1);
	ck_assert_str_eq(error.text, "the subject's process does not hold this connection");
	pair.crafted.port = 1;
	ck_assert_int_eq(lab_deed(opened, &pair, &deed, &error), -1);
	ck_assert_str_eq(error.text, "cannot shutdown");
	finish();
}
END_TEST

START_TEST(names_and_values_too_long)
{
	char longer[300], value[SYSCTL_VALUE_SIZE];
	struct error error = { "" };

	start();
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_int_eq(lab_sysctl_get(opened, longer, value, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "is too long"));
	ck_assert_int_eq(lab_sysctl_set(opened, "tcp_one", longer, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "the value of the sysctl tcp_one is too long"));
	ck_assert_str_eq(find("tcp_one"), "1");
	/* What the kernel says may be longer than what a cell can hold. */
	memset(find("tcp_one"), '7', SYSCTL_TEXT_SIZE - 1);
	ck_assert_int_eq(lab_sysctl_get(opened, "tcp_one", value, &error), -1);
	finish();
}
END_TEST

START_TEST(too_many_sysctls)
{
	struct error error = { "" };
	char name[16];
	int result = 0;

	start();
	for (int i = 0; i < 65 && result == 0; i++) {
		snprintf(name, sizeof(name), "tcp_%d", i);
		put_sysctl(name, "0");
		result = lab_sysctl_set(opened, name, "1", &error);
		ck_assert_int_eq(result, i < 64 ? 0 : -1);
	}
	ck_assert_str_eq(error.text, "a run sets at most 64 different sysctls");
	ck_assert_str_eq(find("tcp_64"), "0");
	finish();
}
END_TEST

/* An answer that comes after its asker has given up is not taken for the answer to the next question. */
START_TEST(late_answers)
{
	struct timeval impatient = { .tv_usec = 20000 }, patient = { .tv_sec = 5 };
	char value[SYSCTL_VALUE_SIZE];
	struct error error = { "" };

	start();
	seen->slow_ms = 200;
	setsockopt(opened->socket, SOL_SOCKET, SO_RCVTIMEO, &impatient, sizeof(impatient));
	ck_assert_int_eq(lab_sysctl_get(opened, "tcp_one", value, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "has not answered"));
	setsockopt(opened->socket, SOL_SOCKET, SO_RCVTIMEO, &patient, sizeof(patient));
	ck_assert_int_eq(lab_sysctl_get(opened, "tcp_two", value, &error), 0);
	ck_assert_str_eq(value, "2");
	finish();
}
END_TEST

/* What is no request ends the server: its parent is not what it was made for. */
START_TEST(half_a_request)
{
	start();
	ck_assert_int_eq(send(opened->socket, "x", 1, 0), 1);
	ck_assert_int_eq(exit_code(), 0);
	finish();
}
END_TEST

/* --- ends --- */

START_TEST(a_killed_server)
{
	char value[SYSCTL_VALUE_SIZE];
	struct error error = { "" };
	struct pollfd watched;

	start();
	kill(opened->server, SIGKILL);
	watched = (struct pollfd){ .fd = lab_descriptor(opened), .events = POLLIN };
	if (watched.fd >= 0)
		ck_assert_int_eq(poll(&watched, 1, 5000), 1);
	ck_assert_int_eq(lab_sysctl_get(opened, "tcp_one", value, &error), -1);
	ck_assert_str_eq(error.text, "the lab's process has ended (signal 9, Killed)");
	ck_assert_int_eq(lab_check(opened, &error), -1);
	ck_assert_int_eq(lab_sysctl_set(opened, "tcp_one", "3", &error), -1); /* again, and not for ever */
	ck_assert_ptr_nonnull(strstr(error.text, "signal 9"));
	finish();
}
END_TEST

/* A subject that cannot go on is a server that has ended: nobody takes its silence for the kernel's. */
START_TEST(a_subject_that_fails)
{
	char value[SYSCTL_VALUE_SIZE];
	struct error error = { "" };

	prepare();
	seen->fails = true;
	ck_assert_int_eq(try_start(&(struct lab_options){ 0 }, &error), 0);
	ck_assert_int_eq(lab_sysctl_get(opened, "tcp_one", value, &error), -1);
	ck_assert_str_eq(error.text, "the lab's process has ended (exit code 0)");
	ck_assert_uint_eq(seen->served, 1);
	finish();
}
END_TEST

static const struct {
	size_t room;
	bool cannot_listen, cannot_drop, never_accept;
	const char *error; /* "": it starts */
} starts[] = {
	{ 1000, false, false, true, "" },
	{ 1000, true, false, false, "the lab's process: cannot listen on port 8888" },
	{ 1000, false, true, false, "the lab's process: no such user" },
	{ 0, false, false, false, "descriptors are too few to hold a connection; raise the limit (ulimit -n)" },
};

START_TEST(how_it_starts)
{
	struct lab_options options = { .never_accept = starts[_i].never_accept };
	struct error error = { "" };

	prepare();
	seen->room = starts[_i].room;
	seen->cannot_listen = starts[_i].cannot_listen;
	seen->cannot_drop = starts[_i].cannot_drop;
	ck_assert_int_eq(try_start(&options, &error), *starts[_i].error ? -1 : 0);
	ck_assert_msg(strstr(error.text, starts[_i].error) != NULL, "%s", error.text);
	finish();
}
END_TEST

/* Whose parent has gone before it could ask for a signal on that is not left behind. */
START_TEST(no_parent)
{
	struct lab_server_options options = { .host_names = "names", .parent = 1 };
	int pair[2], status;
	pid_t child;

	prepare();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	child = fork();
	if (child == 0)
		lab_server_run(pair[1], &options);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

int main(void)
{
	TCase *requests = tcase_create("requests"), *ends = tcase_create("ends");

	tcase_add_test(requests, it_starts_and_ends);
	tcase_add_test(requests, values_are_read_and_set);
	tcase_add_test(requests, values_go_back);
	tcase_add_test(requests, one_does_not_go_back);
	tcase_add_test(requests, a_new_somaxconn_needs_a_new_listen);
	tcase_add_test(requests, the_listener_goes_and_comes_back);
	tcase_add_test(requests, it_connects_when_asked);
	tcase_add_test(requests, it_does_what_it_is_told);
	tcase_add_test(requests, names_and_values_too_long);
	tcase_add_test(requests, too_many_sysctls);
	tcase_add_test(requests, late_answers);
	tcase_add_test(requests, half_a_request);
	tcase_add_test(ends, a_killed_server);
	tcase_add_test(ends, a_subject_that_fails);
	tcase_add_loop_test(ends, how_it_starts, 0, ROWS(starts));
	tcase_add_test(ends, no_parent);
	return run_suite("lab and server", requests, ends, NULL);
}
