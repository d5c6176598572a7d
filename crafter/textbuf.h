/* textbuf.h - a text put together piece by piece in an array of the caller's, cut where the array ends. Pure. */
#ifndef TWPROBE_CRAFTER_TEXTBUF_H
#define TWPROBE_CRAFTER_TEXTBUF_H

#include <stdbool.h>
#include <stddef.h>

struct textbuf {
	char *text;          /* always ends with a zero, unless its size is 0 */
	size_t size, length; /* of the array; of the text, below `size` */
	bool cut;            /* something did not fit */
};

/* An empty text in `array`. */
void textbuf_init(struct textbuf *buffer, char *array, size_t size);
void textbuf_add(struct textbuf *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One item of a list: after `separator`, unless it is the first thing in the text. */
void textbuf_item(struct textbuf *buffer, const char *separator, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
