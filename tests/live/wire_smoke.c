/* wire_smoke.c - the wire without the engine: inject, capture and guard against a kernel's listener.
 *
 *   wire_smoke syns INTERFACE SOURCE TARGET PORT SAVEFILE    a SYN from each of many ports; each is seen once and in order,
 *                                                            and answered once
 *   wire_smoke refused INTERFACE SOURCE TARGET PORT BAD      every third segment goes to BAD, where no way leads
 *   wire_smoke link INTERFACE COMMAND FALLS                  how often the interface falls while a shell runs COMMAND
 *   wire_smoke ports ADDRESS                                 what guard hands out
 *   wire_smoke errors INTERFACE ADDRESS FOREIGN              what cannot be opened, and says so
 *
 * SOURCE may begin with "guard:": then its ports are guarded; with "drop:", they are, and privileges are given up after all
 * is open, as the program does. Prints ok and not ok lines; exits 0 when all are ok. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crafter/guard.h"
#include "crafter/inject.h"
#include "listener/capture.h"
#include "listener/flows.h"

enum { PROBES = 300, QUIET_MS = 400, ISS = 1000 };

static int count, bad;

__attribute__((format(printf, 2, 3))) static void check(bool good, const char *format, ...)
{
	va_list arguments;

	count++;
	bad += !good;
	printf("%s %d - ", good ? "ok" : "not ok", count);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

static void die(const struct error *error)
{
	printf("not ok - %s\n", error->text);
	exit(1);
}

/* What the wire showed of each probe. */
struct sight {
	unsigned own, answers, resets;
};

struct test {
	struct inject *inject;
	struct capture *capture;
	uint64_t upto_ns;
	unsigned notices;
	struct guard *guard;
	struct flows *flows;
	struct pair pairs[PROBES];
	struct sight sights[PROBES];
	unsigned refused[PROBES], strangers;
	uint32_t last_own;
	bool in_order, wrong_values;
	uint64_t last_ns;
};

static void on_segment(void *context, const struct segment *segment, const struct notice *notice, uint64_t time_ns)
{
	struct test *test = context;
	bool from_subject;
	uint32_t owner = flows_find(test->flows, &segment->tuple, &from_subject);

	if (notice) {
		test->notices++;
		return;
	}
	if (owner == FLOWS_NONE) {
		test->strangers++;
		return;
	}
	test->wrong_values |= time_ns < test->last_ns;
	test->last_ns = time_ns;
	if (!from_subject) {
		test->sights[owner].own++;
		test->in_order &= owner >= test->last_own;
		test->last_own = owner;
		test->wrong_values |= segment->seq != ISS + owner || segment->flags != FLAG_SYN || segment->mss != 1400;
	} else if (segment->flags & FLAG_RST) {
		test->sights[owner].resets++;
	} else {
		test->sights[owner].answers++;
		test->wrong_values |= segment->flags != (FLAG_SYN | FLAG_ACK) || segment->ack != ISS + owner + 1;
	}
}

static void on_refused(void *context, const struct tuple *tuple, int number)
{
	struct test *test = context;
	uint32_t owner = flows_find(test->flows, tuple, NULL);

	if (owner != FLOWS_NONE && (number == EHOSTUNREACH || number == ENETUNREACH || number == EACCES))
		test->refused[owner]++;
	else
		test->strangers++;
}

static struct endpoint endpoint(const char *text, uint16_t port)
{
	struct endpoint made = { .port = port };
	struct error error;

	if (address_parse(text, &made.address, &error))
		die(&error);
	return made;
}

