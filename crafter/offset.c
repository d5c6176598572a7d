/* offset.c - offsets as text. */
#include "crafter/offset.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/seq.h"
#include "crafter/textbuf.h"

enum {
	SATURATED = 40,   /* 2^40: every number that is far too large */
	POWER_NEAR = 1000,
};

/* Reads digits and moves *text behind them; false where there is none. */
static bool read_digits(const char **text, int64_t *value)
{
	const char *start = *text;

	for (*value = 0; **text >= '0' && **text <= '9'; (*text)++)
		if (*value < INT64_C(1) << SATURATED)
			*value = *value * 10 + (**text - '0');
	return *text > start;
}

/* "1000", "2^30", "2^31-1" to the end of the text; the sign before it applies to the first number only. */
static bool read_number(const char *text, bool negative, int64_t *value)
{
	int64_t exponent, rest;
	bool subtract;

	if (!read_digits(&text, value))
		return false;
	if (*value != 2 || *text != '^') {
		*value = negative ? -*value : *value;
		return *text == '\0';
	}
	text++;
	if (!read_digits(&text, &exponent))
		return false;
	*value = INT64_C(1) << (exponent < SATURATED ? exponent : SATURATED);
	*value = negative ? -*value : *value;
	if (*text == '\0')
		return true;
	subtract = *text == '-';
	if (*text != '+' && *text != '-')
		return false;
	text++;
	if (!read_digits(&text, &rest) || *text != '\0')
		return false;
	*value += subtract ? -rest : rest;
	return true;
}

static bool read_signed(const char *text, int64_t *value)
{
	bool negative = *text == '-';

	if (*text == '+' || *text == '-')
		text++;
	return read_number(text, negative, value);
}

/* "wnd", "wnd-1", with or without the '+' that precedes it in a cell's name. */
static bool read_window(const char *text, int64_t *value)
{
	text += *text == '+';
	if (strncmp(text, "wnd", 3) != 0)
		return false;
	text += 3;
	*value = 0;
	return *text == '\0' || ((*text == '+' || *text == '-') && read_signed(text, value));
}

static bool read_word(const char *what, const char *text, struct offset *offset)
{
	static const struct {
		const char *word;
		struct offset offset;
		const char *of; /* the offsets that it is for, between blanks */
	} words[] = {
		{ "below", { OFFSET_BELOW, -OFFSET_DEFAULT }, " seq ts ack tsecr " },
		{ "equal", { OFFSET_NUMBER, 0 }, " seq ts ack tsecr " },
		{ "above", { OFFSET_ABOVE, OFFSET_DEFAULT }, " seq ts ack tsecr " },
		{ "absent", { OFFSET_ABSENT, 0 }, " ts " },
		{ "zero", { OFFSET_ZERO, 0 }, " ts tsecr " },
	};
	char of[16];

	snprintf(of, sizeof(of), " %s ", what);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i].word) == 0 && strstr(words[i].of, of)) {
			*offset = words[i].offset;
			return true;
		}
	}
	return false;
}

static int fail_expected(const char *what, const char *text, struct error *error)
{
	const char *more = "";

	if (strcmp(what, "seq") == 0)
		more = ", or wnd, wnd-1 (against the receive window)";
	else if (strcmp(what, "ts") == 0)
		more = ", absent or zero";
	else if (strcmp(what, "tsecr") == 0)
		more = ", or zero";
	return fail(error, "bad %s offset '%.40s': expected below, equal, above, a number such as -1, +1000, "
		    "+2^30 or +2^31-1%s", what, text, more);
}

int offset_parse(const char *what, const char *text, struct offset *offset, struct error *error)
{
	struct offset read = { OFFSET_NUMBER, 0 };

	if (read_word(what, text, &read)) {
		*offset = read;
		return 0;
	}
	if (strcmp(what, "seq") == 0 && read_window(text, &read.value))
		read.form = OFFSET_WINDOW;
	else if (!read_signed(text, &read.value))
		return fail_expected(what, text, error);
	if (read.value == SEQ_HALF)
		return fail(error, "bad %s offset '%.40s': exactly half the circle away counts as before in both "
			    "directions; it is written -2^31", what, text);
	if (read.value < -SEQ_HALF || read.value > SEQ_HALF)
		return fail(error, "bad %s offset '%.40s': expected a number from -2^31 to +2^31-1", what, text);
	*offset = read;
	return 0;
}

/* Always with its sign; "" for 0. */
static void format_value(int64_t value, char *buffer, size_t size)
{
	int64_t magnitude = llabs(value);
	const char *sign = value < 0 ? "-" : "+";
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	for (int k = OFFSET_POWER_LEAST; k <= 31 && magnitude >= INT64_C(1) << OFFSET_POWER_LEAST; k++) {
		int64_t power = INT64_C(1) << k, rest = magnitude - power;

		if (llabs(rest) > POWER_NEAR)
			continue;
		if (value < 0)
			rest = -rest;
		textbuf_add(&out, "%s2^%d", sign, k);
		if (rest)
			textbuf_add(&out, "%+" PRId64, rest);
		return;
	}
	if (value)
		textbuf_add(&out, "%s%u", sign, (unsigned)magnitude);
}

const char *offset_format(const struct offset *offset, char buffer[static OFFSET_TEXT_SIZE])
{
	char value[OFFSET_TEXT_SIZE - 5];

	format_value(offset->value, value, sizeof(value));
	switch (offset->form) {
	case OFFSET_BELOW:
		return strcpy(buffer, "-below");
	case OFFSET_ABOVE:
		return strcpy(buffer, "-above");
	case OFFSET_ABSENT:
		return strcpy(buffer, "-absent");
	case OFFSET_ZERO:
		return strcpy(buffer, "-zero");
	case OFFSET_WINDOW:
		snprintf(buffer, OFFSET_TEXT_SIZE, "+wnd%s", value);
		return buffer;
	case OFFSET_NUMBER:
		break;
	}
	return strcpy(buffer, offset->value ? value : "-equal");
}

static int64_t key_of(const struct offset *offset)
{
	int64_t form = offset->form <= OFFSET_ABOVE ? OFFSET_NUMBER : offset->form;

	return (form << 40) + (form >= OFFSET_ABSENT ? 0 : offset->value);
}

int offset_compare(const struct offset *a, const struct offset *b)
{
	int64_t left = key_of(a), right = key_of(b);

	return (left > right) - (left < right);
}
