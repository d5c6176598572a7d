/* test_state.c - names and plans of the states. */
#include <string.h>

#include "crafter/state.h"

#include "tests/unit/suite.h"

/* RFC 9293 figures 6 and 7; in 7 the crafted end answers the SYN-ACK with an ACK. */
#define AFTER_HANDSHAKE(state, name, steps, behaviour) \
	{ state, OPENING_PASSIVE, name, "c:SYN s:SYN-ACK c:ACK " steps, behaviour }, \
	{ state, OPENING_ACTIVE, name, "s:SYN c:SYN-ACK s:ACK " steps, behaviour }, \
	{ state, OPENING_SIMULTANEOUS, name, "s:SYN c:SYN s:SYN-ACK c:ACK " steps, behaviour }

/* What the crafted end (c) and the subject (s) do, by RFC 9293 figure 5: handshake, the FIN of who closes, its
 * acknowledgment. */
static const struct {
	enum state state;
	enum opening opening;
	const char *name, *steps;
	enum behaviour behaviour;
} plans[] = {
	{ STATE_CLOSED, OPENING_PASSIVE, "closed", "", BEHAVIOUR_HOLD },
	{ STATE_LISTEN, OPENING_PASSIVE, "listen", "", BEHAVIOUR_HOLD },
	{ STATE_SYN_SENT, OPENING_PASSIVE, "syn-sent", "s:SYN ", BEHAVIOUR_HOLD },
	{ STATE_SYN_SENT, OPENING_ACTIVE, "syn-sent", "s:SYN ", BEHAVIOUR_HOLD },
	{ STATE_SYN_RECV, OPENING_PASSIVE, "syn-recv", "c:SYN s:SYN-ACK ", BEHAVIOUR_HOLD },
	{ STATE_SYN_RECV, OPENING_SIMULTANEOUS, "syn-recv", "s:SYN c:SYN s:SYN-ACK ", BEHAVIOUR_HOLD },
	AFTER_HANDSHAKE(STATE_ESTABLISHED, "established", "", BEHAVIOUR_HOLD),
	AFTER_HANDSHAKE(STATE_FIN_WAIT_1, "fin-wait-1", "s:FIN ", BEHAVIOUR_CLOSE),
	AFTER_HANDSHAKE(STATE_FIN_WAIT_1_HALF, "fin-wait-1-half", "s:FIN ", BEHAVIOUR_HALF),
	AFTER_HANDSHAKE(STATE_FIN_WAIT_2, "fin-wait-2", "s:FIN c:ACK-FIN ", BEHAVIOUR_CLOSE),
	AFTER_HANDSHAKE(STATE_FIN_WAIT_2_HALF, "fin-wait-2-half", "s:FIN c:ACK-FIN ", BEHAVIOUR_HALF),
	AFTER_HANDSHAKE(STATE_CLOSING, "closing", "s:FIN c:FIN s:ACK-FIN ", BEHAVIOUR_CLOSE),
	AFTER_HANDSHAKE(STATE_CLOSING_HALF, "closing-half", "s:FIN c:FIN s:ACK-FIN ", BEHAVIOUR_HALF),
	AFTER_HANDSHAKE(STATE_TIME_WAIT, "time-wait", "s:FIN c:ACK-FIN c:FIN s:ACK-FIN ", BEHAVIOUR_CLOSE),
	AFTER_HANDSHAKE(STATE_CLOSE_WAIT, "close-wait", "c:FIN s:ACK-FIN ", BEHAVIOUR_HOLD),
	AFTER_HANDSHAKE(STATE_LAST_ACK, "last-ack", "c:FIN s:ACK-FIN s:FIN ", BEHAVIOUR_EOF),
	AFTER_HANDSHAKE(STATE_LAST_ACK_HALF, "last-ack-half", "c:FIN s:ACK-FIN s:FIN ", BEHAVIOUR_EOF_HALF),
};

START_TEST(every_state_has_its_plan)
{
	static const char *const acts[] = { "", "SYN", "SYN-ACK", "ACK", "FIN", "ACK-FIN" };
	const struct state_plan *plan = state_plan_by(plans[_i].state, plans[_i].opening);
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
	ck_assert(state_plan_connects(plan) == (strncmp(steps, "s:SYN ", 6) == 0));
	ck_assert(state_plan_has(plan, WHO_CRAFTED, DOES_SYN_ACK) == (strstr(steps, "c:SYN-ACK") != NULL));
	ck_assert_ptr_nonnull(plan->meaning);
	ck_assert_int_eq(plan->behaviour, plans[_i].behaviour);
	ck_assert_str_eq(plan->name, plans[_i].name);
	ck_assert_str_eq(state_name(plans[_i].state), plans[_i].name);
	ck_assert_int_eq(state_parse(plans[_i].name), plans[_i].state);
}
END_TEST

