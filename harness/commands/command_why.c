/* command_why.c - twprobe why [CELL OPTIONS]: one cell in the lab, with everything its kernel reports about it. */
#include <stdlib.h>
#include <string.h>

#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/session_cells.h"
#include "harness/commands/why.h"
#include "harness/lab/counters.h"
#include "harness/report/text.h"

/* Long enough for a timer that was restarted to show it: TIME_WAIT's is counted in ticks of up to 10 ms. */
#define SETTLE_NS UINT64_C(300000000)

/* Where it comes from. */
struct why_sources {
	struct counters *before, *now;
	struct evidence *evidence;
	struct passage_trace *trace;
	struct error no_trace;
	uint32_t stimulus_seq;
	struct why why;
};

static int open_sources(void *context, struct wire *wire, struct error *error)
{
	struct why_sources *sources = context;

	(void)wire;
	sources->before = counters_open(error);
	sources->now = counters_open(error);
	if (!sources->before || !sources->now)
		return -1;
	sources->trace = passage_open(LAB_PORT, LAB_PORT_LAST, &sources->no_trace);
	sources->why.no_trace = sources->trace ? NULL : sources->no_trace.text;
	sources->evidence = evidence_open(LAB_PORT, LAB_PORT_LAST);
	if (!sources->evidence)
		return fail(error, "out of memory");
	for (enum evidence_kind kind = 0; kind < EVIDENCE_COUNT; kind++)
		sources->why.missing[kind] = evidence_missing(sources->evidence, kind);
	return 0;
}

static void collect(struct why_sources *sources)
{
	struct why *why = &sources->why;

	why->told_count += evidence_collect(sources->evidence, why->peer_port, why->told + why->told_count,
					    WHY_TESTIMONY_MAX - why->told_count);
	why->lost = evidence_lost(sources->evidence);
}

static void before_stimulus(void *context, const struct peer *peer)
{
	struct why_sources *sources = context;
	struct why *why = &sources->why;
	struct error ignored; /* what cannot be read is not shown */

	/* A second try starts over. */
	why->told_count = 0;
	why->peer_port = peer->pair.crafted.port;
	collect(sources);
	why->way_count = why->told_count;
	if (sources->trace)
		passage_forget(sources->trace);
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

	counters_read(sources->now, &ignored);
	compare_counters(sources);
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

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct why_sources *sources = context;

	(void)error;
	sources->why.cell = record->cell;
	sources->why.citation = record->expected[BOOK_LINUX].citation;
	sources->why.sighted_before = record->sighted_before;
	sources->why.sighted_after = record->sighted_after;
	sources->why.asked_before = record->sighted_before.time_ns != 0;
	sources->why.asked_after = record->sighted_after.time_ns != 0;
	sources->why.restart = record_restart(record);
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
	free(sources);
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
