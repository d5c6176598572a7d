/* worker.h - one of several processes that do the units of a run (cells, scenarios), as it sees itself: it is told which and
 * sends what came of them. The other side is workers.h. */
#ifndef TWPROBE_HARNESS_COMMANDS_WORKER_H
#define TWPROBE_HARNESS_COMMANDS_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "harness/run/record.h"

/* What goes from the worker to its parent: a head, then `size` bytes. */
enum worker_message {
	WORKER_READY,   /* facts, as the command has them; `number`: record_pack_image() */
	WORKER_RESULT,  /* of unit `number`; in the order of the range */
	WORKER_DONE,    /* with a range: its tally so far */
	WORKER_ENDED,   /* with all: the last tally */
	WORKER_ALIVE,   /* nothing: it is still at it */
	WORKER_FAILED,  /* why it ends: a text, as it would stand on standard error */
};
struct worker_head {
	uint32_t message, size;
	uint64_t number;
};
/* And back: which units, the first and each `stride` behind it. `count` 0: there is no more. */
struct worker_range {
	uint64_t first, count, stride;
};

enum { WORKER_BUFFER = 64 << 10, WORKER_MESSAGE_MAX = 64 << 20 };

struct worker {
	int in, out;
	size_t used;
	unsigned char buffer[WORKER_BUFFER];
};

/* Waits for the next range. False: there is none; the parent may be gone. */
bool worker_next(struct worker *worker, struct worker_range *range);
/* -1 with an error where the parent is gone. Results wait until there are many, or for another message. */
int worker_send(struct worker *worker, enum worker_message message, const void *bytes, size_t size, struct error *error);
int worker_result(struct worker *worker, size_t number, const void *bytes, size_t size, struct error *error);
int worker_record(struct worker *worker, const struct record *record, struct error *error);

#endif
