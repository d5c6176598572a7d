/* crossing.h - what an end may have done before a segment reached it, although the capture shows that later, or never: it
 * closed with its FIN held back, its abort or its ACK was on its way, the path lost, repeated or reordered something. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_CROSSING_H
#define TWPROBE_HARNESS_DIAGNOSE_CROSSING_H

#include "harness/diagnose/track.h"

/* A new incarnation of the end begins. */
void crossing_begin(struct track_side *side);

/* `end` sends or gets the segment, and is as it was before. `odd`: the segment is an encounter. */
void crossing_sent(struct track_side *side, const struct end *end, const struct segment *segment, uint64_t time_ns);
void crossing_got(struct track_side *side, const struct end *end, const struct segment *segment, bool odd, uint64_t time_ns);
/* The segment is the answer to the encounter, and to nothing else. */
void crossing_answered(struct track_side *side, const struct encounter *encounter, const struct segment *segment);

/* For so long after a segment passed, what this end sends may have been sent before the segment arrived. */
uint64_t crossing_ns(const struct track_side *side);
/* Nothing comes back from the end after so short a time. */
bool crossing_is_too_early(const struct track_side *side, uint64_t after_ns);
/* So far away from the place of the capture that the path between can change what arrives. */
bool crossing_is_remote(const struct track_side *side);

/* Is an ACK on its way, perhaps, for what came before? */
bool crossing_owes(const struct track_side *side, const struct end *end, uint64_t time_ns);
/* So much is on its way, or so little room in the window, that the end may have closed without its FIN being sent; or it was
 * so a moment ago, and what ended that has perhaps not reached it. */
bool crossing_held_back(const struct track_side *side, const struct end *end, uint64_t time_ns);
/* The subject of the encounter sends this, which is no answer to it, within crossing_ns(); `end` is as before. `others_came`:
 * to the subject, since. */
void crossing_doubt(const struct end *end, const struct segment *segment, bool others_came, struct encounter *encounter);

/* What came later shows of it; side and end are as they are now. */
void crossing_settle(const struct track_side *side, const struct end *end, struct encounter *encounter);

/* What `end`, as it was before, sends may show that the path loses, repeats or reorders segments: here, on the way to it or
 * from it; there, on the way to the other end. `idle_ns`: since the segment before it, of either end. */
bool crossing_disorder_here(const struct end *end, const struct segment *segment, uint64_t idle_ns);
bool crossing_disorder_there(const struct end *end, const struct segment *segment);

#endif
