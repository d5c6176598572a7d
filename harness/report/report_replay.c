/* report_replay.c - a replay for a person: cells with the same answers make a row, with the first of them by name below. */
#include "harness/report/report_replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/textbuf.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_replay_internal.h"

/* NAMES: of the cells in a row, where not all are shown; one where there is nothing to explain. */
enum { NAMES = 3, INDENT = 2, GAP = 2, CELL_WIDTH = 96, LINE_SIZE = 2048, PLURAL_SIZE = 48 };
enum { COLUMN_STATE, COLUMN_CAPTURE, COLUMN_EXPECTED, COLUMN_NOW, COLUMN_COUNT };

static const char *const titles[REPLAY_RESULTS] = {
	[REPLAY_DIFFERS] = "Answered otherwise:",
	[REPLAY_EXPLAINED] = "Otherwise, but the linux book expects both, of different kernels, processes or settings:",
	[REPLAY_UNCERTAIN] = "Answered otherwise, but the capture does not show enough to compare:",
	[REPLAY_UNANSWERED] = "No certain answer now:",
	[REPLAY_SAME] = "Answered in the same way:",
};
static const enum hue hues[REPLAY_RESULTS] = {
	[REPLAY_DIFFERS] = HUE_BAD, [REPLAY_EXPLAINED] = HUE_OTHERWISE, [REPLAY_UNCERTAIN] = HUE_UNSURE,
	[REPLAY_UNANSWERED] = HUE_UNSURE, [REPLAY_SAME] = HUE_GOOD,
};

/* Cells with the same result, state and answers. */
struct like {
	char texts[COLUMN_COUNT][CELL_WIDTH];
	enum replay_result result;
	size_t cells, named;
	uint64_t encounters;
};

struct sides {
	const struct report_replay_facts *facts;
	const struct replay *replay;
	struct like *rows;
	size_t count, *row_of; /* row_of: each cell's */
	size_t widths[COLUMN_COUNT];
	bool columns;          /* they fit next to each other */
};

/* The answers that may be expected, each once. */
static void write_expected(const struct alternatives *expected, char text[static CELL_WIDTH])
{
	unsigned written = 0;
	struct textbuf out;

	textbuf_init(&out, text, CELL_WIDTH);
	for (uint8_t i = 0; i < expected->count; i++) {
		enum answer answer = expected->list[i].expectation.answer;
		char word[ANSWER_TEXT_SIZE];

		if (!(written & 1U << answer))
			textbuf_item(&out, " / ", "%s", report_answer_text(answer, ISN_NONE, word));
		written |= 1U << answer;
	}
}

static void write_texts(const struct sides *table, const struct replay_cell *cell, char texts[COLUMN_COUNT][CELL_WIDTH])
{
	char text[ANSWER_TEXT_SIZE];
	struct textbuf out;

	snprintf(texts[COLUMN_STATE], CELL_WIDTH, "%s", state_name(cell->cell.state));
	textbuf_init(&out, texts[COLUMN_CAPTURE], CELL_WIDTH);
	for (uint8_t i = 0; i < cell->seen_count; i++)
		textbuf_item(&out, " / ", "%s", report_answer_text(cell->seen[i].answer, cell->seen[i].isn, text));
	write_expected(&cell->expected[table->facts->decides], texts[COLUMN_EXPECTED]);
	snprintf(texts[COLUMN_NOW], CELL_WIDTH, "%s", cell->answered ? report_answer_text(cell->answer, cell->isn, text) : "?");
}

static size_t find_row(struct sides *table, const struct replay_cell *cell)
{
	struct like *row = &table->rows[table->count];
	size_t i = 0;

	memset(row, 0, sizeof(*row));
	row->result = cell->result;
	write_texts(table, cell, row->texts);
	while (table->rows[i].result != row->result || memcmp(table->rows[i].texts, row->texts, sizeof(row->texts)) != 0)
		i++;
	table->count += i == table->count;
	return i;
}

static const char *head_of(const struct sides *table, int column)
{
	static const char *const heads[COLUMN_COUNT] = { "state", "capture", NULL, "now" };

	return heads[column] ? heads[column] : oracle_book_name(table->facts->decides);
}

