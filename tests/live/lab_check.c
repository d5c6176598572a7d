/* lab_check.c - the lab, its subject, the witness and the counters, as plain clients of this kernel see them.
 *
 * A client chooses its behaviour as any may: the window of its SYN is TCP_WINDOW_CLAMP. Prints ok and not ok lines; exits
 * 0 when all are ok, 77 where no lab is allowed. `lab_check wait` opens a lab, prints the machine's pid, and waits;
 * `lab_check late` lets an answer come too late. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crafter/encode.h"
#include "harness/lab/counters.h"
#include "harness/lab/lab.h"
#include "harness/lab/privileges.h"
#include "harness/lab/subject.h"
#include "harness/lab/witness.h"
#include "harness/lab/witness_proc.h"
#include "harness/wire/route.h"

enum { PATIENCE_MS = 2000 };

static int count, bad;
static struct witness *witness;
static struct witness_proc *proc;

static void check(bool good, const char *name, const char *detail)
{
	count++;
	bad += !good;
	printf("%s %d - %s\n", good ? "ok" : "not ok", count, name);
	if (!good)
		printf("# %s\n", detail);
}

static void give_up(const char *what)
{
	printf("not ok - %s\n", what);
	exit(1);
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/* A connected client; `behaviour` BEHAVIOUR_COUNT asks for none. */
static int connect_to(const struct endpoint *server, enum behaviour behaviour, struct pair *pair)
{
	int family = server->address.family == 6 ? AF_INET6 : AF_INET, clamp = BEHAVIOUR_WINDOW + (int)behaviour;
	int client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage storage;
	socklen_t length = (socklen_t)endpoint_to_sockaddr(server, &storage);

	if (client >= 0 && behaviour != BEHAVIOUR_COUNT)
		setsockopt(client, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp, sizeof(clamp));
	if (client < 0 || connect(client, (struct sockaddr *)&storage, length))
		give_up("a client cannot connect");
	length = sizeof(storage);
	getsockname(client, (struct sockaddr *)&storage, &length);
	pair->subject = *server;
	endpoint_from_sockaddr((struct sockaddr *)&storage, &pair->crafted);
	return client;
}

static const char *name_of(enum state state)
{
	return state == STATE_UNKNOWN ? "unknown" : state_name(state);
}

static bool same(const struct sighting *sighting, const struct kernel_socket *socket, enum state listed, enum state wanted)
{
	return sighting->state == wanted && listed == wanted && sighting->inode == socket->sighting.inode &&
	       sighting->timer == socket->sighting.timer;
}

/* The kernel is given time to get there: what counts is where it ends. Both sources must agree, and are not asked at the same
 * moment: a timer may begin, or the socket be accepted, in between. */
static void expect_state(const char *name, const struct pair *pair, enum state wanted)
{
	struct sighting sighting = { .state = STATE_UNKNOWN };
	struct kernel_socket socket = { 0 };
	enum state listed = STATE_CLOSED;
	struct error error = { "" };
	char detail[700];

	for (int ms = 0; ms < PATIENCE_MS && !same(&sighting, &socket, listed, wanted); ms += 2) {
		if (ms)
			pause_ms(2);
		if (witness_ask(witness, pair, &sighting, &error))
			break;
		listed = STATE_CLOSED;
		if (witness_proc_find(proc, pair, &socket, &error) == 1)
			listed = witness_state(socket.kernel_state, socket.sighting.inode);
		else
			memset(&socket, 0, sizeof(socket));
	}
	snprintf(detail, sizeof(detail), "wanted %s, the witness says %s, /proc/net/tcp says %s. %s", name_of(wanted),
		 name_of(sighting.state), name_of(listed), error.text);
	check(same(&sighting, &socket, listed, wanted), name, detail);
}

/* How the client sees the subject's end of file: 1 it came, 0 it did not. */
static bool ended(int client, int ms)
{
	struct pollfd watched = { .fd = client, .events = POLLIN };
	char byte;

	return poll(&watched, 1, ms) == 1 && recv(client, &byte, 1, 0) == 0;
}

/* Or its reset. */
static bool was_reset(int client, int ms)
{
	struct pollfd watched = { .fd = client, .events = POLLIN };
	char byte;

	return poll(&watched, 1, ms) == 1 && recv(client, &byte, 1, 0) < 0 && errno == ECONNRESET;
}

