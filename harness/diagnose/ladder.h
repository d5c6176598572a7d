/* ladder.h - the last segments of a capture, each tied to its neighbours of the same connection: what is shown around an
 * encounter. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_LADDER_H
#define TWPROBE_HARNESS_DIAGNOSE_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/segment.h"
#include "crafter/state.h"

/* LADDER_KEPT: segments of the capture that are remembered, a power of two; a fuzzer passes so few. LADDER_BEFORE: rungs before
 * the encounter. LADDER_MOST: all of them. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { LADDER_KEPT = 64 };
#else
enum { LADDER_KEPT = 16384 };
#endif
enum { LADDER_BEFORE = 3, LADDER_MOST = 9 };

/* One segment of the connection, as much of it as is shown. */
struct ladder_rung {
	uint64_t frame, time_ns;
	uint32_t seq, ack, tsval, tsecr, payload_size;
	uint32_t ordinal;          /* which of its connection's segments it is, from 0 */
	uint32_t left_out;         /* segments of the connection between the rung before and this one; before the first: all */
	uint16_t window;           /* as on the wire */
	uint16_t flags;            /* enum segment_flag */
	bool has_timestamps;       /* tsval, tsecr */
	bool of_subject;           /* the subject of the encounter sent it */
	bool is_encounter, is_answer;
	bool ends_delay;           /* it acknowledges what somebody waited for since the encounter */
	enum state subject, other; /* the states of the two ends after it */
};

struct ladder_ring;

/* NULL when out of memory. */
struct ladder_ring *ladder_open(void);
/* The next segment of the capture. `last`: of its connection, 0 before the first; kept by the caller, and brought up to date.
 * `ordinal`: which of its connection's segments it is, from 0. The states are those after it. */
void ladder_add(struct ladder_ring *ladder, uint64_t *last, uint64_t ordinal, const struct segment *segment, uint64_t frame,
		uint64_t time_ns, bool from_target, enum state source, enum state target);
/* The lines around the segment that was the `number`th of the capture, from 1, in order: at most LADDER_MOST. `answer_frame`:
 * of the segment that answers it; `end_frame`: of the one that ends its delay; 0: none. Fewer, or none, where they are no
 * longer remembered. Returns how many. */
size_t ladder_read(const struct ladder_ring *ladder, uint64_t number, uint64_t answer_frame, uint64_t end_frame,
		   bool subject_is_target, struct ladder_rung rungs[static LADDER_MOST]);
/* It is not remembered for long any more. */
bool ladder_passes(const struct ladder_ring *ladder, uint64_t number);
/* Rungs that were read before the answer came, or the end of the delay: adds these two, and marks them. Returns how many there
 * are now. */
size_t ladder_resume(const struct ladder_ring *ladder, uint64_t answer_frame, uint64_t end_frame, bool subject_is_target,
		     struct ladder_rung rungs[static LADDER_MOST], size_t count);
/* The segment of a rung, for those who print segments: its options are the timestamps alone, its payload is NULL. */
void ladder_segment(const struct ladder_rung *rung, struct segment *segment);
void ladder_close(struct ladder_ring *ladder); /* NULL is fine */

#endif
