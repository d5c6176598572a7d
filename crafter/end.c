/* end.c - an end's SYNs, and what the segments that it sends show of it. */
#include "crafter/end_internal.h"

#include <string.h>

/* RFC 7323 2.3: a larger shift counts as this one. */
enum { WSCALE_MAX = 14 };

/* RFC 9293 3.7.1: the MSS of an end whose SYN does not say one. */
enum { MSS_DEFAULT_IPV4 = 536, MSS_DEFAULT_IPV6 = 1220 };

void end_init(struct end *end, enum state state)
{
	memset(end, 0, sizeof(*end));
	end->state = state;
}

void end_start_over(struct end *end, enum state state)
{
	bool any_timestamp = end->any_timestamp;
	uint32_t lives = end->lives;

	end_init(end, state);
	end->any_timestamp = any_timestamp;
	end->lives = lives;
}

/* A SYN has both flags to ask, a SYN-ACK only ECE to agree. */
static bool has_ecn(const struct segment *segment)
{
	uint16_t flags = segment->flags & (FLAG_ECE | FLAG_CWR);

	return flags == (segment->flags & FLAG_ACK ? FLAG_ECE : FLAG_ECE | FLAG_CWR);
}

static bool asks_for_accurate_ecn(const struct segment *segment)
{
	enum { ALL = FLAG_AE | FLAG_CWR | FLAG_ECE };

	return !(segment->flags & FLAG_ACK) && (segment->flags & ALL) == ALL;
}

static void note_syn(struct end_syn *syn, const struct segment *segment, uint64_t time_ns)
{
	*syn = (struct end_syn){
		.seen = true,
		.scales = segment_has_option(segment, OPTION_WSCALE),
		.timestamps = segment_has_option(segment, OPTION_TIMESTAMPS),
		.sack = segment_has_option(segment, OPTION_SACK_PERMITTED),
		.ecn = has_ecn(segment),
		.accurate_ecn = asks_for_accurate_ecn(segment),
		.mss = segment->tuple.source.address.family == 6 ? MSS_DEFAULT_IPV6 : MSS_DEFAULT_IPV4,
		.window = segment->window,
		.payload_size = segment->payload_size,
		.seq = segment->seq,
		.time_ns = time_ns,
	};
	if (syn->scales)
		syn->wscale = segment->wscale < WSCALE_MAX ? segment->wscale : WSCALE_MAX;
	if (syn->timestamps)
		syn->tsval = segment->tsval;
	if (segment_has_option(segment, OPTION_MSS))
		syn->mss = segment->mss;
}

void end_note_their_syn(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	note_syn(&end->their_syn, segment, time_ns);
}

/* An option counts where both SYNs carry it (RFC 7323 2.2 and 3.2, RFC 2018 2). */
static void negotiate(struct end *end)
{
	const struct end_syn *own = &end->own_syn, *their = &end->their_syn;
	bool scales = own->scales && their->scales;

	end->timestamps = own->timestamps && their->timestamps;
	end->sack = own->sack && their->sack;
	end->ecn = own->ecn && their->ecn;
	end->snd_wscale = scales ? their->wscale : 0;
	end->rcv_wscale = scales ? own->wscale : 0;
	end->snd_mss = their->mss;
	end->rcv_mss = own->mss;
	end->known |= END_TIMESTAMPS | END_OPTIONS;
}

void end_set_rcv_nxt(struct end *end, uint32_t rcv_nxt)
{
	uint32_t moved = rcv_nxt - end->rcv_nxt;

	if (end_knows(end, END_RCV_NXT | END_RCV_WND))
		end->rcv_wnd = moved < end->rcv_wnd ? end->rcv_wnd - moved : 0;
	if (end->rcv_taken_back > end->rcv_wnd)
		end->rcv_taken_back = end->rcv_wnd;
	if (!end_knows(end, END_RCV_NXT) || seq_after(rcv_nxt, end->rcv_max))
		end->rcv_max = rcv_nxt;
	end->rcv_nxt = rcv_nxt;
	end->known |= END_RCV_NXT;
}

void end_set_ts_recent(struct end *end, uint32_t tsval, uint64_t time_ns)
{
	end->ts_recent = tsval;
	end->ts_recent_ns = time_ns;
	end->known |= END_TS_RECENT;
}

void end_set_snd_wnd(struct end *end, uint32_t window, uint32_t seq, uint32_t ack)
{
	end->snd_wnd = window;
	end->snd_wl1 = seq;
	end->snd_wl2 = ack;
	if (window > end->max_snd_wnd)
		end->max_snd_wnd = window;
	end->known |= END_SND_WND;
}