/* Right behind the handshake, and before the FIN of ours. */
static const struct {
	enum state state;
	enum opening opening;
	size_t place;
} with_data[] = {
	{ STATE_ESTABLISHED, OPENING_PASSIVE, 3 },
	{ STATE_CLOSE_WAIT, OPENING_ACTIVE, 3 },
	{ STATE_CLOSING_HALF, OPENING_SIMULTANEOUS, 4 },
};

START_TEST(data_on_the_way)
{
	const struct state_plan *plan = state_plan_by(with_data[_i].state, with_data[_i].opening);
	size_t place = with_data[_i].place, end = place;
	struct state_plan way;

	state_plan_with_data(plan, &way);
	for (size_t i = 0; i < place; i++)
		ck_assert(way.steps[i].who == plan->steps[i].who && way.steps[i].what == plan->steps[i].what);
	ck_assert(way.steps[place].who == WHO_CRAFTED && way.steps[place].what == DOES_DATA);
	ck_assert(way.steps[place + 1].who == WHO_SUBJECT && way.steps[place + 1].what == DOES_ACK_DATA);
	do
		ck_assert(way.steps[end + 2].who == plan->steps[end].who && way.steps[end + 2].what == plan->steps[end].what);
	while (plan->steps[end++].what != DOES_NOTHING);
	ck_assert_int_eq(way.behaviour, plan->behaviour);
}
END_TEST

START_TEST(names_that_are_none)
{
	static const char *const names[] = { "", "close", "time", "time-wait-", "TIME-WAIT", "time_wait", "unknown" };

	for (size_t i = 0; i < ROWS(names); i++)
		ck_assert_int_eq(state_parse(names[i]), STATE_UNKNOWN);
	ck_assert_ptr_null(state_name(STATE_UNKNOWN));
	ck_assert_ptr_null(state_name(STATE_COUNT));
	ck_assert_ptr_null(state_plan(STATE_COUNT));
	ck_assert_ptr_null(state_plan_by(STATE_ESTABLISHED, OPENING_COUNT));
	ck_assert_ptr_null(state_plan_by(STATE_CLOSED, OPENING_ACTIVE));
	ck_assert_ptr_null(state_plan_by(STATE_LISTEN, OPENING_SIMULTANEOUS));
	ck_assert_ptr_null(state_plan_by(STATE_SYN_SENT, OPENING_SIMULTANEOUS));
	ck_assert_ptr_null(state_plan_by(STATE_SYN_RECV, OPENING_ACTIVE));
	ck_assert_ptr_null(state_plan(STATE_UNKNOWN));
}
END_TEST

START_TEST(half_states)
{
	for (enum state state = 0; state < STATE_COUNT; state++) {
		const char *name = state_name(state), *whole = state_name(state_whole(state)), *half = strstr(name, "-half");

		ck_assert(strncmp(name, whole, strlen(whole)) == 0);
		ck_assert_uint_eq(strlen(whole), half ? (size_t)(half - name) : strlen(name));
	}
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
	char list[256], small[16];

	ck_assert_str_eq(state_list(list, sizeof(list)), "closed, listen, syn-sent, syn-recv, established, fin-wait-1, "
			 "fin-wait-1-half, fin-wait-2, fin-wait-2-half, closing, closing-half, time-wait, close-wait, "
			 "last-ack, last-ack-half");
	ck_assert_str_eq(state_list(small, sizeof(small)), "closed, listen,");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("names and plans");

	tcase_add_loop_test(tcase, every_state_has_its_plan, 0, ROWS(plans));
	tcase_add_loop_test(tcase, data_on_the_way, 0, sizeof(with_data) / sizeof(with_data[0]));
	tcase_add_test(tcase, names_that_are_none);
	tcase_add_test(tcase, half_states);
	tcase_add_test(tcase, behaviours);
	tcase_add_test(tcase, the_list_names_them_all);
	return run_suite("state", tcase, NULL);
}
