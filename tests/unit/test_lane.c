/* test_lane.c - records packed and unpacked, and put back in order. */
#include "harness/run/lane.h"
#include "harness/run/record_pack.h"

#include "tests/unit/sample_record.h"

#include "tests/unit/suite.h"

/* Records whose every byte was written, so that they can be compared as bytes. */
static void fill(struct record *record, size_t number)
{
	unsigned seed = (unsigned)number;
	unsigned char *bytes = (unsigned char *)record;

	for (size_t i = 0; i < sizeof(*record); i++)
		bytes[i] = rand_r(&seed) % 4 ? 0 : (unsigned char)rand_r(&seed);
	record->number = number;
	record->trace = NULL;
}

START_TEST(what_is_unpacked_is_what_was_packed)
{
	static struct record before, after;
	static uint8_t packed[RECORD_PACK_SIZE];

	for (size_t i = 0; i < 50; i++) {
		size_t size;

		fill(&before, i);
		size = record_pack(&before, packed);
		memset(&after, 0xff, sizeof(after));
		ck_assert_uint_le(size, sizeof(packed));
		ck_assert_int_eq(record_unpack(packed, size, &after), 0);
		ck_assert_int_eq(memcmp(&before, &after, sizeof(before)), 0);
	}
}
END_TEST

/* The most there can be, and the record of an ordinary cell, which is small. */
START_TEST(its_size_is_what_is_in_it)
{
	static struct record record;
	static uint8_t packed[RECORD_PACK_SIZE];

	memset(&record, 0xff, sizeof(record));
	ck_assert_uint_le(record_pack(&record, packed), RECORD_PACK_SIZE);
	record = sample_record(1, 1);
	ck_assert_uint_lt(record_pack(&record, packed), 1500);
}
END_TEST

START_TEST(what_is_no_record_is_refused)
{
	static struct record record;
	static uint8_t packed[RECORD_PACK_SIZE + 8];
	size_t size;

	fill(&record, 7);
	size = record_pack(&record, packed);
	ck_assert_int_eq(record_unpack(packed, size - 1, &record), -1);
	ck_assert_int_eq(record_unpack(packed, size + 8, &record), -1);
	ck_assert_int_eq(record_unpack(packed, 0, &record), -1);
	memset(packed, 0xff, sizeof(packed)); /* words behind the last */
	ck_assert_int_eq(record_unpack(packed, sizeof(packed), &record), -1);
}
END_TEST

static void keep(struct lane *lane, size_t number)
{
	static struct record record;
	static uint8_t packed[RECORD_PACK_SIZE];
	struct error error;

	fill(&record, number);
	ck_assert_int_eq(lane_keep(lane, packed, record_pack(&record, packed), &error), 0);
}

/* Any division has each cell once, and the lanes taken in turn are the cells in order. */
START_TEST(lanes_in_turn_are_the_cells_in_order)
{
	static struct record record, expected;

	for (size_t count = 1; count < 40; count++)
		for (size_t lane_count = 1; lane_count <= 5 && lane_count <= count; lane_count++) {
			struct lane lanes[5] = { { 0 } };
			struct error error = { "" };

			lane_divide(lanes, lane_count, 100, count);
			for (size_t i = lane_count; i-- > 0;)
				for (size_t n = 0; n < lanes[i].count; n++)
					keep(&lanes[i], lanes[i].first + n * lanes[i].stride);
			for (size_t n = 0; n < count; n++) {
				ck_assert(lane_take(&lanes[n % lane_count], &record, &error));
				fill(&expected, 100 + n);
				ck_assert_int_eq(memcmp(&record, &expected, sizeof(record)), 0);
			}
			for (size_t i = 0; i < lane_count; i++) {
				ck_assert(!lane_take(&lanes[i], &record, &error));
				ck_assert_uint_eq(lane_waiting(&lanes[i]), 0);
				lane_clear(&lanes[i]);
			}
			ck_assert_str_eq(error.text, "");
		}
}
END_TEST

/* However many pass through, the room is that of those that wait. */
START_TEST(what_was_taken_makes_room)
{
	static struct record record;
	struct lane lane = { 0 };
	struct error error = { "" };

	for (size_t n = 0; n < 20; n++)
		keep(&lane, n);
	for (size_t n = 20; n < 3000; n++) {
		keep(&lane, n);
		ck_assert(lane_take(&lane, &record, &error));
		ck_assert_uint_eq(record.number, n - 20);
	}
	ck_assert_uint_lt(lane.room, 2 * 1024 * 1024);
	lane_clear(&lane);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("lane");

	tcase_add_test(tcase, what_is_unpacked_is_what_was_packed);
	tcase_add_test(tcase, its_size_is_what_is_in_it);
	tcase_add_test(tcase, what_is_no_record_is_refused);
	tcase_add_test(tcase, lanes_in_turn_are_the_cells_in_order);
	tcase_add_test(tcase, what_was_taken_makes_room);
	return run_suite("lane", tcase, NULL);
}
