/* command_why.c - twprobe why [CELL OPTIONS]: one cell in the lab, with everything its kernel reports about it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/clock.h"
#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/session.h"
#include "harness/commands/session_cells.h"
#include "harness/commands/why.h"
#include "harness/lab/counters.h"
#include "harness/lab/witness.h"
#include "harness/report/text.h"
#include "harness/wire/elsewhere.h"

/* Long enough for a timer that was restarted to show it: TIME_WAIT's is counted in ticks of up to 10 ms. */
#define SETTLE_NS UINT64_C(300000000)

/* What is said instead of what only the subject's own namespace tells. */
#define NEEDS_NAMESPACE "needs --far=NAMESPACE:INTERFACE, a network namespace of this machine with the subject in it"

/* Where it comes from. */
struct why_sources {
	bool target;               /* not the lab: a server in `namespace`, of `ip netns`; "": nobody knows where */
	char namespace[64];
	uint16_t port;             /* the target's; behind a NAT that changes it nothing of the kernel's is seen */
	struct wire *wire;
	struct witness *witness;   /* in that namespace */
	struct counters *before, *now;
	struct evidence *evidence;
	struct passage_trace *trace;
	struct error no_trace;
	uint32_t stimulus_seq;
	struct why why;
};

static int open_there(struct why_sources *sources, uint16_t first_port, uint16_t last_port, struct error *error)
{
	sources->before = counters_open(error);
	sources->now = counters_open(error);
	if (!sources->before || !sources->now)
		return -1;
	sources->trace = passage_open(first_port, last_port, &sources->no_trace);
	sources->why.no_trace = sources->trace ? NULL : sources->no_trace.text;
	sources->evidence = evidence_open(first_port, last_port);
	if (!sources->evidence)
		return fail(error, "out of memory");
	for (enum evidence_kind kind = 0; kind < EVIDENCE_COUNT; kind++)
		sources->why.missing[kind] = evidence_missing(sources->evidence, kind);
	return 0;
}

/* Another machine's kernel, perhaps: nothing of this one's is about it. */
static int open_nothing(struct why_sources *sources)
{
	sources->why.no_counters = sources->why.no_trace = NEEDS_NAMESPACE;
	for (enum evidence_kind kind = 0; kind < EVIDENCE_COUNT; kind++)
		sources->why.missing[kind] = NEEDS_NAMESPACE;
	return 0;
}

static int open_sources(void *context, struct wire *wire, struct error *error)
{
	struct why_sources *sources = context;
	int ours, result;

	sources->wire = wire;
	if (!sources->target)
		return open_there(sources, LAB_PORT, LAB_PORT_LAST, error);
	if (!*sources->namespace)
		return open_nothing(sources);
	ours = elsewhere_enter(sources->namespace, error);
	if (ours < 0)
		return -1;
	result = open_there(sources, sources->port, sources->port, error);
	sources->witness = result == 0 ? witness_open(error) : NULL;
	return elsewhere_leave(ours, sources->namespace, result == 0 ? error : NULL) || !sources->witness ? -1 : 0;
}

static void collect(struct why_sources *sources)
{
	struct why *why = &sources->why;

	if (!sources->evidence)
		return;

	why->told_count += evidence_collect(sources->evidence, why->peer_port, why->told + why->told_count,
					    WHY_TESTIMONY_MAX - why->told_count);
	why->lost = evidence_lost(sources->evidence);
}

/* Its socket, where the run has no witness of its own. */
static bool ask_there(struct why_sources *sources, const struct peer *peer, struct sighting *sighting)
{
	struct pair behind = wire_behind(sources->wire, &peer->pair);
	struct error ignored;

	if (!sources->witness || witness_ask(sources->witness, &behind, sighting, &ignored) < 0)
		return false;
	sighting->time_ns = clock_now();
	return true;
}

static void before_stimulus(void *context, const struct peer *peer)
{
	struct why_sources *sources = context;
	struct why *why = &sources->why;
	struct error ignored; /* what cannot be read is not shown */

	/* A second try starts over. */
	why->told_count = 0;
	why->peer_port = wire_behind(sources->wire, &peer->pair).crafted.port;
	why->asked_before = ask_there(sources, peer, &why->sighted_before);
	collect(sources);
	why->way_count = why->told_count;
	if (sources->trace)
		passage_forget(sources->trace);
	if (sources->before)
		counters_read(sources->before, &ignored);
}

static void compare_counters(struct why_sources *sources)
{
	struct why *why = &sources->why;

	why->move_count = 0;
	for (size_t i = 0; i < counters_count(sources->now) && why->move_count < WHY_MOVES_MAX; i++) {
		const char *name = counters_name(sources->now, i);
		int64_t by = counters_value(sources->now, i) - counters_get(sources->before, name);

		/* Octets and packets of the IP layer say nothing of TCP's reasons. */
		if (by != 0 && strncmp(name, "Ip", 2) != 0)
			why->moves[why->move_count++] = (struct why_move){ name, by };
	}
}

