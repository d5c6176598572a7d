/* peer_resend.c - how long the answer to a set-up segment may take, and the set-up as a whole. */
#include "crafter/peer_internal.h"

#include "crafter/units.h"

/* TCP_DELACK_MAX is 200 ms. */
#define DELAYED_ACK_NS (250 * NSEC_PER_MSEC)

uint64_t peer_resend_wait(const struct peer *peer)
{
	uint64_t wait_ns = DELAYED_ACK_NS + 2 * peer->round_trip_ns;

	return wait_ns < peer->rules->resend_ns ? wait_ns : peer->rules->resend_ns;
}

void peer_resend_arm(struct peer *peer, uint64_t wait_ns)
{
	peer->resend_wait_ns = wait_ns;
	peer_arm(peer, peer->now_ns + wait_ns);
}

void peer_resend_arm_again(struct peer *peer)
{
	peer_resend_arm(peer, 2 * peer->resend_wait_ns);
}

bool peer_resend_is_over(const struct peer *peer)
{
	return peer->now_ns - peer->begun_ns >= peer->rules->setup_ns;
}
