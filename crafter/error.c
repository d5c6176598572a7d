/* error.c - how an error's text is made. */
#include "crafter/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Texts quote what files and users say: it stays one line, and no byte of it drives a terminal. */
static void tame(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int fail(struct error *error, const char *format, ...)
{
	va_list arguments;

	if (error) {
		va_start(arguments, format);
		vsnprintf(error->text, sizeof(error->text), format, arguments);
		va_end(arguments);
		tame(error->text);
	}
	return -1;
}

int fail_in(struct error *error, const char *context)
{
	char inner[sizeof(error->text)];

	if (error) {
		memcpy(inner, error->text, sizeof(inner));
		snprintf(error->text, sizeof(error->text), "%s: %.400s", context, inner);
	}
	return -1;
}
