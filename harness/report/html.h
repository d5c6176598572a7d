/* html.h - one page for a browser: no other file, no network. */
#ifndef TWPROBE_HARNESS_REPORT_HTML_H
#define TWPROBE_HARNESS_REPORT_HTML_H

#include <stdio.h>

/* The head with the styles, light and dark, and the title as the first heading. `more`: styles that only some pages need;
 * may be NULL. Nothing needs to follow the last element. */
void html_begin(FILE *out, const char *title, const char *more);
/* A text, with all that means something to HTML escaped, and what is not plain (crafter/plain.h) as '?'. */
void html_text(FILE *out, const char *text);
/* "<tag class=...>text</tag>\n"; `class` may be NULL. */
void html_element(FILE *out, const char *tag, const char *class, const char *text);

/* Lines that were printed for a terminal, unbroken (text_unbroken): each becomes a paragraph, indented as it was. */
struct html_lines {
	FILE *out; /* to be written to */
	char *text;
	size_t size;
};
/* -1: out of memory. */
int html_lines_begin(struct html_lines *lines);
/* Writes them to the page, and ends them. */
void html_lines_end(struct html_lines *lines, FILE *page);

#endif
