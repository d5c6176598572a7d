/* peer_reach.c - the way to the state: handshake, closing, quiet time, the witness's word. */
#include "crafter/peer_internal.h"

#include "crafter/seq.h"

/* The subject's own timers, with a margin: a SYN-ACK is sent again after TCP_TIMEOUT_INIT (1 s), a FIN after TCP_RTO_MIN
 * (200 ms) and the round trip. */
#define SYN_ACK_LATEST_NS (1200 * UINT64_C(1000000))
#define FIN_TIMER_NS (450 * UINT64_C(1000000))
/* TCP_DELACK_MAX is 200 ms. */
#define DELAYED_ACK_NS (250 * UINT64_C(1000000))
#define WITNESS_FIRST_WAIT_NS (500 * UINT64_C(1000))
enum {
	WITNESS_ASKS = 12, /* with doubling waits: about two seconds */
	RESTLESS = 3,      /* so many times the set-up's whole time, and the subject still speaks by itself */
};

static void become_ready(struct peer *peer, struct peer_actions *actions)
{
	peer_enter(peer, PEER_READY);
	actions->ready = true;
}

/* Where our last segment is a bare ACK, nothing acknowledges it. If it is lost, the subject is still in the state before. */
static bool ends_with_bare_ack(const struct state_plan *plan)
{
	return plan->handshake && !plan->sends_fin && (plan->acks_fin || !plan->awaits_fin);
}

/* How long the wire must stay quiet before the state counts as reached. */
static uint64_t quiet_time(const struct peer *peer)
{
	const struct state_plan *plan = state_plan(peer->state);
	uint64_t quiet_ns = peer->rules->settle_ns;

	/* What a network repeats of the set-up is answered a second time, and that comes a round trip later. In SYN_RECV it is
	 * known by its number, and the subject's own timer leaves no time. */
	if (quiet_ns && peer->state != STATE_SYN_RECV)
		quiet_ns += 2 * peer->round_trip_ns;
	/* A set-up segment that was sent twice may have cost the subject an ACK out of its rate limit
	 * (tcp_oow_rate_limited); the next one would be held back, and look like silence. */
	if ((peer->resent || peer->stirred) && quiet_ns < peer->rules->rate_limit_ns)
		quiet_ns = peer->rules->rate_limit_ns + peer->round_trip_ns;
	/* Only the subject's retransmission timer shows that a bare ACK was lost. */
	if (quiet_ns && !peer->rules->witness && ends_with_bare_ack(plan)) {
		if (plan->acks_fin && quiet_ns < FIN_TIMER_NS + 3 * peer->round_trip_ns)
			quiet_ns = FIN_TIMER_NS + 3 * peer->round_trip_ns;
		if (!plan->awaits_fin && quiet_ns < SYN_ACK_LATEST_NS + peer->round_trip_ns)
			quiet_ns = SYN_ACK_LATEST_NS + peer->round_trip_ns;
	}
	return quiet_ns;
}

/* The next step of the quiet time: its end, or another copy of a bare ACK, because what shows that the first was lost may be
 * lost as well. A copy is a duplicate of no consequence to a subject that has the first. */
static uint64_t quiet_step(const struct peer *peer, uint64_t quiet_ns)
{
	bool copies = peer->rules->acks_again && !peer->rules->witness && ends_with_bare_ack(state_plan(peer->state));

	return copies ? quiet_ns / (1U + peer->rules->acks_again) + 1 : quiet_ns;
}

void peer_quiet_is_over(struct peer *peer, struct peer_actions *actions)
{
	uint64_t left_ns = peer->quiet_until_ns > peer->now_ns ? peer->quiet_until_ns - peer->now_ns : 0;
	uint64_t step_ns = quiet_step(peer, quiet_time(peer));

	if (left_ns && step_ns) {
		peer_send_ack(peer, actions);
		peer_arm(peer, TIMER_QUIET, peer->now_ns + (step_ns < left_ns ? step_ns : left_ns));
	} else if (peer->rules->witness) {
		actions->ask_witness = true;
	} else {
		become_ready(peer, actions);
	}
}

/* The state is reached as far as the wire can tell. */
static void settle(struct peer *peer, struct peer_actions *actions)
{
	uint64_t quiet_ns = quiet_time(peer);

	peer_enter(peer, PEER_SETTLING);
	peer->reached_ns = peer->now_ns;
	peer->asked = 0;
	peer->baseline.rcv_nxt = peer->snd_next;
	if (peer->state != STATE_LISTEN)
		peer->baseline.rcv_wnd = peer->edge - peer->baseline.rcv_nxt;
	peer->quiet_until_ns = peer->now_ns + quiet_ns;
	if (quiet_ns)
		peer_arm(peer, TIMER_QUIET, peer->now_ns + quiet_step(peer, quiet_ns));
	else
		peer_quiet_is_over(peer, actions);
}

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
		settle(peer, actions);
		return;
	}
	peer_enter(peer, PEER_OPENING);
	peer->resend_wait_ns = peer->rules->resend_ns;
	peer_send_syn(peer, actions);
	peer_arm(peer, TIMER_RESEND, peer->now_ns + peer->resend_wait_ns);
}

/* Keeps what every segment of the subject tells: how far it acknowledges, its window, its clock. */
static void learn(struct peer *peer, const struct segment *segment)
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

/* How long the answer to a set-up segment may take once the distance is known: two round trips and a delayed ACK. */
static uint64_t later_wait(const struct peer *peer)
{
	uint64_t wait_ns = DELAYED_ACK_NS + 2 * peer->round_trip_ns;

	return wait_ns < peer->rules->resend_ns ? wait_ns : peer->rules->resend_ns;
}

