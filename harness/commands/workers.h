/* workers.h - several processes, each with a lab of its own, that ask the cells of one run. They are forked before privileges
 * are given up; who forks them opens no lab, and gets their records in the order of the cells, as from run().
 *
 * Each asks every Nth cell: all have the same groups of sysctls before them, and are about equally far. What comes before its
 * turn waits in memory; a worker that is too far ahead is not heard until the others have come near, and then waits itself. One
 * that dies is told, and the rest of its cells goes to another, which was forked for that and has waited. */
#ifndef TWPROBE_HARNESS_COMMANDS_WORKERS_H
#define TWPROBE_HARNESS_COMMANDS_WORKERS_H

#include <stddef.h>

#include "harness/commands/options.h"
#include "harness/commands/worker.h"
#include "harness/run/run.h"

enum { WORKERS_MAX = 64 };

struct workers;

/* In the child, which ends with what this returns. `number` from 0. */
typedef int workers_main(void *context, struct worker *worker, size_t number);

/* How many processes are worth it for so many cells: one for each processor that may be used and has enough to do. */
size_t workers_worth(size_t cells);

/* Forks `count`; the first begins, and the others when it is ready, so that what is wrong with all of them is said once. Its
 * facts (WORKER_READY) are of `size` bytes. NULL with an error; where the error is empty, the first has said what is wrong, and
 * *code is what it ended with. */
struct workers *workers_open(size_t count, workers_main *main, void *context, void *facts, size_t size, int *code,
			     struct error *error);
/* As run(), for the cells of `first` and `count`; the tally is that of all. */
int workers_run(struct workers *workers, size_t first, size_t count, const struct run_listener *listener, struct tally *tally,
		struct error *error);
void workers_close(struct workers *workers); /* NULL is fine */

#endif
