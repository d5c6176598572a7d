/* workers_internal.h - what workers.c, the processes, and workers_run.c, their work, share. */
#ifndef TWPROBE_HARNESS_COMMANDS_WORKERS_INTERNAL_H
#define TWPROBE_HARNESS_COMMANDS_WORKERS_INTERNAL_H

#include <sys/types.h>

#include "harness/commands/workers.h"
#include "harness/wire/loop.h"

enum { WORKERS_SAID = 512 };

struct workers_process {
	pid_t pid;
	int to, from;           /* what it reads and writes; -1: it is gone */
	bool told, ready, ended;
	bool retired;           /* it was told that there is no more */
	uint64_t heard_ns;
	struct lane *lane;      /* NULL: none */
	struct lane *next;      /* it has been told of already: it need not wait for us when it is done with the first */
	struct tally tally;     /* so far */
	char why[WORKERS_SAID]; /* it ends, as it said; "": it said nothing */
	size_t used, room;
	unsigned char *buffer;
};

struct workers {
	struct workers_plan plan;
	struct workers_process *processes; /* those that work, and spare ones that have not begun */
	size_t process_count;
	struct loop *loop;
	struct lane *lanes; /* this, and what follows: of workers_run() */
	size_t lane_count, given, all; /* units reported, and how many there will be */
	const struct workers_sink *sink;
	struct tally *tally;
	bool stopped, finishing;
	struct error *error;
};

/* workers.c */
bool workers_tell(struct workers_process *process, const struct worker_range *range);
/* Where only one of us was told to stop, all do. */
void workers_stop(struct workers *workers);
/* A second time: at once. */
void workers_kill(struct workers *workers);
/* Its WORKER_READY is that of this program? If not, `why` is filled. */
bool workers_is_ours(struct workers_process *process, const struct worker_head *head);
/* A guest that stands still, and tells nobody. */
void workers_end_silent(const struct workers *workers, struct workers_process *process);
/* It is gone: its units are done by another. */
int workers_lose(struct workers *workers, struct workers_process *process);
/* Room for `size` bytes more. */
int workers_make_room(struct workers_process *process, size_t size, struct error *error);

#endif
