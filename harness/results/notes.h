/* notes.h - why results differ, as somebody wrote it down: a file of records, each an explanation and the groups of differences
 * that it is for (docs/records.md). */
#ifndef TWPROBE_HARNESS_RESULTS_NOTES_H
#define TWPROBE_HARNESS_RESULTS_NOTES_H

#include <stddef.h>

#include "harness/results/compare.h"

/* Texts, plain ones (crafter/plain.h). */
struct note_list {
	size_t count;
	char **texts;
};

/* Differences that a note is for. An empty list: any. */
struct note_scope {
	struct note_list cells, what; /* shell patterns of names; what differs, as the group says it */
};

struct note {
	char *title, *about;          /* about: since when, how certain; NULL: not said */
	struct note_list says;        /* paragraphs; `code` between backquotes */
	size_t scope_count;
	struct note_scope *scopes;
};

struct notes {
	size_t count;
	struct note *list;
};

/* NULL with an error that names file and line. */
struct notes *notes_load(const char *path, struct error *error);
/* The number of the first note for this group: one scope has all of its cells; notes->count: none is. */
size_t notes_find(const struct notes *notes, const struct pool *pool, const struct group *group, const char *what);
void notes_free(struct notes *notes); /* NULL is fine */

#endif
