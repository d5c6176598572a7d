/* meeting.h - a segment meets an end: the encounter that it makes, and what it does to the end. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_MEETING_H
#define TWPROBE_HARNESS_DIAGNOSE_MEETING_H

#include "harness/diagnose/closing.h"
#include "harness/diagnose/marks.h"

/* False: it is routine. `marks`: NULL: it is plain. `missed_ns`: until then something passed unseen; 0: nothing. */
bool meeting_make(struct encounter *encounter, const struct track *connection, const struct closing *closing,
		  bool subject_is_target, const struct marks *marks, uint64_t frame, uint64_t missed_ns);
/* What the segment did to the end that it reached, where that does not show on the wire. `encounter`: NULL where it was
 * routine. The end and what is remembered of it are as after the segment. */
void meeting_settle(struct track_side *side, struct encounter *encounter, struct end *subject, const struct segment *segment,
		    uint64_t frame, uint64_t time_ns);

#endif
