/* markdown.c - one line of a document after the other. A paragraph is held until it is whole: scdoc wants it on one line. */
#include "harness/pages/markdown.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 8, COLUMN_SIZE = 64 };

struct page {
	FILE *out;
	const struct markdown_taste *taste;
	char *held;           /* a paragraph or an item of a list, so far */
	size_t size, room;
	bool item;            /* it is one of a list */
	bool fenced, indented; /* literal lines */
	bool skipping;        /* a chapter that nobody wants */
	size_t row;           /* of a table; 0: none is read */
	char columns[COLUMNS_MAX][COLUMN_SIZE];
};

static void put_plain(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (strchr("\\*_+#[]|", text[i]) || (i == 0 && strchr(".-;:'`", text[i])))
			fputc('\\', out);
		fputc(text[i], out);
	}
}

void markdown_plain(FILE *out, const char *text)
{
	put_plain(out, text, strlen(text));
}

static void put_marked(FILE *out, const char *mark, const char *text, size_t length)
{
	fputs(mark, out);
	put_plain(out, text, length);
	fputs(mark, out);
}

/* How long "**bold**" or "`code`" is within its marks; 0: it is none. */
static size_t span(const char *text, const char *mark)
{
	size_t size = strlen(mark);
	const char *end = strncmp(text, mark, size) == 0 ? strstr(text + size, mark) : NULL;

	return end && end > text + size ? (size_t)(end - text) - size : 0;
}

static void put_text(FILE *out, const char *text, const struct markdown_taste *taste);

/* "[text](document)": how many bytes it is; 0: it is none. */
static size_t put_link(FILE *out, const char *text, const struct markdown_taste *taste)
{
	const char *middle = *text == '[' ? strstr(text, "](") : NULL, *end = middle ? strchr(middle, ')') : NULL;
	char *name;

	if (!end || memchr(text + 1, '[', (size_t)(middle - text - 1)))
		return 0;
	if (!taste->reference(out, middle + 2, strcspn(middle + 2, ")#"))) {
		name = strndup(text + 1, (size_t)(middle - text - 1));
		if (name)
			put_text(out, name, taste);
		free(name);
	}
	return (size_t)(end + 1 - text);
}

static void put_text(FILE *out, const char *text, const struct markdown_taste *taste)
{
	for (bool first = true; *text; first = false) {
		size_t length;

		if ((length = span(text, "`"))) {
			put_marked(out, "*", text + 1, length);
			text += length + 2;
		} else if ((length = span(text, "**"))) {
			put_marked(out, "*", text + 2, length);
			text += length + 4;
		} else if ((length = put_link(out, text, taste))) {
			text += length;
		} else {
			if (*text == '\\' && ispunct((unsigned char)text[1]))
				text++;
			/* Only what begins a line can be taken for a mark there. */
			if (first || strchr("\\*_+#[]|", *text))
				put_plain(out, text, 1);
			else
				fputc(*text, out);
			text++;
		}
	}
}

static void hold(struct page *page, const char *text)
{
	size_t length = strlen(text);
	char *more;

	if (page->size + length + 2 > page->room) {
		more = realloc(page->held, page->size + length + 256);
		if (!more)
			abort(); /* a program of the build */
		page->held = more;
		page->room = page->size + length + 256;
	}
	if (page->size)
		page->held[page->size++] = ' ';
	memcpy(page->held + page->size, text, length + 1);
	page->size += length;
}

/* What was held is whole. `blank`: an empty line follows, as after everything but an item of a list. */
static void release(struct page *page)
{
	if (page->size) {
		fputs(page->item ? "- " : "", page->out);
		put_text(page->out, page->held, page->taste);
		fputs(page->item ? "\n" : "\n\n", page->out);
	}
	page->size = 0;
}

static void end_list(struct page *page)
{
	release(page);
	if (page->item)
		fputc('\n', page->out);
	page->item = false;
}

static void put_heading(struct page *page, const char *text, bool chapter)
{
	fputs(chapter ? "# " : "## ", page->out);
	for (; *text; text++)
		if (*text != '`')
			fputc(chapter ? toupper((unsigned char)*text) : *text, page->out);
	fputs("\n\n", page->out);
}

