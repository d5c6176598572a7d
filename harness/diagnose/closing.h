/* closing.h - how connections end, or are lost without an end: whose reset it is, and who is wrongly silent. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_CLOSING_H
#define TWPROBE_HARNESS_DIAGNOSE_CLOSING_H

#include "harness/diagnose/track.h"

/* One segment on its way, with both ends as they are before it. */
struct closing {
	const struct end *from, *to;
	struct track_side *sender, *receiver;
	const struct segment *segment;
	uint64_t time_ns;
};

/* The encounter that encounter_kind_of() found, told more exactly by what passed before; or one that it does not see. */
enum encounter_kind closing_kind(enum encounter_kind kind, const struct closing *closing);
/* How long, and to how many segments, the side was silent that is, or that sends a reset at last. */
void closing_note_silence(struct encounter *encounter, const struct closing *closing);
/* Data that was sent at least twice before, and the receiver has been silent ever since. After track_heard(). */
bool closing_is_unacknowledged(const struct closing *closing);
/* A keepalive, as far as numbers show: RFC 9293 3.8.4, tcp_xmit_probe_skb(). */
bool closing_is_keepalive(const struct end *from, const struct end *to, const struct segment *segment);

#endif
