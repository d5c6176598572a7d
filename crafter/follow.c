/* follow.c - from segments to the state of the end that sends and gets them. */
#include "crafter/follow.h"

#include "crafter/seq.h"

static const char *const names[END_STATE_COUNT] = {
	[END_CLOSED] = "closed", [END_LISTEN] = "listen", [END_SYN_SENT] = "syn-sent", [END_SYN_RECV] = "syn-recv",
	[END_ESTABLISHED] = "established", [END_FIN_WAIT_1] = "fin-wait-1", [END_FIN_WAIT_2] = "fin-wait-2",
	[END_CLOSING] = "closing", [END_TIME_WAIT] = "time-wait", [END_CLOSE_WAIT] = "close-wait",
	[END_LAST_ACK] = "last-ack",
};

const char *end_state_name(enum end_state state)
{
	return (unsigned)state < END_STATE_COUNT ? names[state] : "?";
}

/* A reset in SYN-SENT answers a segment of some other connection and leaves this one as it is. */
static void sent_reset(struct follower *follower)
{
	if (follower->state != END_SYN_SENT && follower->state != END_LISTEN)
		follower->state = END_CLOSED;
}

void follow_sent(struct follower *follower, const struct segment *segment)
{
	uint32_t end = segment->seq + segment_length(segment);

	if (segment->flags & FLAG_RST) {
		sent_reset(follower);
	} else if (segment->flags & FLAG_SYN) {
		follower->state = segment->flags & FLAG_ACK ? END_SYN_RECV : END_SYN_SENT;
		follower->snd_nxt = end;
		if (segment->flags & FLAG_ACK)
			follower->rcv_nxt = segment->ack;
	} else if (seq_after(end, follower->snd_nxt)) {
		follower->snd_nxt = end;
		if (!(segment->flags & FLAG_FIN))
			return;
		if (follower->state == END_ESTABLISHED || follower->state == END_SYN_RECV)
			follower->state = END_FIN_WAIT_1;
		else if (follower->state == END_CLOSE_WAIT)
			follower->state = END_LAST_ACK;
	}
}

/* Our FIN, or the SYN-ACK, is acknowledged. */
static void got_acknowledgment(struct follower *follower)
{
	switch (follower->state) {
	case END_SYN_RECV:
		follower->state = END_ESTABLISHED;
		break;
	case END_FIN_WAIT_1:
		follower->state = END_FIN_WAIT_2;
		break;
	case END_CLOSING:
		follower->state = END_TIME_WAIT;
		break;
	case END_LAST_ACK:
		follower->state = END_CLOSED;
		break;
	default:
		break;
	}
}

static void got_fin(struct follower *follower)
{
	switch (follower->state) {
	case END_ESTABLISHED:
		follower->state = END_CLOSE_WAIT;
		break;
	case END_FIN_WAIT_1:
		follower->state = END_CLOSING;
		break;
	case END_FIN_WAIT_2:
		follower->state = END_TIME_WAIT;
		break;
	default:
		break;
	}
}

static void got_in_syn_sent(struct follower *follower, const struct segment *segment)
{
	if (!(segment->flags & FLAG_ACK) || segment->ack != follower->snd_nxt)
		return;
	if (segment->flags & FLAG_RST) {
		follower->state = END_CLOSED;
	} else if (segment->flags & FLAG_SYN) {
		follower->state = END_ESTABLISHED;
		follower->rcv_nxt = segment->seq + 1;
	}
}

void follow_got(struct follower *follower, const struct segment *segment)
{
	uint32_t end = segment->seq + segment_length(segment);

	if (follower->state == END_SYN_SENT) {
		got_in_syn_sent(follower, segment);
		return;
	}
	if (follower->state == END_CLOSED || (segment->flags & FLAG_SYN)) {
		if (follower->state == END_LISTEN)
			follower->rcv_nxt = end;
		return;
	}
	if (segment->flags & FLAG_RST) {
		if (segment->seq == follower->rcv_nxt)
			follower->state = END_CLOSED;
		return;
	}
	if ((segment->flags & FLAG_ACK) && segment->ack == follower->snd_nxt)
		got_acknowledgment(follower);
	if (segment->seq != follower->rcv_nxt)
		return;
	follower->rcv_nxt = end;
	if (segment->flags & FLAG_FIN)
		got_fin(follower);
}
