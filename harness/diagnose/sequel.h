/* sequel.h - what followed an encounter on its four-tuple: a reset in answer to a challenge, the SYN again, life. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_SEQUEL_H
#define TWPROBE_HARNESS_DIAGNOSE_SEQUEL_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/segment.h"
#include "crafter/units.h"

struct encounter;

/* How long it is watched: a SYN comes again after a second, and a SYN-ACK after one and three. */
#define SEQUEL_NS (4 * NSEC_PER_SEC)

/* Times are those of the capture; 0: it did not happen, or not while it was watched. */
struct sequel {
	bool over;             /* nothing more is looked for */
	uint64_t reset_ns;     /* the other end's reset that is exact for the subject */
	uint64_t syn_ns;       /* the other end's next SYN */
	uint64_t connected_ns; /* the subject's SYN-ACK to that */
	uint64_t lived_ns;     /* a segment that shows that the subject still has its connection */
	uint64_t strange_ns;   /* one that shows that it has not: it resets what belongs to the connection */
	uint64_t peer_ns;      /* the other end's next segment of the connection */
	uint16_t peer_flags;   /* of that */
	uint16_t repeats;      /* the encounter's segment came again so often */
};

/* What followed tells something about an encounter of this kind. */
bool sequel_is_wanted(const struct encounter *encounter);
/* A later segment of the same four-tuple. `delay_ns`: what the subject takes to answer, from where the capture was taken; 0:
 * not known. */
void sequel_note(struct encounter *encounter, const struct segment *segment, bool from_subject, uint64_t frame,
		 uint64_t delay_ns, uint64_t time_ns);

#endif
