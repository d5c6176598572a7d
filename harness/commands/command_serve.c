/* command_serve.c - twprobe serve: the subject, on the machine under test. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crafter/descriptors.h"
#include "crafter/units.h"
#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/option_values.h"
#include "harness/commands/session.h"
#include "harness/lab/privileges.h"
#include "harness/lab/sandbox.h"
#include "harness/lab/subject.h"
#include "harness/report/text.h"
#include "harness/wire/target.h"
#include "harness/wire/loop.h"
#include "harness/wire/resolve.h"

enum {
	BACKLOG = 4096, BACKLOG_MAX = 65535,
	HELD_MOST = 2048, HELD_MOST_MAX = 1 << 20,
	HOLD_SECONDS = 300, /* no cell and no scenario of ours needs half of that */
	/* A window of 16 KiB; the kernel doubles it for its own bookkeeping (sock_setsockopt), and that is the most that
	 * waits unread in a connection. */
	RECEIVE_BUFFER = 16384,
	ALLOWED_MAX = 64,
};
enum { OPTION_MANNER = 256, OPTION_NEVER, OPTION_BACKLOG, OPTION_MAX_HELD, OPTION_MAX_HELD_EACH, OPTION_HOLD, OPTION_ALLOW };

static const char help[] =
	"twprobe serve [OPTIONS] [ADDR:]PORT - the subject, on the machine under test\n"
	"\n"
	"Accepts TCP connections and closes each at once, so that this side closes first\n"
	"and keeps the TIME_WAIT socket. Then, on another machine:\n"
	"  sudo twprobe --seq-below --ts-above THIS_HOST:PORT\n"
	"Without ADDR it listens on all addresses, IPv6 and IPv4. Ctrl-C ends it.\n"
	"\n"
	"  --allow=ADDR[/LENGTH]  who may connect; can be given several times. All others\n"
	"                     are reset. Without it: everybody\n"
	"  --manner=NAME    what becomes of a connection whose client asks for no manner:\n"
	"    close          closes it at once (the default)\n"
	"    hold           keeps it open and reads nothing, until it dies\n"
	"    half           calls shutdown(SHUT_WR) at once, then holds it\n"
	"    eof            reads until the client closes, then closes\n"
	"  --max-held=N     connections held at the same time (2048); more are reset\n"
	"  --max-held-each=N  of them those of one client, which is an IPv4 address or an\n"
	"                     IPv6 /64 (half of all)\n"
	"  --hold=DURATION  how long one is held before it is reset (300s)\n"
	"  --never-accept   leaves every connection in the accept queue\n"
	"  --backlog=N      length of that queue (4096); net.core.somaxconn limits it\n"
	"  -q, --quiet      no line at the start and at the end\n"
	"  -v, --verbose    a line for each connection\n"
	"  -h, --help, -V, --version\n"
	"\n"
	"A client asks for a manner with the window of its SYN: 61000 close, 61001 hold,\n"
	"61002 half, 61003 eof. twprobe does that by itself: each state needs its own.\n"
	"Started as root it gives up its privileges once it listens. The unread bytes of\n"
	"all clients take at most 40 KiB for each held connection: 80 MiB with 2048.\n"
	"\n"
	"Exit: 0 ended by a signal, 2 usage error, 4 could not listen.\n";

struct serve {
	struct subject_options subject;
	struct endpoint endpoint;
	struct prefix allowed[ALLOWED_MAX];
	bool quiet, verbose;
};

static int take_count(const char *name, const char *text, uint64_t most, size_t *count, struct error *error)
{
	uint64_t value;

	if (option_value_count(name, text, 1, most, &value, error) < 0)
		return -1;
	*count = (size_t)value;
	return 0;
}

static int take_allowed(struct serve *serve, const char *value, struct error *error)
{
	if (serve->subject.allowed_count == ALLOWED_MAX)
		return fail(error, "--allow: at most %d of them", ALLOWED_MAX);
	if (prefix_parse(value, &serve->allowed[serve->subject.allowed_count], error) < 0)
		return fail_in(error, "--allow");
	serve->subject.allowed_count++;
	return 0;
}

static int take_option(struct serve *serve, int option, const char *value, struct error *error)
{
	size_t count;

	switch (option) {
	case OPTION_ALLOW:
		return take_allowed(serve, value, error);
	case OPTION_MANNER:
		serve->subject.behaviour = behaviour_parse(value);
		if (serve->subject.behaviour == BEHAVIOUR_COUNT)
			return fail(error, "there is no manner '%.40s'; there are close, hold, half and eof", value);
		return 0;
	case OPTION_MAX_HELD:
		return take_count("max-held", value, HELD_MOST_MAX, &serve->subject.held_most, error);
	case OPTION_MAX_HELD_EACH:
		return take_count("max-held-each", value, HELD_MOST_MAX, &serve->subject.held_most_each, error);
	case OPTION_HOLD:
		return option_value_duration("hold", value, "1s to 86400s", NSEC_PER_SEC, 86400 * NSEC_PER_SEC,
					     &serve->subject.hold_ns, error);
	case OPTION_NEVER:
		serve->subject.never_accept = true;
		return 0;
	case OPTION_BACKLOG:
		if (take_count("backlog", value, BACKLOG_MAX, &count, error) < 0)
			return -1;
		serve->subject.backlog = (int)count;
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
		return target_port(text, text, &serve->endpoint.port, error);
	}
	if (resolve_unprivileged(text, &serve->endpoint, error))
		return -1;
	if (address_is_multicast(address) || address_is_broadcast(address))
		return fail(error, "TCP cannot listen on %s: it is not the address of one host", text);
	return 0;
}

