/* test_peer_answer.c - the peer from its stimulus on, by scripted events: what counts as the answer, and the follow-up. */
#include <string.h>

#include "tests/unit/scripted_peer.h"

#include "tests/unit/suite.h"

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
	ck_assert(peer_expiry(&peer) != UINT64_MAX);
	ck_assert_uint_eq(peer_expiry(&peer), now + 300 * MS);
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

	for (int is_syn = 0; is_syn < 2; is_syn++) { /* only a SYN may have provoked it */
		begin(STATE_SYN_RECV, is_syn ? KIND_SYN : KIND_NULL);
		hear(SA, 0, 1);
		now += 850 * MS;
		release();
		now += 150 * MS;
		hear(SA, 0, 1);
		ck_assert_ptr_null(peer_answer(&peer));
		pass(peer_expiry(&peer) - now);
		ck_assert_int_eq(peer.trouble, is_syn ? TROUBLE_AMBIGUOUS : TROUBLE_NONE);
	}

	rules.witness = true;
	begin(STATE_SYN_RECV, KIND_NULL); /* which of two SYNs started its timer? */
	pass(250 * MS);
	hear(SA, 0, 1);
	pass(peer_expiry(&peer) - now);
	step(PEER_TESTIMONY, NULL, STATE_SYN_RECV);
	release();
	now += 150 * MS;
	hear(SA, 0, 1);
	ck_assert_ptr_null(peer_answer(&peer));
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
	saw(&peer.follow_up);
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
	ck_assert_uint_eq(peer_expiry(&peer), peer_answer(&peer)->time_ns + 550 * MS);
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
	ck_assert(peer_expiry(&peer) != UINT64_MAX);
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

START_TEST(a_target_far_away_gets_more_time)
{
	begin(STATE_TIME_WAIT, KIND_NULL);
	now += 400 * MS;
	hear(SA, 0, 1);
	hear(FA, 1, 1);
	hear(FLAG_ACK, 2, 2);
	release();
	ck_assert_uint_ge(peer_expiry(&peer) - now, 800 * MS);
	pass(peer_expiry(&peer) - now);
	ck_assert_int_eq(peer.phase, PEER_FOLLOWED);
	ck_assert_uint_ge(peer_expiry(&peer) - now, 800 * MS); /* and for the follow-up */
}
END_TEST

/* The peer at the follow-up, a second after a silent stimulus. */
static void reach_follow_up(void)
{
	reach_time_wait(KIND_SYN);
	release();
	pass(peer_expiry(&peer) - now);
	ck_assert_int_eq(peer.phase, PEER_FOLLOWED);
}

static void notice(enum notice_kind kind)
{
	struct notice one = { .kind = kind, .why = "a test", .time_ns = now };
	struct peer_event event = { .kind = PEER_NOTICED, .now_ns = now, .notice = &one };

	peer_step(&peer, &event, &actions);
}

START_TEST(what_comes_before_the_follow_up_passed_does_not_answer_it)
{
	reach_follow_up();
	hear(FLAG_ACK, 2, 2);
	ck_assert(!peer.follow_up_answered);
	saw(&peer.follow_up);
	hear(FLAG_ACK, 2, 2);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_NOTICED);
	ck_assert_int_eq(peer.notices[0].kind, NOTICE_LATE);
	ck_assert_ptr_null(peer_answer(&peer));
}
END_TEST

/* Nor is the follow-up on its way because another segment of ours is seen: what the stimulus gets late is late. */
START_TEST(only_the_follow_up_is_the_follow_up)
{
	reach_follow_up();
	saw(&peer.sent);
	hear(FLAG_ACK, 2, 2);
	ck_assert(!peer.follow_up_answered);
	ck_assert_int_eq(peer.notices[0].kind, NOTICE_LATE);
}
END_TEST

