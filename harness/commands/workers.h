/* workers.h - several processes, each with a lab of its own, here or in a kernel of its own (a guest), that do the units of
 * one run: cells, scenarios. They are forked before privileges are given up; who forks them opens no lab, and gets what they
 * send in the order of the units.
 *
 * Each does every Nth unit: all have the same groups of sysctls before them, and are about equally far. What comes before its
 * turn waits in memory; a worker that is too far ahead is not heard until the others have come near, and then waits itself. One
 * that dies is told, and the rest of its units goes to another, which was forked for that and has waited. */
#ifndef TWPROBE_HARNESS_COMMANDS_WORKERS_H
#define TWPROBE_HARNESS_COMMANDS_WORKERS_H

#include <stddef.h>

#include "harness/commands/options.h"
#include "harness/commands/worker.h"
#include "harness/run/lane.h"
#include "harness/run/tally.h"

enum { WORKERS_MAX = 64 };

struct workers;

/* In the child, which ends with what this returns. `number` from 0. */
typedef int workers_main(void *context, struct worker *worker, size_t number);

/* Who they are. */
struct workers_plan {
	size_t count;
	workers_main *main;
	void *context;
	const char *rest; /* what becomes of what one that dies leaves: "its cells are asked by another" */
	/* Each starts a kernel. That takes a while and needs nothing of the others, so all begin at once; it keeps a processor
	 * busy also while it waits, so each ends as soon as nothing is left for it; and a kernel may stand still. They get no
	 * signals of the terminal's, as one of ours is enough. */
	bool guests;
	uint64_t patience_ns; /* how long a guest may say nothing; 0: a default */
};

/* What becomes of what they send. */
struct workers_sink {
	int (*take)(void *context, const struct lane_item *item, struct error *error); /* in the order of the units */
	void (*progress)(void *context, const struct tally *tally, size_t count); /* several times a second; may be NULL */
	void *context;
	bool apart; /* whoever has nothing to do gets the next unit: they differ in how long they take */
};

/* How many processes are worth it for so many cells: one for each processor that may be used and has enough to do. */
size_t workers_worth(size_t cells, bool guests);
/* The processors that may be used, WORKERS_MAX at most. */
size_t workers_processors(void);

/* Forks them; the first begins, and the others when it is ready, so that what is wrong with all of them is said once. Its
 * facts (WORKER_READY) are of `size` bytes. NULL with an error; where the error is empty, the first has said what is wrong, and
 * *code is what it ended with. */
struct workers *workers_open(const struct workers_plan *plan, void *facts, size_t size, int *code, struct error *error);
/* Has the units of `first` and `count` done. The tally has what is known of all wires, how many are decided, and whether they
 * were interrupted; what comes of the units is for the sink to count. */
int workers_run(struct workers *workers, size_t first, size_t count, const struct workers_sink *sink, struct tally *tally,
		struct error *error);
void workers_close(struct workers *workers); /* NULL is fine */

#endif
