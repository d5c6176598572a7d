/* test_nearest.c - which word a mistyped one was meant to be, and when there is none. */
#include "crafter/nearest.h"

#include <stdio.h>

#include "tests/unit/suite.h"

static const struct {
	const char *text, *meant; /* NULL: none is near */
} typed[] = {
	{ "time-wait", "time-wait" }, { "timewait", "time-wait" }, { "tiem-wait", "time-wait" }, { "time-wiat", "time-wait" },
	{ "time-wai", "time-wait" }, { "time-waits", "time-wait" }, { "snc", NULL }, { "sym", "syn" }, { "sny", "syn" },
	{ "xyz", NULL }, { "", NULL }, { "s", NULL }, { "closewait", "close-wait" }, { "established!", "established" },
	{ "a-word-that-is-longer-than-all-that-anybody-ever-types", NULL },
};

START_TEST(what_was_meant)
{
	static const char *const words[] = { "listen", "established", NULL, "time-wait", "close-wait", "syn",
					     "a-word-that-is-longer-than-all-that-anybody-ever-types" };
	struct nearest nearest;
	char hint[NEAREST_HINT_SIZE], wanted[NEAREST_HINT_SIZE] = "";

	nearest_begin(&nearest, typed[_i].text);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		nearest_offer(&nearest, words[i]);
	if (typed[_i].meant)
		snprintf(wanted, sizeof(wanted), "; did you mean --%s?", typed[_i].meant);
	ck_assert_str_eq(nearest_hint(&nearest, "--", hint), wanted);
}
END_TEST

/* "map" and "mat" are as near to "maz"; the order of the words decides. */
START_TEST(the_first_of_equals)
{
	struct nearest nearest;

	nearest_begin(&nearest, "maz");
	nearest_offer(&nearest, "map");
	nearest_offer(&nearest, "mat");
	ck_assert_str_eq(nearest.word, "map");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("nearest");

	tcase_add_loop_test(tcase, what_was_meant, 0, ROWS(typed));
	tcase_add_test(tcase, the_first_of_equals);
	return run_suite("nearest", tcase, NULL);
}