static void open_test(struct test *test, const char *interface, const char *source, const struct endpoint *target,
		      const char *savefile)
{
	bool drop = strncmp(source, "drop:", 5) == 0, guarded = drop || strncmp(source, "guard:", 6) == 0;
	struct endpoint from = endpoint(guarded ? strchr(source, ':') + 1 : source, 0);
	struct capture_options options = { .interface = interface, .target = *target,
					   .savefile = savefile ? open(savefile, O_WRONLY | O_CREAT | O_TRUNC, 0644) : 0,
					   .loopback = strcmp(interface, "lo") == 0 };
	struct error error;

	memset(test, 0, sizeof(*test));
	test->in_order = true;
	test->inject = inject_open(1u << target->address.family, &error);
	test->capture = test->inject ? capture_open(&options, &error) : NULL;
	test->guard = test->capture ? guard_open(&from.address, PROBES, guarded, 5, &error) : NULL;
	test->flows = flows_open(PROBES);
	if (!test->guard || !test->flows)
		die(&error);
	if (drop && seteuid(65534))
		check(false, "seteuid");
	for (uint32_t i = 0; i < PROBES; i++) {
		test->pairs[i] = (struct pair){ from, *target };
		if (guard_take(test->guard, &test->pairs[i].crafted.port, &error))
			die(&error);
		if (!flows_add(test->flows, &test->pairs[i], i))
			check(false, "ends of its own for probe %u", i);
	}
}

/* Ends the half-open connections, before the subject sends its SYN-ACKs again to ports that are no longer guarded. */
static void tear_down(struct test *test)
{
	struct segment rst = { .ttl = 64, .flags = FLAG_RST };
	struct error error;

	for (uint32_t i = 0; i < PROBES; i++) {
		rst.tuple = pair_to_subject(&test->pairs[i]);
		rst.seq = ISS + i + 1;
		if (inject_send(test->inject, &rst, &error))
			die(&error);
	}
	if (inject_flush(test->inject, NULL, NULL, &error) < 0)
		die(&error);
	poll(NULL, 0, 20);
}

static void close_test(struct test *test)
{
	guard_close(test->guard);
	inject_close(test->inject);
	capture_close(test->capture);
	flows_close(test->flows);
}

static void send_syns(struct test *test, const struct endpoint *elsewhere)
{
	struct segment syn = { .ttl = 64, .flags = FLAG_SYN, .window = 1000, .mss = 1400, .option_count = 1,
			       .options = { OPTION_MSS } };
	struct error error;

	for (uint32_t i = 0; i < PROBES; i++) {
		if (elsewhere && i % 3 == 0) {
			flows_remove(test->flows, &test->pairs[i]);
			test->pairs[i].subject = *elsewhere;
			flows_add(test->flows, &test->pairs[i], i);
		}
		syn.tuple = pair_to_subject(&test->pairs[i]);
		syn.seq = ISS + i;
		if (inject_send(test->inject, &syn, &error))
			die(&error);
	}
	if (inject_flush(test->inject, on_refused, test, &error) < 0)
		die(&error);
}

/* Until nothing came for QUIET_MS, which is less than the first retransmission takes (1 s). */
static void listen_until_quiet(struct test *test)
{
	struct pollfd ready = { .fd = capture_descriptor(test->capture), .events = POLLIN };
	struct error error;

	while (poll(&ready, 1, QUIET_MS) > 0)
		if (capture_receive(test->capture, on_segment, test, &test->upto_ns, &error) < 0)
			die(&error);
}

static void check_sights(const struct test *test, unsigned step)
{
	unsigned own = 0, answers = 0, more = 0, resets = 0, asked = 0;

	for (uint32_t i = 0; i < PROBES; i++) {
		if (step && i % step == 0)
			continue;
		asked++;
		own += test->sights[i].own == 1;
		answers += test->sights[i].answers == 1;
		more += test->sights[i].own > 1 || test->sights[i].answers > 1;
		resets += test->sights[i].resets;
	}
	check(own == asked, "own SYNs seen: %u of %u", own, asked);
	check(answers == asked, "SYN-ACKs heard: %u of %u", answers, asked);
	check(more == 0, "%u seen twice", more);
	check(resets == 0, "%u RSTs", resets);
	check(test->in_order, "own SYNs in the order they were sent in");
	check(!test->wrong_values, "times go forward, numbers and flags are right");
	check(test->strangers == 0, "%u segments of others", test->strangers);
}

