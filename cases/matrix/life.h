/* life.h - how long the kernel keeps the subject's socket while nobody sends anything. Pure.
 *
 * A try whose process, or whole machine, stood still for longer shows what became of the socket then, and not what the segment
 * did to it. Linux' defaults, and the cell's own sysctls and options. */
#ifndef TWPROBE_CASES_MATRIX_LIFE_H
#define TWPROBE_CASES_MATRIX_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/matrix/cell.h"

/* Of the cell's state, from its beginning; 0: for ever. At most TCP_TIMEWAIT_LEN, for what lives longer has timers that
 * began before the state did. */
uint64_t life_ns(const struct cell *cell);
/* Of whatever the cell's segment may make of it, from the segment on. */
uint64_t life_after_ns(const struct cell *cell);

/* tcp_fin_time(): how long an orphan is to wait in FIN_WAIT_2; 0 or less: not at all. */
long life_fin_timeout_s(const struct cell *cell, bool at_probe);

#endif
