/* option_values.h - what the value of an option may be. Each says in its error which option, what it got and what it
 * expected. Pure. */
#ifndef TWPROBE_HARNESS_COMMANDS_OPTION_VALUES_H
#define TWPROBE_HARNESS_COMMANDS_OPTION_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

int option_value_count(const char *name, const char *text, uint64_t low, uint64_t high, uint64_t *value,
		       struct error *error);
/* Infinity for "max". */
int option_value_rate(const char *name, const char *text, double *rate, struct error *error);
/* `range` in words, for the error: "100us to 60s". */
int option_value_duration(const char *name, const char *text, const char *range, uint64_t low_ns, uint64_t high_ns,
			  uint64_t *ns, struct error *error);
/* "2/8"; "auto/8" and "auto" (batch.h). */
int option_value_part(const char *name, const char *text, unsigned *part, unsigned *parts, struct error *error);
/* "wait", "http", "send:TEXT" as bytes, `most` at most; none for "wait". */
int option_value_trigger(const char *name, const char *text, char *bytes, size_t most, size_t *size,
			 struct error *error);
/* "512x512" */
int option_value_size(const char *text, size_t *width, size_t *height, struct error *error);
/* "A..B", each as offset_parse reads the numbers of `what`; A < B. */
int option_value_range(const char *what, const char *name, const char *text, int64_t *low, int64_t *high,
		       struct error *error);
/* "linux,rfc": an OR of 1 << enum book. */
int option_value_overlay(const char *text, unsigned *overlay, struct error *error);
/* The name of a file to be read; of standard input for "-". */
const char *option_value_input(const char *text);

#endif
