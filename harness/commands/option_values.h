/* option_values.h - what the value of an option may be. Each says in its error which option, what it got and what it
 * expected. */
#ifndef TWPROBE_HARNESS_COMMANDS_OPTION_VALUES_H
#define TWPROBE_HARNESS_COMMANDS_OPTION_VALUES_H

#include "harness/commands/options.h"

int option_value_count(const char *name, const char *text, uint64_t low, uint64_t high, uint64_t *value,
		       struct error *error);
int option_value_rate(const char *text, double *rate, struct error *error);
/* `range` in words, for the error: "100us to 60s". */
int option_value_duration(const char *name, const char *text, const char *range, uint64_t low_ns, uint64_t high_ns,
			  uint64_t *ns, struct error *error);
int option_value_shard(struct options *options, const char *text, struct error *error);
int option_value_trigger(struct options *options, const char *text, struct error *error);
int option_value_state(const char *text, enum state *state, struct error *error);
int option_value_segment(const char *text, enum segment_kind *kind, struct error *error);
int option_value_format(const char *text, enum format *format, struct error *error);
int option_value_expect(const char *text, enum book *book, struct error *error);
/* "5.10", "6.12.117", "any" */
int option_value_kernel(const char *text, struct kernel *kernel, struct error *error);
int option_value_color(const char *text, int *color, struct error *error);
/* "512x512" */
int option_value_size(const char *text, size_t *width, size_t *height, struct error *error);
/* "A..B", each as offset_parse reads the numbers of `what`; A < B. */
int option_value_range(const char *what, const char *name, const char *text, int64_t *low, int64_t *high,
		       struct error *error);
int option_value_scale(const char *text, enum map_scale *scale, struct error *error);
/* "linux,rfc": an OR of 1 << enum book. */
int option_value_overlay(const char *text, unsigned *overlay, struct error *error);

#endif
