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
	return run_suite("peer_opening", tcase, NULL);
}
