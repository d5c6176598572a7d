/* cause.h - what an encounter means to the person who is on call: its name, what happened, what helps. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_CAUSE_H
#define TWPROBE_HARNESS_DIAGNOSE_CAUSE_H

#include "harness/diagnose/encounter.h"

struct cause {
	enum encounter_kind kind;
	enum answer answer;  /* ANSWER_COUNT: whatever the answer was, if no row before this one has it */
	const char *name;    /* "tw-syn-refused"; stable */
	const char *title;   /* for a list, half a line */
	const char *says;    /* a paragraph: what happened, in terms of both sides */
	const char *advice;  /* what to do about it; NULL: nothing needs to be done */
};

/* CAUSE_MOST: no more than so many. */
enum { CAUSE_MOST = 64 };

/* Never NULL. */
const struct cause *cause_of(const struct encounter *encounter);
/* All of them, in the order in which they are told; NULL after the last. */
const struct cause *cause_at(size_t number);
/* By its name; NULL: unknown. */
const struct cause *cause_find(const char *name);
/* Its place in that order. */
size_t cause_number(const struct cause *cause);

#endif