static void close_with_reset(int client)
{
	struct linger linger = { .l_onoff = 1 };

	setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(client);
}

static void check_closing(const struct endpoint *server)
{
	struct pair pair;
	int client = connect_to(server, BEHAVIOUR_COUNT, &pair);

	check(ended(client, PATIENCE_MS), "by default the subject closes at once", "no end of file");
	expect_state("close: FIN_WAIT_2 without a process", &pair, STATE_FIN_WAIT_2);
	close(client);
	expect_state("close, and the client closed: TIME_WAIT", &pair, STATE_TIME_WAIT);
	client = connect_to(server, BEHAVIOUR_CLOSE, &pair);
	check(ended(client, PATIENCE_MS), "a client asks for close", "no end of file");
	close_with_reset(client);
	expect_state("close, and a reset: gone", &pair, STATE_CLOSED);
}

static void check_holding(const struct endpoint *server)
{
	struct pair pair;
	int client = connect_to(server, BEHAVIOUR_HOLD, &pair);

	check(!ended(client, 50), "hold: stays open", "end of file came");
	expect_state("hold: ESTABLISHED", &pair, STATE_ESTABLISHED);
	check(send(client, "x", 1, 0) == 1, "hold: data", "cannot send");
	shutdown(client, SHUT_WR);
	expect_state("hold, and the client closed: CLOSE_WAIT", &pair, STATE_CLOSE_WAIT);
	pause_ms(50);
	expect_state("hold: CLOSE_WAIT lasts", &pair, STATE_CLOSE_WAIT);
	close_with_reset(client);
	expect_state("hold, and a reset: gone", &pair, STATE_CLOSED);

	client = connect_to(server, BEHAVIOUR_HALF, &pair);
	check(ended(client, PATIENCE_MS), "half: the subject shuts its side down", "no end of file");
	expect_state("half: FIN_WAIT_2 held by a process", &pair, STATE_FIN_WAIT_2_HALF);
	check(send(client, "x", 1, 0) == 1, "half: data", "cannot send");
	pause_ms(50);
	expect_state("half: data does not end it", &pair, STATE_FIN_WAIT_2_HALF);
	close(client);
	expect_state("half, and the client closed: TIME_WAIT", &pair, STATE_TIME_WAIT);
}

static void check_end_of_file(const struct endpoint *server)
{
	struct pair pair;
	int client = connect_to(server, BEHAVIOUR_EOF, &pair);

	check(send(client, "hello", 5, 0) == 5 && !ended(client, 50), "eof: stays open while the client does",
	      "end of file came");
	expect_state("eof: ESTABLISHED", &pair, STATE_ESTABLISHED);
	shutdown(client, SHUT_WR);
	check(ended(client, PATIENCE_MS), "eof: closes once the client has", "no end of file");
	expect_state("eof: gone", &pair, STATE_CLOSED);
	close(client);
}

static void check_never(struct endpoint server)
{
	struct sighting sighting;
	struct error error = { "" };
	struct pair pair;
	int client;

	server.port = LAB_PORT_NEVER;
	client = connect_to(&server, BEHAVIOUR_COUNT, &pair);
	check(!ended(client, 50), "never accepted: stays open", "end of file came");
	expect_state("never accepted: ESTABLISHED", &pair, STATE_ESTABLISHED);
	check(!witness_ask_listener(witness, &server, &sighting, &error) && sighting.recv_queue == 1 &&
	      sighting.send_queue == 128, "the listener's queue and its limit are seen", error.text);
	close(client);
	server.port = 9;
	check(witness_ask_listener(witness, &server, &sighting, &error) == -1, "no listener is an error", "it is not");
}

