/* overloads.h - the subject's full queues, from the counters of its kernel, but for those that its conditions ask for. */
#ifndef TWPROBE_HARNESS_WIRE_OVERLOADS_H
#define TWPROBE_HARNESS_WIRE_OVERLOADS_H

#include <stdint.h>

#include "cases/books/kernel.h"
#include "cases/matrix/cell.h"
#include "cases/matrix/limits.h"
#include "harness/lab/counters.h"

struct overloads {
	uint64_t total;         /* since overloads_begin() */
	struct limits limits;   /* by the conditions in force */
	struct limits before;   /* and before a queue was filled */
	enum listener listening;
	int64_t full[OVERLOAD_COUNT]; /* the counters, when they were counted last */
	uint64_t excused;       /* ICMP errors that may have had their effect by then */
};

/* `kernel` may be NULL: nothing is known of its settings. */
void overloads_begin(struct overloads *overloads, const struct kernel *kernel);
/* From the counters as they were read last. `icmp_sent`: ICMP errors sent to the subject so far. */
void overloads_count(struct overloads *overloads, const struct counters *counters, uint64_t icmp_sent);
/* Other conditions from now on; what moved under those before was counted. */
void overloads_change(struct overloads *overloads, const struct conditions *conditions, const struct kernel *kernel);
/* A queue is filled from now on, or is not any more; what moved before was counted. */
void overloads_listen(struct overloads *overloads, enum listener listening);
/* Is one of its queues full by intention? */
bool overloads_fills(enum listener listening);

#endif
