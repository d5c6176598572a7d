/* peer.c - the table of the peer's phases, its clock and its timer: which event goes where. */
#include "crafter/peer_internal.h"

#include <string.h>

#include "crafter/units.h"

/* A timer that fires so much later than it should was not looked at: the process, or the whole machine with the subject on
 * it, stood still. What is due then gets a little time to come in. */
#define STALL_NS (20 * NSEC_PER_MSEC)
#define STALL_GRACE_NS (50 * NSEC_PER_MSEC)
enum { STALLS_MAX = 20 };

static const struct peer_phase_row rows[] = {
	[PEER_IDLE] = { .doing = "waiting for the SYN-ACK" },
	[PEER_OPENING] = {
		.doing = "waiting for the SYN-ACK",
		.enter = peer_open_enter, .hear = peer_open_hear, .expire = peer_open_expire,
	},
	[PEER_CLEARING] = {
		.doing = "waiting for the listener's RST to an ACK, which shows that it has forgotten the first SYN",
		.enter = peer_clear_enter, .hear = peer_clear_hear, .expire = peer_clear_expire,
	},
	[PEER_REACHING] = {
		.enter = peer_reach_enter, .hear = peer_reach_hear, .expire = peer_reach_expire,
	},
	[PEER_SETTLING] = {
		.doing = "waiting for quiet before the stimulus", .outlasts_stalls = true,
		.enter = peer_settle_enter, .hear = peer_settle_hear, .expire = peer_settle_expire,
		.testify = peer_settle_testify,
	},
	[PEER_DELAYED] = {
		.doing = "letting time pass before the stimulus",
		.enter = peer_delay_enter, .hear = peer_settle_hear, .expire = peer_delay_expire,
		.testify = peer_delay_testify,
	},
	[PEER_READY] = {
		.doing = "waiting for quiet before the stimulus",
		.enter = peer_ready_enter, .hear = peer_settle_hear, .released = PEER_STIMULATED,
	},
	[PEER_STIMULATED] = {
		.doing = "waiting for the answer", .outlasts_stalls = true,
		.enter = peer_stimulate_enter, .hear = peer_stimulate_hear, .see = peer_stimulate_see,
		.expire = peer_stimulate_expire,
	},
	[PEER_BETWEEN] = {
		.doing = "letting time pass before the second stimulus",
		.enter = peer_between_enter, .hear = peer_between_hear, .expire = peer_between_expire,
	},
	[PEER_AFTERWARDS] = {
		.doing = "waiting for the answer",
		.enter = peer_after_enter, .hear = peer_after_hear, .expire = peer_after_expire,
		.testify = peer_after_testify,
	},
	[PEER_LIMITED] = {
		.doing = "waiting for the answer",
		.enter = peer_limit_enter, .hear = peer_after_hear, .expire = peer_limit_expire,
	},
	[PEER_FOLLOWED] = {
		.doing = "waiting for the answer", .outlasts_stalls = true,
		.enter = peer_follow_up_enter, .hear = peer_follow_up_hear, .see = peer_follow_up_see,
		.expire = peer_follow_up_expire,
	},
	[PEER_ENDED] = { .doing = "waiting for the answer" },
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == PEER_ENDED + 1, "every phase has a row");

void peer_init(struct peer *peer, const struct peer_rules *rules, const struct peer_task *task)
{
	memset(peer, 0, sizeof(*peer));
	peer->rules = rules;
	peer->pair = task->pair;
	peer->state = task->state;
	peer->plan = task->plan ? task->plan : state_plan(task->state);
	peer->step = peer->plan->steps;
	peer->stimulus = task->stimulus;
	peer->asks_ecn = task->asks_ecn;
	peer->offers_timestamps = task->offers_timestamps;
	peer->needs_timestamps = task->needs_timestamps;
	peer->nobody_listens = task->nobody_listens || task->state == STATE_CLOSED;
	peer->leaves_nothing = task->leaves_nothing;
	peer->trusts_listener = task->trusts_listener;
	peer->bare_acks = task->bare_acks;
	peer->unread = task->unread;
	peer->receive_window = task->receive_window;
	peer->delay_ns = task->delay_ns;
	peer->life_ns = task->life_ns;
	peer->life_after_ns = task->life_after_ns;
	peer->twice = task->twice;
	peer->again_after_ns = task->again_after_ns;
	peer_learn_init(peer, task->iss);
	peer->ts_clock = task->ts_clock;
	peer->state_before = STATE_UNKNOWN;
	peer->state_after = STATE_UNKNOWN;
	peer->sighted_before.state = peer->sighted_after.state = STATE_UNKNOWN;
	peer->baseline.ts_recent = task->ts_clock;
	peer->expires_ns = UINT64_MAX;
}

