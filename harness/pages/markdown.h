/* markdown.h - the Markdown of docs/ as the text that scdoc(5) makes manual pages of. Headings, paragraphs, lists, tables,
 * literal lines, code, bold, links: what the documents use, and no more of that language. */
#ifndef TWPROBE_HARNESS_PAGES_MARKDOWN_H
#define TWPROBE_HARNESS_PAGES_MARKDOWN_H

#include <stdbool.h>
#include <stdio.h>

struct markdown_taste {
	/* Whether a chapter ("## HEADING") is wanted; NULL: what is before the first. */
	bool (*has_chapter)(const void *context, const char *heading);
	/* Writes what takes the place of a link to this document, if something does; else the link's text stands. */
	bool (*reference)(FILE *out, const char *document, size_t length);
	const void *context;
};

/* The first heading is left out: a page has its own. A table becomes a list of its first column, with the others below. */
void markdown_write(FILE *out, FILE *document, const struct markdown_taste *taste);
/* Text that has no markup, as it is. */
void markdown_plain(FILE *out, const char *text);

#endif
