/* peer_open.c - PEER_IDLE and PEER_OPENING: the SYN, and what answers it; or the SYN of a subject that connects to us. */
#include "crafter/peer_internal.h"

enum peer_phase peer_open_start(struct peer *peer)
{
	peer->begun_ns = peer->now_ns;
	if (!peer_has_none(peer))
		return PEER_OPENING;
	peer_learn_none(peer);
	if (peer->trusts_listener && peer->state == STATE_LISTEN)
		return PEER_SETTLING;
	return peer->rules->proves_listen ? PEER_OPENING : PEER_SETTLING;
}

enum peer_phase peer_open_enter(struct peer *peer, struct peer_actions *actions)
{
	actions->call = state_plan_connects(peer->plan);
	/* The proof that somebody listens, or nobody, begins with the same two steps, though these plans are empty. */
	if (peer->step->who == WHO_CRAFTED) {
		peer->step += peer->step->what == DOES_SYN;
		peer_send_syn(peer, actions);
	}
	peer_resend_arm(peer, peer->rules->resend_ns);
	return PEER_OPENING;
}

/* The subject connects. Where the SYNs are to cross, ours goes out as if its SYN had not come yet. */
static enum peer_phase hear_syn(struct peer *peer, const struct segment *segment)
{
	if ((segment->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST | FLAG_FIN)) != FLAG_SYN)
		return PEER_OPENING;
	peer_learn_syn(peer, segment);
	peer->step++;
	return PEER_REACHING;
}

enum peer_phase peer_open_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	const uint8_t kinds = FLAG_SYN | FLAG_ACK | FLAG_RST | FLAG_FIN;
	const struct segment *segment = event->segment;

	if (peer->step->who == WHO_SUBJECT && peer->step->what == DOES_SYN)
		return hear_syn(peer, segment);
	if ((segment->flags & FLAG_ACK) && segment->ack != peer->crafted.snd_nxt) {
		/* Somebody's old connection on these ports: reset it as any client would (RFC 9293 3.10.7.3). */
		if (!(segment->flags & FLAG_RST))
			peer_send_reset(peer, actions, segment->ack);
		return PEER_OPENING;
	}
	if (segment->flags & FLAG_RST)
		return peer->state == STATE_CLOSED ? PEER_SETTLING : peer_fail(peer, TROUBLE_REFUSED);
	if ((segment->flags & kinds) != (FLAG_SYN | FLAG_ACK))
		return PEER_OPENING;
	peer_learn_heard(peer, segment);
	peer->round_trip_ns = peer->now_ns - peer->begun_ns;
	peer->syn_ack_ns = peer->now_ns;
	if (peer->state == STATE_LISTEN)
		return PEER_CLEARING;
	if (peer->state == STATE_CLOSED) {
		peer->trouble_number = STATE_LISTEN;
		return peer_fail(peer, TROUBLE_WRONG_STATE);
	}
	peer->step++;
	return PEER_REACHING;
}

enum peer_phase peer_open_expire(struct peer *peer, struct peer_actions *actions)
{
	bool connects = peer->step->who == WHO_SUBJECT && peer->step->what == DOES_SYN;

	if (peer_resend_is_over(peer))
		return peer_fail(peer, connects ? TROUBLE_SETUP_LOST : TROUBLE_NO_ANSWER);
	if (peer->step == peer->plan->steps && connects) {
		actions->call = peer->rules->calls_again;
	} else {
		peer->resent++;
		peer_send_syn(peer, actions);
	}
	peer_resend_arm_again(peer);
	return PEER_OPENING;
}
