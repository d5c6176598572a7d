/* test_peer.c - the peer against scripted events: each state's way, lost, repeated and foreign segments, the follow-up. */
#include <string.h>

#include "crafter/peer.h"
#include "crafter/seq.h"

#include "tests/unit/suite.h"

#define MS UINT64_C(1000000)
#define T0 UINT64_C(1700000000000000000)

enum { ISS = 0x7ffffff0, IRS = (int)0xfffffff0, CLOCK = 0x20000000 };

static struct peer_rules rules;
static struct peer peer;
static struct peer_actions actions;
static uint64_t now;

static struct peer_task task_of(enum state state, enum segment_kind kind)
{
	struct peer_task task = {
		.tuple = { .source = { .address = { .family = 4, .bytes = { 192, 0, 2, 1 } }, .port = 40000 },
			   .target = { .address = { .family = 4, .bytes = { 192, 0, 2, 2 } }, .port = 8888 } },
		.state = state,
		.stimulus = { .kind = kind, .seq = { .value = -1 }, .ts = { .value = 1 } },
		.offers_timestamps = true,
		.needs_timestamps = true,
		.iss = (uint32_t)ISS,
		.ts_clock = CLOCK,
	};

	return task;
}

static void step(enum peer_event_kind kind, const struct segment *segment, enum state state)
{
	struct peer_event event = { .kind = kind, .now_ns = now, .segment = segment, .state = state };

	peer_step(&peer, &event, &actions);
}

static void begin(enum state state, enum segment_kind kind)
{
	struct peer_task task = task_of(state, kind);

	now = T0;
	peer_init(&peer, &rules, &task);
	step(PEER_START, NULL, STATE_UNKNOWN);
}

static void setup(void)
{
	rules = (struct peer_rules){
		.resend_ns = 250 * MS, .setup_ns = 3000 * MS, .answer_ns = 300 * MS, .after_ns = MS,
		.rate_limit_ns = 550 * MS,
	};
}

/* A segment of the subject; its numbers are relative to IRS and ISS. */
static struct segment from_subject(uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct segment segment;

	memset(&segment, 0, sizeof(segment));
	segment.flags = flags;
	segment.seq = (uint32_t)IRS + seq;
	segment.ack = flags & FLAG_ACK ? (uint32_t)ISS + ack : 0;
	segment.window = 65160;
	segment_add_option(&segment, OPTION_TIMESTAMPS);
	segment.tsval = 5000;
	segment.tsecr = CLOCK;
	return segment;
}

static void hear(uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct segment segment = from_subject(flags, seq, ack);

	now += MS / 100;
	step(PEER_HEARD, &segment, STATE_UNKNOWN);
}

static void see(const struct segment *segment)
{
	now += MS / 100;
	step(PEER_SEEN, segment, STATE_UNKNOWN);
}

static void pass(uint64_t ns)
{
	now += ns;
	step(PEER_DEADLINE, NULL, STATE_UNKNOWN);
}

static void release(void)
{
	ck_assert(actions.ready);
	step(PEER_RELEASE, NULL, STATE_UNKNOWN);
	ck_assert_int_eq(peer.phase, PEER_STIMULATED);
	ck_assert_int_eq(actions.send_count, 1);
	see(&peer.sent);
}

static void assert_sent(uint8_t index, uint8_t flags, uint32_t seq, uint32_t ack)
{
	ck_assert_int_lt(index, actions.send_count);
	ck_assert_int_eq(actions.send[index].flags, flags);
	ck_assert_uint_eq(actions.send[index].seq - (uint32_t)ISS, seq);
	if (flags & FLAG_ACK)
		ck_assert_uint_eq(actions.send[index].ack - (uint32_t)IRS, ack);
}

static void assert_baseline(uint32_t rcv_nxt, uint32_t snd_nxt)
{
	ck_assert(actions.ready);
	ck_assert_uint_eq(peer.baseline.rcv_nxt - (uint32_t)ISS, rcv_nxt);
	ck_assert_uint_eq(peer.baseline.snd_nxt - (uint32_t)IRS, snd_nxt);
	ck_assert_uint_eq(peer.baseline.ts_recent, CLOCK);
	ck_assert_uint_eq(peer.baseline.ts_echo, 5000);
}

