/* peer.c - the peer's phases: which event goes where. */
#include "crafter/peer_internal.h"

#include <string.h>

void peer_init(struct peer *peer, const struct peer_rules *rules, const struct peer_task *task)
{
	memset(peer, 0, sizeof(*peer));
	peer->rules = rules;
	peer->tuple = task->tuple;
	peer->state = task->state;
	peer->stimulus = task->stimulus;
	peer->offers_timestamps = task->offers_timestamps;
	peer->needs_timestamps = task->needs_timestamps;
	peer->iss = task->iss;
	peer->snd_next = task->iss;
	peer->acked = task->iss;
	peer->ts_clock = task->ts_clock;
	peer->state_before = STATE_UNKNOWN;
	peer->state_after = STATE_UNKNOWN;
	peer->baseline.ts_recent = task->ts_clock;
}

void arm(struct peer_actions *actions, uint64_t deadline_ns)
{
	actions->arm = true;
	actions->deadline_ns = deadline_ns;
}

void end(struct peer *peer, struct peer_actions *actions)
{
	send_tear_down(peer, actions);
	peer->phase = PEER_ENDED;
	actions->done = true;
}

void end_in_trouble(struct peer *peer, struct peer_actions *actions, enum peer_trouble trouble)
{
	peer->trouble = trouble;
	peer->trouble_at = peer->phase;
	end(peer, actions);
}

static void hear(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t now_ns)
{
	switch (peer->phase) {
	case PEER_OPENING:
		hear_opening(peer, segment, actions, now_ns);
		break;
	case PEER_CLEARING:
		hear_clearing(peer, segment, actions, now_ns);
		break;
	case PEER_REACHING:
		hear_reaching(peer, segment, actions, now_ns);
		break;
	case PEER_SETTLING:
	case PEER_READY:
		hear_settled(peer, segment, actions, now_ns);
		break;
	case PEER_STIMULATED:
		/* The capture shows things in order: what comes before our stimulus is no answer to it. */
		if (peer->seen_ns)
			hear_answer(peer, segment, actions, now_ns);
		break;
	case PEER_AFTERWARDS:
	case PEER_LIMITED:
		hear_answer(peer, segment, actions, now_ns);
		break;
	case PEER_FOLLOWED:
		hear_follow_up(peer, segment, actions, now_ns);
		break;
	case PEER_IDLE:
	case PEER_ENDED:
		break;
	}
}

static void take_testimony(struct peer *peer, enum state state, struct peer_actions *actions, uint64_t now_ns)
{
	if (peer->state == STATE_LISTEN && state == STATE_CLOSED)
		state = STATE_LISTEN; /* no socket of its own: the listener has the tuple */
	if (peer->phase == PEER_SETTLING) {
		take_testimony_before(peer, state, actions, now_ns);
	} else if (peer->phase == PEER_AFTERWARDS) {
		peer->state_after = state;
		after_the_answer(peer, actions, now_ns);
	}
}

static void time_out(struct peer *peer, struct peer_actions *actions, uint64_t now_ns)
{
	switch (peer->phase) {
	case PEER_OPENING:
	case PEER_CLEARING:
	case PEER_REACHING:
		resend(peer, actions, now_ns);
		break;
	case PEER_SETTLING:
		quiet_is_over(peer, actions, now_ns);
		break;
	case PEER_STIMULATED:
		no_answer_in_time(peer, actions, now_ns);
		break;
	case PEER_AFTERWARDS:
		conclude(peer, actions, now_ns);
		break;
	case PEER_LIMITED:
		follow_up(peer, actions, now_ns);
		break;
	case PEER_FOLLOWED:
		end(peer, actions);
		break;
	case PEER_IDLE:
	case PEER_READY:
	case PEER_ENDED:
		break;
	}
}

void peer_step(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	actions->send_count = 0;
	actions->arm = actions->ask_witness = actions->ready = actions->done = false;
	switch (event->kind) {
	case PEER_START:
		peer_start(peer, actions, event->now_ns);
		break;
	case PEER_HEARD:
		hear(peer, event->segment, actions, event->now_ns);
		break;
	case PEER_SEEN:
		see(peer, event->segment, actions, event->now_ns);
		break;
	case PEER_DEADLINE:
		time_out(peer, actions, event->now_ns);
		break;
	case PEER_SEND_FAILED:
		if (peer->phase == PEER_ENDED)
			break;
		peer->trouble_number = event->number;
		end_in_trouble(peer, actions, TROUBLE_SEND);
		break;
	case PEER_TESTIMONY:
		take_testimony(peer, event->state, actions, event->now_ns);
		break;
	case PEER_CANCEL:
		end_in_trouble(peer, actions, TROUBLE_CANCELLED);
		break;
	case PEER_RELEASE:
		if (peer->phase != PEER_READY)
			break;
		peer->phase = PEER_STIMULATED;
		send_stimulus(peer, actions, event->now_ns);
		arm(actions, event->now_ns + answer_wait(peer));
		break;
	}
}
