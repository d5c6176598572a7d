/* test_words.c - words with numbers, and texts put together in an array. */
#include <string.h>

#include "crafter/textbuf.h"
#include "crafter/words.h"

#include "tests/unit/suite.h"

static const char *const colours[] = { "red", NULL, "green", "blue" };
static const struct {
	int number;
	const char *name;
	char letter;
} animals[] = { { 1, "ant", 'a' }, { 2, "bee", 'b' } };

START_TEST(a_word_is_found_by_its_text)
{
	ck_assert_uint_eq(words_find(WORDS(colours), "red"), 0);
	ck_assert_uint_eq(words_find(WORDS(colours), "blue"), 3);
	ck_assert_uint_eq(words_find(WORDS(colours), "blu"), 4);
	ck_assert_uint_eq(words_find(WORDS(colours), ""), 4);
	ck_assert_uint_eq(words_find(WORDS_MEMBER(animals, name), "bee"), 1);
	ck_assert_uint_eq(words_find(WORDS_MEMBER(animals, name), "a"), 2);
}
END_TEST

START_TEST(a_number_has_its_word)
{
	ck_assert_str_eq(words_at(WORDS(colours), 2), "green");
	ck_assert_ptr_null(words_at(WORDS(colours), 1));
	ck_assert_ptr_null(words_at(WORDS(colours), 4));
	ck_assert_ptr_null(words_at(WORDS(colours), (size_t)-1));
	ck_assert_str_eq(words_at(WORDS_MEMBER(animals, name), 0), "ant");
}
END_TEST

START_TEST(words_make_a_list)
{
	char text[32];

	ck_assert_str_eq(words_list(WORDS(colours), text, sizeof(text)), "red, green, blue");
	ck_assert_str_eq(words_list(WORDS_MEMBER(animals, name), text, sizeof(text)), "ant, bee");
	ck_assert_str_eq(words_list(WORDS(colours), text, 8), "red, gr");
	ck_assert_str_eq(words_list(WORDS(colours), text, 1), "");
	words_list(WORDS(colours), NULL, 0);
}
END_TEST

/* At each size the text is what fits of the whole one, and nothing behind the array is touched. */
START_TEST(a_text_is_cut_where_its_array_ends)
{
	static const char whole[] = "one and 2, 3 and four";

	for (size_t size = 0; size <= sizeof(whole) + 1; size++) {
		char array[sizeof(whole) + 8];
		struct textbuf buffer;

		memset(array, '#', sizeof(array));
		textbuf_init(&buffer, array, size);
		textbuf_item(&buffer, ", ", "one and %d", 2);
		textbuf_item(&buffer, ", ", "%d", 3);
		textbuf_add(&buffer, "%s", "");
		textbuf_add(&buffer, " and %s", "four");
		ck_assert(buffer.cut == (size < sizeof(whole)));
		for (size_t i = size; i < sizeof(array); i++)
			ck_assert_int_eq(array[i], '#');
		if (!size)
			continue;
		ck_assert_uint_eq(buffer.length, size < sizeof(whole) ? size - 1 : sizeof(whole) - 1);
		ck_assert_uint_eq(strlen(array), buffer.length);
		ck_assert_int_eq(strncmp(array, whole, buffer.length), 0);
	}
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("all");

	tcase_add_test(cases, a_word_is_found_by_its_text);
	tcase_add_test(cases, a_number_has_its_word);
	tcase_add_test(cases, words_make_a_list);
	tcase_add_test(cases, a_text_is_cut_where_its_array_ends);
	return run_suite("words", cases, NULL);
}
