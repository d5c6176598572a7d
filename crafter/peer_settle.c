/* peer_settle.c - PEER_SETTLING, PEER_DELAYED and PEER_READY: reached on the wire; quiet time, the witness's testimony, a
 * delay, and the wait until the stimulus is released. */
#include "crafter/peer_internal.h"

#include "crafter/units.h"

/* The subject's own timers, with a margin: a SYN-ACK is sent again after TCP_TIMEOUT_INIT (1 s), a FIN after TCP_RTO_MIN
 * (200 ms) and the round trip. */
#define SYN_ACK_LATEST_NS (1200 * NSEC_PER_MSEC)
#define FIN_TIMER_NS (450 * NSEC_PER_MSEC)
/* Whose FIN was not sent again by then (RFC 6298 2.1: 1 s at first) has no timer for it, or a very slow one. */
#define FIN_AGAIN_LATEST_NS (3000 * NSEC_PER_MSEC)
#define WITNESS_FIRST_WAIT_NS (500 * UINT64_C(1000))
enum {
	WITNESS_ASKS = 12, /* with doubling waits: about two seconds */
	RESTLESS = 3,      /* after that many times the set-up's whole time the subject still sends on its own */
};

enum peer_phase peer_ready_enter(struct peer *peer, struct peer_actions *actions)
{
	(void)peer;
	actions->ready = true;
	return PEER_READY;
}

/* Where our last segment is a bare ACK, nothing acknowledges it. If it is lost, the subject is still in the state before. */
static enum state_what last_bare_ack(const struct state_plan *plan)
{
	struct state_step last = state_plan_last(plan);

	return last.who == WHO_CRAFTED ? last.what : DOES_NOTHING;
}

uint64_t peer_quiet_time(const struct peer_rules *rules, enum state state, const struct state_plan *plan,
			 uint64_t round_trip_ns)
{
	enum state_what unproven = rules->witness || rules->delivers ? DOES_NOTHING : last_bare_ack(plan);
	uint64_t quiet_ns = rules->settle_ns;

	/* What a network repeats of the set-up is answered a second time, and that comes a round trip later. In SYN_RECV it is
	 * known by its number, and the subject's own timer leaves no time. */
	if (quiet_ns && state != STATE_SYN_RECV)
		quiet_ns += 2 * round_trip_ns;
	/* Only the subject's retransmission timer shows that a bare ACK was lost. */
	if (quiet_ns && unproven == DOES_ACK_FIN && quiet_ns < FIN_TIMER_NS + 3 * round_trip_ns)
		quiet_ns = FIN_TIMER_NS + 3 * round_trip_ns;
	if (quiet_ns && unproven == DOES_ACK && quiet_ns < SYN_ACK_LATEST_NS + round_trip_ns)
		quiet_ns = SYN_ACK_LATEST_NS + round_trip_ns;
	return quiet_ns;
}

static uint64_t quiet_time(const struct peer *peer)
{
	uint64_t quiet_ns = peer_quiet_time(peer->rules, peer->state, peer->plan, peer->round_trip_ns);

	/* A set-up segment that was sent twice may have cost the subject an ACK out of its rate limit
	 * (tcp_oow_rate_limited); the next one would be held back, and look like silence. */
	if ((peer->resent || peer->stirred) && quiet_ns < peer->rules->rate_limit_ns)
		quiet_ns = peer->rules->rate_limit_ns + peer->round_trip_ns;
	return quiet_ns;
}

/* The next step of the quiet time: its end, or another copy of a bare ACK, because what shows that the first was lost may be
 * lost as well. A copy is a duplicate of no consequence to a subject that has the first. */
static uint64_t quiet_step(const struct peer *peer, uint64_t quiet_ns)
{
	bool copies = peer->rules->acks_again && !peer->rules->witness && last_bare_ack(peer->plan);

	return copies ? quiet_ns / (1U + peer->rules->acks_again) + 1 : quiet_ns;
}

enum peer_phase peer_settle_expire(struct peer *peer, struct peer_actions *actions)
{
	uint64_t left_ns = peer->quiet_until_ns > peer->now_ns ? peer->quiet_until_ns - peer->now_ns : 0;
	uint64_t step_ns = quiet_step(peer, quiet_time(peer));

	if (left_ns && step_ns) {
		peer_send_ack(peer, actions);
		peer_arm(peer, peer->now_ns + (step_ns < left_ns ? step_ns : left_ns));
		return PEER_SETTLING;
	}
	if (!peer->rules->witness)
		return PEER_DELAYED;
	actions->ask_witness = true;
	return PEER_SETTLING;
}

/* What the subject's last ACK offers is the proof that the condition is met. */
static bool window_fits(const struct peer *peer)
{
	uint32_t offered = peer->subject.rcv_wnd - peer->subject.rcv_taken_back;

	switch (peer->receive_window) {
	case RECEIVE_WINDOW_USUAL:
		return true;
	case RECEIVE_WINDOW_SMALL:
		if (peer->state == STATE_SYN_SENT)
			offered = peer->crafted.their_syn.window;
		return offered > 0 && offered <= SEGMENT_FILL_MAX;
	case RECEIVE_WINDOW_CLOSED:
		return offered == 0 && peer->subject.rcv_taken_back == 0;
	case RECEIVE_WINDOW_SHRUNK:
		return peer->subject.rcv_taken_back > 0;
	}
	return false;
}

/* An acknowledgment that carries the FIN again (peer_is_ack_with_fin()) cannot be told from the timer's copy of it where the
 * quiet time and a round trip take as long as the timer may. Right after such a copy it can. */
