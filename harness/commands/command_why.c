/* command_why.c - twprobe why [CELL OPTIONS]: one cell in the lab, with everything its kernel reports about it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/session_cells.h"
#include "harness/lab/counters.h"
#include "harness/lab/evidence.h"
#include "harness/report/text.h"

/* Long enough for a timer that was restarted to show it: TIME_WAIT's is counted in ticks of up to 10 ms. */
#define SETTLE_NS UINT64_C(300000000)

enum { TESTIMONY_MAX = 1024 };

struct why_session {
	struct counters *before, *now;
	struct evidence *evidence;
	struct witness *witness;
	struct sighting sighted_before, sighted_after;
	bool asked_before, asked_after;
	struct testimony told[TESTIMONY_MAX];
	size_t way_count, told_count; /* told on the way to the state; in all */
	uint64_t stimulus_ns;
	uint16_t peer_port;
	uint8_t answers;              /* segments heard after the stimulus */
};

static int open_sources(void *context, struct wire *wire, struct error *error)
{
	struct why_session *seen = context;

	seen->before = counters_open(error);
	seen->now = counters_open(error);
	if (!seen->before || !seen->now)
		return -1;
	seen->witness = wire_witness(wire);
	seen->evidence = evidence_open(LAB_PORT);
	return seen->evidence ? 0 : fail(error, "out of memory");
}

static void collect(struct why_session *seen)
{
	seen->told_count += evidence_collect(seen->evidence, seen->peer_port,
						seen->told + seen->told_count,
						TESTIMONY_MAX - seen->told_count);
}

static void before_stimulus(void *context, const struct peer *peer)
{
	struct why_session *seen = context;
	struct error ignored; /* what cannot be read is not shown */

	/* A second try starts over. */
	seen->told_count = 0;
	seen->peer_port = peer->pair.crafted.port;
	collect(seen);
	seen->way_count = seen->told_count;
	seen->asked_before = seen->witness &&
				witness_ask(seen->witness, &peer->pair, &seen->sighted_before, &ignored) == 0;
	counters_read(seen->before, &ignored);
}

static void after_answer(void *context, const struct peer *peer)
{
	struct why_session *seen = context;
	struct error ignored;

	counters_read(seen->now, &ignored);
	seen->asked_after = seen->witness &&
			       witness_ask(seen->witness, &peer->pair, &seen->sighted_after, &ignored) == 0;
	seen->stimulus_ns = peer->seen_ns;
	seen->answers = peer->heard_count;
	collect(seen);
}

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct why_session *seen = context;

	(void)record;
	(void)error;
	if (seen->stimulus_ns == 0)
		seen->asked_before = seen->asked_after = false;
	return 0;
}

static void show_counters(const struct why_session *seen)
{
	bool any = false;

	printf("\nCounters that changed between the stimulus and its answer:\n");
	for (size_t i = 0; i < counters_count(seen->now); i++) {
		const char *name = counters_name(seen->now, i);
		int64_t moved = counters_value(seen->now, i) - counters_get(seen->before, name);

		/* Octets and packets of the IP layer say nothing of TCP's reasons. */
		if (moved == 0 || strncmp(name, "Ip", 2) == 0)
			continue;
		printf("  %-32s %+" PRId64 "\n", name, moved);
		any = true;
	}
	if (!any)
		printf("  none\n");
}

static void show_line(const struct why_session *seen, const struct testimony *told, const char *remark)
{
	char line[512];

	snprintf(line, sizeof(line), "%s%s", told->text[0] ? told->text : "(this kernel gives no reason)", remark);
	printf("  %+12.1f us  ", ((double)told->time_ns - (double)seen->stimulus_ns) / 1e3);
	text_wrap(stdout, line, 19, 19);
}

/* False after saying why this kind is missing. */
static bool show_title(const struct why_session *seen, enum evidence_kind kind, const char *title)
{
	const char *missing = evidence_missing(seen->evidence, kind);

	putchar('\n');
	text_wrap(stdout, title, 0, 2);
	if (missing) {
		printf("  not seen: ");
		text_wrap(stdout, missing, 12, 4);
	}
	return !missing;
}

/* The tracepoint shows the whole machine, and a socket that is just made does not know its peer yet: ours is the one
 * that had our port last, from when it left LISTEN. */
static void show_states(const struct why_session *seen)
{
	uint64_t socket = 0;
	size_t first = 0;

	if (!show_title(seen, EVIDENCE_STATE, "State transitions (sock:inet_sock_set_state):"))
		return;
	for (size_t i = 0; i < seen->told_count; i++)
		if (seen->told[i].kind == EVIDENCE_STATE && seen->told[i].peer_port == seen->peer_port)
			socket = seen->told[i].socket;
	for (size_t i = 0; i < seen->told_count; i++)
		if (seen->told[i].socket == socket && strncmp(seen->told[i].text, "LISTEN", 6) == 0)
			first = i;
	if (!socket)
		printf("  none\n");
	for (size_t i = first; i < seen->told_count && socket; i++)
		if (seen->told[i].kind == EVIDENCE_STATE && seen->told[i].socket == socket)
			show_line(seen, &seen->told[i], "");
	printf("  ");
	text_wrap(stdout, "(TIME_WAIT and FIN_WAIT_2 of a closed descriptor live in a separate small socket, which this "
		  "tracepoint does not see: it shows them as CLOSE)", 2, 3);
}

