/* test_molds.c - what is put away comes back to the last bit, in less room where it repeats itself. */
#include "harness/diagnose/molds.h"

#include <string.h>

#include "tests/unit/suite.h"

enum { WORDS = 120, ITEMS = 400 };

static uint32_t state;

static uint32_t chance(uint32_t below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

/* Two ways that items are; each has some numbers in several places, the rest is 0. Odd ones are unlike all others. */
static void make(uint32_t *item, bool other_way, bool odd)
{
	memset(item, 0, WORDS * sizeof(*item));
	for (int number = 0; number < 10; number++) {
		uint32_t value = chance(UINT32_MAX) + 1;

		for (int place = 0; place < 4; place++)
			item[(number * 7 + place * 31 + (other_way ? 3 : 0)) % WORDS] = value;
	}
	for (int i = 0; odd && i < WORDS; i++)
		item[i] ^= chance(UINT32_MAX) | 1;
}

START_TEST(what_is_put_away_comes_back)
{
	static uint32_t items[ITEMS][WORDS];
	struct molds_place places[ITEMS];
	bool kept[ITEMS] = { false };
	uint32_t read[WORDS];
	struct molds *molds = molds_open(ITEMS, sizeof(items[0]), 5 * sizeof(uint32_t));
	int count = 0;

	state = (uint32_t)_i;
	ck_assert_ptr_nonnull(molds);
	/* Some are dropped, and others come where they were. */
	for (int turn = 0; turn < 3; turn++) {
		for (int i = turn; i < ITEMS; i += 1 + turn) {
			if (turn && kept[i])
				molds_drop(molds, places[i]);
			make(items[i], i % 80 >= 40, i % 40 == 35);
			kept[i] = molds_put(molds, items[i], &places[i]);
			count += kept[i];
			ck_assert_msg(!(kept[i] && i % 40 == 35), "an item that is unlike all others has no mold");
		}
		for (int i = 0; i < ITEMS; i++) {
			if (!kept[i])
				continue;
			memset(read, 0xff, sizeof(read));
			molds_read(molds, places[i], read);
			ck_assert_msg(memcmp(read, items[i], sizeof(read)) == 0, "item %d, turn %d", i, turn);
			memset(read, 0xff, sizeof(read));
			molds_read_head(molds, places[i], read);
			ck_assert(memcmp(read, items[i], 5 * sizeof(*read)) == 0 && read[5] == UINT32_MAX);
		}
	}
	ck_assert_int_gt(count, ITEMS);
	molds_close(molds);
}
END_TEST

START_TEST(there_is_no_room_for_more)
{
	uint32_t item[WORDS];
	struct molds_place place;
	struct molds *molds = molds_open(2, sizeof(item), sizeof(item));
	int kept = 0;

	for (int i = 0; i < 100; i++) {
		make(item, false, false);
		kept += molds_put(molds, item, &place);
	}
	ck_assert_int_ge(kept, 2);
	ck_assert_int_le(kept, 12); /* ten words of each are left, and there is room for 120 */
	molds_close(molds);
}
END_TEST

START_TEST(no_such_items)
{
	ck_assert_ptr_null(molds_open(1, 4 * 512 + 4, 4));
	ck_assert_ptr_null(molds_open(1, 6, 4));
	molds_close(NULL);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("molds");

	tcase_add_loop_test(tests, what_is_put_away_comes_back, 0, 8);
	tcase_add_test(tests, there_is_no_room_for_more);
	tcase_add_test(tests, no_such_items);
	return run_suite("molds", tests, NULL);
}