void end_learn_timestamps(struct end *end, const struct segment *segment)
{
	if (end_knows(end, END_TIMESTAMPS) || (segment->flags & (FLAG_SYN | FLAG_RST)))
		return;
	end->timestamps = segment_has_option(segment, OPTION_TIMESTAMPS);
	end->known |= END_TIMESTAMPS;
}

/* A window in a SYN is not scaled (RFC 7323 2.2). */
void end_meet(struct end *end)
{
	const struct end_syn *their = &end->their_syn;

	end->irs = their->seq;
	end->rcv_nxt = end->rcv_max = their->seq + 1;
	end->rcv_max += their->payload_size;
	end->rcv_wnd = end->own_syn.window;
	end->known |= END_IRS | END_RCV_NXT | END_RCV_WND;
	negotiate(end);
	end_set_snd_wnd(end, their->window, their->seq, end->snd_una);
	if (end->timestamps)
		end_set_ts_recent(end, their->tsval, their->time_ns);
	end->their_syn.seen = false;
}

void end_take_fin(struct end *end)
{
	end->fin_taken = true;
	end_set_rcv_nxt(end, end->their_fin_seq + 1);
	switch (end->state) {
	case STATE_SYN_RECV:
	case STATE_ESTABLISHED:
		end->state = STATE_CLOSE_WAIT;
		break;
	case STATE_FIN_WAIT_1:
		end->state = STATE_CLOSING;
		break;
	case STATE_FIN_WAIT_2:
	case STATE_FIN_WAIT_2_HALF:
		end->state = STATE_TIME_WAIT;
		break;
	case STATE_UNKNOWN:
		if (end->fin_sent)
			end->state = end->fin_acked ? STATE_TIME_WAIT : STATE_CLOSING;
		break;
	default:
		break;
	}
}

void end_conclude(struct end *end)
{
	if (end->state != STATE_UNKNOWN || !end->text_acked || !end->text_taken || end->fin_sent || end->fin_taken)
		return;
	end->state = STATE_ESTABLISHED;
	end->text_sent = end->text_acked = end->text_came = end->text_taken = false;
}

/* A new incarnation. Of the one before, only the SYN that this one may answer counts. */
static void begin(struct end *end, const struct segment *syn, uint64_t time_ns)
{
	struct end_syn their = end->their_syn;

	end_start_over(end, STATE_SYN_SENT);
	end->lives++;
	end->their_syn = their;
	note_syn(&end->own_syn, syn, time_ns);
	end->iss = end->snd_una = syn->seq;
	end->snd_nxt = end_right_edge(syn);
	end->known = END_ISS | END_SND_UNA | END_SND_NXT;
}

/* The SYN that this SYN-ACK answers was not seen. The SYN-ACK shows which of its options were accepted. */
static void meet_unseen(struct end *end, const struct segment *segment)
{
	end->irs = segment->ack - 1;
	end->rcv_nxt = end->rcv_max = segment->ack;
	end->rcv_wnd = segment->window;
	end->timestamps = end->own_syn.timestamps;
	end->known |= END_IRS | END_RCV_NXT | END_RCV_WND | END_TIMESTAMPS;
}

/* True for a SYN that it has sent before. Once an acknowledgment has passed, that happens only if the acknowledgment was lost
 * further on (or ignored: TCP_DEFER_ACCEPT); after anything else of the connection it is an old copy. When the connection is
 * gone, a SYN may begin a new one with the old number; a SYN-ACK that answers the old SYN does not. */
static bool is_same_syn(const struct end *end, const struct segment *segment)
{
	bool gone = end->state == STATE_CLOSED || end->state == STATE_LISTEN;
	bool answers_old = (segment->flags & FLAG_ACK) && end_knows(end, END_IRS) && segment->ack == end->irs + 1;

	return end_knows(end, END_ISS) && segment->seq == end->iss && (!gone || answers_old);
}

static bool may_await_ack(const struct end *end)
{
	return end->state == STATE_SYN_SENT || end->state == STATE_SYN_RECV ||
	       (end->state == STATE_ESTABLISHED && end->passive && end->snd_nxt == end->iss + 1);
}

static void sent_syn(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	bool listened = end->state == STATE_LISTEN, same = is_same_syn(end, segment), acks = segment->flags & FLAG_ACK;

	if (same && !may_await_ack(end))
		return;
	if (!same)
		begin(end, segment, time_ns);
	if (!acks) {
		/* Split handshake: it answers a SYN with a SYN of its own, as if both had opened (RFC 9293 3.5, figure 7). */
		if (!same && listened && end->their_syn.seen) {
			end_meet(end);
			end->passive = true;
			end->state = STATE_SYN_RECV;
		}
		return;
	}
	end->passive |= !same;
	if (!end_knows(end, END_IRS)) {
		if (end->their_syn.seen && segment->ack - end->their_syn.seq - 1 <= end->their_syn.payload_size)
			end_meet(end);
		else
			meet_unseen(end, segment);
	}
	end->state = STATE_SYN_RECV;
	end->snd_una = end->iss;
}

