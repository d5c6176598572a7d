/* losses.c - gaps counted by their traces: an acknowledgment of what did not pass, a handshake without its middle. */
#include "harness/diagnose/losses.h"

#include "crafter/seq.h"

/* One segment in so many: of the gaps, only those leave a trace that somebody acknowledges. */
enum { RATE = 1000, GAPS_LEAST = 3 };

/* A number of what the end has sent, or may have sent since. */
static bool is_near(const struct end *end, uint32_t number)
{
	return end_knows(end, END_SND_NXT) && number - end->snd_nxt + LOSSES_GAP_MAX <= 2 * LOSSES_GAP_MAX;
}

/* Who takes text from a SYN, with TCP Fast Open, may answer and close before the handshake is over (RFC 7413 4.2). */
static bool took_text_of_syn(const struct end *end)
{
	return end_knows(end, END_IRS | END_RCV_NXT) && end->rcv_nxt - end->irs > 1;
}

/* Segments of a connection whose handshake did not pass here, or not as a whole: an end that connects sends SYNs, and resets in
 * answer; one in SYN-RECEIVED its SYN-ACK; and nobody leaves out numbers. */
static bool skips_handshake(const struct end *from, const struct end *to, const struct segment *segment)
{
	uint32_t length = segment_length(segment);

	if (from->state == STATE_SYN_RECV)
		return (length > 0 && !took_text_of_syn(from)) ||
		       (end_knows(from, END_SND_NXT) && losses_is_ahead(segment->seq, from->snd_nxt));
	if (end_knows(to, END_RCV_NXT) && segment->seq == to->rcv_nxt) /* the SYN was somebody else's */
		return false;
	if (from->state == STATE_SYN_SENT)
		return segment->seq == from->snd_nxt ? !is_near(to, segment->ack) :
		       losses_is_ahead(segment->seq, from->snd_nxt);
	return to->state == STATE_SYN_SENT && !end_knows(from, END_SND_NXT) &&
	       (segment->ack == to->snd_nxt ? length > 0 : losses_is_ahead(segment->ack, to->snd_nxt));
}

/* Who opens may be answered by the connection before, which has its own numbers. */
static bool acks_more_than_came(const struct end *from, const struct end *to, const struct segment *segment)
{
	switch (to->state) {
	case STATE_CLOSED:
	case STATE_LISTEN:
		return false;
	case STATE_SYN_SENT:
		return !(segment->flags & FLAG_SYN) && from->state != STATE_CLOSED && from->state != STATE_LISTEN &&
		       end_knows(from, END_RCV_NXT) && losses_is_ahead(segment->ack, from->rcv_nxt);
	case STATE_SYN_RECV: /* one number is easily wrong */
		return end_knows(from, END_SND_NXT) && losses_is_ahead(segment->seq, from->snd_nxt) &&
		       losses_is_ahead(segment->ack, to->snd_nxt);
	default:
		return end_knows(to, END_SND_NXT) && losses_is_ahead(segment->ack, to->snd_nxt);
	}
}

static bool shows_gap(const struct end *from, const struct end *to, const struct segment *segment)
{
	bool acks = segment->flags & FLAG_ACK;

	if (segment->flags & FLAG_RST) /* in answer to a SYN it has an ACK */
		return !acks && to->state == STATE_SYN_SENT && !end_knows(from, END_SND_NXT);
	if (segment->flags & FLAG_SYN)
		return acks && acks_more_than_came(from, to, segment);
	if (!acks)
		return false;
	/* It goes on with a connection that did not pass here. */
	if (from->state == STATE_CLOSED && from->lives > 0 && !is_near(from, segment->seq) && !is_near(to, segment->ack))
		return true;
	return skips_handshake(from, to, segment) || acks_more_than_came(from, to, segment);
}

/* TIME_WAIT sends nothing but answers (tcp_timewait_state_process()); who connects sends a reset only in answer
 * (tcp_rcv_synsent_state_process()). */
static bool answers_unseen(const struct end *from, const struct segment *segment, bool unasked)
{
	enum state only = segment->flags & FLAG_RST ? STATE_SYN_SENT : STATE_TIME_WAIT;

	return unasked && from->state == only && (segment->flags & (FLAG_SYN | FLAG_ACK)) != FLAG_SYN;
}

bool losses_note(struct losses *losses, const struct end *from, const struct end *to, const struct segment *segment,
		 bool unasked)
{
	losses_pass(losses, segment);
	return shows_gap(from, to, segment) || answers_unseen(from, segment, unasked);
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

void losses_gap(struct losses *losses)
{
	losses->sum.gaps++;
}

void losses_explain(struct losses *losses)
{
	losses->explained = losses->sum.gaps;
}

static uint64_t between(const struct losses *losses, uint64_t gaps, uint64_t until)
{
	uint64_t from = gaps > losses->explained ? gaps : losses->explained;

	return until > from ? until - from : 0;
}

uint64_t losses_since(const struct losses *losses, uint64_t gaps)
{
	return between(losses, gaps, losses->sum.gaps);
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

	return between(losses, losses->marks[first % LOSSES_MARKS].gaps, until);
}

bool losses_count(uint64_t gaps, uint64_t segments)
{
	return gaps >= GAPS_LEAST && gaps * RATE > segments;
}
