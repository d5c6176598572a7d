/* peer_learn.c - what the segments of the subject teach about its end of the connection. */
#include "crafter/peer_internal.h"

#include "crafter/seq.h"

void peer_learn(struct peer *peer, const struct segment *segment)
{
	uint8_t shift = segment->flags & FLAG_SYN ? 0 : peer->wscale;
	uint32_t edge = segment->ack + ((uint32_t)segment->window << shift);

	if (!(segment->flags & FLAG_ACK) || (segment->flags & FLAG_RST))
		return;
	if (seq_after(segment->ack, peer->acked) && !seq_after(segment->ack, peer->snd_next))
		peer->acked = segment->ack;
	if ((segment->flags & FLAG_SYN) || seq_after(edge, peer->edge))
		peer->edge = edge;
	if (segment_has_option(segment, OPTION_TIMESTAMPS)) {
		peer->baseline.ts_echo = segment->tsval;
		peer->tsval_ns = peer->now_ns;
	}
	peer->fin_acked = peer->fin_sent && peer->acked == peer->snd_next;
}

void peer_learn_syn_ack(struct peer *peer, const struct segment *segment)
{
	peer->round_trip_ns = peer->now_ns - peer->begun_ns;
	peer->irs = segment->seq;
	if (peer->state == STATE_LISTEN)
		return;
	peer->syn_ack_ns = peer->now_ns;
	peer->baseline.snd_nxt = segment->seq + 1;
	peer->baseline.timestamps = segment_has_option(segment, OPTION_TIMESTAMPS);
	peer->wscale = segment_has_option(segment, OPTION_WSCALE) ? segment->wscale : 0;
}

bool peer_learn_in_order(struct peer *peer, const struct segment *segment)
{
	bool takes_space = segment_length(segment) > 0;

	if (segment->seq != peer->baseline.snd_nxt || peer->fin_heard)
		return takes_space;
	peer->baseline.snd_nxt += segment->payload_size;
	if (segment->flags & FLAG_FIN) {
		peer->fin_heard = true;
		peer->fin_seq = peer->baseline.snd_nxt;
		peer->baseline.snd_nxt++;
	}
	return takes_space;
}

/* Any numbers will do, as long as the listener never sent them. */
void peer_learn_none(struct peer *peer)
{
	peer->baseline.snd_nxt = peer->iss * UINT32_C(2654435761);
	peer->baseline.rcv_wnd = UINT16_MAX;
	peer->baseline.timestamps = peer->offers_timestamps;
}

void peer_learn_baseline(struct peer *peer)
{
	peer->baseline.rcv_nxt = peer->snd_next;
	if (peer->state != STATE_LISTEN)
		peer->baseline.rcv_wnd = peer->edge - peer->baseline.rcv_nxt;
}

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
