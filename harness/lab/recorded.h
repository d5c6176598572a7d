/* recorded.h - the sysctls that decide answers, each declared once: they are put on record with a run, and some are settings
 * that the rule books know. */
#ifndef TWPROBE_HARNESS_LAB_RECORDED_H
#define TWPROBE_HARNESS_LAB_RECORDED_H

#include <stddef.h>

#include "cases/books/kernel.h"
#include "cases/matrix/cell.h"
#include "harness/lab/lab.h"

enum { RECORDED_MAX = 16 };

/* Those that the lab has, as they are now; returns how many. An older kernel lacks some. */
size_t recorded_read(struct lab *lab, struct sysctl sysctls[static RECORDED_MAX]);
/* Tells `kernel` its settings, as this process's network namespace has them. */
void recorded_tell(struct kernel *kernel);
/* And the sizes of its receive buffers, which the lab has of its own. */
void recorded_tell_buffers(struct lab *lab, struct kernel *kernel);

#endif
