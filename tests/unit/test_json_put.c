/* test_json_put.c - what json_put writes is what jansson prints of the same values. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "harness/report/json_put.h"

#include "tests/unit/sample_record.h"

#include "tests/unit/suite.h"

/* As ndjson.c. */
enum { FLAGS = JSON_PRESERVE_ORDER | JSON_COMPACT | JSON_REAL_PRECISION(15) };

/* The line without its end; the caller frees it. */
static char *line_of(struct json_put *json)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct error error;

	ck_assert_int_eq(json_put_line(json, out, &error), 0);
	fclose(out);
	ck_assert_uint_eq(strlen(text), size);
	ck_assert_int_eq(text[size - 1], '\n');
	text[size - 1] = '\0';
	return text;
}

/* Takes `expected` over. */
static void assert_line(struct json_put *json, json_t *expected)
{
	char *text = line_of(json), *theirs = json_dumps(expected, FLAGS);

	ck_assert_ptr_nonnull(theirs);
	ck_assert_str_eq(text, theirs);
	free(text);
	free(theirs);
	json_decref(expected);
}

START_TEST(the_example_of_the_header)
{
	struct json_put json;

	json_put_open(&json);
	json_put_string(&json, "record", "cell");
	json_put_number(&json, "number", 7);
	json_put_array(&json, "tries");
	json_put_number(&json, NULL, 1);
	json_put_end(&json);
	assert_line(&json, json_pack("{s:s, s:i, s:[i]}", "record", "cell", "number", 7, "tries", 1));
}
END_TEST

START_TEST(empty_and_nested)
{
	struct json_put json;

	json_put_open(&json);
	assert_line(&json, json_object());
	json_put_open(&json);
	json_put_object(&json, "a");
	json_put_end(&json);
	json_put_array(&json, "b");
	json_put_array(&json, NULL);
	json_put_end(&json);
	json_put_object(&json, NULL);
	json_put_null(&json, "c");
	json_put_end(&json);
	json_put_end(&json);
	json_put_boolean(&json, "d", true);
	json_put_boolean(&json, "e", false);
	json_put_text(&json, "f", "");
	json_put_text(&json, "g", NULL);
	json_put_string(&json, "h", "");
	json_put_known(&json, "i", false, 1);
	json_put_known(&json, "j", true, 1);
	assert_line(&json, json_pack("{s:{}, s:[[],{s:n}], s:b, s:b, s:n, s:n, s:s, s:n, s:i}", "a", "b", "c", "d", 1, "e", 0,
				     "f", "g", "h", "", "i", "j", 1));
}
END_TEST

static const int64_t numbers[] = { 0, 1, -1, 9, 10, 4294967295, INT64_MAX, INT64_MIN, 1000000007, -99 };

START_TEST(numbers_are_theirs)
{
	struct json_put json;

	json_put_open(&json);
	json_put_number(&json, "n", numbers[_i]);
	assert_line(&json, json_pack("{s:I}", "n", (json_int_t)numbers[_i]));
}
END_TEST

static void assert_real(double value, unsigned steps)
{
	struct json_put json;

	json_put_open(&json);
	json_put_real(&json, "r", value, steps);
	assert_line(&json, json_pack("{s:f}", "r", round(value * steps) / steps));
}

START_TEST(reals_are_theirs)
{
	static const double values[] = {
		0, -0.0, 0.04, -0.04, 0.05, 23.449, -23.449, 6, 1e-6, 9.9e-5, 1e-4, -1e-4, 0.1, 1e9, 1e15, 1e17,
		123456789.123456, -1e20, 1.5e300, 999999.9999996,
	};
	static const unsigned steps[] = { 1, 10, 1000, 1000000 };
	unsigned seed = 1;

	for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
			assert_real(values[i], steps[s]);
		for (int i = 0; i < 2000; i++)
			assert_real(((double)rand_r(&seed) - RAND_MAX / 2.0) / (1 + rand_r(&seed) % 1000000), steps[s]);
	}
}
END_TEST

START_TEST(what_is_no_number_is_null)
{
	struct json_put json;

	json_put_open(&json);
	json_put_real(&json, "nan", NAN, 10);
	json_put_real(&json, "infinite", INFINITY, 10);
	assert_line(&json, json_pack("{s:n, s:n}", "nan", "infinite"));
}
END_TEST

