/* test_text.c - widths and line breaks. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/text.h"

#include "tests/unit/suite.h"

typedef void printer(FILE *out, const void *what);

static char *printed(const char *columns, printer *print, const void *what)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	setenv("COLUMNS", columns, 1);
	print(out, what);
	fclose(out);
	unsetenv("COLUMNS");
	return text;
}

static void assert_printed(const char *columns, printer *print, const void *what, const char *wanted)
{
	char *text = printed(columns, print, what);

	ck_assert_str_eq(text, wanted);
	free(text);
}

static const struct {
	const char *said;
	size_t columns;
} widths[] = {
	{ NULL, 80 }, { "", 80 }, { "60", 60 }, { "200", 200 }, { "0", 80 }, { "-5", 80 }, { "7", 40 }, { "wide", 80 },
	{ "99999999999999999999", 1000 },
};

/* Nobody knows how wide a stream of memory is. */
START_TEST(columns_are_those_that_are_said)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (widths[_i].said)
		setenv("COLUMNS", widths[_i].said, 1);
	else
		unsetenv("COLUMNS");
	ck_assert_uint_eq(text_columns(out), widths[_i].columns);
	unsetenv("COLUMNS");
	fclose(out);
	free(text);
}
END_TEST

static const struct {
	const char *text;
	size_t width;
} texts[] = {
	{ "", 0 }, { "abc", 3 }, { "\302\2612^31", 5 }, { "\033[1;31mred\033[0m", 3 }, { "\033[", 0 },
	{ "\303\251t\303\251", 3 },
	{ "e\314\201", 1 },        /* a combining accent */
	{ "\346\227\245", 2 },     /* a wide character */
	{ "\342\226\200\342\226\200", 2 },
};

START_TEST(a_width_is_in_columns)
{
	ck_assert_uint_eq(text_width(texts[_i].text), texts[_i].width);
}
END_TEST

static void wrap(FILE *out, const void *what)
{
	fputs("label: ", out);
	text_wrap(out, what, 7, 4);
}

START_TEST(lines_break_at_words)
{
	assert_printed("40", wrap, "", "label: \n");
	assert_printed("40", wrap, "one two", "label: one two\n");
	/* 40 columns to the last letter */
	assert_printed("40", wrap, "aaaaaaaaaa bbbbbbbbbb cccccccccccc",
		       "label: aaaaaaaaaa bbbbbbbbbb\n    cccccccccccc\n");
	assert_printed("40", wrap, "aaaaaaaaaa bbbbbbbbbb ccccccccccc ddddddddddd",
		       "label: aaaaaaaaaa bbbbbbbbbb ccccccccccc\n    ddddddddddd\n");
	/* colours and accents are no columns */
	assert_printed("40", wrap, "aaaaaaaaaa \033[1mbbbbbbbbbb\033[0m cccccccccc\303\251 d",
		       "label: aaaaaaaaaa \033[1mbbbbbbbbbb\033[0m cccccccccc\303\251\n    d\n");
}
END_TEST

START_TEST(a_word_longer_than_the_line_stays_whole)
{
	assert_printed("40", wrap, "a bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb c",
		       "label: a\n    bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n    c\n");
}
END_TEST

START_TEST(sentences_are_not_as_wide_as_any_terminal)
{
	char sentence[301], *text;

	for (size_t i = 0; i < 300; i++)
		sentence[i] = i % 2 ? ' ' : 'a';
	sentence[300] = '\0';
	text = printed("500", wrap, sentence);
	ck_assert_uint_eq(strcspn(text, "\n"), TEXT_PROSE);
	free(text);
}
END_TEST

static void page(FILE *out, const void *what)
{
	text_page(out, what);
}

static const char sample[] =
	"A paragraph of more than\n"
	"one line.\n"
	"\n"
	"A head:\n"
	"  -a, --all        everything there is, and\n"
	"                   still more\n"
	"  --much-too-long=OR|NOT --as-long-as-any-that-there-is=OFFSET --and-then-some\n"
	"                   below its term\n"
	"  -h, --help\n"
	"The end.\n";

START_TEST(a_page_is_laid_out_anew)
{
	assert_printed("60", page, sample,
		       "A paragraph of more than one line.\n"
		       "\n"
		       "A head:\n"
		       "  -a, --all        everything there is, and still more\n"
		       "  --much-too-long=OR|NOT\n"
		       "    --as-long-as-any-that-there-is=OFFSET --and-then-some\n"
		       "                   below its term\n"
		       "  -h, --help\n"
		       "The end.\n");
	assert_printed("40", page, sample,
		       "A paragraph of more than one line.\n"
		       "\n"
		       "A head:\n"
		       "  -a, --all\n"
		       "      everything there is, and still\n"
		       "      more\n"
		       "  --much-too-long=OR|NOT\n"
		       "    --as-long-as-any-that-there-is=OFFSET\n"
		       "    --and-then-some\n"
		       "      below its term\n"
		       "  -h, --help\n"
		       "The end.\n");
}
END_TEST

static void message(FILE *out, const void *what)
{
	text_message(out, "twprobe: ", what);
}

/* For grep, and for logs. */
START_TEST(a_message_that_no_terminal_gets_is_one_line)
{
	assert_printed("40", message, "a message of many words, more than fit on a line\nwith \033[31mmore",
		       "twprobe: a message of many words, more than fit on a line?with ?[31mmore\n");
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("text");

	tcase_add_loop_test(tests, columns_are_those_that_are_said, 0, ROWS(widths));
	tcase_add_loop_test(tests, a_width_is_in_columns, 0, ROWS(texts));
	tcase_add_test(tests, lines_break_at_words);
	tcase_add_test(tests, a_word_longer_than_the_line_stays_whole);
	tcase_add_test(tests, sentences_are_not_as_wide_as_any_terminal);
	tcase_add_test(tests, a_page_is_laid_out_anew);
	tcase_add_test(tests, a_message_that_no_terminal_gets_is_one_line);
	return run_suite("text", tests, NULL);
}
