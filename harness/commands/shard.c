/* shard.c - divides cells among shards. */
#include "harness/commands/shard.h"

/* all * part / parts, whose product may not fit. */
static size_t portion(size_t all, size_t part, size_t parts)
{
	return all / parts * part + all % parts * part / parts;
}

size_t shard_cells(size_t all, size_t shard, size_t shards, size_t *first)
{
	*first = shards ? portion(all, shard - 1, shards) : 0;
	return (shards ? portion(all, shard, shards) : all) - *first;
}

size_t shard_of_matrix(const struct options *options, const struct matrix *matrix, size_t *first)
{
	return shard_cells(matrix_count(matrix) * options->repeat, options->shard, options->shards, first);
}