static void after_answer(void *context, const struct peer *peer)
{
	struct why_sources *sources = context;
	struct why *why = &sources->why;
	struct error ignored;

	if (sources->now && counters_read(sources->now, &ignored) == 0)
		compare_counters(sources);
	why->asked_after = ask_there(sources, peer, &why->sighted_after);
	why->stimulus_ns = peer->seen_ns;
	sources->stimulus_seq = peer->sent.seq;
	why->answers = peer->heard_count;
	collect(sources);
}

/* The kernel may still be busy with the stimulus when its answer is heard, so its way is asked for at the end. */
static void collect_passage(struct why_sources *sources)
{
	struct why *why = &sources->why;

	why->passed = passage_collect(sources->trace, why->peer_port, sources->stimulus_seq, &why->passage);
	for (size_t i = 0; why->passed && i < why->passage.call_count; i++)
		passage_returned(sources->trace, &why->passage.calls[i], why->returned[i]);
}

static void take_sightings(struct why_sources *sources, const struct record *record)
{
	struct why *why = &sources->why;

	if (sources->witness && why->asked_before && why->sighted_before.state == STATE_CLOSED &&
	    record->cell.state != STATE_CLOSED && record->cell.state != STATE_LISTEN) {
		why->asked_before = false;
		why->no_counters = "the network namespace that --far names has no such socket";
	}
	if (sources->witness) {
		why->restart = sighting_restart(&why->sighted_before, record->sent_ns, &why->sighted_after);
		return;
	}
	why->sighted_before = record->sighted_before;
	why->sighted_after = record->sighted_after;
	why->asked_before = record->sighted_before.time_ns != 0;
	why->asked_after = record->sighted_after.time_ns != 0;
	why->restart = record_restart(record);
}

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct why_sources *sources = context;

	(void)error;
	sources->why.cell = record->cell;
	sources->why.citation = record->expected[BOOK_LINUX].citation;
	take_sightings(sources, record);
	if (sources->why.stimulus_ns == 0)
		sources->why.asked_before = sources->why.asked_after = false;
	else if (sources->trace)
		collect_passage(sources);
	return 0;
}

static int show(void *context, const struct run_facts *facts, const struct tally *tally, struct error *error)
{
	const struct why_sources *sources = context;

	(void)facts;
	(void)tally;
	(void)error;
	if (sources->why.stimulus_ns) /* else the ladder has the reason why there was none */
		why_text(stdout, &sources->why);
	return 0;
}

/* Below the ladder of a picture. */
static int add_words(void *context, struct report *report, struct error *error)
{
	const struct why_sources *sources = context;
	char *text = NULL;
	size_t size;
	FILE *words = sources->why.stimulus_ns ? open_memstream(&text, &size) : NULL;

	if (!sources->why.stimulus_ns)
		return 0;
	if (!words)
		return fail(error, "out of memory for the picture");
	text_unbroken(words);
	why_text(words, &sources->why);
	text_unbroken(NULL);
	if (fclose(words) == 0)
		report_words(report, text);
	free(text);
	return 0;
}

static int add_record(void *context, struct report *report, struct error *error)
{
	const struct why_sources *sources = context;

	(void)report;
	return sources->why.stimulus_ns ? why_json(stdout, &sources->why, error) : 0;
}

static void close_sources(struct why_sources *sources)
{
	counters_close(sources->before);
	counters_close(sources->now);
	evidence_close(sources->evidence);
	passage_close(sources->trace);
	witness_close(sources->witness);
	free(sources);
}

/* HOST:PORT; what is no such thing, the session refuses. */
static uint16_t colon_port(const char *target)
{
	const char *colon = strrchr(target, ':');

	return colon ? (uint16_t)strtoul(colon + 1, NULL, 10) : 0;
}

static void name_namespace(struct why_sources *sources, const char *target, const char *far)
{
	size_t size = session_far_namespace(far);

	sources->target = true;
	sources->port = colon_port(target);
	if (size < sizeof(sources->namespace))
		memcpy(sources->namespace, far, size);
}

int command_why(struct options *options)
{
	struct why_sources *sources = calloc(1, sizeof(*sources));
	struct run_watch watch = { .stimulus = before_stimulus, .after = after_answer, .context = sources };
	struct session_extras extras = {
		.sink = take_record, .watch = &watch, .open = open_sources, .settle_ns = SETTLE_NS, .context = sources,
		.add = options->format == FORMAT_TABLE ? NULL : options->format == FORMAT_JSON ? add_record : add_words,
		.done = options->format == FORMAT_TABLE ? show : NULL,
	};
	struct matrix *matrix = matrix_single(&options->cell);
	int code;

	if (sources && options->target)
		name_namespace(sources, options->target, options->far);
	if (!sources || !matrix) {
		matrix_free(matrix);
		free(sources);
		return message_error("out of memory", EXIT_CANNOT_RUN);
	}
	code = session_cells(options, matrix, "cell", true, &extras);
	matrix_free(matrix);
	close_sources(sources);
	return code;
}
