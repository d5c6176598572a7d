/* peer_open.c - the SYN and its answer, and the proof that nothing but the listener has the four-tuple. */
#include "crafter/peer_internal.h"

void peer_start(struct peer *peer, struct peer_actions *actions)
{
	peer->begun_ns = peer->now_ns;
	if (peer->state == STATE_LISTEN) {
		/* No connection: any numbers will do, as long as the listener never sent them. */
		peer->baseline.snd_nxt = peer->iss * UINT32_C(2654435761);
		peer->baseline.rcv_wnd = UINT16_MAX;
		peer->baseline.timestamps = peer->offers_timestamps;
	}
	if (peer->state == STATE_LISTEN && !peer->rules->proves_listen) {
		peer_settle(peer, actions);
		return;
	}
	peer_enter(peer, PEER_OPENING);
	peer->resend_wait_ns = peer->rules->resend_ns;
	peer_send_syn(peer, actions);
	peer_arm(peer, TIMER_RESEND, peer->now_ns + peer->resend_wait_ns);
}

static void take_syn_ack(struct peer *peer, const struct segment *segment, struct peer_actions *actions)
{
	peer->round_trip_ns = peer->now_ns - peer->begun_ns;
	peer->irs = segment->seq;
	if (peer->state == STATE_LISTEN) {
		peer_enter(peer, PEER_CLEARING);
		peer->resend_wait_ns = peer_later_wait(peer);
		peer_send_clearing(peer, actions);
		peer_arm(peer, TIMER_RESEND, peer->now_ns + peer->resend_wait_ns);
		return;
	}
	peer->syn_ack_ns = peer->now_ns;
	peer->baseline.snd_nxt = segment->seq + 1;
	peer->baseline.timestamps = segment_has_option(segment, OPTION_TIMESTAMPS);
	peer->wscale = segment_has_option(segment, OPTION_WSCALE) ? segment->wscale : 0;
	peer_enter(peer, PEER_REACHING);
	if (peer->needs_timestamps && !peer->baseline.timestamps) {
		peer_end_in_trouble(peer, actions, TROUBLE_NO_TIMESTAMPS);
		return;
	}
	/* A request socket goes as soon as its timer cannot send the SYN-ACK again (reqsk_timer_handler, inet_rtx_syn_ack). */
	if (peer->state == STATE_SYN_RECV && peer->resent && !peer->rules->witness) {
		peer_end_in_trouble(peer, actions, TROUBLE_OLD_HALF_OPEN);
		return;
	}
	if (peer->state == STATE_SYN_RECV) {
		peer_settle(peer, actions);
		return;
	}
	peer->resend_wait_ns = peer_later_wait(peer);
	peer_arm(peer, TIMER_RESEND, peer->now_ns + peer->resend_wait_ns);
	if (peer->rules->trigger && state_plan(peer->state)->awaits_fin) {
		peer_send_trigger(peer, actions);
		peer_reach(peer, actions, false);
	} else {
		peer_reach(peer, actions, true);
	}
}

void peer_hear_opening(struct peer *peer, const struct segment *segment, struct peer_actions *actions)
{
	const uint8_t kinds = FLAG_SYN | FLAG_ACK | FLAG_RST | FLAG_FIN;

	if ((segment->flags & FLAG_ACK) && segment->ack != peer->snd_next) {
		/* Somebody's old connection on these ports: reset it as any client would (RFC 9293 3.10.7.3). */
		if (!(segment->flags & FLAG_RST))
			peer_send_reset(peer, actions, segment->ack);
		return;
	}
	peer_learn(peer, segment);
	if (segment->flags & FLAG_RST)
		peer_end_in_trouble(peer, actions, TROUBLE_REFUSED);
	else if ((segment->flags & kinds) == (FLAG_SYN | FLAG_ACK))
		take_syn_ack(peer, segment, actions);
}

void peer_hear_clearing(struct peer *peer, const struct segment *segment, struct peer_actions *actions)
{
	if (peer_is_clearing_reset(peer, segment))
		peer_settle(peer, actions);
}