static bool awaits_fin_again(const struct peer *peer, uint64_t quiet_ns)
{
	return !peer->rules->witness && quiet_ns && !peer->bare_acks && !peer->fin_timer_ns &&
	       peer_waits_for_ack_of_fin(peer) && quiet_ns + peer->round_trip_ns >= PEER_FIN_TIMER_NS;
}

/* True: there was quiet before it, and the stimulus goes out now. */
static bool hears_fin_again(struct peer *peer, const struct segment *segment)
{
	bool awaited = peer->phase == PEER_SETTLING && awaits_fin_again(peer, quiet_time(peer));

	if (!(segment->flags & FLAG_FIN) || !peer_waits_for_ack_of_fin(peer) ||
	    peer->now_ns - peer->fin_ns < PEER_FIN_TIMER_NS || !peer_is_repeat(peer, segment, peer->now_ns))
		return false;
	peer->fin_timer_ns = peer->now_ns - peer->fin_ns;
	peer->fin_ns = peer->now_ns;
	return awaited;
}

/* The state is reached as far as the wire can tell; or the subject spoke, and the quiet time starts over. */
enum peer_phase peer_settle_enter(struct peer *peer, struct peer_actions *actions)
{
	uint64_t quiet_ns = quiet_time(peer);

	peer->expires_ns = UINT64_MAX;
	peer->reached_ns = peer->now_ns;
	peer->asked = 0;
	peer_learn_baseline(peer);
	if (!window_fits(peer))
		return peer_fail(peer, TROUBLE_WINDOW);
	if (awaits_fin_again(peer, quiet_ns) && quiet_ns < FIN_AGAIN_LATEST_NS)
		quiet_ns = FIN_AGAIN_LATEST_NS;
	peer->quiet_until_ns = peer->now_ns + quiet_ns;
	if (!quiet_ns)
		return peer_settle_expire(peer, actions);
	peer_arm(peer, peer->now_ns + quiet_step(peer, quiet_ns));
	return PEER_SETTLING;
}

/* Between reaching the state and the stimulus the subject should be quiet. What it repeats it got no answer to; what
 * it still has to say (a banner) is acknowledged. */
enum peer_phase peer_settle_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	const struct segment *segment = event->segment;
	bool had_fin = peer->crafted.fin_taken, repeats = false;
	uint32_t had = peer->crafted.rcv_nxt;

	if ((peer_is_repeat(peer, segment, peer->now_ns) && (segment->flags & FLAG_RST)) || peer_is_stray(peer, segment))
		return peer->phase;
	if (segment->flags & FLAG_RST)
		return peer_fail(peer, TROUBLE_RESET);
	peer_learn_heard(peer, segment);
	if (hears_fin_again(peer, segment)) {
		peer_learn_baseline(peer);
		return PEER_DELAYED;
	}
	if (segment->flags & FLAG_SYN) {
		peer->syn_ack_ns = peer->now_ns;
		repeats = state_plan_has(peer->plan, WHO_CRAFTED, DOES_ACK);
	} else if (segment_length(segment) > 0) {
		repeats = had == peer->crafted.rcv_nxt && state_plan_has(peer->plan, WHO_CRAFTED, DOES_ACK_FIN);
	}
	if (peer->crafted.fin_taken && !had_fin)
		return peer_fail(peer, TROUBLE_CLOSED_EARLY);
	if (repeats)
		peer_send_last_again(peer, actions);
	else if (had != peer->crafted.rcv_nxt)
		peer_send_ack(peer, actions);
	else if (segment->flags == FLAG_ACK)
		peer->stirred = true; /* it answered a late copy of ours, and that may count against its rate limit */
	else
		return peer->phase;
	if (peer->phase != PEER_SETTLING) {
		peer_learn_baseline(peer);
		return peer->phase;
	}
	if (peer->now_ns - peer->begun_ns >= RESTLESS * peer->rules->setup_ns)
		return peer_fail(peer, TROUBLE_RESTLESS);
	return peer_settle_enter(peer, actions);
}

/* Whether the witness saw what the plan leads to. */
static bool is_there(struct peer *peer, enum state state)
{
	enum state wanted = peer->leaves_nothing ? STATE_CLOSED : peer->state;

	peer->state_before = state;
	peer->sighted_before = peer->sighted;
	peer->trouble_number = (int)state;
	return peer->rules->any_descriptor ? state_fits(state, wanted) : state == wanted;
}

/* Asks again, each time after twice the wait, while the subject is not yet where the plan took it. */
enum peer_phase peer_settle_testify(struct peer *peer, enum state state, struct peer_actions *actions)
{
	(void)actions;
	if (is_there(peer, state))
		return PEER_DELAYED;
	if (++peer->asked == WITNESS_ASKS)
		return peer_fail(peer, TROUBLE_WRONG_STATE);
	peer_arm(peer, peer->now_ns + (WITNESS_FIRST_WAIT_NS << (peer->asked - 1)));
	return PEER_SETTLING;
}

enum peer_phase peer_delay_enter(struct peer *peer, struct peer_actions *actions)
{
	(void)actions;
	if (!peer->delay_ns)
		return PEER_READY;
	peer_arm(peer, peer->reached_ns + peer->delay_ns);
	return PEER_DELAYED;
}

/* What the subject repeated meanwhile has newer timestamps. */
enum peer_phase peer_delay_expire(struct peer *peer, struct peer_actions *actions)
{
	peer_learn_baseline(peer);
	actions->ask_witness = peer->rules->witness;
	return peer->rules->witness ? PEER_DELAYED : PEER_READY;
}

enum peer_phase peer_delay_testify(struct peer *peer, enum state state, struct peer_actions *actions)
{
	(void)actions;
	return is_there(peer, state) ? PEER_READY : peer_fail(peer, TROUBLE_WRONG_STATE);
}
