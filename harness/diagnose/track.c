/* track.c - what the segments of a connection's two ends say besides their numbers. */
#include "harness/diagnose/track.h"

#include "crafter/seq.h"
#include "crafter/units.h"
#include "harness/diagnose/crossing.h"
#include "harness/diagnose/losses.h"

/* A switch's mirror port, or a bridge, shows one segment twice within this time. No end sends the same one again so early. */
#define DOUBLE_NS (2 * NSEC_PER_MSEC)
/* What makes a whole connection doubtful, not only what hangs on the one segment. */
#define LACKS_OF_ALL (SEGMENT_LACKS_TIME | SEGMENT_LACKS_BASE | SEGMENT_LACKS_CHECKSUM | SEGMENT_LACKS_OTHERS)

void track_measure(struct track_side *from, struct track_side *to, const struct segment *segment, uint64_t time_ns)
{
	if (from->syn_ns && (segment->flags & FLAG_ACK) && !(segment->flags & FLAG_RST)) {
		if (!from->syns_open)
			from->delay_ns = time_ns - from->syn_ns;
		from->delay_open = from->syns_open;
		from->farther = to->delay_ns && from->delay_ns > 2 * to->delay_ns;
		to->farther = to->delay_ns > 2 * from->delay_ns;
		from->syn_ns = 0;
	}
	if (segment->flags & FLAG_SYN) {
		to->syns_open = to->syn_ns && to->syn_seq == segment->seq; /* which of them is answered is not known */
		to->syn_seq = segment->seq;
		to->syn_ns = time_ns;
	}
}

/* What two segments of one end must share to be the same. */
static uint64_t print_of(const struct segment *segment)
{
	return ((uint64_t)segment->seq << 32 | segment->ack) * UINT64_C(0x9e3779b97f4a7c15) +
	       ((uint64_t)segment->tsval << 32 | segment->payload_size) * UINT64_C(0xc2b2ae3d27d4eb4f) +
	       ((uint64_t)segment->ip_id << 32 | (uint64_t)segment->window << 16 | segment->flags) *
		       UINT64_C(0x165667b19e3779f9);
}

/* The same segment again, sooner than any timer? No resets: two segments for a closed connection get the same one. */
static bool comes_twice(struct track_side *from, const struct segment *segment, uint64_t time_ns)
{
	uint64_t print = print_of(segment);

	if (segment->flags & FLAG_RST)
		return false;
	for (int i = 0; i < TRACK_LATEST; i++) {
		const struct track_latest *old = &from->latest[i];

		if (old->print == print && old->time_ns && old->time_ns + DOUBLE_NS >= time_ns)
			return true;
	}
	from->latest[from->latest_next++ % TRACK_LATEST] = (struct track_latest){
		time_ns, print, segment->payload_size };
	return false;
}

static unsigned last_of(const struct track_side *side)
{
	return (side->latest_next + TRACK_LATEST - 1u) % TRACK_LATEST;
}

uint64_t track_spoke_ns(const struct track_side *side)
{
	return side->latest[last_of(side)].time_ns;
}

void track_rest(struct track_side *side, uint64_t now_ns)
{
	uint64_t window_ns = crossing_ns(side);

	for (unsigned i = 0; i < TRACK_LATEST; i++) {
		struct track_latest *old = &side->latest[i];

		if (old->time_ns + DOUBLE_NS < now_ns)
			old->print = 0;
		if (old->time_ns + window_ns < now_ns) {
			old->size = 0;
			old->time_ns = i == last_of(side) ? old->time_ns : 0;
		}
	}
}

bool track_is_unasked(const struct track_side *side, uint64_t time_ns)
{
	uint64_t spoke_ns = track_spoke_ns(side);

	return side->heard_ns <= spoke_ns && spoke_ns < time_ns; /* of one time: nobody knows */
}

void track_sender(struct track_side *from, struct track_side *to, const struct segment *segment, unsigned lacks, bool gap,
		  uint64_t time_ns)
{
	if (comes_twice(from, segment, time_ns))
		from->doubled = to->doubled = true;
	if (gap)
		from->gaps = to->gaps = true;
	if (lacks & SEGMENT_LACKS_OPTIONS)
		from->cut = to->cut = true;
	if (lacks & LACKS_OF_ALL) {
		from->unshown.lacks |= (uint8_t)(lacks & LACKS_OF_ALL);
		to->unshown.lacks |= (uint8_t)(lacks & LACKS_OF_ALL);
	}
	from->spoke = true;
	if (segment->flags & FLAG_RST)
		return;
	/* What it sent before that segment arrived shows nothing. */
	if (from->over_frame && time_ns > from->over_ns + crossing_ns(from))
		from->over_frame = 0;
	from->unheard = from->probes = 0;
	from->silence_told = false;
}

void track_begin(struct track_side *side, unsigned lacks, uint64_t time_ns)
{
	side->gaps = side->doubled = side->syn_ack = side->again = side->skips = false;
	side->cut = lacks & SEGMENT_LACKS_OPTIONS;
	side->unshown = (struct unshown){ .lacks = (uint8_t)(lacks & LACKS_OF_ALL) };
	side->began_ns = time_ns;
	crossing_begin(side);
}

void track_heard(struct track_side *side, const struct segment *segment, bool keepalive, uint64_t quiet_ns, uint64_t time_ns)
{
	bool first = !side->unheard && !side->probes;

	side->heard_ns = time_ns;
	if (keepalive) {
		if (!side->probes++)
			side->probe_ns = time_ns;
		side->probe_ack = segment->ack;
	} else if (segment_length(segment) > 0 && !(segment->flags & (FLAG_SYN | FLAG_RST))) {
		if (!side->unheard++)
			side->unheard_ns = time_ns;
	} else {
		return;
	}
	if (first)
		side->quiet_ns = quiet_ns;
}

uint64_t track_unacknowledged_ns(const struct track_side *side, const struct end *end, uint64_t time_ns)
{
	uint64_t since_ns = side->heard_ns > side->sent_ns ? side->heard_ns : side->sent_ns;

	return end_knows(end, END_SND_UNA | END_SND_NXT) && end->snd_una != end->snd_nxt ? time_ns - since_ns : 0;
}

void track_may_end(struct track_side *side, uint64_t frame, uint64_t time_ns)
{
	side->over_frame = frame;
	side->over_ns = time_ns;
}

/* Nothing is sent behind a FIN, but ACKs have the number behind it. Data there shows that there was none; and what was lost
 * comes again. */
static void note_skipped(struct track_side *side, const struct end *end, const struct segment *segment)
{
	if ((segment->flags & (FLAG_SYN | FLAG_RST | FLAG_ACK)) != FLAG_ACK || !end_knows(end, END_SND_NXT))
		return;
	if (segment_length(segment) > 0) {
		side->skips = side->skips && !seq_after(segment->seq + segment_length(segment), side->skipped);
	} else if (!side->skips && losses_is_ahead(segment->seq, end->snd_nxt)) {
		side->skips = true;
		side->skipped = end->snd_nxt;
	}
}

void track_sent(struct track_side *side, const struct end *end, const struct segment *segment, uint64_t time_ns)
{
	bool handshake = end->state == STATE_SYN_SENT || end->state == STATE_SYN_RECV;

	if (end->snd_una == end->snd_nxt || ((segment->flags & FLAG_SYN) && !handshake))
		side->sent_ns = time_ns;
	note_skipped(side, end, segment);
}
