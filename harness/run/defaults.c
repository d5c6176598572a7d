/* defaults.c - the times, each with its reason. */
#include "harness/run/defaults.h"

#include <math.h>

#include "crafter/units.h"

double defaults_rate(double wanted, bool gentle)
{
	return isinf(wanted) ? 0 : wanted > 0 ? wanted : gentle ? GENTLE_RATE : 0;
}

/* The default of tcp_invalid_ratelimit is 500 ms, in jiffies. */
#define RATE_LIMIT (550 * NSEC_PER_MSEC)

/* What is not answered by the longest of the kernel's own delays (a delayed ACK, TCP_DELACK_MAX = 200 ms) is silence, once the
 * counters prove it. They prove that nothing was lost, not that nothing will come, so no --timeout makes it shorter. */
struct peer_rules defaults_in_lab(void)
{
	return (struct peer_rules){
		.resend_ns = 250 * NSEC_PER_MSEC,
		.setup_ns = 6000 * NSEC_PER_MSEC,
		.answer_ns = 300 * NSEC_PER_MSEC,
		.answer_least_ns = 250 * NSEC_PER_MSEC,
		.after_ns = 1 * NSEC_PER_MSEC,
		.rate_limit_ns = RATE_LIMIT,
	};
}

/* A router whose rules drop a segment of the set-up is common, and waiting does not help; the kernel's own second SYN-ACK comes
 * after a second (TCP_TIMEOUT_INIT). */
struct peer_rules defaults_behind_router(void)
{
	struct peer_rules rules = defaults_in_lab();

	rules.setup_ns = 2000 * NSEC_PER_MSEC;
	return rules;
}

/* The first wait is RFC 6298's (2.1): a shorter one takes distance for loss. */
struct peer_rules defaults_with_target(void)
{
	return (struct peer_rules){
		.resend_ns = 1000 * NSEC_PER_MSEC,
		.setup_ns = 3000 * NSEC_PER_MSEC,
		.settle_ns = 50 * NSEC_PER_MSEC,
		.answer_ns = 1000 * NSEC_PER_MSEC,
		.after_ns = 20 * NSEC_PER_MSEC,
		.rate_limit_ns = RATE_LIMIT,
		.acks_again = 3,
	};
}

/* Nothing is far and nothing is lost without being counted, but a stack's own timers may be slow: a delayed ACK may take 500 ms
 * (RFC 1122, 4.2.3.2), and there are clocks that tick as seldom. */
struct peer_rules defaults_with_stack(void)
{
	return (struct peer_rules){
		.resend_ns = 1000 * NSEC_PER_MSEC,
		.setup_ns = 4000 * NSEC_PER_MSEC,
		.settle_ns = 50 * NSEC_PER_MSEC,
		.answer_ns = 550 * NSEC_PER_MSEC,
		.answer_least_ns = 550 * NSEC_PER_MSEC,
		.after_ns = 20 * NSEC_PER_MSEC,
		.rate_limit_ns = RATE_LIMIT,
		.delivers = true,
	};
}