/* The next cell of a row, without the blanks around it; NULL: there are no more. */
static char *next_cell(char **rest)
{
	char *begin = *rest, *end;

	if (!begin || !*begin)
		return NULL;
	for (end = begin; *end && (*end != '|' || end[-1] == '\\'); end++)
		;
	if (!*end)
		return NULL;
	*rest = end + 1;
	*end = '\0';
	begin += strspn(begin, " ");
	while (end > begin && end[-1] == ' ')
		*--end = '\0';
	return begin;
}

/* A definition: the first column, and below it the others. More than two have their headings before them. */
static void put_row(struct page *page, char *line)
{
	char *rest = line + 1, *cell;
	size_t count = 0;

	while (count < COLUMNS_MAX && (cell = next_cell(&rest))) {
		if (page->row == 1) {
			snprintf(page->columns[count], COLUMN_SIZE, "%s", cell);
		} else if (page->row > 2 && *cell) {
			fputs(count == 0 ? "" : count == 1 ? "\n\t" : "\n\n\t", page->out);
			if (count && page->columns[2][0] && page->columns[count][0]) {
				put_text(page->out, page->columns[count], page->taste);
				fputs(": ", page->out);
			}
			put_text(page->out, cell, page->taste);
		}
		count++;
	}
	if (page->row > 2)
		fputs("\n\n", page->out);
}

static void put_literal(struct page *page, const char *line)
{
	for (; *line; line++) {
		if (*line == '\\')
			fputc('\\', page->out);
		fputc(*line, page->out);
	}
	fputc('\n', page->out);
}

/* Whether literal lines go on; begins and ends them. */
static bool literal(struct page *page, const char *line)
{
	bool fence = strncmp(line, "```", 3) == 0;

	if (page->fenced || fence) {
		if (fence) {
			end_list(page);
			page->fenced = !page->fenced;
			fputs(page->fenced ? "```\n" : "```\n\n", page->out);
		} else {
			put_literal(page, line);
		}
		return true;
	}
	if (strncmp(line, "    ", 4) == 0 && !page->size) {
		if (!page->indented) {
			end_list(page);
			fputs("```\n", page->out);
		}
		page->indented = true;
		put_literal(page, line + 4);
		return true;
	}
	if (page->indented)
		fputs("```\n\n", page->out);
	page->indented = false;
	return false;
}

/* "- ", "* ", "1. ": how long the mark of an item is; 0: it is none. */
static size_t item_mark(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	if (digits && strncmp(line + digits, ". ", 2) == 0)
		return digits + 2;
	return strncmp(line, "- ", 2) == 0 || strncmp(line, "* ", 2) == 0 ? 2 : 0;
}

static void take_line(struct page *page, char *line)
{
	size_t mark;

	if (!page->fenced && strncmp(line, "## ", 3) == 0)
		page->skipping = !page->taste->has_chapter(page->taste->context, line + 3);
	if (page->skipping || literal(page, line))
		return;
	if (*line == '|') {
		end_list(page);
		if (++page->row == 1)
			memset(page->columns, 0, sizeof(page->columns));
		put_row(page, line);
		return;
	}
	/* A table may go on behind an empty line. */
	if (*line)
		page->row = 0;
	if (strncmp(line, "## ", 3) == 0 || strncmp(line, "### ", 4) == 0) {
		end_list(page);
		put_heading(page, line + strspn(line, "# "), line[2] == ' ');
	} else if (*line == '#' || strncmp(line, "![", 2) == 0 || !*line) {
		release(page);
	} else if ((mark = item_mark(line))) {
		release(page);
		page->item = true;
		hold(page, line + mark);
	} else {
		if (!page->size && *line != ' ')
			end_list(page);
		hold(page, line + strspn(line, " "));
	}
}

void markdown_write(FILE *out, FILE *document, const struct markdown_taste *taste)
{
	struct page page = { .out = out, .taste = taste };
	char *line = NULL;
	size_t room = 0;

	page.skipping = !taste->has_chapter(taste->context, NULL);
	while (getline(&line, &room, document) > 0) {
		line[strcspn(line, "\n")] = '\0';
		take_line(&page, line);
	}
	literal(&page, "");
	end_list(&page);
	free(line);
	free(page.held);
}
