/* losses.c - gaps counted by their traces: an acknowledgment of what did not pass, a handshake without its middle. */
#include "harness/diagnose/losses.h"

#include "crafter/seq.h"

/* Further ahead than this is no gap, but somebody else's number. */
#define GAP_MAX (UINT32_C(1) << 20)
/* One segment in so many: of the gaps, only those leave a trace that somebody acknowledges. */
enum { RATE = 1000, GAPS_LEAST = 3 };

/* A number of what the end has sent, or may have sent since. */
static bool is_near(const struct end *end, uint32_t number)
{
	return end_knows(end, END_SND_NXT) && number - end->snd_nxt + GAP_MAX <= 2 * GAP_MAX;
}

static bool shows_gap(const struct end *from, const struct end *to, const struct segment *segment)
{
	bool acks = segment->flags & FLAG_ACK, syn = segment->flags & FLAG_SYN, rst = segment->flags & FLAG_RST;

	if (rst)
		return false;
	if (from->state == STATE_SYN_RECV && !syn && segment_length(segment) > 0)
		return true;
	/* It goes on with a handshake, or with a connection, that did not pass here. */
	if (from->state == STATE_SYN_SENT && !syn && acks && segment->seq == from->snd_nxt && !is_near(to, segment->ack))
		return true;
	if (from->state == STATE_CLOSED && from->lives > 0 && !syn && acks && !is_near(from, segment->seq) &&
	    !is_near(to, segment->ack))
		return true;
	/* Who opens may be answered by the connection before. */
	if (!acks || !end_knows(to, END_SND_NXT) || to->state == STATE_CLOSED || to->state == STATE_LISTEN ||
	    to->state == STATE_SYN_SENT || to->state == STATE_SYN_RECV)
		return false;
	return seq_after(segment->ack, to->snd_nxt) && segment->ack - to->snd_nxt < GAP_MAX;
}

bool losses_note(struct losses *losses, const struct end *from, const struct end *to, const struct segment *segment)
{
	bool gap = shows_gap(from, to, segment);

	losses_pass(losses, segment);
	losses->sum.gaps += gap;
	return gap;
}

const char *losses_filtered(const struct losses *losses)
{
	if (!(losses->shown & SHOWN_ACK))
		return "the capture has no segment that is only an ACK; a filter by TCP flags may have left out more";
	if (losses->sum.gaps && !(losses->shown & SHOWN_PUSH))
		return "data was acknowledged that the capture does not have, nor any with PSH; a filter by TCP flags may have "
		       "left it out";
	return NULL;
}

void losses_disorder(struct losses *losses)
{
	losses->sum.disorder++;
}

struct losses_sum losses_before(const struct losses *losses)
{
	if (losses->segments < LOSSES_NEAR)
		return (struct losses_sum){ 0 };
	return losses->marks[(losses->segments - LOSSES_NEAR) / LOSSES_STEP % LOSSES_MARKS];
}

uint64_t losses_around(const struct losses *losses, uint64_t segment)
{
	uint64_t first = segment / LOSSES_STEP, last = first + 2;
	uint64_t until = last * LOSSES_STEP < losses->segments ? losses->marks[last % LOSSES_MARKS].gaps : losses->sum.gaps;

	return until - losses->marks[first % LOSSES_MARKS].gaps;
}

bool losses_count(uint64_t gaps, uint64_t segments)
{
	return gaps >= GAPS_LEAST && gaps * RATE > segments;
}
