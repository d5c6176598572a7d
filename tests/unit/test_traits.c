/* test_traits.c - what a run learns of a stranger: when it is enough, and what becomes of the cells. */
#include "harness/run/traits.h"

#include <string.h>

#include "tests/unit/suite.h"

static struct cell cell_of(const char *name)
{
	struct cell cell;
	struct error error = { "" };

	ck_assert_msg(cell_parse(name, &cell, &error) == 0, "%s", error.text);
	return cell;
}

static void refuse(struct traits *traits, int times)
{
	for (int i = 0; i < times; i++)
		traits_syn_ack(traits, false);
}

START_TEST(timestamps_are_refused_by_all_or_not_at_all)
{
	struct traits traits = { .learns = true };

	refuse(&traits, 2);
	ck_assert(!traits_refuse_timestamps(&traits));
	refuse(&traits, 1);
	ck_assert(traits_refuse_timestamps(&traits));
	traits_syn_ack(&traits, true);
	ck_assert(!traits_refuse_timestamps(&traits));
	refuse(&traits, 1000); /* one shows that it can */
	ck_assert(!traits_refuse_timestamps(&traits));
}
END_TEST

START_TEST(a_lab_is_no_stranger)
{
	struct traits traits = { .learns = false };
	struct cell cell = cell_of("time-wait/syn/seq-above/ts-above");

	refuse(&traits, 100);
	for (int i = 0; i < 100; i++)
		traits_tried(&traits, &cell, false, "never");
	ck_assert_int_eq(traits_adapt(&traits, &cell, 0), TRAITS_AS_IT_IS);
	ck_assert_ptr_null(traits_bar(&traits, &cell));
}
END_TEST

START_TEST(cells_are_asked_once_without_timestamps)
{
	struct traits traits = { .learns = true };
	struct cell above = cell_of("time-wait/syn/seq-above/ts-above/conn-tsval=77");
	struct cell below = cell_of("time-wait/syn/seq-above/ts-below"), other = cell_of("time-wait/syn/seq-below/ts-below");
	struct cell listens = cell_of("listen/syn/seq-above/ts-above");
	struct cell again = below;
	char name[CELL_NAME_SIZE];

	ck_assert_int_eq(traits_adapt(&traits, &above, 0), TRAITS_AS_IT_IS); /* nothing is known yet */
	refuse(&traits, 3);
	ck_assert_int_eq(traits_adapt(&traits, &above, 0), TRAITS_ADAPTED);
	ck_assert_str_eq(cell_name(&above, name, sizeof(name)), "time-wait/syn/seq-above/ts-absent/conn-ts-off");
	ck_assert_int_eq(traits_adapt(&traits, &below, 0), TRAITS_SAME);
	ck_assert_str_eq(cell_name(&below, name, sizeof(name)), "time-wait/syn/seq-above/ts-below"); /* as it was */
	ck_assert_int_eq(traits_adapt(&traits, &other, 0), TRAITS_ADAPTED);
	ck_assert_int_eq(traits_adapt(&traits, &listens, 0), TRAITS_AS_IT_IS); /* it has no connection */
	ck_assert_int_eq(traits_adapt(&traits, &again, 1), TRAITS_ADAPTED);   /* --repeat */
	ck_assert_uint_eq(traits.adapted, 3);
	ck_assert_uint_eq(traits.same, 1);
	traits_free(&traits);
}
END_TEST

START_TEST(a_cell_of_the_matrix_without_timestamps_counts_as_asked)
{
	struct traits traits = { .learns = true };
	struct cell off = cell_of("established/syn/seq-equal/ts-absent/conn-ts-off");
	struct cell on = cell_of("established/syn/seq-equal/ts-above");

	refuse(&traits, 3);
	ck_assert_int_eq(traits_adapt(&traits, &off, 0), TRAITS_AS_IT_IS);
	ck_assert_int_eq(traits_adapt(&traits, &on, 0), TRAITS_SAME);
	traits_free(&traits);
}
END_TEST

START_TEST(thousands_of_cells_are_remembered)
{
	struct traits traits = { .learns = true };
	struct cell cell = cell_of("established/syn/seq-equal/ts-above");

	refuse(&traits, 3);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 5000; i++) {
			struct cell asked = cell;

			asked.stimulus.seq = (struct offset){ .form = OFFSET_NUMBER, .value = i };
			ck_assert_int_eq(traits_adapt(&traits, &asked, 0), round ? TRAITS_SAME : TRAITS_ADAPTED);
		}
	traits_free(&traits);
}
END_TEST

