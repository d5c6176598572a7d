/* test_heap.c - deadlines come out earliest first, whatever was set, moved and removed before. */
#include <stdlib.h>

#include "crafter/random.h"
#include "harness/run/heap.h"

#include "tests/unit/suite.h"

enum { SLOTS = 257 };

static uint64_t expected_first(const uint64_t *deadlines)
{
	uint64_t first = UINT64_MAX;

	for (int i = 0; i < SLOTS; i++)
		if (deadlines[i] && deadlines[i] < first)
			first = deadlines[i];
	return first;
}

START_TEST(an_empty_heap_has_no_first)
{
	struct heap *heap = heap_open(4);
	uint64_t deadline_ns;
	uint32_t slot;

	ck_assert(!heap_first(heap, &slot, &deadline_ns));
	heap_remove(heap, 2);
	ck_assert(!heap_first(heap, &slot, &deadline_ns));
	heap_close(heap);
}
END_TEST

START_TEST(setting_moves_a_deadline)
{
	struct heap *heap = heap_open(4);
	uint64_t deadline_ns;
	uint32_t slot;

	heap_set(heap, 1, 100);
	heap_set(heap, 2, 50);
	heap_set(heap, 2, 200);
	ck_assert(heap_first(heap, &slot, &deadline_ns));
	ck_assert_uint_eq(slot, 1);
	heap_set(heap, 2, 10);
	ck_assert(heap_first(heap, &slot, &deadline_ns));
	ck_assert_uint_eq(slot, 2);
	ck_assert_uint_eq(deadline_ns, 10);
	heap_close(heap);
}
END_TEST

/* Held against a plain search through an array. */
START_TEST(random_operations)
{
	struct heap *heap = heap_open(SLOTS);
	uint64_t deadlines[SLOTS] = { 0 };
	uint64_t random = 7;

	for (int i = 0; i < 50000; i++) {
		uint64_t deadline_ns;
		uint32_t slot;

		random = random_mix(random);
		slot = (uint32_t)(random % SLOTS);
		deadline_ns = 1 + (random >> 32) % 1000;
		if (random >> 20 & 1) {
			heap_set(heap, slot, deadline_ns);
			deadlines[slot] = deadline_ns;
		} else {
			heap_remove(heap, slot);
			deadlines[slot] = 0;
		}
		if (!heap_first(heap, &slot, &deadline_ns))
			deadline_ns = UINT64_MAX;
		else
			ck_assert_uint_eq(deadlines[slot], deadline_ns);
		ck_assert_uint_eq(deadline_ns, expected_first(deadlines));
	}
	heap_close(heap);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("deadlines");

	tcase_add_test(tcase, an_empty_heap_has_no_first);
	tcase_add_test(tcase, setting_moves_a_deadline);
	tcase_add_test(tcase, random_operations);
	return run_suite("heap", tcase, NULL);
}