/* Without timestamps only the second one, which comes as late, shows that the first was the stimulus'. */
START_TEST(an_answer_that_may_be_either_is_not_the_last_word)
{
	reach_follow_up();
	peer.baseline.timestamps = false;
	saw(&peer.follow_up);
	hear(FLAG_ACK, 2, 2);
	ck_assert(!actions.done);
	pass(200 * MS);
	hear(FLAG_ACK, 2, 2);
	pass(peer_expiry(&peer) - now);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_NOTICED);

	reach_follow_up();
	peer.baseline.timestamps = false;
	saw(&peer.follow_up);
	hear(FLAG_ACK, 2, 2);
	hear(FLAG_ACK, 2, 2); /* a copy that the network made */
	pass(peer_expiry(&peer) - now);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_NONE);
	ck_assert(peer.follow_up_answered);
}
END_TEST

START_TEST(a_syn_ack_says_which_syn_it_answers)
{
	reach_follow_up();
	saw(&peer.follow_up);
	hear(SA, 777, peer.sent.seq + 1 - (uint32_t)ISS);
	pass(peer_expiry(&peer) - now);
	ck_assert_int_eq(peer.trouble, TROUBLE_NOTICED);

	reach_follow_up();
	saw(&peer.follow_up);
	hear(SA, 777, peer.follow_up.seq + 1 - (uint32_t)ISS);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_NONE);
}
END_TEST

START_TEST(numbers_of_nobody_are_no_answer)
{
	static const struct { uint8_t flags; uint32_t seq, ack; } strays[] = {
		{ FLAG_ACK, 2, 500000 }, { FLAG_ACK, 0x50000000, 2 }, { FLAG_RST, 0x50000000, 0 },
		{ SA, 7, 0x40000000 }, { FLAG_SYN, 7, 0 },
	};

	for (size_t i = 0; i < sizeof(strays) / sizeof(strays[0]); i++) {
		reach_time_wait(KIND_SYN);
		release();
		hear(strays[i].flags, strays[i].seq, strays[i].ack);
		ck_assert_ptr_null(peer_answer(&peer));
		pass(peer_expiry(&peer) - now);
		ck_assert_msg(actions.done && peer.trouble == TROUBLE_NOTICED, "stray %zu", i);
		ck_assert_int_eq(peer.notices[0].kind, NOTICE_STRAY);
	}
}
END_TEST

START_TEST(a_notice_takes_the_meaning_of_a_silence_and_of_an_answer)
{
	char text[320];

	reach_time_wait(KIND_SYN);
	release();
	notice(NOTICE_MALFORMED);
	pass(peer_expiry(&peer) - now);
	ck_assert_int_eq(peer.trouble, TROUBLE_NOTICED);
	ck_assert_ptr_nonnull(strstr(peer_trouble_text(&peer, text, sizeof(text)), "a test"));

	reach_time_wait(KIND_SYN);
	release();
	notice(NOTICE_ICMP);
	hear(SA, 65539, 1 + peer.sent.seq - (uint32_t)ISS);
	pass(MS);
	ck_assert_int_eq(peer.trouble, TROUBLE_NOTICED);
}
END_TEST

/* Seven FINs of its timer, and then what was asked for. */
START_TEST(an_answer_behind_many_repeats_is_heard)
{
	reach_time_wait(KIND_SYN);
	release();
	for (int i = 0; i < 2 * PEER_HEARD_MAX; i++)
		hear(FA, 1, 1);
	ck_assert_ptr_null(peer_answer(&peer));
	hear(FLAG_ACK, 2, 2);
	ck_assert_ptr_nonnull(peer_answer(&peer));
	ck_assert_int_eq(peer_answer(&peer)->segment.flags, FLAG_ACK);
	pass(MS);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_NONE);
}
END_TEST

START_TEST(a_flood_of_repeats_is_no_silence)
{
	reach_time_wait(KIND_SYN);
	release();
	for (int i = 0; i < 100; i++)
		hear(FA, 1, 1);
	pass(peer_expiry(&peer) - now);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_NOTICED);
}
END_TEST

START_TEST(the_clock_does_not_go_back)
{
	uint64_t expiry;

	reach_time_wait(KIND_SYN);
	release();
	expiry = peer_expiry(&peer);
	now -= 5000 * MS;
	hear(FA, 1, 1);
	ck_assert_uint_eq(peer_expiry(&peer), expiry);
	step(PEER_DEADLINE, NULL, STATE_UNKNOWN);
	ck_assert_int_eq(peer.phase, PEER_STIMULATED);
	ck_assert_uint_lt(peer.round_trip_ns, 1000 * MS);
}
END_TEST

