/* report_tap.c - records as TAP 13, or as the kernel's KTAP, which differs in its first line. What is ok and what is not:
 * harness/report/report.h. */
#include "harness/report/expected_failures.h"
#include "harness/report/report_internal.h"

/* A diagnostic stays on its line, whatever is in the text. */
static void diagnose(FILE *out, const char *label, const char *text)
{
	fprintf(out, "# %s: ", label);
	for (; *text; text++)
		fputc(*text == '\n' ? ' ' : *text, out);
	fputc('\n', out);
}

static int tap_begin(struct report *report, struct error *error)
{
	const struct run_facts *facts = &report->facts;

	(void)error;
	fprintf(report->out, "%s\n1..%zu\n",
		format_tap_version(report->style == &report_ktap_style ? FORMAT_KTAP : FORMAT_TAP), facts->cells);
	fprintf(report->out, "# twprobe %s, kernel %s, target %s, matrix %s, expecting %s, seed %llu\n",
		facts->tool_version, facts->kernel ? facts->kernel : "not known", facts->target, facts->matrix,
		facts->expect, (unsigned long long)facts->seed);
	return 0;
}

static int tap_cell(struct report *report, const struct record *record, struct error *error)
{
	bool ok = record->verdict == VERDICT_AGREES || record->verdict == VERDICT_SKIPPED;
	char name[CELL_NAME_SIZE], answer[ANSWER_TEXT_SIZE], reason[RECORD_REASON_SIZE];
	const char *known;
	size_t i;

	(void)error;
	/* A '#' in a directive's text would start another one. */
	snprintf(reason, sizeof(reason), "%s", record->reason);
	for (i = 0; reason[i]; i++)
		if (reason[i] == '\n' || reason[i] == '#')
			reason[i] = ' ';
	fprintf(report->out, "%s %zu - %s", ok ? "ok" : "not ok", report->count + 1,
		cell_name(&record->cell, name, sizeof(name)));
	if (report->facts.repeat > 1 && report->facts.matrix_cells)
		fprintf(report->out, " repeat %zu", record->number / report->facts.matrix_cells + 1);
	known = ok ? NULL : expected_failures_reason(report->facts.failures, name);
	if (record->verdict == VERDICT_SKIPPED)
		fprintf(report->out, " # SKIP %s", reason);
	else if (known)
		fprintf(report->out, " # TODO %s", known);
	fputc('\n', report->out);
	if (record->observed && !report->quiet)
		diagnose(report->out, "answer", report_outcome_text(record, answer));
	if (!ok)
		diagnose(report->out, verdict_name(record->verdict), record->reason);
	return 0;
}

static int tap_end(struct report *report, const struct tally *tally, struct error *error)
{
	double seconds = (double)(tally->ended_ns - tally->begun_ns) / 1e9;

	(void)error;
	fprintf(report->out, "# %zu agree, %zu differ, ", tally->verdicts[VERDICT_AGREES], tally->verdicts[VERDICT_DIFFERS]);
	if (tally->verdicts[VERDICT_MIXED])
		fprintf(report->out, "%zu mixed, ", tally->verdicts[VERDICT_MIXED]);
	fprintf(report->out, "%zu inconclusive, %zu skipped in %.3f s\n", tally->verdicts[VERDICT_INCONCLUSIVE],
		 tally->verdicts[VERDICT_SKIPPED], seconds);
	if (tally->interrupted)
		fprintf(report->out, "Bail out! interrupted after %zu of %zu cells\n", report->count,
			report->facts.cells);
	return 0;
}

const struct report_style report_tap_style = {
	.begin = tap_begin,
	.cell = tap_cell,
	.end = tap_end,
};

const struct report_style report_ktap_style = {
	.begin = tap_begin,
	.cell = tap_cell,
	.end = tap_end,
};
