/* report_block.c - the rows that a table holds back until it knows how to show them. */
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/axes.h"
#include "harness/report/report_internal.h"

int report_block_open(struct report_block *block, struct error *error)
{
	block->count = 0;
	block->rows = calloc(BLOCK_MAX, sizeof(*block->rows));
	return block->rows ? 0 : fail(error, "out of memory for the table");
}

/* "below", "+1", "wnd-1": as in a cell's name, without the hyphen that only joins words. */
static const char *axis_label(const struct offset *offset, char label[static OFFSET_TEXT_SIZE])
{
	offset_format(offset, label);
	if (label[0] == '-' && (label[1] < '0' || label[1] > '9'))
		memmove(label, label + 1, strlen(label));
	return label;
}

/* Rows and columns of one grid: they differ in its own axes only. */
static bool same_key(const struct cell *a, const struct cell *b)
{
	return axes_same(a, b, axes_bit(AXIS_SEQ) | axes_bit(AXIS_TS));
}

bool report_block_takes(const struct report_block *block, const struct record *record)
{
	char seq[OFFSET_TEXT_SIZE], ts[OFFSET_TEXT_SIZE];
	size_t i;

	if (!block->count)
		return true;
	if (block->count == BLOCK_MAX || !same_key(&block->key, &record->cell))
		return false;
	axis_label(&record->cell.stimulus.seq, seq);
	axis_label(&record->cell.stimulus.ts, ts);
	for (i = 0; i < block->count; i++)
		if (!strcmp(block->rows[i].seq, seq) && !strcmp(block->rows[i].ts, ts))
			return false;
	return true;
}

int report_block_add(struct report_block *block, const struct record *record, struct error *error)
{
	struct row *row = &block->rows[block->count];
	char name[CELL_NAME_SIZE];
	size_t book;

	row->name = strdup(cell_name(&record->cell, name, sizeof(name)));
	if (!row->name)
		return fail(error, "out of memory for the table");
	axis_label(&record->cell.stimulus.seq, row->seq);
	axis_label(&record->cell.stimulus.ts, row->ts);
	report_outcome_text(record, row->text);
	report_outcome_short(record, row->brief);
	row->after = record->after;
	row->verdict = record->verdict;
	for (book = 0; book < BOOK_COUNT; book++)
		report_otherwise_text(record, (enum book)book, row->otherwise[book]);
	if (!block->count)
		block->key = record->cell;
	block->count++;
	return 0;
}

void report_block_clear(struct report_block *block)
{
	size_t i;

	for (i = 0; i < block->count; i++)
		free(block->rows[i].name);
	block->count = 0;
}

void report_block_close(struct report_block *block)
{
	report_block_clear(block);
	free(block->rows);
	block->rows = NULL;
}

char report_verdict_mark(enum verdict verdict)
{
	static const char marks[VERDICT_COUNT] = {
		[VERDICT_DIFFERS] = '!', [VERDICT_INCONCLUSIVE] = '?', [VERDICT_SKIPPED] = '-',
		[VERDICT_MIXED] = '~',
	};

	return marks[verdict];
}

enum hue report_verdict_hue(enum verdict verdict)
{
	static const enum hue hues[VERDICT_COUNT] = {
		[VERDICT_AGREES] = HUE_GOOD, [VERDICT_DIFFERS] = HUE_BAD, [VERDICT_INCONCLUSIVE] = HUE_UNSURE,
		[VERDICT_SKIPPED] = HUE_FAINT, [VERDICT_MIXED] = HUE_UNSURE,
	};

	return hues[verdict];
}

const char *report_row_marks(const struct row *row, enum book decides, char buffer[static MARKS_SIZE])
{
	size_t book, length = 0;

	if (row->verdict != VERDICT_AGREES && row->verdict != VERDICT_SKIPPED)
		buffer[length++] = report_verdict_mark(row->verdict);
	for (book = 0; book < BOOK_COUNT; book++)
		if (book != decides && *row->otherwise[book])
			buffer[length++] = oracle_book_name((enum book)book)[0];
	buffer[length] = '\0';
	return buffer;
}

enum hue report_row_hue(const struct row *row)
{
	size_t book;

	if (row->verdict != VERDICT_AGREES)
		return report_verdict_hue(row->verdict);
	for (book = 0; book < BOOK_COUNT; book++)
		if (*row->otherwise[book])
			return HUE_OTHERWISE;
	return HUE_PLAIN;
}
