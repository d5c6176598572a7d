/* scripted_peer.c - one peer, one clock, events by hand. */
#include "tests/unit/scripted_peer.h"

#include <string.h>

#include <check.h>

struct peer_rules rules;
struct peer peer;
struct peer_actions actions;
uint64_t now;

static struct peer_task task_of(enum state state, enum segment_kind kind)
{
	struct peer_task task = {
		.pair = { .crafted = { .address = { .family = 4, .bytes = { 192, 0, 2, 1 } }, .port = 40000 },
			   .subject = { .address = { .family = 4, .bytes = { 192, 0, 2, 2 } }, .port = 8888 } },
		.state = state,
		.stimulus = { .kind = kind, .seq = { .value = -1 }, .ts = { .value = 1 } },
		.offers_timestamps = true,
		.needs_timestamps = true,
		.iss = (uint32_t)ISS,
		.ts_clock = CLOCK,
	};

	return task;
}

void step(enum peer_event_kind kind, const struct segment *segment, enum state state)
{
	struct peer_event event = { .kind = kind, .now_ns = now, .segment = segment, .state = state };

	peer_step(&peer, &event, &actions);
}

void begin(enum state state, enum segment_kind kind)
{
	begin_on(state, NULL, kind);
}

void begin_on(enum state state, const struct state_plan *plan, enum segment_kind kind)
{
	struct peer_task task = task_of(state, kind);

	task.plan = plan;
	now = T0;
	peer_init(&peer, &rules, &task);
	step(PEER_START, NULL, STATE_UNKNOWN);
}

void setup(void)
{
	rules = (struct peer_rules){
		.resend_ns = 250 * MS, .setup_ns = 3000 * MS, .answer_ns = 300 * MS, .after_ns = MS,
		.rate_limit_ns = 550 * MS,
	};
}

struct segment from_subject(uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct segment segment;

	memset(&segment, 0, sizeof(segment));
	segment.flags = flags;
	segment.seq = (uint32_t)IRS + seq;
	segment.ack = flags & FLAG_ACK ? (uint32_t)ISS + ack : 0;
	segment.window = 65160;
	segment_add_option(&segment, OPTION_TIMESTAMPS);
	segment.tsval = 5000 + (uint32_t)((now - T0) / MS); /* a clock of 1 kHz */
	segment.tsecr = CLOCK;
	return segment;
}

void hear(uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct segment segment = from_subject(flags, seq, ack);

	now += MS / 100;
	step(PEER_HEARD, &segment, STATE_UNKNOWN);
}

void saw(const struct segment *segment)
{
	now += MS / 100;
	step(PEER_SEEN, segment, STATE_UNKNOWN);
}

void pass(uint64_t ns)
{
	now += ns;
	step(PEER_DEADLINE, NULL, STATE_UNKNOWN);
}

void release(void)
{
	ck_assert(actions.ready);
	step(PEER_RELEASE, NULL, STATE_UNKNOWN);
	ck_assert_int_eq(peer.phase, PEER_STIMULATED);
	ck_assert_int_eq(actions.send_count, 1);
	saw(&peer.sent);
}

void assert_sent(uint8_t index, uint8_t flags, uint32_t seq, uint32_t ack)
{
	ck_assert_int_lt(index, actions.send_count);
	ck_assert_int_eq(actions.send[index].flags, flags);
	ck_assert_uint_eq(actions.send[index].seq - (uint32_t)ISS, seq);
	if (flags & FLAG_ACK)
		ck_assert_uint_eq(actions.send[index].ack - (uint32_t)IRS, ack);
}

void assert_baseline(uint32_t rcv_nxt, uint32_t snd_nxt)
{
	ck_assert(actions.ready);
	ck_assert_uint_eq(peer.baseline.rcv_nxt - (uint32_t)ISS, rcv_nxt);
	ck_assert_uint_eq(peer.baseline.snd_nxt - (uint32_t)IRS, snd_nxt);
	ck_assert_uint_eq(peer.baseline.ts_recent, CLOCK);
	ck_assert_uint_eq(peer.baseline.ts_echo, 5000);
	/* What the segments make of the subject is where the plan leads; they do not show who holds a descriptor. */
	ck_assert_int_eq(peer.subject.state, state_whole(peer.state));
}

void reach_time_wait(enum segment_kind kind)
{
	begin(STATE_TIME_WAIT, kind);
	hear(SA, 0, 1);
	hear(FA, 1, 1);
	hear(FLAG_ACK, 2, 2);
}
