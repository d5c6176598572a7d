/* sequence.c - the rows of a sequence diagram, and where they are. */
#include "harness/report/sequence_internal.h"

#include <stdlib.h>
#include <string.h>

#include "harness/report/report_ends.h"
#include "harness/report/text.h"

/* In pixels. TIME: the right end of the times; LEFT, RIGHT: the lines of the two ends. Lines of words in characters. */
enum {
	MARGIN = 16, TIME = 92, LEFT = 206, RIGHT = 768, GAP = 8, ARROW_DOWN = 7, TITLE = 30, PART = 34, LINE = 18, RUNG = 32,
	NUMBERS_CHARACTERS = 74, WORDS_CHARACTERS = 122,
};

enum row_kind { ROW_TITLE, ROW_PART, ROW_NAMES, ROW_RUNG, ROW_REMARK, ROW_WORDS };

struct sequence_row {
	enum row_kind kind;
	bool from_left, strong;
	char *time, *left, *right, *text, *note; /* owned */
	struct sequence_row *next;
};

struct sequence {
	struct sequence_row *first, **last;
	bool failed;
};

const struct sequence_font *sequence_font(enum sequence_look look)
{
	static const struct sequence_font fonts[LOOK_COUNT] = {
		[LOOK_TITLE] = { 17, true, false, false, "h" },
		[LOOK_PART] = { 14, true, false, false, "p" },
		[LOOK_PLAIN] = { 13, false, false, false, "w" },
		[LOOK_FAINT] = { 12, false, true, true, "f" },
		[LOOK_NUMBERS] = { 12, false, true, false, "n" },
		[LOOK_NOTE] = { 12, true, true, false, "b" },
	};

	return &fonts[look];
}

struct sequence *sequence_open(void)
{
	struct sequence *sequence = calloc(1, sizeof(*sequence));

	if (sequence)
		sequence->last = &sequence->first;
	return sequence;
}

static void free_row(struct sequence_row *row)
{
	free(row->time);
	free(row->left);
	free(row->right);
	free(row->text);
	free(row->note);
	free(row);
}

static struct sequence_row *add(struct sequence *sequence, enum row_kind kind, const struct ends_rung *texts)
{
	struct sequence_row *row = calloc(1, sizeof(*row));

	if (!row) {
		sequence->failed = true;
		return NULL;
	}
	*row = (struct sequence_row){ .kind = kind, .from_left = texts->from_left, .strong = texts->hue == HUE_STRONG,
			     .time = strdup(texts->time), .left = strdup(texts->left), .right = strdup(texts->right),
			     .text = strdup(texts->numbers), .note = strdup(texts->note) };
	if (!row->time || !row->left || !row->right || !row->text || !row->note) {
		sequence->failed = true;
		free_row(row);
		return NULL;
	}
	*sequence->last = row;
	sequence->last = &row->next;
	return row;
}

static void add_text(struct sequence *sequence, enum row_kind kind, const char *time, const char *text)
{
	add(sequence, kind, &(struct ends_rung){ .time = time, .left = "", .right = "", .numbers = text, .note = "" });
}

void sequence_title(struct sequence *sequence, const char *text)
{
	add_text(sequence, ROW_TITLE, "", text);
}

void sequence_part(struct sequence *sequence, const char *text)
{
	add_text(sequence, ROW_PART, "", text);
}

void sequence_names(struct sequence *sequence, const char *time, const char *left, const char *right)
{
	add(sequence, ROW_NAMES, &(struct ends_rung){ .time = time, .left = left, .right = right, .numbers = "", .note = "" });
}

void sequence_rung(struct sequence *sequence, const struct ends_rung *rung)
{
	add(sequence, ROW_RUNG, rung);
}

void sequence_remark(struct sequence *sequence, const char *time, const char *text)
{
	add_text(sequence, ROW_REMARK, time, text);
}

void sequence_words(struct sequence *sequence, const char *text)
{
	add_text(sequence, ROW_WORDS, "", text);
}

const char *sequence_name(const struct sequence *sequence)
{
	return sequence->first && sequence->first->kind == ROW_TITLE ? sequence->first->text : "";
}

/* The bytes of the next line of at most `most` columns: whole words, where one fits. */
static size_t line_length(const char *text, size_t most)
{
	size_t end = 0, at = 0;

	while (text[at]) {
		size_t word = strcspn(text + at, " ");

		if (end && at + word > most)
			break;
		end = at + word;
		at = end + strspn(text + end, " ");
	}
	return end;
}

static size_t line_count(const char *text, size_t most)
{
	size_t lines = 0;

	for (; *text; lines++) {
		text += line_length(text, most);
		text += strspn(text, " ");
	}
	return lines ? lines : 1;
}

/* What is above the arrow: numbers and note, which has a line of its own where there is no room. */
static size_t rung_lines(const struct sequence_row *row)
{
	size_t lines = line_count(row->text, NUMBERS_CHARACTERS);

	return lines + (*row->note && (lines > 1 || text_width(row->text) + 1 + text_width(row->note) > NUMBERS_CHARACTERS));
}

static unsigned row_height(const struct sequence_row *row)
{
	switch (row->kind) {
	case ROW_TITLE:
		return TITLE;
	case ROW_PART:
	case ROW_NAMES:
		return PART;
	case ROW_RUNG:
		return RUNG + LINE * (unsigned)(rung_lines(row) - 1);
	case ROW_REMARK:
		return LINE * (unsigned)line_count(row->text, NUMBERS_CHARACTERS) + GAP;
	case ROW_WORDS:
		break;
	}
	return LINE * (unsigned)line_count(row->text, WORDS_CHARACTERS) + GAP;
}

