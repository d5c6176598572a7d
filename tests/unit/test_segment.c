/* test_segment.c - flags as letters, the sequence space a segment takes, what equals what. */
#include <string.h>

#include "crafter/segment.h"

#include "tests/unit/suite.h"

START_TEST(flags_as_letters)
{
	static const struct {
		uint16_t flags;
		const char *text;
	} table[] = {
		{ 0, "" },
		{ FLAG_SYN, "S" },
		{ FLAG_SYN | FLAG_ACK, "SA" },
		{ FLAG_ACK, "A" },
		{ FLAG_RST, "R" },
		{ FLAG_RST | FLAG_ACK, "RA" },
		{ FLAG_FIN | FLAG_ACK, "FA" },
		{ FLAG_PSH | FLAG_ACK, "PA" },
		{ FLAG_FIN | FLAG_SYN, "FS" },
		{ FLAG_SYN | FLAG_RST, "SR" },
		{ FLAG_ACK | FLAG_URG, "AU" },
		{ FLAG_SYN | FLAG_ECE | FLAG_CWR, "SEC" },
		{ 0x1ff, "FSRPAUECe" },
	};
	char text[FLAGS_TEXT_SIZE];

	for (size_t i = 0; i < ROWS(table); i++)
		ck_assert_str_eq(segment_flags_format(table[i].flags, text), table[i].text);
}
END_TEST

START_TEST(options_are_appended_in_order)
{
	struct segment segment = { 0 };

	ck_assert(!segment_has_option(&segment, OPTION_END));
	segment_add_option(&segment, OPTION_MSS);
	segment_add_option(&segment, OPTION_TIMESTAMPS);
	ck_assert_uint_eq(segment.option_count, 2);
	ck_assert_uint_eq(segment.options[0], OPTION_MSS);
	ck_assert_uint_eq(segment.options[1], OPTION_TIMESTAMPS);
	ck_assert(segment_has_option(&segment, OPTION_TIMESTAMPS));
	ck_assert(!segment_has_option(&segment, OPTION_WSCALE));
	for (int i = 0; i < 100; i++)
		segment_add_option(&segment, OPTION_NOP);
	ck_assert_uint_eq(segment.option_count, SEGMENT_OPTIONS_MAX);
	ck_assert_uint_eq(segment.raw_size, 0);
	ck_assert_uint_eq(segment.raw[0], 0);
}
END_TEST

START_TEST(sequence_space)
{
	static const struct {
		uint8_t flags;
		uint16_t payload;
		uint32_t length;
	} table[] = {
		{ 0, 0, 0 },          { FLAG_ACK, 0, 0 },           { FLAG_SYN, 0, 1 },
		{ FLAG_FIN, 0, 1 },   { FLAG_SYN | FLAG_FIN, 0, 2 }, { FLAG_RST, 0, 0 },
		{ FLAG_PSH, 10, 10 }, { FLAG_FIN, 10, 11 },         { FLAG_SYN | FLAG_FIN, 65535, 65537 },
	};

	for (size_t i = 0; i < ROWS(table); i++) {
		struct segment segment = { .flags = table[i].flags, .payload_size = table[i].payload };

		ck_assert_uint_eq(segment_length(&segment), table[i].length);
	}
}
END_TEST

static const struct segment plain = {
	.tuple = { { { 4, { 192, 0, 2, 1 }, 0 }, 40000 }, { { 4, { 192, 0, 2, 2 }, 0 }, 8888 } },
	.ttl = 64, .ip_id = 7, .flags = FLAG_SYN, .window = 1000, .seq = 5, .ack = 6, .urgent = 1,
	.option_count = 4, .options = { OPTION_MSS, OPTION_WSCALE, 254, OPTION_TIMESTAMPS },
	.raw_size = 3, .raw = { 2, 0xaa, 0xbb }, .mss = 1460, .wscale = 7, .tsval = 8, .tsecr = 9,
	.payload_size = 3, .payload = (const uint8_t *)"abc",
};

START_TEST(every_field_counts)
{
	const uint8_t copy[] = "abc";
	struct segment other = plain;

	other.payload = copy;
	ck_assert(segment_equal(&plain, &other));
#define DIFFERS(change) do { other = plain; change; ck_assert(!segment_equal(&plain, &other)); } while (0)
	DIFFERS(other.tuple.source.port++);
	DIFFERS(other.tuple.target.address.bytes[3]++);
	DIFFERS(other.ttl++);
	DIFFERS(other.tos++);
	DIFFERS(other.ip_id++);
	DIFFERS(other.flags ^= FLAG_ACK);
	DIFFERS(other.window++);
	DIFFERS(other.urgent++);
	DIFFERS(other.seq++);
	DIFFERS(other.ack++);
	DIFFERS(other.option_count--);
	DIFFERS(other.options[0] = OPTION_NOP);
	DIFFERS(other.raw[1]++);
	DIFFERS(other.raw_size--);
	DIFFERS(other.mss++);
	DIFFERS(other.wscale++);
	DIFFERS(other.tsval++);
	DIFFERS(other.tsecr++);
	DIFFERS(other.payload_size--);
	DIFFERS(other.payload = (const uint8_t *)"abd");
	DIFFERS(other.payload = NULL);
#undef DIFFERS
}
END_TEST

START_TEST(what_is_not_on_the_wire_does_not_count)
{
	struct segment a = plain, b = plain;

	a.option_count = b.option_count = 0;
	a.raw_size = b.raw_size = 0;
	b.mss++, b.wscale++, b.tsval++, b.tsecr++, b.options[0]++, b.raw[0]++;
	ck_assert(segment_equal(&a, &b));
	a.payload_size = b.payload_size = 0;
	a.payload = NULL;
	ck_assert(segment_equal(&a, &b));
}
END_TEST

/* Three bytes of options: padding puts an END there in any case. Four: an END takes four bytes more. */
START_TEST(an_end_that_only_pads)
{
	struct segment a = plain, b = plain;

	a.option_count = 1, b.option_count = 2, a.raw_size = b.raw_size = 0;
	a.options[0] = b.options[0] = OPTION_WSCALE, b.options[1] = OPTION_END;
	ck_assert(segment_equal(&a, &b));
	ck_assert(segment_equal(&b, &a));
	a.options[0] = b.options[0] = OPTION_MSS;
	ck_assert(!segment_equal(&a, &b));
	/* 253 with three bytes of data: five bytes. With two: four. */
	a.options[0] = b.options[0] = 253;
	a.raw_size = b.raw_size = 4, a.raw[0] = b.raw[0] = 3;
	ck_assert(segment_equal(&a, &b));
	a.raw_size = b.raw_size = 3, a.raw[0] = b.raw[0] = 2;
	ck_assert(!segment_equal(&a, &b));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, flags_as_letters);
	tcase_add_test(tcase, options_are_appended_in_order);
	tcase_add_test(tcase, sequence_space);
	tcase_add_test(tcase, every_field_counts);
	tcase_add_test(tcase, what_is_not_on_the_wire_does_not_count);
	tcase_add_test(tcase, an_end_that_only_pads);
	return run_suite("segment", tcase, NULL);
}
