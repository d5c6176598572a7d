/* routine.h - nearly every segment: the next one of a connection in which nothing is awaited. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_ROUTINE_H
#define TWPROBE_HARNESS_DIAGNOSE_ROUTINE_H

#include "harness/diagnose/closing.h"

/* True: no question that the tracker asks about a segment can find anything in this one, and what it changes is noted: of both
 * sides, and of both ends, which `from` and `to` are. `lacks`: enum segment_lack. False: nothing was done.
 *
 * It is the same as all the questions, for a fifth of the time: tests/unit/test_routine.c. */
bool routine_take(struct track *connection, const struct closing *closing, struct end *from, struct end *to, unsigned lacks,
		  uint64_t frame);

#endif
