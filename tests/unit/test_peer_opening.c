/* test_peer_opening.c - who connects is a list of steps: a subject that connects to us, and SYNs that cross. */
#include <string.h>

#include "tests/unit/scripted_peer.h"

#include "tests/unit/suite.h"

static const struct state_plan waits_for_syn = {
	.name = "syn-sent", .steps = { { WHO_SUBJECT, DOES_SYN } },
};

/* RFC 9293 figure 6, with the subject as TCP peer A. */
static const struct state_plan connects = {
	.name = "established",
	.steps = { { WHO_SUBJECT, DOES_SYN }, { WHO_CRAFTED, DOES_SYN_ACK }, { WHO_SUBJECT, DOES_ACK } },
};

/* ... and closes after us. */
static const struct state_plan connects_and_waits = {
	.name = "close-wait",
	.steps = { { WHO_SUBJECT, DOES_SYN }, { WHO_CRAFTED, DOES_SYN_ACK }, { WHO_SUBJECT, DOES_ACK },
		   { WHO_CRAFTED, DOES_FIN }, { WHO_SUBJECT, DOES_ACK_FIN } },
};

/* RFC 9293 figure 7. */
static const struct state_plan crosses = {
	.name = "established",
	.steps = { { WHO_CRAFTED, DOES_SYN }, { WHO_SUBJECT, DOES_SYN }, { WHO_CRAFTED, DOES_SYN_ACK },
		   { WHO_SUBJECT, DOES_ACK } },
};

START_TEST(a_subject_that_connects)
{
	begin_on(STATE_ESTABLISHED, &connects, KIND_ACK);
	ck_assert_int_eq(actions.send_count, 0);
	ck_assert(peer_expiry(&peer) != UINT64_MAX);
	hear(FLAG_SYN, 0, 0);
	assert_sent(0, SA, 0, 1);
	ck_assert(segment_has_option(&actions.send[0], OPTION_TIMESTAMPS));
	ck_assert(!actions.ready);
	hear(FLAG_ACK, 1, 1);
	ck_assert_int_eq(actions.send_count, 0);
	ck_assert(actions.ready);
	ck_assert_uint_eq(peer.baseline.rcv_nxt - (uint32_t)ISS, 1);
	ck_assert_uint_eq(peer.baseline.snd_nxt - (uint32_t)IRS, 1);
	ck_assert_uint_eq(peer.baseline.ts_recent, CLOCK);
}
END_TEST

START_TEST(its_syn_is_all)
{
	begin_on(STATE_ESTABLISHED, &waits_for_syn, KIND_ACK);
	hear(FLAG_SYN, 0, 0);
	ck_assert_int_eq(actions.send_count, 0);
	ck_assert(actions.ready);
}
END_TEST

START_TEST(a_lost_syn_ack)
{
	begin_on(STATE_ESTABLISHED, &connects, KIND_ACK);
	hear(FLAG_SYN, 0, 0);
	pass(peer_expiry(&peer) - now);
	assert_sent(0, SA, 0, 1);
	hear(FLAG_SYN, 0, 0); /* its timer */
	assert_sent(0, SA, 0, 1);
	ck_assert_int_eq(peer.resent, 2);
	ck_assert_int_eq(peer.notice_count, 0);
	hear(FLAG_ACK, 1, 1);
	ck_assert_int_eq(peer.phase, PEER_SETTLING); /* a copy may have cost the subject an ACK */
}
END_TEST

START_TEST(it_connects_and_we_close_first)
{
	begin_on(STATE_CLOSE_WAIT, &connects_and_waits, KIND_ACK);
	hear(FLAG_SYN, 0, 0);
	hear(FLAG_ACK, 1, 1);
	assert_sent(0, FA, 1, 1);
	hear(FLAG_ACK, 1, 2);
	ck_assert(actions.ready);
}
END_TEST

START_TEST(syns_that_cross)
{
	begin_on(STATE_ESTABLISHED, &crosses, KIND_ACK);
	assert_sent(0, FLAG_SYN, 0, 0);
	hear(FLAG_SYN, 0, 0);
	assert_sent(0, SA, 0, 1);
	hear(SA, 0, 1);
	ck_assert_int_eq(actions.send_count, 0);
	ck_assert(actions.ready);
}
END_TEST

