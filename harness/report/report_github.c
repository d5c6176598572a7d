/* report_github.c - annotations; what differs is an error, as is what passes although it is known to fail; what is not certain
 * is a warning, what is known to fail a notice. */
#include "harness/report/report_github.h"

#include <string.h>

#include "harness/report/expected_failures.h"
#include "harness/report/report_internal.h"

/* GitHub's own escapes: of a line's end and '%', in a property also of what ends it. */
static void put(FILE *out, const char *text, const char *special)
{
	for (; *text; text++)
		if (strchr(special, *text))
			fprintf(out, "%%%02X", (unsigned)(unsigned char)*text);
		else
			fputc(*text, out);
}

void report_github_annotate(FILE *out, enum verdict verdict, const char *file, const char *name, const char *text,
			    const char *expected)
{
	bool passes = verdict == VERDICT_AGREES;

	if ((passes && !expected) || verdict == VERDICT_SKIPPED)
		return;
	fprintf(out, "::%s ", passes ? "error" : expected ? "notice" : verdict == VERDICT_DIFFERS ? "error" : "warning");
	if (file) {
		fputs("file=", out);
		put(out, file, "%\r\n:,");
		fputc(',', out);
	}
	fputs("title=", out);
	put(out, name, "%\r\n:,");
	fprintf(out, "::%s", passes ? "passes" : verdict_name(verdict));
	if (!passes) {
		fputs(": ", out);
		put(out, text, "%\r\n");
	}
	if (expected) {
		fputs(passes ? " (but is known to fail: " : " (known to fail: ", out);
		put(out, expected, "%\r\n");
		fputc(')', out);
	}
	fputc('\n', out);
}

static int github_cell(struct report *report, const struct record *record, struct error *error)
{
	char name[CELL_NAME_SIZE];

	(void)error;
	cell_name(&record->cell, name, sizeof(name));
	report_github_annotate(report->out, record->verdict, report->facts.case_file, name, record->reason,
			       expected_failures_reason(report->facts.failures, name));
	return 0;
}

static int github_end(struct report *report, const struct tally *tally, struct error *error)
{
	(void)error;
	fprintf(report->out, "%zu cells: %zu agree, %zu differ, %zu mixed, %zu inconclusive, %zu skipped\n", tally->cells,
		tally->verdicts[VERDICT_AGREES], tally->verdicts[VERDICT_DIFFERS], tally->verdicts[VERDICT_MIXED],
		tally->verdicts[VERDICT_INCONCLUSIVE], tally->verdicts[VERDICT_SKIPPED]);
	return 0;
}

const struct report_style report_github_style = {
	.cell = github_cell,
	.end = github_end,
};
