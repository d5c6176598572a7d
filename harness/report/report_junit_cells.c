/* report_junit_cells.c - records as JUnit XML. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/expected_failures.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_junit.h"

/* The cells of a run: a suite for consecutive ones of a state and a kind of segment. */
enum { SUITE_NAME_SIZE = 128 };
struct junit {
	struct junit_suite suite;
	char name[SUITE_NAME_SIZE]; /* "time-wait/syn" */
};

static int junit_open(struct report *report, struct error *error)
{
	report->state = calloc(1, sizeof(struct junit));
	return report->state ? 0 : fail(error, "out of memory for the report");
}

static void junit_close(struct report *report)
{
	struct junit *junit = report->state;

	if (junit)
		report_junit_suite_drop(&junit->suite);
	free(junit);
}

static int junit_begin(struct report *report, struct error *error)
{
	(void)error;
	report_junit_begin(report->out, report->facts.matrix);
	return 0;
}

static void end_suite(struct report *report)
{
	const struct run_facts *facts = &report->facts;
	struct junit *junit = report->state;
	char seed[24];
	const char *const properties[] = {
		"twprobe", facts->tool_version, "kernel", facts->kernel ? facts->kernel : "not known",
		"target", facts->target, "expecting", facts->expect, "seed", seed, NULL,
	};

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)facts->seed);
	if (junit->suite.cases)
		report_junit_suite_end(&junit->suite, report->out, junit->name, properties);
}

/* "time-wait/syn" of "time-wait/syn/seq-below/ts-above". */
static void suite_name(const char *cell, char name[static SUITE_NAME_SIZE])
{
	const char *second = strchr(cell, '/');
	const char *third = second ? strchr(second + 1, '/') : NULL;

	snprintf(name, SUITE_NAME_SIZE, "%.*s", third ? (int)(third - cell) : SUITE_NAME_SIZE - 1, cell);
}

static int junit_cell(struct report *report, const struct record *record, struct error *error)
{
	const struct peer_heard *answer = record->observed ? record_answer(record) : NULL;
	struct junit *junit = report->state;
	char name[CELL_NAME_SIZE + 32], suite[SUITE_NAME_SIZE], class_name[CELL_NAME_SIZE], text[ANSWER_TEXT_SIZE];
	struct junit_case test = {
		.class_name = class_name, .name = name, .verdict = record->verdict, .reason = record->reason,
		.answer = record->observed ? report_outcome_text(record, text) : "",
		.seconds = answer && answer->time_ns > record->sent_ns ? (double)(answer->time_ns - record->sent_ns) / 1e9 : 0,
	};

	cell_name(&record->cell, name, CELL_NAME_SIZE);
	test.known = expected_failures_reason(report->facts.failures, name);
	suite_name(name, suite);
	report_junit_class(name, class_name);
	if (report->facts.repeat > 1 && report->facts.matrix_cells)
		snprintf(name + strlen(name), sizeof(name) - strlen(name), " repeat %zu",
			 record->number / report->facts.matrix_cells + 1);
	if (junit->suite.cases == JUNIT_SUITE_MAX || strcmp(junit->name, suite) != 0)
		end_suite(report);
	snprintf(junit->name, sizeof(junit->name), "%s", suite);
	if (!junit->suite.body && report_junit_suite_begin(&junit->suite, error) < 0)
		return -1;
	report_junit_case(&junit->suite, &test);
	return 0;
}

static int junit_end(struct report *report, const struct tally *tally, struct error *error)
{
	char text[80];

	(void)error;
	end_suite(report);
	if (tally->interrupted) {
		snprintf(text, sizeof(text), "interrupted after %zu of %zu cells", report->count, report->facts.cells);
		report_junit_trouble(report->out, "interrupted", text);
	}
	report_junit_end(report->out);
	return 0;
}

const struct report_style report_junit_style = {
	.open = junit_open,
	.begin = junit_begin,
	.cell = junit_cell,
	.end = junit_end,
	.close = junit_close,
};
