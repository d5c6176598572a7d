/* article.h - the manual pages of sections 5 and 7: what docs/ has about files, records and words, as scdoc(5) reads it. */
#ifndef TWPROBE_HARNESS_PAGES_ARTICLE_H
#define TWPROBE_HARNESS_PAGES_ARTICLE_H

#include <stdio.h>

#include "crafter/fail.h"

enum { ARTICLE_CHAPTERS_MAX = 8 };

struct article {
	const char *name;     /* "twprobe-case" */
	int section;
	const char *summary;  /* what the line under NAME says */
	const char *document; /* "case-files.md" */
	/* Those of its chapters ("## ...") that the page has, in the page's order; none: all, and what is before the first. */
	const char *chapters[ARTICLE_CHAPTERS_MAX];
	/* What comes from tables of the program, behind them; NULL: nothing. */
	void (*more)(FILE *out);
};

/* NULL after the last. */
const struct article *article_at(size_t number);
/* `documents`: the folder of the Markdown files. */
int article_write(FILE *out, const struct article *article, const char *documents, struct error *error);

#endif
