/* test_peer_phases.c - the table of the peer's phases: who hears what, what is ignored, which phase comes next. */
#include "tests/unit/scripted_peer.h"

#include "tests/unit/suite.h"

static void hear_data(uint32_t seq, uint32_t ack, uint16_t size)
{
	struct segment data = from_subject(FLAG_PSH | FLAG_ACK, seq, ack);

	data.payload_size = size;
	now += MS / 100;
	step(PEER_HEARD, &data, STATE_UNKNOWN);
}

/* A phase has no handler for it. */
START_TEST(events_at_the_wrong_time_change_nothing)
{
	static const enum peer_event_kind events[] = { PEER_RELEASE, PEER_TESTIMONY, PEER_SEEN, PEER_DEADLINE };
	struct segment anything = from_subject(FLAG_ACK, 1, 1);

	begin(STATE_TIME_WAIT, KIND_SYN);
	for (int heard = 0; heard < 2; heard++) { /* opening, then reaching */
		for (int i = 0; i < ROWS(events); i++) {
			uint64_t expiry_ns = peer_expiry(&peer);
			enum peer_phase phase = peer.phase;

			step(events[i], &anything, STATE_TIME_WAIT);
			ck_assert_int_eq(peer.phase, phase);
			ck_assert_int_eq(actions.send_count, 0);
			ck_assert_uint_eq(peer_expiry(&peer), expiry_ns);
		}
		hear(SA, 0, 1);
	}
}
END_TEST

START_TEST(a_release_is_for_the_ready)
{
	rules.witness = true;
	reach_time_wait(KIND_SYN);
	ck_assert_int_eq(peer.phase, PEER_SETTLING);
	step(PEER_RELEASE, NULL, STATE_UNKNOWN);
	ck_assert_int_eq(peer.phase, PEER_SETTLING);
	step(PEER_TESTIMONY, NULL, STATE_TIME_WAIT);
	ck_assert_int_eq(peer.phase, PEER_READY);
	ck_assert_uint_eq(peer_expiry(&peer), UINT64_MAX);
	release();
}
END_TEST

START_TEST(who_is_ready_listens)
{
	begin(STATE_ESTABLISHED, KIND_SYN);
	hear(SA, 0, 1);
	ck_assert_int_eq(peer.phase, PEER_READY);
	hear_data(1, 1, 5); /* a banner */
	assert_sent(0, FLAG_ACK, 1, 6);
	ck_assert_int_eq(peer.phase, PEER_READY);
	hear(FLAG_RST, 6, 0);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_RESET);
	ck_assert_int_eq(peer.trouble_at, PEER_READY);
}
END_TEST

START_TEST(a_fin_where_none_is_in_the_plan)
{
	begin(STATE_ESTABLISHED, KIND_SYN);
	hear(SA, 0, 1);
	hear(FA, 1, 1);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_CLOSED_EARLY);
}
END_TEST

/* The next step is the subject's, and it is no answer to ours: text is not acknowledged past our FIN. */
START_TEST(text_between_our_fin_and_its_acknowledgment)
{
	begin(STATE_LAST_ACK, KIND_SYN);
	hear(SA, 0, 1);
	hear_data(1, 1, 5);
	ck_assert_int_eq(actions.send_count, 0);
	ck_assert_int_eq(peer.phase, PEER_REACHING);
	hear(FA, 6, 2);
	ck_assert_int_eq(actions.send_count, 0);
	assert_baseline(2, 7);
}
END_TEST

START_TEST(a_trigger_is_for_who_shall_close_first)
{
	rules.trigger = "quit";
	rules.trigger_size = 4;
	begin(STATE_ESTABLISHED, KIND_SYN);
	hear(SA, 0, 1);
	ck_assert_int_eq(actions.send_count, 1);
	assert_sent(0, FLAG_ACK, 1, 1);
	begin(STATE_CLOSE_WAIT, KIND_SYN);
	hear(SA, 0, 1);
	ck_assert_int_eq(actions.send_count, 1);
	assert_sent(0, FA, 1, 1);
}
END_TEST

START_TEST(waits_double)
{
	begin(STATE_CLOSE_WAIT, KIND_SYN);
	for (uint64_t wait_ns = 250 * MS; wait_ns <= 1000 * MS; wait_ns *= 2) {
		ck_assert_uint_eq(peer_expiry(&peer) - now, wait_ns);
		pass(wait_ns);
		assert_sent(0, FLAG_SYN, 0, 0);
	}
	hear(SA, 0, 1);
	ck_assert_uint_eq(peer_expiry(&peer) - now, 250 * MS); /* a new step, a new wait */
	pass(250 * MS);
	assert_sent(0, FA, 1, 1);
	ck_assert_uint_eq(peer_expiry(&peer) - now, 500 * MS);
}
END_TEST

START_TEST(the_proof_of_a_listener_may_fail)
{
	rules.proves_listen = true;
	begin(STATE_LISTEN, KIND_FIN);
	hear(SA, 0, 1);
	ck_assert_int_eq(peer.phase, PEER_CLEARING);
	for (int i = 0; i < 8 && !actions.done; i++)
		pass(1000 * MS);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_SETUP_LOST);
}
END_TEST

/* Of the rate limit (tcp_oow_rate_limited) an RST costs nothing. */
START_TEST(a_reset_uses_up_no_rate_limit)
{
	reach_time_wait(KIND_ACK);
	release();
	hear(FLAG_RST, 2, 0);
	pass(MS);
	ck_assert_int_eq(peer.phase, PEER_FOLLOWED);
}
END_TEST

START_TEST(the_dead_hear_nothing)
{
	begin(STATE_ESTABLISHED, KIND_SYN);
	step(PEER_CANCEL, NULL, STATE_UNKNOWN);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.phase, PEER_ENDED);
	hear(SA, 0, 1);
	ck_assert_int_eq(actions.send_count, 0);
	ck_assert(!actions.done);
	ck_assert_uint_eq(peer_expiry(&peer), UINT64_MAX);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("phases");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, events_at_the_wrong_time_change_nothing);
	tcase_add_test(tcase, a_release_is_for_the_ready);
	tcase_add_test(tcase, who_is_ready_listens);
	tcase_add_test(tcase, a_fin_where_none_is_in_the_plan);
	tcase_add_test(tcase, text_between_our_fin_and_its_acknowledgment);
	tcase_add_test(tcase, a_trigger_is_for_who_shall_close_first);
	tcase_add_test(tcase, waits_double);
	tcase_add_test(tcase, the_proof_of_a_listener_may_fail);
	tcase_add_test(tcase, a_reset_uses_up_no_rate_limit);
	tcase_add_test(tcase, the_dead_hear_nothing);
	return run_suite("peer_phases", tcase, NULL);
}
