/* option_values.c - what the value of an option may be. */
#include "harness/commands/option_values.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/quantity.h"
#include "crafter/escape.h"

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

int option_value_rate(const char *text, double *rate, struct error *error)
{
	char *end;

	if (strcmp(text, "max") == 0) {
		*rate = INFINITY;
		return 0;
	}
	*rate = strtod(text, &end);
	if (!isdigit((unsigned char)text[0]) || *end || !(*rate >= 0.001 && *rate <= 1e7))
		return fail(error, "--rate=%s: expected connections a second (0.001 to 10000000) or max", text);
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

int option_value_shard(struct options *options, const char *text, struct error *error)
{
	char *slash, *end;
	unsigned long shard = strtoul(text, &slash, 10);
	unsigned long shards = *slash == '/' ? strtoul(slash + 1, &end, 10) : 0;

	if (!isdigit((unsigned char)text[0]) || *slash != '/' || !isdigit((unsigned char)slash[1]) || *end ||
	    shard < 1 || shard > shards || shards > 100000)
		return fail(error, "--shard=%s: expected I/N with I from 1 to N, such as 2/8", text);
	options->shard = (unsigned)shard;
	options->shards = (unsigned)shards;
	return 0;
}

/* send:TEXT with \r \n \t \\ and \xHH. */
static int parse_trigger_text(struct options *options, const char *text, struct error *error)
{
	size_t size = 0;

	while (*text) {
		uint8_t byte;

		if (size == sizeof(options->trigger))
			return fail(error, "--trigger=send: at most %zu bytes", sizeof(options->trigger));
		if (escape_read(&text, &byte) < 0)
			return text[1] ?
			       fail(error, "--trigger=send: \\%c is none of \\r \\n \\t \\\\ \\xHH", text[1]) :
			       fail(error, "--trigger=send: the backslash at the end stands alone; \\\\ is one");
		options->trigger[size++] = (char)byte;
	}
	if (size == 0)
		return fail(error, "--trigger=send: expected some text after the colon");
	options->trigger_size = (uint16_t)size;
	return 0;
}

int option_value_trigger(struct options *options, const char *text, struct error *error)
{
	static const char http[] = "GET / HTTP/1.1\\r\\nHost: twprobe\\r\\nConnection: close\\r\\n\\r\\n";

	options->trigger_size = 0;
	if (strcmp(text, "wait") == 0)
		return 0;
	if (strcmp(text, "http") == 0)
		return parse_trigger_text(options, http, error);
	if (strncmp(text, "send:", 5) == 0)
		return parse_trigger_text(options, text + 5, error);
	return fail(error, "--trigger=%s: expected wait, http or send:TEXT", text);
}

int option_value_state(const char *text, enum state *state, struct error *error)
{
	*state = state_parse(text);
	if (*state == STATE_UNKNOWN)
		return fail(error, "--state=%s: expected one of listen, syn-recv, established, fin-wait-1, fin-wait-2, "
			    "fin-wait-2-half, closing, time-wait, close-wait, last-ack", text);
	return 0;
}

int option_value_segment(const char *text, enum segment_kind *kind, struct error *error)
{
	char list[128];

	*kind = stimulus_kind_parse(text);
	if (*kind == KIND_COUNT)
		return fail(error, "--segment=%s: expected one of %s", text, stimulus_kind_list(list, sizeof(list)));
	return 0;
}

int option_value_format(const char *text, enum format *format, struct error *error)
{
	for (*format = 0; *format < FORMAT_COUNT; (*format)++)
		if (strcmp(text, format_name(*format)) == 0 && format_subjects(*format) & FORMAT_OF_CELLS)
			return 0;
	return fail(error, "--format=%s: expected table, json or tap", text);
}

int option_value_expect(const char *text, enum book *book, struct error *error)
{
	*book = oracle_book_parse(text);
	if (*book == BOOK_COUNT && strcmp(text, "none") != 0)
		return fail(error, "--expect=%s: expected linux, rfc, folk or none", text);
	return 0;
}

int option_value_kernel(const char *text, struct kernel *kernel, struct error *error)
{
	struct error inner;

	if (kernel_choose(text, kernel, &inner) == 0)
		return 0;
	return fail(error, "--kernel: %s", inner.text);
}

int option_value_color(const char *text, int *color, struct error *error)
{
	static const char *const names[] = { "auto", "never", "always" };

	for (int i = 0; i < 3; i++) {
		if (strcmp(text, names[i]) == 0) {
			*color = i - 1;
			return 0;
		}
	}
	return fail(error, "--color=%s: expected auto, always or never", text);
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
		return fail(error, "--%s: '%s' is no number; expected A..B, such as -2^31..2^31-1", name, text);
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

int option_value_scale(const char *text, enum map_scale *scale, struct error *error)
{
	*scale = strcmp(text, "symlog") == 0 ? SCALE_SYMLOG : SCALE_LINEAR;
	if (*scale == SCALE_LINEAR && strcmp(text, "linear") != 0)
		return fail(error, "--scale=%s: expected linear or symlog", text);
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
		if (book == BOOK_COUNT || (size_t)(end - at) >= sizeof(name))
			return fail(error, "--overlay=%s: expected one or more of linux, rfc, folk, with commas between", text);
		*overlay |= 1U << book;
		if (!*end)
			return 0;
	}
}
