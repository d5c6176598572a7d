/* words.c - looking words up, and listing them. */
#include "crafter/words.h"

#include <string.h>

#include "crafter/textbuf.h"

const char *words_at(struct words words, size_t number)
{
	if (number >= words.count)
		return NULL;
	return *(const char *const *)((const char *)words.first + number * words.stride);
}

size_t words_find(struct words words, const char *text)
{
	size_t number = 0;

	for (; number < words.count; number++) {
		const char *word = words_at(words, number);

		if (word && strcmp(word, text) == 0)
			break;
	}
	return number;
}

const char *words_list(struct words words, char *buffer, size_t size)
{
	struct textbuf list;

	textbuf_init(&list, buffer, size);
	for (size_t number = 0; number < words.count; number++) {
		const char *word = words_at(words, number);

		if (word)
			textbuf_item(&list, ", ", "%s", word);
	}
	return buffer;
}
