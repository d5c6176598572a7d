/* report_table.c - records for a person: grids, rows where cells form none, and the summary in words. */
#include <stdlib.h>
#include <string.h>

#include "harness/report_internal.h"

enum { REASONS_MAX = 24, NAME_WIDTH = 44 };

struct skip_reason {
	char *text;
	size_t count;
};

struct table {
	struct block block;
	bool rows; /* the last block was printed as rows: no empty line below it yet */
	size_t reason_count;
	struct skip_reason reasons[REASONS_MAX]; /* of skipped cells; the last one takes what does not fit */
};

static int table_open(struct report *report, struct error *error)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return fail(error, "out of memory for the table");
	if (block_open(&table->block, error)) {
		free(table);
		return -1;
	}
	report->state = table;
	return 0;
}

static void table_close(struct report *report)
{
	struct table *table = report->state;
	size_t i;

	block_close(&table->block);
	for (i = 0; i < table->reason_count; i++)
		free(table->reasons[i].text);
	free(table);
}

static int table_begin(struct report *report, struct error *error)
{
	const struct run_facts *facts = &report->facts;
	char cells[32], shard[48] = "", line[512];

	(void)error;
	if (report->quiet)
		return 0;
	if (facts->shards)
		snprintf(shard, sizeof(shard), ", shard %u/%u", facts->shard, facts->shards);
	snprintf(line, sizeof(line), "twprobe %.20s, %s%.80s, target %.100s, matrix %.100s%s, %s, expecting %s, seed %llu",
		 facts->tool_version, facts->kernel ? "kernel " : "kernel not known", facts->kernel ? facts->kernel : "",
		 facts->target, facts->matrix, shard, text_plural(facts->cells, "cell", cells, sizeof(cells)), facts->expect,
		 (unsigned long long)facts->seed);
	text_wrap(report->out, line, 0, 2);
	fputc('\n', report->out);
	return 0;
}

void print_exception(const struct report *report, const struct row *row)
{
	bool differs = row->verdict == VERDICT_DIFFERS;
	enum hue hue = differs ? HUE_BAD : HUE_UNSURE;
	size_t column = 4 + strlen(row->name) + 2;

	fprintf(report->out, "  %s%c%s %s: ", hue_on(report->color, hue), differs ? '!' : '?',
		hue_off(report->color, hue), row->name);
	text_wrap(report->out, row->reason ? row->reason : row->text, column, 6);
}

/* "folk: ACK, rfc: RST": what the other books expect where they say otherwise. */
static void print_others(const struct report *report, const struct row *row, enum book decides)
{
	size_t book;

	for (book = 0; book < BOOK_COUNT; book++)
		if (book != decides && *row->otherwise[book])
			fprintf(report->out, "  %s%s: %s%s", hue_on(report->color, HUE_OTHERWISE),
				book_name((enum book)book), row->otherwise[book],
				hue_off(report->color, HUE_OTHERWISE));
}

static void print_row(const struct report *report, const struct row *row, size_t width)
{
	const char *after = row->verdict == VERDICT_SKIPPED ? NULL : state_name(row->after);
	enum hue hue = row->verdict == VERDICT_AGREES ? HUE_PLAIN : row_hue(row);

	fprintf(report->out, "%-*s  %s%s%s", (int)width, row->name, hue_on(report->color, hue), row->text,
		hue_off(report->color, hue));
	if (after)
		fprintf(report->out, "%*s  then %s", (int)(strlen(row->text) < 17 ? 17 - strlen(row->text) : 0), "",
			after);
	print_others(report, row, book_parse(report->facts.expect));
	fputc('\n', report->out);
	if (row->verdict == VERDICT_DIFFERS || row->verdict == VERDICT_INCONCLUSIVE)
		print_exception(report, row);
}

static void print_rows(const struct report *report, const struct block *block)
{
	size_t width = NAME_WIDTH, i;

	for (i = 0; i < block->count; i++)
		if (strlen(block->rows[i].name) > width)
			width = strlen(block->rows[i].name);
	for (i = 0; i < block->count; i++)
		print_row(report, &block->rows[i], width);
}

static void print_block(const struct report *report, struct table *table)
{
	if (!table->block.count)
		return;
	if (table->rows && is_grid(report, &table->block))
		fputc('\n', report->out);
	table->rows = !print_grid(report, &table->block);
	if (table->rows)
		print_rows(report, &table->block);
	block_clear(&table->block);
}