static void measure(struct sides *table)
{
	size_t all = INDENT;

	for (int column = 0; column < COLUMN_COUNT; column++) {
		table->widths[column] = strlen(head_of(table, column));
		for (size_t i = 0; i < table->count; i++)
			if (strlen(table->rows[i].texts[column]) > table->widths[column])
				table->widths[column] = strlen(table->rows[i].texts[column]);
		all += table->widths[column] + GAP;
	}
	table->columns = all + sizeof("9999 cells") <= text_columns(table->facts->out);
}

static int make_table(struct sides *table, struct error *error)
{
	const struct replay_cell *cell;
	struct replay_counts counts;

	replay_count(table->replay, &counts);
	table->rows = calloc(counts.cells + 1, sizeof(*table->rows));
	table->row_of = calloc(counts.cells + 1, sizeof(*table->row_of));
	if (!table->rows || !table->row_of)
		return fail(error, "out of memory for the cells that were asked again");
	for (size_t i = 0; (cell = replay_at(table->replay, i)); i++) {
		struct like *row;

		table->row_of[i] = find_row(table, cell);
		row = &table->rows[table->row_of[i]];
		row->cells++;
		row->encounters += cell->encounters;
	}
	measure(table);
	return 0;
}

static void print_line(const struct sides *table, const char *text, size_t indent)
{
	fprintf(table->facts->out, "%*s", (int)indent, "");
	text_wrap(table->facts->out, text, indent, indent + INDENT);
}

static void print_head(const struct sides *table)
{
	if (!table->columns)
		return;
	fprintf(table->facts->out, "%*s", INDENT, "");
	for (int column = 0; column < COLUMN_COUNT; column++)
		fprintf(table->facts->out, "%s%*s", head_of(table, column), column + 1 < COLUMN_COUNT ?
			(int)(table->widths[column] + GAP - strlen(head_of(table, column))) : 0, "");
	fputc('\n', table->facts->out);
}

static void print_row(const struct sides *table, const struct like *row)
{
	char line[LINE_SIZE], cells[PLURAL_SIZE];
	struct textbuf out;

	textbuf_init(&out, line, sizeof(line));
	for (int column = 0; table->columns && column < COLUMN_COUNT; column++)
		textbuf_add(&out, "%-*s", (int)(table->widths[column] + GAP), row->texts[column]);
	if (table->columns) {
		fprintf(table->facts->out, "%*s%s%s\n", INDENT, "", line,
			text_plural(row->cells, "cell", cells, sizeof(cells)));
		return;
	}
	textbuf_add(&out, "%s: capture %s, %s %s, now %s, in %s", row->texts[COLUMN_STATE], row->texts[COLUMN_CAPTURE],
		    oracle_book_name(table->facts->decides), row->texts[COLUMN_EXPECTED], row->texts[COLUMN_NOW],
		    text_plural(row->cells, "cell", cells, sizeof(cells)));
	print_line(table, line, INDENT);
}

/* The name is to be copied: not broken. */
static void print_cell(const struct sides *table, const struct replay_cell *cell)
{
	char name[CELL_NAME_SIZE], line[LINE_SIZE], times[PLURAL_SIZE], answer[ANSWER_TEXT_SIZE];
	struct textbuf out;

	fprintf(table->facts->out, "%*s%s\n", 2 * INDENT, "", cell_name(&cell->cell, name, sizeof(name)));
	textbuf_init(&out, line, sizeof(line));
	textbuf_add(&out, "first in frame %" PRIu64, cell->frame);
	if (cell->seen_count == 1 && cell->encounters > 1)
		textbuf_add(&out, ", %s", text_plural((size_t)cell->encounters, "time", times, sizeof(times)));
	for (uint8_t i = 0; cell->seen_count > 1 && i < cell->seen_count; i++)
		textbuf_add(&out, ", %s %s", report_answer_text(cell->seen[i].answer, cell->seen[i].isn, answer),
			    text_plural((size_t)cell->seen[i].encounters, "time", times, sizeof(times)));
	if (*cell->lacks)
		textbuf_add(&out, "; the cell does not repeat: %s", cell->lacks);
	if (*cell->why)
		textbuf_add(&out, "; %s", cell->why);
	else if (cell->missing)
		textbuf_add(&out, "; uncertain in the capture: %s", cell->missing);
	print_line(table, line, 3 * INDENT);
}

