/* report_who.h - whose TCP a target has, for a person and as NDJSON. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_WHO_H
#define TWPROBE_HARNESS_REPORT_REPORT_WHO_H

#include <stdio.h>

#include "crafter/fail.h"
#include "harness/diagnose/suspects.h"

/* What can be said. */
enum who {
	WHO_NAMED,   /* one set of kernels gives all answers */
	WHO_TWO,     /* two of them do, each a part: two stacks behind one address, or something between that answers too */
	WHO_NOBODY,  /* no kernel that the books know, nor two of them */
	WHO_UNCLEAR, /* too few answers, or they changed without a reason that the books know */
	WHO_COUNT,
};

/* Answers, of so many sorts and states, at least, for a name. */
enum { WHO_ENOUGH = 6, WHO_SORTS = 5, WHO_STATES = 3 };

enum who report_who_of(const struct suspects *suspects);
int report_who(FILE *out, const char *target, const struct suspects *suspects, struct error *error);
int report_who_json(FILE *out, const char *tool_version, const char *target, const struct suspects *suspects,
		    struct error *error);

#endif
