/* test_lane.c - records packed and unpacked, and what waits put back in order. */
#include "harness/run/lane.h"
#include "harness/run/record_pack.h"

#include "tests/unit/sample_record.h"

#include "tests/unit/suite.h"

/* Records whose every byte was written, so that they can be compared as bytes; without addresses. */
static void fill(struct record *record, size_t number)
{
	unsigned seed = (unsigned)number;
	unsigned char *bytes = (unsigned char *)record;
	static struct record all, kept;
	static uint8_t packed[RECORD_PACK_SIZE];

	for (size_t i = 0; i < sizeof(*record); i++)
		bytes[i] = rand_r(&seed) % 4 ? 0 : (unsigned char)rand_r(&seed);
	memset(&all, 0xff, sizeof(all));
	ck_assert_int_eq(record_unpack(packed, record_pack(&all, packed), &kept), 0);
	for (size_t i = 0; i < sizeof(*record); i++)
		bytes[i] &= ((unsigned char *)&kept)[i];
	record->number = number;
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

/* Wherever the program is in memory. What is none of its constants stays behind, and nothing else does. */
START_TEST(texts_are_counted_from_the_programs_beginning)
{
	enum {
		TEXTS = BOOK_COUNT * 2 * (1 + ALTERNATIVES_MAX) + 2 * FIELD_COUNT + REMAIN_COUNT + 2 + RECORD_NOTICES_MAX,
		PAYLOADS = 5 + PEER_HEARD_MAX + RECORD_NOTICES_MAX, TRACE = 1,
	};
	static const char citation[] = "tcp_check_req()", rule[] = "tcp_v4_send_ack()";
	static struct record before, after;
	static uint8_t packed[RECORD_PACK_SIZE];
	static uint64_t words[RECORD_PACK_WORDS];
	size_t size, lost = 0;
	uint64_t address;

	before.expected[BOOK_RFC].citation = citation;
	before.alternatives[BOOK_FREEBSD].list[ALTERNATIVES_MAX - 1].expectation.reason = citation;
	before.fields.rules[FIELD_COUNT - 1] = before.remains.rules[0] = rule;
	size = record_pack(&before, packed);
	ck_assert_int_eq(record_unpack(packed, size, &after), 0);
	ck_assert_ptr_eq(after.expected[BOOK_RFC].citation, citation);
	ck_assert_ptr_eq(after.alternatives[BOOK_FREEBSD].list[ALTERNATIVES_MAX - 1].expectation.reason, citation);
	ck_assert_ptr_eq(after.fields.rules[FIELD_COUNT - 1], rule);
	ck_assert_ptr_eq(after.remains.rules[0], rule);
	memcpy(&address, packed + RECORD_PACK_BITS * sizeof(uint64_t), sizeof(address));
	ck_assert_uint_lt(address, record_pack_image());
	memset(packed + RECORD_PACK_BITS * sizeof(uint64_t), 0x7f, sizeof(address));
	ck_assert_int_eq(record_unpack(packed, size, &after), -1);
	memset(&before, 0xff, sizeof(before));
	ck_assert_int_eq(record_unpack(packed, record_pack(&before, packed), &after), 0);
	memcpy(words, &after, sizeof(after));
	for (size_t i = 0; i < RECORD_PACK_WORDS; i++)
		lost += words[i] == 0;
	ck_assert_uint_eq(lost, TEXTS + PAYLOADS + TRACE);
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

enum { BYTES_MOST = 3000 };

static struct lane_item item_of(size_t number)
{
	static unsigned char bytes[BYTES_MOST];
	size_t size = number * 997 % BYTES_MOST;

	memset(bytes, (int)number, size);
	return (struct lane_item){ number, size, bytes };
}

static void keep(struct lane *lane, size_t number)
{
	struct lane_item item = item_of(number);
	struct error error;

	ck_assert_int_eq(lane_keep(lane, &item, &error), 0);
}

static void check_taken(struct lane *lane, size_t number)
{
	struct lane_item item, peeked, expected = item_of(number);

	ck_assert(lane_peek(lane, &peeked));
	ck_assert(lane_take(lane, &item));
	ck_assert_uint_eq(peeked.number, number);
	ck_assert_uint_eq(item.number, number);
	ck_assert_uint_eq(item.size, expected.size);
	ck_assert_int_eq(memcmp(item.bytes, expected.bytes, item.size), 0);
}

/* Any division has each unit once, and the lanes taken in turn are the units in order. */
START_TEST(lanes_in_turn_are_the_units_in_order)
{
	for (size_t count = 1; count < 40; count++)
		for (size_t lane_count = 1; lane_count <= 5 && lane_count <= count; lane_count++) {
			struct lane lanes[5] = { { 0 } };
			struct lane_item item;

			lane_divide(lanes, lane_count, 100, count);
			for (size_t i = lane_count; i-- > 0;)
				for (size_t n = 0; n < lanes[i].count; n++)
					keep(&lanes[i], lanes[i].first + n * lanes[i].stride);
			for (size_t n = 0; n < count; n++)
				check_taken(&lanes[n % lane_count], 100 + n);
			for (size_t i = 0; i < lane_count; i++) {
				ck_assert(!lane_take(&lanes[i], &item));
				ck_assert_uint_eq(lane_waiting(&lanes[i]), 0);
				lane_clear(&lanes[i]);
			}
		}
}
END_TEST

/* However many pass through, the room is that of those that wait. */
START_TEST(what_was_taken_makes_room)
{
	struct lane lane = { 0 };

	for (size_t n = 0; n < 20; n++)
		keep(&lane, n);
	for (size_t n = 20; n < 3000; n++) {
		keep(&lane, n);
		check_taken(&lane, n - 20);
	}
	ck_assert_uint_lt(lane.room, 2 * 1024 * 1024);
	lane_clear(&lane);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("lane");

	tcase_add_test(tcase, what_is_unpacked_is_what_was_packed);
	tcase_add_test(tcase, texts_are_counted_from_the_programs_beginning);
	tcase_add_test(tcase, its_size_is_what_is_in_it);
	tcase_add_test(tcase, what_is_no_record_is_refused);
	tcase_add_test(tcase, lanes_in_turn_are_the_units_in_order);
	tcase_add_test(tcase, what_was_taken_makes_room);
	return run_suite("lane", tcase, NULL);
}
