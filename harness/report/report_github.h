/* report_github.h - annotations of a workflow, as GitHub reads them from a job's output: "::error title=NAME::TEXT". */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_GITHUB_H
#define TWPROBE_HARNESS_REPORT_REPORT_GITHUB_H

#include <stdio.h>

#include "cases/books/verdict.h"

/* Of what agrees or was skipped there is none. `file`: NULL: it is about no file. `expected`: why it is known to fail; NULL. */
void report_github_annotate(FILE *out, enum verdict verdict, const char *file, const char *name, const char *text,
			    const char *expected);

#endif