START_TEST(a_state_that_nobody_reaches_is_given_up)
{
	struct traits traits = { .learns = true };
	struct cell wait = cell_of("time-wait/syn/seq-above/ts-above"), held = cell_of("established/syn/seq-above/ts-above");
	struct cell active = wait;

	active.opening = OPENING_ACTIVE;
	for (int i = 0; i < 11; i++)
		traits_tried(&traits, &wait, false, "the subject reset the connection");
	ck_assert_ptr_null(traits_bar(&traits, &wait));
	ck_assert(traits_may_reach(&traits, &wait));
	traits_tried(&traits, &wait, false, "the subject reset the connection");
	ck_assert_str_eq(traits_bar(&traits, &wait), "the subject reset the connection");
	ck_assert_ptr_null(traits_bar(&traits, &held));
	ck_assert_ptr_null(traits_bar(&traits, &active)); /* another way */
	traits_tried(&traits, &wait, true, "");
	ck_assert_ptr_null(traits_bar(&traits, &wait)); /* reached once, it is a state of its */
	ck_assert(!traits_may_reach(&traits, &wait));
}
END_TEST

/* Its listener answers nothing but SYNs: that is no bar, and "listen" is asked without the proof. */
START_TEST(a_mute_listener_is_trusted)
{
	struct traits traits = { .learns = true };
	struct cell listen = cell_of("listen/ack/seq-1/ts-absent");

	for (int i = 0; i < 11; i++)
		traits_tried(&traits, &listen, false, "nothing came");
	ck_assert(!traits_trust_listener(&traits));
	traits_tried(&traits, &listen, false, "nothing came");
	ck_assert(traits_trust_listener(&traits));
	ck_assert_ptr_null(traits_bar(&traits, &listen));
}
END_TEST

/* Who asks few cells is not to trust it, but knows that what it did not answer was not lost. */
START_TEST(a_listener_that_may_be_mute)
{
	struct traits traits = { .learns = false };
	struct cell listen = cell_of("listen/ack/seq-1/ts-absent");

	for (int i = 0; i < 20; i++)
		traits_tried(&traits, &listen, false, "nothing came");
	ck_assert(!traits_trust_listener(&traits));
	ck_assert(traits_may_be_mute(&traits));
	traits_tried(&traits, &listen, true, "");
	ck_assert(!traits_may_be_mute(&traits));
}
END_TEST

START_TEST(what_other_conditions_do_is_not_the_states)
{
	struct traits traits = { .learns = true };
	struct cell unread = cell_of("established/syn/seq-above/ts-above/unread=100");

	for (int i = 0; i < 100; i++)
		traits_tried(&traits, &unread, false, "never");
	ck_assert_ptr_null(traits_bar(&traits, &unread));
}
END_TEST

START_TEST(pace_is_tried_for_each_kind)
{
	struct traits traits = { .learns = true };

	for (int i = 0; i < 4; i++) {
		ck_assert(!traits_never_hurried(&traits, KIND_RST));
		traits_at_ease(&traits, KIND_RST, true);
	}
	ck_assert(traits_never_hurried(&traits, KIND_RST));
	ck_assert(!traits_never_hurried(&traits, KIND_SYN));
	ck_assert(!traits_never_hurried(&traits, KIND_ICMP + 3));
	traits_at_ease(&traits, KIND_RST, false); /* answered when there was time */
	ck_assert(!traits_never_hurried(&traits, KIND_RST));
}
END_TEST

int main(void)
{
	TCase *traits = tcase_create("traits");

	tcase_add_test(traits, timestamps_are_refused_by_all_or_not_at_all);
	tcase_add_test(traits, a_lab_is_no_stranger);
	tcase_add_test(traits, cells_are_asked_once_without_timestamps);
	tcase_add_test(traits, a_cell_of_the_matrix_without_timestamps_counts_as_asked);
	tcase_add_test(traits, thousands_of_cells_are_remembered);
	tcase_add_test(traits, a_state_that_nobody_reaches_is_given_up);
	tcase_add_test(traits, a_mute_listener_is_trusted);
	tcase_add_test(traits, a_listener_that_may_be_mute);
	tcase_add_test(traits, what_other_conditions_do_is_not_the_states);
	tcase_add_test(traits, pace_is_tried_for_each_kind);
	return run_suite("traits", traits, NULL);
}
