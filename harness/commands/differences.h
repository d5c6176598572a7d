/* differences.h - shows what differs between results, for the commands that compare. */
#ifndef TWPROBE_HARNESS_COMMANDS_DIFFERENCES_H
#define TWPROBE_HARNESS_COMMANDS_DIFFERENCES_H

#include <stdio.h>

#include "harness/report/format.h"
#include "harness/results/compare_print.h"
#include "harness/results/shipped.h"

struct differences {
	struct results *const *files;
	size_t count;
	struct pool *pool;
	bool fields, wider;   /* as compare() has them */
	const char *noun;     /* what is compared; NULL: files */
	const struct notes *notes; /* as a view has them */
	const struct expected_failures *failures;
	struct atlas *atlas;  /* read, not compared; NULL: none */
	const char *baseline; /* what the first file is called; NULL: it is no baseline */
};

/* What --baseline=`text` means. One that ships can be named; a note says so where it is not the release that was asked for. */
int differences_baseline(const char *text, bool fields, struct shipped *shipped, struct error *error);
/* Returns the exit code of the comparison; EXIT_CANNOT_RUN with an error. */
int differences_show(FILE *out, enum format format, const struct differences *differences, struct error *error);

#endif
