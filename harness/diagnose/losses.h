/* losses.h - how many segments a capture misses, from what those that it has show. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_LOSSES_H
#define TWPROBE_HARNESS_DIAGNOSE_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/end.h"

/* LOSSES_NEAR: segments before and after one that tell how well it was captured. */
enum { LOSSES_MARKS = 16, LOSSES_STEP = 1024, LOSSES_NEAR = 8 * LOSSES_STEP };

/* Further ahead than this is no gap, but somebody else's number. */
#define LOSSES_GAP_MAX (UINT32_C(1) << 20)

/* A number behind the next one that is expected, as far as a gap may reach. */
static inline bool losses_is_ahead(uint32_t number, uint32_t next)
{
	return number != next && number - next < LOSSES_GAP_MAX;
}

struct losses_sum {
	uint64_t gaps, disorder;
};

/* What every capture shows that was not filtered by TCP flags: a handshake ends with an ACK, and what a process writes with a
 * PSH; a port on which nobody listens resets. */
enum losses_shown {
	SHOWN_ACK = 1 << 0,   /* a segment that is an ACK and nothing else */
	SHOWN_PUSH = 1 << 1,
	SHOWN_RESET = 1 << 2,
};

struct losses {
	uint64_t segments;
	uint8_t shown; /* enum losses_shown: such segments came */
	uint64_t explained; /* gaps of sum, until something was missed that is known */
	struct losses_sum sum, marks[LOSSES_MARKS]; /* marks: the sum at each LOSSES_STEP segments */
};

static inline uint8_t losses_shown_by(const struct segment *segment)
{
	uint8_t flags = segment->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST | FLAG_PSH | FLAG_ACK);

	if (flags == FLAG_ACK)
		return segment->payload_size == 0 ? SHOWN_ACK : 0;
	return (uint8_t)((flags & FLAG_PSH ? SHOWN_PUSH : 0) | (flags & FLAG_RST ? SHOWN_RESET : 0));
}

/* One more segment passed, of which the next question needs no answer. */
static inline void losses_pass(struct losses *losses, const struct segment *segment)
{
	if (losses->segments % LOSSES_STEP == 0)
		losses->marks[losses->segments / LOSSES_STEP % LOSSES_MARKS] = losses->sum;
	losses->segments++;
	losses->shown |= losses_shown_by(segment);
}

/* One more segment passed from one end to the other, which are as before it. Does it show that one before it is missing: `from`
 * has something of `to` that did not pass here, or is further on than what passed has brought it? `unasked`: nothing has passed
 * to `from` since it last sent something. */
bool losses_note(struct losses *losses, const struct end *from, const struct end *to, const struct segment *segment,
		 bool unasked);
/* It does, and nothing explains why: others may be missing, too. */
void losses_gap(struct losses *losses);
/* A live listener knows that it missed something: that explains the gaps until now. */
void losses_explain(struct losses *losses);
/* That segment also showed that the path loses, repeats or reorders some (harness/diagnose/crossing.h). */
void losses_disorder(struct losses *losses);
/* The sum until LOSSES_NEAR segments ago. */
struct losses_sum losses_before(const struct losses *losses);
/* The gaps since the sum was that. */
uint64_t losses_since(const struct losses *losses, uint64_t gaps);
/* The gaps a thousand segments or two around that one, which is at most LOSSES_NEAR and some ago. */
uint64_t losses_around(const struct losses *losses, uint64_t segment);
/* Why the capture seems to have been filtered by TCP flags; NULL: nothing shows that. */
const char *losses_filtered(const struct losses *losses);
/* With so many gaps among so many segments, what is not there may only not have been captured; with so many traces of disorder,
 * it may have been lost. */
bool losses_count(uint64_t gaps, uint64_t segments);

#endif
