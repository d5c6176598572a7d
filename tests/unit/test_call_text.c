/* test_call_text.c - the lines by which a connection is asked for and refused. */
#include "harness/lab/call_text.h"

#include <string.h>

#include "tests/unit/suite.h"

START_TEST(what_is_printed_is_read)
{
	static const uint16_t ports[] = { 1, 80, 40000, 65535 };
	char text[CALL_TEXT_SIZE];

	for (size_t i = 0; i < ROWS(ports); i++)
		for (enum behaviour behaviour = 0; behaviour < BEHAVIOUR_COUNT; behaviour++) {
			const struct call call = { ports[i], behaviour };
			struct call read = { 0 };

			call_text_print(&call, text);
			ck_assert_int_eq(call_text_parse(text, strlen(text), &read), 0);
			ck_assert_uint_eq(read.port, call.port);
			ck_assert_int_eq(read.behaviour, call.behaviour);
		}
}
END_TEST

static const struct {
	const char *text;
	size_t size; /* 0: all of it */
} bad[] = {
	{ "\n", 0 },
	{ "twprobe call 0 hold\n", 0 },
	{ "twprobe call 65536 hold\n", 0 },
	{ "twprobe call 99999999999999999999 hold\n", 0 },
	{ "twprobe call -1 hold\n", 0 },
	{ "twprobe call 80 hold", 0 },
	{ "twprobe call 80 hold\n\n", 0 },
	{ "twprobe call 80 hold \n", 0 },
	{ "twprobe call 80 nothing\n", 0 },
	{ "twprobe call 80\n", 0 },
	{ "twprobe call  80 hold\n", 0 },
	{ "Twprobe call 80 hold\n", 0 },
	{ "twprobe call 80 hold\n", 19 },
	{ "twprobe call 80\0hold\n", 21 },
};

START_TEST(what_is_no_call)
{
	size_t size = bad[_i].size ? bad[_i].size : strlen(bad[_i].text);
	char longer[2 * CALL_TEXT_SIZE];
	struct call call;

	ck_assert_int_eq(call_text_parse(bad[_i].text, size, &call), -1);
	ck_assert_int_eq(call_text_parse(bad[_i].text, 0, &call), -1);
	memset(longer, 'x', sizeof(longer));
	ck_assert_int_eq(call_text_parse(longer, sizeof(longer), &call), -1);
}
END_TEST

/* It comes from the network and is shown to a person. */
START_TEST(a_refusal)
{
	char text[CALL_TEXT_SIZE], other[CALL_TEXT_SIZE] = "twprobe accepts: x";

	call_text_refuse("not\033[2Jin --allow", text);
	ck_assert_str_eq(call_text_refused(text, strlen(text)), "not?[2Jin --allow");
	ck_assert_ptr_null(call_text_refused(other, strlen(other)));
	call_text_refuse("", text);
	ck_assert_str_eq(call_text_refused(text, strlen(text)), "");
	ck_assert_ptr_null(call_text_refused(text, 3));
	ck_assert_ptr_null(call_text_refused(text, CALL_TEXT_SIZE));
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("all");

	tcase_add_test(cases, what_is_printed_is_read);
	tcase_add_loop_test(cases, what_is_no_call, 0, ROWS(bad));
	tcase_add_test(cases, a_refusal);
	return run_suite("call text", cases, NULL);
}
