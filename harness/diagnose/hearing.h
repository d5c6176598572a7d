/* hearing.h - which of a connection's encounters a segment answers, and what it shows of what followed the others. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_HEARING_H
#define TWPROBE_HARNESS_DIAGNOSE_HEARING_H

#include "harness/diagnose/track.h"

/* One end sends this; the connection is as before it. */
void hearing_take(struct track *connection, bool from_target, const struct segment *segment,
		  const struct origin_mark *origin, uint64_t frame, uint64_t time_ns);

/* The end begins a new connection: nothing answers a reset to the one before any more. */
void hearing_end(struct track *connection, bool target);

#endif
