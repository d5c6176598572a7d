/* end_got.c - what the segments that reach an end do to it: RFC 9293 3.10.7, RFC 5961 and RFC 7323 in their order. */
#include "crafter/end_internal.h"

/* RFC 7323 5.5: a ts_recent of this age counts no more. */
#define TS_RECENT_LAPSES_S (UINT64_C(24) * 24 * 60 * 60)
/* No window is larger (RFC 7323 2.3). */
#define WINDOW_MAX (UINT32_C(1) << 30)

static bool ts_recent_counts(const struct end *end, uint64_t time_ns)
{
	return end_knows(end, END_TS_RECENT) && end_ts_age_s(end, time_ns) < TS_RECENT_LAPSES_S;
}

static uint32_t window_of(const struct end *end)
{
	return end_knows(end, END_RCV_WND) ? end->rcv_wnd : WINDOW_MAX;
}

static bool in_window(const struct end *end, uint32_t number)
{
	return number - end->rcv_nxt < window_of(end);
}

/* What it has not acknowledged yet still counts: the ACK may be delayed, or an observer may believe that lost text arrived.
 * Linux has the same left edge, tp->rcv_wup in tcp_sequence(). */
static uint32_t left_edge(const struct end *end)
{
	return end_knows(end, END_LAST_ACK) ? end->last_ack_sent : end->rcv_nxt;
}

/* RFC 9293 3.4, table 6; with the window closed, what is at its edge still counts but for its text (3.10.7.4). */
static bool is_acceptable(const struct end *end, const struct segment *segment)
{
	uint32_t length = segment_length(segment), left = left_edge(end);

	if (segment->seq - left <= end->rcv_nxt - left || in_window(end, segment->seq))
		return true;
	return left - segment->seq < length;
}

/* What is in the window is remembered even if the rules drop it: the end may yet show that its stack's rules differ. */
static void note_coming(struct end *end, const struct segment *segment)
{
	uint32_t edge = end_right_edge(segment);

	if (segment->flags & (FLAG_SYN | FLAG_RST))
		return;
	if (seq_after(edge, end->rcv_max))
		end->rcv_max = edge;
	if ((segment->flags & FLAG_FIN) && !end->fin_queued) {
		end->fin_came = true;
		end->their_fin_seq = edge - 1;
	}
}

/* RFC 7323 5.3 (PAWS), and 3.2: where timestamps were agreed upon, a segment without them should be dropped. FreeBSD does that
 * (tcp_do_segment(), tcp_tolerate_missing_ts), Linux does not (tcp_validate_incoming() asks for saw_tstamp first); if a
 * stack takes such a segment, its acknowledgment shows it. */
static bool is_too_old(const struct end *end, const struct segment *segment, uint64_t time_ns)
{
	if (!end->timestamps || (segment->flags & FLAG_RST))
		return false;
	if (!segment_has_option(segment, OPTION_TIMESTAMPS))
		return true;
	return ts_recent_counts(end, time_ns) && seq_before(segment->tsval, end->ts_recent);
}

/* RFC 7323 4.3 (2): of what covers the last number that it acknowledged, so that a delayed ACK echoes the earliest. */
static void record_timestamp(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	if (end->timestamps && segment_has_option(segment, OPTION_TIMESTAMPS) && !seq_after(segment->seq, left_edge(end)))
		end_set_ts_recent(end, segment->tsval, time_ns);
}

/* Its FIN is acknowledged. */
static void got_ack_of_fin(struct end *end)
{
	end->fin_acked = true;
	switch (end->state) {
	case STATE_FIN_WAIT_1:
		end->state = STATE_FIN_WAIT_2;
		break;
	case STATE_CLOSING:
		end->state = STATE_TIME_WAIT;
		break;
	case STATE_LAST_ACK:
		end->state = STATE_CLOSED;
		break;
	default:
		break;
	}
}

static void update_window(struct end *end, const struct segment *segment)
{
	uint8_t shift = segment->flags & FLAG_SYN ? 0 : end->snd_wscale;
	bool known = end_knows(end, END_SND_WND);

	if (!(segment->flags & FLAG_SYN) && !end_knows(end, END_OPTIONS))
		return;
	if (!known || seq_before(end->snd_wl1, segment->seq) ||
	    (end->snd_wl1 == segment->seq && !seq_after(end->snd_wl2, segment->ack)))
		end_set_snd_wnd(end, (uint32_t)segment->window << shift, segment->seq, segment->ack);
}

/* RFC 9293 3.10.7.4, fifth. False when the segment is dropped for its acknowledgment. */
static bool got_ack(struct end *end, const struct segment *segment)
{
	uint32_t ack = segment->ack;

	if (!end_knows(end, END_SND_NXT)) {
		end->snd_nxt = ack;
		end->known |= END_SND_NXT;
	}
	if (seq_after(ack, end->snd_nxt))
		return false;
	if (!end_knows(end, END_SND_UNA)) {
		end->snd_una = ack;
		end->known |= END_SND_UNA;
	}
	if (end->state == STATE_SYN_RECV) {
		if (!seq_after(ack, end->snd_una))
			return false;
		end->state = STATE_ESTABLISHED;
	}
	/* RFC 5961 5.2 */
	if (end_knows(end, END_SND_WND) && seq_before(ack, end->snd_una - end->max_snd_wnd))
		return false;
	if (seq_before(ack, end->snd_una))
		return true;
	end->snd_una = ack;
	if (end->text_sent && ack == end->snd_nxt) {
		end->text_acked = true;
		end_conclude(end);
	}
	update_window(end, segment);
	if (end->fin_sent && !end->fin_acked && seq_after(ack, end->fin_seq))
		got_ack_of_fin(end);
	return true;
}