enum { SA = FLAG_SYN | FLAG_ACK, FA = FLAG_FIN | FLAG_ACK };

static void reach_time_wait(enum segment_kind kind)
{
	begin(STATE_TIME_WAIT, kind);
	hear(SA, 0, 1);
	hear(FA, 1, 1);
	hear(FLAG_ACK, 2, 2);
}

START_TEST(syn_asks_for_the_manner)
{
	for (enum state state = STATE_SYN_RECV; state < STATE_COUNT; state++) {
		begin(state, KIND_SYN);
		assert_sent(0, FLAG_SYN, 0, 0);
		ck_assert_int_eq(actions.send[0].window, MANNER_WINDOW + (int)state_plan(state)->manner);
		ck_assert(segment_has_option(&actions.send[0], OPTION_TIMESTAMPS));
		ck_assert(actions.arm);
	}
}
END_TEST

START_TEST(way_to_listen)
{
	begin(STATE_LISTEN, KIND_ACK);
	ck_assert_int_eq(actions.send_count, 0);
	ck_assert(actions.ready);
}
END_TEST

START_TEST(way_to_syn_recv)
{
	begin(STATE_SYN_RECV, KIND_SYN);
	hear(SA, 0, 1);
	ck_assert_int_eq(actions.send_count, 0);
	assert_baseline(1, 1);
	ck_assert_uint_eq(peer.baseline.rcv_wnd, 65160);
}
END_TEST

START_TEST(way_to_established)
{
	begin(STATE_ESTABLISHED, KIND_SYN);
	hear(SA, 0, 1);
	assert_sent(0, FLAG_ACK, 1, 1);
	assert_baseline(1, 1);
}
END_TEST

START_TEST(way_to_fin_wait_1)
{
	begin(STATE_FIN_WAIT_1, KIND_SYN);
	hear(SA, 0, 1);
	ck_assert(!actions.ready);
	hear(FA, 1, 1);
	ck_assert_int_eq(actions.send_count, 0);
	assert_baseline(1, 2);
}
END_TEST

START_TEST(way_to_fin_wait_2)
{
	for (enum state state = STATE_FIN_WAIT_2; state <= STATE_FIN_WAIT_2_HALF; state++) {
		begin(state, KIND_SYN);
		hear(SA, 0, 1);
		hear(FA, 1, 1);
		assert_sent(0, FLAG_ACK, 1, 2);
		assert_baseline(1, 2);
	}
}
END_TEST

START_TEST(way_to_closing)
{
	begin(STATE_CLOSING, KIND_SYN);
	hear(SA, 0, 1);
	hear(FA, 1, 1);
	assert_sent(0, FA, 1, 1); /* acknowledges everything but the FIN */
	ck_assert(!actions.ready);
	hear(FLAG_ACK, 2, 2);
	assert_baseline(2, 2);
}
END_TEST

START_TEST(way_to_time_wait)
{
	begin(STATE_TIME_WAIT, KIND_SYN);
	hear(SA, 0, 1);
	assert_sent(0, FLAG_ACK, 1, 1);
	hear(FA, 1, 1);
	assert_sent(0, FA, 1, 2);
	ck_assert(!actions.ready); /* not before the ACK of our FIN */
	hear(FLAG_ACK, 2, 2);
	assert_baseline(2, 2);
}
END_TEST

START_TEST(way_to_close_wait)
{
	begin(STATE_CLOSE_WAIT, KIND_SYN);
	hear(SA, 0, 1);
	ck_assert_int_eq(actions.send_count, 1);
	assert_sent(0, FA, 1, 1);
	hear(FLAG_ACK, 1, 2);
	assert_baseline(2, 1);
}
END_TEST

START_TEST(way_to_last_ack)
{
	begin(STATE_LAST_ACK, KIND_SYN);
	hear(SA, 0, 1);
	assert_sent(0, FA, 1, 1);
	hear(FLAG_ACK, 1, 2);
	ck_assert(!actions.ready);
	hear(FA, 1, 2);
	ck_assert_int_eq(actions.send_count, 0);
	assert_baseline(2, 2);
}
END_TEST

