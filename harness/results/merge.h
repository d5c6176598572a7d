/* merge.h - joins the shards of one run (--shard=I/N) into the result file that the whole run would have written. */
#ifndef TWPROBE_HARNESS_RESULTS_MERGE_H
#define TWPROBE_HARNESS_RESULTS_MERGE_H

#include <stdio.h>

#include "harness/results/results.h"

/* Refuses anything but a whole run: another kernel, tool version, matrix or rule book in one of them; a shard that is
 * missing or given twice; a cell in two shards or in none. Cell records are copied as they stand, in the order of
 * their numbers. In the summary counts and seconds are sums: of the time that all shards took together. */
int merge(struct results *const *files, size_t count, FILE *out, struct error *error);

#endif
