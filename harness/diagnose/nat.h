/* nat.h - both sides of a NAT in one capture: two connections that are one, with other addresses and ports.
 *
 * A NAT leaves the numbers as they are. Two handshakes with the same sequence numbers of both ends, and the same TSval in the
 * SYN, within a moment, are one: 64 random bits do not meet by chance. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_NAT_H
#define TWPROBE_HARNESS_DIAGNOSE_NAT_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/diagnose/encounter.h"

struct track;
struct tracked;
struct tracks;

/* How many SYNs, and how many encounters, are remembered. A power of two. */
enum { NAT_SYNS = 1024, NAT_TOLD = 64, NAT_FIXED = 16 };

struct nat_syn {
	uint64_t time_ns, connection; /* connection: 0: nothing is here */
	uint32_t seq, tsval, slot;
	uint16_t window;
	uint8_t wscale;
};

/* What is left of an encounter that was told. */
struct nat_told {
	uint64_t connection, time_ns;
	enum encounter_kind kind;
	uint32_t seq, ack, tsval;
	uint32_t answer_seq, answer_ack;
	uint16_t flags, answer_flags;
	bool answered;
};

struct nat_counts {
	uint64_t pairs;         /* connections, of those that are told, that were captured on both sides */
	uint64_t repeats;       /* encounters that were told of one side, and not again of the other */
	/* Of a pair, the first that is known to be one: from the client, where it was seen first, and on the other side.
	 * Family 0: none. */
	struct tuple near, far;
	uint32_t number;        /* the ISN of that client */
};

struct nat {
	struct nat_syn syns[NAT_SYNS];
	struct nat_told told[NAT_TOLD];
	uint32_t next;
	/* ISNs that a host had for several connections: it draws none, and equal numbers show nothing. A ring. */
	uint32_t fixed[NAT_FIXED], fixed_count;
	struct nat_counts counts;
};

/* A SYN or SYN-ACK of `connection`, one of `connections`, after its ends took it: is another one its other side? */
void nat_note(struct nat *nat, struct tracks *connections, struct track *connection, const struct segment *syn,
	      uint64_t time_ns);
/* Whether the other side shows that segments were lost between the two: the subject sent more there than here, or was
 * sent less. Which of both is nearer to it is not known. */
bool nat_disagrees(struct tracks *connections, const struct track *connection, const struct end *subject);
/* The connection is told: one that only seemed to be a pair's is none, the others count. */
void nat_tell(struct nat *nat, struct tracked *connection);
/* Was the same encounter, with the same answer, told of the other side? If not, it counts as told. */
bool nat_repeats(struct nat *nat, const struct track *connection, const struct encounter *encounter);

#endif
