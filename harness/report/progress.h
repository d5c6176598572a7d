/* progress.h - one line on a terminal for whatever takes over two seconds. */
#ifndef TWPROBE_HARNESS_REPORT_PROGRESS_H
#define TWPROBE_HARNESS_REPORT_PROGRESS_H

#include <stddef.h>

#include "harness/run/record.h"
#include "harness/run/tally.h"

struct progress;

/* Shows on standard error, if that is a terminal; else, or when out of memory, NULL, which the others accept. */
struct progress *progress_open(void);
/* Redraws the line, cut where the terminal ends. */
void progress_line(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Done, rate, time left, inconclusive so far. */
void progress_show(struct progress *progress, const struct tally *tally, size_t cells);
/* Around whatever is written to standard output: where that is the same terminal, the line goes out of the way, and comes
 * back. */
void progress_hide(struct progress *progress);
void progress_restore(struct progress *progress);
void progress_close(struct progress *progress);

#endif
