/* sequence.h - a ladder as a picture, a sequence diagram: SVG, or PNG by cairo. */
#ifndef TWPROBE_HARNESS_REPORT_SEQUENCE_H
#define TWPROBE_HARNESS_REPORT_SEQUENCE_H

#include <stdbool.h>
#include <stdio.h>

#include "crafter/fail.h"

struct ends_rung;
struct sequence; /* owns copies of its texts */

/* NULL when out of memory. */
struct sequence *sequence_open(void);
/* In the order of the picture, from its top. A part has a heading; what a ladder has is below the names of its ends. */
void sequence_title(struct sequence *sequence, const char *text);
void sequence_part(struct sequence *sequence, const char *text);
/* `time`: the unit. */
void sequence_names(struct sequence *sequence, const char *time, const char *left, const char *right);
void sequence_rung(struct sequence *sequence, const struct ends_rung *rung);
/* In the place of a segment. */
void sequence_remark(struct sequence *sequence, const char *time, const char *text);
/* A sentence below, in as many lines as it takes. */
void sequence_words(struct sequence *sequence, const char *text);

/* Before a PNG: finds cairo and the fonts while the program may still read every file. -1: there is no cairo. */
int sequence_prepare(struct error *error);
/* -1: out of memory, or it cannot be drawn. Write errors are for the caller to look for. */
int sequence_svg(struct sequence *sequence, FILE *out, struct error *error);
int sequence_png(struct sequence *sequence, FILE *out, struct error *error);
void sequence_close(struct sequence *sequence); /* NULL is fine */

#endif
