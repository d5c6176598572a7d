/* json_put.c - JSON without a tree: each value is followed by a comma, which the end of its object takes back. */
#include "harness/report/json_put.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/decimal.h"
#include "crafter/plain.h"

enum { NUMBER_SIZE = 32 }; /* a number, its comma, a bracket */

void json_put_open(struct json_put *json)
{
	json->text = json->first;
	json->room = sizeof(json->first);
	json->failed = false;
	json->text[0] = '{';
	json->closing[0] = '}';
	json->size = json->depth = 1;
}

static bool grow(struct json_put *json, size_t more)
{
	size_t room = 2 * json->room + more;
	char *text = json->failed ? NULL : malloc(room);

	if (!text) {
		json->failed = true;
		return false;
	}
	memcpy(text, json->text, json->size);
	if (json->text != json->first)
		free(json->text);
	json->text = text;
	json->room = room;
	return true;
}

static bool reserve(struct json_put *json, size_t more)
{
	return json->room - json->size >= more || grow(json, more);
}

/* Room for the key and `more` bytes behind it; NULL where there is none. */
static char *begin(struct json_put *json, const char *key, size_t more)
{
	size_t size = key ? strlen(key) : 0;
	char *at;

	if (json->room - json->size < size + 3 + more && !grow(json, size + 3 + more))
		return NULL;
	at = json->text + json->size;
	if (!key)
		return at;
	*at++ = '"';
	memcpy(at, key, size);
	at += size;
	*at++ = '"';
	*at++ = ':';
	return at;
}

static void finish(struct json_put *json, const char *at)
{
	json->size = (size_t)(at - json->text);
}

static void put_word(struct json_put *json, const char *key, const char *word, size_t size)
{
	char *at = begin(json, key, size + 1);

	if (!at)
		return;
	memcpy(at, word, size);
	at[size] = ',';
	finish(json, at + size + 1);
}

void json_put_null(struct json_put *json, const char *key)
{
	put_word(json, key, "null", 4);
}

void json_put_boolean(struct json_put *json, const char *key, bool value)
{
	put_word(json, key, value ? "true" : "false", value ? 4 : 5);
}

void json_put_number(struct json_put *json, const char *key, int64_t value)
{
	char *at = begin(json, key, NUMBER_SIZE);

	if (!at)
		return;
	if (value < 0)
		*at++ = '-';
	at = decimal_write(at, value < 0 ? -(uint64_t)value : (uint64_t)value);
	*at++ = ',';
	finish(json, at);
}

void json_put_known(struct json_put *json, const char *key, bool known, int64_t value)
{
	if (known)
		json_put_number(json, key, value);
	else
		json_put_null(json, key);
}

/* As jansson prints a double: 15 digits, a fraction or an exponent, and that without a plus or zeros in front. */
static char *put_double(char *at, double value)
{
	char printed[NUMBER_SIZE], *exponent;

	snprintf(printed, sizeof(printed), "%.15g", value);
	if (!strpbrk(printed, ".e"))
		strcat(printed, ".0");
	exponent = strchr(printed, 'e');
	if (exponent) {
		char *digits = exponent + 1 + (exponent[1] == '-' || exponent[1] == '+');
		char *first = digits + strspn(digits, "0");

		digits = exponent[1] == '-' ? digits : exponent + 1;
		memmove(digits, first, strlen(first) + 1);
	}
	return stpcpy(at, printed);
}

/* Thousandths and the like have no fraction that a double cannot tell: their digits are those of an integer. */
static char *put_decimal(char *at, int64_t scaled, unsigned steps)
{
	uint64_t size = scaled < 0 ? -(uint64_t)scaled : (uint64_t)scaled, rest = size % steps;

	if (scaled < 0)
		*at++ = '-';
	at = decimal_write(at, size / steps);
	*at++ = '.';
	do {
		steps /= 10;
		*at++ = (char)('0' + (steps ? rest / steps : 0));
		rest = steps ? rest % steps : 0;
	} while (rest);
	return at;
}

void json_put_real(struct json_put *json, const char *key, double value, unsigned steps)
{
	const double most = 1e14, scaled = round(value * steps);
	char *at = begin(json, key, NUMBER_SIZE + 1);

	if (!at)
		return;
	if (!isfinite(scaled))
		at = stpcpy(at, "null"); /* JSON has no other word for it */
	else if (fabs(scaled) < most && (scaled != 0 || !signbit(scaled)) && (scaled == 0 || fabs(scaled) >= steps * 1e-4))
		at = put_decimal(at, (int64_t)scaled, steps);
	else
		at = put_double(at, scaled / steps);
	*at++ = ',';
	finish(json, at);
}

