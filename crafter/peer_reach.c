/* peer_reach.c - the steps of the state's plan, once the handshake is done or under way. */
#include "crafter/peer_internal.h"

#include "crafter/seq.h"
#include "crafter/units.h"

/* TCP_DELACK_MAX is 200 ms. */
#define DELAYED_ACK_NS (250 * NSEC_PER_MSEC)

/* How long the answer to a set-up segment may take once the distance is known: two round trips and a delayed ACK. */
uint64_t peer_later_wait(const struct peer *peer)
{
	uint64_t wait_ns = DELAYED_ACK_NS + 2 * peer->round_trip_ns;

	return wait_ns < peer->rules->resend_ns ? wait_ns : peer->rules->resend_ns;
}

/* Goes on with the state's plan as far as it can; `owes_ack` when the subject waits for an acknowledgment. */
void peer_reach(struct peer *peer, struct peer_actions *actions, bool owes_ack)
{
	const struct state_plan *plan = state_plan(peer->state);

	if (peer->fin_heard && !plan->awaits_fin && !plan->fin_after) {
		peer_end_in_trouble(peer, actions, TROUBLE_CLOSED_EARLY);
		return;
	}
	if (plan->awaits_fin && !peer->fin_heard) {
		if (owes_ack)
			peer_send_ack(peer, actions);
		return;
	}
	if (plan->sends_fin && !peer->fin_sent) {
		peer_send_fin(peer, actions);
		peer->resend_wait_ns = peer_later_wait(peer);
		peer_arm(peer, TIMER_RESEND, peer->now_ns + peer->resend_wait_ns);
		return;
	}
	if ((plan->sends_fin && !peer->fin_acked) || (plan->fin_after && !peer->fin_heard))
		return;
	if (owes_ack && peer_ends_with_bare_ack(plan))
		peer_send_ack(peer, actions);
	peer_settle(peer, actions);
}

void peer_hear_reaching(struct peer *peer, const struct segment *segment, struct peer_actions *actions)
{
	bool owes_ack;

	if (peer_is_stray(peer, segment))
		return;
	if (segment->flags & FLAG_RST) {
		peer_end_in_trouble(peer, actions, TROUBLE_RESET);
		return;
	}
	peer_learn(peer, segment);
	if (segment->flags & FLAG_SYN) {
		peer->syn_ack_ns = peer->now_ns;
		peer_send_last_again(peer, actions);
		return;
	}
	owes_ack = peer_take_in_order(peer, segment);
	peer_reach(peer, actions, owes_ack);
}

/* The set-up hangs: send again what may be lost, or say which step failed. */
void peer_resend(struct peer *peer, struct peer_actions *actions)
{
	const struct state_plan *plan = state_plan(peer->state);

	if (peer->now_ns - peer->begun_ns >= peer->rules->setup_ns) {
		if (peer->phase == PEER_OPENING)
			peer_end_in_trouble(peer, actions, TROUBLE_NO_ANSWER);
		else if (plan->awaits_fin && !peer->fin_heard)
			peer_end_in_trouble(peer, actions, TROUBLE_NEVER_CLOSES);
		else
			peer_end_in_trouble(peer, actions, TROUBLE_SETUP_LOST);
		return;
	}
	/* Waiting for the subject's FIN with nothing of ours unacknowledged is its turn, not ours. */
	if (peer->phase == PEER_OPENING || peer->phase == PEER_CLEARING || peer->fin_sent ||
	    (peer->trigger_sent && seq_before(peer->acked, peer->snd_next)))
		peer_send_last_again(peer, actions);
	peer->resend_wait_ns *= 2;
	peer_arm(peer, TIMER_RESEND, peer->now_ns + peer->resend_wait_ns);
}
