/* test_sockets.c - what needs a kernel and no privilege: waiting, listening sockets on loopback, the table of sockets, the
 * kernel's counters, limits of descriptors, names of hosts. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/descriptors.h"
#include "harness/lab/counters.h"
#include "harness/lab/held.h"
#include "harness/lab/server_socket.h"
#include "harness/lab/subject.h"
#include "harness/lab/witness_proc.h"
#include "harness/wire/loop.h"
#include "harness/wire/resolve.h"
#include "harness/wire/target.h"
#include "tests/unit/child_exit.h"

#include "tests/unit/suite.h"

#define MS UINT64_C(1000000)

/* --- waiting --- */

static struct loop *opened(void)
{
	struct error error = { "" };
	struct loop *loop = loop_open(&error);

	ck_assert_msg(loop != NULL, "%s", error.text);
	return loop;
}

/* Never early: what is asked then would not be there yet. */
START_TEST(a_deadline)
{
	struct loop *loop = opened();

	for (int i = 0; i < 3; i++) {
		uint64_t deadline_ns = clock_now() + 20 * MS;

		ck_assert_int_eq(loop_wait(loop, deadline_ns, NULL), 0);
		ck_assert_uint_ge(clock_now(), deadline_ns);
	}
	loop_close(loop);
}
END_TEST

START_TEST(a_deadline_that_has_passed)
{
	struct loop *loop = opened();
	uint64_t begun_ns = clock_now();

	ck_assert_int_eq(loop_wait(loop, begun_ns - 1, NULL), 0);
	ck_assert_int_eq(loop_wait(loop, 1, NULL), 0);
	ck_assert_uint_lt(clock_now() - begun_ns, 3000 * MS);
	loop_close(loop);
}
END_TEST

START_TEST(a_descriptor)
{
	struct loop *loop = opened();
	struct error error = { "" };
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(loop_watch(loop, ends[0], &error), 0);
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
	ck_assert_int_eq(loop_wait(loop, 0, NULL), 0); /* no deadline: it would wait for ever */
	ck_assert_int_eq(loop_watch(loop, 12345, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "cannot wait for descriptor 12345"));
	loop_close(loop);
}
END_TEST

/* A signal ends the wait, and is remembered; also where a deadline that has passed leaves nothing to wait for. */
START_TEST(a_signal)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct loop *loop;

	signal(SIGHUP, SIG_DFL); /* whoever runs the tests may ignore it */
	signal(SIGINT, SIG_DFL);
	loop = opened();
	ck_assert_int_eq(loop_wait(loop, 1, NULL), 0);
	kill(getpid(), signals[_i]);
	ck_assert_int_eq(loop_wait(loop, _i ? 0 : 1, NULL), 1);
	ck_assert_int_eq(loop_wait(loop, 0, NULL), 1);
	loop_close(loop);
}
END_TEST

/* nohup: what was ignored before stays ignored. */
START_TEST(an_ignored_signal)
{
	struct loop *loop;

	signal(SIGHUP, SIG_IGN);
	loop = opened();
	kill(getpid(), SIGHUP);
	ck_assert_int_eq(loop_wait(loop, clock_now() + 5 * MS, NULL), 0);
	loop_close(loop);
	loop_close(NULL);
}
END_TEST

/* --- listening sockets --- */

static struct endpoint loopback(uint16_t port)
{
	struct endpoint endpoint = { .port = port };

	ck_assert_int_eq(address_parse("127.0.0.1", &endpoint.address, NULL), 0);
	return endpoint;
}

static struct endpoint name_of(int socket, bool peer)
{
	struct sockaddr_storage storage;
	socklen_t size = sizeof(storage);
	struct endpoint endpoint;

	ck_assert_int_eq((peer ? getpeername : getsockname)(socket, (struct sockaddr *)&storage, &size), 0);
	endpoint_from_sockaddr((struct sockaddr *)&storage, &endpoint);
	return endpoint;
}

