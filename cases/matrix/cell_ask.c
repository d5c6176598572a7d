/* cell_ask.c - a cell as an end and the segment that it gets. */
#include "cases/matrix/cell_ask.h"

#include <stdlib.h>

#include "cases/matrix/cell_host.h"
#include "cases/matrix/life.h"
#include "cases/matrix/limits.h"
#include "crafter/sighting.h"
#include "crafter/units.h"

/* Of a cell only distances are known; these numbers stand for any. The window is that of the lab, some 64 to 65 KB; offsets
 * counted from its edge do not depend on it. ts_recent is below 2^31 and far from both ends. */
static const struct baseline nominal = {
	.rcv_nxt = 1 << 30, .snd_nxt = 1 << 29, .ts_recent = 1 << 30, .rcv_wnd = 65535, .ts_echo = 1 << 28,
};

static void window_of(const struct cell *cell, const struct kernel *kernel, struct baseline *baseline)
{
	if (cell->receive_window == RECEIVE_WINDOW_USUAL) {
		baseline->rcv_wnd = cell_nominal_window(cell, kernel);
		return;
	}
	baseline->rcv_wnd = cell->receive_window == RECEIVE_WINDOW_SMALL ? CELL_SMALL_WINDOW :
			    cell->receive_window == RECEIVE_WINDOW_SHRUNK ? CELL_SHRUNK_WINDOW : 0;
	if (cell->receive_window == RECEIVE_WINDOW_SHRUNK)
		baseline->rcv_taken_back = CELL_SMALL_WINDOW - CELL_SHRUNK_DATA - CELL_SHRUNK_WINDOW;
}

/* The tuple matters only by its family. */
static const struct tuple tuples[] = {
	{ .source.address.family = 4, .target.address.family = 4 },
	{ .source.address.family = 6, .target.address.family = 6 },
};

static bool sysctl_on(const struct conditions *conditions, const char *name, bool at_probe, bool otherwise)
{
	return conditions_number(conditions, name, at_probe, otherwise) != 0; /* as the kernel reads it */
}

/* TFO_SERVER_ENABLE, TFO_SERVER_COOKIE_NOT_REQD; the lab's listener has TCP_FASTOPEN. */
static unsigned fast_open_facts(const struct conditions *conditions)
{
	enum { ENABLE = 2, NO_COOKIE = 0x200 };
	long value = conditions_number(conditions, "tcp_fastopen", true, 0);

	if (!(value & ENABLE))
		return 0;
	return value & NO_COOKIE ? FACT_OPENS_FAST : FACT_GIVES_COOKIES;
}

/* Without a limit, as newer kernels have it, tcp_challenge_ack_limit is INT_MAX. */
bool cell_is_limited(const struct conditions *conditions)
{
	const char *value = conditions_value(conditions, "tcp_challenge_ack_limit", true);

	return value && strtol(value, NULL, 10) < INT32_MAX;
}

bool cell_drops_requests(const struct cell *cell)
{
	return cell->queue == QUEUE_ACCEPT_FULL ||
	       (cell->queue == QUEUE_SYN_FULL && !sysctl_on(&cell->conditions, "tcp_syncookies", true, true));
}

static bool sent_fin(enum state state)
{
	state = state_whole(state);
	return state == STATE_FIN_WAIT_1 || state == STATE_FIN_WAIT_2 || state == STATE_CLOSING || state == STATE_TIME_WAIT ||
	       state == STATE_LAST_ACK;
}

static bool took_fin(enum state state)
{
	state = state_whole(state);
	return state == STATE_CLOSING || state == STATE_TIME_WAIT || state == STATE_CLOSE_WAIT || state == STATE_LAST_ACK;
}

/* All that it sent is acknowledged, but for the SYN-ACK or the FIN that the state waits for. */
static bool awaits_ack(enum state state)
{
	state = state_whole(state);
	return state == STATE_SYN_RECV || state == STATE_FIN_WAIT_1 || state == STATE_CLOSING || state == STATE_LAST_ACK;
}

