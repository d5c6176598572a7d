/* report_ends.h - a ladder between two ends: a segment a line, its numbers, and the states of both; for harness/report*.c
 * alone. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_ENDS_H
#define TWPROBE_HARNESS_REPORT_REPORT_ENDS_H

#include "harness/report/report_internal.h"

/* What a ladder has in its columns: the states as wide as the longest, the numbers what is left. */
struct ends_columns {
	const char *left_name, *right_name; /* of the ends: "client" */
	size_t indent, time;
	size_t left, numbers; /* left 0: too narrow for states next to the numbers; they have lines of their own */
};

/* Texts that are never NULL. */
struct ends_rung {
	const char *time;         /* ends in its column */
	bool from_left;
	const char *left, *right; /* the states after it; "": not known, or not told again */
	const char *numbers;      /* segment_text_print() */
	const char *note;         /* "": none */
	enum hue hue;
};

/* `wanted`: the names, `indent` and `time` are what they shall be; `left` is as wide as the longest state of that end,
 * `numbers` as the longest numbers, 0: not known. `right`: as the longest state of the other end. */
struct ends_columns report_ends_columns(FILE *out, const struct ends_columns *wanted, size_t right);
/* Nothing where the states have no columns. `time`: the unit. */
void report_ends_head(FILE *out, bool color, const struct ends_columns *columns, const char *time);
void report_ends_rung(FILE *out, bool color, const struct ends_columns *columns, const struct ends_rung *rung);
/* Something between two segments. */
void report_ends_remark(FILE *out, bool color, const struct ends_columns *columns, const char *time, const char *text);
/* "client 192.0.2.1:40000, server 192.0.2.2:80"; one of them may be "". */
void report_ends_names(FILE *out, size_t indent, const struct ends_columns *columns, const char *left, const char *right);

/* report_ends_html.c: the same for a page. */
void report_ends_html_begin(FILE *out, const char *time, const char *left_name, const char *right_name);
void report_ends_html_rung(FILE *out, const struct ends_rung *rung);
/* What is between two segments. */
void report_ends_html_remark(FILE *out, const char *time, const char *text);
void report_ends_html_end(FILE *out);

#endif