static void test_syns(char **arguments)
{
	static struct test test;
	struct endpoint target = endpoint(arguments[2], (uint16_t)atoi(arguments[3]));
	struct capture_health health;
	struct error error;

	open_test(&test, arguments[0], arguments[1], &target, arguments[4]);
	send_syns(&test, NULL);
	listen_until_quiet(&test);
	check_sights(&test, 0);
	check(inject_count(test.inject) == PROBES, "%llu segments accepted", (unsigned long long)inject_count(test.inject));
	if (capture_health(test.capture, &health, &error) || capture_flush(test.capture, &error))
		die(&error);
	check(health.frames == 2 * PROBES, "%llu frames", (unsigned long long)health.frames);
	check(!health.dropped && !test.notices && !health.went_down, "none dropped, none unsound, never down");
	tear_down(&test);
	close_test(&test);
}

static void test_refused(char **arguments)
{
	static struct test test;
	struct endpoint target = endpoint(arguments[2], (uint16_t)atoi(arguments[3]));
	struct endpoint elsewhere = endpoint(arguments[4], (uint16_t)atoi(arguments[3]));
	unsigned refused = 0, wrongly = 0;

	open_test(&test, arguments[0], arguments[1], &target, NULL);
	send_syns(&test, &elsewhere);
	listen_until_quiet(&test);
	for (uint32_t i = 0; i < PROBES; i++) {
		refused += i % 3 == 0 && test.refused[i] == 1;
		wrongly += i % 3 != 0 && test.refused[i];
	}
	check(refused == PROBES / 3 && !wrongly, "%u of %u refused segments reported, %u others", refused, PROBES / 3,
	      wrongly);
	check(inject_count(test.inject) == PROBES - PROBES / 3, "the others accepted");
	check_sights(&test, 3);
	tear_down(&test);
	close_test(&test);
}

static void test_link(char **arguments)
{
	static struct test test;
	struct capture_options options = { .interface = arguments[0] };
	struct capture_health health = { 0 };
	struct error error;
	uint64_t falls = strtoull(arguments[2], NULL, 10);

	test.flows = flows_open(0);
	test.capture = capture_open(&options, &error);
	if (!test.capture || capture_health(test.capture, &health, &error))
		die(&error);
	check(health.went_down == 0, "up at first");
	check(system(arguments[1]) == 0, "%s", arguments[1]);
	for (int i = 0; i < 20; i++) {
		if (capture_receive(test.capture, on_segment, &test, &test.upto_ns, &error) < 0)
			die(&error);
		if (capture_health(test.capture, &health, &error))
			die(&error);
		poll(NULL, 0, 10);
	}
	check(health.went_down == falls, "went down %llu times, wanted %llu", (unsigned long long)health.went_down,
	      (unsigned long long)falls);
	capture_close(test.capture);
	flows_close(test.flows);
}

/* More descriptors than the process may have: a clear error, and it goes on once one is given back. */
static void test_descriptors(const struct address *address)
{
	struct rlimit limit = { 30, 30 };
	struct error error = { .text = "" };
	struct guard *guard;
	uint16_t port = 0, ports = 0, last = 0;

	setrlimit(RLIMIT_NOFILE, &limit);
	guard = guard_open(address, 1000, true, 1, &error);
	while (guard && guard_take(guard, &port, &error) == 0)
		last = port, ports++;
	check(ports > 10 && ports < 30 && strstr(error.text, "ulimit"), "%u ports, then: %s", ports, error.text);
	if (guard)
		guard_release(guard, last);
	check(guard && guard_take(guard, &port, &error) == 0, "a port given back makes room");
	guard_close(guard);
}

