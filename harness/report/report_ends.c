/* report_ends.c - the lines of a ladder between two ends, in as many columns as the terminal has. */
#include "harness/report/report_ends.h"

#include <string.h>

#include "crafter/plain.h"

/* NUMBERS_MAX: of all numbers of a segment on one line; NUMBERS_LEAST: with less the states get a line of their own; ARROW:
 * with the blanks around it; BETWEEN: the time and the left state; HANGING: lines that go on. */
enum { NUMBERS_MAX = 62, NUMBERS_LEAST = 24, ARROW = 5, BETWEEN = 2, HANGING = 2, NOTE_SIZE = 256 };

static size_t longer(size_t width, const char *text)
{
	return text_width(text) > width ? text_width(text) : width;
}

static size_t least(size_t one, size_t other)
{
	return one < other ? one : other;
}

struct ends_columns report_ends_columns(FILE *out, const struct ends_columns *wanted, size_t right)
{
	struct ends_columns columns = *wanted;
	size_t all = text_columns(out), narrow = columns.indent + columns.time + ARROW + HANGING, taken;

	columns.left = longer(columns.left, columns.left_name);
	taken = columns.indent + columns.time + BETWEEN + 2 * ARROW + columns.left + longer(right, columns.right_name);
	if (all < taken + NUMBERS_LEAST) {
		columns.left = 0;
		columns.numbers = all > narrow + HANGING ? all - narrow : HANGING;
		return columns;
	}
	columns.numbers = least(all - taken, wanted->numbers ? wanted->numbers : NUMBERS_MAX);
	columns.numbers = least(columns.numbers, NUMBERS_MAX);
	return columns;
}

/* Of a piece that is longer than a line: as far as the last number that fits. */
static const char *cut_piece(const char *piece, const char *end, size_t width)
{
	for (const char *at = piece + width; at > piece + 1; at--)
		if (strchr(" :,", at[-1]))
			return at;
	return end;
}

/* Takes from `text` as much as fits, "PA rcv_nxt-1000", "ack snd_nxt" or "<TS val 1>" in one piece, and moves it on. */
static int take_numbers(const char **text, size_t width)
{
	const char *end = *text, *at = *text;

	while (*at) {
		const char *next = at + strcspn(at, *at == '<' ? ">" : " ");

		/* A word is followed by its number. */
		next += *next == '>' ? 1 : *next ? 1 + strcspn(next + 1, " ") : 0;
		if (end != *text && (size_t)(next - *text) > width)
			break;
		end = (size_t)(next - *text) > width ? cut_piece(at, next, width) : next;
		at = end + strspn(end, " ");
	}
	at = *text;
	*text = end + strspn(end, " ");
	while (end > at && end[-1] == ' ')
		end--;
	return (int)(end - at);
}

/* The numbers that did not fit next to the first ones, and the note on the segment; the cursor is at `column`. */
static void print_rest(FILE *out, const char *note, const char *numbers, size_t width, size_t column, size_t indent)
{
	char text[NOTE_SIZE];

	while (*numbers) {
		const char *piece = numbers;
		int length = take_numbers(&numbers, width);

		fprintf(out, "\n%*s%.*s", (int)indent, "", length, piece);
		column = indent + (size_t)length;
	}
	if (!*note) {
		fputc('\n', out);
		return;
	}
	snprintf(text, sizeof(text), "(%s)", note);
	if (column + 2 + text_width(text) > text_columns(out)) {
		fprintf(out, "\n%*s", (int)indent, "");
		text_wrap(out, text, indent, indent);
		return;
	}
	fputs("  ", out);
	plain_write(out, text, strlen(text));
	fputc('\n', out);
}

void report_ends_names(FILE *out, size_t indent, const struct ends_columns *columns, const char *left, const char *right)
{
	char text[2 * ENDPOINT_TEXT_SIZE + 48];
	bool both = *left && *right;

	snprintf(text, sizeof(text), "%s%s%s%s%s%s%s", *left ? columns->left_name : "", *left ? " " : "", left,
		 both ? ", " : "", *right ? columns->right_name : "", *right ? " " : "", right);
	fprintf(out, "%*s", (int)indent, "");
	text_wrap(out, text, indent, indent);
}

void report_ends_rung(FILE *out, bool color, const struct ends_columns *columns, const struct ends_rung *rung)
{
	const char *arrow = rung->from_left ? "-->" : "<--", *numbers = rung->numbers;
	size_t right = columns->indent + columns->time + BETWEEN + columns->left + 2 * ARROW + columns->numbers;
	size_t hanging = columns->indent + columns->time + ARROW + HANGING + columns->left + (columns->left ? BETWEEN : 0);
	int length = take_numbers(&numbers, columns->numbers);

	fprintf(out, "%s%*s%*s", report_hue_on(color, rung->hue), (int)columns->indent, "", (int)columns->time, rung->time);
	if (columns->left) {
		fprintf(out, "  %-*s %s %-*.*s %s%s%s", (int)columns->left, rung->left, arrow, (int)columns->numbers, length,
			rung->numbers, arrow, *rung->right ? " " : "", rung->right);
		print_rest(out, rung->note, numbers, columns->numbers - HANGING, *rung->right ? right + strlen(rung->right) :
			   right - 1, hanging);
	} else {
		fprintf(out, " %s %.*s", arrow, length, rung->numbers);
		print_rest(out, rung->note, numbers, columns->numbers, hanging - HANGING + (size_t)length, hanging);
		if (*rung->left || *rung->right)
			report_ends_names(out, hanging, columns, rung->left, rung->right);
	}
	fputs(report_hue_off(color, rung->hue), out);
}

void report_ends_head(FILE *out, bool color, const struct ends_columns *columns, const char *time)
{
	if (!columns->left)
		return;
	fprintf(out, "%s%*s%*s  %-*s     %-*s     %s%s\n", report_hue_on(color, HUE_FAINT), (int)columns->indent, "",
		(int)columns->time, time, (int)columns->left, columns->left_name, (int)columns->numbers, "segment",
		columns->right_name, report_hue_off(color, HUE_FAINT));
}

void report_ends_remark(FILE *out, bool color, const struct ends_columns *columns, const char *time, const char *text)
{
	size_t column = columns->indent + columns->time + BETWEEN;

	fprintf(out, "%s%*s%*s  ", report_hue_on(color, HUE_FAINT), (int)columns->indent, "", (int)columns->time, time);
	text_wrap(out, text, column, column);
	fputs(report_hue_off(color, HUE_FAINT), out);
}
