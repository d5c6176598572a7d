/* test_flows.c - the table of four-tuples, held against a plain array. */
#include <stdlib.h>
#include <string.h>

#include "listener/flows.h"

#include "tests/unit/suite.h"

enum { TUPLES = 3000, CAPACITY = 1000 };

static struct pair turned(const struct pair *pair)
{
	return (struct pair){ .crafted = pair->subject, .subject = pair->crafted };
}

/* The n-th of many pairs that are close together: both families, few addresses, sequential ports. */
static struct pair pair_number(unsigned n)
{
	uint8_t family = n % 2 ? 4 : 6;
	struct pair pair = {
		.crafted = { { .family = family, .bytes = { 192, 0, 2, (uint8_t)(100 + n / 2 % 3) } },
			    (uint16_t)(20000 + n / 6) },
		.subject = { { .family = family, .bytes = { 192, 0, 2, 2 } }, 8888 },
	};

	/* Half of them have the greater end first. */
	return n / 2 % 2 ? turned(&pair) : pair;
}

START_TEST(an_empty_table)
{
	struct flows *flows = flows_open(0);
	struct pair pair = pair_number(1);
	struct tuple tuple = pair_to_subject(&pair);
	bool from_subject = true;

	ck_assert_uint_eq(flows_find(flows, &tuple, &from_subject), FLOWS_NONE);
	ck_assert(!from_subject);
	ck_assert(!flows_add(flows, &pair, 1));
	flows_remove(flows, &pair);
	ck_assert_uint_eq(flows_count(flows), 0);
	flows_close(flows);
	flows_close(NULL);
}
END_TEST

START_TEST(both_directions)
{
	struct flows *flows = flows_open(8);

	for (unsigned n = 0; n < 8; n++) {
		struct pair pair = pair_number(n), other = turned(&pair);
		struct tuple tuple = pair_to_subject(&pair), back = pair_from_subject(&pair);
		bool from_subject = true;

		ck_assert(flows_add(flows, &pair, n));
		ck_assert_uint_eq(flows_find(flows, &tuple, &from_subject), n);
		ck_assert(!from_subject);
		ck_assert_uint_eq(flows_find(flows, &back, &from_subject), n);
		ck_assert(from_subject);
		ck_assert_uint_eq(flows_find(flows, &back, NULL), n);
		ck_assert(!flows_add(flows, &pair, 99));
		ck_assert(!flows_add(flows, &other, 99));
	}
	ck_assert_uint_eq(flows_count(flows), 8);
	flows_close(flows);
}
END_TEST

START_TEST(a_full_table_refuses)
{
	struct flows *flows = flows_open(3);
	struct pair first = pair_number(0), fourth = pair_number(3);
	struct tuple of_first = pair_to_subject(&first), of_fourth = pair_to_subject(&fourth);

	for (unsigned n = 0; n < 3; n++) {
		struct pair pair = pair_number(n);

		ck_assert(flows_add(flows, &pair, n));
	}
	ck_assert(!flows_add(flows, &fourth, 3));
	flows_remove(flows, &first);
	ck_assert(flows_add(flows, &fourth, 3));
	ck_assert_uint_eq(flows_find(flows, &of_first, NULL), FLOWS_NONE);
	ck_assert_uint_eq(flows_find(flows, &of_fourth, NULL), 3);
	flows_close(flows);
}
END_TEST

START_TEST(no_owner_is_called_none)
{
	struct flows *flows = flows_open(1);
	struct pair pair = pair_number(0);

	ck_assert(!flows_add(flows, &pair, FLOWS_NONE));
	ck_assert_uint_eq(flows_count(flows), 0);
	flows_close(flows);
}
END_TEST

START_TEST(a_link_local_address_is_found_without_its_scope)
{
	struct flows *flows = flows_open(1);
	struct pair pair = {
		.crafted = { { .family = 6, .bytes = { 0xfe, 0x80, [15] = 1 }, .scope = 3 }, 20000 },
		.subject = { { .family = 6, .bytes = { 0xfe, 0x80, [15] = 2 }, .scope = 3 }, 8888 },
	};
	struct tuple wire = pair_from_subject(&pair);
	bool from_subject;

	wire.source.address.scope = wire.target.address.scope = 0;
	ck_assert(flows_add(flows, &pair, 5));
	ck_assert_uint_eq(flows_find(flows, &wire, &from_subject), 5);
	ck_assert(from_subject);
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
		struct pair pair;
		struct tuple tuple;

		random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
		n = (unsigned)(random >> 33) % TUPLES;
		pair = pair_number(n);
		if (random >> 20 & 1)
			pair = turned(&pair);
		if (random >> 21 & 1) {
			bool room = owners[n] == FLOWS_NONE && count < CAPACITY;

			ck_assert(flows_add(flows, &pair, step) == room);
			owners[n] = room ? step : owners[n];
			count += room;
		} else {
			count -= owners[n] != FLOWS_NONE;
			owners[n] = FLOWS_NONE;
			flows_remove(flows, &pair);
		}
		ck_assert_uint_eq(flows_count(flows), count);
		for (n = 0; step % 5000 == 0 && n < TUPLES; n++) {
			pair = pair_number(n);
			tuple = pair_to_subject(&pair);
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