/* A process that stood still for two seconds may find the answer in its ring right after its deadline. */
START_TEST(a_stall_prolongs_the_wait)
{
	reach_time_wait(KIND_SYN);
	release();
	pass(2000 * MS);
	ck_assert_int_eq(peer.phase, PEER_STIMULATED);
	ck_assert_uint_gt(peer_expiry(&peer), now);
	pass(peer_expiry(&peer) - now);
	ck_assert_int_eq(peer.phase, PEER_FOLLOWED);
}
END_TEST

/* With the witness asked at the end of no quiet time, an older deadline once fired again and again. */
START_TEST(no_deadline_is_armed_for_the_past)
{
	rules.witness = true;
	reach_time_wait(KIND_SYN);
	for (int i = 0; i < 100 && !actions.done; i++) {
		now -= MS;
		step(PEER_DEADLINE, NULL, STATE_UNKNOWN);
		ck_assert_int_eq(actions.send_count, 0);
		step(PEER_TESTIMONY, NULL, STATE_FIN_WAIT_2);
		ck_assert(actions.done || peer_expiry(&peer) > now);
	}
	ck_assert_int_eq(peer.trouble, TROUBLE_WRONG_STATE);
}
END_TEST

START_TEST(two_answers_that_contradict_each_other)
{
	reach_time_wait(KIND_SYN);
	release();
	hear(FLAG_ACK, 2, 2);
	hear(SA, 7, peer.sent.seq + 1 - (uint32_t)ISS);
	pass(MS);
	ck_assert_int_eq(peer.trouble, TROUBLE_NOTICED);
}
END_TEST

/* A stack that looks at no number took the stimulus, 1000 below, for what comes next. */
START_TEST(a_stimulus_taken_for_the_next_segment)
{
	reach_time_wait(KIND_FIN_ACK);
	release();
	hear(FLAG_ACK, 2, peer.baseline.rcv_nxt + 1 - (uint32_t)ISS);
	ck_assert_ptr_nonnull(peer_answer(&peer));
	reach_time_wait(KIND_FIN_ACK);
	release();
	hear(FLAG_ACK, 2, peer.baseline.rcv_nxt + 2 - (uint32_t)ISS);
	ck_assert_ptr_null(peer_answer(&peer));
}
END_TEST

/* Data that was acknowledged met nobody: the reset after it is no second answer. One after another segment is. */
START_TEST(a_reset_after_data_that_was_taken)
{
	for (int data = 0; data <= 1; data++) {
		reach_time_wait(data ? KIND_DATA : KIND_ACK);
		release();
		hear(FLAG_ACK, 2, peer.sent.seq - (uint32_t)ISS);
		hear(FLAG_RST, peer.baseline.snd_nxt - (uint32_t)IRS, 0);
		pass(peer_expiry(&peer) - now);
		ck_assert_int_eq(peer.notice_count > 0, !data);
	}
}
END_TEST

/* Data that it sent before the stimulus is a retransmission; data that nobody heard before answers something. */
START_TEST(old_data_is_a_repeat_and_new_data_is_none)
{
	struct segment segment;

	reach_time_wait(KIND_SYN);
	segment = from_subject(FLAG_PSH | FLAG_ACK, 1, 2);
	segment.payload_size = 1;
	ck_assert(peer_is_repeat(&peer, &segment, now));
	segment.seq = peer.baseline.snd_nxt;
	ck_assert(!peer_is_repeat(&peer, &segment, now));
	segment.seq = peer.baseline.snd_nxt + 1;
	ck_assert(!peer_is_repeat(&peer, &segment, now));
	segment.seq = (uint32_t)IRS;
	segment.payload_size = 0; /* a bare ACK is never sent again by a timer */
	ck_assert(!peer_is_repeat(&peer, &segment, now));
}
END_TEST