/* Text counts up to the window's edge; in states after the other end's FIN there is none (RFC 9293 3.10.7.4, seventh). */
static void got_text(struct end *end, const struct segment *segment)
{
	uint32_t right = segment->seq + segment->payload_size, room = window_of(end);

	if (end->fin_taken)
		return;
	if (segment->flags & FLAG_FIN)
		end->fin_queued = true;
	if (seq_after(segment->seq, end->rcv_nxt))
		return;
	if (seq_after(right, end->rcv_nxt)) {
		end->text_came |= end->state == STATE_UNKNOWN;
		end_set_rcv_nxt(end, right - end->rcv_nxt < room ? right : end->rcv_nxt + room);
	}
	if (end->fin_queued && end->rcv_nxt == end->their_fin_seq)
		end_take_fin(end);
}

/* RFC 9293 3.10.7.4, second, with RFC 5961 3.2: at exactly the next number. */
static void got_reset(struct end *end, const struct segment *segment)
{
	if (segment->seq != end->rcv_nxt)
		return;
	if (end->state == STATE_SYN_RECV && end->passive)
		end_start_over(end, STATE_LISTEN);
	else
		end->state = STATE_CLOSED;
}

/* RFC 9293 figure 7: after both SYNs crossed, each answers the other's with a SYN-ACK. An end that answered a SYN with one has
 * had that SYN: another comes below its window. Any other SYN is challenged (RFC 5961 4.2), but for one in the window of an end
 * that listened (3.10.7.4, fourth). */
static void got_syn(struct end *end, const struct segment *segment)
{
	if (end->state != STATE_SYN_RECV)
		return;
	if ((segment->flags & FLAG_ACK) && segment->seq == end->irs && !(end->passive && end_knows(end, END_LAST_ACK)))
		got_ack(end, segment);
	else if (end->passive && is_acceptable(end, segment))
		end_start_over(end, STATE_LISTEN);
}

static void got_in_connection(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	bool old;

	if (segment->flags & FLAG_SYN && !(segment->flags & FLAG_RST)) {
		got_syn(end, segment);
		return;
	}
	end_learn_timestamps(end, segment);
	if (!end_knows(end, END_RCV_NXT) && !(segment->flags & FLAG_RST))
		end_set_rcv_nxt(end, segment->seq);
	if (!end_knows(end, END_RCV_NXT) || !is_acceptable(end, segment))
		return;
	note_coming(end, segment);
	old = is_too_old(end, segment, time_ns);
	if (old && !end->any_timestamp)
		return;
	if (segment->flags & FLAG_RST) {
		got_reset(end, segment);
		return;
	}
	if (!(segment->flags & FLAG_ACK))
		return;
	if (!old)
		record_timestamp(end, segment, time_ns);
	if (got_ack(end, segment))
		got_text(end, segment);
}

/* RFC 9293 3.10.7.3. With text in the SYN it takes what it then acknowledges. */
static void got_in_syn_sent(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	bool acks = segment->flags & FLAG_ACK;

	if (acks && (!seq_after(segment->ack, end->iss) || seq_after(segment->ack, end->snd_nxt)))
		return;
	if (segment->flags & FLAG_RST) {
		if (acks)
			end->state = STATE_CLOSED;
		return;
	}
	if (!(segment->flags & FLAG_SYN))
		return;
	end_note_their_syn(end, segment, time_ns);
	if (acks)
		end->snd_una = segment->ack;
	end_meet(end);
	end->state = acks ? STATE_ESTABLISHED : STATE_SYN_RECV;
}

/* A capture that began after its SYN: the SYN-ACK repeats most of it. */
static void got_unknown_syn_ack(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	end_start_over(end, STATE_ESTABLISHED);
	end->lives++;
	end->iss = segment->ack - 1;
	end->snd_una = end->snd_nxt = segment->ack;
	end->irs = segment->seq;
	end->timestamps = segment_has_option(segment, OPTION_TIMESTAMPS);
	end->known = END_ISS | END_SND_NXT | END_SND_UNA | END_IRS | END_TIMESTAMPS;
	end_set_rcv_nxt(end, segment->seq + 1);
	end_set_snd_wnd(end, segment->window, segment->seq, segment->ack);
	if (end->timestamps)
		end_set_ts_recent(end, segment->tsval, time_ns);
}

void end_got(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	uint8_t opening = segment->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST);

	if (end->state == STATE_SYN_SENT) {
		got_in_syn_sent(end, segment, time_ns);
		return;
	}
	if (end->state == STATE_UNKNOWN && opening == (FLAG_SYN | FLAG_ACK)) {
		got_unknown_syn_ack(end, segment, time_ns);
		return;
	}
	/* Its SYN-ACK will show whether it answers this one. */
	if (opening == FLAG_SYN)
		end_note_their_syn(end, segment, time_ns);
	if (end->state != STATE_CLOSED && end->state != STATE_LISTEN)
		got_in_connection(end, segment, time_ns);
	else if (segment->flags & FLAG_RST)
		end->their_syn.seen = false;
}
