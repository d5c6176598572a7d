/* tracker.h - the connections of a capture, in bounded memory: each segment goes to the two ends of its four-tuple, and what
 * is not routine for the end that gets it becomes an encounter. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_TRACKER_H
#define TWPROBE_HARNESS_DIAGNOSE_TRACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/conversation.h"
#include "crafter/fail.h"
#include "crafter/notice.h"
#include "harness/diagnose/delay.h"
#include "harness/diagnose/encounter.h"
#include "harness/diagnose/ladder.h"
#include "harness/diagnose/nat.h"
#include "harness/diagnose/tracked.h"

struct tracker;

/* Where a tracker tells what it found. Valid during the call. */
struct tracker_sink {
	/* Each encounter once, in the order of their frames (live: but for SYNs without an answer), as soon as nothing can
	 * change it any more. `tuple`: from the other end to the subject. */
	void (*encounter)(void *context, const struct encounter *encounter, const struct tuple *tuple);
	/* Each connection once; may be NULL. */
	void (*connection)(void *context, const struct tracked *connection);
	/* How long one held somebody up that was handed over before that was known; `cause`: its number. May be NULL. */
	delay_late *delay;
	void *context;
};

struct tracker_counts {
	uint64_t segments, connections, incarnations;
	uint64_t forgotten; /* connections that made room for others; what comes on them later begins in the middle */
	uint64_t refusals;  /* SYNs that a reset answered */
	uint64_t gaps;      /* traces of segments that the capture misses */
	struct nat_counts nat;
	uint64_t hurried;   /* encounters that were not waited for to the end: too many at a time */
};

/* `most`: connections at a time. NULL when out of memory. */
struct tracker *tracker_open(size_t most, const struct tracker_sink *sink);
/* For tests: asks each segment all questions, also where every answer is known (harness/diagnose/routine.h). */
void tracker_be_thorough(struct tracker *tracker);
/* So many connections at a time are remembered whole, and the others in less memory (harness/diagnose/tracks.h). */
void tracker_stay_awake(struct tracker *tracker, size_t connections);
/* Segments in the order of the capture. `lacks`: what is not known of it (enum segment_lack). -1: out of memory. */
int tracker_take(struct tracker *tracker, const struct segment *segment, unsigned lacks, uint64_t frame, uint64_t time_ns,
		 struct error *error);
/* While the sink gets an encounter: the lines around it, of its connection alone. Returns how many; see ladder_read(). */
size_t tracker_ladder(const struct tracker *tracker, struct ladder_rung rungs[static LADDER_MOST]);
/* For a live source, from its start on: everything until then was handed over, and what was not is told by tracker_miss.
 * From the first of these calls on they, and not the segments that come, tell when an encounter is over: two seconds after
 * it. */
void tracker_live(struct tracker *tracker, uint64_t upto_ns);
/* Between these times something passed that was not handed over, or may have: no statement that it could change is certain. */
void tracker_miss(struct tracker *tracker, uint64_t from_ns, uint64_t to_ns);
/* An ICMP error is about a segment with this four-tuple, or the reverse of it. */
void tracker_icmp(struct tracker *tracker, const struct tuple *tuple, const struct notice *notice, uint64_t time_ns);
/* One of its segments stands in the capture twice: nobody knows whether it arrived twice. */
void tracker_doubt(struct tracker *tracker, const struct tuple *tuple);
/* Its next segment passed at this time, before the one that was handed over last. */
void tracker_disorder(struct tracker *tracker, const struct tuple *tuple, uint64_t time_ns);
/* The capture is over: what waits for an answer waits no longer. */
void tracker_finish(struct tracker *tracker);
/* No encounter that is still to come has a smaller frame number than this. UINT64_MAX: nor the number of the last segment. */
uint64_t tracker_settled(const struct tracker *tracker);
/* How many SYNs that port has answered with a SYN-ACK, as far as that is remembered (harness/diagnose/ports.h). */
uint64_t tracker_answers(struct tracker *tracker, const struct endpoint *port);
void tracker_count(const struct tracker *tracker, struct tracker_counts *counts);
void tracker_close(struct tracker *tracker); /* NULL is fine */

#endif
