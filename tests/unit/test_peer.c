/* test_peer.c - the way to each state, by scripted events: lost, repeated and foreign segments, servers that do otherwise. */
#include <string.h>

#include "tests/unit/scripted_peer.h"

#include "tests/unit/suite.h"

START_TEST(syn_asks_for_the_behaviour)
{
	for (enum state state = STATE_SYN_RECV; state < STATE_COUNT; state++) {
		begin(state, KIND_SYN);
		assert_sent(0, FLAG_SYN, 0, 0);
		ck_assert_int_eq(actions.send[0].window, BEHAVIOUR_WINDOW + (int)state_plan(state)->behaviour);
		ck_assert(segment_has_option(&actions.send[0], OPTION_TIMESTAMPS));
		ck_assert(peer_expiry(&peer) != UINT64_MAX);
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

START_TEST(somebody_must_listen)
{
	rules.proves_listen = true;
	begin(STATE_LISTEN, KIND_ACK);
	assert_sent(0, FLAG_SYN, 0, 0);
	hear(FLAG_RST | FLAG_ACK, 0, 1);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_REFUSED);
}
END_TEST

/* A process that stood still answers now what was said long ago. The answer to that is on its way when the quiet time is over
 * by the stamps of what was heard, and would be taken for the answer to the stimulus. */
START_TEST(quiet_is_not_what_nobody_listened_to)
{
	rules.witness = false;
	rules.settle_ns = 50 * MS;
	reach_time_wait(KIND_SYN);
	hear(FA, 1, 1); /* once more: our FIN goes again */
	pass(3000 * MS);
	ck_assert(!actions.ready);
	hear(FLAG_ACK, 2, 2);
	ck_assert(!actions.ready);
	pass(peer_expiry(&peer) - now);
	ck_assert(actions.ready);
}
END_TEST

/* The listener answers an ACK with exactly this RST; a socket that is left on the four-tuple does not. */
START_TEST(and_nothing_else_may_have_the_four_tuple)
{
	struct segment reset = { .flags = FLAG_RST };

	rules.proves_listen = true;
	begin(STATE_LISTEN, KIND_FIN);
	hear(SA, 0, 1);
	for (int lost = 0; lost < 2; lost++) {
		assert_sent(0, FLAG_RST, 1, 0);
		assert_sent(1, FLAG_ACK, (uint32_t)-1000, 1);
		reset.seq = actions.send[1].ack;
		hear(FLAG_ACK, 1, 1); /* our RST was lost: the socket is there */
		ck_assert(!actions.ready);
		pass(250 * MS << lost);
	}
	step(PEER_HEARD, &reset, STATE_UNKNOWN);
	ck_assert_uint_ge(peer_expiry(&peer), now + 500 * MS); /* its rate limit may be used up */
	pass(peer_expiry(&peer) - now);
	ck_assert(actions.ready);
	ck_assert_uint_eq(peer.baseline.rcv_nxt, (uint32_t)ISS + 1);
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

START_TEST(an_old_half_open_connection_may_be_gone)
{
	begin(STATE_SYN_RECV, KIND_SYN);
	pass(250 * MS);
	hear(SA, 0, 1);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_OLD_HALF_OPEN);
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
	ck_assert(peer_expiry(&peer) != UINT64_MAX);
	ck_assert_uint_eq(peer_expiry(&peer) - now, 550 * MS + peer.round_trip_ns);
	pass(peer_expiry(&peer) - now);
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

/* Text and FIN overtake what was before them. */
START_TEST(what_comes_too_early_counts_when_the_rest_is_there)
{
	struct segment text = from_subject(FLAG_PSH | FLAG_ACK, 1, 1);

	begin(STATE_TIME_WAIT, KIND_SYN);
	hear(SA, 0, 1);
	hear(FA, 11, 1);
	assert_sent(0, FLAG_ACK, 1, 1);
	ck_assert(!actions.ready);
	text.payload_size = 10;
	step(PEER_HEARD, &text, STATE_UNKNOWN);
	assert_sent(0, FA, 1, 12);
	hear(FLAG_ACK, 12, 2);
	assert_baseline(2, 12);
}
END_TEST

/* Of two half-open connections ours is the one whose SYN-ACK was acknowledged. */
START_TEST(another_syn_ack_is_of_another_connection)
{
	struct segment other = from_subject(SA, 70000, 1);

	begin(STATE_TIME_WAIT, KIND_SYN);
	hear(SA, 0, 1);
	other.window = 9;
	step(PEER_HEARD, &other, STATE_UNKNOWN);
	hear(FA, 1, 1);
	assert_sent(0, FA, 1, 2);
	hear(FLAG_ACK, 2, 2);
	pass(peer_expiry(&peer) - now); /* what was sent again may have used up the rate limit of the subject */
	assert_baseline(2, 2);
	ck_assert_uint_eq(peer.subject.iss, (uint32_t)IRS);
}
END_TEST

/* Somebody on the way takes the timestamps out, or makes up some of his own. */
START_TEST(timestamps_keep_nothing_out)
{
	struct segment fin = from_subject(FA, 1, 1);

	begin(STATE_FIN_WAIT_1, KIND_SYN);
	hear(SA, 0, 1);
	fin.option_count = 0;
	step(PEER_HEARD, &fin, STATE_UNKNOWN);
	assert_baseline(1, 2);
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
	ck_assert(peer_expiry(&peer) != UINT64_MAX);
	ck_assert_uint_ge(peer_expiry(&peer) - now, 1000 * MS); /* its SYN-ACK would come again */
	begin(STATE_FIN_WAIT_2, KIND_SYN);
	hear(SA, 0, 1);
	hear(FA, 1, 1);
	ck_assert_uint_ge(peer_expiry(&peer) - now, 200 * MS); /* its FIN would */
	reach_time_wait(KIND_SYN);
	/* Proven by the ACK of our FIN; what the network repeats of that is answered a round trip later. */
	ck_assert_uint_eq(peer_expiry(&peer) - now, 50 * MS + 2 * peer.round_trip_ns);
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

/* Its loss is shown by one segment of the subject, which may be lost as well. */
START_TEST(a_bare_ack_that_ends_the_way_is_sent_again)
{
	uint64_t reached_ns;
	int acks = 1;

	rules.settle_ns = 50 * MS;
	rules.acks_again = 3;
	begin(STATE_ESTABLISHED, KIND_SYN);
	hear(SA, 0, 1);
	assert_sent(0, FLAG_ACK, 1, 1);
	for (reached_ns = now; !actions.ready && acks < 100; acks += actions.send_count) {
		ck_assert(peer_expiry(&peer) != UINT64_MAX);
		pass(peer_expiry(&peer) - now);
		if (actions.send_count)
			assert_sent(0, FLAG_ACK, 1, 1);
	}
	ck_assert_int_eq(acks, 1 + rules.acks_again);
	ck_assert_int_eq(peer.resent, 0); /* which would be a sign of loss */
	ck_assert_uint_ge(now - reached_ns, 1000 * MS);
	reach_time_wait(KIND_SYN);
	pass(peer_expiry(&peer) - now);
	ck_assert_int_eq(actions.send_count, 0);
	ck_assert(actions.ready);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("scripted events");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, syn_asks_for_the_behaviour);
	tcase_add_test(tcase, way_to_listen);
	tcase_add_test(tcase, somebody_must_listen);
	tcase_add_test(tcase,quiet_is_not_what_nobody_listened_to);
	tcase_add_test(tcase, and_nothing_else_may_have_the_four_tuple);
	tcase_add_test(tcase, way_to_syn_recv);
	tcase_add_test(tcase, an_old_half_open_connection_may_be_gone);
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
	tcase_add_test(tcase, what_comes_too_early_counts_when_the_rest_is_there);
	tcase_add_test(tcase, another_syn_ack_is_of_another_connection);
	tcase_add_test(tcase, timestamps_keep_nothing_out);
	tcase_add_test(tcase, a_subject_in_another_state_is_never_stimulated);
	tcase_add_test(tcase, an_unproven_state_waits_for_the_subjects_timers);
	tcase_add_test(tcase, a_reset_on_the_way);
	tcase_add_test(tcase, a_bare_ack_that_ends_the_way_is_sent_again);
	return run_suite("peer", tcase, NULL);
}
