/* compare_print.h - a comparison as table, NDJSON, TAP 13, KTAP, JUnit XML, annotations for GitHub, markdown or a page.
 *
 * TAP has a line a cell, "ok" where all files saw the same, "not ok" where they differ, where a file lacks the cell, and
 * where it is inconclusive in some file; "# SKIP" where a file skipped it. NDJSON has one `comparison` record, a `group`
 * record each, and a `summary`. */
#ifndef TWPROBE_HARNESS_RESULTS_COMPARE_PRINT_H
#define TWPROBE_HARNESS_RESULTS_COMPARE_PRINT_H

#include <stdio.h>

#include "harness/report/format.h"
#include "harness/results/compare.h"

struct atlas;
struct expected_failures;
struct notes;

struct compare_view {
	const struct comparison *comparison;
	const struct pool *pool;
	struct results *const *files;
	const char *const *labels; /* one a file, all different */
	const char *noun;          /* what is compared, "paths"; NULL: files */
	const struct expected_failures *failures; /* known differences; NULL: none */
	const struct notes *notes; /* why they differ, for a page; NULL: nobody wrote that down */
	const struct atlas *atlas; /* what a page has beside them; NULL: nothing */
	bool beside;               /* is such a part of a page: its files are in no order, and not all were asked everything */
	/* What else a page says below the groups; may be NULL. */
	void (*more)(void *context, FILE *out);
	void *context;
	const char *baseline;      /* path of the first file where it is the baseline, else NULL */
};

/* The exit code, where what is known to differ does not count, and what is known and does not differ is a failure. */
int compare_exit_known(const struct compare_view *view);
/* How many of the latter; `first` becomes the name of one. */
size_t compare_known_same(const struct compare_view *view, const char **first);

int compare_print(enum format format, FILE *out, const struct compare_view *view, struct error *error);

/* One name a file: its kernel; the file's name where kernels repeat or are not known; its path where that repeats
 * too. Frees nothing; `labels` point into `files`. */
void compare_labels(struct results *const *files, size_t count, const char **labels);

#endif