/* The lab's loopback brings the subject's answers back: TCP drops those over IPv4 because no socket takes them, the IP
 * layer those over IPv6 because it does not forward. */
static bool is_answer_itself(const struct why_session *seen, const struct testimony *told)
{
	return told->kind == EVIDENCE_DROP && seen->answers &&
	       (strncmp(told->text, "NO_SOCKET", 9) == 0 || strstr(told->text, "ip6_forward"));
}

/* Resets and drops from the stimulus on. */
static void show_reasons(const struct why_session *seen, enum evidence_kind kind, const char *title)
{
	bool any = false;

	if (!show_title(seen, kind, title))
		return;
	for (size_t i = seen->way_count; i < seen->told_count; i++) {
		const struct testimony *told = &seen->told[i];

		if (told->kind != kind)
			continue;
		show_line(seen, told, is_answer_itself(seen, told) ?
			  " (the answer itself: none of our sockets is there to receive it)" : "");
		any = true;
	}
	if (!any)
		printf(kind == EVIDENCE_DROP ? "  none seen (work deferred to ksoftirqd is not visible)\n" :
		       "  none\n");
}

static void show_lost(const struct why_session *seen)
{
	uint64_t lost = evidence_lost(seen->evidence);

	char line[160];

	if (!lost)
		return;
	snprintf(line, sizeof(line), "The kernel had no room for %" PRIu64 " events: anything missing above may be among them.",
		 lost);
	putchar('\n');
	text_wrap(stdout, line, 0, 0);
}

static const char *timer_name(uint8_t timer)
{
	static const char *const names[] = { "none", "retransmission", "keepalive or FIN_WAIT_2", "TIME_WAIT",
					     "zero window probe" };

	return timer < sizeof(names) / sizeof(names[0]) ? names[timer] : "unknown";
}

static void show_sighting(const char *when, const struct sighting *sighting)
{
	const char *state = state_name(sighting->state);

	char line[128], left[32] = "";

	if (sighting->timer)
		snprintf(left, sizeof(left), ", %.3f s left", sighting->expires_ms / 1e3);
	snprintf(line, sizeof(line), "timer: %s%s", timer_name(sighting->timer), left);
	printf("  %-7s %-16s ", when, state ? state : "unknown");
	text_wrap(stdout, line, 27, 27);
}

static void show_timer(const struct why_session *seen)
{
	const struct sighting *before = &seen->sighted_before, *after = &seen->sighted_after;

	printf("\nThe subject's socket:\n");
	if (!seen->asked_before || !seen->asked_after) {
		printf("  not seen: no witness\n");
		return;
	}
	show_sighting("before", before);
	show_sighting("after", after);
	if (!before->timer || before->timer != after->timer || before->state != after->state)
		return;
	printf("  The stimulus %s the timer.\n",
	       after->expires_ms > before->expires_ms ? "restarted" : "did not restart");
}

static int show(void *context, const struct run_facts *facts, const struct tally *tally, struct error *error)
{
	const struct why_session *seen = context;

	(void)facts;
	(void)tally;
	(void)error;
	if (seen->stimulus_ns == 0)
		return 0; /* the ladder has the reason why there was no stimulus */
	printf("\nTimes below are relative to the stimulus.\n");
	show_timer(seen);
	show_counters(seen);
	show_states(seen);
	show_reasons(seen, EVIDENCE_RESET, "Resets it sent (tcp:tcp_send_reset):");
	show_reasons(seen, EVIDENCE_DROP, "Segments dropped while the stimulus was processed (skb:kfree_skb):");
	show_lost(seen);
	return 0;
}

static void close_sources(struct why_session *seen)
{
	counters_close(seen->before);
	counters_close(seen->now);
	evidence_close(seen->evidence);
	free(seen);
}

int command_why(struct options *options)
{
	struct why_session *seen = calloc(1, sizeof(*seen));
	struct run_watch watch = { .stimulus = before_stimulus, .after = after_answer, .context = seen };
	struct session_extras extras = {
		.sink = take_record, .watch = &watch, .open = open_sources, .done = show,
		.settle_ns = SETTLE_NS, .context = seen,
	};
	struct matrix *matrix = matrix_single(&options->cell);
	int code;

	if (!seen || !matrix) {
		matrix_free(matrix);
		free(seen);
		return message_error("out of memory", EXIT_CANNOT_RUN);
	}
	code = session_cells(options, matrix, "cell", true, &extras);
	matrix_free(matrix);
	close_sources(seen);
	return code;
}