/* What the options mean together. */
static int finish_options(struct serve *serve, struct error *error)
{
	struct subject_options *subject = &serve->subject;

	if (!subject->held_most_each)
		subject->held_most_each = subject->held_most > 1 ? subject->held_most / 2 : 1;
	if (subject->allowed_count && subject->never_accept)
		return fail(error, "--allow looks at who was accepted, and --never-accept accepts nobody: one of them");
	subject->allowed = serve->allowed;
	return 0;
}

/* 1 when help or version was asked for, and printed. */
static int take_arguments(struct serve *serve, int argc, char **argv, struct error *error)
{
	static const struct option options[] = {
		{ "allow", required_argument, NULL, OPTION_ALLOW },
		{ "manner", required_argument, NULL, OPTION_MANNER },
		{ "max-held", required_argument, NULL, OPTION_MAX_HELD },
		{ "max-held-each", required_argument, NULL, OPTION_MAX_HELD_EACH },
		{ "hold", required_argument, NULL, OPTION_HOLD },
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
			text_page(stdout, help);
			return 1;
		}
		if (option == 'V') {
			help_version();
			return 1;
		}
		if (option == '?' || option == ':')
			return options_fail(argv, option, error);
		if (take_option(serve, option, optarg, error))
			return -1;
	}
	if (finish_options(serve, error))
		return -1;
	if (optind == argc)
		return fail(error, "serve needs the port to listen on, as in: twprobe serve 8888");
	if (argc - optind > 1)
		return fail(error, "serve listens on one port; what is '%.60s' for?", argv[optind + 1]);
	return take_address(serve, argv[optind], error);
}

static const char *treatment(enum behaviour behaviour)
{
	static const char *const treatments[BEHAVIOUR_COUNT] = {
		[BEHAVIOUR_CLOSE] = "closes every connection at once",
		[BEHAVIOUR_HOLD] = "holds every connection",
		[BEHAVIOUR_HALF] = "shuts its side of every connection down at once, then holds it",
		[BEHAVIOUR_EOF] = "closes every connection after its client did",
	};

	return treatments[behaviour];
}

static void note_client(void *context, const struct endpoint *client, enum behaviour behaviour, bool asked)
{
	char text[ENDPOINT_TEXT_SIZE];

	(void)context;
	printf("%s: %s%s\n", endpoint_format(client, text, sizeof(text)), behaviour_name(behaviour),
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
	if (!subject_room(*subject))
		return fail(error, "%zu descriptors are too few to hold a connection; raise the limit (ulimit -n)",
			    descriptors_limit());
	return privileges_drop(error) < 0 ? -1 : sandbox_enter(SANDBOX_SERVE, error);
}

static void say_begin(const struct serve *serve, struct subject *subject)
{
	char text[ENDPOINT_TEXT_SIZE], line[256];

	if (serve->quiet)
		return;
	if (!serve->subject.allowed_count && address_is_unspecified(&serve->endpoint.address))
		text_message(stderr, "twprobe: warning: ",
			     "anybody can connect; --allow=ADDR/LENGTH or serve ADDR:PORT restricts it");
	if (subject_room(subject) < serve->subject.held_most)
		message_note("holds %zu connections, not %zu: each takes a descriptor (ulimit -n)",
			     subject_room(subject), serve->subject.held_most);
	snprintf(line, sizeof(line), "listening on %s, %s; Ctrl-C ends",
		 endpoint_format(&serve->endpoint, text, sizeof(text)),
		 serve->subject.never_accept ? "accepts nothing" : treatment(serve->subject.behaviour));
	text_message(stdout, "", line);
	fflush(stdout);
}

static void say_count(size_t count, const char *what)
{
	if (count)
		printf("%zu %s\n", count, what);
}

static void say_end(const struct serve *serve, const struct subject *subject)
{
	struct subject_counts counts = subject_counts(subject);

	if (serve->quiet)
		return;
	printf("accepted %zu connection%s\n", counts.accepted, counts.accepted == 1 ? "" : "s");
	say_count(counts.held, "still held");
	say_count(counts.full, "reset, because as many were held as can be (--max-held, ulimit -n)");
	say_count(counts.full_client, "reset, because their client held as many as it may (--max-held-each)");
	say_count(counts.not_allowed, "reset, because their client is none of --allow");
	say_count(counts.expired, "reset after --hold");
}

static int serve_all(const struct serve *serve, struct subject *subject, struct loop *loop, struct error *error)
{
	int result;

	say_begin(serve, subject);
	while ((result = loop_wait(loop, 0, error)) == 0)
		if (subject_serve(subject, error))
			return -1;
	if (result > 0)
		say_end(serve, subject);
	return result < 0 ? -1 : 0;
}

int command_serve(int argc, char **argv)
{
	static struct serve serve = { .subject = {
		.behaviour = BEHAVIOUR_CLOSE, .backlog = BACKLOG, .receive_buffer = RECEIVE_BUFFER, .held_most = HELD_MOST,
		.hold_ns = HOLD_SECONDS * NSEC_PER_SEC,
	} };
	struct subject *subject = NULL;
	struct loop *loop = NULL;
	struct error error = { "" };
	int taken = take_arguments(&serve, argc, argv, &error), result;

	if (taken > 0)
		return EXIT_AGREES;
	if (taken < 0)
		return message_error(error.text, EXIT_USAGE);
	if (serve.verbose)
		serve.subject.note = note_client;
	result = open_all(&serve, &subject, &loop, &error) || serve_all(&serve, subject, loop, &error);
	subject_close(subject);
	loop_close(loop);
	return result ? message_error(error.text, EXIT_CANNOT_RUN) : EXIT_AGREES;
}
