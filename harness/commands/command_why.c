/* command_why.c - twprobe why [CELL OPTIONS]: one cell in the lab, with everything its kernel reports about it. */
#include <stdlib.h>
#include <string.h>

#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/session_cells.h"
#include "harness/commands/why.h"

/* Long enough for a timer that was restarted to show it: TIME_WAIT's is counted in ticks of up to 10 ms. */
#define SETTLE_NS UINT64_C(300000000)

static int open_sources(void *context, struct wire *wire, struct error *error)
{
	struct why *why = context;

	why->before = counters_open(error);
	why->now = counters_open(error);
	if (!why->before || !why->now)
		return -1;
	why->witness = wire_witness(wire);
	why->trace = passage_open(LAB_PORT, &why->no_trace);
	why->evidence = evidence_open(LAB_PORT);
	return why->evidence ? 0 : fail(error, "out of memory");
}

static void collect(struct why *why)
{
	why->told_count += evidence_collect(why->evidence, why->peer_port, why->told + why->told_count,
					    WHY_TESTIMONY_MAX - why->told_count);
}

static void before_stimulus(void *context, const struct peer *peer)
{
	struct why *why = context;
	struct error ignored; /* what cannot be read is not shown */

	/* A second try starts over. */
	why->told_count = 0;
	why->peer_port = peer->pair.crafted.port;
	collect(why);
	why->way_count = why->told_count;
	why->asked_before = why->witness && witness_ask(why->witness, &peer->pair, &why->sighted_before, &ignored) == 0;
	if (why->trace)
		passage_forget(why->trace);
	counters_read(why->before, &ignored);
}

static void after_answer(void *context, const struct peer *peer)
{
	struct why *why = context;
	struct error ignored;

	counters_read(why->now, &ignored);
	why->asked_after = why->witness && witness_ask(why->witness, &peer->pair, &why->sighted_after, &ignored) == 0;
	why->stimulus_ns = peer->seen_ns;
	why->stimulus_seq = peer->sent.seq;
	why->answers = peer->heard_count;
	collect(why);
}

/* The kernel may still be busy with the stimulus when its answer is heard, so its way is asked for at the end. */
static int take_record(void *context, const struct record *record, struct error *error)
{
	struct why *why = context;

	(void)error;
	why->cell = record->cell;
	why->citation = record->expected[BOOK_LINUX].citation;
	if (why->stimulus_ns == 0)
		why->asked_before = why->asked_after = false;
	else if (why->trace)
		why->passed = passage_collect(why->trace, why->peer_port, why->stimulus_seq, &why->passage);
	return 0;
}

static int show(void *context, const struct run_facts *facts, const struct tally *tally, struct error *error)
{
	const struct why *why = context;

	(void)facts;
	(void)tally;
	(void)error;
	if (why->stimulus_ns) /* else the ladder has the reason why there was none */
		why_text(why);
	return 0;
}

static int add_record(void *context, struct error *error)
{
	const struct why *why = context;

	return why->stimulus_ns ? why_json(why, error) : 0;
}

static void close_sources(struct why *why)
{
	counters_close(why->before);
	counters_close(why->now);
	evidence_close(why->evidence);
	passage_close(why->trace);
	free(why);
}

int command_why(struct options *options)
{
	struct why *why = calloc(1, sizeof(*why));
	struct run_watch watch = { .stimulus = before_stimulus, .after = after_answer, .context = why };
	struct session_extras extras = {
		.sink = take_record, .watch = &watch, .open = open_sources, .settle_ns = SETTLE_NS, .context = why,
		.add = options->format == FORMAT_JSON ? add_record : NULL,
		.done = options->format == FORMAT_JSON ? NULL : show,
	};
	struct matrix *matrix = matrix_single(&options->cell);
	int code;

	if (!why || !matrix) {
		matrix_free(matrix);
		free(why);
		return message_error("out of memory", EXIT_CANNOT_RUN);
	}
	code = session_cells(options, matrix, "cell", true, &extras);
	matrix_free(matrix);
	close_sources(why);
	return code;
}
