/* stream.h - whether what was printed got through, and if not, why; a file read line by line. */
#ifndef TWPROBE_CRAFTER_STREAM_H
#define TWPROBE_CRAFTER_STREAM_H

#include <stdio.h>

#include "crafter/fail.h"

/* Flushes. -1 with "cannot write WHAT: CAUSE" where something of it did not get through, now or before; `what` is such as "the
 * report", to which standard output is added; with NULL that is all. */
int stream_finish(FILE *out, const char *what, struct error *error);

/* Takes one line, with its end as the file has it; the text is its own to change until it returns. */
typedef int stream_line(void *context, char *line, size_t length, struct error *error);
/* Gives each line of a file to `take`, until that returns -1. The errors are "PATH:LINE: what `take` says" and "PATH: why". */
int stream_lines(const char *path, stream_line *take, void *context, struct error *error);

#endif
