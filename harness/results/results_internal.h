/* results_internal.h - a cell record in words; for harness/results*.c alone. */
#ifndef TWPROBE_HARNESS_RESULTS_RESULTS_INTERNAL_H
#define TWPROBE_HARNESS_RESULTS_RESULTS_INTERNAL_H

#include <jansson.h>

#include "harness/results/results.h"

/* Is it printable ASCII, as all our words and names are? */
bool results_is_word(const char *text);
/* Fills `values`. The error names the key that is wrong. */
int results_fields_read(const json_t *cell, struct pool *pool, uint32_t values[ASPECT_COUNT], struct error *error);

#endif
