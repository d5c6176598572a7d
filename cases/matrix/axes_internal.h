/* axes_internal.h - the types of values that axes have (axes_types.c). Internal: for the table of axes. */
#ifndef TWPROBE_CASES_MATRIX_AXES_INTERNAL_H
#define TWPROBE_CASES_MATRIX_AXES_INTERNAL_H

#include "cases/matrix/axes.h"

extern const struct axis_type axes_states, axes_segments, axes_offsets, axes_switches;
extern const struct axis_type axes_choices; /* struct choice: a number, or the axis's normal word */
extern const struct axis_type axes_bytes;   /* struct raw_options: hexadecimal */
extern const struct axis_type axes_words;   /* an enum, by axis.words */
extern const struct axis_type axes_sysctls; /* struct conditions */

#endif