/* Random texts of bytes that matter: half of them are no UTF-8. */
START_TEST(strings_are_theirs)
{
	static const unsigned char bytes[] = "a \"\\/\b\f\n\r\t\x01\x1f\x7f\x80\x8f\x90\x9f\xa0\xbf\xc1\xc2\xdf\xe0"
					     "\xe2\xed\xef\xf0\xf4\xf5\xff";
	unsigned seed = 1;
	size_t valid = 0;

	for (int i = 0; i < 20000; i++) {
		char text[8] = "", plain[8];
		size_t size = (size_t)rand_r(&seed) % sizeof(text);
		struct json_put json;
		json_t *theirs;

		for (size_t at = 0; at < size; at++)
			text[at] = (char)bytes[(size_t)rand_r(&seed) % (sizeof(bytes) - 1)];
		theirs = json_string(text);
		valid += theirs != NULL;
		for (size_t at = 0; at < sizeof(text); at++)
			plain[at] = (unsigned char)text[at] >= 0x80 ? '?' : text[at];
		json_put_open(&json);
		json_put_string(&json, "s", text);
		assert_line(&json, json_pack("{s:o}", "s", theirs ? theirs : json_string(plain)));
	}
	ck_assert_uint_gt(valid, 1000);
	ck_assert_uint_lt(valid, 19000);
}
END_TEST

/* Lengths below and above the first buffer's, and escapes that take six bytes for one. */
START_TEST(long_lines_are_whole)
{
	static char text[3 * JSON_PUT_FIRST];

	for (size_t size = JSON_PUT_FIRST / 6 - 20; size < sizeof(text); size += 397) {
		struct json_put json;
		char fill = size % 2 ? 'x' : '\x01';

		memset(text, fill, size);
		text[size] = '\0';
		json_put_open(&json);
		json_put_string(&json, "s", text);
		json_put_number(&json, "n", 1);
		assert_line(&json, json_pack("{s:s, s:i}", "s", text, "n", 1));
	}
}
END_TEST

/* Each line of a report on every kind of record, parsed and printed again, is the same. */
static void assert_round(const struct record *records, size_t count)
{
	struct run_facts facts = sample_facts();
	char *text = sample_report(FORMAT_JSON, false, false, &facts, records, count), *rest = text, *line;
	size_t lines = 0;

	while ((line = strsep(&rest, "\n")) && *line) {
		json_error_t why;
		json_t *parsed = json_loads(line, JSON_REJECT_DUPLICATES, &why);
		char *again = parsed ? json_dumps(parsed, FLAGS) : NULL;

		ck_assert_msg(parsed, "%s in %s", why.text, line);
		ck_assert_str_eq(line, again);
		json_decref(parsed);
		free(again);
		lines++;
	}
	ck_assert_uint_eq(lines, count + 2);
	free(text);
}

START_TEST(a_report_is_jansson_s_own)
{
	struct record records[4];

	sample_four(records);
	snprintf(records[2].reason, sizeof(records[2].reason), "\"\x01\xff\\\" \xc3\xa9");
	records[1].has_follow_up = records[1].follow_up_conclusive = true;
	records[1].follow_up_answer = ANSWER_ACK;
	records[1].follow_up.flags = FLAG_SYN;
	records[3].has_first = true;
	records[3].side = (struct side_view){ .routed = true, .subject_answered = true };
	sample_syn_ack(&records[3].side.subject_answer, 1);
	records[3].notice_count = 2;
	records[3].notices[0] = (struct notice){ .kind = NOTICE_LATE, .after_ns = 1500 };
	records[3].notices[1] = (struct notice){ .kind = NOTICE_ICMP, .icmp_type = 3, .icmp_code = 1 };
	records[3].outcome_count = 1;
	records[3].outcomes[0] = (struct outcome){ .answer = ANSWER_ACK, .tries = 2 };
	assert_round(records, 4);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("json_put");

	tcase_add_test(tcase, the_example_of_the_header);
	tcase_add_test(tcase, empty_and_nested);
	tcase_add_loop_test(tcase, numbers_are_theirs, 0, ROWS(numbers));
	tcase_add_test(tcase, reals_are_theirs);
	tcase_add_test(tcase, what_is_no_number_is_null);
	tcase_add_test(tcase, strings_are_theirs);
	tcase_add_test(tcase, long_lines_are_whole);
	tcase_add_test(tcase, a_report_is_jansson_s_own);
	return run_suite("json_put", tcase, NULL);
}