/* All that it knows is its own SYN. */
static void syn_sent_of(const struct baseline *baseline, struct end *end)
{
	end->known = END_ISS | END_SND_NXT | END_SND_UNA;
	end->snd_nxt = baseline->snd_nxt;
	end->iss = end->snd_una = end->snd_nxt - 1;
	end->own_syn = (struct end_syn){
		.seen = true, .timestamps = baseline->timestamps, .seq = end->iss, .tsval = baseline->ts_echo,
	};
	/* So that the segment's offset is its distance. */
	end->rcv_nxt = baseline->rcv_nxt;
}

/* The window that every crafted end offers: in a SYN as it is, else scaled. The number of the segment that brought it decides
 * about the next one: where the subject connected and got nothing after the SYN-ACK, that is the SYN-ACK's; in SYN_RECV of
 * SYNs that crossed, the SYN's. */
static void offered(const struct cell *cell, struct end *end)
{
	bool syn_alone = (cell->opening == OPENING_ACTIVE &&
			  (cell->state == STATE_ESTABLISHED || state_whole(cell->state) == STATE_FIN_WAIT_1)) ||
			 (cell->opening == OPENING_SIMULTANEOUS && cell->state == STATE_SYN_RECV);

	end->snd_wscale = SEGMENT_WSCALE;
	end->snd_wnd = end->max_snd_wnd = (uint32_t)SEGMENT_WINDOW << (syn_alone ? 0 : SEGMENT_WSCALE);
	end->snd_wl1 = end->rcv_nxt - (syn_alone || end->fin_taken);
	/* Unless a bare ACK or a FIN came after it, the data has brought the window. */
	if (cell_has_unread(cell) && (cell->state == STATE_ESTABLISHED || cell->state == STATE_FIN_WAIT_1_HALF)) {
		end->snd_wnd = end->max_snd_wnd = (uint32_t)SEGMENT_WINDOW << SEGMENT_WSCALE;
		end->snd_wl1 = end->rcv_nxt - cell_unread(cell);
	}
	end->snd_wl2 = end->snd_una;
}

/* The subject as the crafted end brings it into the state: its numbers are those of the baseline, and nothing was sent but
 * what leads there. */
static void end_of(const struct cell *cell, const struct baseline *baseline, struct end *end)
{
	enum state state = cell->state;

	end_init(end, state);
	if (state == STATE_LISTEN || state == STATE_CLOSED)
		return;
	if (state == STATE_SYN_SENT) {
		syn_sent_of(baseline, end);
		return;
	}
	end->known = END_ISS | END_IRS | END_SND_NXT | END_SND_UNA | END_SND_WND | END_RCV_NXT | END_RCV_WND | END_LAST_ACK |
		     END_TIMESTAMPS | END_OPTIONS | END_TS_RECENT;
	end->passive = cell->opening == OPENING_PASSIVE;
	end->ecn = cell->connection_ecn;
	end->fin_sent = sent_fin(state);
	end->fin_acked = end->fin_sent && !awaits_ack(state);
	end->fin_came = end->fin_taken = took_fin(state);
	end->snd_nxt = baseline->snd_nxt;
	end->snd_una = end->snd_nxt - awaits_ack(state);
	end->fin_seq = end->snd_nxt - 1;
	end->iss = end->snd_nxt - end->fin_sent - 1;
	end->rcv_nxt = end->rcv_max = end->last_ack_sent = baseline->rcv_nxt;
	end->their_fin_seq = end->rcv_nxt - 1;
	end->irs = end->rcv_nxt - end->fin_taken - cell_unread(cell) - 1;
	end->rcv_wnd = baseline->rcv_wnd + baseline->rcv_taken_back;
	end->rcv_taken_back = baseline->rcv_taken_back;
	offered(cell, end);
	end->timestamps = end->own_syn.timestamps = baseline->timestamps;
	end->own_syn.tsval = end->last_tsval = baseline->ts_echo;
	end->ts_recent = baseline->ts_recent;
}