/* A FIN that does not acknowledge the other end's was sent before that came: the two crossed (RFC 9293 figure 13). */
static void sent_fin(struct end *end, const struct segment *segment)
{
	bool crossed = (segment->flags & FLAG_ACK) && !seq_after(segment->ack, end->their_fin_seq);

	end->fin_sent = true;
	end->fin_seq = segment->seq + segment->payload_size;
	if (end->state == STATE_ESTABLISHED || end->state == STATE_SYN_RECV)
		end->state = STATE_FIN_WAIT_1;
	else if (end->state == STATE_CLOSE_WAIT || (end->state == STATE_UNKNOWN && end->fin_taken))
		end->state = crossed ? STATE_CLOSING : STATE_LAST_ACK;
}

static void offers_up_to(struct end *end, uint32_t edge, bool old)
{
	uint32_t right = end->rcv_nxt + end->rcv_wnd;

	if (seq_after(edge, right))
		end->rcv_wnd = edge - end->rcv_nxt;
	if (!old)
		end->rcv_taken_back = !seq_before(edge, right) ? 0 : right - edge < end->rcv_wnd ? right - edge : end->rcv_wnd;
}

/* An acknowledgment of what never arrived proves nothing: it is somebody's stimulus. */
static void said_ack(struct end *end, const struct segment *segment)
{
	bool old;
	uint8_t shift = segment->flags & FLAG_SYN ? 0 : end->rcv_wscale;
	uint32_t edge = segment->ack + ((uint32_t)segment->window << shift);

	if (!end_knows(end, END_RCV_NXT))
		end_set_rcv_nxt(end, segment->ack);
	if (seq_after(segment->ack, end->rcv_max))
		return;
	if (seq_after(segment->ack, end->rcv_nxt))
		end_set_rcv_nxt(end, segment->ack);
	/* Nothing follows a FIN: acknowledging more than that shows that the FIN did not belong to this connection. */
	if (end->fin_came && !end->fin_taken && end->rcv_nxt == end->their_fin_seq + 1)
		end_take_fin(end);
	if (end->text_came && segment->ack == end->rcv_nxt) {
		end->text_taken = true;
		end_conclude(end);
	}
	old = end_knows(end, END_LAST_ACK) && seq_before(segment->ack, end->last_ack_sent);
	if (!old)
		end->last_ack_sent = segment->ack;
	end->known |= END_LAST_ACK;
	if (!(segment->flags & FLAG_SYN) && !end_knows(end, END_OPTIONS))
		return;
	offers_up_to(end, edge, old);
}

static void sent_in_connection(struct end *end, const struct segment *segment)
{
	uint32_t edge = end_right_edge(segment);

	if (end->state == STATE_CLOSED || end->state == STATE_LISTEN || end->state == STATE_SYN_SENT)
		return;
	end_learn_timestamps(end, segment);
	if (!end_knows(end, END_SND_NXT) || seq_after(edge, end->snd_nxt)) {
		end->text_sent |= end->state == STATE_UNKNOWN && end_knows(end, END_SND_NXT) && segment->payload_size > 0;
		end->snd_nxt = edge;
		end->known |= END_SND_NXT;
		if (segment->flags & FLAG_FIN)
			sent_fin(end, segment);
	}
}

/* RFC 9293 3.5.2: before it is synchronized, an end resets what does not belong to it and stays as it is; afterwards it
 * resets only its own connection. An abort in SYN-RECEIVED has the next number. */
static void sent_reset(struct end *end, const struct segment *segment)
{
	end->their_syn.seen = false;
	if (end->state == STATE_LISTEN || end->state == STATE_SYN_SENT)
		return;
	if (end->state == STATE_SYN_RECV && segment->seq != end->snd_nxt)
		return;
	end->state = STATE_CLOSED;
}

void end_sent(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	if (segment->flags & FLAG_RST) {
		sent_reset(end, segment);
		return;
	}
	if (segment->flags & FLAG_SYN)
		sent_syn(end, segment, time_ns);
	else
		sent_in_connection(end, segment);
	if ((segment->flags & FLAG_ACK) && end->state != STATE_CLOSED && end->state != STATE_LISTEN &&
	    end->state != STATE_SYN_SENT)
		said_ack(end, segment);
	if (segment_has_option(segment, OPTION_TIMESTAMPS)) {
		end->last_tsval = segment->tsval;
		end->last_tsval_ns = time_ns;
		end->known |= END_LAST_TSVAL;
	}
}
