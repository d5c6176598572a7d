/* sequence_internal.h - how the parts of a sequence diagram are drawn; for harness/report/sequence*.c alone. */
#ifndef TWPROBE_HARNESS_REPORT_SEQUENCE_INTERNAL_H
#define TWPROBE_HARNESS_REPORT_SEQUENCE_INTERNAL_H

#include <stdbool.h>

#include "harness/report/sequence.h"

/* In pixels; HEAD: of an arrow. */
enum { SEQUENCE_WIDTH = 900, SEQUENCE_HEAD_LENGTH = 9, SEQUENCE_HEAD_HALF = 4 };

enum sequence_look { LOOK_TITLE, LOOK_PART, LOOK_PLAIN, LOOK_FAINT, LOOK_NUMBERS, LOOK_NOTE, LOOK_COUNT };

/* A look's font, in pixels; `mono`: all of its characters are as wide as 0.6 of that. */
struct sequence_font {
	unsigned size;
	bool bold, mono, faint;
	const char *name; /* its class in a style sheet */
};
const struct sequence_font *sequence_font(enum sequence_look look);

enum sequence_anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

/* What draws: coordinates in pixels from the upper left corner, a text's at its baseline. */
struct sequence_pen {
	void (*text)(void *context, unsigned x, unsigned y, enum sequence_anchor anchor, enum sequence_look look,
		     const char *text);
	/* Behind what follows: an exchange that matters. */
	void (*band)(void *context, unsigned x, unsigned y, unsigned width, unsigned height);
	void (*life)(void *context, unsigned x, unsigned from_y, unsigned to_y); /* an end's line */
	void (*arrow)(void *context, unsigned from_x, unsigned to_x, unsigned y);
	void *context;
};

/* -1: some row is not there. */
int sequence_check(const struct sequence *sequence, struct error *error);
/* How high the picture is. */
unsigned sequence_height(const struct sequence *sequence);
void sequence_draw(const struct sequence *sequence, const struct sequence_pen *pen);
/* The first title, for who cannot see it; "". */
const char *sequence_name(const struct sequence *sequence);

#endif