/* What may be otherwise, of a process and a host that are not known to be ours. */
static unsigned doubts_of(enum state state, const struct conditions *conditions, const struct kernel *kernel)
{
	unsigned doubts = cell_is_limited(conditions) ? FACT_LIMITED : 0;

	doubts |= kernel->unsettled ? FACT_MD5 | FACT_AO : 0;

	if (kernel->unsettled && !kernel->rfc1337 && !conditions_value(conditions, "tcp_rfc1337", true))
		doubts |= FACT_RFC1337;
	if (!kernel->stranger)
		return doubts;
	switch (state) {
	case STATE_SYN_RECV:
		return kernel->witnessed ? doubts : doubts | FACT_COOKIE;
	case STATE_FIN_WAIT_1:
	case STATE_FIN_WAIT_1_HALF:
		return doubts | FACT_HELD;
	case STATE_FIN_WAIT_2:
	case STATE_FIN_WAIT_2_HALF:
		return kernel->witnessed ? doubts : doubts | FACT_HELD;
	case STATE_CLOSING:
	case STATE_CLOSING_HALF:
	case STATE_CLOSE_WAIT:
		return doubts | FACT_READ;
	default:
		return doubts;
	}
}

/* The kernel counts in jiffies of up to 10 ms, and we are not always on time. */
static enum repetition repetition_of(const struct cell *cell)
{
	enum { RATELIMIT_MS = 500, LATE_MS = 100, EARLY_MS = 20 };
	long limit_ms = conditions_number(&cell->conditions, "tcp_invalid_ratelimit", true, RATELIMIT_MS);
	long after_ms = (long)cell->twice_ms.number;

	if (!cell->twice_ms.given)
		return REPETITION_NONE;
	if (limit_ms <= 0 || after_ms >= limit_ms + EARLY_MS)
		return REPETITION_LATER;
	return after_ms + LATE_MS <= limit_ms ? REPETITION_SOON : REPETITION_NEAR;
}

void cell_surroundings(enum state state, const struct conditions *conditions, const struct kernel *kernel,
		       struct surroundings *surroundings)
{
	unsigned facts = FACT_LISTENER;

	if (sysctl_on(conditions, "tcp_timestamps", true, kernel->timestamps))
		facts |= FACT_TIMESTAMPS;
	if (sysctl_on(conditions, "tcp_rfc1337", true, kernel->rfc1337))
		facts |= FACT_RFC1337;
	if (sysctl_on(conditions, "tcp_abort_on_overflow", true, false))
		facts |= FACT_ABORTS;
	if (!sysctl_on(conditions, "tcp_syncookies", true, true))
		facts |= FACT_NO_COOKIES;
	facts |= fast_open_facts(conditions);
	facts |= (kernel->md5 ? FACT_MD5 : 0) | (kernel->ao ? FACT_AO : 0);
	if (limits_cookies_always(conditions, kernel, true))
		facts |= FACT_COOKIES;
	if (limits_no_time_waits(conditions, kernel, true))
		facts |= FACT_NO_TIME_WAITS;
	if (state != state_whole(state))
		facts |= FACT_HELD;
	*surroundings = (struct surroundings){
		.facts = facts, .doubts = doubts_of(state, conditions, kernel),
	};
}

/* Whether a SYN has timestamps is the subject's own choice. */
static bool begins_with_timestamps(const struct cell *cell, const struct kernel *kernel)
{
	return (cell->connection_timestamps || cell->state == STATE_SYN_SENT) &&
	       sysctl_on(&cell->conditions, "tcp_timestamps", false, kernel->timestamps);
}

/* The end and its surroundings, with these numbers. */
static void subject_of(const struct cell *cell, const struct kernel *kernel, const struct baseline *baseline,
		       struct cell_question *question)
{
	struct cell asked = *cell;

