/* twins.h - frames that stand in the capture twice: a file merged with itself, a mirror port that sees each segment two times.
 * Pure.
 *
 * Linux counts the IP ID of a connection up (ip_select_ident_segs()), so that what is sent again has another one. The control
 * socket's segments have 0, IPv6 has none: of those only the same time tells that one was not sent again. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_TWINS_H
#define TWPROBE_HARNESS_DIAGNOSE_TWINS_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/segment.h"

/* A power of two: frames that are remembered, each in the one place that its bytes give it. */
enum { TWINS_KEPT = 512 };

struct twins_frame {
	uint64_t print; /* of the headers; 0: nothing is kept */
	uint64_t time_ns;
};

struct twins {
	struct twins_frame kept[TWINS_KEPT];
	int score; /* high while nearly every frame comes twice */
};

enum twins_view {
	TWINS_SINGLE,
	TWINS_NEAR = 1 << 0,   /* the second one, within a moment; a network that repeats segments looks like this */
	TWINS_EXACT = 1 << 1,  /* the second one, at the same time */
	TWINS_ALWAYS = 1 << 2, /* and nearly every frame has one */
};

/* The next frame, with the capture's own time. A kept frame has one twin, no more. A set of enum twins_view. */
unsigned twins_note(struct twins *twins, const struct segment *segment, uint64_t time_ns);

#endif