START_TEST(nobody_connects)
{
	char text[320];

	begin_on(STATE_ESTABLISHED, &connects, KIND_ACK);
	for (int i = 0; i < 10 && !actions.done; i++) {
		pass(1000 * MS);
		ck_assert(actions.done || actions.send_count == 0);
	}
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_SETUP_LOST);
	ck_assert_ptr_nonnull(strstr(peer_trouble_text(&peer, text, sizeof(text)), "waiting for its SYN"));
}
END_TEST

/* Asked by its state alone: the subject is told to connect, and numbers count from the two first ones. */
START_TEST(syn_sent)
{
	begin(STATE_SYN_SENT, KIND_ACK);
	ck_assert(actions.call);
	ck_assert_int_eq(actions.send_count, 0);
	hear(FLAG_SYN, 0, 0);
	ck_assert(!actions.call);
	ck_assert(actions.ready);
	ck_assert(peer.baseline.syn_sent);
	ck_assert_uint_eq(peer.baseline.rcv_nxt, (uint32_t)ISS);
	ck_assert_uint_eq(peer.baseline.snd_nxt - (uint32_t)IRS, 1);
	release();
	ck_assert_uint_eq(peer.sent.ack, (uint32_t)IRS); /* acknowledges nothing */
	hear(FLAG_SYN, 0, 0);                  /* its timer; no answer */
	ck_assert_ptr_null(peer_answer(&peer));
	hear(FLAG_RST, 0, 0);
	ck_assert_ptr_nonnull(peer_answer(&peer));
	ck_assert_int_eq(peer.notice_count, 0);
}
END_TEST

/* Its SYN-ACK is an answer: the SYN that crosses its own made it. In the end only an RST with the ACK of its SYN is heard. */
START_TEST(syn_sent_crossed)
{
	begin(STATE_SYN_SENT, KIND_SYN);
	hear(FLAG_SYN, 0, 0);
	release();
	hear(SA, 0, 0); /* the stimulus is one below */
	ck_assert_ptr_nonnull(peer_answer(&peer));
	ck_assert_int_eq(peer.notice_count, 0);
	pass(2 * MS);
	ck_assert(actions.done);
	assert_sent(0, FLAG_RST, 0, 0);
	begin(STATE_SYN_SENT, KIND_NULL);
	hear(FLAG_SYN, 0, 0);
	step(PEER_CANCEL, NULL, STATE_UNKNOWN);
	ck_assert(actions.done);
	ck_assert_int_eq(actions.send[actions.send_count - 1].flags, FLAG_RST | FLAG_ACK);
	ck_assert_uint_eq(actions.send[actions.send_count - 1].ack - (uint32_t)IRS, 1);
}
END_TEST

START_TEST(simultaneous_by_its_plan)
{
	begin_on(STATE_ESTABLISHED, state_plan_by(STATE_ESTABLISHED, OPENING_SIMULTANEOUS), KIND_ACK);
	ck_assert(actions.call);
	hear(FLAG_SYN, 0, 0);
	assert_sent(0, FLAG_SYN, 0, 0);
	pass(peer_expiry(&peer) - now); /* lost */
	assert_sent(0, FLAG_SYN, 0, 0);
	hear(SA, 0, 1);
	assert_sent(0, FLAG_ACK, 1, 1);
	hear(SA, 0, 1); /* and that too */
	assert_sent(0, FLAG_ACK, 1, 1);
	ck_assert_int_eq(peer.crafted.state, STATE_ESTABLISHED);
	ck_assert_int_eq(peer.subject.state, STATE_ESTABLISHED);
}
END_TEST

/* Its SYN-ACK comes again by its timer alone: silence stays silence. */
START_TEST(syn_recv_of_crossed_syns)
{
	begin_on(STATE_SYN_RECV, state_plan_by(STATE_SYN_RECV, OPENING_SIMULTANEOUS), KIND_NULL);
	hear(FLAG_SYN, 0, 0);
	hear(SA, 0, 1);
	ck_assert(actions.ready);
	release();
	hear(SA, 0, 1);
	ck_assert_ptr_null(peer_answer(&peer));
	pass(400 * MS);
	ck_assert_int_eq(peer.trouble, TROUBLE_NONE);
}
END_TEST

