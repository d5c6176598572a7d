/* shipped.h - the results of other kernels that ship with the program: which file the name of a kernel means.
 *
 * They hold what a comparison needs and nothing else: no fields of answers, no times. */
#ifndef TWPROBE_HARNESS_RESULTS_SHIPPED_H
#define TWPROBE_HARNESS_RESULTS_SHIPPED_H

#include <limits.h>

#include "cases/case_file.h"
#include "harness/results/results.h"

enum { SHIPPED_MAX = 64 };

struct shipped {
	char version[CASE_FILE_NAME_SIZE]; /* "6.12.118"; "": `path` is a file of the user's own */
	char path[PATH_MAX];
	bool instead; /* another release of the series was asked for */
};

/* What `text` means: a file, where there is one or where it looks like the path of one; else the version of a kernel
 * ("6.12.118", or what uname -r prints), or a series ("6.12"): its newest release that ships, as for a release that does not.
 * The error for anything else lists those that there are. */
int shipped_find(const char *text, struct shipped *shipped, struct error *error);
/* Reads one that ships; its kernel is called by the version. NULL on error. */
struct results *shipped_read(const struct shipped *shipped, struct pool *pool, struct progress *progress,
			     struct error *error);
/* The versions, from the oldest on, `most` at most; returns how many. */
size_t shipped_list(char (*versions)[CASE_FILE_NAME_SIZE], size_t most);

#endif
