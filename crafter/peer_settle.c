/* peer_settle.c - reached on the wire: quiet time, the witness's testimony, and the wait for the stimulus to be released. */
#include "crafter/peer_internal.h"

#include "crafter/units.h"

/* The subject's own timers, with a margin: a SYN-ACK is sent again after TCP_TIMEOUT_INIT (1 s), a FIN after TCP_RTO_MIN
 * (200 ms) and the round trip. */
#define SYN_ACK_LATEST_NS (1200 * NSEC_PER_MSEC)
#define FIN_TIMER_NS (450 * NSEC_PER_MSEC)
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
bool peer_ends_with_bare_ack(const struct state_plan *plan)
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
	if (quiet_ns && !peer->rules->witness && peer_ends_with_bare_ack(plan)) {
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
	bool copies = peer->rules->acks_again && !peer->rules->witness && peer_ends_with_bare_ack(state_plan(peer->state));

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
void peer_settle(struct peer *peer, struct peer_actions *actions)
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

/* Between reaching the state and the stimulus the subject should be quiet. What it repeats it got no answer to; what
 * it still has to say (a banner) is acknowledged, and the quiet time begins anew. */
void peer_hear_settled(struct peer *peer, const struct segment *segment, struct peer_actions *actions)
{
	const struct state_plan *plan = state_plan(peer->state);
	bool had_fin = peer->fin_heard, repeats = false;
	uint32_t had = peer->baseline.snd_nxt;

	if ((peer_is_repeat(peer, segment, peer->now_ns) && (segment->flags & FLAG_RST)) || peer_is_stray(peer, segment))
		return;
	if (segment->flags & FLAG_RST) {
		peer_end_in_trouble(peer, actions, TROUBLE_RESET);
		return;
	}
	peer_learn(peer, segment);
	if (segment->flags & FLAG_SYN) {
		peer->syn_ack_ns = peer->now_ns;
		repeats = plan->handshake;
	} else if (peer_take_in_order(peer, segment)) {
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
		peer_settle(peer, actions);
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
