/* report_grid.c - a block of cells as a grid: seq down, ts across. */
#include <string.h>

#include "crafter/textbuf.h"
#include "harness/report/report_internal.h"

/* An expectation is one of a few answers, ISNs or states. */
enum { BOOK_TEXTS_MAX = ANSWER_COUNT + STATE_UNKNOWN + 3, AXIS_MAX = 40, CELL_TEXT_SIZE = ANSWER_TEXT_SIZE + MARKS_SIZE };

/* How much the answers of a grid are abbreviated, so that it fits. */
enum brevity { FULL, BRIEF, BRIEFEST };

struct grid {
	const struct report_block *block;
	enum book decides;
	enum brevity brevity;
	size_t down, across;
	const char *seqs[AXIS_MAX], *tss[AXIS_MAX];
	size_t label_width, widths[AXIS_MAX], width;
};

/* Adds the label where it is new; false when there is no room. */
static bool add_label(const char *labels[static AXIS_MAX], size_t *count, const char *label)
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
	const struct report_block *block = grid->block;
	size_t i;

	for (i = 0; i < block->count; i++)
		if (!strcmp(block->rows[i].seq, grid->seqs[down]) && !strcmp(block->rows[i].ts, grid->tss[across]))
			return &block->rows[i];
	return NULL;
}

/* "SA c" for "SYN-ACK c", as the ladders write flags. */
static const char *shorten(const char *answer, char buffer[static ANSWER_TEXT_SIZE])
{
	static const char whole[] = "SYN-ACK";
	size_t used = 0;

	while (*answer) {
		bool found = !strncmp(answer, whole, sizeof(whole) - 1);

		if (found)
			buffer[used++] = 'S';
		buffer[used++] = found ? 'A' : *answer;
		answer += found ? sizeof(whole) - 1 : 1;
	}
	buffer[used] = '\0';
	return buffer;
}