START_TEST(a_lost_syn_is_sent_again)
{
	begin(STATE_TIME_WAIT, KIND_SYN);
	pass(250 * MS);
	assert_sent(0, FLAG_SYN, 0, 0);
	pass(500 * MS);
	assert_sent(0, FLAG_SYN, 0, 0);
	ck_assert_int_eq(peer.resent, 2);
	pass(2500 * MS);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_NO_ANSWER);
}
END_TEST

START_TEST(a_lost_fin_is_sent_again_and_the_rate_limit_waited_out)
{
	begin(STATE_TIME_WAIT, KIND_SYN);
	hear(SA, 0, 1);
	hear(FA, 1, 1);
	pass(250 * MS);
	assert_sent(0, FA, 1, 2);
	hear(FLAG_ACK, 2, 2);
	ck_assert(!actions.ready);
	ck_assert(actions.arm);
	ck_assert_uint_eq(actions.deadline_ns - now, 550 * MS);
	pass(550 * MS);
	ck_assert(actions.ready);
}
END_TEST

START_TEST(a_repeated_syn_ack_gets_its_ack_again)
{
	begin(STATE_TIME_WAIT, KIND_SYN);
	hear(SA, 0, 1);
	hear(SA, 0, 1);
	assert_sent(0, FLAG_ACK, 1, 1);
}
END_TEST

START_TEST(a_closed_port)
{
	begin(STATE_TIME_WAIT, KIND_SYN);
	hear(FLAG_RST | FLAG_ACK, 0, 1);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_REFUSED);
}
END_TEST

START_TEST(an_old_connection_on_our_port_is_reset)
{
	begin(STATE_TIME_WAIT, KIND_SYN);
	hear(FLAG_ACK, 77, 5000);
	ck_assert(!actions.done);
	assert_sent(0, FLAG_RST, 5000, 0);
	hear(SA, 0, 1);
	ck_assert_int_eq(peer.phase, PEER_REACHING);
}
END_TEST

START_TEST(a_server_that_never_closes)
{
	char text[320];

	begin(STATE_TIME_WAIT, KIND_SYN);
	hear(SA, 0, 1);
	for (int i = 0; i < 6 && !actions.done; i++)
		pass(1000 * MS);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_NEVER_CLOSES);
	ck_assert(strstr(peer_trouble_text(&peer, text, sizeof(text)), "--trigger") != NULL);
}
END_TEST

START_TEST(a_server_that_closes_where_it_should_hold)
{
	begin(STATE_CLOSE_WAIT, KIND_SYN);
	hear(SA, 0, 1);
	hear(FA, 1, 2);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_CLOSED_EARLY);
	assert_sent(0, FLAG_RST, 2, 0);
}
END_TEST

START_TEST(a_server_without_timestamps)
{
	struct segment syn_ack = from_subject(SA, 0, 1);

	begin(STATE_TIME_WAIT, KIND_SYN);
	syn_ack.option_count = 0;
	step(PEER_HEARD, &syn_ack, STATE_UNKNOWN);
	ck_assert_int_eq(peer.trouble, TROUBLE_NO_TIMESTAMPS);
}
END_TEST

START_TEST(a_trigger_is_sent_with_the_handshake_and_the_reply_acknowledged)
{
	struct segment reply = from_subject(FLAG_PSH | FLAG_ACK, 1, 5);
	struct segment fin = from_subject(FA, 101, 5);

	rules.trigger = "quit";
	rules.trigger_size = 4;
	begin(STATE_TIME_WAIT, KIND_SYN);
	hear(SA, 0, 1);
	assert_sent(0, FLAG_PSH | FLAG_ACK, 1, 1);
	ck_assert_int_eq(actions.send[0].payload_size, 4);
	reply.payload_size = 100;
	step(PEER_HEARD, &reply, STATE_UNKNOWN);
	assert_sent(0, FLAG_ACK, 5, 101);
	step(PEER_HEARD, &fin, STATE_UNKNOWN);
	assert_sent(0, FA, 5, 102);
	hear(FLAG_ACK, 102, 6);
	assert_baseline(6, 102);
}
END_TEST

START_TEST(the_answer)
{
	reach_time_wait(KIND_SYN);
	release();
	ck_assert_uint_eq(peer.sent.seq - (uint32_t)ISS, 1);
	ck_assert_uint_eq(peer.sent.tsval, CLOCK + 1);
	hear(FLAG_ACK, 2, 2);
	ck_assert_int_eq(peer.phase, PEER_AFTERWARDS);
	ck_assert_ptr_nonnull(peer_answer(&peer));
	pass(MS);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_NONE);
	assert_sent(0, FLAG_RST, 2, 0);
}
END_TEST

