/* peer_learn.c - what the segments of the set-up make of the two ends, and the numbers that the stimulus counts from. */
#include "crafter/peer_internal.h"

/* Segments of the subject count whatever it, or a middlebox, does to their timestamps. */
void peer_learn_init(struct peer *peer, uint32_t iss)
{
	bool awaits_syn = peer->plan->steps[0].who == WHO_SUBJECT;

	end_init(&peer->crafted, awaits_syn ? STATE_LISTEN : STATE_CLOSED);
	peer->crafted.any_timestamp = true;
	peer->crafted.iss = peer->crafted.snd_una = peer->crafted.snd_nxt = iss;
	end_init(&peer->subject, awaits_syn ? STATE_CLOSED : STATE_LISTEN);
}

void peer_learn_sent(struct peer *peer, const struct segment *segment)
{
	end_sent(&peer->crafted, segment, peer->now_ns);
	end_got(&peer->subject, segment, peer->now_ns);
}

void peer_learn_syn(struct peer *peer, const struct segment *segment)
{
	end_sent(&peer->subject, segment, peer->now_ns);
	end_got(&peer->crafted, segment, peer->now_ns);
}

void peer_learn_heard(struct peer *peer, const struct segment *segment)
{
	bool other = (segment->flags & FLAG_SYN) && end_knows(&peer->crafted, END_IRS) && segment->seq != peer->crafted.irs;

	if (!(segment->flags & FLAG_ACK) || (segment->flags & FLAG_RST) || other)
		return;
	end_sent(&peer->subject, segment, peer->now_ns);
	end_got(&peer->crafted, segment, peer->now_ns);
	if ((segment->flags & FLAG_FIN) && !peer->fin_ns)
		peer->fin_ns = peer->now_ns;
}

/* Any numbers will do, as long as the subject never sent them. */
void peer_learn_none(struct peer *peer)
{
	peer->baseline.snd_nxt = peer->crafted.iss * UINT32_C(2654435761);
	peer->baseline.rcv_wnd = UINT16_MAX;
	peer->baseline.timestamps = peer->offers_timestamps;
}

/* The subject's next number is the one that we expect: what it sent and we never received may still come. */
void peer_learn_baseline(struct peer *peer)
{
	const struct end *crafted = &peer->crafted, *subject = &peer->subject;
	struct baseline *baseline = &peer->baseline;

	baseline->ts_echo = subject->last_tsval;
	baseline->syn_sent = peer->state == STATE_SYN_SENT;
	if (baseline->syn_sent) {
		baseline->rcv_nxt = crafted->snd_nxt;
		baseline->snd_nxt = peer_subject_next(peer);
		baseline->rcv_wnd = crafted->their_syn.window;
		baseline->timestamps = crafted->their_syn.timestamps && peer->offers_timestamps;
		return;
	}
	if (peer_has_none(peer)) {
		baseline->rcv_nxt = crafted->snd_nxt;
		return;
	}
	baseline->rcv_nxt = subject->rcv_nxt;
	baseline->snd_nxt = crafted->rcv_nxt;
	baseline->rcv_wnd = subject->rcv_wnd - subject->rcv_taken_back;
	baseline->rcv_taken_back = subject->rcv_taken_back;
	baseline->timestamps = crafted->timestamps;
	if (end_knows(subject, END_TS_RECENT))
		baseline->ts_recent = subject->ts_recent;
}

void peer_adopt(struct peer *peer, enum state state, const struct segment *syn, const struct segment *syn_ack,
		uint64_t now_ns)
{
	peer->state = state;
	peer->plan = state_plan(state);
	peer->syn_ack_ns = now_ns;
	peer->data_sent = false;
	peer_learn_init(peer, syn->seq);
	end_sent(&peer->crafted, syn, now_ns);
	end_got(&peer->subject, syn, now_ns);
	end_sent(&peer->subject, syn_ack, now_ns);
	end_got(&peer->crafted, syn_ack, now_ns);
	if (segment_has_option(syn, OPTION_TIMESTAMPS))
		peer->baseline.ts_recent = syn->tsval;
	peer_learn_baseline(peer);
}
