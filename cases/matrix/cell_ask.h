/* cell_ask.h - from a cell to the question that the rule books are asked: cell -> end, segment and surroundings. Pure. */
#ifndef TWPROBE_CASES_MATRIX_CELL_ASK_H
#define TWPROBE_CASES_MATRIX_CELL_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/books/kernel.h"
#include "cases/books/oracle.h"
#include "cases/books/oracle_fields.h"
#include "cases/books/oracle_fields_remains.h"
#include "cases/matrix/cell.h"
#include "crafter/end.h"
#include "crafter/segment.h"
#include "crafter/stimulus.h"

/* What a cell does not say of the old connection: ts_recent, and the seconds since it was taken. */
struct past {
	uint32_t ts_recent;
	uint64_t ts_age_s;
};

/* What oracle_ask() takes, but for the book and the kernel. */
struct cell_question {
	struct end subject;
	struct segment segment;
	struct surroundings surroundings;
};

/* What is known of the process and the host of a subject in `state`: by the sysctls that were set, and the kernel's own. */
void cell_surroundings(enum state state, const struct conditions *conditions, const struct kernel *kernel,
		       struct surroundings *surroundings);

/* The cell, with arbitrary numbers: answers do not depend on them. `past`: NULL for a connection of a matrix, with a
 * ts_recent below 2^31 that was taken just now. */
void cell_to_question(const struct cell *cell, const struct kernel *kernel, const struct past *past,
		    struct cell_question *question);
/* The same with the numbers of a connection that is there, but for the segment, which is the caller's: `baseline` when the
 * state was reached, and what the subject's segments showed of it until then. */
void cell_to_question_seen(const struct cell *cell, const struct kernel *kernel, const struct baseline *baseline,
			   const struct end *seen, struct cell_question *question);
/* The window that the subject offered, where it is known, in the place of the usual one. */
void cell_question_offers(struct cell_question *question, const struct cell *cell, const struct kernel *kernel,
			  const struct baseline *baseline);
/* The cell's sequence number is a number ahead of rcv_nxt: on which side of the window's edge depends on the window. Or it
 * depends on the window itself, and a SYN cookie's number on it. */
bool cell_may_pass_edge(const struct cell *cell);
void cell_ask(enum book book, const struct cell *cell, const struct kernel *kernel, struct expectation *expectation);
void cell_ask_all(enum book book, const struct cell *cell, const struct kernel *kernel, const struct past *past,
		  struct alternatives *alternatives);

/* What the linux book says of the fields of this answer, on a connection whose SYNs had all options, with arbitrary numbers
 * that count from `bases`. The window is not said where it follows from that of the connection. */
void cell_ask_fields(const struct cell *cell, const struct kernel *kernel, enum answer answer, struct fields *fields,
		     struct field_bases *bases);

/* What the linux book says of the socket that the cell leaves. */
void cell_ask_remains(const struct cell *cell, const struct kernel *kernel, struct remains *remains);

/* The cell sets tcp_challenge_ack_limit: any challenge ACK may stay away, that to a follow-up as well. */
bool cell_is_limited(const struct conditions *conditions);
/* Its listener drops the SYN of a follow-up. */
bool cell_drops_requests(const struct cell *cell);

#endif