/* Data that stays unread goes with the ACK of the handshake, again if it must, and before our FIN. */
START_TEST(unread_data)
{
	struct state_plan way = { 0 };

	state_plan_with_data(state_plan(STATE_CLOSE_WAIT), &way);
	begin_on(STATE_CLOSE_WAIT, &way, KIND_ACK);
	peer.unread = 100;
	hear(SA, 0, 1);
	assert_sent(0, FLAG_PSH | FLAG_ACK, 1, 1);
	ck_assert_uint_eq(actions.send[0].payload_size, 100);
	pass(peer_expiry(&peer) - now);
	assert_sent(0, FLAG_PSH | FLAG_ACK, 1, 1);
	ck_assert_uint_eq(actions.send[0].payload_size, 100);
	hear(FLAG_ACK, 1, 101);
	assert_sent(0, FLAG_FIN | FLAG_ACK, 101, 1);
	hear(FLAG_ACK, 1, 102);
	pass(peer_expiry(&peer) - now);
	ck_assert(actions.ready);
	ck_assert_uint_eq(peer.baseline.rcv_nxt - (uint32_t)ISS, 102);
}
END_TEST

/* The subject's SYN-ACK, and its ACK of our data, which say how large its window is. */
static void fill(enum receive_window wanted, uint16_t before, uint16_t after)
{
	static struct state_plan way;
	struct segment heard;

	state_plan_with_data(state_plan(STATE_ESTABLISHED), &way);
	begin_on(STATE_ESTABLISHED, &way, KIND_ACK);
	peer.receive_window = wanted;
	peer.unread = wanted == RECEIVE_WINDOW_CLOSED ? 0 : 256;
	heard = from_subject(SA, 0, 1);
	heard.window = before;
	step(PEER_HEARD, &heard, STATE_UNKNOWN);
	heard = from_subject(FLAG_ACK, 1, 1U + actions.send[0].payload_size);
	heard.window = after;
	step(PEER_HEARD, &heard, STATE_UNKNOWN);
	if (peer.trouble == TROUBLE_NONE && !actions.ready)
		pass(peer_expiry(&peer) - now);
}

/* Whatever the process and its kernel were told: only the window of the last ACK shows that the condition is met. */
START_TEST(a_window_that_is_not_as_wanted)
{
	char text[200];

	fill(RECEIVE_WINDOW_CLOSED, 2304, 0);
	ck_assert(actions.ready);
	ck_assert_uint_eq(peer.unread, 2304);
	ck_assert_uint_eq(peer.baseline.rcv_nxt - (uint32_t)ISS, 2305);
	ck_assert_uint_eq(peer.baseline.rcv_wnd, 0);
	fill(RECEIVE_WINDOW_CLOSED, 2304, 1);
	ck_assert_int_eq(peer.trouble, TROUBLE_WINDOW);
	ck_assert_str_eq(peer_trouble_text(&peer, text, sizeof(text)),
			 "the subject's receive window is not closed: it offers 1 bytes");
	fill(RECEIVE_WINDOW_CLOSED, 4000, 1440); /* more than one segment has */
	ck_assert_int_eq(peer.trouble, TROUBLE_WINDOW);
	fill(RECEIVE_WINDOW_SHRUNK, 2304, 1664);
	ck_assert(actions.ready);
	ck_assert_uint_eq(peer.baseline.rcv_wnd, 1664);
	ck_assert_uint_eq(peer.baseline.rcv_taken_back, 384);
	fill(RECEIVE_WINDOW_SHRUNK, 2304, 2048);
	ck_assert_int_eq(peer.trouble, TROUBLE_WINDOW);
	ck_assert_str_eq(peer_trouble_text(&peer, text, sizeof(text)),
			 "the subject's receive window is not shrunk: it offers 2048 bytes, and took 0 back");
	fill(RECEIVE_WINDOW_SMALL, 2304, 2304);
	ck_assert(actions.ready);
	fill(RECEIVE_WINDOW_SMALL, 65535, 65535);
	ck_assert_int_eq(peer.trouble, TROUBLE_WINDOW);
}
END_TEST

