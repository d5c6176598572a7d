/* report_table.c - records for a person: grids, rows where cells form none, and the summary in words. */
#include <stdlib.h>
#include <string.h>

#include "crafter/textbuf.h"
#include "harness/report/report_conformance.h"
#include "harness/report/report_reasons.h"

/* Rows: the column of the names, and the least that is left for the rest. */
enum { NAME_WIDTH = 44, REST_WIDTH = 34 };

struct table {
	struct report_block block;
	bool rows; /* the last block was printed as rows: no empty line below it yet */
	struct reasons *reasons;
	struct conformance *conformance; /* NULL: the run is judged by another book than the RFCs' */
};

static void table_close(struct report *report)
{
	struct table *table = report->state;

	report_block_close(&table->block);
	report_reasons_close(table->reasons);
	report_conformance_close(table->conformance);
	free(table);
}

static int table_open(struct report *report, struct error *error)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return fail(error, "out of memory for the table");
	report->state = table;
	table->reasons = report_reasons_open(report->facts.every_name, error);
	if (report->facts.conformance)
		table->conformance = report_conformance_open(report->facts.every_name, error);
	if (!table->reasons || (report->facts.conformance && !table->conformance) || report_block_open(&table->block, error)) {
		table_close(report);
		return -1;
	}
	return 0;
}

const char *report_head_text(const struct run_facts *facts, char line[static REPORT_HEAD_SIZE])
{
	char cells[32], shard[48] = "";

	if (facts->shards)
		snprintf(shard, sizeof(shard), ", shard %u/%u", facts->shard, facts->shards);
	snprintf(line, REPORT_HEAD_SIZE, "twprobe %.20s, %s%.80s, target %.100s, matrix %.100s%s, %s, expecting %s, seed %llu",
		 facts->tool_version, facts->kernel ? "kernel " : "kernel unknown", facts->kernel ? facts->kernel : "",
		 facts->target, facts->matrix, shard, text_plural(facts->cells, "cell", cells, sizeof(cells)), facts->expect,
		 (unsigned long long)facts->seed);
	return line;
}

static int table_begin(struct report *report, struct error *error)
{
	char line[REPORT_HEAD_SIZE];

	(void)error;
	if (report->quiet)
		return 0;
	text_wrap(report->out, report_head_text(&report->facts, line), 0, 2);
	fputc('\n', report->out);
	return 0;
}

/* "SYN-ACK continued (syn-recv after); folk: ACK" */
static void row_text(const struct report *report, const struct row *row, char *line, size_t size)
{
	const char *after = row->verdict == VERDICT_SKIPPED ? NULL : state_name(row->after);
	enum hue hue = row->verdict == VERDICT_AGREES ? HUE_PLAIN : report_row_hue(row);
	enum book decides = oracle_book_parse(report->facts.expect);
	char mark = report_verdict_mark(row->verdict);
	bool marked = mark && row->verdict != VERDICT_SKIPPED && row->text[0] != mark;
	struct textbuf text;

	textbuf_init(&text, line, size);
	textbuf_add(&text, "%s%s%s%s%s", report_hue_on(report->color, hue), row->text, marked ? " " : "",
		    marked ? (char[]){ mark, 0 } : "", report_hue_off(report->color, hue));
	if (after)
		textbuf_add(&text, " (%s after)", after);
	for (enum book book = 0; book < BOOK_COUNT; book++)
		if (book != decides && *row->otherwise[book])
			textbuf_add(&text, "; %s%s: %s%s", report_hue_on(report->color, HUE_OTHERWISE),
				    oracle_book_name(book), row->otherwise[book],
				    report_hue_off(report->color, HUE_OTHERWISE));
}

static void print_rows(const struct report *report, const struct report_block *block)
{
	size_t columns = text_columns(report->out), width = NAME_WIDTH, i;
	char line[512];

	for (i = 0; i < block->count; i++)
		if (strlen(block->rows[i].name) > width)
			width = strlen(block->rows[i].name);
	if (width + REST_WIDTH > columns)
		width = columns > 2 * REST_WIDTH ? columns - REST_WIDTH : columns / 2;
	for (i = 0; i < block->count; i++) {
		row_text(report, &block->rows[i], line, sizeof(line));
		fprintf(report->out, "%-*s  ", (int)width, block->rows[i].name);
		text_wrap(report->out, line, (strlen(block->rows[i].name) > width ? strlen(block->rows[i].name) : width) + 2,
			  width + 2);
	}
}

/* The end of the report covers such a block: how many, which, and why. */
static bool all_skipped(const struct report_block *block)
{
	size_t i;

	for (i = 0; i < block->count; i++)
		if (block->rows[i].verdict != VERDICT_SKIPPED)
			return false;
	return true;
}

static void print_block(const struct report *report, struct table *table)
{
	if (all_skipped(&table->block)) {
		report_block_clear(&table->block);
		return;
	}
	if (table->rows && report_is_grid(report, &table->block))
		fputc('\n', report->out);
	table->rows = !report_print_grid(report, &table->block);
	if (table->rows)
		print_rows(report, &table->block);
	report_block_clear(&table->block);
}

