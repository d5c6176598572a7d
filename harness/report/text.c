/* text.c - widths and line breaks. */
#include "harness/report/text.h"

#include <ctype.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "crafter/plain.h"

enum { TEXT_WIDEST = 1000, MEANING_LEAST = 30, MEANING_INDENT = 6 };

static FILE *unbroken;

void text_unbroken(FILE *out)
{
	unbroken = out;
}

/* Asked for every line, and what is no terminal does not become one. */
static bool is_terminal(FILE *out)
{
	static FILE *asked;
	static bool terminal;

	if (out != asked)
		terminal = isatty(fileno(out));
	asked = out;
	return terminal;
}

size_t text_columns(FILE *out)
{
	const char *said = getenv("COLUMNS");
	size_t columns = said && isdigit((unsigned char)*said) ? strtoul(said, NULL, 10) : 0;
	struct winsize window;

	if (columns == 0 && is_terminal(out) && ioctl(fileno(out), TIOCGWINSZ, &window) == 0)
		columns = window.ws_col;
	if (columns == 0)
		columns = TEXT_USUAL;
	return columns < TEXT_NARROWEST ? TEXT_NARROWEST : columns > TEXT_WIDEST ? TEXT_WIDEST : columns;
}

/* Of the first `length` bytes. They may be no UTF-8: then each byte is a column. */
static size_t width_of(const char *text, size_t length)
{
	static locale_t utf8;
	const char *end = text + length;
	size_t width = 0;
	locale_t before;

	if (!utf8)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	before = utf8 ? uselocale(utf8) : (locale_t)0;
	while (text < end) {
		mbstate_t state = { 0 };
		wchar_t letter;
		size_t bytes;

		if (*text >= ' ' && *text <= '~') { /* nearly all of it */
			width++;
			text++;
			continue;
		}
		if (*text == '\033' && end - text > 1 && text[1] == '[') {
			for (text += 2; text < end && (*text < '@' || *text > '~'); text++)
				;
			text += text < end;
			continue;
		}
		bytes = mbrtowc(&letter, text, (size_t)(end - text), &state);
		if (bytes == 0 || bytes > (size_t)(end - text)) {
			bytes = 1;
			letter = L'?';
		}
		width += wcwidth(letter) < 0 ? 1 : (size_t)wcwidth(letter);
		text += bytes;
	}
	if (before)
		uselocale(before);
	return width;
}

size_t text_width(const char *text)
{
	return width_of(text, strlen(text));
}

static size_t prose_columns(FILE *out)
{
	size_t columns;

	if (unbroken && out == unbroken)
		return SIZE_MAX;
	columns = text_columns(out);
	return columns < TEXT_PROSE ? columns : TEXT_PROSE;
}

/* What is no ASCII stays only where the terminal can read it; sequences that set colours are ours. */
static void put(FILE *out, const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end) {
		size_t run = *text == '\033' ? 1 : strcspn(text, "\033");

		run = run < (size_t)(end - text) ? run : (size_t)(end - text);
		if (*text == '\033')
			fputc(*text, out);
		else
			plain_write(out, text, run);
		text += run;
	}
}

void text_wrap(FILE *out, const char *text, size_t column, size_t indent)
{
	size_t most = prose_columns(out), start = column;

	while (*(text += strspn(text, " \n"))) {
		size_t length = strcspn(text, " \n"), width = most == SIZE_MAX ? length : width_of(text, length);
		size_t blank = column > start;

		if (column + blank + width > most && column > indent) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = start = indent;
			blank = 0;
		}
		fputs(blank ? " " : "", out);
		put(out, text, length);
		column += blank + width;
		text += length;
	}
	fputc('\n', out);
}

void text_message(FILE *out, const char *who, const char *text)
{
	char line[1024];
	size_t indent = strlen("twprobe: ");

	plain_show(text, line, sizeof(line));
	fputs(who, out);
	if (isatty(fileno(out)))
		text_wrap(out, line, strlen(who), indent);
	else
		fprintf(out, "%s\n", line);
}

void text_entry(FILE *out, const char *term, size_t column, const char *meaning)
{
	size_t width = text_width(term);

	if (column + MEANING_LEAST > prose_columns(out))
		column = MEANING_INDENT;
	if (width + 1 > column) {
		size_t indent = strspn(term, " ");

		fprintf(out, "%*s", (int)indent, "");
		text_wrap(out, term, indent, indent + 2);
		width = 0;
	} else {
		fputs(term, out);
	}
	fprintf(out, "%*s", (int)(column - width), "");
	text_wrap(out, meaning, column, column);
}

/* What the lines of a page so far say: an entry where `column` is not 0, else a paragraph. */
struct item {
	char term[160], text[2048];
	size_t column, indent;
};

static void print_item(FILE *out, struct item *item)
{
	if (item->column) {
		text_entry(out, item->term, item->column, item->text);
	} else if (*item->text) {
		fprintf(out, "%*s", (int)item->indent, "");
		text_wrap(out, item->text, item->indent, item->indent);
	}
	*item = (struct item){ 0 };
}

static void add_text(struct item *item, const char *line, size_t length)
{
	size_t used = strlen(item->text);

	snprintf(item->text + used, sizeof(item->text) - used, "%s%.*s", used ? " " : "", (int)length, line);
}

/* The blanks between a term and its meaning are two at least; NULL: the line has no meaning. */
static const char *meaning_of(const char *line, size_t indent, size_t length)
{
	const char *gap = memmem(line + indent, length - indent, "  ", 2);

	return gap && indent ? gap + strspn(gap, " ") : NULL;
}

static void take_line(FILE *out, struct item *item, const char *line, size_t length)
{
	size_t indent = strspn(line, " ");
	const char *meaning = meaning_of(line, indent, length);

	if (length == 0) {
		print_item(out, item);
		fputc('\n', out);
	} else if (indent >= MEANING_LEAST / 2 && (item->column || item->indent)) {
		if (!item->column) { /* a term alone on the line before */
			snprintf(item->term, sizeof(item->term), "%*s%.120s", (int)item->indent, "", item->text);
			*item->text = '\0';
			item->column = indent;
		}
		add_text(item, line + indent, length - indent);
	} else if (indent || item->column || item->indent) {
		print_item(out, item);
		item->indent = indent;
		add_text(item, meaning ? meaning : line + indent, length - (meaning ? (size_t)(meaning - line) : indent));
		if (meaning) {
			item->column = (size_t)(meaning - line);
			snprintf(item->term, sizeof(item->term), "%.*s", (int)item->column, line);
			for (char *end = item->term + strlen(item->term); end > item->term && end[-1] == ' '; )
				*--end = '\0';
		}
	} else {
		add_text(item, line, length);
	}
}

void text_page(FILE *out, const char *page)
{
	struct item item = { 0 };

	while (*page) {
		size_t length = strcspn(page, "\n");

		take_line(out, &item, page, length);
		page += length + (page[length] == '\n');
	}
	print_item(out, &item);
}

const char *text_plural(size_t count, const char *noun, char *buffer, size_t size)
{
	snprintf(buffer, size, "%zu %s%s", count, noun, count == 1 ? "" : "s");
	return buffer;
}
