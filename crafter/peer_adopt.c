/* peer_adopt.c - a peer goes on with the connection that a SYN of its own has made on its tuple. */
#include "crafter/peer.h"

void peer_adopt(struct peer *peer, enum state state, const struct segment *syn, const struct segment *syn_ack,
		uint64_t now_ns)
{
	struct baseline *baseline = &peer->baseline;

	peer->state = state;
	peer->iss = syn->seq;
	peer->snd_next = peer->acked = syn_ack->ack;
	peer->irs = syn_ack->seq;
	peer->syn_ack_ns = now_ns;
	peer->fin_heard = peer->fin_sent = peer->fin_acked = peer->trigger_sent = false;
	peer->wscale = segment_has_option(syn_ack, OPTION_WSCALE) ? syn_ack->wscale : 0;
	peer->edge = syn_ack->ack + syn_ack->window;
	baseline->rcv_nxt = syn_ack->ack;
	baseline->snd_nxt = syn_ack->seq + 1;
	baseline->rcv_wnd = syn_ack->window;
	baseline->timestamps = segment_has_option(syn_ack, OPTION_TIMESTAMPS);
	baseline->ts_echo = baseline->timestamps ? syn_ack->tsval : 0;
	if (segment_has_option(syn, OPTION_TIMESTAMPS))
		baseline->ts_recent = syn->tsval;
}
