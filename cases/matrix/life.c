/* life.c - the life of the subject's socket, each by the kernel function that ends it. */
#include "cases/matrix/life.h"

#include "crafter/sighting.h"
#include "crafter/units.h"

#define TIME_WAIT_NS (SIGHTING_TIME_WAIT_MS * NSEC_PER_MSEC)
#define SYN_TIMER_NS NSEC_PER_SEC          /* TCP_TIMEOUT_INIT */
#define FIN_TIMER_NS (200 * NSEC_PER_MSEC) /* TCP_RTO_MIN */

enum {
	TIME_WAIT_S = SIGHTING_TIME_WAIT_MS / 1000,
	FIN_TIMEOUT_S = TIME_WAIT_S, /* TCP_FIN_TIMEOUT */
	SYN_RETRIES = 6, SYN_ACK_RETRIES = 5, ORPHAN_RETRIES = 8,
	RETRIES_MOST = 8,      /* whatever has more is not over within TIME_WAIT_NS */
	RETRIES_HURRIED = 2,   /* reqsk_timer_handler(): of a queue that fills up, `thresh` is no less */
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The sysctl may change at the probe; the smaller value counts. */
static long least(const struct cell *cell, const char *name, long otherwise)
{
	long before = conditions_number(&cell->conditions, name, false, otherwise);
	long at_probe = conditions_number(&cell->conditions, name, true, otherwise);

	return before < at_probe ? before : at_probe;
}

/* The timer runs out once for each retry, doubled each time, and once more. */
static uint64_t retried(uint64_t timer_ns, long retries)
{
	long most = retries < 0 ? 0 : retries > RETRIES_MOST ? RETRIES_MOST : retries;

	return smaller(((UINT64_C(2) << most) - 1) * timer_ns, TIME_WAIT_NS);
}

/* reqsk_timer_handler(); tcp_write_timeout() where SYNs crossed */
static uint64_t half_open(const struct cell *cell)
{
	long retries = cell->opening == OPENING_SIMULTANEOUS ? least(cell, "tcp_syn_retries", SYN_RETRIES) :
		       least(cell, "tcp_synack_retries", SYN_ACK_RETRIES);

	if (cell->queue == QUEUE_SYN_FULL && retries > RETRIES_HURRIED)
		retries = RETRIES_HURRIED;
	return retried(SYN_TIMER_NS, retries);
}

/* tcp_orphan_retries(): 0 are 8. tcp_write_timeout() */
static uint64_t unacknowledged_fin(const struct cell *cell)
{
	long retries = least(cell, "tcp_orphan_retries", ORPHAN_RETRIES);

	return retried(FIN_TIMER_NS, retries ? retries : ORPHAN_RETRIES);
}

long life_fin_timeout_s(const struct cell *cell, bool at_probe)
{
	long seconds = conditions_number(&cell->conditions, "tcp_fin_timeout", at_probe, FIN_TIMEOUT_S);

	return cell->linger2_s.given ? (long)cell->linger2_s.number : seconds;
}

/* tcp_close(), tcp_rcv_state_process(): what is above TCP_TIMEWAIT_LEN is first waited for in a full socket. */
static uint64_t orphan(const struct cell *cell)
{
	uint64_t life = TIME_WAIT_NS;

	for (int at_probe = 0; at_probe < 2; at_probe++) {
		long seconds = life_fin_timeout_s(cell, at_probe);

		if (seconds > TIME_WAIT_S)
			seconds -= TIME_WAIT_S;
		if (seconds > 0)
			life = smaller(life, (uint64_t)seconds * NSEC_PER_SEC);
	}
	return life;
}

static uint64_t of_state(const struct cell *cell)
{
	switch (cell->state) {
	case STATE_SYN_RECV:
		return half_open(cell);
	case STATE_SYN_SENT:
		return retried(SYN_TIMER_NS, least(cell, "tcp_syn_retries", SYN_RETRIES));
	case STATE_FIN_WAIT_2:
		return orphan(cell);
	case STATE_TIME_WAIT:
		return TIME_WAIT_NS;
	case STATE_FIN_WAIT_1:
	case STATE_CLOSING:
	case STATE_LAST_ACK:
		return unacknowledged_fin(cell);
	/* The descriptor is held: tcp_retries2 */
	case STATE_FIN_WAIT_1_HALF:
	case STATE_CLOSING_HALF:
	case STATE_LAST_ACK_HALF:
		return TIME_WAIT_NS;
	default:
		return 0;
	}
}

/* retransmits_timed_out(), tcp_keepalive_timer(): TCP_USER_TIMEOUT */
static uint64_t unless_given_up(const struct cell *cell, uint64_t life)
{
	uint64_t given_up_ns = cell->user_timeout_ms.number * NSEC_PER_MSEC;

	return given_up_ns && (!life || given_up_ns < life) ? given_up_ns : life;
}

uint64_t life_ns(const struct cell *cell)
{
	return unless_given_up(cell, of_state(cell));
}

uint64_t life_after_ns(const struct cell *cell)
{
	uint64_t life = TIME_WAIT_NS;

	if (stimulus_kind_flags(cell->stimulus.kind) & FLAG_SYN)
		life = smaller(life, half_open(cell)); /* a new connection */
	if (cell->state == STATE_FIN_WAIT_1)
		life = smaller(life, orphan(cell));
	if (cell->state == STATE_SYN_RECV)
		life = smaller(life, unacknowledged_fin(cell)); /* its process may close at once */
	return unless_given_up(cell, life);
}
