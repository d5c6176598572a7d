/* option_values.c - what the value of an option may be. */
#include "harness/commands/option_values.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/books/oracle.h"
#include "cases/quantity.h"
#include "crafter/escape.h"
#include "crafter/scan.h"
#include "crafter/stimulus.h"
#include "harness/commands/batch.h"
#include "harness/map/map_axis.h"

int option_value_count(const char *name, const char *text, uint64_t low, uint64_t high, uint64_t *value,
		       struct error *error)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || errno || *value < low || *value > high)
		return fail(error, "--%s=%s: expected a whole number from %llu to %llu", name, text,
			    (unsigned long long)low, (unsigned long long)high);
	return 0;
}

int option_value_rate(const char *name, const char *text, double *rate, struct error *error)
{
	char *end;

	if (strcmp(text, "max") == 0) {
		*rate = INFINITY;
		return 0;
	}
	*rate = strtod(text, &end);
	if (!isdigit((unsigned char)text[0]) || *end || !(*rate >= 0.001 && *rate <= 1e7))
		return fail(error, "--%s=%s: expected connections a second (0.001 to 10000000), max or auto", name, text);
	return 0;
}

/* A bare number is seconds. */
int option_value_duration(const char *name, const char *text, const char *range, uint64_t low_ns, uint64_t high_ns,
			  uint64_t *ns, struct error *error)
{
	char in_seconds[32];
	struct error reason;
	size_t digits = strspn(text, "0123456789.");
	bool bare = digits > 0 && !text[digits];

	snprintf(in_seconds, sizeof(in_seconds), "%ss", text);
	if (quantity_duration_parse(bare ? in_seconds : text, ns, &reason) < 0)
		return fail(error, "--%s=%s: expected a duration such as 300ms or 2s", name, text);
	if (*ns < low_ns || *ns > high_ns)
		return fail(error, "--%s=%s: expected %s", name, text, range);
	return 0;
}

static int take_auto(const char *name, const char *text, unsigned *part, unsigned *parts, struct error *error)
{
	const char *rest = text + strlen("auto");
	uint64_t all = 0;
	struct error reason;

	if (*rest && (!scan_word(&rest, "/") || !scan_number(&rest, BATCH_PARTS_MOST, &all) || all < 1 || *rest))
		return fail(error, "--%s=%s: expected auto/N with N from 1 to %d, such as auto/8", name, text,
			    BATCH_PARTS_MOST);
	*parts = (unsigned)all;
	return batch_part(part, parts, &reason) ? fail(error, "--%s=%s: %s", name, text, reason.text) : 0;
}

int option_value_part(const char *name, const char *text, unsigned *part, unsigned *parts, struct error *error)
{
	char *slash, *end;
	unsigned long low = strtoul(text, &slash, 10);
	unsigned long high = *slash == '/' ? strtoul(slash + 1, &end, 10) : 0;

	if (strncmp(text, "auto", strlen("auto")) == 0)
		return take_auto(name, text, part, parts, error);
	if (!isdigit((unsigned char)text[0]) || *slash != '/' || !isdigit((unsigned char)slash[1]) || *end ||
	    low < 1 || low > high || high > BATCH_PARTS_MOST)
		return fail(error, "--%s=%s: expected I/N with I from 1 to N, such as 2/8", name, text);
	*part = (unsigned)low;
	*parts = (unsigned)high;
	return 0;
}

/* Text with \r \n \t \\ and \xHH. */
static int trigger_text(const char *name, const char *text, char *bytes, size_t most, size_t *size, struct error *error)
{
	*size = 0;
	while (*text) {
		uint8_t byte;

		if (*size == most)
			return fail(error, "--%s=send: at most %zu bytes", name, most);
		if (escape_read(&text, &byte) < 0)
			return text[1] ?
			       fail(error, "--%s=send: \\%c is none of \\r \\n \\t \\\\ \\xHH", name, text[1]) :
			       fail(error, "--%s=send: the backslash at the end stands alone; \\\\ is one", name);
		bytes[(*size)++] = (char)byte;
	}
	if (*size == 0)
		return fail(error, "--%s=send: expected some text after the colon", name);
	return 0;
}

int option_value_trigger(const char *name, const char *text, char *bytes, size_t most, size_t *size,
			 struct error *error)
{
	static const char http[] = "GET / HTTP/1.1\\r\\nHost: twprobe\\r\\nConnection: close\\r\\n\\r\\n";

	*size = 0;
	if (strcmp(text, "wait") == 0)
		return 0;
	if (strcmp(text, "http") == 0)
		return trigger_text(name, http, bytes, most, size, error);
	if (strncmp(text, "send:", 5) == 0)
		return trigger_text(name, text + 5, bytes, most, size, error);
	return fail(error, "--%s=%s: expected wait, http or send:TEXT", name, text);
}

int option_value_size(const char *text, size_t *width, size_t *height, struct error *error)
{
	char *x, *end = NULL;
	unsigned long columns = strtoul(text, &x, 10);
	unsigned long rows = *x == 'x' && isdigit((unsigned char)x[1]) ? strtoul(x + 1, &end, 10) : 0;

	if (!isdigit((unsigned char)text[0]) || !end || *end || columns < 1 || rows < 1 || columns > MAP_PIXELS_MAX ||
	    rows > MAP_PIXELS_MAX)
		return fail(error, "--size=%s: expected WxH in cells, each from 1 to %d, such as 512x512", text,
			    MAP_PIXELS_MAX);
	*width = columns;
	*height = rows;
	return 0;
}

/* One end of a range: a number, no word. */
static int value_end(const char *what, const char *name, const char *text, int64_t *value, struct error *error)
{
	struct offset offset;
	struct error inner;

	if (offset_parse(what, text, &offset, &inner) < 0)
		return fail(error, "--%s: %s", name, inner.text);
	if (offset.form != OFFSET_NUMBER)
		return fail(error, "--%s: '%s' is not a number; expected A..B, such as -2^31..2^31-1", name, text);
	*value = offset.value;
	return 0;
}

int option_value_range(const char *what, const char *name, const char *text, int64_t *low, int64_t *high,
		       struct error *error)
{
	const char *dots = strstr(text, "..");
	char first[OFFSET_TEXT_SIZE];

	if (!dots || (size_t)(dots - text) >= sizeof(first) || strlen(dots) >= OFFSET_TEXT_SIZE)
		return fail(error, "--%s=%s: expected A..B, such as -1000..1000 or -2^31..2^31-1", name, text);
	memcpy(first, text, (size_t)(dots - text));
	first[dots - text] = '\0';
	if (value_end(what, name, first, low, error) < 0 || value_end(what, name, dots + 2, high, error) < 0)
		return -1;
	if (*low >= *high)
		return fail(error, "--%s=%s: the first number must be below the second", name, text);
	return 0;
}

int option_value_overlay(const char *text, unsigned *overlay, struct error *error)
{
	const char *end;

	*overlay = 0;
	for (const char *at = text;; at = end + 1) {
		char name[16];
		enum book book;

		end = strchrnul(at, ',');
		snprintf(name, sizeof(name), "%.*s", (int)(end - at), at);
		book = oracle_book_parse(name);
		if (book >= BOOK_COUNT || (size_t)(end - at) >= sizeof(name))
			return fail(error, "--overlay=%s: expected one or more of linux, rfc, folk, freebsd, with "
				"commas between", text);
		*overlay |= 1U << book;
		if (!*end)
			return 0;
	}
}

const char *option_value_input(const char *text)
{
	return strcmp(text, "-") == 0 ? "/dev/stdin" : text;
}