static int connected_to(const struct endpoint *endpoint, int window)
{
	struct sockaddr_storage storage;
	socklen_t size = (socklen_t)endpoint_to_sockaddr(endpoint, &storage);
	int client = socket(AF_INET, SOCK_STREAM, 0);

	if (window)
		setsockopt(client, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
	ck_assert_int_eq(connect(client, (struct sockaddr *)&storage, size), 0);
	return client;
}

/* tcp_select_initial_window: a small receive buffer makes a small window in the SYN. */
START_TEST(a_server_reads_the_clients_syn)
{
	struct server_socket_options options = { .backlog = 5, .receive_buffer = 8192 };
	struct endpoint any = loopback(0), own;
	struct error error = { "" };
	int listener = server_socket_open(&any, &options, &error), clients[2], served[2], windows[2];

	ck_assert_msg(listener >= 0, "%s", error.text);
	own = name_of(listener, false);
	for (int i = 0; i < 2; i++) {
		clients[i] = connected_to(&own, i ? 0 : 2048);
		do
			served[i] = accept(listener, NULL, NULL);
		while (served[i] < 0 && errno == EAGAIN);
		windows[i] = server_socket_syn_window(served[i]);
	}
	ck_assert_int_gt(windows[0], 0);
	ck_assert_int_gt(windows[1], windows[0]);
	ck_assert_int_eq(server_socket_syn_window(listener), -1);
	for (int i = 0; i < 2; i++) {
		close(clients[i]);
		close(served[i]);
	}
	close(listener);
}
END_TEST

static void serve_for_a_while(struct subject *subject)
{
	struct error error = { "" };

	for (int i = 0; i < 20; i++) {
		struct pollfd ready = { .fd = subject_descriptor(subject), .events = POLLIN };

		if (poll(&ready, 1, 5) > 0)
			ck_assert_msg(subject_serve(subject, &error) == 0, "%s", error.text);
	}
}

static const struct {
	enum behaviour behaviour;
	bool ends;         /* it sends its FIN at once */
	bool ends_after;   /* ... after ours */
	size_t held[2];    /* at once; after our FIN */
} callers[] = {
	{ BEHAVIOUR_CLOSE, true, true, { 0, 0 } },
	{ BEHAVIOUR_HOLD, false, false, { 1, 1 } },
	{ BEHAVIOUR_HALF, true, true, { 1, 0 } }, /* then both FINs are acknowledged: the connection is over */
	{ BEHAVIOUR_EOF, false, true, { 1, 0 } },
	{ BEHAVIOUR_EOF_HALF, false, true, { 1, 0 } },
};

/* A subject that connects treats its connection as it was told. */
START_TEST(a_subject_that_connects)
{
	struct server_socket_options plain = { .backlog = 5 };
	struct subject_options options = { .behaviour = BEHAVIOUR_CLOSE, .backlog = 5, .hold_ns = 60000 * MS };
	struct endpoint any = loopback(0), listening;
	struct error error = { "" };
	struct subject *subject = subject_open(&options, &error);
	int listener = server_socket_open(&any, &plain, &error), served;
	char byte;

	ck_assert_msg(subject != NULL && listener >= 0, "%s", error.text);
	listening = name_of(listener, false);
	ck_assert_int_eq(subject_call(subject, &any, &listening, callers[_i].behaviour, &error), 0);
	do
		served = accept(listener, NULL, NULL);
	while (served < 0 && errno == EAGAIN);
	serve_for_a_while(subject);
	ck_assert_uint_eq(subject_counts(subject).held, callers[_i].held[0]);
	ck_assert_int_eq(recv(served, &byte, 1, MSG_DONTWAIT), callers[_i].ends ? 0 : -1);
	shutdown(served, SHUT_WR);
	serve_for_a_while(subject);
	ck_assert_int_eq(recv(served, &byte, 1, MSG_DONTWAIT), callers[_i].ends_after ? 0 : -1);
	ck_assert_uint_eq(subject_counts(subject).held, callers[_i].held[1]);
	close(served);
	close(listener);
	/* Nobody listens there any more. */
	ck_assert_int_eq(subject_call(subject, &any, &listening, callers[_i].behaviour, &error), 0);
	serve_for_a_while(subject);
	ck_assert_uint_le(subject_counts(subject).held, 1); /* the one before may be left */
	subject_close(subject);
}
END_TEST

static const struct {
	struct deed deed;
	bool unread;   /* the client has sent something */
	int received;  /* what recv() at the client returns then, */
	int number;    /* and its errno */
	size_t held;
} deeds[] = {
	{ { .kind = DEED_CLOSE }, false, 0, 0, 0 },
	{ { .kind = DEED_CLOSE }, true, -1, ECONNRESET, 0 },
	{ { .kind = DEED_ABORT }, false, -1, ECONNRESET, 0 },
	{ { .kind = DEED_SHUTDOWN }, true, 0, 0, 1 },
	{ { .kind = DEED_READ }, true, -1, EAGAIN, 1 },
	{ { .kind = DEED_WRITE, .bytes = 7 }, false, 7, 0, 1 },
	{ { .kind = DEED_KEEPALIVE, .idle_s = 1, .interval_s = 2, .probes = 3 }, false, -1, EAGAIN, 1 },
	{ { .kind = DEED_USER_TIMEOUT, .timeout_ms = 3000 }, false, -1, EAGAIN, 1 },
};

/* What it is told to do with a connection, it does with that one, and the client sees it. */
START_TEST(a_subject_does_what_it_is_told)
{
	struct subject_options options = { .behaviour = BEHAVIOUR_HOLD, .backlog = 5, .hold_ns = 60000 * MS };
	struct server_socket_options plain = { .backlog = 5 };
	struct endpoint any = loopback(0);
	struct error error = { "" };
	struct subject *subject = subject_open(&options, &error);
	int probe = server_socket_open(&any, &plain, &error), client, other;
	struct pair pair = { .subject = name_of(probe, false) };
	char bytes[16];

	close(probe);
	ck_assert_msg(subject_listen(subject, &pair.subject, &error) == 0, "%s", error.text);
	client = connected_to(&pair.subject, 0);
	other = connected_to(&pair.subject, 0);
	pair.crafted = name_of(client, false);
	if (deeds[_i].unread)
		ck_assert_int_eq(send(client, "x", 1, 0), 1);
	ck_assert_msg(subject_do(subject, &pair, &deeds[_i].deed, &error) == 1, "%s", error.text);
	errno = 0;
	ck_assert_int_eq(recv(client, bytes, sizeof(bytes), MSG_DONTWAIT), deeds[_i].received);
	ck_assert_int_eq(errno, deeds[_i].number);
	ck_assert_int_eq(recv(other, bytes, sizeof(bytes), MSG_DONTWAIT), -1);
	ck_assert_uint_eq(subject_counts(subject).held, 1 + deeds[_i].held);
	pair.crafted.port++;
	ck_assert(pair.crafted.port == name_of(other, false).port || subject_do(subject, &pair, &deeds[_i].deed, &error) == 0);
	close(client);
	close(other);
	subject_close(subject);
}
END_TEST

/* Whoever was there in time is accepted; then the port is closed, and may be opened again. */
START_TEST(a_subject_stops_listening)
{
	struct subject_options options = { .behaviour = BEHAVIOUR_HOLD, .backlog = 5, .hold_ns = 60000 * MS };
	struct server_socket_options plain = { .backlog = 5 };
	struct endpoint any = loopback(0), own;
	struct error error = { "" };
	struct subject *subject = subject_open(&options, &error);
	int probe = server_socket_open(&any, &plain, &error), client;

	own = name_of(probe, false);
	close(probe);
	ck_assert_msg(subject_listen(subject, &own, &error) == 0, "%s", error.text);
	client = connected_to(&own, 0);
	ck_assert(subject_listens(subject));
	ck_assert_int_eq(subject_stop_listening(subject, &error), 0);
	ck_assert(!subject_listens(subject));
	ck_assert_uint_eq(subject_counts(subject).held, 1);
	ck_assert_int_eq(subject_listen(subject, &own, &error), 0);
	ck_assert(subject_listens(subject));
	close(client);
	subject_close(subject);
}
END_TEST

START_TEST(a_server_that_cannot_be)
{
	struct server_socket_options options = { .backlog = 5 };
	struct endpoint any = loopback(0), own;
	struct error error = { "" };
	int listener = server_socket_open(&any, &options, &error);

	ck_assert_int_ge(listener, 0);
	own = name_of(listener, false);
	ck_assert_int_eq(server_socket_open(&own, &options, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "another program already does"));
	close(listener);
}
END_TEST

/* --- the table of sockets --- */

START_TEST(the_kernels_table)
{
	struct server_socket_options options = { .backlog = 5 };
	struct endpoint any = loopback(0), own;
	struct error error = { "" };
	int listener = server_socket_open(&any, &options, &error), client, served;
	struct witness_proc *proc = witness_proc_open(&error);
	struct kernel_socket socket;
	struct pair pair;

	ck_assert_msg(proc != NULL, "%s", error.text);
	own = name_of(listener, false);
	client = connected_to(&own, 0);
	do
		served = accept(listener, NULL, NULL);
	while (served < 0 && errno == EAGAIN);
	ck_assert_int_eq(write(client, "12345", 5), 5);
	/* The subject is the socket that is looked for. */
	pair = (struct pair){ .crafted = name_of(served, true), .subject = own };
	ck_assert_int_eq(witness_proc_find(proc, &pair, &socket, &error), 1);
	ck_assert_int_eq(witness_state(socket.kernel_state, socket.sighting.inode), STATE_ESTABLISHED);
	ck_assert_uint_eq(socket.sighting.recv_queue, 5);
	memset(&pair.crafted, 0, sizeof(pair.crafted));
	ck_assert_int_eq(witness_proc_find(proc, &pair, &socket, &error), 1); /* the listener */
	ck_assert_uint_eq(socket.pair.crafted.port, 0);
	close(served);
	close(client);
	close(listener);
	pair.crafted = loopback(1);
	ck_assert_int_eq(witness_proc_find(proc, &pair, &socket, &error), 0);
	witness_proc_close(proc);
}
END_TEST

/* --- counters --- */

START_TEST(the_kernels_counters)
{
	struct server_socket_options options = { .backlog = 5 };
	struct endpoint any = loopback(0), own;
	struct error error = { "" };
	int listener = server_socket_open(&any, &options, &error);
	struct counters *counters = counters_open(&error);
	int64_t opened_before;

	ck_assert_msg(counters != NULL, "%s", error.text);
	ck_assert_int_eq(counters_read(counters, &error), 0);
	ck_assert(counters_has(counters, "Tcp.ActiveOpens"));
	ck_assert(counters_has(counters, "TcpExt.ListenOverflows"));
	ck_assert(!counters_has(counters, "Tcp.Nothing"));
	ck_assert_int_eq(counters_get(counters, "Tcp.Nothing"), 0);
	opened_before = counters_get(counters, "Tcp.ActiveOpens");
	own = name_of(listener, false);
	close(connected_to(&own, 0));
	ck_assert_int_eq(counters_read(counters, &error), 0);
	ck_assert_int_gt(counters_get(counters, "Tcp.ActiveOpens"), opened_before);
	for (size_t i = 0; i < counters_count(counters); i++)
		ck_assert_int_eq(counters_get(counters, counters_name(counters, i)), counters_value(counters, i));
	counters_close(counters);
	counters_close(NULL);
	close(listener);
}
END_TEST

/* --- descriptors --- */

START_TEST(limits_of_descriptors)
{
	struct rlimit limit;
	size_t before = descriptors_free();
	int one = open("/dev/null", O_RDONLY);

	ck_assert_uint_eq(descriptors_free(), before - 1);
	close(one);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 64;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(descriptors_limit(), 64);
	ck_assert_uint_lt(descriptors_free(), 64);
	descriptors_raise();
	ck_assert_uint_eq(descriptors_limit(), limit.rlim_max < (1U << 31) - 1 ? limit.rlim_max : (1U << 31) - 1);
}
END_TEST

/* A list by age over a table by descriptor: whatever is removed, the order of the rest stays. */
START_TEST(held_by_age)
{
	static const int order[] = { 900, 3, 70, 5, 64 };
	struct address client = { .family = 4 };
	struct held_list list;
	int at;

	held_init(&list);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(held_add(&list, order[i], BEHAVIOUR_HOLD, &client, (uint64_t)i), 0);
	held_remove(&list, order[_i]);
	ck_assert_uint_eq(list.count, 4);
	at = list.oldest;
	for (int i = 0; i < 5; i++) {
		if (i == _i)
			continue;
		ck_assert_int_eq(at, order[i]);
		ck_assert_uint_eq(list.table[at].since_ns, (uint64_t)i);
		at = list.table[at].younger;
	}
	ck_assert_int_eq(at, -1);
	at = list.youngest;
	for (int i = 4; i >= 0; i--) {
		if (i == _i)
			continue;
		ck_assert_int_eq(at, order[i]);
		at = list.table[at].older;
	}
	held_free(&list);
	ck_assert_int_eq(list.oldest, -1);
}
END_TEST

/* --- names of hosts --- */

/* Numbers need no name service; root asks through a child. */
static const struct {
	const char *text, *endpoint; /* NULL: refused */
	uint8_t family;
} hosts[] = {
	{ "localhost:80", "127.0.0.1:80", 4 },
	{ "no-such-host.invalid:80", NULL, 6 },
	{ "192.0.2.2:8888", "192.0.2.2:8888", 0 },
	{ "[2001:db8::2]:80", "[2001:db8::2]:80", 0 },
	{ "localhost:80", "127.0.0.1:80", 0 },
	{ "192.0.2.2", NULL, 0 },
	{ "192.0.2.2:0", NULL, 0 },
	{ "192.0.2.2:65536", NULL, 0 },
	{ "no-such-host.invalid:80", NULL, 0 },
	{ "", NULL, 0 },
};

START_TEST(hosts_and_ports)
{
	char text[ENDPOINT_TEXT_SIZE];
	struct endpoint endpoint;
	struct error error = { "" };
	int result = resolve_unprivileged(hosts[_i].text, hosts[_i].family, &endpoint, &error);

	ck_assert_int_eq(result, hosts[_i].endpoint ? 0 : -1);
	if (result < 0)
		ck_assert_str_ne(error.text, "");
	else if (endpoint.address.family == 4 || hosts[_i].text[0] == '[' || hosts[_i].family) /* localhost may be ::1 */
		ck_assert_str_eq(endpoint_format(&endpoint, text, sizeof(text)), hosts[_i].endpoint);
}
END_TEST

int main(void)
{
	TCase *loop = tcase_create("loop"), *sockets = tcase_create("sockets"), *names = tcase_create("names");

	tcase_add_test(loop, a_deadline);
	tcase_add_test(loop, a_deadline_that_has_passed);
	tcase_add_test(loop, a_descriptor);
	tcase_add_loop_test(loop, a_signal, 0, 3);
	tcase_add_test(loop, an_ignored_signal);
	tcase_add_test(sockets, a_server_reads_the_clients_syn);
	tcase_add_loop_test(sockets, a_subject_that_connects, 0, ROWS(callers));
	tcase_add_loop_test(sockets, a_subject_does_what_it_is_told, 0, ROWS(deeds));
	tcase_add_test(sockets, a_subject_stops_listening);
	tcase_add_test(sockets, a_server_that_cannot_be);
	tcase_add_test(sockets, the_kernels_table);
	tcase_add_test(sockets, the_kernels_counters);
	tcase_add_test(sockets, limits_of_descriptors);
	tcase_add_loop_test(sockets, held_by_age, 0, 5);
	tcase_add_loop_test(names, hosts_and_ports, 0, ROWS(hosts));
	tcase_set_timeout(names, 30);
	return run_suite("sockets", loop, sockets, names, NULL);
}
