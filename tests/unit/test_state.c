/* test_state.c - names and plans of the states. */
#include <string.h>

#include "crafter/state.h"

#include "tests/unit/suite.h"

/* What the crafted end (c) and the subject (s) do, by RFC 9293 figure 5: handshake, the FIN of who closes, its
 * acknowledgment. */
static const struct {
	enum state state;
	const char *name, *steps;
	enum behaviour behaviour;
} plans[] = {
	{ STATE_LISTEN, "listen", "", BEHAVIOUR_HOLD },
	{ STATE_SYN_RECV, "syn-recv", "c:SYN s:SYN-ACK ", BEHAVIOUR_HOLD },
	{ STATE_ESTABLISHED, "established", "c:SYN s:SYN-ACK c:ACK ", BEHAVIOUR_HOLD },
	{ STATE_FIN_WAIT_1, "fin-wait-1", "c:SYN s:SYN-ACK c:ACK s:FIN ", BEHAVIOUR_CLOSE },
	{ STATE_FIN_WAIT_2, "fin-wait-2", "c:SYN s:SYN-ACK c:ACK s:FIN c:ACK-FIN ", BEHAVIOUR_CLOSE },
	{ STATE_FIN_WAIT_2_HALF, "fin-wait-2-half", "c:SYN s:SYN-ACK c:ACK s:FIN c:ACK-FIN ", BEHAVIOUR_HALF },
	{ STATE_CLOSING, "closing", "c:SYN s:SYN-ACK c:ACK s:FIN c:FIN s:ACK-FIN ", BEHAVIOUR_CLOSE },
	{ STATE_TIME_WAIT, "time-wait", "c:SYN s:SYN-ACK c:ACK s:FIN c:ACK-FIN c:FIN s:ACK-FIN ", BEHAVIOUR_CLOSE },
	{ STATE_CLOSE_WAIT, "close-wait", "c:SYN s:SYN-ACK c:ACK c:FIN s:ACK-FIN ", BEHAVIOUR_HOLD },
	{ STATE_LAST_ACK, "last-ack", "c:SYN s:SYN-ACK c:ACK c:FIN s:ACK-FIN s:FIN ", BEHAVIOUR_EOF },
};

START_TEST(every_state_has_its_plan)
{
	static const char *const acts[] = { "", "SYN", "SYN-ACK", "ACK", "FIN", "ACK-FIN" };
	const struct state_plan *plan = state_plan(plans[_i].state);
	struct state_step last = { WHO_CRAFTED, DOES_NOTHING };
	char steps[160] = "";

	ck_assert_ptr_nonnull(plan);
	for (const struct state_step *step = plan->steps; step->what != DOES_NOTHING; step++) {
		strcat(steps, step->who == WHO_CRAFTED ? "c:" : "s:");
		strcat(steps, acts[step->what]);
		strcat(steps, " ");
		ck_assert(state_plan_has(plan, step->who, step->what));
		last = *step;
	}
	ck_assert_str_eq(steps, plans[_i].steps);
	ck_assert_int_eq(state_plan_last(plan).who, last.who);
	ck_assert_int_eq(state_plan_last(plan).what, last.what);
	ck_assert(!state_plan_has(plan, WHO_CRAFTED, DOES_SYN_ACK));
	ck_assert_ptr_nonnull(plan->meaning);
	ck_assert_int_eq(plan->behaviour, plans[_i].behaviour);
	ck_assert_str_eq(plan->name, plans[_i].name);
	ck_assert_str_eq(state_name(plans[_i].state), plans[_i].name);
	ck_assert_int_eq(state_parse(plans[_i].name), plans[_i].state);
}
END_TEST

START_TEST(names_that_are_none)
{
	static const char *const names[] = { "", "closed", "time", "time-wait-", "TIME-WAIT", "time_wait", "unknown" };

	for (size_t i = 0; i < ROWS(names); i++)
		ck_assert_int_eq(state_parse(names[i]), STATE_UNKNOWN);
	ck_assert_str_eq(state_name(STATE_CLOSED), "closed");
	ck_assert_ptr_null(state_name(STATE_UNKNOWN));
	ck_assert_ptr_null(state_name(STATE_COUNT));
	ck_assert_ptr_null(state_plan(STATE_COUNT));
	ck_assert_ptr_null(state_plan(STATE_UNKNOWN));
}
END_TEST

START_TEST(behaviours)
{
	for (int i = 0; i < BEHAVIOUR_COUNT; i++)
		ck_assert_int_eq(behaviour_parse(behaviour_name((enum behaviour)i)), i);
	ck_assert_int_eq(behaviour_parse("drop"), BEHAVIOUR_COUNT);
	ck_assert_ptr_null(behaviour_name(BEHAVIOUR_COUNT));
}
END_TEST

START_TEST(the_list_names_them_all)
{
	char list[160], small[16];

	ck_assert_str_eq(state_list(list, sizeof(list)), "listen, syn-recv, established, fin-wait-1, fin-wait-2, "
			 "fin-wait-2-half, closing, time-wait, close-wait, last-ack");
	ck_assert_str_eq(state_list(small, sizeof(small)), "listen, syn-rec");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("names and plans");

	tcase_add_loop_test(tcase, every_state_has_its_plan, 0, ROWS(plans));
	tcase_add_test(tcase, names_that_are_none);
	tcase_add_test(tcase, behaviours);
	tcase_add_test(tcase, the_list_names_them_all);
	return run_suite("state", tcase, NULL);
}