/* Goes on with the state's plan as far as it can; `owes_ack` when the subject waits for an acknowledgment. */
static void reach(struct peer *peer, struct peer_actions *actions, bool owes_ack)
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
		peer->resend_wait_ns = later_wait(peer);
		peer_arm(peer, TIMER_RESEND, peer->now_ns + peer->resend_wait_ns);
		return;
	}
	if ((plan->sends_fin && !peer->fin_acked) || (plan->fin_after && !peer->fin_heard))
		return;
	if (owes_ack && ends_with_bare_ack(plan))
		peer_send_ack(peer, actions);
	settle(peer, actions);
}

static void take_syn_ack(struct peer *peer, const struct segment *segment, struct peer_actions *actions)
{
	peer->round_trip_ns = peer->now_ns - peer->begun_ns;
	peer->irs = segment->seq;
	if (peer->state == STATE_LISTEN) {
		peer_enter(peer, PEER_CLEARING);
		peer->resend_wait_ns = later_wait(peer);
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
		settle(peer, actions);
		return;
	}
	peer->resend_wait_ns = later_wait(peer);
	peer_arm(peer, TIMER_RESEND, peer->now_ns + peer->resend_wait_ns);
	if (peer->rules->trigger && state_plan(peer->state)->awaits_fin) {
		peer_send_trigger(peer, actions);
		reach(peer, actions, false);
	} else {
		reach(peer, actions, true);
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
	learn(peer, segment);
	if (segment->flags & FLAG_RST)
		peer_end_in_trouble(peer, actions, TROUBLE_REFUSED);
	else if ((segment->flags & kinds) == (FLAG_SYN | FLAG_ACK))
		take_syn_ack(peer, segment, actions);
}

void peer_hear_clearing(struct peer *peer, const struct segment *segment, struct peer_actions *actions)
{
	if (peer_is_clearing_reset(peer, segment))
		settle(peer, actions);
}

/* Takes data and FIN in order. True when the subject waits for an acknowledgment of something. */
static bool take_in_order(struct peer *peer, const struct segment *segment)
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

/* What has nothing to do with the connection teaches nothing about it, and is not answered; but it is not forgotten. */
static bool is_stray(struct peer *peer, const struct segment *segment)
{
	struct notice notice = { .kind = NOTICE_STRAY, .from = peer->tuple.target.address, .time_ns = peer->now_ns };

	notice.why = peer_why_stray(peer, segment);
	if (!notice.why)
		return false;
	notice.segment = *segment;
	peer_note(peer, &notice);
	return true;
}

void peer_hear_reaching(struct peer *peer, const struct segment *segment, struct peer_actions *actions)
{
	bool owes_ack;

	if (is_stray(peer, segment))
		return;
	if (segment->flags & FLAG_RST) {
		peer_end_in_trouble(peer, actions, TROUBLE_RESET);
		return;
	}
	learn(peer, segment);
	if (segment->flags & FLAG_SYN) {
		peer->syn_ack_ns = peer->now_ns;
		peer_send_last_again(peer, actions);
		return;
	}
	owes_ack = take_in_order(peer, segment);
	reach(peer, actions, owes_ack);
}

/* Between reaching the state and the stimulus the subject should be quiet. What it repeats it got no answer to; what
 * it still has to say (a banner) is acknowledged, and the quiet time begins anew. */
void peer_hear_settled(struct peer *peer, const struct segment *segment, struct peer_actions *actions)
{
	const struct state_plan *plan = state_plan(peer->state);
	bool had_fin = peer->fin_heard, repeats = false;
	uint32_t had = peer->baseline.snd_nxt;

	if ((peer_is_repeat(peer, segment, peer->now_ns) && (segment->flags & FLAG_RST)) || is_stray(peer, segment))
		return;
	if (segment->flags & FLAG_RST) {
		peer_end_in_trouble(peer, actions, TROUBLE_RESET);
		return;
	}
	learn(peer, segment);
	if (segment->flags & FLAG_SYN) {
		peer->syn_ack_ns = peer->now_ns;
		repeats = plan->handshake;
	} else if (take_in_order(peer, segment)) {
		repeats = had == peer->baseline.snd_nxt && plan->acks_fin;
	}
	if (peer->fin_heard && !had_fin) {
		peer_end_in_trouble(peer, actions, TROUBLE_CLOSED_EARLY);
		return;
	}
	if (repeats)
		peer_send_last_again(peer, actions);
	else if (had != peer->baseline.snd_nxt)
		peer_send_ack(peer, actions);
	else if (segment->flags == FLAG_ACK)
		peer->stirred = true; /* it answered a late copy of ours, and that may count against its rate limit */
	else
		return;
	if (peer->phase != PEER_SETTLING)
		return;
	if (peer->now_ns - peer->begun_ns >= RESTLESS * peer->rules->setup_ns)
		peer_end_in_trouble(peer, actions, TROUBLE_RESTLESS);
	else
		settle(peer, actions);
}

/* Asks again, each time after twice the wait, while the subject is not yet where the plan took it. */
static void ask_again(struct peer *peer, enum state state, struct peer_actions *actions)
{
	if (++peer->asked == WITNESS_ASKS) {
		peer->trouble_number = (int)state;
		peer_end_in_trouble(peer, actions, TROUBLE_WRONG_STATE);
		return;
	}
	peer_arm(peer, TIMER_WITNESS, peer->now_ns + (WITNESS_FIRST_WAIT_NS << (peer->asked - 1)));
}

void peer_take_testimony_before(struct peer *peer, enum state state, struct peer_actions *actions)
{
	peer->state_before = state;
	if (state == (peer->leaves_nothing ? STATE_CLOSED : peer->state))
		become_ready(peer, actions);
	else
		ask_again(peer, state, actions);
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