START_TEST(what_comes_before_our_own_stimulus_is_seen_is_no_answer)
{
	reach_time_wait(KIND_SYN);
	step(PEER_RELEASE, NULL, STATE_UNKNOWN);
	hear(FLAG_ACK, 2, 2);
	ck_assert_ptr_null(peer_answer(&peer));
	pass(300 * MS);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_NOT_SEEN);
}
END_TEST

START_TEST(the_wait_begins_when_the_stimulus_is_seen)
{
	reach_time_wait(KIND_NULL);
	step(PEER_RELEASE, NULL, STATE_UNKNOWN);
	now += 200 * MS;
	step(PEER_SEEN, &peer.sent, STATE_UNKNOWN);
	ck_assert(actions.arm);
	ck_assert_uint_eq(actions.deadline_ns, now + 300 * MS);
}
END_TEST

START_TEST(a_fin_sent_again_by_its_timer_is_no_answer)
{
	begin(STATE_FIN_WAIT_1, KIND_NULL);
	hear(SA, 0, 1);
	hear(FA, 1, 1);
	release();
	now += 210 * MS;
	hear(FA, 1, 1);
	ck_assert_ptr_null(peer_answer(&peer));
	ck_assert_int_eq(peer.phase, PEER_STIMULATED);
	hear(FLAG_ACK, 2, 1);
	ck_assert_ptr_nonnull(peer_answer(&peer));
	ck_assert_int_eq(peer_answer(&peer)->segment.flags, FLAG_ACK);
}
END_TEST

START_TEST(a_syn_ack_in_syn_recv_counts_by_its_time)
{
	begin(STATE_SYN_RECV, KIND_SYN);
	hear(SA, 0, 1);
	release();
	hear(SA, 0, 1);
	ck_assert_ptr_nonnull(peer_answer(&peer)); /* provoked: its own timer is a second away */

	begin(STATE_SYN_RECV, KIND_NULL);
	hear(SA, 0, 1);
	now += 850 * MS;
	release();
	now += 150 * MS;
	hear(SA, 0, 1);
	ck_assert_ptr_null(peer_answer(&peer));
	pass(300 * MS);
	ck_assert_int_eq(peer.trouble, TROUBLE_AMBIGUOUS);
}
END_TEST

START_TEST(silence_is_followed_up)
{
	reach_time_wait(KIND_NULL);
	release();
	pass(300 * MS);
	ck_assert_int_eq(peer.phase, PEER_FOLLOWED);
	ck_assert_int_eq(actions.send[0].flags, FLAG_SYN);
	ck_assert_uint_eq(actions.send[0].seq, peer.baseline.rcv_nxt - 1000);
	ck_assert(!segment_has_option(&actions.send[0], OPTION_TIMESTAMPS));
	see(&peer.follow_up);
	hear(FLAG_ACK, 2, 2);
	ck_assert(actions.done);
	ck_assert(peer.follow_up_answered);
	ck_assert_ptr_null(peer_answer(&peer));
}
END_TEST

START_TEST(a_follow_up_waits_for_the_rate_limit)
{
	reach_time_wait(KIND_RST);
	release();
	hear(FLAG_ACK, 2, 2); /* a challenge ACK */
	pass(MS);
	ck_assert_int_eq(peer.phase, PEER_LIMITED);
	ck_assert_uint_eq(actions.deadline_ns, peer_answer(&peer)->time_ns + 550 * MS);
	pass(550 * MS);
	ck_assert_int_eq(peer.phase, PEER_FOLLOWED);
}
END_TEST

START_TEST(the_witness_decides_when_the_state_is_reached)
{
	rules.witness = true;
	reach_time_wait(KIND_SYN);
	ck_assert(actions.ask_witness);
	step(PEER_TESTIMONY, NULL, STATE_FIN_WAIT_2);
	ck_assert(!actions.ready);
	ck_assert(actions.arm);
	pass(MS);
	ck_assert(actions.ask_witness);
	step(PEER_TESTIMONY, NULL, STATE_TIME_WAIT);
	ck_assert_int_eq(peer.state_before, STATE_TIME_WAIT);
	release();
	hear(SA, 65539 - 0, 1);
	pass(MS);
	ck_assert(actions.ask_witness);
	step(PEER_TESTIMONY, NULL, STATE_SYN_RECV);
	ck_assert_int_eq(peer.state_after, STATE_SYN_RECV);
	ck_assert(actions.done);
}
END_TEST

