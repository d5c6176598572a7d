/* end_next.c - the segment that both ends expect next. */
#include "crafter/end_next.h"

#include "crafter/seq.h"

/* No window is larger (RFC 7323 2.3): what lies within it is neither before nor after by a turn of the circle. */
#define WINDOW_MAX (UINT32_C(1) << 30)

enum {
	KNOWN = END_SND_NXT | END_SND_UNA | END_SND_WND | END_RCV_NXT | END_RCV_WND | END_TIMESTAMPS | END_OPTIONS,
	KNOWN_STAMPED = KNOWN | END_TS_RECENT | END_LAST_TSVAL,
};

static bool is_synchronized(const struct end *end)
{
	return end->state != STATE_CLOSED && end->state != STATE_LISTEN && end->state != STATE_SYN_SENT &&
	       end->state != STATE_SYN_RECV && end->state != STATE_UNKNOWN;
}

static bool is_known(const struct end *end)
{
	return end_knows(end, end->timestamps ? KNOWN_STAMPED : KNOWN) && end->snd_nxt - end->snd_una <= WINDOW_MAX;
}

/* In SYN-RECEIVED it must acknowledge the SYN (RFC 9293 3.10.7.4, fifth). */
static bool acknowledges_sent(const struct end *to, const struct segment *segment)
{
	uint32_t beyond = segment->ack - to->snd_una;

	return beyond <= to->snd_nxt - to->snd_una && (is_synchronized(to) || (to->state == STATE_SYN_RECV && beyond > 0));
}

/* Something that came, and no less than before. */
static bool acknowledges_next(const struct end *from, const struct segment *segment)
{
	return from->rcv_nxt - segment->ack <= WINDOW_MAX &&
	       (!end_knows(from, END_LAST_ACK) || segment->ack - from->last_ack_sent <= WINDOW_MAX);
}

/* Where there are none, none may come: what a stack does with one is a question. */
static bool has_stamp(const struct segment *segment)
{
	return segment->option_count == 3 && segment->options[2] == OPTION_TIMESTAMPS;
}

static bool stamp_is_next(const struct end *from, const struct end *to, const struct segment *segment)
{
	if (!from->timestamps || !to->timestamps)
		return !from->timestamps && !to->timestamps && segment->option_count == 0;
	return has_stamp(segment) && !seq_before(segment->tsval, from->last_tsval) &&
	       !seq_before(segment->tsval, to->ts_recent);
}

bool end_next_is(const struct end *from, const struct end *to, const struct segment *segment)
{
	return segment->seq == from->snd_nxt && segment->seq == to->rcv_nxt &&
	       (segment->flags & ~(FLAG_PSH | FLAG_FIN)) == FLAG_ACK && is_known(from) && is_known(to) &&
	       is_synchronized(from) && acknowledges_sent(to, segment) && acknowledges_next(from, segment) &&
	       stamp_is_next(from, to, segment);
}

/* Neither end has closed, or is told to. */
static bool is_open(const struct end *end)
{
	return end->state == STATE_ESTABLISHED && end_knows(end, END_LAST_ACK) && !end->fin_sent && !end->fin_came &&
	       end->rcv_wnd <= WINDOW_MAX;
}

static void sent(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	uint32_t edge = segment->ack + ((uint32_t)segment->window << end->rcv_wscale);

	end->snd_nxt += segment->payload_size;
	end->last_ack_sent = segment->ack;
	if (seq_after(edge, end->rcv_nxt + end->rcv_wnd))
		end->rcv_wnd = edge - end->rcv_nxt;
	if (end->timestamps) {
		end->last_tsval = segment->tsval;
		end->last_tsval_ns = time_ns;
	}
}

static void got(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	uint32_t window = (uint32_t)segment->window << end->snd_wscale;

	/* RFC 7323 4.3 (2) */
	if (end->timestamps && !seq_after(segment->seq, end->last_ack_sent)) {
		end->ts_recent = segment->tsval;
		end->ts_recent_ns = time_ns;
	}
	end->snd_una = segment->ack;
	if (seq_before(end->snd_wl1, segment->seq) ||
	    (end->snd_wl1 == segment->seq && !seq_after(end->snd_wl2, segment->ack))) {
		end->snd_wnd = window;
		end->snd_wl1 = segment->seq;
		end->snd_wl2 = segment->ack;
		if (window > end->max_snd_wnd)
			end->max_snd_wnd = window;
	}
	end->rcv_nxt += segment->payload_size;
	end->rcv_wnd -= segment->payload_size;
	if (seq_after(end->rcv_nxt, end->rcv_max))
		end->rcv_max = end->rcv_nxt;
}

void end_next_pass(struct end *from, struct end *to, const struct segment *segment, uint64_t time_ns)
{
	bool open = is_open(from) && is_open(to) && !(segment->flags & FLAG_FIN) && segment->payload_size <= to->rcv_wnd;

	if (open) {
		sent(from, segment, time_ns);
		got(to, segment, time_ns);
	} else {
		end_sent(from, segment, time_ns);
		end_got(to, segment, time_ns);
	}
}