static int occupy(const struct address *address, uint16_t port)
{
	struct endpoint local = { *address, port };
	struct sockaddr_storage storage;
	socklen_t size = (socklen_t)endpoint_to_sockaddr(&local, &storage);
	int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&storage, size) || listen(fd, 1))
		printf("# port %u: %s\n", port, strerror(errno));
	return fd;
}

static void test_ports(char **arguments)
{
	static uint8_t taken[65536];
	struct address address = endpoint(arguments[0], 0).address;
	struct error error = { .text = "" };
	uint16_t port = 0, first = 0, next;
	struct guard *guard = guard_open(&address, 4, true, 99, &error);
	int fd;

	if (!guard || guard_take(guard, &first, &error))
		die(&error);
	check(first >= 20000 && first <= 60999, "port %u", first);
	next = (uint16_t)(first == 60999 ? 20000 : first + 1);
	fd = occupy(&address, next);
	check(guard_take(guard, &port, &error) == 0 && port != next && port != first, "port %u is in use: %u", next, port);
	close(fd);
	guard_take(guard, &port, &error);
	guard_take(guard, &port, &error);
	check(guard_take(guard, &port, &error) == -1, "no more than its capacity: %s", error.text);
	guard_release(guard, first);
	check(guard_take(guard, &port, &error) == 0 && port != first, "the next one is %u, not the one given back", port);
	guard_close(guard);

	guard = guard_open(&address, 1, false, 7, &error);
	for (int i = 0; i < 41000; i++) {
		check(i > 5 || guard_take(guard, &port, &error) == 0, "without need: port %u", port);
		if (i > 5)
			guard_take(guard, &port, &error);
		taken[port] = (uint8_t)(taken[port] + 1);
		guard_release(guard, port);
		count -= i > 5;
	}
	for (first = 20000; first < 61000 && taken[first] == 1; first++)
		;
	check(first == 61000, "each port once before any comes again (up to %u)", first);
	guard_close(guard);
	test_descriptors(&address);
}

static void test_errors(char **arguments)
{
	struct capture_options options = {
		.interface = arguments[0], .savefile = open("/dev/full", O_WRONLY), .savefile_name = "it",
	};
	struct address foreign = endpoint(arguments[2], 0).address;
	struct error error = { .text = "" };
	struct guard *guard;
	uint16_t port;

	check(!capture_open(&options, &error) && strstr(error.text, "it: cannot be written: No space left on device"), "%s",
	      error.text);
	options = (struct capture_options){ .interface = "no-such-if" };
	check(!capture_open(&options, &error) && strstr(error.text, "no interface 'no-such-if'"), "%s", error.text);
	guard = guard_open(&foreign, 1, true, 1, &error);
	check(guard && guard_take(guard, &port, &error) && strstr(error.text, "no local interface"), "%s", error.text);
	guard_close(guard);
	guard_close(NULL);
	inject_close(NULL);
	capture_close(NULL);
	if (seteuid(65534)) /* and with it goes CAP_NET_RAW */
		check(false, "seteuid");
	check(!inject_open(1u << 4, &error) && strstr(error.text, "CAP_NET_RAW"), "%s", error.text);
	check(!inject_open(1u << 6, &error) && strstr(error.text, "CAP_NET_RAW"), "%s", error.text);
	options = (struct capture_options){ .interface = arguments[0] };
	check(!capture_open(&options, &error) && strstr(error.text, "CAP_NET_RAW"), "%s", error.text);
}

int main(int argument_count, char **arguments)
{
	static const struct {
		const char *name;
		int arguments;
		void (*run)(char **arguments);
	} tests[] = {
		{ "syns", 5, test_syns },   { "refused", 5, test_refused }, { "link", 3, test_link },
		{ "ports", 1, test_ports }, { "errors", 3, test_errors },
	};

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (argument_count == tests[i].arguments + 2 && strcmp(arguments[1], tests[i].name) == 0) {
			tests[i].run(arguments + 2);
			return bad || !count;
		}
	fprintf(stderr, "wire_smoke: wrong arguments; see its source\n");
	return 2;
}
