/* report_grid.c - a block of cells as a grid: seq down, ts across. */
#include <string.h>

#include "harness/report_internal.h"

/* An expectation is one of a few answers, ISNs or states. */
enum { BOOK_TEXTS_MAX = ANSWER_COUNT + STATE_UNKNOWN + 3, AXIS_MAX = 40, CELL_TEXT_SIZE = ANSWER_TEXT_SIZE + MARKS_SIZE };

struct grid {
	const struct block *block;
	enum book decides;
	bool brief;
	size_t down, across;
	const char *seqs[AXIS_MAX], *tss[AXIS_MAX];
	size_t label_width, widths[AXIS_MAX], width;
};

/* Adds the label where it is new; false when there is no room. */
static bool axis_add(const char *labels[static AXIS_MAX], size_t *count, const char *label)
{
	size_t i;

	for (i = 0; i < *count; i++)
		if (!strcmp(labels[i], label))
			return true;
	if (*count == AXIS_MAX)
		return false;
	labels[(*count)++] = label;
	return true;
}

static const struct row *row_at(const struct grid *grid, size_t down, size_t across)
{
	const struct block *block = grid->block;
	size_t i;

	for (i = 0; i < block->count; i++)
		if (!strcmp(block->rows[i].seq, grid->seqs[down]) && !strcmp(block->rows[i].ts, grid->tss[across]))
			return &block->rows[i];
	return NULL;
}

static const char *cell_text(const struct grid *grid, const struct row *row, char *buffer)
{
	char marks[MARKS_SIZE];
	const char *answer;

	if (!row)
		return strcpy(buffer, "");
	answer = grid->brief ? row->brief : row->text;
	row_marks(row, grid->decides, marks);
	/* An answer that is not known is its own mark. */
	if (row->verdict == VERDICT_INCONCLUSIVE && !strcmp(answer, "?"))
		answer = "";
	snprintf(buffer, CELL_TEXT_SIZE, "%s%s%s", answer, *answer && *marks ? " " : "", marks);
	return buffer;
}

static void measure(struct grid *grid)
{
	char text[CELL_TEXT_SIZE];
	size_t i, j, length;

	grid->label_width = strlen("seq \\ ts");
	for (i = 0; i < grid->down; i++)
		if (strlen(grid->seqs[i]) > grid->label_width)
			grid->label_width = strlen(grid->seqs[i]);
	grid->width = 2 + grid->label_width;
	for (j = 0; j < grid->across; j++) {
		grid->widths[j] = strlen(grid->tss[j]);
		for (i = 0; i < grid->down; i++) {
			length = strlen(cell_text(grid, row_at(grid, i, j), text));
			if (length > grid->widths[j])
				grid->widths[j] = length;
		}
		grid->width += 2 + grid->widths[j];
	}
}

/* False where a list of rows reads better. */
static bool lay_out(struct grid *grid, const struct block *block)
{
	size_t i;

	grid->block = block;
	for (i = 0; i < block->count; i++)
		if (!axis_add(grid->seqs, &grid->down, block->rows[i].seq) ||
		    !axis_add(grid->tss, &grid->across, block->rows[i].ts))
			return false;
	if (grid->down < 2 || grid->across < 2 || block->count * 2 < grid->down * grid->across)
		return false;
	measure(grid);
	if (grid->width > 110) {
		grid->brief = true;
		measure(grid);
	}
	return grid->width <= 110;
}

/* "time-wait/syn", then the conditions, in the words of the cells' names. */
static void print_heading(const struct report *report, const struct block *block)
{
	const char *name = block->rows[0].name, *at = name;
	int slashes = 0;

	fputs(hue_on(report->color, HUE_STRONG), report->out);
	for (; *at; at++) {
		slashes += *at == '/';
		if (slashes < 2)
			fputc(*at, report->out);
		else if (slashes >= 4)
			fputs(*at == '/' ? "  " : (char[]){ *at, '\0' }, report->out);
	}
	fprintf(report->out, "%s\n", hue_off(report->color, HUE_STRONG));
}