/* A SYN-ACK's socket took the old one's place: one exact RST, and nothing for what is not there any more. */
START_TEST(after_a_syn_ack_one_reset_is_enough)
{
	reach_time_wait(KIND_SYN);
	peer.stimulus.seq.value = 5;
	release();
	hear(SA, 7, peer.sent.seq + 1 - (uint32_t)ISS);
	pass(MS);
	ck_assert(actions.done);
	ck_assert_int_eq(actions.send_count, 1);
	assert_sent(0, FLAG_RST, peer.sent.seq + 1 - (uint32_t)ISS, 0);
}
END_TEST

/* A silent stimulus may have taken effect or not: an exact RST for both. */
START_TEST(after_silence_both_sockets_are_reset)
{
	reach_time_wait(KIND_SYN);
	peer.stimulus.seq.value = 5;
	release();
	pass(300 * MS);
	saw(&peer.follow_up);
	pass(300 * MS);
	ck_assert(actions.done);
	ck_assert_int_eq(actions.send_count, 2);
	assert_sent(0, FLAG_RST, peer.crafted.snd_nxt - (uint32_t)ISS, 0);
	assert_sent(1, FLAG_RST, peer.sent.seq + 1 - (uint32_t)ISS, 0);
}
END_TEST

/* In LISTEN the connection has no socket of its own; elsewhere "closed" is closed. */
START_TEST(closed_is_listening_only_where_a_listener_is_asked)
{
	rules.witness = true;
	begin(STATE_LISTEN, KIND_SYN);
	ck_assert(actions.ask_witness);
	step(PEER_TESTIMONY, NULL, STATE_CLOSED);
	ck_assert(actions.ready);
	ck_assert_int_eq(peer.state_before, STATE_LISTEN);

	reach_time_wait(KIND_SYN);
	step(PEER_TESTIMONY, NULL, STATE_CLOSED);
	ck_assert(!actions.ready);
	ck_assert_int_eq(peer.state_before, STATE_CLOSED);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("scripted events");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, the_answer);
	tcase_add_test(tcase, what_comes_before_our_own_stimulus_is_seen_is_no_answer);
	tcase_add_test(tcase, the_wait_begins_when_the_stimulus_is_seen);
	tcase_add_test(tcase, a_fin_sent_again_by_its_timer_is_no_answer);
	tcase_add_test(tcase, a_syn_ack_in_syn_recv_counts_by_its_time);
	tcase_add_test(tcase, silence_is_followed_up);
	tcase_add_test(tcase, a_follow_up_waits_for_the_rate_limit);
	tcase_add_test(tcase, the_witness_decides_when_the_state_is_reached);
	tcase_add_test(tcase, a_target_far_away_gets_more_time);
	tcase_add_test(tcase, what_comes_before_the_follow_up_passed_does_not_answer_it);
	tcase_add_test(tcase, only_the_follow_up_is_the_follow_up);
	tcase_add_test(tcase, an_answer_that_may_be_either_is_not_the_last_word);
	tcase_add_test(tcase, a_syn_ack_says_which_syn_it_answers);
	tcase_add_test(tcase, numbers_of_nobody_are_no_answer);
	tcase_add_test(tcase, a_notice_takes_the_meaning_of_a_silence_and_of_an_answer);
	tcase_add_test(tcase, an_answer_behind_many_repeats_is_heard);
	tcase_add_test(tcase, a_flood_of_repeats_is_no_silence);
	tcase_add_test(tcase, the_clock_does_not_go_back);
	tcase_add_test(tcase, a_stall_prolongs_the_wait);
	tcase_add_test(tcase, no_deadline_is_armed_for_the_past);
	tcase_add_test(tcase, two_answers_that_contradict_each_other);
	tcase_add_test(tcase, a_stimulus_taken_for_the_next_segment);
	tcase_add_test(tcase, a_reset_after_data_that_was_taken);
	tcase_add_test(tcase, old_data_is_a_repeat_and_new_data_is_none);
	tcase_add_test(tcase, after_a_syn_ack_one_reset_is_enough);
	tcase_add_test(tcase, after_silence_both_sockets_are_reset);
	tcase_add_test(tcase, closed_is_listening_only_where_a_listener_is_asked);
	return run_suite("peer, answer", tcase, NULL);
}
