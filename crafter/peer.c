/* peer.c - the peer's phases, its clock and its timer: which event goes where. */
#include "crafter/peer_internal.h"

#include <string.h>

#include "crafter/units.h"

/* A timer that fires so much later than it should was not looked at: the process, or the whole machine with the subject on
 * it, stood still. What is due then gets a little time to come in. */
#define STALL_NS (20 * NSEC_PER_MSEC)
#define STALL_GRACE_NS (50 * NSEC_PER_MSEC)
enum { STALLS_MAX = 20 };

void peer_init(struct peer *peer, const struct peer_rules *rules, const struct peer_task *task)
{
	memset(peer, 0, sizeof(*peer));
	peer->rules = rules;
	peer->tuple = task->tuple;
	peer->state = task->state;
	peer->stimulus = task->stimulus;
	peer->offers_timestamps = task->offers_timestamps;
	peer->needs_timestamps = task->needs_timestamps;
	peer->leaves_nothing = task->leaves_nothing;
	peer->iss = task->iss;
	peer->snd_next = task->iss;
	peer->acked = task->iss;
	peer->ts_clock = task->ts_clock;
	peer->state_before = STATE_UNKNOWN;
	peer->state_after = STATE_UNKNOWN;
	peer->baseline.ts_recent = task->ts_clock;
}

uint64_t peer_expiry(const struct peer *peer)
{
	return peer->timer == TIMER_NONE ? UINT64_MAX : peer->expires_ns;
}

void peer_enter(struct peer *peer, enum peer_phase phase)
{
	peer->phase = phase;
	peer->timer = TIMER_NONE;
}

/* Nothing is armed for the past, or for now: a peer that did would be stepped for ever. */
void peer_arm(struct peer *peer, enum peer_timer timer, uint64_t expires_ns)
{
	peer->timer = timer;
	peer->expires_ns = expires_ns > peer->now_ns ? expires_ns : peer->now_ns + 1;
}

void peer_end(struct peer *peer, struct peer_actions *actions)
{
	peer_send_tear_down(peer, actions);
	peer_enter(peer, PEER_ENDED);
	actions->done = true;
}

void peer_end_in_trouble(struct peer *peer, struct peer_actions *actions, enum peer_trouble trouble)
{
	peer->trouble = trouble;
	peer->trouble_at = peer->phase;
	peer_end(peer, actions);
}

static void hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	const struct segment *segment = event->segment;

	switch (peer->phase) {
	case PEER_OPENING:
		peer_hear_opening(peer, segment, actions);
		break;
	case PEER_CLEARING:
		peer_hear_clearing(peer, segment, actions);
		break;
	case PEER_REACHING:
		peer_hear_reaching(peer, segment, actions);
		break;
	case PEER_SETTLING:
	case PEER_READY:
		peer_hear_settled(peer, segment, actions);
		break;
	case PEER_STIMULATED:
		/* The capture shows things in order: what comes before our stimulus is no answer to it. */
		if (peer->seen_ns)
			peer_hear_answer(peer, segment, actions, event->now_ns);
		break;
	case PEER_AFTERWARDS:
	case PEER_LIMITED:
		peer_hear_answer(peer, segment, actions, event->now_ns);
		break;
	case PEER_FOLLOWED:
		peer_hear_follow_up(peer, segment, actions, event->now_ns);
		break;
	case PEER_IDLE:
	case PEER_ENDED:
		break;
	}
}

static void take_testimony(struct peer *peer, enum state state, struct peer_actions *actions)
{
	if (peer->state == STATE_LISTEN && state == STATE_CLOSED)
		state = STATE_LISTEN; /* no socket of its own: the listener has the tuple */
	if (peer->phase == PEER_SETTLING) {
		peer_take_testimony_before(peer, state, actions);
	} else if (peer->phase == PEER_AFTERWARDS) {
		peer->state_after = state;
		peer_after_the_answer(peer, actions);
	}
}

/* True when the wait for an answer goes on because nobody could have heard one. */
static bool stood_still(struct peer *peer)
{
	uint64_t late_ns = peer->now_ns - peer->expires_ns;

	if (peer->timer != TIMER_ANSWER && peer->timer != TIMER_FOLLOW_UP)
		return false;
	if (late_ns < STALL_NS || peer->stalls == STALLS_MAX)
		return false;
	peer->stalls++;
	peer_arm(peer, peer->timer, peer->now_ns + STALL_GRACE_NS + peer->round_trip_ns);
	return true;
}

static void time_out(struct peer *peer, struct peer_actions *actions)
{
	enum peer_timer timer = peer->timer;

	if (peer_expiry(peer) > peer->now_ns || stood_still(peer))
		return;
	peer->timer = TIMER_NONE;
	switch (timer) {
	case TIMER_RESEND:
		peer_resend(peer, actions);
		break;
	case TIMER_QUIET:
	case TIMER_WITNESS:
		peer_quiet_is_over(peer, actions);
		break;
	case TIMER_ANSWER:
		peer_no_answer_in_time(peer, actions);
		break;
	case TIMER_AFTER:
		peer_conclude(peer, actions);
		break;
	case TIMER_LIMIT:
		peer_follow_up(peer, actions);
		break;
	case TIMER_FOLLOW_UP:
		peer_follow_up_is_over(peer, actions);
		break;
	case TIMER_NONE:
		break;
	}
}

static void act(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	switch (event->kind) {
	case PEER_START:
		peer_start(peer, actions);
		break;
	case PEER_HEARD:
		hear(peer, event, actions);
		break;
	case PEER_SEEN:
		peer_see(peer, event->segment);
		break;
	case PEER_NOTICED:
		peer_note(peer, event->notice);
		break;
	case PEER_DEADLINE:
		time_out(peer, actions);
		break;
	case PEER_SEND_FAILED:
		peer->trouble_number = event->number;
		peer_end_in_trouble(peer, actions, TROUBLE_SEND);
		break;
	case PEER_TESTIMONY:
		take_testimony(peer, event->state, actions);
		break;
	case PEER_CANCEL:
		peer_end_in_trouble(peer, actions, TROUBLE_CANCELLED);
		break;
	case PEER_RELEASE:
		if (peer->phase == PEER_READY)
			peer_stimulate(peer, actions);
		break;
	}
}

void peer_step(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	actions->send_count = 0;
	actions->ask_witness = actions->ready = actions->done = false;
	/* The capture's frames and the run's own clock readings come in turn, and each may be a little behind the other. */
	if (event->now_ns > peer->now_ns)
		peer->now_ns = event->now_ns;
	if (peer->phase != PEER_ENDED)
		act(peer, event, actions);
}
