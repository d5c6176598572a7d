/* peer_send.c - every segment a peer sends, built from what it knows. */
#include "crafter/peer_internal.h"

#include <string.h>

#include "crafter/seq.h"

static struct segment *append(struct peer *peer, struct peer_actions *actions, uint16_t flags)
{
	struct segment *segment;

	if (actions->send_count == PEER_SEND_MAX)
		return NULL;
	segment = &actions->send[actions->send_count++];
	memset(segment, 0, sizeof(*segment));
	segment->tuple = pair_to_subject(&peer->pair);
	segment->ttl = SEGMENT_TTL;
	segment->flags = flags;
	segment->window = SEGMENT_WINDOW;
	return segment;
}

/* The next number we expect from the subject. A FIN that the state's plan leaves unacknowledged does not count. */
static uint32_t acknowledgment(const struct peer *peer)
{
	if (peer->crafted.fin_taken && !state_plan_has(peer->plan, WHO_CRAFTED, DOES_ACK_FIN))
		return peer->crafted.their_fin_seq;
	return peer->crafted.rcv_nxt;
}

/* A segment of the old connection: acknowledges, and carries timestamps where the connection has them. */
static struct segment *append_connected(struct peer *peer, struct peer_actions *actions, uint16_t flags)
{
	struct segment *segment = append(peer, actions, flags);

	if (!segment)
		return NULL;
	segment->seq = peer->crafted.snd_nxt;
	segment->ack = acknowledgment(peer);
	if (peer->crafted.timestamps)
		segment_add_timestamps(segment, peer->ts_clock, peer->subject.last_tsval);
	return segment;
}

void peer_send_syn(struct peer *peer, struct peer_actions *actions)
{
	struct segment *segment = append(peer, actions, FLAG_SYN | (peer->asks_ecn ? FLAG_ECE | FLAG_CWR : 0));

	if (!segment)
		return;
	segment->seq = peer->crafted.iss;
	if (!state_plan_connects(peer->plan)) /* else its process is told otherwise */
		segment->window = (uint16_t)(BEHAVIOUR_WINDOW + (int)peer->plan->behaviour);
	segment_add_syn_options(segment, peer->offers_timestamps);
	if (peer->offers_timestamps)
		segment->tsval = peer->ts_clock;
	peer->set_up_segments++;
	peer_learn_sent(peer, segment);
}

/* The subject has connected to us. */
void peer_send_syn_ack(struct peer *peer, struct peer_actions *actions)
{
	struct segment *segment = append(peer, actions, FLAG_SYN | FLAG_ACK);

	if (!segment)
		return;
	segment->seq = peer->crafted.iss;
	segment->ack = peer->crafted.their_syn.seq + 1;
	segment_add_syn_options(segment, peer->offers_timestamps && peer->crafted.their_syn.timestamps);
	if (segment_has_option(segment, OPTION_TIMESTAMPS)) {
		segment->tsval = peer->ts_clock;
		segment->tsecr = peer->crafted.their_syn.tsval;
	}
	peer->set_up_segments++;
	peer_learn_sent(peer, segment);
}

void peer_send_ack(struct peer *peer, struct peer_actions *actions)
{
	struct segment *segment = append_connected(peer, actions, FLAG_ACK);

	if (segment)
		peer_learn_sent(peer, segment);
}

/* Our FIN also acknowledges, so that one segment takes the subject from FIN_WAIT_1 to TIME_WAIT. */
void peer_send_fin(struct peer *peer, struct peer_actions *actions)
{
	struct segment *segment = append_connected(peer, actions, FLAG_FIN | FLAG_ACK);

	if (!segment)
		return;
	peer->set_up_segments++;
	if (peer->crafted.fin_sent)
		segment->seq = peer->crafted.fin_seq;
	peer_learn_sent(peer, segment);
}

/* One segment: many small ones would fill the buffer's memory before its window. */
static uint16_t filling(const struct peer *peer)
{
	uint32_t window = peer->subject.rcv_wnd;

	return (uint16_t)(window < SEGMENT_FILL_MAX ? window : SEGMENT_FILL_MAX);
}

void peer_send_data(struct peer *peer, struct peer_actions *actions)
{
	struct segment *segment = append_connected(peer, actions, FLAG_PSH | FLAG_ACK);

	if (!segment)
		return;
	peer->set_up_segments++;
	segment->seq = peer->crafted.iss + 1;
	if (peer->receive_window == RECEIVE_WINDOW_CLOSED && !peer->data_sent)
		peer->unread = filling(peer);
	segment->payload = peer->unread ? stimulus_bytes() : (const uint8_t *)peer->rules->trigger;
	segment->payload_size = peer->unread ? peer->unread : peer->rules->trigger_size;
	peer->data_sent = true;
	peer_learn_sent(peer, segment);
}

/* Takes the first SYN back, and asks whether that worked, with the ACK of the SYN-ACK from outside the window. A listener
 * answers it with an RST; a socket that still has the four-tuple with an ACK, or not at all (RFC 9293 3.10.7.2 and 3.10.7.4;
 * tcp_check_req: a wrong acknowledgment would get the RST first). */
