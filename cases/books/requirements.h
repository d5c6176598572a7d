/* requirements.h - the numbered requirements of RFC 9293, appendix B, and the cells that ask for each. Pure.
 *
 * A requirement without a cell says why: most are about what an end sends, about its timers, or about what a program may ask
 * of it, and a cell is a segment that arrives. cases/rfc.yaml has the cells of all of them. */
#ifndef TWPROBE_CASES_BOOKS_REQUIREMENTS_H
#define TWPROBE_CASES_BOOKS_REQUIREMENTS_H

#include <stddef.h>

enum { REQUIREMENT_CELLS_MAX = 8, REQUIREMENT_SCENARIOS_MAX = 3 };

struct requirement {
	const char *number;      /* "MUST-3", "SHLD-31", "MAY-2", "REC-1" */
	const char *section;     /* of RFC 9293: "3.10.7.4" */
	const char *text;        /* in our words, no full stop */
	const char *cells[REQUIREMENT_CELLS_MAX + 1];         /* names, NULL after the last */
	const char *scenarios[REQUIREMENT_SCENARIOS_MAX + 1]; /* the same */
	const char *not_asked;   /* why it has neither; NULL: it has */
};

/* What a rule obliges to, by RFC 2119. The steps of section 3.10.7 have no number and no such word: NONE. */
enum obligation { OBLIGATION_NONE, OBLIGATION_MAY, OBLIGATION_SHOULD, OBLIGATION_MUST, OBLIGATION_COUNT };

/* The strongest that a citation of the rfc book names: "RFC 9293 3.9.2.2: MUST-56, soft errors". */
enum obligation requirements_obligation(const char *citation);

/* In the order of their numbers, MUST before SHLD, MAY and REC. NULL: there are no more. */
const struct requirement *requirements_at(size_t number);

#endif