static bool is_utf8(const char *text)
{
	size_t length;

	while (*text && (length = plain_utf8_length(text)) > 0)
		text += length;
	return !*text;
}

static bool needs_no_escape(unsigned char byte)
{
	/* A bit for each of the first 128: all but the controls, '"' (0x22) and '\\' (0x5C). */
	static const uint32_t plain[4] = { 0, ~(UINT32_C(1) << 2), ~(UINT32_C(1) << 28), UINT32_MAX };

	return byte < 0x80 && plain[byte >> 5] >> (byte & 31) & 1;
}

/* How many bytes at the beginning need no escape: eight at a time are compared at once, as bytes of a word. */
static size_t unescaped_length(const char *string, size_t size)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = 0x80 * ones;
	size_t at = 0;

	for (; at + sizeof(uint64_t) <= size; at += sizeof(uint64_t)) {
		uint64_t word, quotes, backslashes, below;

		memcpy(&word, string + at, sizeof(word));
		quotes = word ^ '"' * ones;
		backslashes = word ^ '\\' * ones;
		below = ((word - 0x20 * ones) & ~word) | ((quotes - ones) & ~quotes) | ((backslashes - ones) & ~backslashes);
		if ((word | below) & high)
			break;
	}
	while (at < size && needs_no_escape((unsigned char)string[at]))
		at++;
	return at;
}

/* One byte that is not plain. `valid`: the whole text is UTF-8. */
static char *put_escaped(char *at, unsigned char byte, bool valid)
{
	static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt", hex[] = "0123456789ABCDEF";

	if (byte >= 0x80) {
		*at++ = (char)(valid ? byte : '?');
		return at;
	}
	*at++ = '\\';
	for (const char *form = short_forms; *form; form += 2)
		if ((unsigned char)*form == byte) {
			*at++ = form[1];
			return at;
		}
	at = stpcpy(at, "u00");
	*at++ = hex[byte >> 4];
	*at++ = hex[byte & 15];
	return at;
}

void json_put_string(struct json_put *json, const char *key, const char *string)
{
	enum { LONGEST = 6, AROUND = 3 }; /* a control character, \u001F; two quotes and a comma */
	size_t size = strlen(string), plain;
	char *at = begin(json, key, size + AROUND);
	bool valid;

	if (!at)
		return;
	*at++ = '"';
	memcpy(at, string, size);
	plain = unescaped_length(string, size);
	at += plain;
	if (plain < size) {
		finish(json, at);
		if (!reserve(json, LONGEST * (size - plain) + AROUND))
			return;
		at = json->text + json->size;
		valid = is_utf8(string + plain);
		for (; plain < size; plain++)
			if (needs_no_escape((unsigned char)string[plain]))
				*at++ = string[plain];
			else
				at = put_escaped(at, (unsigned char)string[plain], valid);
	}
	*at++ = '"';
	*at++ = ',';
	finish(json, at);
}

void json_put_text(struct json_put *json, const char *key, const char *string)
{
	if (string && *string)
		json_put_string(json, key, string);
	else
		json_put_null(json, key);
}

static void open_list(struct json_put *json, const char *key, char opening, char closing)
{
	char *at = begin(json, key, 3);

	if (!at || json->depth == JSON_PUT_DEPTH) {
		json->failed = true;
		return;
	}
	*at++ = opening;
	json->closing[json->depth++] = closing;
	finish(json, at);
}

void json_put_object(struct json_put *json, const char *key)
{
	open_list(json, key, '{', '}');
}

void json_put_array(struct json_put *json, const char *key)
{
	open_list(json, key, '[', ']');
}

void json_put_end(struct json_put *json)
{
	if (json->failed || !json->depth || !reserve(json, 2))
		return;
	if (json->text[json->size - 1] == ',')
		json->size--;
	json->text[json->size++] = json->closing[--json->depth];
	json->text[json->size++] = ',';
}

int json_put_line(struct json_put *json, FILE *out, struct error *error)
{
	int result = 0;

	json_put_end(json);
	if (json->failed) {
		result = fail(error, "out of memory for a JSON record");
	} else {
		json->text[json->size - 1] = '\n';
		fwrite(json->text, 1, json->size, out);
	}
	if (json->text != json->first)
		free(json->text);
	json->text = NULL;
	return result;
}
