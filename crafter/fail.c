/* fail.c - how an error's text is made. */
#include "crafter/fail.h"

#include <stdarg.h>
#include <stdio.h>

#include "crafter/plain.h"

int fail(struct error *error, const char *format, ...)
{
	va_list arguments;

	if (error) {
		va_start(arguments, format);
		vsnprintf(error->text, sizeof(error->text), format, arguments);
		va_end(arguments);
		plain_text(error->text);
	}
	return -1;
}

int fail_in(struct error *error, const char *context)
{
	char inner[sizeof(error->text)];

	if (!error)
		return -1;
	snprintf(inner, sizeof(inner), "%s", error->text);
	return fail(error, "%s: %.400s", context, inner);
}
