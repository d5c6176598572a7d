/* oracle_fields_remains.c - the linux book on the timer and the queues that a segment leaves.
 *
 * Read in 6.1, 6.12, 7.2 and 7.3: net/ipv4/tcp_minisocks.c (tcp_timewait_state_process(), tcp_time_wait()),
 * net/ipv4/tcp_input.c; net/ipv4/inet_diag.c and tcp_diag.c for how they are reported. */
#include "cases/books/oracle_fields_remains.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cases/books/oracle_fields_internal.h"
#include "crafter/textbuf.h"
#include "crafter/units.h"
#include "crafter/words.h"

enum { SYN_ACK_MS = 1000 /* TCP_TIMEOUT_INIT */ };

/* One socket that is asked about. */
struct left {
	const struct asked *asked;
	const struct remains_host *host;
	enum state state; /* afterwards */
	struct remains *remains;
};

static void say(struct remains *remains, enum remain remain, const char *rule)
{
	remains->said = (uint8_t)(remains->said | 1U << remain);
	remains->rules[remain] = rule;
}

static void say_timer(struct remains *remains, unsigned timers, const char *rule)
{
	remains->timers = (uint8_t)timers;
	say(remains, REMAIN_TIMER, rule);
}

static void say_set(struct remains *remains, uint32_t full_ms, const char *rule)
{
	remains->set = true;
	remains->full_ms = full_ms;
	say(remains, REMAIN_TIMER_MS, rule);
}

static void say_untouched(struct remains *remains, const char *rule)
{
	say(remains, REMAIN_TIMER_MS, rule);
}

/* tcp_timewait_state_process() sets the timer in three places; this is about the two of TIME_WAIT. */
static void stay_in_time_wait(const struct left *left)
{
	const struct arrival *arrival = left->asked->arrival;
	const struct rule *rule = left->asked->rule;
	bool saw = arrival->has_timestamp && arrival->connection_timestamps && arrival->timestamps;
	bool paws = saw && oracle_linux_paws_reject(arrival, left->asked->kernel);
	bool reopens = arrival->syn && !arrival->rst && !arrival->ack && !paws &&
		       (seq_after(arrival->seq, 0) || (saw && oracle_arrival_age(arrival) < 0));

	if (arrival->icmp || oracle_linux_drops_unread(arrival, left->asked->kernel))
		say_untouched(left->remains, "tcp_v4_rcv(): the segment is dropped before its socket is asked");
	else if (!paws && arrival->seq == 0 && arrival->rst)
		say_untouched(left->remains, rule->citation);
	else if (!paws && arrival->seq == 0 && arrival->end_seq == arrival->seq)
		say_set(left->remains, SIGHTING_TIME_WAIT_MS,
			"tcp_timewait_state_process(): seq == rcv_nxt, empty, !th->rst -> inet_twsk_reschedule()");
	else if (reopens)
		say_untouched(left->remains, "tcp_timewait_state_process(): TCP_TW_SYN before inet_twsk_reschedule(); "
			      "tcp_v4_rcv(): no listener -> tcp_v4_timewait_ack()");
	else if (arrival->rst)
		say_untouched(left->remains, "tcp_timewait_state_process(): th->rst -> no inet_twsk_reschedule()");
	else if (paws || arrival->ack)
		say_set(left->remains, SIGHTING_TIME_WAIT_MS,
			"tcp_timewait_state_process(): !th->rst, paws_reject || th->ack -> inet_twsk_reschedule()");
	else
		say_untouched(left->remains, "tcp_timewait_state_process(): !paws_reject, !th->ack -> \"Do not reschedule\"");
}

static void in_time_wait(const struct left *left)
{
	enum state before = left->asked->arrival->state;

	say_timer(left->remains, 1U << SIGHTING_TIME_WAIT, "inet_twsk_diag_fill(): IDIAG_TIMER_TIMEWAIT");
	if (before == STATE_TIME_WAIT)
		stay_in_time_wait(left);
	else if (before == STATE_FIN_WAIT_2)
		say_set(left->remains, SIGHTING_TIME_WAIT_MS, "tcp_timewait_state_process(): tw_substate == "
			"TCP_FIN_WAIT2, th->fin -> inet_twsk_reschedule(TCP_TIMEWAIT_LEN)");
	else
		say_set(left->remains, SIGHTING_TIME_WAIT_MS, "tcp_time_wait(): state == TCP_TIME_WAIT -> TCP_TIMEWAIT_LEN");
}

