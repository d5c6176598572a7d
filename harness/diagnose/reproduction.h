/* reproduction.h - an encounter as a question that can be asked again: its cell, and what that cell does not repeat. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_REPRODUCTION_H
#define TWPROBE_HARNESS_DIAGNOSE_REPRODUCTION_H

#include "harness/diagnose/encounter.h"

enum { REPRODUCTION_TEXT_SIZE = 240 };

struct reproduction {
	const char *why_not; /* there is no cell; NULL: there is one */
	struct cell cell;
	/* What the segment or its connection has, and the cell has in another way: "1448 bytes of payload, its TSecr". "": the
	 * same segment. */
	char lacks[REPRODUCTION_TEXT_SIZE];
	/* To the linux book the two are the same question. Otherwise the answer depends on something that the cell does not
	 * repeat. */
	bool same;
};

/* The windows of segments are not compared: a cell has the usual one, or 0 where the segment has (encounter_cell). */
void reproduction_make(const struct encounter *encounter, struct reproduction *reproduction);

/* As a server of one family can be asked, which listens. */
void reproduction_at_target(const struct encounter *encounter, struct reproduction *reproduction);

#endif