/* A SYN whose SYN-ACK nobody hears, from an address that no interface has. */
static void check_request(int raw, uint8_t family)
{
	struct segment syn = { .ttl = 64, .flags = FLAG_SYN, .window = 1000, .seq = 1 };
	struct sockaddr_storage storage;
	uint8_t packet[PACKET_SIZE_MAX];
	struct endpoint without_port;
	struct pair pair;
	socklen_t length;
	size_t size;

	syn.tuple.source = (struct endpoint){ lab_source(family, LAB_SOURCES - 1), 20000 };
	syn.tuple.target = lab_endpoint(family);
	without_port = syn.tuple.target;
	without_port.port = 0; /* raw sockets of IPv6 take no port */
	length = (socklen_t)endpoint_to_sockaddr(&without_port, &storage);
	size = encode(&syn, packet, sizeof(packet));
	check(sendto(raw, packet, size, 0, (struct sockaddr *)&storage, length) == (ssize_t)size, "a SYN is sent",
	      strerror(errno));
	pair = pair_of_target(&syn.tuple);
	expect_state("half open: SYN_RECV", &pair, STATE_SYN_RECV);
	pause_ms(20);
	expect_state("half open: nobody answered the SYN-ACK", &pair, STATE_SYN_RECV);
}

static void check_family(int raw, uint8_t family)
{
	struct endpoint server = lab_endpoint(family);

	printf("# IPv%d\n", family);
	check_closing(&server);
	check_holding(&server);
	check_end_of_file(&server);
	check_never(server);
	check_request(raw, family);
}

static void expect_refusal(int result, const char *name, const struct error *error, const char *words)
{
	check(result == -1 && strstr(error->text, words), name, result ? error->text : "it was not refused");
}

static void check_sysctls(struct lab *lab)
{
	struct error error = { "" };
	char value[SYSCTL_VALUE_SIZE] = "", before[SYSCTL_VALUE_SIZE] = "";

	check(!lab_sysctl_get(lab, "tcp_fin_timeout", before, &error) &&
	      !lab_sysctl_set(lab, "tcp_fin_timeout", "7", &error) &&
	      !lab_sysctl_set(lab, "tcp_fin_timeout", "8", &error) &&
	      !lab_sysctl_get(lab, "net.ipv4.tcp_fin_timeout", value, &error) && !strcmp(value, "8"),
	      "a sysctl is set", error.text);
	check(!lab_sysctls_reset(lab, &error) && !lab_sysctl_get(lab, "tcp_fin_timeout", value, &error) &&
	      !strcmp(value, before), "and put back to what it was at first", error.text);
	check(!lab_sysctl_set(lab, "tcp_rmem", "4096,5000,6000", &error) && !lab_sysctl_get(lab, "tcp_rmem", value, &error) &&
	      !strcmp(value, "4096 5000 6000"), "commas are blanks where the kernel keeps several numbers", error.text);
	check(!lab_sysctl_set(lab, "ip_local_reserved_ports", "8080,9090", &error) &&
	      !lab_sysctl_get(lab, "ip_local_reserved_ports", value, &error) && !strcmp(value, "8080,9090"),
	      "and commas where it takes a list", error.text);
	check(!lab_sysctls_reset(lab, &error) && !lab_sysctl_get(lab, "tcp_rmem", value, &error) &&
	      strcmp(value, "4096 5000 6000"), "and both are put back", error.text);
	expect_refusal(lab_sysctl_set(lab, "tcp_timestamps", "x", &error), "a bad value", &error, "refuses the value");
	expect_refusal(lab_sysctl_set(lab, "tcp_nonsense", "1", &error), "no such sysctl", &error,
		       "has no sysctl tcp_nonsense");
	expect_refusal(lab_sysctl_set(lab, "tcp_mem", "1 2 3", &error), "one of the whole machine", &error,
		       "whole machine");
	expect_refusal(lab_sysctl_set(lab, "kernel.panic", "1", &error), "one that is not the network's", &error,
		       "whole machine");
	expect_refusal(lab_sysctl_set(lab, "net.core.rmem_max", "1", &error), "one that is only shown", &error,
		       "rmem_max");
	expect_refusal(lab_sysctl_get(lab, "../../etc/passwd", value, &error), "a path", &error, "not the name");
}

