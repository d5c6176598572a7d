/* expected_failures.h - the names that are known to fail, each with its reason: one a line, "NAME REASON". NAME is a cell's or
 * a scenario's, or a shell pattern of such; what follows a '#' at a line's beginning is a comment. */
#ifndef TWPROBE_HARNESS_REPORT_EXPECTED_FAILURES_H
#define TWPROBE_HARNESS_REPORT_EXPECTED_FAILURES_H

#include <stdbool.h>
#include <stddef.h>

#include "cases/books/verdict.h"
#include "crafter/fail.h"

struct expected_failures;

/* NULL with an error that names file and line. */
struct expected_failures *expected_failures_load(const char *path, struct error *error);
void expected_failures_close(struct expected_failures *failures); /* NULL is fine */
/* Why it is known to fail; NULL: it is not. `failures` may be NULL. */
const char *expected_failures_reason(const struct expected_failures *failures, const char *name);

/* Counts one that is known: as `failed`, or as `passed`. True where it passed. */
bool expected_failures_count(const struct expected_failures *failures, const char *name, enum verdict verdict,
			     size_t failed[static VERDICT_COUNT], size_t *passed);

#endif