/* The state first, then the delay, then the stimulus; what the subject repeats meanwhile changes nothing but its clock. */
START_TEST(a_delay)
{
	begin(STATE_SYN_RECV, KIND_ACK);
	peer.delay_ns = 1500 * MS;
	hear(SA, 0, 1);
	ck_assert_int_eq(peer.phase, PEER_DELAYED);
	ck_assert(!actions.ready);
	pass(1000 * MS);
	hear(SA, 0, 1);
	ck_assert_int_eq(actions.send_count, 0);
	pass(499 * MS);
	ck_assert(!actions.ready);
	pass(1 * MS);
	ck_assert(actions.ready);
}
END_TEST

START_TEST(a_delay_that_the_state_does_not_outlast)
{
	rules.witness = true;
	begin(STATE_SYN_RECV, KIND_ACK);
	peer.delay_ns = 1500 * MS;
	hear(SA, 0, 1);
	step(PEER_TESTIMONY, NULL, STATE_SYN_RECV);
	ck_assert_int_eq(peer.phase, PEER_DELAYED);
	pass(1500 * MS);
	ck_assert(actions.ask_witness);
	step(PEER_TESTIMONY, NULL, STATE_CLOSED);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_WRONG_STATE);
	ck_assert_int_eq(peer.trouble_number, STATE_CLOSED);
}
END_TEST

static void answer_the_first(void)
{
	reach_time_wait(KIND_ACK);
	peer.twice = true;
	peer.again_after_ns = 100 * MS;
	release();
	hear(FLAG_ACK, 2, 2);
	ck_assert_int_eq(peer.phase, PEER_BETWEEN);
	pass(100 * MS);
	ck_assert_int_eq(peer.phase, PEER_STIMULATED);
	ck_assert_uint_eq(actions.send[0].seq, peer.sent.seq);
	ck_assert_ptr_null(peer_answer(&peer));
}

/* What comes before the second has passed is the first one's. */
START_TEST(a_stimulus_sent_twice)
{
	rules.rate_limit_ns = 550 * MS;
	answer_the_first();
	hear(FLAG_ACK, 2, 2);
	ck_assert_ptr_null(peer_answer(&peer));
	saw(&peer.sent);
	hear(FLAG_ACK, 2, 2);
	ck_assert_ptr_nonnull(peer_answer(&peer));
	ck_assert(peer.first_answered);

	/* The first one's answer counts against the rate limit of the follow-up. */
	answer_the_first();
	saw(&peer.sent);
	pass(300 * MS);
	ck_assert_int_eq(peer.phase, PEER_LIMITED);
	pass(150 * MS);
	ck_assert_int_eq(peer.phase, PEER_FOLLOWED);
}
END_TEST

/* Whatever is answered then: the limit that the cell asks about may have been over. */
START_TEST(a_second_that_comes_late)
{
	rules.rate_limit_ns = 550 * MS;
	answer_the_first();
	now += 101 * MS;
	saw(&peer.sent);
	hear(FLAG_ACK, 2, 2);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_LATE);
	/* One that shall come after the limit may be as late as it likes. */
	rules.rate_limit_ns = 50 * MS;
	answer_the_first();
	now += 101 * MS;
	saw(&peer.sent);
	hear(FLAG_ACK, 2, 2);
	ck_assert_int_eq(peer.trouble, TROUBLE_NONE);
}
END_TEST

START_TEST(a_silence_and_a_second)
{
	reach_time_wait(KIND_NULL);
	peer.twice = true;
	release();
	pass(300 * MS);
	ck_assert_int_eq(peer.phase, PEER_BETWEEN);
	pass(1 * MS);
	ck_assert_int_eq(peer.phase, PEER_STIMULATED);
	ck_assert(!peer.first_answered);
	saw(&peer.sent);
	pass(300 * MS);
	ck_assert_int_eq(peer.phase, PEER_FOLLOWED);
}
END_TEST

