/* seq.h - comparison on the circle of 2^32 sequence numbers and timestamps.
 *
 * The rule is the one of RFC 9293 3.4 and of the kernel's before()/after() (include/net/tcp.h): b is
 * after a when it lies less than half the circle ahead. Exactly half the circle away counts as before
 * in both directions, as in the kernel. TSvals compare in the same way (RFC 7323 5.2). */
#ifndef TWPROBE_CRAFTER_SEQ_H
#define TWPROBE_CRAFTER_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* Half the circle. */
#define SEQ_HALF (INT64_C(1) << 31)

/* The signed distance from b to a: positive when a is after b. */
static inline int32_t seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

static inline bool seq_before(uint32_t a, uint32_t b)
{
	return seq_diff(a, b) < 0;
}

static inline bool seq_after(uint32_t a, uint32_t b)
{
	return seq_before(b, a);
}

/* Moves `start` by a signed distance, around the circle. */
static inline uint32_t seq_add(uint32_t start, int64_t distance)
{
	return start + (uint32_t)distance;
}

#endif
