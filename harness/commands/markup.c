/* markup.c - a text without its marks. */
#include "harness/commands/markup.h"

#include <ctype.h>
#include <stdbool.h>

/* As scdoc tells them apart. */
static bool within_word(const char *text, const char *at)
{
	return at > text && isalnum((unsigned char)at[-1]) && isalnum((unsigned char)at[1]);
}

char *markup_plain(const char *text, char *plain, size_t size)
{
	size_t used = 0;

	for (const char *at = text; *at && used + 1 < size; at++) {
		if (*at == '*' || (*at == '_' && !within_word(text, at)))
			continue;
		if (*at == '\\' && at[1])
			at++;
		plain[used++] = *at;
	}
	plain[used] = '\0';
	return plain;
}
