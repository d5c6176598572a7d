/* test_peer_life.c - a process that stands still for longer than the subject's socket lives: whatever it sees then is no
 * work of the stimulus; and what a timer cannot have done. */
#include "tests/unit/scripted_peer.h"

#include "tests/unit/suite.h"

#define LIFE (60000 * MS)

/* Half-open, as the witness says, and the stimulus is to go. */
static void reach(uint64_t life_ns, uint64_t life_after_ns)
{
	rules.witness = true;
	begin(STATE_SYN_RECV, KIND_ACK);
	peer.life_ns = life_ns;
	peer.life_after_ns = life_after_ns;
	hear(SA, 0, 1);
	step(PEER_TESTIMONY, NULL, STATE_SYN_RECV);
	ck_assert(actions.ready);
}

/* No answer; `late_ns` more than it takes pass in the middle of it. */
enum { BEFORE_THE_STIMULUS, BEFORE_THE_WITNESS, BEFORE_THE_FOLLOW_UP, BEFORE_THE_END, PLACES };

static void finish(int place, uint64_t late_ns)
{
	now += place == BEFORE_THE_STIMULUS ? late_ns : 0;
	release();
	while (!actions.ask_witness)
		pass(peer_expiry(&peer) - now);
	now += place == BEFORE_THE_WITNESS ? late_ns : 0;
	step(PEER_TESTIMONY, NULL, STATE_SYN_RECV);
	ck_assert_int_eq(peer.phase, PEER_FOLLOWED);
	now += place == BEFORE_THE_FOLLOW_UP ? late_ns : 0;
	saw(&peer.follow_up);
	now += place == BEFORE_THE_END ? late_ns : 0;
	while (!actions.done)
		pass(peer_expiry(&peer) - now);
}

START_TEST(late_by_a_life)
{
	reach(LIFE, LIFE);
	finish(_i, LIFE);
	ck_assert_int_eq(peer.trouble, _i == BEFORE_THE_END ? TROUBLE_NONE : TROUBLE_OUTLIVED);
}
END_TEST

START_TEST(late_by_less)
{
	reach(LIFE, LIFE);
	finish(_i, LIFE - 1500 * MS);
	ck_assert_int_eq(peer.trouble, TROUBLE_NONE);
}
END_TEST

START_TEST(what_lives_for_ever)
{
	reach(0, 0);
	finish(_i, 100 * LIFE);
	ck_assert_int_eq(peer.trouble, TROUBLE_NONE);
}
END_TEST

/* What the stimulus made of it lives from then on, whatever came before. */
START_TEST(a_new_socket)
{
	reach(0, LIFE);
	finish(_i, LIFE);
	ck_assert_int_eq(peer.trouble, _i == BEFORE_THE_WITNESS || _i == BEFORE_THE_FOLLOW_UP ? TROUBLE_OUTLIVED :
			 TROUBLE_NONE);
}
END_TEST

/* An answer that needs no follow-up: the witness looks last. */
START_TEST(a_late_witness)
{
	reach(LIFE, 0);
	release();
	hear(FLAG_ACK, 1, 1);
	pass(peer_expiry(&peer) - now);
	ck_assert(actions.ask_witness);
	now += _i ? LIFE : 0;
	step(PEER_TESTIMONY, NULL, STATE_CLOSED);
	ck_assert(actions.done);
	ck_assert_int_eq(peer.trouble, _i ? TROUBLE_OUTLIVED : TROUBLE_NONE);
}
END_TEST

/* What the first of two stimuli made of it, too. */
START_TEST(two_stimuli)
{
	reach(0, LIFE);
	rules.rate_limit_ns = 0;
	peer.twice = true;
	release();
	hear(FLAG_RST, 1, 0);
	ck_assert_int_eq(peer.phase, PEER_BETWEEN);
	pass(LIFE);
	saw(&peer.sent);
	hear(FLAG_RST, 1, 0);
	pass(peer_expiry(&peer) - now);
	step(PEER_TESTIMONY, NULL, STATE_CLOSED);
	while (!actions.done)
		pass(peer_expiry(&peer) - now);
	ck_assert_int_eq(peer.trouble, TROUBLE_OUTLIVED);
}
END_TEST

/* Of a stack that comes from BSD: what acknowledges carries its FIN again, sooner than any timer (libslirp's tcp_output()). A
 * kernel that is asked itself is Linux, and there nothing but the timer does. */
START_TEST(an_acknowledgment_with_the_fin_again)
{
	for (int witness = 0; witness <= 1; witness++) {
		for (int late = 0; late <= 1; late++) {
			begin(STATE_FIN_WAIT_1, KIND_NULL);
			hear(SA, 0, 1);
			hear(FA, 1, 1);
			rules.witness = witness;
			release();
			now += late ? 210 * MS : 0;
			hear(FA, 1, 1);
			ck_assert_int_eq(peer_answer(&peer) != NULL, !witness && !late);
			rules.witness = false;
		}
	}
}
END_TEST

/* Where the way to it is long, what acknowledges comes when the timer may, too; so it is asked right after the timer's copy,
 * which doubles its wait. Who is known to send bare ACKs is not waited for. */
START_TEST(an_acknowledgment_with_the_fin_from_afar)
{
	for (int bare = 0; bare <= 1; bare++) {
		for (int late = 0; late <= 1; late++) {
			rules.settle_ns = 50 * MS;
			begin(STATE_FIN_WAIT_1, KIND_NULL);
			peer.bare_acks = bare;
			now += 100 * MS;
			hear(SA, 0, 1);
			now += 100 * MS;
			hear(FA, 1, 1);
			if (bare) {
				pass(251 * MS);
			} else {
				pass(299 * MS);
				ck_assert(!actions.ready);
				now += MS;
				hear(FA, 1, 1);
			}
			release();
			now += late ? 290 * MS : 100 * MS;
			hear(FA, 1, 1);
			ck_assert_int_eq(peer_answer(&peer) != NULL, !bare && !late);
		}
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("life");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, late_by_a_life, 0, PLACES);
	tcase_add_loop_test(tcase, late_by_less, 0, PLACES);
	tcase_add_loop_test(tcase, what_lives_for_ever, 0, PLACES);
	tcase_add_loop_test(tcase, a_new_socket, 0, PLACES);
	tcase_add_loop_test(tcase, a_late_witness, 0, 2);
	tcase_add_test(tcase, two_stimuli);
	tcase_add_test(tcase, an_acknowledgment_with_the_fin_again);
	tcase_add_test(tcase, an_acknowledgment_with_the_fin_from_afar);
	return run_suite("peer_life", tcase, NULL);
}