static void check_routes(bool ipv6)
{
	struct error error = { "" };
	struct address source;
	struct route route;

	for (uint8_t family = 4; family <= (ipv6 ? 6 : 4); family = (uint8_t)(family + 2)) {
		struct endpoint server = lab_endpoint(family);
		bool local = false;

		check(!route_find(&server.address, NULL, NULL, &route, &error) && route.loopback &&
		      !strcmp(route.interface, "lo") && address_equal(&route.source, &server.address),
		      "the subject is on this host", error.text);
		source = lab_source(family, 0);
		check(!route_is_local(&source, &local, &error) && !local, "a source is not", error.text);
		check(!route_find(&server.address, &source, "lo", &route, &error) &&
		      address_equal(&route.source, &source), "a source that is not ours may be wished for",
		      error.text);
	}
	address_parse("203.0.113.1", &source, NULL);
	expect_refusal(route_find(&source, NULL, NULL, &route, &error), "no route", &error, "no route to 203.0.113.1");
	expect_refusal(route_find(&source, NULL, "nosuch0", &route, &error), "no interface", &error, "no interface");
}

/* Takes what waits for the subject in this very process. */
static void let_serve(struct subject *subject, size_t held)
{
	struct pollfd watched = { .fd = subject_descriptor(subject), .events = POLLIN };

	for (int i = 0; i < 100 && (poll(&watched, 1, 20) > 0 || subject_counts(subject).held != held); i++)
		subject_serve(subject, NULL);
}

static struct endpoint listen_here(struct subject *subject)
{
	struct endpoint here = { .address = { .family = 4, .bytes = { 127, 0, 0, 1 } }, .port = 7777 };
	struct error error;

	if (!subject || subject_listen(subject, &here, &error))
		give_up("the subject cannot listen");
	return here;
}

/* Connections that die are let go; where no more can be held, new ones are refused. */
static void check_held(void)
{
	const struct subject_options options = {
		.behaviour = BEHAVIOUR_HOLD, .backlog = 64, .held_most = 8, .hold_ns = UINT64_C(600000000000),
	};
	struct subject *subject = subject_open(&options, NULL);
	struct endpoint here = listen_here(subject);
	struct pair pair;
	int clients[40];

	clients[0] = connect_to(&here, BEHAVIOUR_HOLD, &pair);
	clients[1] = connect_to(&here, BEHAVIOUR_CLOSE, &pair);
	let_serve(subject, 1);
	check(subject_counts(subject).accepted == 2 && subject_counts(subject).held == 1, "one is held, one closed",
	      "it is not so");
	close_with_reset(clients[0]);
	close(clients[1]);
	let_serve(subject, 0);
	check(subject_counts(subject).held == 0, "one that is reset is let go", "it is still held");
	for (int i = 0; i < 40; i++)
		clients[i] = connect_to(&here, BEHAVIOUR_HOLD, &pair);
	let_serve(subject, 8);
	check(subject_counts(subject).held == 8 && subject_counts(subject).full == 32,
	      "as many are held as may be, the others refused", "they are not counted");
	check(was_reset(clients[39], PATIENCE_MS) && !was_reset(clients[0], 20), "the oldest stays",
	      "the wrong one was closed");
	subject_close(subject);
}

static int in_child(void (*checks)(void))
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		bad = 0;
		checks();
		fflush(stdout);
		_exit(bad != 0);
	}
	waitpid(child, &status, 0);
	return status;
}

static void check_speed(const struct pair *pair)
{
	enum { ASKS = 20000 };
	struct timespec begun, ended_at;
	struct sighting sighting;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	for (int i = 0; i < ASKS; i++)
		witness_ask(witness, pair, &sighting, NULL);
	clock_gettime(CLOCK_MONOTONIC, &ended_at);
	printf("# the witness: %.0f asks a second\n", ASKS / ((double)(ended_at.tv_sec - begun.tv_sec) +
							    1e-9 * (double)(ended_at.tv_nsec - begun.tv_nsec)));
}

static void check_counters(struct counters *counters)
{
	struct endpoint server = lab_endpoint(4);
	struct error error = { "" };
	struct pair pair;
	int64_t before;
	int client;

	check(!counters_read(counters, &error) && counters_count(counters) > 100, "counters are read", error.text);
	before = counters_get(counters, "Tcp.PassiveOpens");
	client = connect_to(&server, BEHAVIOUR_CLOSE, &pair);
	check(!counters_read(counters, &error) && counters_get(counters, "Tcp.PassiveOpens") == before + 1,
	      "a connection counts", error.text);
	check(counters_get(counters, "TcpExt.ListenOverflows") == 0 && counters_get(counters, "Tcp.OutRsts") > 0 &&
	      counters_get(counters, "Tcp.MaxConn") == -1 && counters_get(counters, "No.Such") == 0,
	      "counters are told apart", "they are not");
	close(client);
	check_speed(&pair);
}