START_TEST(a_subject_in_another_state_is_never_stimulated)
{
	rules.witness = true;
	reach_time_wait(KIND_SYN);
	for (int i = 0; i < 40 && !actions.done; i++) {
		ck_assert_int_ne(peer.phase, PEER_STIMULATED);
		if (actions.ask_witness)
			step(PEER_TESTIMONY, NULL, STATE_CLOSED);
		else
			pass(2000 * MS);
	}
	ck_assert_int_eq(peer.trouble, TROUBLE_WRONG_STATE);
}
END_TEST

START_TEST(an_unproven_state_waits_for_the_subjects_timers)
{
	rules.settle_ns = 50 * MS;
	begin(STATE_ESTABLISHED, KIND_SYN);
	hear(SA, 0, 1);
	ck_assert(actions.arm);
	ck_assert_uint_ge(actions.deadline_ns - now, 1000 * MS); /* its SYN-ACK would come again */
	begin(STATE_FIN_WAIT_2, KIND_SYN);
	hear(SA, 0, 1);
	hear(FA, 1, 1);
	ck_assert_uint_ge(actions.deadline_ns - now, 200 * MS); /* its FIN would */
	reach_time_wait(KIND_SYN);
	ck_assert_uint_eq(actions.deadline_ns - now, 50 * MS); /* proven by the ACK of our FIN */
}
END_TEST

START_TEST(a_reset_on_the_way)
{
	begin(STATE_TIME_WAIT, KIND_SYN);
	hear(SA, 0, 1);
	hear(FLAG_RST, 1, 0);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_RESET);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("scripted events");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, syn_asks_for_the_manner);
	tcase_add_test(tcase, way_to_listen);
	tcase_add_test(tcase, way_to_syn_recv);
	tcase_add_test(tcase, way_to_established);
	tcase_add_test(tcase, way_to_fin_wait_1);
	tcase_add_test(tcase, way_to_fin_wait_2);
	tcase_add_test(tcase, way_to_closing);
	tcase_add_test(tcase, way_to_time_wait);
	tcase_add_test(tcase, way_to_close_wait);
	tcase_add_test(tcase, way_to_last_ack);
	tcase_add_test(tcase, a_lost_syn_is_sent_again);
	tcase_add_test(tcase, a_lost_fin_is_sent_again_and_the_rate_limit_waited_out);
	tcase_add_test(tcase, a_repeated_syn_ack_gets_its_ack_again);
	tcase_add_test(tcase, a_closed_port);
	tcase_add_test(tcase, an_old_connection_on_our_port_is_reset);
	tcase_add_test(tcase, a_server_that_never_closes);
	tcase_add_test(tcase, a_server_that_closes_where_it_should_hold);
	tcase_add_test(tcase, a_server_without_timestamps);
	tcase_add_test(tcase, a_trigger_is_sent_with_the_handshake_and_the_reply_acknowledged);
	tcase_add_test(tcase, the_answer);
	tcase_add_test(tcase, what_comes_before_our_own_stimulus_is_seen_is_no_answer);
	tcase_add_test(tcase, the_wait_begins_when_the_stimulus_is_seen);
	tcase_add_test(tcase, a_fin_sent_again_by_its_timer_is_no_answer);
	tcase_add_test(tcase, a_syn_ack_in_syn_recv_counts_by_its_time);
	tcase_add_test(tcase, silence_is_followed_up);
	tcase_add_test(tcase, a_follow_up_waits_for_the_rate_limit);
	tcase_add_test(tcase, the_witness_decides_when_the_state_is_reached);
	tcase_add_test(tcase, a_subject_in_another_state_is_never_stimulated);
	tcase_add_test(tcase, an_unproven_state_waits_for_the_subjects_timers);
	tcase_add_test(tcase, a_reset_on_the_way);
	return run_suite("peer", tcase, NULL);
}