void peer_send_clearing(struct peer *peer, struct peer_actions *actions)
{
	struct segment *segment;

	peer_send_reset(peer, actions, peer->crafted.snd_nxt);
	segment = append(peer, actions, FLAG_ACK);
	if (!segment)
		return;
	segment->seq = peer->crafted.iss - OFFSET_DEFAULT;
	segment->ack = peer->crafted.irs + 1;
	peer->set_up_segments++;
}

void peer_send_reset(struct peer *peer, struct peer_actions *actions, uint32_t seq)
{
	struct segment *segment;

	for (uint8_t i = 0; i < actions->send_count; i++)
		if (actions->send[i].flags == FLAG_RST && actions->send[i].seq == seq)
			return;
	segment = append(peer, actions, FLAG_RST);
	if (!segment)
		return;
	segment->seq = seq;
	segment->window = 0;
}

/* Nothing but an RST that acknowledges its SYN ends an end in SYN_SENT (RFC 9293 3.10.7.3, second). */
static void send_refusal(struct peer *peer, struct peer_actions *actions)
{
	struct segment *segment = append(peer, actions, FLAG_RST | FLAG_ACK);

	if (!segment)
		return;
	segment->seq = peer->crafted.snd_nxt;
	segment->ack = peer_subject_next(peer);
	segment->window = 0;
}

void peer_send_stimulus(struct peer *peer, struct peer_actions *actions)
{
	struct segment *segment = append(peer, actions, 0);
	struct tuple tuple = pair_to_subject(&peer->pair);

	if (!segment)
		return;
	stimulus_segment(&peer->stimulus, &peer->baseline, &tuple, segment);
	segment->ip_id = PEER_MARK;
	peer->sent = *segment;
	peer->sent_ns = peer->now_ns;
}

/* A SYN below the window and without timestamps: a live socket answers it with an ACK (RFC 5961 4; a TIME_WAIT
 * socket, too), a listener with a SYN-ACK and a fresh ISN. So it shows whether the first socket is still there. */
void peer_send_follow_up(struct peer *peer, struct peer_actions *actions)
{
	static const struct stimulus below = {
		.kind = KIND_SYN,
		.seq = { .form = OFFSET_BELOW, .value = -OFFSET_DEFAULT },
		.ts = { .form = OFFSET_ABSENT },
	};
	struct segment *segment = append(peer, actions, 0);
	struct tuple tuple = pair_to_subject(&peer->pair);

	if (!segment)
		return;
	stimulus_segment(&below, &peer->baseline, &tuple, segment);
	segment->ip_id = PEER_MARK;
	peer->followed = true;
	peer->follow_up_sent_ns = peer->now_ns;
	peer->follow_up = *segment;
}

void peer_send_last_again(struct peer *peer, struct peer_actions *actions)
{
	peer->resent++;
	if (peer->step->what == DOES_SYN_ACK)
		peer_send_syn(peer, actions);
	else if (peer->step->what == DOES_ACK)
		peer_send_syn_ack(peer, actions);
	else if (peer->crafted.fin_sent)
		peer_send_fin(peer, actions);
	else if (peer->data_sent && seq_before(peer->crafted.snd_una, peer->crafted.snd_nxt))
		peer_send_data(peer, actions);
	else
		peer_send_ack(peer, actions);
}

/* A reset kills only at exactly the next number the socket expects (RFC 5961 3.2), and after the stimulus that may be
 * one of several: what the subject acknowledged last, what it expected before, the end of what we sent. */
void peer_send_tear_down(struct peer *peer, struct peer_actions *actions)
{
	const struct peer_heard *answer = peer_answer(peer);

	if (peer->phase == PEER_OPENING || peer->phase == PEER_IDLE) {
		if (peer->phase == PEER_OPENING)
			peer_send_reset(peer, actions, peer->crafted.snd_nxt);
		return;
	}
	if (peer->follow_up_answered && (peer->follow_up_heard.segment.flags & FLAG_ACK)) {
		peer_send_reset(peer, actions, peer->follow_up_heard.segment.ack);
		/* A live socket has just shown which number is exact. Another one would only be challenged. */
		if (peer->follow_up_heard.segment.flags == FLAG_ACK)
			return;
	}
	if (answer && (answer->segment.flags & FLAG_ACK) && !(answer->segment.flags & FLAG_RST)) {
		peer_send_reset(peer, actions, answer->segment.ack);
		/* A SYN-ACK's socket took the old one's place; nothing else is left. */
		if ((answer->segment.flags & FLAG_SYN) && !peer->followed)
			return;
	}
	peer_send_reset(peer, actions, peer->crafted.snd_nxt);
	if (peer->sent_ns && !peer->sent.icmp_error && !answer && peer->state != STATE_SYN_SENT)
		peer_send_reset(peer, actions, peer->sent.seq + segment_length(&peer->sent));
	/* Last: in a connection that the follow-up has begun it would be challenged. */
	if (state_plan_connects(peer->plan) && !end_knows(&peer->crafted, END_IRS))
		send_refusal(peer, actions);
}
