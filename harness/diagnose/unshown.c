/* unshown.c - doubts that begin with a bare ACK of a text, and end with a segment that shows the same. */
#include "harness/diagnose/unshown.h"

#include "crafter/seq.h"

static void begin_doubts(struct unshown *unshown, const struct end *before, const struct end *after,
			 const struct segment *segment)
{
	if (after->snd_una != before->snd_una || after->state != before->state) {
		unshown->ack = true;
		unshown->handshake |= before->state == STATE_SYN_RECV;
		unshown->number = segment->ack;
	}
	if (after->ts_recent != before->ts_recent || after->ts_recent_ns != before->ts_recent_ns)
		unshown->stamp = true;
}

/* The end has answered with data: its handshake is over. */
static void end_handshake(struct unshown *from, const struct segment *segment)
{
	if (segment_length(segment) > 0 && !(segment->flags & (FLAG_SYN | FLAG_RST)))
		from->handshake = false;
}

const struct segment *unshown_place(const struct end *to, const struct segment *segment, unsigned lacks,
				    struct segment *placed)
{
	if (!(lacks & SEGMENT_LACKS_SEQ) || !end_knows(to, END_RCV_NXT))
		return segment;
	*placed = *segment;
	placed->seq = to->rcv_nxt;
	return placed;
}

void unshown_note(struct unshown *from, struct unshown *to, const struct end *before, const struct end *after,
		  const struct segment *segment, unsigned lacks)
{
	end_handshake(from, segment);
	if (lacks & SEGMENT_LACKS_SEQ) {
		begin_doubts(to, before, after, segment);
		return;
	}
	if (!(segment->flags & FLAG_ACK) || (segment->flags & (FLAG_SYN | FLAG_RST)) || segment->seq != before->rcv_nxt)
		return;
	if (!seq_before(segment->ack, to->number))
		to->ack = to->handshake = false;
	if (segment_has_option(segment, OPTION_TIMESTAMPS) && after->ts_recent == segment->tsval)
		to->stamp = false;
}

/* Of text that was acknowledged the state does not hang on it: only of a SYN and of a FIN. */
static bool ack_matters(const struct unshown *unshown, const struct end *end, const struct segment *segment)
{
	if (end->fin_sent && seq_after(unshown->number, end->fin_seq))
		return true;
	if (unshown->handshake)
		return true;
	return (segment->flags & FLAG_ACK) && seq_before(segment->ack, unshown->number);
}

unsigned unshown_matters(const struct unshown *unshown, const struct end *end, const struct segment *segment, unsigned lacks)
{
	bool older = end->timestamps && segment_has_option(segment, OPTION_TIMESTAMPS) &&
		     !seq_after(segment->tsval, end->ts_recent);

	lacks |= unshown->lacks;
	if ((unshown->ack && ack_matters(unshown, end, segment)) || (unshown->stamp && older))
		lacks |= SEGMENT_LACKS_SEQ;
	return lacks & ~(unsigned)(SEGMENT_LACKS_OPTIONS | SEGMENT_LACKS_IP);
}
