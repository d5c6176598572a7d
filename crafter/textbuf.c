/* textbuf.c - the only place that moves on in an array by what was printed into it. */
#include "crafter/textbuf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "crafter/decimal.h"

void textbuf_init(struct textbuf *buffer, char *array, size_t size)
{
	*buffer = (struct textbuf){ .text = array, .size = size };
	if (size)
		*array = '\0';
}

static void put(struct textbuf *buffer, const char *bytes, size_t count)
{
	size_t room = buffer->size - buffer->length, fits = count < room ? count : room ? room - 1 : 0;

	buffer->cut |= fits < count;
	if (fits)
		memcpy(buffer->text + buffer->length, bytes, fits);
	buffer->length += fits;
	if (room)
		buffer->text[buffer->length] = '\0';
}

static void put_number(struct textbuf *buffer, bool negative, uint64_t value)
{
	char text[DECIMAL_SIZE + 1], *end = text;

	if (negative)
		*end++ = '-';
	end = decimal_write(end, value);
	put(buffer, text, (size_t)(end - text));
}

static void print(struct textbuf *buffer, const char *format, va_list arguments)
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

/* Most formats are words, %s and %u: printf() takes five times as long to find that out. */
static void add(struct textbuf *buffer, const char *format, va_list arguments)
{
	while (*format) {
		const char *literal = format;

		while (*format && *format != '%')
			format++;
		if (format > literal)
			put(buffer, literal, (size_t)(format - literal));
		if (!*format)
			return;
		if (format[1] == 's') {
			const char *text = va_arg(arguments, const char *);

			put(buffer, text, strlen(text));
		} else if (format[1] == 'u') {
			put_number(buffer, false, va_arg(arguments, unsigned));
		} else if (format[1] == 'd') {
			int value = va_arg(arguments, int);

			put_number(buffer, value < 0, value < 0 ? -(uint64_t)value : (uint64_t)value);
		} else {
			print(buffer, format, arguments);
			return;
		}
		format += 2;
	}
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
