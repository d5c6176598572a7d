/* sides_internal.h - what is remembered of the connections over a router; for harness/wire/sides*.c alone. */
#ifndef TWPROBE_HARNESS_WIRE_SIDES_INTERNAL_H
#define TWPROBE_HARNESS_WIRE_SIDES_INTERNAL_H

#include "harness/wire/sides.h"

enum { SIDES_SENDS_MAX = 6, SIDES_OUTS_KEPT = 16, SIDES_PLAINS_KEPT = 16 };

/* A segment of the crafted end's that has no mark, as far as one is like another (segment_alike()). */
struct side_plain {
	uint32_t seq, ack, payload_size;
	uint16_t flags;
	uint8_t number;
	bool out; /* one like it came out behind the router */
};

/* A segment of the crafted end's that its peer must see (ip_id), and what of it came out behind the router. */
struct side_send {
	struct segment segment, behind;
	uint64_t sent_ns;
	bool reached, in_doubt;
	bool unmarked;         /* it came out without its mark: its numbers show that it is this one */
	bool stranger;         /* something that may be it came out */
	uint8_t number, heard_at; /* of the connection's segments; of those, how many were sent when it came out */
	uint32_t from, until;  /* the subject's segments between its coming out and that of the next, by their numbers */
};

struct side_connection {
	bool used, came;        /* something of it came out behind the router */
	bool resets;            /* the crafted end sent a reset; or: */
	bool is_reset;          /* one came out all the same */
	struct endpoint crafted, behind; /* behind: family 0, not known */
	struct endpoint server; /* whom its first SYN came to behind the router; family 0: not known */
	uint64_t began, missed; /* sides.unplaced and sides.missed at that time */
	uint64_t began_ns;      /* when something of it was sent first; 0: not yet */
	uint64_t syn_ns;        /* when its SYN was sent; 0: not yet, or it came out */
	uint8_t send_count, plain_count;
	uint8_t sent_count;     /* marked or not; UINT8_MAX: too many to tell apart */
	uint32_t out_count;     /* segments of the subject's; the last are kept, by number % SIDES_OUTS_KEPT */
	struct side_send sends[SIDES_SENDS_MAX];
	struct side_plain plains[SIDES_PLAINS_KEPT];
	struct segment outs[SIDES_OUTS_KEPT];
	uint64_t out_ns[SIDES_OUTS_KEPT];
	uint32_t came_count;    /* segments that the crafted end heard; the first SIDES_OUTS_KEPT of them are kept */
	struct {
		uint16_t flags;
		uint32_t payload_size;
	} cames[SIDES_OUTS_KEPT];
	struct segment opening; /* the subject's first SYN or SYN-ACK, for its repetitions */
};

struct side_key {
	uint64_t value;
	uint32_t connection, age; /* age 0: free */
};

struct side_table {
	struct side_connection *connections;
	struct side_key *numbers, *sources; /* by a SYN's number; by the source behind the router */
	struct side_key *marked;       /* by the number of a segment that the peer must see */
	bool stranger, lags;
	uint64_t known_ns;             /* lags: what was sent by then, and came out, was heard */
	uint64_t ahead_ns;             /* lags: so much its clock is ahead of ours; may wrap */
	uint32_t age;
	bool renumbers[2], keeps_marks[2]; /* by sides_v6(): IP IDs are changed on the way; those of ours were seen behind it */
	uint8_t marks[(UINT16_MAX + 1) / 8]; /* a bit for each IP ID that was ever sent */
	uint64_t unplaced;             /* segments to the subject that belong to no connection, and may be one's of ours */
	uint64_t missed;               /* how often something was */
	uint64_t crossing_ns;          /* the longest that a SYN or a SYN-ACK took */
};

/* The connection that has this source; NULL: there is none. */
struct side_connection *sides_find(const struct side_table *sides, const struct endpoint *crafted);
/* What differs: an OR of enum side_change. `hops`: how many routers lower the TTL, or -1 where that is not known. */
unsigned sides_changes_of(const struct segment *before, const struct segment *behind, bool from_subject, int hops);
static inline int sides_hops(const struct side_table *sides)
{
	return sides->stranger ? -1 : 1;
}

static inline size_t sides_v6(const struct segment *segment)
{
	return segment->tuple.source.address.family == 6;
}

/* sides_twins.c: segments that have no mark, or came out without it.
 *
 * Some routers give packets other IP IDs (and IPv6 flow labels). Behind one, segments are known by their numbers alone, and of
 * several that are alike the first that came out is the first that was sent: as long as all of them came. */
void sides_plain_sent(struct side_connection *connection, const struct segment *segment);
/* No mark of ours shows which segment this is. The marked one that it must be, or NULL. */
struct side_send *sides_find_twin(struct side_table *sides, struct side_connection *connection, const struct segment *segment);
/* Whether it came out cannot be said. */
bool sides_is_doubtful(const struct side_connection *connection, const struct side_send *send);

#endif
