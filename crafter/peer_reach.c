/* peer_reach.c - PEER_REACHING: the steps of the state's plan. */
#include "crafter/peer_internal.h"

#include "crafter/seq.h"

/* Our steps up to the next one of the subject, in one segment. A trigger goes with what completes the handshake. */
static void take_steps(struct peer *peer, struct peer_actions *actions)
{
	bool syn = false, syn_ack = false, data = false, fin = false;

	for (; peer->step->what != DOES_NOTHING && peer->step->who == WHO_CRAFTED; peer->step++) {
		syn = syn || peer->step->what == DOES_SYN;
		syn_ack = syn_ack || peer->step->what == DOES_SYN_ACK;
		data = data || peer->step->what == DOES_DATA;
		fin = fin || peer->step->what == DOES_FIN;
	}
	if (syn)
		peer_send_syn(peer, actions);
	else if (syn_ack)
		peer_send_syn_ack(peer, actions);
	else if (fin)
		peer_send_fin(peer, actions);
	else if (data || (peer->rules->trigger && peer->step->what == DOES_FIN))
		peer_send_data(peer, actions);
	else
		peer_send_ack(peer, actions);
	peer_resend_arm(peer, peer_resend_wait(peer));
}

/* Whether the subject has taken its next step. */
static bool subject_did(const struct peer *peer)
{
	switch (peer->step->what) {
	case DOES_FIN:
		return peer->crafted.fin_taken;
	case DOES_ACK_FIN:
		return peer->crafted.fin_acked;
	case DOES_ACK:
	case DOES_ACK_DATA:
	case DOES_SYN_ACK: /* after SYNs that crossed; otherwise it was taken before this phase */
		return peer->crafted.snd_una == peer->crafted.snd_nxt;
	case DOES_SYN: /* as above */
	case DOES_DATA:
	case DOES_NOTHING:
		break;
	}
	return false;
}

static void pass_steps(struct peer *peer)
{
	while (peer->step->who == WHO_SUBJECT && subject_did(peer))
		peer->step++;
}

/* Goes on with the state's plan as far as it can; `owes_ack` when the subject waits for an acknowledgment. */
static enum peer_phase reach(struct peer *peer, struct peer_actions *actions, bool owes_ack)
{
	pass_steps(peer);
	while (peer->step->who == WHO_CRAFTED && peer->step->what != DOES_NOTHING) {
		take_steps(peer, actions);
		pass_steps(peer);
		owes_ack = false;
	}
	if (peer->crafted.fin_taken && !state_plan_has(peer->plan, WHO_SUBJECT, DOES_FIN))
		return peer_fail(peer, TROUBLE_CLOSED_EARLY);
	if (peer->step->what == DOES_NOTHING)
		return PEER_SETTLING;
	if (owes_ack && !peer->crafted.fin_sent)
		peer_send_ack(peer, actions);
	return PEER_REACHING;
}

enum peer_phase peer_reach_enter(struct peer *peer, struct peer_actions *actions)
{
	if (peer->needs_timestamps && !peer->crafted.their_syn.timestamps)
		return peer_fail(peer, TROUBLE_NO_TIMESTAMPS);
	if (peer->asks_ecn && !peer->crafted.their_syn.ecn)
		return peer_fail(peer, TROUBLE_NO_ECN);
	/* A request socket goes as soon as its timer cannot send the SYN-ACK again (reqsk_timer_handler, inet_rtx_syn_ack). */
	if (peer->state == STATE_SYN_RECV && peer->resent && !peer->rules->witness)
		return peer_fail(peer, TROUBLE_OLD_HALF_OPEN);
	return reach(peer, actions, false);
}

enum peer_phase peer_reach_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	const struct segment *segment = event->segment;
	const struct state_step *had = peer->step;

	if (peer_is_stray(peer, segment))
		return PEER_REACHING;
	if (segment->flags & FLAG_RST)
		return peer_fail(peer, TROUBLE_RESET);
	peer_learn_heard(peer, segment);
	if (segment->flags & FLAG_SYN) {
		pass_steps(peer);
		peer->syn_ack_ns = peer->now_ns;
		/* SYNs that crossed: its SYN-ACK is what acknowledges ours. */
		if ((had->what == DOES_ACK || had->what == DOES_SYN_ACK) && peer->step != had)
			return reach(peer, actions, false);
		peer_send_last_again(peer, actions);
		return PEER_REACHING;
	}
	return reach(peer, actions, segment_length(segment) > 0);
}

/* The set-up hangs: send again what may be lost, or say which step failed. */
enum peer_phase peer_reach_expire(struct peer *peer, struct peer_actions *actions)
{
	if (peer_resend_is_over(peer))
		return peer_fail(peer, peer->step->what == DOES_FIN && !peer->crafted.fin_sent ? TROUBLE_NEVER_CLOSES :
				 TROUBLE_SETUP_LOST);
	/* Waiting for the subject's FIN with nothing of ours unacknowledged is its turn, not ours. */
	if (peer->step->what == DOES_ACK || peer->step->what == DOES_SYN_ACK || peer->crafted.fin_sent ||
	    (peer->data_sent && seq_before(peer->crafted.snd_una, peer->crafted.snd_nxt)))
		peer_send_last_again(peer, actions);
	peer_resend_arm_again(peer);
	return PEER_REACHING;
}
