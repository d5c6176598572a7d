/* oracle_fields_after.c - the linux book on what the subject remembers of a segment: rcv_nxt and ts_recent, which the fields of
 * its next answer show. */
#include "cases/books/oracle_fields_internal.h"

/* tcp_timewait_state_process(): tmp_opt.saw_tstamp, in the two places that write tw_ts_recent. */
static void small_after(const struct asked *asked, struct end *after)
{
	const struct arrival *arrival = asked->arrival;
	bool saw = arrival->has_timestamp && arrival->connection_timestamps && arrival->timestamps;
	bool fin = arrival->state == STATE_FIN_WAIT_2 && after->state == STATE_TIME_WAIT;
	bool stays = arrival->state == STATE_TIME_WAIT && after->state == STATE_TIME_WAIT;
	bool exact = stays && asked->rule->answer == ANSWER_SILENCE && arrival->seq == 0 &&
		     !(saw && oracle_linux_paws_reject(arrival, asked->kernel));

	if (fin)
		after->rcv_nxt += arrival->end_seq;
	if (saw && (fin || exact))
		after->ts_recent = arrival->tsval;
}

/* tcp_check_req(): before CHANGE_REQUEST_TS whatever fits brings a new ts_recent, also what is dropped then because it has no
 * ACK flag or the accept queue is full. */
static void request_after(const struct asked *asked, struct end *after)
{
	const struct arrival *arrival = asked->arrival;
	bool saw = arrival->has_timestamp && arrival->connection_timestamps && arrival->timestamps;

	bool refused = arrival->ack && arrival->ack_seq != 0; /* left to the listener before that */

	if (saw && asked->rule->answer == ANSWER_SILENCE && !arrival->rst && !refused && !seq_after(arrival->seq, 0) &&
	    !kernel_has(asked->kernel, CHANGE_REQUEST_TS))
		after->ts_recent = arrival->tsval;
}

static bool full_after(const struct asked *asked, struct end *after, uint16_t *unknown)
{
	struct uptake uptake;

	oracle_fields_uptake(asked, &uptake);
	after->rcv_nxt += uptake.taken;
	after->fin_taken |= asked->arrival->fin && uptake.taken && uptake.taken == asked->arrival->end_seq;
	after->demands_cwr |= after->ecn && uptake.congested;
	if (uptake.newer)
		after->ts_recent = asked->arrival->tsval;
	if (uptake.newer_open)
		*unknown |= 1U << FIELD_TSECR;
	if (uptake.held) {
		after->held_from = after->rcv_nxt + uptake.blocks[0].from;
		after->held_to = after->rcv_nxt + uptake.blocks[0].to;
	}
	/* What fills a gap, or more than one that is held. */
	if (oracle_fields_holds(asked->end) && (uptake.held || uptake.taken))
		*unknown |= 1U << FIELD_SACK | 1U << FIELD_OPTIONS | 1U << FIELD_ACK;
	if (uptake.taken || uptake.held)
		*unknown |= 1U << FIELD_WINDOW;
	return true;
}

/* tcp_ecn_rcv_synack(): a SYN-ACK with CE counts where it says that nothing was done to the SYN, which had no ECT. */
static void begin_ecn(const struct asked *asked, struct end *after)
{
	const struct arrival *arrival = asked->arrival;

	after->accurate_ecn = oracle_fields_accurate(asked) && kernel_at_least(asked->kernel, 7, 2);
	after->ce_count = arrival->ack && arrival->ecn == ECN_CE &&
			  (arrival->ace == ACE_NOT_ECT || arrival->ace == ACE_RESERVED);
}

/* tcp_rcv_synsent_state_process(): the other end's SYN gives all that was not known. */
static bool begun_after(const struct asked *asked, struct end *after)
{
	const struct arrival *arrival = asked->arrival;

	if (after->state == STATE_SYN_SENT)
		return true;
	if (arrival->extends)
		return false;
	after->known |= END_IRS | END_SND_WND | END_RCV_NXT | END_RCV_WND | END_LAST_ACK | END_TIMESTAMPS | END_OPTIONS |
			END_TS_RECENT;
	after->passive = false;
	after->rcv_nxt = after->last_ack_sent = asked->segment->seq + 1;
	after->rcv_wnd = after->own_syn.window;
	after->snd_wnd = after->max_snd_wnd = asked->segment->window;
	after->timestamps = arrival->has_timestamp && arrival->timestamps;
	after->ts_recent = arrival->tsval;
	after->sack = after->own_syn.sack && arrival->sack_permitted;
	begin_ecn(asked, after);
	after->rcv_wscale = arrival->scales && after->own_syn.scales ? after->own_syn.wscale : 0;
	return true;
}

static bool state_after(const struct asked *asked, struct end *after, uint16_t *unknown)
{
	switch (asked->arrival->state) {
	case STATE_TIME_WAIT:
	case STATE_FIN_WAIT_2:
		if (after->state == STATE_SYN_RECV)
			return false;
		small_after(asked, after);
		return true;
	case STATE_SYN_SENT:
		return begun_after(asked, after);
	case STATE_SYN_RECV:
		if (!asked->arrival->passive || oracle_linux_made_child(asked->rule))
			return after->state != STATE_SYN_RECV && full_after(asked, after, unknown);
		request_after(asked, after);
		return true;
	case STATE_LISTEN:
		return after->state == STATE_CLOSED || after->state == STATE_LISTEN;
	case STATE_CLOSED:
		return true;
	default:
		return full_after(asked, after, unknown);
	}
}

/* 6.10 to 7.0: tcp_timewait_state_process() leaves the ISN to the listener in a variable of the processor (tcp_tw_isn), and a
 * listener that drops a SYN-FIN does not take it. The next SYN finds it, and is let past a full queue without a cookie. ("tcp:
 * fix stale per-CPU tcp_tw_isn leak enabling ISN prediction"; which stable releases have that is not known.) */
static bool leaves_isn(const struct arrival *arrival, const struct kernel *kernel)
{
	return arrival->state == STATE_TIME_WAIT && arrival->syn && arrival->fin && kernel_has(kernel, CHANGE_TW_ISN) &&
	       kernel_known(kernel) && !kernel_at_least(kernel, 7, 1);
}

bool oracle_fields_after(const struct end *subject, const struct segment *segment, const struct surroundings *surroundings,
			 const struct kernel *kernel, struct end *after, uint16_t *unknown)
{
	struct arrival arrival;
	struct expectation expected;
	struct asked asked = { .end = subject, .segment = segment, .arrival = &arrival, .kernel = kernel };

	*after = *subject;
	*unknown = 0;
	oracle_arrival(subject, segment, surroundings, &arrival);
	if (arrival.repetition != REPETITION_NONE || arrival.state == STATE_UNKNOWN || arrival.unseen)
		return false;
	oracle_ask(BOOK_LINUX, subject, segment, surroundings, kernel, &expected);
	if (expected.after == STATE_UNKNOWN)
		return false;
	asked.rule = oracle_rule(BOOK_LINUX, &arrival, kernel);
	after->state = expected.after;
	if (leaves_isn(&arrival, kernel))
		*unknown |= 1U << FIELD_OPTIONS;
	if (arrival.icmp || oracle_linux_drops_unread(&arrival, kernel) || after->state == STATE_CLOSED ||
	    after->state == STATE_LISTEN)
		return true;
	return state_after(&asked, after, unknown);
}