/* The small socket's, while tcp_fin_timeout is at most 60 s. A segment that acknowledges the FIN and has an old one itself
 * leaves a full socket, whose FIN_WAIT_2 the keepalive timer ends. */
static void in_fin_wait_2(const struct left *left)
{
	const struct arrival *arrival = left->asked->arrival;

	if (!left->host->fin_timeout_ms)
		return;
	if (arrival->state == STATE_FIN_WAIT_2) {
		say_timer(left->remains, 1U << SIGHTING_TIME_WAIT, "inet_twsk_diag_fill(): IDIAG_TIMER_TIMEWAIT");
		say_untouched(left->remains, "tcp_timewait_state_process(): tw_substate == TCP_FIN_WAIT2: only the FIN -> "
			      "inet_twsk_reschedule()");
	} else if (arrival->state == STATE_FIN_WAIT_1 && !arrival->fin) {
		say_timer(left->remains, 1U << SIGHTING_TIME_WAIT,
			  "tcp_rcv_state_process(), TCP_FIN_WAIT1: tcp_time_wait(TCP_FIN_WAIT2, tmo)");
		say_set(left->remains, left->host->fin_timeout_ms, "tcp_fin_time(): linger2, or tcp_fin_timeout");
	} else if (arrival->state == STATE_FIN_WAIT_1) {
		say_timer(left->remains, 1U << SIGHTING_KEEPALIVE,
			  "tcp_rcv_state_process(), TCP_FIN_WAIT1: th->fin -> inet_csk_reset_keepalive_timer()");
	}
}

/* tcp_conn_request() has just made it. */
static bool is_new_request(const struct left *left)
{
	enum state before = left->asked->arrival->state;

	return left->state == STATE_SYN_RECV && (before == STATE_LISTEN || before == STATE_TIME_WAIT);
}

static bool is_request(const struct left *left)
{
	return left->state == STATE_SYN_RECV && left->asked->end->passive && left->asked->arrival->state == STATE_SYN_RECV &&
	       !oracle_linux_made_child(left->asked->rule);
}

/* tcp_check_req(): a SYN that is answered again sets the timer of the SYN-ACK anew. */
static void in_request(const struct left *left)
{
	const struct asked *asked = left->asked;

	say_timer(left->remains, 1U << SIGHTING_RETRANSMISSION, "inet_req_diag_fill(): IDIAG_TIMER_ON");
	if (is_new_request(left))
		say_set(left->remains, SYN_ACK_MS, "tcp_conn_request(): inet_csk_reqsk_queue_hash_add(TCP_TIMEOUT_INIT)");
	else if (asked->rule->answer == ANSWER_SYN_ACK)
		say_set(left->remains, SYN_ACK_MS,
			"tcp_check_req(): inet_rtx_syn_ack(), then mod_timer_pending(tcp_reqsk_timeout())");
	else if (!asked->arrival->syn && !asked->arrival->ack)
		say_untouched(left->remains, "tcp_check_req(): only a SYN sets the timer of the SYN-ACK");
}

/* By definition the state's own SYN or FIN is not acknowledged. After SYNs that crossed, tcp_rcv_state_process() takes an
 * acknowledgment of nothing new for that of the SYN (snd_una = ack_seq), which is sent again all the same. */
static bool awaits_ack(const struct left *left)
{
	const struct arrival *arrival = left->asked->arrival;
	bool crossed = !left->asked->end->passive && arrival->state == STATE_SYN_RECV;

	if (crossed && arrival->ack && left->state != STATE_SYN_RECV)
		return arrival->ack_seq != 0;
	switch (state_whole(left->state)) {
	case STATE_SYN_SENT:
	case STATE_SYN_RECV:
	case STATE_FIN_WAIT_1:
	case STATE_CLOSING:
	case STATE_LAST_ACK:
		return true;
	default:
		return false;
	}
}

