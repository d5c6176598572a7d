/* atlas.h - what a page about kernels has beside them: the results of other stacks, and of paths before one kernel, that ship
 * with the program. Those of one family were asked the same cells, and are held against the first one: Linux, or no path. */
#ifndef TWPROBE_HARNESS_RESULTS_ATLAS_H
#define TWPROBE_HARNESS_RESULTS_ATLAS_H

#include "cases/case_file.h"
#include "harness/results/compare.h"

enum { ATLAS_FAMILIES = 2 };

struct atlas_family {
	const char *title, *noun, *says; /* "Other stacks", "stacks", a sentence */
	size_t count;                    /* 0: none ship */
	char (*names)[CASE_FILE_NAME_SIZE];
	const char **labels;             /* of the same names */
	struct results **results;
	struct comparison *comparison;   /* after atlas_compare() */
};

struct atlas {
	struct atlas_family families[ATLAS_FAMILIES];
};

/* Reads what ships into `pool`, which must not be compared before that. NULL with an error. */
struct atlas *atlas_read(struct pool *pool, struct progress *progress, struct error *error);
int atlas_compare(struct atlas *atlas, struct pool *pool, struct error *error);
void atlas_free(struct atlas *atlas); /* NULL is fine */

#endif
