/* command_serve.c - twprobe serve: the subject, on the machine under test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crafter/descriptors.h"
#include "crafter/units.h"
#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/lab/calls.h"
#include "harness/lab/privileges.h"
#include "harness/lab/sandbox.h"
#include "harness/lab/subject.h"
#include "harness/report/text.h"
#include "harness/run/exit_code.h"
#include "harness/wire/loop.h"
#include "harness/wire/own_address.h"
#include "harness/wire/resolve.h"
#include "harness/wire/target.h"

enum {
	BACKLOG = 4096,
	HELD_MOST = 2048,
	HOLD_SECONDS = 300, /* no cell and no scenario of ours needs half of that */
	/* A window of 16 KiB; the kernel doubles it for its own bookkeeping (sock_setsockopt), and that is the most that
	 * waits unread in a connection. */
	RECEIVE_BUFFER = 16384,
};
struct serve {
	struct subject_options subject;
	struct endpoint endpoint;
	struct endpoint told; /* where others find it; a family of 0: we do not know */
	bool takes_calls, quiet;
};

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
	if (resolve_unprivileged(text, 0, &serve->endpoint, error))
		return -1;
	if (address_is_multicast(address) || address_is_broadcast(address))
		return fail(error, "TCP cannot listen on %s: it is not the address of a single host", text);
	return 0;
}

static void note_client(void *context, const struct endpoint *client, enum behaviour behaviour, bool asked)
{
	char text[ENDPOINT_TEXT_SIZE];

	(void)context;
	printf("%s: %s%s\n", endpoint_format(client, text, sizeof(text)), behaviour_name(behaviour),
	       asked ? " (asked for)" : "");
	fflush(stdout);
}

/* What the options mean together, and what omitted ones are. */
static int take_options(struct serve *serve, const struct options *options, struct error *error)
{
	struct subject_options *subject = &serve->subject;

	*subject = options->serve.subject;
	subject->allowed = options->serve.allowed;
	subject->receive_buffer = RECEIVE_BUFFER;
	if (!subject->backlog)
		subject->backlog = BACKLOG;
	if (!subject->held_most)
		subject->held_most = HELD_MOST;
	if (!subject->hold_ns)
		subject->hold_ns = HOLD_SECONDS * NSEC_PER_SEC;
	if (!subject->held_most_each)
		subject->held_most_each = subject->held_most > 1 ? subject->held_most / 2 : 1;
	if (options->verbose)
		subject->note = note_client;
	serve->quiet = options->quiet;
	serve->takes_calls = subject->shares_port = options->serve.calls;
	if (subject->allowed_count && subject->never_accept)
		return fail(error, "--allow checks accepted clients, and --never-accept accepts none: use one of them");
	return take_address(serve, options->serve.address, error);
}

static const char *treatment(enum behaviour behaviour)
{
	static const char *const treatments[BEHAVIOUR_COUNT] = {
		[BEHAVIOUR_CLOSE] = "closes every connection at once",
		[BEHAVIOUR_HOLD] = "holds every connection",
		[BEHAVIOUR_HALF] = "shuts down its side of every connection at once, then holds it",
		[BEHAVIOUR_EOF] = "closes every connection after its client did",
		[BEHAVIOUR_EOF_HALF] = "shuts down its side of every connection after its client did, then holds it",
	};

	return treatments[behaviour];
}

/* The address that a client on another machine may use. */
static void find_told(struct serve *serve)
{
	serve->told = serve->endpoint;
	if (address_is_unspecified(&serve->told.address) && !own_address(&serve->told.address))
		serve->told.address.family = 0;
}

/* Opens what needs privileges, then gives them up. */
static int open_all(struct serve *serve, struct subject **subject, struct calls **calls, struct loop **loop,
		    struct error *error)
{
	*subject = subject_open(&serve->subject, error);
	if (!*subject || subject_listen(*subject, &serve->endpoint, error))
		return -1;
	find_told(serve);
	*loop = loop_open(error);
	if (!*loop || loop_watch(*loop, subject_descriptor(*subject), error))
		return -1;
	if (serve->takes_calls) {
		*calls = calls_open(*subject, &serve->endpoint, error);
		if (!*calls || loop_watch(*loop, calls_descriptor(*calls), error))
			return -1;
	}
	if (!subject_room(*subject))
		return fail(error, "%zu descriptors are too few to hold a connection; raise the limit (ulimit -n)",
			    descriptors_limit());
	return privileges_drop(error) < 0 ? -1 : sandbox_enter(*calls ? SANDBOX_CALLER : SANDBOX_SERVE, error);
}

/* The command to type there. A server that accepts nothing is for scenarios, and they say what they need. */
static void say_other_side(const struct serve *serve)
{
	char text[ENDPOINT_TEXT_SIZE], line[256];

	if (!serve->told.address.family || serve->subject.never_accept)
		return;
	snprintf(line, sizeof(line), "ask it from the other side: sudo twprobe matrix%s %s",
		 serve->takes_calls ? " --calls" : "", endpoint_format(&serve->told, text, sizeof(text)));
	text_message(stdout, "", line);
}

static void say_begin(const struct serve *serve, struct subject *subject)
{
	char text[ENDPOINT_TEXT_SIZE], line[256];

	if (serve->quiet)
		return;
	if (!serve->subject.allowed_count && address_is_unspecified(&serve->endpoint.address))
		text_message(stderr, "twprobe: warning: ",
			     "anyone can connect; --allow=ADDR/LENGTH or serve ADDR:PORT restricts it");
	if (subject_room(subject) < serve->subject.held_most)
		message_note("holds %zu connections, not %zu: each takes a descriptor (ulimit -n)",
			     subject_room(subject), serve->subject.held_most);
	snprintf(line, sizeof(line), "listening on %s, %s%s; Ctrl-C ends",
		 endpoint_format(&serve->endpoint, text, sizeof(text)),
		 serve->subject.never_accept ? "accepts nothing" : treatment(serve->subject.behaviour),
		 serve->takes_calls ? ", connects to who asks for it" : "");
	text_message(stdout, "", line);
	say_other_side(serve);
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
	say_count(counts.full, "reset, because the limit was reached (--max-held, ulimit -n)");
	say_count(counts.full_client, "reset, because their client had reached its limit (--max-held-each)");
	say_count(counts.not_allowed, "reset, because their client is not in --allow");
	say_count(counts.expired, "reset after --hold");
}

static int serve_all(const struct serve *serve, struct subject *subject, struct calls *calls, struct loop *loop,
		     struct error *error)
{
	int result;

	say_begin(serve, subject);
	while ((result = loop_wait(loop, 0, error)) == 0) {
		if (subject_serve(subject, error))
			return -1;
		if (calls)
			calls_serve(calls);
	}
	if (result > 0)
		say_end(serve, subject);
	return result < 0 ? -1 : 0;
}

int command_serve(struct options *options)
{
	struct serve serve = { .quiet = false };
	struct subject *subject = NULL;
	struct calls *calls = NULL;
	struct loop *loop = NULL;
	struct error error = { "" };
	int result;

	if (take_options(&serve, options, &error) < 0)
		return message_failed(&error, EXIT_USAGE);
	result = open_all(&serve, &subject, &calls, &loop, &error) ||
		 serve_all(&serve, subject, calls, loop, &error);
	calls_close(calls);
	subject_close(subject);
	loop_close(loop);
	return result ? message_error(error.text, EXIT_CANNOT_RUN) : EXIT_AGREES;
}
