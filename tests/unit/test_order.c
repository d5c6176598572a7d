/* test_order.c - cells that share their conditions begin one after the other, and each cell begins once. */
#include <stdlib.h>

#include "crafter/random.h"
#include "harness/run/order.h"

#include "tests/unit/suite.h"

static struct order_key with(const char *sysctl, enum listener listening)
{
	struct order_key key = { .listening = listening };
	struct error error;

	if (sysctl)
		ck_assert_int_eq(conditions_parse(&key.conditions, sysctl, &error), 0);
	return key;
}

static size_t take(struct order *order)
{
	const struct order_key *key;
	size_t number;

	ck_assert(order_first(order, &number, &key));
	order_take(order);
	return number;
}

/* The current group first, then the one that has the lowest number, whatever came first to the window. */
START_TEST(groups)
{
	static const size_t wanted[] = { 0, 3, 4, 7, 1, 5, 2, 6 };
	struct order_key none = with(NULL, LISTENER_KEPT), gone = with(NULL, LISTENER_GONE),
			 cookies = with("tcp_syncookies=2", LISTENER_KEPT);
	const struct order_key *keys[] = { &none, &gone, &cookies, &none, &none, &gone, &cookies, &none };
	struct order *order = order_open(ROWS(keys));
	const struct order_key *key;
	size_t number;

	ck_assert(!order_first(order, &number, &key));
	for (size_t i = 0; i < ROWS(keys); i++)
		order_add(order, i, keys[i]);
	for (size_t i = 0; i < ROWS(wanted); i++) {
		ck_assert(order_first(order, &number, &key));
		ck_assert(order_key_equal(key, keys[number]));
		ck_assert_uint_eq(take(order), wanted[i]);
	}
	ck_assert(!order_first(order, &number, &key));
	order_close(order);
}
END_TEST

/* What is added meanwhile to the current group does not wait for another round, not even when the group had run out. */
START_TEST(additions)
{
	struct order_key none = with(NULL, LISTENER_KEPT), twice = with("tcp_rfc1337=1", LISTENER_KEPT);
	struct order *order = order_open(4);

	order_add(order, 0, &none);
	order_add(order, 1, &twice);
	ck_assert_uint_eq(take(order), 0);
	order_add(order, 2, &none);
	ck_assert_uint_eq(take(order), 2);
	ck_assert_uint_eq(take(order), 1);
	order_add(order, 3, &twice);
	order_add(order, 4, &none);
	ck_assert_uint_eq(take(order), 3);
	ck_assert_uint_eq(take(order), 4);
	order_close(order);
}
END_TEST

/* Each of them alone keeps two cells apart, whether the hash has it or not. */
START_TEST(what_makes_a_group)
{
	const struct order_key plain = with(NULL, LISTENER_KEPT);
	struct order_key others[7];

	for (size_t i = 0; i < ROWS(others); i++)
		others[i] = plain;
	others[0].listening = LISTENER_GONE;
	others[1].manner.defers = true;
	others[2].manner.lingers_zero = true;
	others[3].manner.keepalive_s = 1;
	others[4].manner.user_timeout_ms = 1;
	others[6].manner.linger2_s = -1;
	others[5] = with("tcp_rfc1337=1@probe", LISTENER_KEPT);
	for (size_t i = 0; i < ROWS(others); i++) {
		struct order *order = order_open(4);

		ck_assert(!order_key_equal(&plain, &others[i]));
		order_add(order, 0, &plain);
		order_add(order, 1, &others[i]);
		order_add(order, 2, &plain);
		ck_assert_uint_eq(take(order), 0);
		ck_assert_uint_eq(take(order), 2);
		ck_assert_uint_eq(take(order), 1);
		order_close(order);
	}
}
END_TEST

/* A window that moves with the lowest number not taken: every cell once, those of a key in rising order. */
START_TEST(random_windows)
{
	enum { CELLS = 20000, WINDOW = 64, KEYS = 7 };
	static bool taken[CELLS];
	struct order *order = order_open(WINDOW);
	struct order_key keys[KEYS];
	size_t low = 0, added = 0, last[KEYS] = { 0 }, which[WINDOW] = { 0 }, changes = 0, before = KEYS;

	for (int i = 0; i < KEYS; i++) {
		char text[] = "a=0";

		text[2] = (char)('0' + i);
		keys[i] = with(text, LISTENER_KEPT);
	}
	for (size_t i = 0; i < CELLS; i++) {
		size_t number, key;

		for (; added < CELLS && added - low < WINDOW; added++) {
			which[added % WINDOW] = random_mix(added) % KEYS;
			order_add(order, added, &keys[which[added % WINDOW]]);
		}
		number = take(order);
		key = which[number % WINDOW];
		ck_assert(!taken[number]);
		ck_assert(number == 0 || number > last[key] || last[key] == 0);
		taken[number] = true;
		last[key] = number;
		changes += key != before;
		before = key;
		while (low < CELLS && taken[low])
			low++;
	}
	ck_assert_uint_lt(changes, CELLS * KEYS / WINDOW * 2);
	order_close(order);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("order");

	tcase_add_test(tcase, groups);
	tcase_add_test(tcase, additions);
	tcase_add_test(tcase, what_makes_a_group);
	tcase_add_test(tcase, random_windows);
	return run_suite("order", tcase, NULL);
}
