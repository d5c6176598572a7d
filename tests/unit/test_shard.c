/* test_shard.c - the parts of a run: together they are the whole, and they are as equal as can be. */
#include "harness/commands/shard.h"
#include "tests/unit/suite.h"

static const struct {
	size_t all, shards;
} runs[] = {
	{ 472, 1 }, { 472, 8 }, { 3956, 7 }, { 3, 5 }, { 0, 4 }, { SIZE_MAX, 3 }, { SIZE_MAX, 100000 }, { 100000, 100000 },
};

START_TEST(shards_are_the_whole)
{
	size_t next = 0, first, least = SIZE_MAX, most = 0;

	for (size_t shard = 1; shard <= runs[_i].shards; shard++) {
		size_t count = shard_cells(runs[_i].all, shard, runs[_i].shards, &first);

		ck_assert_uint_eq(first, next);
		next += count;
		least = count < least ? count : least;
		most = count > most ? count : most;
	}
	ck_assert_uint_eq(next, runs[_i].all);
	ck_assert_uint_le(most - least, 1);
}
END_TEST

START_TEST(no_shards_are_all)
{
	size_t first = 1;

	ck_assert_uint_eq(shard_cells(472, 0, 0, &first), 472);
	ck_assert_uint_eq(first, 0);
}
END_TEST

int main(void)
{
	TCase *shards = tcase_create("shards");

	tcase_add_loop_test(shards, shards_are_the_whole, 0, ROWS(runs));
	tcase_add_test(shards, no_shards_are_all);
	return run_suite("shard", shards, NULL);
}