/* The subject's answers to the sources end on lo in silence: an ICMP error would reach its socket. */
static void check_silence(struct counters *counters)
{
	char name[64], detail[80] = "/proc/net/snmp6 has no Icmp6OutDestUnreachs";
	unsigned long long value = 0, unreachable = 0;
	FILE *file = fopen("/proc/net/snmp6", "re");

	while (file && fscanf(file, "%63s %llu", name, &value) == 2)
		if (!strcmp(name, "Icmp6OutDestUnreachs")) {
			unreachable = value;
			snprintf(detail, sizeof(detail), "%llu errors of ICMPv6", value);
		}
	if (file)
		fclose(file);
	check(unreachable == 0, "no ICMPv6 error was sent", detail);
	snprintf(detail, sizeof(detail), "%lld messages", (long long)counters_get(counters, "Icmp.OutMsgs"));
	check(counters_get(counters, "Icmp.OutMsgs") == 0, "no ICMP message was sent", detail);
}

static int open_raw(int family)
{
	int raw = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (raw < 0)
		give_up("no raw socket in the lab");
	return raw;
}

/* The answer to a question that was given up is not taken for the next one's. */
static void check_late(struct lab *lab)
{
	char value[SYSCTL_VALUE_SIZE] = "";
	struct error error = { "" };

	kill(lab_server_pid(lab), SIGSTOP);
	check(lab_sysctl_get(lab, "tcp_rfc1337", value, &error) < 0 && strstr(error.text, "has not answered"),
	      "a stopped process is said to be silent", error.text);
	check(lab_check(lab, &error) == 0, "and not to have ended", error.text);
	kill(lab_server_pid(lab), SIGCONT);
	check(lab_sysctl_get(lab, "tcp_fin_timeout", value, &error) == 0 && strcmp(value, "60") == 0,
	      "the next question gets its own answer", value);
	check(lab_sysctl_set(lab, "tcp_fin_timeout", "notanumber", &error) < 0 && strstr(error.text, "refuses"),
	      "and the next request its own refusal", error.text);
	kill(lab_server_pid(lab), SIGKILL);
	check(lab_sysctl_get(lab, "tcp_rfc1337", value, &error) < 0 && strstr(error.text, "(signal 9, Killed)"),
	      "one that was killed is said to be", error.text);
	check(lab_check(lab, &error) < 0 && strstr(error.text, "(signal 9, Killed)"), "twice", error.text);
}

int main(int argc, char **argv)
{
	struct error error = { "" };
	struct lab *lab = lab_open(&(struct lab_options){ .never_accept = true }, &error);
	struct counters *counters;
	int raw[2];

	if (!lab) {
		printf("# %s\n", error.text);
		return 77;
	}
	raw[0] = open_raw(AF_INET);
	raw[1] = lab_has_ipv6(lab) ? open_raw(AF_INET6) : -1;
	counters = counters_open(&error);
	witness = witness_open(&error);
	proc = witness_proc_open(&error);
	if (!counters || !witness || !proc || privileges_drop(&error))
		give_up(error.text);
	if (argc > 1 && !strcmp(argv[1], "wait")) {
		printf("%d\n", (int)lab_server_pid(lab));
		fflush(stdout);
		return pause();
	}
	if (argc > 1 && !strcmp(argv[1], "late")) {
		check_late(lab);
		lab_close(lab);
		return bad != 0;
	}
	printf("# IPv6 %s, the witness %s\n", lab_has_ipv6(lab) ? "is there" : "is not there",
	       witness_is_slow(witness) ? "reads /proc" : "asks by netlink");
	check_sysctls(lab);
	check_routes(lab_has_ipv6(lab));
	check_family(raw[0], 4);
	if (lab_has_ipv6(lab))
		check_family(raw[1], 6);
	check_counters(counters);
	check_silence(counters);
	check(in_child(check_held) == 0, "the subject in a process of its own", "see above");
	check(privileges_missing() != NULL, "no privilege is left", "there is");
	witness_close(witness);
	witness_proc_close(proc);
	counters_close(counters);
	lab_close(lab);
	return bad != 0;
}