	if (limits_leave_nothing(cell->state, &cell->conditions, kernel))
		asked.state = STATE_CLOSED;
	end_of(&asked, baseline, &question->subject);
	cell_surroundings(cell->state, &cell->conditions, kernel, &question->surroundings);
	if (cell_has_unread(cell)) {
		question->surroundings.facts |= FACT_UNREAD;
		question->surroundings.doubts |= kernel->stranger ? FACT_UNREAD : 0;
	}
	if (limits_only_cookie(cell, kernel))
		question->surroundings.facts |= FACT_COOKIE;
	if (cell->defers_accept)
		question->surroundings.facts |= FACT_DEFERS;
	if (cell->receive_window == RECEIVE_WINDOW_SHRUNK)
		question->surroundings.facts |= FACT_SHRINKS;
	if (cell->linger2_s.given && cell->linger2_s.number == 0)
		question->surroundings.facts |= FACT_NO_FIN_WAIT_2;
	if (cell->stimulus.ttl.given && cell->stimulus.ttl.number < cell->min_ttl.number)
		question->surroundings.facts |= FACT_LOW_TTL;
	if (cell->queue != QUEUE_ROOM)
		question->surroundings.facts |= cell->queue == QUEUE_ACCEPT_FULL ? FACT_ACCEPT_FULL : FACT_SYN_FULL;
	if (cell->state == STATE_CLOSED || cell->nobody_listens)
		question->surroundings.facts &= ~(uint32_t)FACT_LISTENER;
	question->surroundings.now_ns = cell->delay_ms.number * NSEC_PER_MSEC;
	question->surroundings.repetition = repetition_of(cell);
}

/* Until it has sent an ACK itself, the window of a connection is not what the SYN-ACK said where a SYN cookie has made it, nor
 * where it is more than that can say (tcp_create_openreq_child()). 0: it is. */
static uint32_t unsaid_window(const struct cell *cell, const struct kernel *kernel, bool timestamps)
{
	uint32_t window;

	if (cell->state != STATE_ESTABLISHED || cell->opening == OPENING_ACTIVE || cell_has_unread(cell))
		return 0;
	window = cell_cookie_window(cell, kernel);
	if (window)
		return window;
	window = cell_first_window(cell, kernel, timestamps);
	return window > UINT16_MAX ? window : 0;
}

/* Where the SYN-ACK said less than there is. Whether tcp_check_req() goes by the one or the other depends on the release
 * (tcp_synack_window()); a socket whose SYN crossed another goes by what there is. */
static void offer_half_open(const struct cell *cell, const struct kernel *kernel, struct end *subject)
{
	uint32_t window = cell_first_window(cell, kernel, subject->timestamps);

	if (cell->state != STATE_SYN_RECV || window <= UINT16_MAX)
		return;
	subject->rcv_wnd = window;
	subject->rcv_taken_back = cell_connects(cell) ? 0 : window - UINT16_MAX;
}

/* A connection that a cookie has made does not know of the SYN-ACK's offer later. */
static void offer_unsaid(const struct cell *cell, const struct kernel *kernel, struct end *subject)
{
	uint32_t unsaid = unsaid_window(cell, kernel, subject->timestamps);

	offer_half_open(cell, kernel, subject);
	if (unsaid && (unsaid < subject->rcv_wnd || kernel->rmem))
		subject->rcv_wnd = unsaid;
	if (!cell_cookie_window(cell, kernel))
		return;
	subject->rcv_wnd -= subject->rcv_taken_back;
	subject->rcv_taken_back = 0;
}

static void take_cookie(const struct cell *cell, const struct kernel *kernel, struct end *subject)
{
	uint32_t window = cell_cookie_window(cell, kernel);

	if (window && window < subject->own_syn.window)
		subject->own_syn.window = (uint16_t)window;
	offer_unsaid(cell, kernel, subject);
}

void cell_to_question(const struct cell *cell, const struct kernel *kernel, const struct past *past,
		    struct cell_question *question)
{
	struct baseline baseline = nominal;

	window_of(cell, kernel, &baseline);
	baseline.syn_sent = cell->state == STATE_SYN_SENT;
	baseline.timestamps = begins_with_timestamps(cell, kernel);
	if (cell->connection_tsval.given)
		baseline.ts_recent = cell->connection_tsval.number;
	if (past)
		baseline.ts_recent = past->ts_recent;
	subject_of(cell, kernel, &baseline, question);
	stimulus_segment(&cell->stimulus, &baseline, &tuples[cell->family == 6], &question->segment);
	offer_unsaid(cell, kernel, &question->subject);
	question->surroundings.now_ns += past ? past->ts_age_s * NSEC_PER_SEC : 0;
}