static int table_cell(struct report *report, const struct record *record, struct error *error)
{
	struct table *table = report->state;
	char name[CELL_NAME_SIZE];

	if (record->verdict != VERDICT_AGREES &&
	    report_reasons_add(table->reasons, record->verdict, record->reason,
			       cell_name(&record->cell, name, sizeof(name)), error))
		return -1;
	if (table->conformance && report_conformance_add(table->conformance, record, error) < 0)
		return -1;
	if (report->quiet)
		return 0;
	if (!report_block_takes(&table->block, record))
		print_block(report, table);
	return report_block_add(&table->block, record, error);
}

/* "472 cells: 470 agree with linux, 0 differ, 2 inconclusive, 0 skipped." */
static void print_counts(const struct report *report, const struct tally *tally)
{
	const size_t *verdicts = tally->verdicts;
	bool judged = oracle_book_parse(report->facts.expect) != BOOK_COUNT;
	char mixed[64] = "";
	bool bad = report->color && verdicts[VERDICT_DIFFERS], unsure = report->color && verdicts[VERDICT_INCONCLUSIVE];
	char cells[32], differ[64] = "", line[512];

	if (judged)
		snprintf(differ, sizeof(differ), "%s%zu differ%s, ", report_hue_on(bad, HUE_BAD),
			 verdicts[VERDICT_DIFFERS],
			 report_hue_off(bad, HUE_BAD));
	if (verdicts[VERDICT_MIXED])
		snprintf(mixed, sizeof(mixed), "%s%zu mixed%s, ", report_hue_on(report->color, HUE_UNSURE),
			 verdicts[VERDICT_MIXED], report_hue_off(report->color, HUE_UNSURE));
	snprintf(line, sizeof(line), "%s: %zu %s%s, %s%s%s%zu inconclusive%s, %zu skipped.",
		 text_plural(tally->cells, "cell", cells, sizeof(cells)), verdicts[VERDICT_AGREES],
		 judged ? "agree with " : "answered", judged ? report->facts.expect : "", differ, mixed,
		 report_hue_on(unsure, HUE_UNSURE), verdicts[VERDICT_INCONCLUSIVE], report_hue_off(unsure, HUE_UNSURE),
		 verdicts[VERDICT_SKIPPED]);
	text_wrap(report->out, line, 0, 2);
	if (tally->interrupted)
		fprintf(report->out, "Interrupted: %zu of %zu cells were done.\n", tally->cells, report->facts.cells);
}

static void print_books(const struct report *report, const struct tally *tally)
{
	enum book decides = oracle_book_parse(report->facts.expect);
	char cells[32], line[160];
	struct textbuf text;

	for (enum book book = 0; book < BOOK_COUNT; book++) {
		if (book == decides || !oracle_book_shown(book, decides) || (!tally->otherwise[book] && !tally->open[book]))
			continue;
		textbuf_init(&text, line, sizeof(line));
		textbuf_add(&text, "%s disagrees with the kernel in %s", oracle_book_name(book),
			    text_plural(tally->otherwise[book], "cell", cells, sizeof(cells)));
		if (tally->open[book])
			textbuf_add(&text, " and makes no prediction for %zu", tally->open[book]);
		textbuf_add(&text, ".");
		text_wrap(report->out, line, 0, 2);
	}
}

static void print_traffic(const struct report *report, const struct tally *tally)
{
	double seconds = (double)(tally->ended_ns - tally->begun_ns) / 1e9;
	char line[256];

	snprintf(line, sizeof(line), "It took %.*f s (%.0f cells/s): %llu segments sent, %llu heard, %llu dropped by the "
		 "capture, %llu set-up segments sent again.", seconds < 1 ? 3 : 1, seconds,
		 seconds > 0 ? (double)tally->cells / seconds : 0, (unsigned long long)tally->segments_sent,
		 (unsigned long long)tally->segments_heard, (unsigned long long)tally->capture_dropped,
		 (unsigned long long)tally->resent);
	text_wrap(report->out, line, 0, 2);
}

void report_exceptions_print(const struct report *report, const struct reasons *reasons)
{
	report_reasons_print(reasons, report->out, report->color, VERDICT_DIFFERS);
	report_reasons_print(reasons, report->out, report->color, VERDICT_MIXED);
	report_reasons_print(reasons, report->out, report->color, VERDICT_INCONCLUSIVE);
}

/* What was skipped is not an exception, and is with the sums. */
void report_totals_print(const struct report *report, const struct reasons *reasons, const struct tally *tally)
{
	print_counts(report, tally);
	report_doubt_print(report->out, tally, report->quiet);
	if (report->quiet)
		return;
	report_reasons_print(reasons, report->out, report->color, VERDICT_SKIPPED);
	print_books(report, tally);
	print_traffic(report, tally);
}

static int table_end(struct report *report, const struct tally *tally, struct error *error)
{
	struct table *table = report->state;

	(void)error;
	print_block(report, table);
	if (table->rows)
		fputc('\n', report->out);
	if (table->conformance)
		report_conformance_print(table->conformance, report->out, report->color);
	report_exceptions_print(report, table->reasons);
	report_totals_print(report, table->reasons, tally);
	return 0;
}

const struct report_style report_table_style = {
	.open = table_open,
	.begin = table_begin,
	.cell = table_cell,
	.end = table_end,
	.close = table_close,
};
