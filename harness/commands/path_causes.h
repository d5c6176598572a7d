/* path_causes.h - what was seen of the same cells over several paths, and what each router had to do with it. */
#ifndef TWPROBE_HARNESS_COMMANDS_PATH_CAUSES_H
#define TWPROBE_HARNESS_COMMANDS_PATH_CAUSES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cases/matrix/matrix.h"
#include "harness/commands/options.h"
#include "harness/run/record.h"

enum { PATH_TOLD_SIZE = 256 };

/* A record as one process tells it another: numbers and text, nothing that points. */
struct path_told {
	uint64_t number;
	uint8_t verdict, observed, answer, isn, after;
	uint8_t has_follow_up, follow_up_conclusive, follow_up_answer, follow_up_isn;
	char says[PATH_TOLD_SIZE]; /* what the router did (sides_cause()) */
};

struct path_causes;

/* Borrows the matrix. NULL with an error. */
struct path_causes *path_causes_open(struct matrix *matrix, struct error *error);
void path_causes_tell(const struct record *record, struct path_told *told);
/* The records that follow are of this path and matrix; the first one is what the others are compared with. */
int path_causes_begin(struct path_causes *causes, const char *path, const char *matrix, struct error *error);
/* -1 also for a record that no run can have. */
int path_causes_take(struct path_causes *causes, const struct path_told *told, struct error *error);
/* The path begun last could not be asked. */
void path_causes_drop(struct path_causes *causes);
/* The table of the cells that differ, and the causes. The exit code; -1 with an error. */
int path_causes_show(struct path_causes *causes, const struct options *options, FILE *out, struct error *error);
void path_causes_close(struct path_causes *causes); /* NULL is fine */

#endif
