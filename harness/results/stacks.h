/* stacks.h - what other stacks than the kernels of the books were heard to answer (baselines/stacks, docs/stacks.md), cell by
 * cell, as suspects for `who`. Linux is left out there: its book knows more of it. */
#ifndef TWPROBE_HARNESS_RESULTS_STACKS_H
#define TWPROBE_HARNESS_RESULTS_STACKS_H

#include "cases/matrix/matrix.h"
#include "harness/diagnose/suspects.h"

struct stacks;

/* Those that ship; none is no error. NULL with an error: a file cannot be read, out of memory. */
struct stacks *stacks_read(struct error *error);
void stacks_free(struct stacks *stacks); /* NULL is fine */
/* Valid as long as `stacks`. */
const struct suspects_stack *stacks_suspects(const struct stacks *stacks, size_t *count);
/* Adds the cells that they were asked, so that they can be asked again. */
int stacks_add_cells(const struct stacks *stacks, struct matrix *matrix, struct error *error);

#endif
