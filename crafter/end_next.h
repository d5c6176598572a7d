/* end_next.h - what nearly all segments are: the next one of its connection, as both ends expect it. Pure.
 *
 * end_sent() and end_got() ask such a segment thirty questions of which most answers are known. tests/unit/test_end_random.c
 * holds both ways against each other. */
#ifndef TWPROBE_CRAFTER_END_NEXT_H
#define TWPROBE_CRAFTER_END_NEXT_H

#include "crafter/end.h"

/* Is the segment, which goes from one end to the other, just what both expect? They know all of each other; it has the next
 * number, acknowledges something that was sent and nothing less than before, has a timestamp where there must be one, not
 * older than the last, no other option, and no flags but ACK, PSH and FIN. `from` is synchronized; `to` is, or becomes it. */
bool end_next_is(const struct end *from, const struct end *to, const struct segment *segment);
/* Then this is end_sent() for the one, and end_got() for the other; of open ends in a few steps. */
void end_next_pass(struct end *from, struct end *to, const struct segment *segment, uint64_t time_ns);

#endif
