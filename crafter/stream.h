/* stream.h - whether what was printed got through, and if not, why. */
#ifndef TWPROBE_CRAFTER_STREAM_H
#define TWPROBE_CRAFTER_STREAM_H

#include <stdio.h>

#include "crafter/fail.h"

/* Flushes. -1 with "cannot write WHAT: CAUSE" where something of it did not get through, now or before; `what` is such as "the
 * report", to which standard output is added; with NULL that is all. */
int stream_finish(FILE *out, const char *what, struct error *error);

#endif
