/* message.c - errors and notes on standard error. */
#include "harness/commands/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/report/text.h"
#include "harness/run/exit_code.h"

int message_error(const char *text, int code)
{
	text_message(stderr, "twprobe: ", text);
	return code;
}

/* All code says it in these words. */
int message_failed(const struct error *error, int code)
{
	return message_error(error->text, strstr(error->text, "out of memory") ? EXIT_CANNOT_RUN : code);
}

void message_note(const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text_message(stderr, "twprobe: note: ", text);
}
