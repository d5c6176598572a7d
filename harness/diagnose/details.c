/* details.c - the sentences about one encounter. */
#include "harness/diagnose/details.h"

#include "crafter/textbuf.h"

const char *details_write(const struct encounter *encounter, char *buffer, size_t size)
{
	struct textbuf text;

	(void)encounter;
	textbuf_init(&text, buffer, size);
	return buffer;
}