static void print_lines(const struct report *report, const struct grid *grid)
{
	char text[CELL_TEXT_SIZE];
	size_t i, j, length;

	fprintf(report->out, "  %s%-*s", hue_on(report->color, HUE_FAINT), (int)grid->label_width, "seq \\ ts");
	for (j = 0; j < grid->across; j++)
		fprintf(report->out, "  %-*s", j + 1 < grid->across ? (int)grid->widths[j] : 0, grid->tss[j]);
	fprintf(report->out, "%s\n", hue_off(report->color, HUE_FAINT));
	for (i = 0; i < grid->down; i++) {
		length = (size_t)fprintf(report->out, "  %s", grid->seqs[i]) - 2;
		/* The padding goes before a cell: no line ends in blanks, and none of them is coloured. */
		size_t pad = grid->label_width - length;

		for (j = 0; j < grid->across; j++) {
			const struct row *row = row_at(grid, i, j);
			enum hue hue = row ? row_hue(row) : HUE_PLAIN;

			cell_text(grid, row, text);
			if (*text)
				fprintf(report->out, "%*s  %s%s%s", (int)pad, "", hue_on(report->color, hue), text,
					hue_off(report->color, hue));
			pad = *text ? grid->widths[j] - strlen(text) : pad + 2 + grid->widths[j];
		}
		fputc('\n', report->out);
	}
}

/* "f: folk expects ACK in 21 cells, RST in 2 cells". */
static void print_book(const struct report *report, const struct block *block, enum book book)
{
	const char *texts[BOOK_TEXTS_MAX];
	size_t counts[BOOK_TEXTS_MAX], kinds = 0, i, kind;
	char count[32];

	for (i = 0; i < block->count; i++) {
		const char *text = block->rows[i].otherwise[book];

		if (!*text)
			continue;
		for (kind = 0; kind < kinds && strcmp(texts[kind], text); kind++)
			;
		if (kind == BOOK_TEXTS_MAX)
			continue;
		if (kind == kinds) {
			texts[kinds] = text;
			counts[kinds++] = 0;
		}
		counts[kind]++;
	}
	if (!kinds)
		return;
	fprintf(report->out, "  %c: %s expects ", book_name(book)[0], book_name(book));
	for (kind = 0; kind < kinds; kind++)
		fprintf(report->out, "%s%s in %s", kind ? ", " : "", texts[kind],
			text_plural(counts[kind], "cell", count, sizeof(count)));
	fputc('\n', report->out);
}

static void print_legend(const struct report *report, const struct grid *grid)
{
	const struct block *block = grid->block;
	bool continued = false, silence = false;
	size_t i, book;

	for (i = 0; grid->brief && i < block->count; i++) {
		continued |= strstr(block->rows[i].brief, "SYN-ACK c") != NULL;
		silence |= strchr(block->rows[i].brief, '-') == block->rows[i].brief;
	}
	if (continued)
		fputs("  SYN-ACK c: its ISN continues the old connection's; without c: fresh\n", report->out);
	if (silence)
		fputs("  -: silence\n", report->out);
	for (book = 0; book < BOOK_COUNT; book++)
		if (book != grid->decides)
			print_book(report, block, (enum book)book);
	for (i = 0; i < block->count; i++)
		if (block->rows[i].verdict == VERDICT_DIFFERS || block->rows[i].verdict == VERDICT_INCONCLUSIVE)
			print_exception(report, &block->rows[i]);
}

bool is_grid(const struct report *report, const struct block *block)
{
	struct grid grid = { .decides = book_parse(report->facts.expect) };

	return lay_out(&grid, block);
}

bool print_grid(const struct report *report, const struct block *block)
{
	struct grid grid = { .decides = book_parse(report->facts.expect) };

	if (!lay_out(&grid, block))
		return false;
	print_heading(report, block);
	print_lines(report, &grid);
	print_legend(report, &grid);
	fputc('\n', report->out);
	return true;
}
