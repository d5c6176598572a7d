/* oracle_rfc.c - the rfc book: RFC 9293 3.10.7 with RFC 5961, RFC 6191, RFC 7323, RFC 3168, RFC 7413 and RFC 1337.
 *
 * Here: LISTEN (3.10.7.2) and the checks that the states of a connection share (3.10.7.4, first to fifth). Where a MAY or a
 * choice of designs changes the visible answer, the book leaves it open, with that reason. A SHOULD is taken as the
 * rule. */
#include "cases/books/oracle.h"

#include <stddef.h>

#include "cases/books/oracle_internal.h"

/* RCV.NXT =< number < RCV.NXT + RCV.WND (RFC 9293 3.4). */
static bool in_window(const struct arrival *arrival, uint32_t number)
{
	return !seq_before(number, 0) && seq_before(number, arrival->rcv_wnd);
}

/* The table of RFC 9293 3.4 (3.10.7.4): into a closed window goes only what is empty and exactly next. */
static bool acceptable(const struct arrival *arrival)
{
	if (arrival->rcv_wnd == 0)
		return arrival->seq == 0 && arrival->end_seq == 0;
	if (in_window(arrival, arrival->seq))
		return true;
	return arrival->end_seq != arrival->seq && in_window(arrival, arrival->end_seq - 1);
}

static const struct rule listen_rst = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 9293 3.10.7.2, first: an incoming RST should be ignored",
	"An RST for a connection that does not exist is ignored.",
};

static const struct rule listen_ack = {
	ANSWER_RST, ISN_NONE, SAME,
	"RFC 9293 3.10.7.2, second: any acknowledgment is bad in LISTEN",
	"A listener has sent nothing that could be acknowledged: whatever carries an ACK gets an RST.",
};

static const struct rule listen_syn = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"RFC 9293 3.10.7.2, third: SYN",
	"A connection request gets a SYN-ACK.",
};

static const struct rule listen_syn_ecn = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"RFC 9293 3.10.7.2, third: SYN; RFC 3168 6.1.1: an ECN-setup SYN gets a SYN-ACK with ECE, or without",
	"A connection request that offers ECN gets a SYN-ACK, which accepts the offer or does not.",
};

static const struct rule listen_syn_fast_open = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"RFC 9293 3.10.7.2, third: SYN; RFC 7413 4.1.2 and 4.2.2: a SYN-ACK, for the data as well if the cookie is valid",
	"A connection request with TCP Fast Open's option gets a SYN-ACK, whether its cookie is valid or not.",
};

static const struct rule listen_syn_fin = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.2, third: other control combined with SYN is processed in SYN-RECEIVED",
	"The SYN gets a SYN-ACK, and the FIN is left for the next state.",
};

static const struct rule listen_other = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 9293 3.10.7.2, fourth: other data or control",
	"A segment that is not a connection request is dropped.",
};

static const struct rule *listening(const struct arrival *arrival)
{
	if (arrival->rst)
		return &listen_rst;
	if (arrival->ack)
		return &listen_ack;
	if (!arrival->syn)
		return &listen_other;
	if (arrival->fin)
		return &listen_syn_fin;
	if (arrival->fast_open)
		return &listen_syn_fast_open;
	return arrival->ecn_setup ? &listen_syn_ecn : &listen_syn;
}

static const struct rule rst_outside = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, second: RST outside the receive window; RFC 5961 3.2",
	"An RST outside the receive window is dropped in silence.",
};

static const struct rule rst_inside = {
	ANSWER_ACK, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, second: RST in the window, not exactly RCV.NXT; RFC 5961 3.2",
	"An RST that is in the window but not exactly in sequence gets a challenge ACK.",
};

static const struct rule rst_exact = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"RFC 9293 3.10.7.4, second: RST, SEG.SEQ == RCV.NXT; RFC 5961 3.2",
	"An RST exactly in sequence ends the connection.",
};

static const struct rule no_option = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 7323 3.2: a non-RST segment without the negotiated timestamps option SHOULD be dropped silently",
	"The connection has timestamps and the segment has none, so it is dropped in silence.",
};

static const struct rule paws = {
	ANSWER_ACK, ISN_NONE, SAME,
	"RFC 7323 5.3, R1: SEG.TSval < TS.Recent and no RST",
	"The timestamp is older than the last one seen: the segment is not acceptable and gets an ACK.",
};

static const struct rule unacceptable = {
	ANSWER_ACK, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, first: sequence number not acceptable",
	"The segment is outside the receive window and gets an ACK.",
};

/* A zero-window probe is such a segment. Where its acknowledgment changes nothing, the state is certain all the same. */
static const struct rule closed_window = {
	ANSWER_ACK, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, first: RCV.WND is zero, special allowance should be made to accept valid ACKs",
	"Nothing fits the closed window, so the segment gets an ACK; whether its own acknowledgment counts is left open.",
};

