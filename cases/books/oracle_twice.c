/* oracle_twice.c - the same segment a second time: what the first one made of the subject, and whether the second may be
 * answered so soon after it.
 *
 * __tcp_oow_rate_limited() in net/ipv4/tcp_input.c: a socket's challenge ACKs and answers to what it does not accept are at
 * least tcp_invalid_ratelimit apart (RFC 5961 7 asks for that). What gets such an answer leaves the socket as it was. */
#include "cases/books/oracle_internal.h"

static const struct rule too_near = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"__tcp_oow_rate_limited(): elapsed < tcp_invalid_ratelimit",
	"The second segment comes about as long after the first as the rate limit lasts: it may be answered or not.",
};

static const struct rule unknown = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"no rule",
	"What is expected of the first segment is not certain enough to tell what the second one meets.",
};

static const struct rule throttled = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 5961 7: ACK throttling",
	"A receiver may answer only some of such segments.",
};

/* tcp_conn_request(): a request socket for this SYN; its sequence number is rcv_isn now. */
static void become_request(struct arrival *second)
{
	uint32_t length = second->end_seq - second->seq;

	second->state = STATE_SYN_RECV;
	second->passive = true;
	second->half = second->gone = second->cookie = false;
	second->seq = (uint32_t)-1;
	second->end_seq = second->seq + length;
	second->una = (uint32_t)-1;
	second->rcv_wnd = UINT16_MAX;
	second->connection_timestamps = second->has_timestamp && second->timestamps;
	second->ts_recent = second->tsval;
	second->ts_age_s = 0;
}

/* The lookup finds the listener, if there is one. */
static void become_nothing(struct arrival *second)
{
	second->state = second->listener ? STATE_LISTEN : STATE_CLOSED;
	second->gone = true;
}

/* tcp_rcv_synsent_state_process(): all numbers of the other end are new, and its SYN is taken. */
static void take_syn(struct arrival *second)
{
	uint32_t length = second->end_seq - second->seq;

	second->seq = (uint32_t)-1;
	second->end_seq = second->seq + length;
	second->passive = false;
	second->rcv_wnd = UINT16_MAX;
	second->rcv_wup = 0;
	second->snd_wl1 = second->seq;
	second->connection_timestamps = second->has_timestamp && second->timestamps;
	second->ts_recent = second->tsval;
}

/* What is next in sequence is taken: rcv_nxt moves on. */
static void take_text(const struct rule *first, struct arrival *second)
{
	uint32_t taken = second->end_seq;

	if (seq_after(second->seq, 0) || !seq_after(taken, 0) ||
	    (second->rcv_wnd == 0 && first->after == SAME))
		return;
	second->seq -= taken;
	second->end_seq = 0;
	second->rcv_wnd -= taken < second->rcv_wnd ? taken : second->rcv_wnd;
	second->snd_wl1 -= taken;
	second->rcv_wup = 0;
	second->unread = second->unread || !second->fin || taken > 1;
}

/* tcp_ack(), and tcp_replace_ts_recent(): not of what lies ahead. */
static void take_numbers(struct arrival *second)
{
	if (second->ack && seq_after(second->ack_seq, second->una) && !seq_after(second->ack_seq, 0)) {
		second->bytes_acked += second->bytes_acked == UINT32_MAX ? 0 : second->ack_seq - second->una;
		second->una = second->ack_seq;
	}
	if (second->has_timestamp && !seq_after(second->seq, second->rcv_wup) && oracle_arrival_age(second) < 0)
		second->ts_recent = second->tsval;
}

/* The state has changed, or data was taken. */
static void move_on(const struct rule *first, enum state after, struct arrival *second)
{
	enum state before = second->state;

	if (after == STATE_CLOSED) {
		become_nothing(second);
		return;
	}
	if (after == STATE_SYN_RECV && first->answer == ANSWER_SYN_ACK && before != STATE_SYN_SENT) {
		become_request(second);
		return;
	}
	if (before == STATE_SYN_SENT) {
		take_syn(second);
	} else {
		take_numbers(second);
		if (first->answer == ANSWER_ACK)
			take_text(first, second);
	}
	if (after == STATE_ESTABLISHED || before == STATE_SYN_RECV)
		second->una = 0;
	second->state = after == STATE_FIN_WAIT_2_HALF ? after : state_whole(after);
	second->half = second->state != after;
}

static const struct rule *limited(const struct arrival *arrival, const struct rule *first, const struct rule *skipped)
{
	switch (arrival->repetition) {
	case REPETITION_SOON:
		return skipped;
	case REPETITION_NEAR:
		return &too_near;
	default:
		return first;
	}
}

/* No RFC says how often an ACK is sent (RFC 5961 7). What is taken, or starts something, is left to the linux book. */
static const struct rule *second_of_others(enum book book, const struct rule *first, enum state after,
					   const struct kernel *kernel, struct arrival *second)
{
	bool held_back = first->answer == ANSWER_ACK;

	if (!held_back && after == second->state && first->answer != ANSWER_SYN_ACK)
		return first;
	if (!held_back && after == STATE_CLOSED) {
		become_nothing(second);
		return oracle_rule(book, second, kernel);
	}
	return held_back ? &throttled : &unknown;
}

const struct rule *oracle_twice(enum book book, const struct arrival *arrival, const struct rule *first, enum state after,
				const struct kernel *kernel, struct arrival *second)
{
	const struct rule *skipped;

	*second = *arrival;
	if (first->answer == ANSWER_OPEN || after == STATE_UNKNOWN)
		return &unknown;
	if (book != BOOK_LINUX)
		return second_of_others(book, first, after, kernel, second);
	second->answered = true;
	skipped = oracle_rule(book, second, kernel);
	second->answered = false;
	if (skipped != first)
		return limited(arrival, first, skipped);
	if ((first->after == SAME || first->after == arrival->state) && !oracle_linux_takes(first))
		return first;
	move_on(first, after, second);
	return oracle_rule(book, second, kernel);
}
