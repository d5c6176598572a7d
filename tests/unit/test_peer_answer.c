/* test_peer_answer.c - the peer from its stimulus on, by scripted events: what counts as the answer, and the follow-up. */
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

	begin(STATE_SYN_RECV, KIND_NULL);
	hear(SA, 0, 1);
	now += 850 * MS;
	release();
	now += 150 * MS;
	hear(SA, 0, 1);
	ck_assert_ptr_null(peer_answer(&peer));
	pass(peer_expiry(&peer) - now);
	ck_assert_int_eq(peer.trouble, TROUBLE_AMBIGUOUS);

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
	return run_suite("peer, answer", tcase, NULL);
}
