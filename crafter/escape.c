/* escape.c - bytes in a text. */
#include "crafter/escape.h"

#include <stdio.h>
#include <string.h>

static const char letters[] = "rnt\\\"", bytes[] = "\r\n\t\\\"";

const char *escape_print(uint8_t byte, char buffer[static ESCAPE_SIZE])
{
	const char *known = byte ? strchr(bytes, byte) : NULL;

	if (known)
		snprintf(buffer, ESCAPE_SIZE, "\\%c", letters[known - bytes]);
	else if (byte < ' ' || byte > '~')
		snprintf(buffer, ESCAPE_SIZE, "\\x%02x", (unsigned)byte);
	else
		snprintf(buffer, ESCAPE_SIZE, "%c", byte);
	return buffer;
}

static int digit(char letter)
{
	static const char digits[] = "0123456789abcdef";
	const char *found;

	letter = letter >= 'A' && letter <= 'F' ? (char)(letter - 'A' + 'a') : letter;
	found = letter ? strchr(digits, letter) : NULL;
	return found ? (int)(found - digits) : -1;
}

int escape_read(const char **text, uint8_t *byte)
{
	const char *at = *text, *known;

	if (*at != '\\') {
		*byte = (uint8_t)*at;
		*text += *at != '\0';
		return *at ? 0 : -1;
	}
	if (at[1] == 'x' && digit(at[2]) >= 0 && digit(at[3]) >= 0) {
		*byte = (uint8_t)(digit(at[2]) << 4 | digit(at[3]));
		*text += 4;
		return 0;
	}
	known = at[1] ? strchr(letters, at[1]) : NULL;
	if (!known)
		return -1;
	*byte = (uint8_t)bytes[known - letters];
	*text += 2;
	return 0;
}
