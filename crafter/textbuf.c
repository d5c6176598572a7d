/* textbuf.c - the only place that moves on in an array by what was printed into it. */
#include "crafter/textbuf.h"

#include <stdarg.h>
#include <stdio.h>

void textbuf_init(struct textbuf *buffer, char *array, size_t size)
{
	*buffer = (struct textbuf){ .text = array, .size = size };
	if (size)
		*array = '\0';
}

static void add(struct textbuf *buffer, const char *format, va_list arguments)
{
	size_t room = buffer->size - buffer->length;
	int printed = vsnprintf(room ? buffer->text + buffer->length : NULL, room, format, arguments);

	if (printed < 0)
		return;
	if ((size_t)printed < room) {
		buffer->length += (size_t)printed;
		return;
	}
	buffer->cut = true;
	if (room)
		buffer->length = buffer->size - 1;
}

void textbuf_add(struct textbuf *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(buffer, format, arguments);
	va_end(arguments);
}

void textbuf_item(struct textbuf *buffer, const char *separator, const char *format, ...)
{
	va_list arguments;

	if (buffer->length)
		textbuf_add(buffer, "%s", separator);
	va_start(arguments, format);
	add(buffer, format, arguments);
	va_end(arguments);
}
