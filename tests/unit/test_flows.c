/* test_flows.c - the table of four-tuples, held against a plain array. */
#include <stdlib.h>
#include <string.h>

#include "listener/flows.h"

#include "tests/unit/suite.h"

enum { TUPLES = 3000, CAPACITY = 1000 };

/* The n-th of many tuples that are close together: both families, few addresses, sequential ports. */
static struct tuple tuple_number(unsigned n)
{
	uint8_t family = n % 2 ? 4 : 6;
	struct tuple tuple = {
		.source = { { .family = family, .bytes = { 192, 0, 2, (uint8_t)(100 + n / 2 % 3) } },
			    (uint16_t)(20000 + n / 6) },
		.target = { { .family = family, .bytes = { 192, 0, 2, 2 } }, 8888 },
	};

	/* Half of them have the greater end first. */
	return n / 2 % 2 ? tuple_reversed(&tuple) : tuple;
}

START_TEST(an_empty_table)
{
	struct flows *flows = flows_open(0);
	struct tuple tuple = tuple_number(1);
	bool reversed = true;

	ck_assert_uint_eq(flows_find(flows, &tuple, &reversed), FLOWS_NONE);
	ck_assert(!reversed);
	ck_assert(!flows_add(flows, &tuple, 1));
	flows_remove(flows, &tuple);
	ck_assert_uint_eq(flows_count(flows), 0);
	flows_close(flows);
	flows_close(NULL);
}
END_TEST

START_TEST(both_directions)
{
	struct flows *flows = flows_open(8);

	for (unsigned n = 0; n < 8; n++) {
		struct tuple tuple = tuple_number(n), back = tuple_reversed(&tuple);
		bool reversed = true;

		ck_assert(flows_add(flows, &tuple, n));
		ck_assert_uint_eq(flows_find(flows, &tuple, &reversed), n);
		ck_assert(!reversed);
		ck_assert_uint_eq(flows_find(flows, &back, &reversed), n);
		ck_assert(reversed);
		ck_assert_uint_eq(flows_find(flows, &back, NULL), n);
		ck_assert(!flows_add(flows, &tuple, 99));
		ck_assert(!flows_add(flows, &back, 99));
	}
	ck_assert_uint_eq(flows_count(flows), 8);
	flows_close(flows);
}
END_TEST

START_TEST(a_full_table_refuses)
{
	struct flows *flows = flows_open(3);
	struct tuple first = tuple_number(0), fourth = tuple_number(3);

	for (unsigned n = 0; n < 3; n++) {
		struct tuple tuple = tuple_number(n);

		ck_assert(flows_add(flows, &tuple, n));
	}
	ck_assert(!flows_add(flows, &fourth, 3));
	flows_remove(flows, &first);
	ck_assert(flows_add(flows, &fourth, 3));
	ck_assert_uint_eq(flows_find(flows, &first, NULL), FLOWS_NONE);
	ck_assert_uint_eq(flows_find(flows, &fourth, NULL), 3);
	flows_close(flows);
}
END_TEST

START_TEST(no_owner_is_called_none)
{
	struct flows *flows = flows_open(1);
	struct tuple tuple = tuple_number(0);

	ck_assert(!flows_add(flows, &tuple, FLOWS_NONE));
	ck_assert_uint_eq(flows_count(flows), 0);
	flows_close(flows);
}
END_TEST

START_TEST(a_link_local_address_is_found_without_its_scope)
{
	struct flows *flows = flows_open(1);
	struct tuple tuple = {
		.source = { { .family = 6, .bytes = { 0xfe, 0x80, [15] = 1 }, .scope = 3 }, 20000 },
		.target = { { .family = 6, .bytes = { 0xfe, 0x80, [15] = 2 }, .scope = 3 }, 8888 },
	};
	struct tuple wire = tuple_reversed(&tuple);
	bool reversed;

	wire.source.address.scope = wire.target.address.scope = 0;
	ck_assert(flows_add(flows, &tuple, 5));
	ck_assert_uint_eq(flows_find(flows, &wire, &reversed), 5);
	ck_assert(reversed);
	flows_close(flows);
}
END_TEST

/* Deleting moves others back: a hundred thousand random steps near the full table, each held against the array, and now and
 * then all of it. */
START_TEST(random_operations)
{
	static uint32_t owners[TUPLES];
	struct flows *flows = flows_open(CAPACITY);
	uint64_t random = 1;
	size_t count = 0;

	memset(owners, 0xff, sizeof(owners));
	for (uint32_t step = 0; step < 100000; step++) {
		unsigned n;
		struct tuple tuple;

		random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
		n = (unsigned)(random >> 33) % TUPLES;
		tuple = tuple_number(n);
		if (random >> 20 & 1)
			tuple = tuple_reversed(&tuple);
		if (random >> 21 & 1) {
			bool room = owners[n] == FLOWS_NONE && count < CAPACITY;

			ck_assert(flows_add(flows, &tuple, step) == room);
			owners[n] = room ? step : owners[n];
			count += room;
		} else {
			count -= owners[n] != FLOWS_NONE;
			owners[n] = FLOWS_NONE;
			flows_remove(flows, &tuple);
		}
		ck_assert_uint_eq(flows_count(flows), count);
		for (n = 0; step % 5000 == 0 && n < TUPLES; n++) {
			tuple = tuple_number(n);
			ck_assert_uint_eq(flows_find(flows, &tuple, NULL), owners[n]);
		}
	}
	ck_assert_uint_gt(count, CAPACITY / 2);
	flows_close(flows);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, an_empty_table);
	tcase_add_test(tcase, both_directions);
	tcase_add_test(tcase, a_full_table_refuses);
	tcase_add_test(tcase, no_owner_is_called_none);
	tcase_add_test(tcase, a_link_local_address_is_found_without_its_scope);
	tcase_add_test(tcase, random_operations);
	return run_suite("flows", tcase, NULL);
}