/* The process reads nothing, but in LAST_ACK up to the end of file. */
static void say_queues(const struct left *left)
{
	const struct arrival *arrival = left->asked->arrival;
	struct uptake uptake = { .taken = 0 };
	enum state before = state_whole(arrival->state);
	bool fin = before == STATE_CLOSING || before == STATE_CLOSE_WAIT;

	left->remains->send_q = awaits_ack(left);
	say(left->remains, REMAIN_SEND_Q, "tcp_diag_get_info(): write_seq - snd_una; a SYN or FIN counts");
	if (arrival->cookie) /* cookie_v4_check(): rcv_nxt is the segment's own number */
		uptake.taken = arrival->end_seq - arrival->seq;
	else if (before != STATE_SYN_SENT && !arrival->icmp)
		oracle_fields_uptake(left->asked, &uptake);
	left->remains->recv_q = left->host->unread + fin + uptake.taken;
	say(left->remains, REMAIN_RECV_Q, "tcp_diag_get_info(): rcv_nxt - copied_seq; the FIN counts until it is read");
}

/* The FIN that was on its way still is. tcp_ack(): only what acknowledges something sets the timer (FLAG_SET_XMIT_TIMER); what
 * is dropped, or answered, does not. An ICMP error may take a back-off back (tcp_ld_RTO_revert()). */
static bool fin_still_waits(const struct left *left)
{
	enum state before = state_whole(left->asked->arrival->state);

	return !left->asked->arrival->icmp &&
	       (before == STATE_FIN_WAIT_1 || before == STATE_CLOSING || before == STATE_LAST_ACK);
}

/* inet_sk_diag_fill() looks at the timers in this order: retransmission, probe, keepalive, delayed ACK. */
static void in_full_socket(const struct left *left)
{
	if (awaits_ack(left))
		say_timer(left->remains, 1U << SIGHTING_RETRANSMISSION,
			  "inet_sk_diag_fill(): icsk_pending == ICSK_TIME_RETRANS or ICSK_TIME_LOSS_PROBE");
	else if (left->host->keepalive)
		say_timer(left->remains, 1U << SIGHTING_KEEPALIVE, "inet_sk_diag_fill(): timer_pending(icsk_keepalive_timer)");
	else
		say_timer(left->remains, 1U << SIGHTING_NO_TIMER | 1U << SIGHTING_DELAYED_ACK,
			  "inet_sk_diag_fill(): nothing is sent, and no keepalive timer was started");
	if (!awaits_ack(left) && left->host->keepalive)
		say_untouched(left->remains, "tcp_keepalive_timer(): nothing else sets it; it looks at what came when it runs "
			      "out");
	if (awaits_ack(left) && fin_still_waits(left))
		say_untouched(left->remains, "tcp_ack(): no FLAG_SET_XMIT_TIMER without FLAG_SND_UNA_ADVANCED");
	say_queues(left);
}

void oracle_remains(const struct end *subject, const struct segment *segment, const struct surroundings *surroundings,
		    const struct kernel *kernel, const struct remains_host *host, struct remains *remains)
{
	struct arrival arrival;
	struct asked asked = { .end = subject, .segment = segment, .arrival = &arrival, .kernel = kernel };
	struct left left = { &asked, host, STATE_UNKNOWN, remains };
	struct expectation expected;

	memset(remains, 0, sizeof(*remains));
	oracle_arrival(subject, segment, surroundings, &arrival);
	if (arrival.repetition != REPETITION_NONE || arrival.state == STATE_UNKNOWN || arrival.unseen)
		return;
	oracle_ask(BOOK_LINUX, subject, segment, surroundings, kernel, &expected);
	asked.rule = oracle_rule(BOOK_LINUX, &arrival, kernel);
	left.state = expected.after;
	switch (left.state) {
	case STATE_UNKNOWN:
	case STATE_CLOSED:
	case STATE_LISTEN:
		break;
	case STATE_TIME_WAIT:
		in_time_wait(&left);
		break;
	case STATE_FIN_WAIT_2:
		in_fin_wait_2(&left);
		break;
	case STATE_SYN_RECV:
		if (is_new_request(&left) || is_request(&left))
			in_request(&left);
		else if (host->ours && !subject->passive)
			in_full_socket(&left);
		break;
	default:
		if (host->ours)
			in_full_socket(&left);
	}
}