static void print_cells(const struct sides *table, size_t number)
{
	const struct like *row = &table->rows[number];
	const struct replay_cell *cell;
	size_t shown = 0, most = row->result == REPLAY_SAME ? 1 : NAMES;

	for (size_t i = 0; (cell = replay_at(table->replay, i)); i++) {
		if (table->row_of[i] != number)
			continue;
		if (shown == most && !table->facts->every_one && row->result != REPLAY_DIFFERS) {
			fprintf(table->facts->out, "%*sand %zu more (-v shows all)\n", 2 * INDENT, "", row->cells - shown);
			return;
		}
		print_cell(table, cell);
		shown++;
	}
}

static void print_result(const struct sides *table, enum replay_result result)
{
	const struct report_replay_facts *facts = table->facts;
	bool any = false;

	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].result != result)
			continue;
		if (!any) {
			fprintf(facts->out, "\n%s", report_hue_on(facts->color, hues[result]));
			text_wrap(facts->out, titles[result], 0, INDENT);
			fputs(report_hue_off(facts->color, hues[result]), facts->out);
			print_head(table);
		}
		any = true;
		print_row(table, &table->rows[i]);
		print_cells(table, i);
	}
}

static void print_summary(const struct sides *table, const struct replay_counts *counts)
{
	const char *kernel = replay_kernel(table->replay);
	bool in_lab = strcmp(replay_target(table->replay), "lab") == 0;
	char line[LINE_SIZE], cells[PLURAL_SIZE], encounters[PLURAL_SIZE];
	struct textbuf out;

	textbuf_init(&out, line, sizeof(line));
	textbuf_add(&out, "Asked again now, %s%s%s%s%s%s%s: %s of %s: %zu answered in the same way",
		    in_lab ? "in the lab" : "at ", in_lab ? "" : replay_target(table->replay),
		    *replay_path(table->replay) ? " over the path " : "", replay_path(table->replay),
		    kernel ? " (Linux " : "", kernel ? kernel : "", kernel ? ")" : "",
		    text_plural(counts->cells, "cell", cells, sizeof(cells)),
		    text_plural((size_t)counts->encounters, "encounter", encounters, sizeof(encounters)),
		    counts->results[REPLAY_SAME]);
	if (counts->results[REPLAY_DIFFERS])
		textbuf_add(&out, ", %zu otherwise", counts->results[REPLAY_DIFFERS]);
	if (counts->results[REPLAY_EXPLAINED])
		textbuf_add(&out, ", %zu otherwise as the linux book expects", counts->results[REPLAY_EXPLAINED]);
	if (counts->results[REPLAY_UNCERTAIN])
		textbuf_add(&out, ", %zu uncertain", counts->results[REPLAY_UNCERTAIN]);
	if (counts->results[REPLAY_UNANSWERED])
		textbuf_add(&out, ", %zu without a certain answer now", counts->results[REPLAY_UNANSWERED]);
	fputc('\n', table->facts->out);
	print_line(table, line, 0);
	if (counts->without_cell) {
		snprintf(line, sizeof(line), "%s cannot be asked again: no cell is the same question",
			 text_plural((size_t)counts->without_cell, "encounter", encounters, sizeof(encounters)));
		print_line(table, line, INDENT);
	}
	if (counts->beyond) {
		snprintf(line, sizeof(line), "%s not asked again: more than %d different cells",
			 text_plural((size_t)counts->beyond, "encounter", encounters, sizeof(encounters)), REPLAY_CELLS_MAX);
		print_line(table, line, INDENT);
	}
}

int report_replay(const struct report_replay_facts *facts, const struct replay *replay, struct error *error)
{
	struct sides table = { .facts = facts, .replay = replay };
	struct replay_counts counts;
	int result = 0;

	replay_count(replay, &counts);
	if (facts->format != FORMAT_TABLE && facts->format != FORMAT_JSON)
		return 0;
	if (counts.failed && counts.results[REPLAY_UNANSWERED] == counts.cells)
		return 0;
	if (facts->format == FORMAT_JSON) {
		report_replay_json(facts, replay);
		return 0;
	}
	result = make_table(&table, error);
	if (result == 0) {
		print_summary(&table, &counts);
		for (enum replay_result i = 0; i < REPLAY_RESULTS; i++)
			print_result(&table, i);
	}
	free(table.rows);
	free(table.row_of);
	return result;
}
