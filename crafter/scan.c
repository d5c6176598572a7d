/* scan.c - words and numbers at the beginning of a text. */
#include "crafter/scan.h"

#include <string.h>

bool scan_word(const char **at, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*at, word, length) != 0)
		return false;
	*at += length;
	return true;
}

static unsigned digit_of(char letter)
{
	if (letter >= '0' && letter <= '9')
		return (unsigned)(letter - '0');
	letter |= 0x20;
	return letter >= 'a' && letter <= 'f' ? (unsigned)(letter - 'a') + 10 : UINT32_MAX;
}

static bool scan(const char **at, unsigned base, uint64_t most, uint64_t *value)
{
	const char *end = *at;
	uint64_t number = 0;

	for (unsigned digit; (digit = digit_of(*end)) < base; end++) {
		if (digit > most || number > (most - digit) / base)
			return false;
		number = number * base + digit;
	}
	if (end == *at)
		return false;
	*at = end;
	*value = number;
	return true;
}

bool scan_number(const char **at, uint64_t most, uint64_t *value)
{
	return scan(at, 10, most, value);
}

bool scan_hex(const char **at, uint64_t most, uint64_t *value)
{
	return scan(at, 16, most, value);
}
