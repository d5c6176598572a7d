/* plain.c - which characters a terminal only shows. */
#include "crafter/plain.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool only_ascii;

/* Reads one character (RFC 3629: no overlong forms, no surrogates). Returns its length, or 0. */
static size_t decode(const char *text, uint32_t *code)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first = (uint8_t)*text;
	size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;

	*code = length < 2 ? first : first & (0xffU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		uint8_t next = (uint8_t)text[i];

		if (next >> 6 != 2) /* the end of the text too */
			return 0;
		*code = *code << 6 | (next & 0x3f);
	}
	if (length && (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000)))
		return 0;
	return length;
}

/* C0 and C1 with DEL; U+061C, U+200E, U+200F, U+202A to U+202E and U+2066 to U+2069 (UAX 9, 2); U+2028 and U+2029; the
 * byte order mark, which shows nothing; and the tags, which hide text. */
static bool steers(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff ||
	       (code >= 0xe0000 && code < 0xe0080);
}

size_t plain_utf8_length(const char *text)
{
	uint32_t code;

	return decode(text, &code);
}

size_t plain_length(const char *text)
{
	uint32_t code;
	size_t length = decode(text, &code);

	return length && !steers(code) ? length : 0;
}

bool plain_is(const char *text)
{
	size_t length;

	while (*text && (length = plain_length(text)) > 0)
		text += length;
	return !*text;
}

char *plain_text(char *text)
{
	size_t length;

	for (char *at = text; *at; at += length) {
		length = plain_length(at);
		if (length)
			continue;
		*at = '?';
		length = 1;
	}
	return text;
}

char *plain_show(const char *text, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s", text);
	plain_text(buffer);
	for (char *at = buffer; only_ascii && *at; at++) {
		size_t length = plain_length(at);

		/* Nothing grows or shrinks: each byte remains one byte. */
		if (length > 1)
			memcpy(at, strncmp(at, "\xc2\xb1", 2) == 0 ? "+-" : "????", length);
	}
	return buffer;
}

void plain_write(FILE *out, const char *text, size_t size)
{
	char piece[5] = "", shown[sizeof(piece)];

	for (size_t length; size && *text; text += length, size -= length) {
		/* Nearly all of it. */
		for (length = 0; length < size && text[length] >= ' ' && text[length] <= '~'; length++)
			;
		if (length) {
			fwrite(text, 1, length, out);
			continue;
		}
		length = plain_length(text);
		if (!length || length > size)
			length = 1;
		memcpy(piece, text, length);
		piece[length] = '\0';
		fputs(plain_show(piece, shown, sizeof(shown)), out);
	}
}

void plain_put(FILE *out, const char *text)
{
	plain_write(out, text, strlen(text));
}

void plain_only_ascii(void)
{
	only_ascii = true;
}

bool plain_is_ascii(void)
{
	return only_ascii;
}
