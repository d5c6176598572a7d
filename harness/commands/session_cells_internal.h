/* session_cells_internal.h - what session_cells.c, session_cells_workers.c and session_cells_paths.c share. */
#ifndef TWPROBE_HARNESS_COMMANDS_SESSION_CELLS_INTERNAL_H
#define TWPROBE_HARNESS_COMMANDS_SESSION_CELLS_INTERNAL_H

#include "harness/commands/leftovers.h"
#include "harness/commands/session.h"
#include "harness/commands/session_cells.h"
#include "harness/report/expected_failures.h"
#include "harness/commands/shard.h"
#include "harness/commands/workers.h"
#include "harness/report/progress.h"

struct cells {
	const struct options *options;
	struct matrix *matrix;
	bool ladder;
	const struct session_extras *extras;
	struct session session;
	struct workers *workers; /* NULL: this process has the session, and asks; or: */
	struct cell_paths *paths; /* the cells are over several paths, each of which has a process */
	size_t shared_by;        /* of how many workers this is one; 0: of none. --rate is that of all together */
	struct report *report;
	struct progress *progress;
	size_t ladders; /* printed so far */
	bool foretold; /* how long it will take */
	struct run_facts facts;
	struct run_options run;
	struct leftovers leftovers;
	struct expected_failures *failures; /* of --expected-failures; NULL: none */
	size_t expected[VERDICT_COUNT], unexpected;
};

/* session_cells.c: opens the session and makes ready to run. EXIT_AGREES, or the exit code after an error message. */
int session_cells_open(struct cells *cells, struct error *error);
/* Before a record is passed on. */
void session_cells_met(struct cells *cells, const struct record *record);
int session_cells_leftovers(struct cells *cells, struct tally *tally, struct error *error);
void session_cells_close(struct cells *cells);

/* What the parent reports of the session that its first worker has. */
struct session_told {
	struct kernel kernel;
	char local_release[sizeof(((struct session *)NULL)->local_release)];
	char rules_text[KERNEL_TEXT_SIZE];
	struct sysctl sysctls[RECORDED_MAX];
	size_t sysctl_count;
};

/* What becomes of the cells of a worker that has ended. */
#define SESSION_WORKERS_REST "its cells are asked by another"

/* session_cells_workers.c: how many processes shall ask; 1: this one alone. -1 with an error where the options want what cannot
 * be. */
int session_workers_count(const struct cells *cells, struct error *error);
/* Starts them and learns from the first what there is to know of the session and the run. EXIT_AGREES, or the exit code after a
 * message. */
int session_workers_open(struct cells *cells, size_t count, struct error *error);
/* As run(), by the workers. */
int session_workers_run(const struct cells *cells, struct workers *workers, size_t first, size_t count,
			const struct run_listener *listener, struct tally *tally, struct error *error);
/* A guest: asks what it is told to. The exit code. */
int session_workers_guest(struct cells *cells);
/* What only one process can do. NULL: nothing. */
const char *session_workers_one(const struct cells *cells);
/* A worker, in the child: opens the session for the cells of `context`, a struct cells, and asks them. */
int session_worker_main(void *context, struct worker *worker, size_t number);
/* In the parent, which needs no privileges any more: what it knows of the session. As session_workers_open. */
int session_workers_told(struct cells *cells, const struct session_told *told, struct error *error);

/* session_cells_paths.c: sorts the cells by their paths. `paths` stays NULL where they have one, or none, or where only one
 * process can ask: then the session says what is wrong. -1 with an error. */
int session_paths_sort(struct cells *cells, struct error *error);
/* As session_workers_open, for each path. */
int session_paths_open(struct cells *cells, struct error *error);
/* As run(): path after path, in the order in which the cells name them first. */
int session_paths_run(struct cells *cells, const struct run_listener *listener, struct tally *all, struct error *error);
void session_paths_close(struct cells *cells);

#endif