void cell_to_question_seen(const struct cell *cell, const struct kernel *kernel, const struct baseline *baseline,
			   const struct end *seen, struct cell_question *question)
{
	struct end *subject = &question->subject;

	subject_of(cell, kernel, baseline, question);
	if (subject->state == STATE_LISTEN || subject->state == STATE_CLOSED)
		return;
	subject->own_syn = seen->own_syn;
	take_cookie(cell, kernel, subject);
	subject->sack = seen->sack;
	subject->ecn = seen->ecn;
	subject->rcv_wscale = seen->rcv_wscale;
	if (end_knows(seen, END_LAST_TSVAL)) {
		subject->known |= END_LAST_TSVAL;
		subject->last_tsval = seen->last_tsval;
		subject->last_tsval_ns = seen->last_tsval_ns;
	}
}

void cell_question_offers(struct cell_question *question, const struct cell *cell, const struct kernel *kernel,
			  const struct baseline *baseline)
{
	struct end *subject = &question->subject;
	struct baseline said = nominal;
	uint32_t offered;

	window_of(cell, kernel, &said);
	offered = said.rcv_wnd;

	if (cell->stimulus.seq.form == OFFSET_WINDOW && end_knows(subject, END_RCV_WND))
		question->segment.seq += baseline->rcv_wnd - offered;
	subject->rcv_wnd = baseline->rcv_wnd + baseline->rcv_taken_back;
	subject->rcv_taken_back = baseline->rcv_taken_back;
	offer_unsaid(cell, kernel, subject);
}

bool cell_may_pass_edge(const struct cell *cell)
{
	if (cell->stimulus.seq.form == OFFSET_WINDOW)
		return limits_cookies_always(&cell->conditions, NULL, true);
	return cell->stimulus.seq.value >= -SEGMENT_PAYLOAD_MAX;
}

void cell_ask(enum book book, const struct cell *cell, const struct kernel *kernel, struct expectation *expectation)
{
	struct cell_question question;

	cell_to_question(cell, kernel, NULL, &question);
	oracle_ask(book, &question.subject, &question.segment, &question.surroundings, kernel, expectation);
}

void cell_ask_all(enum book book, const struct cell *cell, const struct kernel *kernel, const struct past *past,
		  struct alternatives *alternatives)
{
	struct cell_question question;

	cell_to_question(cell, kernel, past, &question);
	oracle_ask_all(book, &question.subject, &question.segment, &question.surroundings, kernel, alternatives);
}

void cell_ask_fields(const struct cell *cell, const struct kernel *kernel, enum answer answer, struct fields *fields,
		     struct field_bases *bases)
{
	const struct field_host host = cell_field_host(cell, kernel, true);
	struct cell_question question;
	struct end *subject = &question.subject;

	cell_to_question(cell, kernel, NULL, &question);
	subject->sack = subject->own_syn.sack = subject->own_syn.scales = true;
	if (subject->state != STATE_LISTEN && subject->state != STATE_CLOSED) {
		subject->known |= END_LAST_TSVAL;
		subject->last_tsval = nominal.ts_echo;
	}
	oracle_fields(subject, &question.segment, &question.surroundings, kernel, &host, answer, fields);
	if (answer == ANSWER_ACK)
		fields->said = (uint16_t)(fields->said & ~(1U << FIELD_WINDOW));
	*bases = (struct field_bases){ nominal.snd_nxt, nominal.rcv_nxt, subject->ts_recent ? subject->ts_recent :
				       nominal.ts_recent, nominal.ts_echo };
}

void cell_ask_remains(const struct cell *cell, const struct kernel *kernel, struct remains *remains)
{
	const struct remains_host host = cell_remains_host(cell, true);
	struct cell_question question;

	cell_to_question(cell, kernel, NULL, &question);
	oracle_remains(&question.subject, &question.segment, &question.surroundings, kernel, &host, remains);
}
