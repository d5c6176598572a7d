/* explain.h - what `twprobe explain` is asked, and what it tells as records. */
#ifndef TWPROBE_HARNESS_COMMANDS_EXPLAIN_H
#define TWPROBE_HARNESS_COMMANDS_EXPLAIN_H

#include <stdio.h>

#include "cases/books/oracle_fields.h"
#include "cases/books/oracle_fields_remains.h"
#include "cases/matrix/cell.h"
#include "crafter/fail.h"
#include "harness/diagnose/cause.h"

struct explain_question {
	struct cell cell;
	struct kernel kernel; /* whose rules; of no version: every kernel's */
	bool kernel_given;    /* by --kernel: then no other versions are told */
};

/* One thing that the linux book says beside the answer. */
struct explain_rule {
	const char *name;     /* "seq", "after.timer" */
	const char *expected; /* may be `text` */
	const char *rule;     /* kernel function and condition */
	char text[FIELD_TEXT_SIZE];
};

enum { EXPLAIN_RULES_MAX = FIELD_COUNT };
_Static_assert((int)EXPLAIN_RULES_MAX >= (int)REMAIN_COUNT && (int)FIELD_TEXT_SIZE >= (int)REMAIN_TEXT_SIZE,
	       "rules of either kind fit");

/* Why no subject meets the stimulus as the cell's sysctls have it; NULL: it does. */
const char *explain_bar(const struct explain_question *question);
/* Those of any kernel; false: all answer alike, or one was asked for. */
bool explain_versions(const struct explain_question *question, struct alternatives *alternatives);
/* Of the fields of this answer, and of the socket that the cell leaves; how many there are. */
size_t explain_fields(const struct explain_question *question, enum answer answer,
		      struct explain_rule rules[static EXPLAIN_RULES_MAX]);
size_t explain_remains(const struct explain_question *question, struct explain_rule rules[static EXPLAIN_RULES_MAX]);

/* One record. The caller checks `out` for errors; -1: out of memory. */
int explain_cell_json(const struct explain_question *question, FILE *out, struct error *error);
int explain_finding_json(const struct cause *cause, FILE *out, struct error *error);

#endif