static const char *cell_text(const struct grid *grid, const struct row *row, char *buffer)
{
	char marks[MARKS_SIZE], brief[ANSWER_TEXT_SIZE];
	const char *answer;

	if (!row)
		return strcpy(buffer, "");
	answer = grid->brevity == FULL ? row->text : row->brief;
	if (grid->brevity == BRIEFEST)
		answer = shorten(answer, brief);
	report_row_marks(row, grid->decides, marks);
	/* An answer that is not known is its own mark. */
	if (row->verdict == VERDICT_MIXED || (row->verdict == VERDICT_INCONCLUSIVE && !strcmp(answer, "?")))
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
static bool lay_out(struct grid *grid, const struct report_block *block, size_t columns)
{
	size_t i;

	grid->block = block;
	for (i = 0; i < block->count; i++)
		if (!add_label(grid->seqs, &grid->down, block->rows[i].seq) ||
		    !add_label(grid->tss, &grid->across, block->rows[i].ts))
			return false;
	if (grid->down < 2 || grid->across < 2 || block->count * 2 < grid->down * grid->across)
		return false;
	measure(grid);
	while (grid->width > columns && grid->brevity < BRIEFEST) {
		grid->brevity++;
		measure(grid);
	}
	return true;
}

/* "time-wait/syn", then the conditions, in the words of the cells' names. */
static void print_heading(const struct report *report, const struct report_block *block)
{
	const char *name = block->rows[0].name;
	char line[CELL_NAME_SIZE];
	size_t used = 0;
	int slashes = 0;

	for (; *name && used + 1 < sizeof(line); name++) {
		slashes += *name == '/';
		if (slashes < 2 || slashes >= 4)
			line[used++] = slashes >= 4 && *name == '/' ? ' ' : *name;
	}
	line[used] = '\0';
	fputs(report_hue_on(report->color, HUE_STRONG), report->out);
	text_wrap(report->out, line, 0, 4);
	fputs(report_hue_off(report->color, HUE_STRONG), report->out);
}

/* One line of the columns from `first` to before `end`. */
static void print_line(const struct report *report, const struct grid *grid, size_t down, size_t first, size_t end)
{
	size_t j, pad = grid->label_width - strlen(grid->seqs[down]);
	char text[CELL_TEXT_SIZE];

	/* The padding goes before a cell: no line ends in blanks, and none of them is coloured. */
	fprintf(report->out, "  %s", grid->seqs[down]);
	for (j = first; j < end; j++) {
		const struct row *row = row_at(grid, down, j);
		enum hue hue = row ? report_row_hue(row) : HUE_PLAIN;

		cell_text(grid, row, text);
		if (*text)
			fprintf(report->out, "%*s  %s%s%s", (int)pad, "", report_hue_on(report->color, hue), text,
				report_hue_off(report->color, hue));
		pad = *text ? grid->widths[j] - strlen(text) : pad + 2 + grid->widths[j];
	}
	fputc('\n', report->out);
}

/* All columns where they fit, else as many at a time as do. */
static void print_lines(const struct report *report, const struct grid *grid)
{
	size_t columns = text_columns(report->out), first, end, width, i, j;

	for (first = 0; first < grid->across; first = end) {
		width = 2 + grid->label_width + 2 + grid->widths[first];
		for (end = first + 1; end < grid->across && width + 2 + grid->widths[end] <= columns; end++)
			width += 2 + grid->widths[end];
		fprintf(report->out, "  %s%-*s", report_hue_on(report->color, HUE_FAINT), (int)grid->label_width,
			"seq \\ ts");
		for (j = first; j < end; j++)
			fprintf(report->out, "  %-*s", j + 1 < end ? (int)grid->widths[j] : 0, grid->tss[j]);
		fprintf(report->out, "%s\n", report_hue_off(report->color, HUE_FAINT));
		for (i = 0; i < grid->down; i++)
			print_line(report, grid, i, first, end);
	}
}

/* "f: folk expects ACK in 21 cells, RST in 2 cells". */
static void print_book(const struct report *report, const struct report_block *block, enum book book)
{
	const char *texts[BOOK_TEXTS_MAX];
	size_t counts[BOOK_TEXTS_MAX], kinds = 0, i, kind;
	char count[32], line[512];
	struct textbuf out;

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
	textbuf_init(&out, line, sizeof(line));
	textbuf_add(&out, "%c: %s expects ", oracle_book_name(book)[0], oracle_book_name(book));
	for (kind = 0; kind < kinds; kind++)
		textbuf_add(&out, "%s%s in %s", kind ? ", " : "", texts[kind],
			    text_plural(counts[kind], "cell", count, sizeof(count)));
	fputs("  ", report->out);
	text_wrap(report->out, line, 2, 5);
}

static void print_legend(const struct report *report, const struct grid *grid)
{
	const struct report_block *block = grid->block;
	bool continued = false, silence = false, syn_ack = false;
	size_t i, book;

	for (i = 0; grid->brevity != FULL && i < block->count; i++) {
		continued |= strstr(block->rows[i].brief, "SYN-ACK c") != NULL;
		syn_ack |= grid->brevity == BRIEFEST && strstr(block->rows[i].brief, "SYN-ACK");
		silence |= block->rows[i].brief[0] == '-';
	}
	if (syn_ack)
		fputs("  SA: SYN-ACK\n", report->out);
	if (continued) {
		fputs("  ", report->out);
		text_wrap(report->out, syn_ack ? "SA c: its ISN continues the old connection's; without c: fresh" :
			  "SYN-ACK c: its ISN continues the old connection's; without c: fresh", 2, 4);
	}
	if (silence)
		fputs("  -: silence\n", report->out);
	for (book = 0; book < BOOK_COUNT; book++)
		if (book != grid->decides && oracle_book_shown((enum book)book, grid->decides))
			print_book(report, block, (enum book)book);
}

bool report_is_grid(const struct report *report, const struct report_block *block)
{
	struct grid grid = { .decides = oracle_book_parse(report->facts.expect) };

	return lay_out(&grid, block, text_columns(report->out));
}

bool report_print_grid(const struct report *report, const struct report_block *block)
{
	struct grid grid = { .decides = oracle_book_parse(report->facts.expect) };

	if (!lay_out(&grid, block, text_columns(report->out)))
		return false;
	print_heading(report, block);
	print_lines(report, &grid);
	print_legend(report, &grid);
	fputc('\n', report->out);
	return true;
}
