/* command_serve.c - twprobe serve: the subject, on the machine under test. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/commands.h"
#include "harness/endpoint.h"
#include "harness/loop.h"
#include "harness/privileges.h"
#include "harness/session.h"
#include "harness/subject.h"

enum { BACKLOG = 4096, BACKLOG_MAX = 65535 };
enum { OPTION_MANNER = 256, OPTION_NEVER, OPTION_BACKLOG };

static const char help[] =
	"twprobe serve [OPTIONS] [ADDR:]PORT - the subject, on the machine under test\n"
	"\n"
	"Accepts TCP connections and closes each at once, so that this side closes first and keeps the TIME_WAIT\n"
	"socket. Then, on another machine: sudo twprobe --seq-below --ts-above THIS_HOST:PORT\n"
	"Without ADDR it listens on all addresses, IPv6 and IPv4. Ctrl-C ends it.\n"
	"\n"
	"  --manner=NAME    what becomes of a connection whose client does not ask for a manner (close):\n"
	"                     close  closes it at once\n"
	"                     hold   keeps it open and reads nothing, until it dies (or 10 minutes have passed)\n"
	"                     half   calls shutdown(SHUT_WR) at once, then holds it\n"
	"                     eof    reads until the client closes, then closes\n"
	"  --never-accept   leaves every connection in the accept queue\n"
	"  --backlog=N      length of that queue (4096); the kernel's net.core.somaxconn limits it\n"
	"  -q, --quiet      no line at the start and at the end\n"
	"  -v, --verbose    a line for each connection\n"
	"  -h, --help  -V, --version\n"
	"\n"
	"A client asks for a manner with the window of its SYN: 61000 close, 61001 hold, 61002 half, 61003 eof. twprobe\n"
	"does that by itself: each state needs its own. Started as root it gives up its privileges once it listens.\n"
	"Exit: 0 ended by a signal, 2 wrong usage, 4 could not listen.\n";

struct serve {
	struct subject_options subject;
	struct endpoint endpoint;
	bool quiet, verbose;
};

static int number_of(const char *text, int most, int *number)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || *text == '+' || *text == ' ' || value < 1 || value > most)
		return -1;
	*number = (int)value;
	return 0;
}

static int take_option(struct serve *serve, int option, const char *value, struct error *error)
{
	switch (option) {
	case OPTION_MANNER:
		serve->subject.manner = manner_parse(value);
		if (serve->subject.manner == MANNER_COUNT)
			return fail(error, "there is no manner '%.40s'; there are close, hold, half and eof", value);
		return 0;
	case OPTION_NEVER:
		serve->subject.never_accept = true;
		return 0;
	case OPTION_BACKLOG:
		if (number_of(value, BACKLOG_MAX, &serve->subject.backlog))
			return fail(error, "--backlog=%.40s: not a number from 1 to %d", value, BACKLOG_MAX);
		return 0;
	case 'q':
		serve->quiet = true;
		return 0;
	case 'v':
		serve->verbose = true;
		return 0;
	default:
		return -1;
	}
}

/* The wildcard of IPv6 takes IPv4 too; a kernel without IPv6 has only the other. */
static uint8_t wildcard_family(void)
{
	int descriptor = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0)
		return 4;
	close(descriptor);
	return 6;
}

static int take_address(struct serve *serve, const char *text, struct error *error)
{
	const struct address *address = &serve->endpoint.address;

	if (!strchr(text, ':')) {
		serve->endpoint.address.family = wildcard_family();
		return endpoint_port(text, text, &serve->endpoint.port, error);
	}
	if (endpoint_resolve(text, &serve->endpoint, error))
		return -1;
	if (address_is_multicast(address) || address_is_broadcast(address))
		return fail(error, "TCP cannot listen on %s: it is not the address of one host", text);
	return 0;
}

/* 1 when help or version was asked for, and printed. */
static int take_arguments(struct serve *serve, int argc, char **argv, struct error *error)
{
	static const struct option options[] = {
		{ "manner", required_argument, NULL, OPTION_MANNER },
		{ "never-accept", no_argument, NULL, OPTION_NEVER },
		{ "backlog", required_argument, NULL, OPTION_BACKLOG },
		{ "quiet", no_argument, NULL, 'q' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":qvhV", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return 1;
		}
		if (option == 'V') {
			version_print();
			return 1;
		}
		if (option == '?' || option == ':')
			return options_fail(argv, option, error);
		if (take_option(serve, option, optarg, error))
			return -1;
	}
	if (optind == argc)
		return fail(error, "serve needs the port to listen on, as in: twprobe serve 8888");
	if (argc - optind > 1)
		return fail(error, "serve listens on one port; what is '%.60s' for?", argv[optind + 1]);
	return take_address(serve, argv[optind], error);
}

static const char *treatment(enum manner manner)
{
	static const char *const treatments[MANNER_COUNT] = {
		[MANNER_CLOSE] = "closes every connection at once",
		[MANNER_HOLD] = "holds every connection",
		[MANNER_HALF] = "shuts its side of every connection down at once, then holds it",
		[MANNER_EOF] = "closes every connection after its client did",
	};

	return treatments[manner];
}

static void note_client(void *context, const struct endpoint *client, enum manner manner, bool asked)
{
	char text[ENDPOINT_TEXT_SIZE];

	(void)context;
	printf("%s: %s%s\n", endpoint_format(client, text, sizeof(text)), manner_name(manner),
	       asked ? " (asked for)" : "");
	fflush(stdout);
}

/* Opens what needs privileges, then gives them up. */
static int open_all(struct serve *serve, struct subject **subject, struct loop **loop, struct error *error)
{
	*subject = subject_open(&serve->subject, error);
	if (!*subject || subject_listen(*subject, &serve->endpoint, error))
		return -1;
	*loop = loop_open(error);
	if (!*loop || loop_watch(*loop, subject_descriptor(*subject), error))
		return -1;
	return privileges_drop(error);
}

static int serve_all(const struct serve *serve, struct subject *subject, struct loop *loop, struct error *error)
{
	int result;

	if (!serve->quiet) {
		char text[ENDPOINT_TEXT_SIZE];

		printf("listening on %s, %s; Ctrl-C ends\n", endpoint_format(&serve->endpoint, text, sizeof(text)),
		       serve->subject.never_accept ? "accepts nothing" : treatment(serve->subject.manner));
		fflush(stdout);
	}
	while ((result = loop_wait(loop, 0, error)) == 0)
		if (subject_serve(subject, error))
			return -1;
	if (result > 0 && !serve->quiet)
		printf("accepted %zu connection%s\n", subject_accepted(subject),
		       subject_accepted(subject) == 1 ? "" : "s");
	return result < 0 ? -1 : 0;
}

int command_serve(int argc, char **argv)
{
	struct serve serve = { .subject = { .manner = MANNER_CLOSE, .backlog = BACKLOG } };
	struct subject *subject = NULL;
	struct loop *loop = NULL;
	struct error error = { "" };
	int taken = take_arguments(&serve, argc, argv, &error), result;

	if (taken > 0)
		return EXIT_AGREES;
	if (taken < 0)
		return session_complain(error.text, EXIT_USAGE);
	if (serve.verbose)
		serve.subject.note = note_client;
	result = open_all(&serve, &subject, &loop, &error) || serve_all(&serve, subject, loop, &error);
	subject_close(subject);
	loop_close(loop);
	return result ? session_complain(error.text, EXIT_CANNOT_RUN) : EXIT_AGREES;
}