static void count_reason(struct table *table, const char *reason)
{
	struct skip_reason *free_one = &table->reasons[table->reason_count];
	size_t i;

	for (i = 0; i < table->reason_count; i++) {
		if (strcmp(table->reasons[i].text, reason) && i + 1 < REASONS_MAX)
			continue;
		table->reasons[i].count++;
		return;
	}
	free_one->text = strdup(i + 1 < REASONS_MAX ? reason : "other reasons");
	free_one->count = 1;
	if (free_one->text)
		table->reason_count++;
}

static int table_cell(struct report *report, const struct record *record, struct error *error)
{
	struct table *table = report->state;

	if (record->verdict == VERDICT_SKIPPED)
		count_reason(table, record->reason);
	if (report->quiet) {
		if (record->verdict != VERDICT_DIFFERS && record->verdict != VERDICT_INCONCLUSIVE)
			return 0;
		if (block_add(&table->block, record, error))
			return -1;
		print_exception(report, &table->block.rows[0]);
		block_clear(&table->block);
		return 0;
	}
	if (!block_takes(&table->block, record))
		print_block(report, table);
	return block_add(&table->block, record, error);
}

/* "175 cells in 0.04 s (4375 cells/s): 175 agree with linux, 0 differ, 0 inconclusive, 0 skipped." */
static void print_counts(const struct report *report, const struct tally *tally)
{
	const size_t *verdicts = tally->verdicts;
	double seconds = (double)(tally->ended_ns - tally->begun_ns) / 1e9;
	bool judged = book_parse(report->facts.expect) != BOOK_COUNT;
	char cells[32];

	fprintf(report->out, "%s in %.*f s (%.0f cells/s): %zu %s%s, ", text_plural(tally->cells, "cell", cells, sizeof(cells)),
		seconds < 1 ? 3 : 1, seconds, seconds > 0 ? (double)tally->cells / seconds : 0,
		verdicts[VERDICT_AGREES], judged ? "agree with " : "answered", judged ? report->facts.expect : "");
	if (judged)
		fprintf(report->out, "%s%zu differ%s, ", hue_on(report->color && verdicts[VERDICT_DIFFERS], HUE_BAD),
			verdicts[VERDICT_DIFFERS], hue_off(report->color && verdicts[VERDICT_DIFFERS], HUE_BAD));
	fprintf(report->out, "%s%zu inconclusive%s, %zu skipped.\n",
		hue_on(report->color && verdicts[VERDICT_INCONCLUSIVE], HUE_UNSURE), verdicts[VERDICT_INCONCLUSIVE],
		hue_off(report->color && verdicts[VERDICT_INCONCLUSIVE], HUE_UNSURE), verdicts[VERDICT_SKIPPED]);
	if (tally->interrupted)
		fprintf(report->out, "Interrupted: %zu of %zu cells were done.\n", tally->cells, report->facts.cells);
}

static void print_books(const struct report *report, const struct tally *tally)
{
	enum book decides = book_parse(report->facts.expect);
	char cells[32];
	size_t book;

	for (book = 0; book < BOOK_COUNT; book++) {
		if (book == decides || (!tally->otherwise[book] && !tally->open[book]))
			continue;
		fprintf(report->out, "%s says otherwise than the kernel in %s", book_name((enum book)book),
			text_plural(tally->otherwise[book], "cell", cells, sizeof(cells)));
		if (tally->open[book])
			fprintf(report->out, " and leaves %zu open", tally->open[book]);
		fputs(".\n", report->out);
	}
}

static int table_end(struct report *report, const struct tally *tally, struct error *error)
{
	struct table *table = report->state;
	char cells[32];
	size_t i;

	(void)error;
	print_block(report, table);
	if (table->rows)
		fputc('\n', report->out);
	print_counts(report, tally);
	if (report->quiet)
		return 0;
	print_books(report, tally);
	for (i = 0; i < table->reason_count; i++)
		fprintf(report->out, "Skipped %s: %s.\n",
			text_plural(table->reasons[i].count, "cell", cells, sizeof(cells)), table->reasons[i].text);
	fprintf(report->out, "%llu segments sent, %llu heard; %llu dropped by the capture; %llu of the set-up sent again.\n",
		(unsigned long long)tally->segments_sent, (unsigned long long)tally->segments_heard,
		(unsigned long long)tally->capture_dropped, (unsigned long long)tally->resent);
	return 0;
}

const struct report_style report_table_style = {
	.open = table_open,
	.begin = table_begin,
	.cell = table_cell,
	.end = table_end,
	.close = table_close,
};
