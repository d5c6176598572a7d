/* test_waiting.c - what is in doubt when something was missed, and that telling it stays quick. */
#include "harness/diagnose/waiting.h"

#include "tests/unit/suite.h"

enum { FIRST_NS = 1000, MANY = 50000 };

static size_t told, blind;

static bool settle(void *settler, struct encounter *encounter, uint32_t slot)
{
	(void)settler, (void)slot;
	told++;
	blind += encounter->blind;
	return false;
}

static struct waiting *add(struct waiting_queue *queue, uint64_t number)
{
	static const struct losses losses;
	struct encounter encounter = { .frame = number, .time_ns = FIRST_NS + number };
	struct waiting *list = NULL, *waiting = waiting_add(queue, &encounter, WAITING_NOBODY, &list, &losses);

	ck_assert_ptr_nonnull(waiting);
	return waiting;
}

static void finish(struct waiting_queue *queue)
{
	static const struct losses losses;

	told = blind = 0;
	queue->settle = settle;
	waiting_finish(queue, FIRST_NS + MANY, &losses);
}

static void answer(struct waiting *waiting, uint64_t time_ns)
{
	waiting->encounter.answered = waiting->encounter.over = true;
	waiting->encounter.answer_ns = time_ns;
}

START_TEST(what_was_answered_before_is_not_in_doubt)
{
	struct waiting_queue queue = { 0 };

	answer(add(&queue, 1), FIRST_NS + 10);
	add(&queue, 2);
	waiting_miss(&queue, FIRST_NS + 20, 2);
	add(&queue, 3);
	finish(&queue);
	ck_assert_uint_eq(told, 3);
	ck_assert_uint_eq(blind, 1);
}
END_TEST

/* A clock that jumps at every frame. Looking at each one that waits, each time, takes longer than a test may. */
START_TEST(something_is_missed_all_the_time)
{
	struct waiting_queue queue = { 0 };

	for (uint64_t i = 1; i <= MANY; i++)
		answer(add(&queue, i), FIRST_NS + i);
	for (uint64_t i = 1; i <= MANY; i++)
		waiting_miss(&queue, FIRST_NS + 2 * MANY, MANY + i);
	add(&queue, MANY + 1);
	finish(&queue);
	ck_assert_uint_eq(told, MANY + 1);
	ck_assert_uint_eq(blind, MANY);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("waiting");

	tcase_add_test(tests, what_was_answered_before_is_not_in_doubt);
	tcase_add_test(tests, something_is_missed_all_the_time);
	return run_suite("waiting", tests, NULL);
}