const struct peer_phase_row *peer_phase_row(enum peer_phase phase)
{
	return &rows[phase];
}

uint64_t peer_expiry(const struct peer *peer)
{
	return peer->expires_ns;
}

/* True when the wait goes on: nobody could have heard an answer; or what we say to what was heard late goes out only now, and
 * its own answer would be taken for that to the stimulus. A witness knows better than such a quiet time. */
static bool stood_still(struct peer *peer)
{
	if (peer->phase == PEER_SETTLING && peer->rules->witness)
		return false;
	if (!rows[peer->phase].outlasts_stalls || peer->now_ns - peer->expires_ns < STALL_NS || peer->stalls == STALLS_MAX)
		return false;
	peer->stalls++;
	peer_arm(peer, peer->now_ns + STALL_GRACE_NS + peer->round_trip_ns);
	return true;
}

static enum peer_phase time_out(struct peer *peer, struct peer_actions *actions)
{
	if (peer->expires_ns > peer->now_ns || stood_still(peer))
		return peer->phase;
	peer->expires_ns = UINT64_MAX;
	return rows[peer->phase].expire(peer, actions);
}

static enum peer_phase take_testimony(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	const struct peer_phase_row *row = &rows[peer->phase];
	enum state state = event->state;

	/* No socket of its own. A witness that does not look for listeners means the one that the state asks for. */
	if (peer->state == STATE_LISTEN && state == STATE_CLOSED)
		state = STATE_LISTEN;
	else if (state == STATE_LISTEN && peer->state != STATE_LISTEN && !(peer->state == STATE_CLOSED && peer->nobody_listens))
		state = STATE_CLOSED;
	peer->sighted = event->sighting ? *event->sighting : (struct sighting){ .timer = SIGHTING_NO_TIMER };
	peer->sighted.state = state;
	return row->testify ? row->testify(peer, state, actions) : peer->phase;
}

/* Which phase the event leads to. */
static enum peer_phase act(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	const struct peer_phase_row *row = &rows[peer->phase];

	switch (event->kind) {
	case PEER_START:
		return peer->phase == PEER_IDLE ? peer_open_start(peer) : peer->phase;
	case PEER_HEARD:
		return row->hear ? row->hear(peer, event, actions) : peer->phase;
	case PEER_SEEN:
		if (row->see)
			row->see(peer, event->segment);
		break;
	case PEER_NOTICED:
		peer_note(peer, event->notice);
		break;
	case PEER_DEADLINE:
		return time_out(peer, actions);
	case PEER_SEND_FAILED:
		peer->trouble_number = event->number;
		return peer_fail(peer, TROUBLE_SEND);
	case PEER_TESTIMONY:
		return take_testimony(peer, event, actions);
	case PEER_CANCEL:
		return peer_fail(peer, TROUBLE_CANCELLED);
	case PEER_RELEASE:
		return row->released ? row->released : peer->phase;
	}
	return peer->phase;
}

/* A phase may be over as soon as it is entered. None comes twice for one event, so this ends. */
static void enter(struct peer *peer, enum peer_phase phase, struct peer_actions *actions)
{
	while (phase != peer->phase) {
		if (phase == PEER_ENDED) {
			peer_send_tear_down(peer, actions);
			actions->done = true;
		}
		peer->phase = phase;
		peer->expires_ns = UINT64_MAX;
		if (rows[phase].enter)
			phase = rows[phase].enter(peer, actions);
	}
}

void peer_step(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	actions->send_count = 0;
	actions->call = actions->ask_witness = actions->ready = actions->done = false;
	/* The capture's frames and the run's own clock readings come in turn, and each may be a little behind the other. */
	if (event->now_ns > peer->now_ns)
		peer->now_ns = event->now_ns;
	if (peer->phase != PEER_ENDED)
		enter(peer, act(peer, event, actions), actions);
}
