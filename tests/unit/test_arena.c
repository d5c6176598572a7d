/* test_arena.c - arrays of zeros, small and large. */
#include <stdint.h>

#include "crafter/arena.h"

#include "tests/unit/suite.h"

enum { EACH = 24 };

static const struct {
	size_t count;
} sizes[] = { { 0 }, { 1 }, { 1000 }, { (4 << 20) / EACH - 1 }, { (4 << 20) / EACH + 1 }, { 1 << 20 } };

START_TEST(all_of_it_is_zero_and_can_be_written)
{
	size_t bytes = sizes[_i].count * EACH;
	uint8_t *arena = arena_open(sizes[_i].count, EACH);

	ck_assert_ptr_nonnull(arena);
	for (size_t i = 0; i < bytes; i += 4095) {
		ck_assert_uint_eq(arena[i], 0);
		arena[i] = 1;
	}
	if (bytes) {
		ck_assert_uint_le(arena[bytes - 1], 1);
		arena[bytes - 1] = 2;
	}
	arena_close(arena, sizes[_i].count, EACH);
}
END_TEST

START_TEST(no_memory_is_so_large)
{
	ck_assert_ptr_null(arena_open(SIZE_MAX / 2, 16));
	ck_assert_ptr_null(arena_open(SIZE_MAX / 16, 8));
	arena_close(NULL, 1, 1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, all_of_it_is_zero_and_can_be_written, 0, ROWS(sizes));
	tcase_add_test(tcase, no_memory_is_so_large);
	return run_suite("arena", tcase, NULL);
}
