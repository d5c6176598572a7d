/* test_sack_list.c - SACK blocks as text, and in a segment. */
#include "cases/scenario/sack_list.h"

#include "crafter/encode.h"
#include "tests/unit/suite.h"

START_TEST(what_is_added_is_read)
{
	static const uint8_t wire[] = { 1, 1, 5, 18, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0, 6 };
	struct segment segment = { .flags = FLAG_ACK };
	uint8_t bytes[SEGMENT_OPTIONS_MAX];
	struct sack_list list, read;
	char text[SACK_LIST_TEXT_SIZE];
	struct error error = { "" };

	ck_assert_msg(!sack_list_parse("-4..+1  +3..4", &list, &error), "%s", error.text);
	ck_assert_str_eq(sack_list_format(&list, text), "-4..+1 +3..+4");
	sack_list_add(&list, 2, &segment);
	ck_assert_int_eq(encode_options(&segment, bytes), (int)sizeof(wire));
	ck_assert_mem_eq(bytes, wire, sizeof(wire));
	sack_list_read(&segment, 1, &read);
	ck_assert_str_eq(sack_list_format(&read, text), "-3..+2 +4..+5");
}
END_TEST

START_TEST(no_blocks)
{
	struct segment segment = { .flags = FLAG_ACK };
	struct sack_list list;
	char text[SACK_LIST_TEXT_SIZE];

	sack_list_read(&segment, 1, &list);
	ck_assert_uint_eq(list.count, 0);
	ck_assert_str_eq(sack_list_format(&list, text), "absent");
	sack_list_add(&list, 1, &segment);
	ck_assert_uint_eq(segment.option_count, 0);
	ck_assert_int_eq(sack_list_parse("", &list, NULL), -1);
	ck_assert_int_eq(sack_list_parse("1..99999999999", &list, NULL), -1);
}
END_TEST

/* The longest of all texts. */
START_TEST(four_blocks)
{
	struct sack_list list;
	char text[SACK_LIST_TEXT_SIZE];
	const char *longest = "-2147483647..-2147483646 -2147483647..-2147483646 -2147483647..-2147483646 "
			      "-2147483647..-2147483646";

	ck_assert_int_eq(sack_list_parse(longest, &list, NULL), 0);
	ck_assert_str_eq(sack_list_format(&list, text), longest);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("sack list");

	tcase_add_test(tcase, what_is_added_is_read);
	tcase_add_test(tcase, no_blocks);
	tcase_add_test(tcase, four_blocks);
	return run_suite("sack_list", tcase, NULL);
}
