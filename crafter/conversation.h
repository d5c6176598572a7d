/* conversation.h - the two ends of one four-tuple, one incarnation after the other, as the segments between them show. Pure. */
#ifndef TWPROBE_CRAFTER_CONVERSATION_H
#define TWPROBE_CRAFTER_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/end.h"

struct conversation {
	struct tuple tuple;        /* of the segments that `source` sends */
	struct end source, target;
	uint32_t incarnation;      /* the present one, from 1; 0: none was seen to begin */
};

/* The states are those of the ends before the first segment: STATE_UNKNOWN if that is not known. */
void conversation_init(struct conversation *conversation, const struct tuple *tuple, enum state source, enum state target);

/* A segment passed from one end to the other. False: it is of another four-tuple, and changes nothing. It counts as having
 * arrived: what is lost after it passed is sent again, and passes again. */
bool conversation_pass(struct conversation *conversation, const struct segment *segment, uint64_t time_ns);
/* The same for who knows already which of the two ends sent it. */
void conversation_pass_from(struct conversation *conversation, bool from_target, const struct segment *segment,
			    uint64_t time_ns);

#endif
