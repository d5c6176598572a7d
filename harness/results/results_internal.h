/* results_internal.h - what the files that read results share; for harness/results/results*.c alone. */
#ifndef TWPROBE_HARNESS_RESULTS_RESULTS_INTERNAL_H
#define TWPROBE_HARNESS_RESULTS_RESULTS_INTERNAL_H

#include <jansson.h>

#include "harness/results/results.h"

enum { RESULTS_WORD_SIZE = 256 };

/* Is it printable ASCII, as all our words and names are? */
bool results_is_word(const char *text);
/* Room for one more behind the last, which the caller fills and counts. NULL with an error. */
struct result *results_next(struct results *results, struct error *error);
/* The word's number; NULL: not known. */
int results_word(struct pool *pool, const char *text, uint32_t *value, struct error *error);
/* "syn-ack fresh"; NULL where the answer is not known. */
const char *results_follow_up(const char *answer, const char *isn, char word[static RESULTS_WORD_SIZE]);
/* Fills `values`. The error names the key that is wrong. */
int results_fields_read(const json_t *cell, struct pool *pool, uint32_t values[ASPECT_COUNT], struct error *error);

#endif
