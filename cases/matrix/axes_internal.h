/* axes_internal.h - the types of values that axes have (axes_types.c). Internal: for the table of axes. */
#ifndef TWPROBE_CASES_MATRIX_AXES_INTERNAL_H
#define TWPROBE_CASES_MATRIX_AXES_INTERNAL_H

#include "cases/matrix/axes.h"

extern const struct axis_type axes_states, axes_segments, axes_offsets, axes_switches;
extern const struct axis_type axes_choices; /* struct choice: a number, or the axis's normal word */
extern const struct axis_type axes_bytes;   /* struct raw_options: hexadecimal */
extern const struct axis_type axes_words;   /* an enum, by axis.words */
extern const struct axis_type axes_sysctls; /* struct conditions */
extern const struct axis_type axes_paths;   /* a path's name; "" is the axis's normal word */

/* The stimulus is a segment, and no ICMP error, which has none of its fields. */
static inline bool axes_stimulus_is_segment(const struct cell *cell)
{
	return stimulus_kind_icmp(cell->stimulus.kind) == ICMP_ERROR_NONE;
}

/* The checks of axes (axes_check.c). */
int axes_check_segment(const struct cell *cell, struct error *error);
int axes_check_seq(const struct cell *cell, struct error *error);
int axes_check_ts(const struct cell *cell, struct error *error);
int axes_check_window(const struct cell *cell, struct error *error);
int axes_check_options(const struct cell *cell, struct error *error);
int axes_check_opening(const struct cell *cell, struct error *error);
int axes_check_listener(const struct cell *cell, struct error *error);
int axes_check_queue(const struct cell *cell, struct error *error);
int axes_check_unread(const struct cell *cell, struct error *error);
int axes_check_receive_window(const struct cell *cell, struct error *error);
int axes_check_linger2(const struct cell *cell, struct error *error);
int axes_check_connection_ecn(const struct cell *cell, struct error *error);
int axes_check_ttl(const struct cell *cell, struct error *error);
int axes_check_min_ttl(const struct cell *cell, struct error *error);
int axes_check_deferred_accept(const struct cell *cell, struct error *error);
int axes_check_linger(const struct cell *cell, struct error *error);
int axes_check_user_timeout(const struct cell *cell, struct error *error);

#endif
