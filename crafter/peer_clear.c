/* peer_clear.c - PEER_CLEARING: somebody listens; the half-open connection is taken back, and with it what else may have the
 * four-tuple is ruled out. */
#include "crafter/peer_internal.h"

enum peer_phase peer_clear_enter(struct peer *peer, struct peer_actions *actions)
{
	peer_send_clearing(peer, actions);
	peer_resend_arm(peer, peer_resend_wait(peer));
	return PEER_CLEARING;
}

enum peer_phase peer_clear_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	(void)actions;
	return peer_is_clearing_reset(peer, event->segment) ? PEER_SETTLING : PEER_CLEARING;
}

enum peer_phase peer_clear_expire(struct peer *peer, struct peer_actions *actions)
{
	if (peer_resend_is_over(peer))
		return peer_fail(peer, TROUBLE_SETUP_LOST);
	peer->resent++;
	peer_send_clearing(peer, actions);
	peer_resend_arm_again(peer);
	return PEER_CLEARING;
}
