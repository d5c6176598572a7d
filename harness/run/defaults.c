/* defaults.c - the times, each with its reason. */
#include "harness/run/defaults.h"

#define MS UINT64_C(1000000)

/* The default of tcp_invalid_ratelimit is 500 ms, in jiffies. */
#define RATE_LIMIT (550 * MS)

/* What is not answered by the longest of the kernel's own delays (a delayed ACK, TCP_DELACK_MAX = 200 ms) is silence, once the
 * counters prove it. They prove that nothing was lost, not that nothing will come, so no --timeout makes it shorter. */
struct peer_rules defaults_in_lab(void)
{
	return (struct peer_rules){
		.resend_ns = 250 * MS,
		.setup_ns = 6000 * MS,
		.answer_ns = 300 * MS,
		.answer_least_ns = 250 * MS,
		.after_ns = 1 * MS,
		.rate_limit_ns = RATE_LIMIT,
	};
}

/* The first wait is RFC 6298's (2.1): a shorter one takes distance for loss. */
struct peer_rules defaults_with_target(void)
{
	return (struct peer_rules){
		.resend_ns = 1000 * MS,
		.setup_ns = 3000 * MS,
		.settle_ns = 50 * MS,
		.answer_ns = 1000 * MS,
		.after_ns = 20 * MS,
		.rate_limit_ns = RATE_LIMIT,
		.acks_again = 3,
	};
}