static const struct rule syn = {
	ANSWER_ACK, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, fourth: SYN in a synchronized state; RFC 5961 4.2",
	"A SYN into an existing connection gets a challenge ACK, whatever its sequence number.",
};

static const struct rule without_ack = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, fifth: the ACK bit is off",
	"A segment without the ACK bit is dropped in silence.",
};

static const struct rule *check_rst(const struct arrival *arrival)
{
	if (arrival->seq == 0)
		return &rst_exact;
	return in_window(arrival, arrival->seq) ? &rst_inside : &rst_outside;
}

/* States in which an acknowledgment of all that was sent leads on. */
static bool awaits_ack(const struct arrival *arrival)
{
	return arrival->state == STATE_SYN_RECV || arrival->state == STATE_FIN_WAIT_1 || arrival->state == STATE_CLOSING ||
	       arrival->state == STATE_LAST_ACK;
}

static const struct rule *not_acceptable(const struct arrival *arrival)
{
	bool next = arrival->rcv_wnd == 0 && arrival->seq == 0;

	return next && arrival->ack && arrival->ack_seq == 0 && awaits_ack(arrival) ? &closed_window : &unacceptable;
}

/* RFC 7323 5.5: TS.Recent counts no more after 24 days, when a clock of 1 ms may have gone half round. */
static bool is_valid(const struct arrival *arrival)
{
	return arrival->ts_age_s < TCP_PAWS_24DAYS;
}

/* A SYN is not dropped for lack of the timestamps option: one that opens a new connection cannot know what the old one
 * had negotiated, and RFC 5961 says MUST. */
const struct rule *oracle_rfc_entry(const struct arrival *arrival)
{
	/* Fourth: after an active OPEN, SYN-RECEIVED handles a SYN like the synchronized states. */
	bool synchronized = arrival->state != STATE_SYN_RECV || !arrival->passive;

	if (arrival->rst)
		return check_rst(arrival);
	if (arrival->syn && synchronized)
		return &syn;
	if (arrival->connection_timestamps && !arrival->has_timestamp && !arrival->syn)
		return &no_option;
	if (arrival->connection_timestamps && arrival->has_timestamp && oracle_arrival_age(arrival) > 0 &&
	    is_valid(arrival))
		return &paws;
	if (!acceptable(arrival))
		return not_acceptable(arrival);
	if (!arrival->syn && !arrival->ack)
		return &without_ack;
	return NULL;
}

static const struct rule no_room = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 4987 2 and 3: backlogs are limited",
	"The listener's queue is full, and no RFC says what a connection gets that has no room.",
};

/* Another connection, half-open or complete. */
static bool needs_room(const struct arrival *arrival, const struct rule *rule)
{
	if (arrival->state == STATE_SYN_RECV)
		return arrival->accept_full && (rule->after == STATE_ESTABLISHED || rule->after == STATE_CLOSE_WAIT ||
						rule->after == STATE_UNKNOWN);
	return (arrival->accept_full || arrival->syn_full) && rule->answer == ANSWER_SYN_ACK;
}

const struct rule *oracle_rfc_in_state(const struct arrival *arrival)
{
	switch (arrival->state) {
	case STATE_CLOSED:
		return oracle_rfc_closed(arrival);
	case STATE_SYN_SENT:
		return oracle_rfc_syn_sent(arrival);
	case STATE_LISTEN:
		return listening(arrival);
	case STATE_SYN_RECV:
		return oracle_rfc_syn_received(arrival);
	case STATE_TIME_WAIT:
		return oracle_rfc_time_wait(arrival);
	/* No default: the compiler asks for the rule of a new state. */
	case STATE_ESTABLISHED:
	case STATE_FIN_WAIT_1:
	case STATE_FIN_WAIT_1_HALF:
	case STATE_FIN_WAIT_2:
	case STATE_FIN_WAIT_2_HALF:
	case STATE_CLOSING:
	case STATE_CLOSING_HALF:
	case STATE_CLOSE_WAIT:
	case STATE_LAST_ACK:
	case STATE_LAST_ACK_HALF:
	case STATE_COUNT:
	case STATE_UNKNOWN:
		break;
	}
	return oracle_rfc_synchronized(arrival);
}

static const struct rule *judge(const struct arrival *arrival)
{
	const struct rule *rule = arrival->icmp ? oracle_rfc_icmp(arrival) : oracle_rfc_before_the_state(arrival);

	if (!rule)
		rule = oracle_rfc_in_state(arrival);
	return needs_room(arrival, rule) ? &no_room : rule;
}

/* RFC 7323 2.4: a receiver "MUST honor, as in-window, any segment that would have been in window for any ACK sent". */
const struct rule *oracle_rfc_rule(const struct arrival *arrival)
{
	struct arrival before = *arrival;

	if (!arrival->rcv_shrunk)
		return judge(arrival);
	before.rcv_wnd += arrival->rcv_shrunk;
	return judge(&before);
}
