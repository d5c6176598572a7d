/* findings.h - one thing that a step checks: what was expected, what was observed. Pure. */
#ifndef TWPROBE_CASES_SCENARIO_FINDINGS_H
#define TWPROBE_CASES_SCENARIO_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/books/verdict.h"
#include "cases/quantity.h"
#include "cases/scenario/scenario.h"
#include "crafter/seq.h"

enum { FINDING_NAME_SIZE = 160, FINDING_TEXT_SIZE = 112 };

struct finding {
	char name[FINDING_NAME_SIZE];
	char expected[FINDING_TEXT_SIZE], observed[FINDING_TEXT_SIZE];
	bool holds;
};

/* What one step was seen to do. */
struct findings {
	size_t count, room;
	struct finding *list;
	bool lost;         /* one is missing because memory ran out: they do not hold */
	unsigned left_out; /* enum need: checks that were omitted because these are missing */
};

void findings_free(struct findings *findings);

/* Each appends one finding; true when it holds. */
bool findings_check_field(struct findings *findings, const char *name, const char *expected, const char *observed);
bool findings_check_range(struct findings *findings, const char *name, const struct range *expected, double observed);
/* One that does not hold, whatever the texts are. */
void findings_fail(struct findings *findings, const char *name, const char *expected, const char *observed);
bool findings_hold(const struct findings *findings);

/* The answer to a step's segment: class, ISN, acknowledgment, number, against what the step expects. `answer` is NULL for
 * silence; `base` is what the offsets count from. A check with nothing to look at does not hold. */
void findings_check_answer(struct findings *findings, const struct checks *checks, const struct segment *answer,
			   size_t answers,
			   const struct baseline *base);

#endif