/* Towards a target the RST to a SYN proves that nobody listens, and a SYN-ACK that somebody does. */
START_TEST(nobody_listens)
{
	char text[320];

	rules.proves_listen = true;
	begin(STATE_CLOSED, KIND_ACK);
	assert_sent(0, FLAG_SYN, 0, 0);
	hear(FLAG_RST | FLAG_ACK, -(uint32_t)IRS, 1);
	ck_assert(actions.ready);
	release();
	hear(FLAG_RST, peer.sent.ack - (uint32_t)IRS, 0);
	ck_assert_ptr_nonnull(peer_answer(&peer));
	pass(2 * MS);
	ck_assert(actions.done);
	ck_assert(!peer.followed);
	begin(STATE_CLOSED, KIND_ACK);
	hear(SA, 0, 1);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, TROUBLE_WRONG_STATE);
	ck_assert_str_eq(peer_trouble_text(&peer, text, sizeof(text)), "the subject is in listen, not in closed");
}
END_TEST

/* The witness finds a listener where there must be none; elsewhere that is the end of a connection. */
START_TEST(a_listener_is_seen)
{
	rules.witness = true;
	begin(STATE_CLOSED, KIND_ACK);
	ck_assert(actions.ask_witness);
	step(PEER_TESTIMONY, NULL, STATE_LISTEN);
	ck_assert(!actions.ready);
	ck_assert_int_eq(peer.state_before, STATE_LISTEN);
	pass(peer_expiry(&peer) - now);
	step(PEER_TESTIMONY, NULL, STATE_CLOSED);
	ck_assert(actions.ready);
	begin(STATE_LISTEN, KIND_ACK);
	step(PEER_TESTIMONY, NULL, STATE_LISTEN);
	ck_assert(actions.ready);
	begin_on(STATE_ESTABLISHED, &connects, KIND_ACK);
	hear(FLAG_SYN, 0, 0);
	hear(FLAG_ACK, 1, 1);
	step(PEER_TESTIMONY, NULL, STATE_LISTEN);
	ck_assert_int_eq(peer.state_before, STATE_CLOSED);
}
END_TEST

/* Whether a target's process closes its descriptor nobody knows; the lab's does. */
START_TEST(who_holds_the_descriptor)
{
	rules.witness = true;
	for (int any = 0; any < 2; any++) {
		rules.any_descriptor = any;
		begin(STATE_FIN_WAIT_1, KIND_ACK);
		hear(SA, 0, 1);
		hear(FA, 1, 1);
		step(PEER_TESTIMONY, NULL, STATE_FIN_WAIT_1_HALF);
		ck_assert_int_eq(actions.ready, any);
	}
	ck_assert(state_fits(STATE_LAST_ACK_HALF, STATE_LAST_ACK));
	ck_assert(!state_fits(STATE_LAST_ACK, STATE_LAST_ACK_HALF));
	ck_assert(!state_fits(STATE_FIN_WAIT_2_HALF, STATE_FIN_WAIT_2)); /* another kind of socket */
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("opening");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, a_subject_that_connects);
	tcase_add_test(tcase, its_syn_is_all);
	tcase_add_test(tcase, a_lost_syn_ack);
	tcase_add_test(tcase, it_connects_and_we_close_first);
	tcase_add_test(tcase, syns_that_cross);
	tcase_add_test(tcase, nobody_connects);
	tcase_add_test(tcase, syn_sent);
	tcase_add_test(tcase, syn_sent_crossed);
	tcase_add_test(tcase, simultaneous_by_its_plan);
	tcase_add_test(tcase, syn_recv_of_crossed_syns);
	tcase_add_test(tcase, unread_data);
	tcase_add_test(tcase, a_window_that_is_not_as_wanted);
	tcase_add_test(tcase, a_delay);
	tcase_add_test(tcase, a_delay_that_the_state_does_not_outlast);
	tcase_add_test(tcase, a_stimulus_sent_twice);
	tcase_add_test(tcase, a_second_that_comes_late);
	tcase_add_test(tcase, a_silence_and_a_second);
	tcase_add_test(tcase, nobody_listens);
	tcase_add_test(tcase, a_listener_is_seen);
	tcase_add_test(tcase, who_holds_the_descriptor);
	return run_suite("peer_opening", tcase, NULL);
}