unsigned sequence_height(const struct sequence *sequence)
{
	unsigned height = 2 * MARGIN;

	for (const struct sequence_row *row = sequence->first; row; row = row->next)
		height += row_height(row);
	return height;
}

/* A text in lines, the first with its baseline at `y`; returns that of the line after the last. */
static unsigned draw_lines(const struct sequence_pen *pen, unsigned x, unsigned y, enum sequence_anchor anchor,
			   enum sequence_look look, const char *text, size_t most)
{
	while (*text) {
		size_t length = line_length(text, most);
		char *line = strndup(text, length);

		if (line)
			pen->text(pen->context, x, y, anchor, look, line);
		free(line);
		y += LINE;
		text += length;
		text += strspn(text, " ");
	}
	return y;
}

/* Numbers and note on one line lie around the middle together; a monospaced character is 0.6 of the font's size. */
static void draw_one_line(const struct sequence_pen *pen, const struct sequence_row *row, unsigned y)
{
	const unsigned size = sequence_font(LOOK_NUMBERS)->size, middle = (LEFT + RIGHT) / 2;
	unsigned numbers = (unsigned)text_width(row->text) * size * 6 / 10;
	unsigned note = (unsigned)text_width(row->note) * size * 6 / 10;
	unsigned start = middle - (numbers + size + note) / 2;

	pen->text(pen->context, start, y, ANCHOR_START, LOOK_NUMBERS, row->text);
	pen->text(pen->context, start + numbers + size, y, ANCHOR_START, LOOK_NOTE, row->note);
}

static void draw_rung(const struct sequence_pen *pen, const struct sequence_row *row, unsigned top)
{
	const unsigned middle = (LEFT + RIGHT) / 2, bottom = top + row_height(row), arrow = bottom - ARROW_DOWN;
	unsigned y = top + LINE - 2;

	if (row->strong)
		pen->band(pen->context, LEFT + 1, top, RIGHT - LEFT - 2, bottom - top);
	pen->text(pen->context, TIME, arrow + 4, ANCHOR_END, LOOK_FAINT, row->time);
	pen->text(pen->context, LEFT - GAP, arrow + 4, ANCHOR_END, LOOK_NUMBERS, row->left);
	pen->text(pen->context, RIGHT + GAP, arrow + 4, ANCHOR_START, LOOK_NUMBERS, row->right);
	if (*row->note && rung_lines(row) == 1) {
		draw_one_line(pen, row, y);
	} else {
		y = draw_lines(pen, middle, y, ANCHOR_MIDDLE, LOOK_NUMBERS, row->text, NUMBERS_CHARACTERS);
		pen->text(pen->context, middle, y, ANCHOR_MIDDLE, LOOK_NOTE, row->note);
	}
	pen->arrow(pen->context, row->from_left ? LEFT : RIGHT, row->from_left ? RIGHT : LEFT, arrow);
}

static void draw_row(const struct sequence_pen *pen, const struct sequence_row *row, unsigned top)
{
	switch (row->kind) {
	case ROW_TITLE:
		pen->text(pen->context, MARGIN, top + LINE, ANCHOR_START, LOOK_TITLE, row->text);
		break;
	case ROW_PART:
		pen->text(pen->context, MARGIN, top + LINE + 4, ANCHOR_START, LOOK_PART, row->text);
		break;
	case ROW_NAMES:
		pen->text(pen->context, TIME, top + LINE + 6, ANCHOR_END, LOOK_FAINT, row->time);
		pen->text(pen->context, LEFT, top + LINE + 6, ANCHOR_MIDDLE, LOOK_NOTE, row->left);
		pen->text(pen->context, RIGHT, top + LINE + 6, ANCHOR_MIDDLE, LOOK_NOTE, row->right);
		break;
	case ROW_RUNG:
		draw_rung(pen, row, top);
		break;
	case ROW_REMARK:
		pen->text(pen->context, TIME, top + LINE - 2, ANCHOR_END, LOOK_FAINT, row->time);
		draw_lines(pen, (LEFT + RIGHT) / 2, top + LINE - 2, ANCHOR_MIDDLE, LOOK_FAINT, row->text, NUMBERS_CHARACTERS);
		break;
	case ROW_WORDS:
		draw_lines(pen, MARGIN, top + LINE + GAP, ANCHOR_START, LOOK_PLAIN, row->text, WORDS_CHARACTERS);
		break;
	}
}

/* The ends' lines are as long as the rows from here on that lie between them. */
static void draw_lives(const struct sequence_pen *pen, const struct sequence_row *row, unsigned top)
{
	unsigned bottom = top;

	for (; row && (row->kind == ROW_RUNG || row->kind == ROW_REMARK); row = row->next)
		bottom += row_height(row);
	pen->life(pen->context, LEFT, top, bottom);
	pen->life(pen->context, RIGHT, top, bottom);
}

void sequence_draw(const struct sequence *sequence, const struct sequence_pen *pen)
{
	unsigned top = MARGIN;

	for (const struct sequence_row *row = sequence->first; row; row = row->next) {
		draw_row(pen, row, top);
		top += row_height(row);
		if (row->kind == ROW_NAMES)
			draw_lives(pen, row->next, top);
	}
}

void sequence_close(struct sequence *sequence)
{
	struct sequence_row *next;

	for (struct sequence_row *row = sequence ? sequence->first : NULL; row; row = next) {
		next = row->next;
		free_row(row);
	}
	free(sequence);
}

int sequence_check(const struct sequence *sequence, struct error *error)
{
	return sequence->failed ? fail(error, "out of memory for the picture") : 0;
}
