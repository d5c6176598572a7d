/* progress.h - one line on a terminal for whatever takes over two seconds. */
#ifndef TWPROBE_HARNESS_PROGRESS_H
#define TWPROBE_HARNESS_PROGRESS_H

#include <stddef.h>

#include "harness/record.h"

struct progress;

/* Shows on standard error, if that is a terminal; else, or when out of memory, NULL, which the others accept. */
struct progress *progress_open(void);
/* Done, rate, time left, inconclusive so far. */
void progress_show(struct progress *progress, const struct tally *tally, size_t cells);
/* Takes the line away, before something else is printed. */
void progress_clear(struct progress *progress);
void progress_close(struct progress *progress);

#endif
