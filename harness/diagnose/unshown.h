/* unshown.h - what is known of an end only through segments whose sequence numbers a text does not show. Pure.
 *
 * tcpdump prints no sequence number of a bare ACK. It most likely has the next one, and is then taken; if it had another,
 * the end ignored it, and is still in the state in which it was before. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_UNSHOWN_H
#define TWPROBE_HARNESS_DIAGNOSE_UNSHOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/end.h"

struct unshown {
	uint8_t lacks;   /* enum segment_lack: what else its segments since it began do not show */
	bool ack, stamp; /* snd_una is `number`, ts_recent is what it is, only if such a segment was taken */
	bool handshake;  /* and so it left SYN-RECEIVED */
	uint32_t number;
};

/* `segment`, or its copy in `placed`: a number that is not shown becomes the one that `to` expects. */
const struct segment *unshown_place(const struct end *to, const struct segment *segment, unsigned lacks,
				    struct segment *placed);
/* Is unshown_note() wanted? */
static inline bool unshown_is_doubtful(const struct unshown *from, const struct unshown *to, unsigned lacks)
{
	return (lacks & SEGMENT_LACKS_SEQ) || from->ack || to->ack || to->stamp;
}
/* The segment went from one end to the other, which was `before` and is `after`. */
void unshown_note(struct unshown *from, struct unshown *to, const struct end *before, const struct end *after,
		  const struct segment *segment, unsigned lacks);
/* What is not shown, and matters when the segment reaches the end; `lacks` is what it lacks itself. */
unsigned unshown_matters(const struct unshown *unshown, const struct end *end, const struct segment *segment, unsigned lacks);

#endif
