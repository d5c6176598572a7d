/* shifts.h - acknowledgments that lie beside what the other side sent, by the same number again and again. Pure.
 *
 * A middlebox that gives a connection other sequence numbers must translate the ACK and each edge of a SACK block. One that
 * leaves the SACK blocks as they are (old firewalls that randomize initial sequence numbers) makes them name text that nobody
 * sent: Linux counts them as TCPSACKDiscard (tcp_sacktag_write_queue()) and recovers from losses as if there were no SACK. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_SHIFTS_H
#define TWPROBE_HARNESS_DIAGNOSE_SHIFTS_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/end.h"

/* So often by the same number: no chance, and no loss of the capture. */
enum { SHIFTS_ACKS = 3, SHIFTS_SACKS = 2 };

struct shifts {
	uint32_t lives;     /* of the other end, to which the rest belongs */
	uint32_t ack, ack_nxt; /* by how much the last odd ACK was off, and what the other end had sent then */
	uint32_t sack, sack_nxt; /* the same of the last odd SACK block */
	uint8_t acks, sacks; /* how many there were */
	bool sound;         /* some SACK block was right */
};

/* What is off in one segment. */
struct shifts_mark {
	bool ack, sack;   /* often enough to tell; sack: for the first time */
	uint32_t ack_by, sack_by;
};

/* A segment to `to`, which is as it was before. */
void shifts_note(struct shifts *shifts, const struct end *to, const struct segment *segment, struct shifts_mark *mark);

#endif
