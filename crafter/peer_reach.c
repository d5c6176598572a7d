/* peer_reach.c - PEER_REACHING: the steps of the state's plan. */
#include "crafter/peer_internal.h"

#include "crafter/seq.h"

/* Goes on with the state's plan as far as it can; `owes_ack` when the subject waits for an acknowledgment. */
static enum peer_phase reach(struct peer *peer, struct peer_actions *actions, bool owes_ack)
{
	const struct state_plan *plan = state_plan(peer->state);

	if (peer->fin_heard && !plan->awaits_fin && !plan->fin_after)
		return peer_fail(peer, TROUBLE_CLOSED_EARLY);
	if (plan->awaits_fin && !peer->fin_heard) {
		if (owes_ack)
			peer_send_ack(peer, actions);
		return PEER_REACHING;
	}
	if (plan->sends_fin && !peer->fin_sent) {
		peer_send_fin(peer, actions);
		peer_resend_arm(peer, peer_resend_wait(peer));
		return PEER_REACHING;
	}
	if ((plan->sends_fin && !peer->fin_acked) || (plan->fin_after && !peer->fin_heard))
		return PEER_REACHING;
	if (owes_ack && peer_ends_with_bare_ack(plan))
		peer_send_ack(peer, actions);
	return PEER_SETTLING;
}

enum peer_phase peer_reach_enter(struct peer *peer, struct peer_actions *actions)
{
	if (peer->needs_timestamps && !peer->baseline.timestamps)
		return peer_fail(peer, TROUBLE_NO_TIMESTAMPS);
	/* A request socket goes as soon as its timer cannot send the SYN-ACK again (reqsk_timer_handler, inet_rtx_syn_ack). */
	if (peer->state == STATE_SYN_RECV && peer->resent && !peer->rules->witness)
		return peer_fail(peer, TROUBLE_OLD_HALF_OPEN);
	if (peer->state == STATE_SYN_RECV)
		return PEER_SETTLING;
	peer_resend_arm(peer, peer_resend_wait(peer));
	if (!peer->rules->trigger || !state_plan(peer->state)->awaits_fin)
		return reach(peer, actions, true);
	peer_send_trigger(peer, actions);
	return reach(peer, actions, false);
}

enum peer_phase peer_reach_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	const struct segment *segment = event->segment;

	if (peer_is_stray(peer, segment))
		return PEER_REACHING;
	if (segment->flags & FLAG_RST)
		return peer_fail(peer, TROUBLE_RESET);
	peer_learn(peer, segment);
	if (segment->flags & FLAG_SYN) {
		peer->syn_ack_ns = peer->now_ns;
		peer_send_last_again(peer, actions);
		return PEER_REACHING;
	}
	return reach(peer, actions, peer_learn_in_order(peer, segment));
}

/* The set-up hangs: send again what may be lost, or say which step failed. */
enum peer_phase peer_reach_expire(struct peer *peer, struct peer_actions *actions)
{
	bool fin_due = state_plan(peer->state)->awaits_fin && !peer->fin_heard;

	if (peer_resend_is_over(peer))
		return peer_fail(peer, fin_due ? TROUBLE_NEVER_CLOSES : TROUBLE_SETUP_LOST);
	/* Waiting for the subject's FIN with nothing of ours unacknowledged is its turn, not ours. */
	if (peer->fin_sent || (peer->trigger_sent && seq_before(peer->acked, peer->snd_next)))
		peer_send_last_again(peer, actions);
	peer_resend_arm_again(peer);
	return PEER_REACHING;
}
