/* html.c - the styles, and texts without a tag in them. */
#include "harness/report/html.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/plain.h"
#include "harness/report/text.h"

enum { INDENT = 2, DEEPEST = 4 };

/* A ladder is a table whose middle column is drawn over: its two borders are the ends, and an arrow is a line with a head. */
__asm__(".section .rodata\n"
	"html_style: .incbin \"harness/report/html.css\"\n"
	".byte 0\n"
	".previous");
extern const char html_style[] __attribute__((visibility("hidden")));

void html_text(FILE *out, const char *text)
{
	while (*text) {
		size_t run = strcspn(text, "&<>\"'");

		plain_write(out, text, run);
		text += run;
		if (*text)
			fprintf(out, "&#%d;", *text++);
	}
}

void html_element(FILE *out, const char *tag, const char *class, const char *text)
{
	fprintf(out, class ? "<%s class=\"%s\">" : "<%s>", tag, class);
	html_text(out, text);
	fprintf(out, "</%s>\n", tag);
}

void html_begin(FILE *out, const char *title, const char *more)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n", out);
	html_element(out, "title", NULL, title);
	/* No place of the network can be asked, whatever was written below. */
	fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
	      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n", out);
	fprintf(out, "<style>\n%s%s</style>\n</head>\n<body>\n", html_style, more ? more : "");
	html_element(out, "h1", NULL, title);
}

int html_lines_begin(struct html_lines *lines)
{
	lines->text = NULL;
	lines->out = open_memstream(&lines->text, &lines->size);
	text_unbroken(lines->out);
	return lines->out ? 0 : -1;
}

/* "ask again: twprobe CELL": what is typed looks like it. */
static void write_line(FILE *page, char *line)
{
	static const char again[] = "ask again: ";

	if (strncmp(line, again, sizeof(again) - 1) != 0) {
		html_text(page, line);
		return;
	}
	fprintf(page, "%s<code>", again);
	html_text(page, line + sizeof(again) - 1);
	fputs("</code>", page);
}

void html_lines_end(struct html_lines *lines, FILE *page)
{
	char *line = NULL, *rest;

	text_unbroken(NULL);
	if (fclose(lines->out) == 0)
		line = lines->text;
	for (; line && *line; line = rest) {
		size_t blanks = strspn(line, " "), depth = blanks / INDENT;

		rest = line + strcspn(line, "\n");
		if (*rest)
			*rest++ = '\0';
		if (!line[blanks])
			continue;
		fprintf(page, "<p class=\"i%zu\">", depth < DEEPEST ? depth : DEEPEST - 1);
		write_line(page, line + blanks);
		fputs("</p>\n", page);
	}
	free(lines->text);
}
