/* tracked.h - a connection as it was when the capture ended, or when it was forgotten: all incarnations of its four-tuple.
 * Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_TRACKED_H
#define TWPROBE_HARNESS_DIAGNOSE_TRACKED_H

#include "crafter/conversation.h"

struct tracked {
	uint64_t number;           /* from 1, in the order of their first segments */
	struct conversation conversation;
	uint64_t first_frame, begun_ns, last_ns, segments, encounters;
	uint64_t nat_of;           /* the connection whose other side, behind a NAT, it is; 0: none */
	uint32_t refusals;         /* SYNs that a reset answered */
	uint8_t seen;              /* enum tracked_seen */
	bool from_middle;          /* its first segment was no SYN */
	bool unacknowledged;       /* one side sends the same data again and again, and the other one is silent */
	bool reset, refused;       /* so ended the last incarnation: while it was open; before */
};

/* What was captured of it, as bits. */
enum tracked_seen {
	TRACKED_SOURCE = 1 << 0, /* segments of that end */
	TRACKED_TARGET = 1 << 1,
	TRACKED_ACK = 1 << 2,    /* one that acknowledges something of the other end */
};

enum tracked_end {
	TRACKED_OPEN,
	TRACKED_CLOSED,    /* both ends sent a FIN */
	TRACKED_RESET,
	TRACKED_REFUSED,   /* a SYN was answered by a reset */
	TRACKED_UNOPENED,  /* the handshake was not completed */
	TRACKED_UNACKNOWLEDGED, /* with data that one side sent again and again without an acknowledgment */
	TRACKED_ENDS,
};

/* Its ends talked, and one of them was not captured. */
bool tracked_is_one_way(const struct tracked *connection);
/* How the last incarnation ended. */
enum tracked_end tracked_end_of(const struct tracked *connection);
/* A segment passed to an end that was in the state `before` and is in `after` now. `begins`: with it began an incarnation.
 * True: it refuses one. */
bool tracked_pass(struct tracked *connection, const struct segment *segment, enum state before, enum state after, bool begins);

#endif