/* Of the timer that is meant: one that has run out meanwhile has started anew by itself. */
static bool has_span(const struct remains *remains, const struct remains_seen *seen, struct sighting_span *span)
{
	const struct sighting *before = seen->before, *after = seen->after;

	if (!(remains->timers >> (after->timer & 7) & 1) || !after->time_ns)
		return false;
	if (remains->set) {
		*span = sighting_set(remains->full_ms, seen->sent_ns, after);
		return span->least_ms > 0 && !after->retransmits;
	}
	if (!before->time_ns || before->timer != after->timer || before->retransmits != after->retransmits)
		return false;
	*span = sighting_untouched(before, after);
	return span->least_ms > 0;
}

static bool holds(const struct remains *remains, enum remain remain, const struct remains_seen *seen)
{
	const struct sighting *after = seen->after;
	struct sighting_span span;

	if (!(remains->said >> remain & 1) || after->state == STATE_UNKNOWN || after->state == STATE_CLOSED ||
	    after->state == STATE_LISTEN)
		return true;
	switch (remain) {
	case REMAIN_TIMER:
		return after->timer >= SIGHTING_TIMER_COUNT || (remains->timers >> after->timer & 1);
	case REMAIN_TIMER_MS:
		return !has_span(remains, seen, &span) ||
		       (after->expires_ms >= span.least_ms && after->expires_ms <= span.most_ms);
	case REMAIN_RECV_Q:
		return !sighting_has_queues(after) || after->recv_queue == remains->recv_q;
	case REMAIN_SEND_Q:
		return !sighting_has_queues(after) || after->send_queue == remains->send_q;
	case REMAIN_COUNT:
		break;
	}
	return true;
}

enum remain oracle_remains_wrong(const struct remains *remains, const struct remains_seen *seen)
{
	enum remain remain = 0;

	while (remain < REMAIN_COUNT && holds(remains, remain, seen))
		remain++;
	return remain;
}

const char *oracle_remain_name(enum remain remain)
{
	static const char *const names[REMAIN_COUNT] = { "after.timer", "after.timer_ms", "after.recv_q", "after.send_q" };

	return words_at(WORDS(names), remain);
}

static void timers_text(unsigned timers, struct textbuf *out)
{
	for (unsigned timer = 0; timer < SIGHTING_TIMER_COUNT; timer++)
		if (timers >> timer & 1)
			textbuf_item(out, " or ", "%s", sighting_timer_name(timer));
}

static void ms_text(const struct remains *remains, const struct remains_seen *seen, struct textbuf *out)
{
	struct sighting_span span;

	if (remains->set)
		textbuf_add(out, "%" PRIu32 " ms from the segment on", remains->full_ms);
	else
		textbuf_add(out, "as if nothing had come");
	if (seen && has_span(remains, seen, &span))
		textbuf_add(out, ", %" PRIu32 " to %" PRIu32, span.least_ms, span.most_ms);
}

const char *oracle_remain_expected(const struct remains *remains, enum remain remain, const struct remains_seen *seen,
				   char buffer[static REMAIN_TEXT_SIZE])
{
	struct textbuf out;

	textbuf_init(&out, buffer, REMAIN_TEXT_SIZE);
	if (remain == REMAIN_TIMER)
		timers_text(remains->timers, &out);
	else if (remain == REMAIN_TIMER_MS)
		ms_text(remains, seen, &out);
	else
		textbuf_add(&out, "%" PRIu32, remain == REMAIN_RECV_Q ? remains->recv_q : remains->send_q);
	return buffer;
}

const char *oracle_remain_observed(enum remain remain, const struct remains_seen *seen, char buffer[static REMAIN_TEXT_SIZE])
{
	const struct sighting *after = seen->after;

	if (remain == REMAIN_TIMER)
		snprintf(buffer, REMAIN_TEXT_SIZE, "%s", sighting_timer_name(after->timer));
	else
		snprintf(buffer, REMAIN_TEXT_SIZE, "%" PRIu32, remain == REMAIN_TIMER_MS ? after->expires_ms :
			 remain == REMAIN_RECV_Q ? after->recv_queue : after->send_queue);
	return buffer;
}
