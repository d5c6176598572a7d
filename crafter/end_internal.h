/* end_internal.h - what the files of an end share: end.c (SYNs, and what it sends), end_got.c (what it gets). */
#ifndef TWPROBE_CRAFTER_END_INTERNAL_H
#define TWPROBE_CRAFTER_END_INTERNAL_H

#include "crafter/end.h"
#include "crafter/seq.h"

/* SYN and FIN counted. */
static inline uint32_t end_right_edge(const struct segment *segment)
{
	return segment->seq + segment_length(segment);
}

/* Keeps what holds for all of its connections. */
void end_start_over(struct end *end, enum state state);
/* A SYN of the other end's came; and: its own SYN and that one together make the connection. */
void end_note_their_syn(struct end *end, const struct segment *segment, uint64_t time_ns);
void end_meet(struct end *end);
/* Without the SYNs, the first segment shows whether there are timestamps: all have them, or none (RFC 7323 3.2). */
void end_learn_timestamps(struct end *end, const struct segment *segment);
void end_set_ts_recent(struct end *end, uint32_t tsval, uint64_t time_ns);
void end_set_snd_wnd(struct end *end, uint32_t window, uint32_t seq, uint32_t ack);
/* The window's right edge stays where it is. */
void end_set_rcv_nxt(struct end *end, uint32_t rcv_nxt);
/* Of a connection from the middle. Who sends new text has not closed, and whose new text is acknowledged has an other end that
 * is there; so text in both directions shows an open connection. */
void end_conclude(struct end *end);
/* All until the other end's FIN was taken, and that as well. */
void end_take_fin(struct end *end);

#endif
