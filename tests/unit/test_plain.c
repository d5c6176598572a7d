/* test_plain.c - what reaches a terminal: letters do, whatever steers it does not. */
#include "crafter/plain.h"

#include <stdio.h>
#include <string.h>

#include "crafter/fail.h"

#include "tests/unit/suite.h"

/* Each stands between an 'a' and a 'b'. */
static const char *const letters[] = {
	" ", "~", "\xc3\xa4", "\xce\xa9", "\xd0\x96", "\xe4\xb8\xad", "\xd7\xa9", "\xd8\xb4", "\xe2\x82\xac",
	"\xf0\x9f\x90\xa7", "\xc2\xa0" /* U+00A0, right behind C1 */, "\xc2\xb1", "\xe2\x80\x90" /* U+2010 */, "\xef\xbf\xbd",
};

static const char *const steering[] = {
	"\x01", "\x07", "\b", "\t", "\n", "\r", "\x1b", "\x1b[31m", "\x7f",
	"\xc2\x80", "\xc2\x9b" /* CSI */, "\xc2\x9d" /* OSC */, "\xc2\x9f", /* C1 */
	"\x80", "\x9b", "\x9f", "\xc2", "\xff", "\xfe", "\xe2\x82", "\xf0\x9f\x90", /* lone bytes */
	"\xc0\x9b", "\xc1\x9b", "\xe0\x82\x9b", "\xf0\x80\x82\x9b", "\xed\xa0\x80", "\xf4\x90\x80\x80", /* RFC 3629 forbids */
	"\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae", /* U+202A to U+202E */
	"\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9", /* U+2066 to U+2069 */
	"\xe2\x80\x8e", "\xe2\x80\x8f", "\xd8\x9c", /* U+200E, U+200F, U+061C */
	"\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf", "\xf3\xa0\x81\x81",
};

START_TEST(letters_stay)
{
	char text[32], before[32];

	snprintf(text, sizeof(text), "a%sb", letters[_i]);
	strcpy(before, text);
	ck_assert_uint_eq(plain_length(letters[_i]), strlen(letters[_i]));
	ck_assert(plain_is(text));
	ck_assert_str_eq(plain_text(text), before);
}
END_TEST

START_TEST(what_steers_is_replaced_byte_by_byte)
{
	char text[32];
	struct error error;

	snprintf(text, sizeof(text), "a%sb", steering[_i]);
	ck_assert(!plain_is(text));
	(fail)(&error, "%s", text);
	plain_text(text);
	ck_assert(plain_is(text));
	ck_assert_uint_eq(strlen(text), strlen(steering[_i]) + 2);
	ck_assert(text[0] == 'a' && text[1] == '?' && text[strlen(text) - 1] == 'b');
	ck_assert_str_eq(error.text, text);
	/* Of what stands before a text too. */
	(fail)(&error, "right");
	snprintf(text, sizeof(text), "a%sb", steering[_i]);
	fail_in(&error, text);
	ck_assert(plain_is(error.text));
	ck_assert_str_eq(strchr(error.text, ':'), ": right");
}
END_TEST

/* A letter that the end cuts in two is no letter. */
START_TEST(an_error_is_cut_off_plainly)
{
	char text[600];
	struct error error;

	for (size_t length = sizeof(error.text) - 4; length < sizeof(error.text) + 4; length++) {
		memset(text, 'a', length);
		strcpy(text + length, "\xe4\xb8\xad");
		(fail)(&error, "%s", text);
		ck_assert(plain_is(error.text));
	}
}
END_TEST

static const char *put(const char *text)
{
	static char shown[64];
	FILE *file = fmemopen(shown, sizeof(shown), "w");

	plain_put(file, text);
	fclose(file);
	return shown;
}

START_TEST(put_writes_what_show_shows)
{
	char shown[64];
	const char *hostile = "\xc2\xb1 2^31 \xe4\xb8\xad\x1b[0m\xc2\x9b";

	ck_assert_str_eq(plain_show(hostile, shown, sizeof(shown)), "\xc2\xb1 2^31 \xe4\xb8\xad?[0m??");
	ck_assert_str_eq(put(hostile), shown);
	plain_only_ascii(); /* each test runs in a process of its own */
	ck_assert_str_eq(plain_show(hostile, shown, sizeof(shown)), "+- 2^31 ????[0m??");
	ck_assert_str_eq(put(hostile), shown);
	/* For a record it stays what it is. */
	ck_assert(plain_is("\xc2\xb1"));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("plain");

	tcase_add_loop_test(tcase, letters_stay, 0, ROWS(letters));
	tcase_add_loop_test(tcase, what_steers_is_replaced_byte_by_byte, 0, ROWS(steering));
	tcase_add_test(tcase, an_error_is_cut_off_plainly);
	tcase_add_test(tcase, put_writes_what_show_shows);
	return run_suite("plain", tcase, NULL);
}
