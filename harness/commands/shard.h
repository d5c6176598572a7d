/* shard.h - the part of a run's cells that one machine of several asks. Pure. */
#ifndef TWPROBE_HARNESS_COMMANDS_SHARD_H
#define TWPROBE_HARNESS_COMMANDS_SHARD_H

#include <stddef.h>

#include "cases/matrix/matrix.h"
#include "harness/commands/options.h"

/* How many of `all` cells shard number `shard` of `shards` has, counted from 1, and the first of them; 0 of 0: all of them.
 * Contiguous, so that cells of the same conditions stay together; the shards together have each cell once. */
size_t shard_cells(size_t all, size_t shard, size_t shards, size_t *first);
/* Of a matrix, each repeat of a cell for itself, by the options. */
size_t shard_of_matrix(const struct options *options, const struct matrix *matrix, size_t *first);

#endif
