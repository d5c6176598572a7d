/* axes_types.c - how each type of value is read, written and compared. */
#include "cases/matrix/axes_internal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/nearest.h"
#include "crafter/textbuf.h"

enum { LIST_SIZE = 240 };

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static const char *value_is_part(const struct axis *axis, const char *part)
{
	(void)axis;
	return part;
}

/* `list`: of the words that there are. */
static int unknown_word(const struct axis *axis, const char *text, const char *list, struct error *error)
{
	char hint[NEAREST_HINT_SIZE];
	struct nearest nearest;
	const char *word;

	nearest_begin(&nearest, text);
	for (size_t i = 0; (word = axis->type->word(axis, i)); i++)
		nearest_offer(&nearest, word);
	return fail(error, "unknown %s '%.40s': expected one of %s%s", axis->key, text, list, nearest_hint(&nearest, "", hint));
}

static int parse_state(const struct axis *axis, const char *text, void *field, struct error *error)
{
	enum state state = state_parse(text);

	if (state == STATE_UNKNOWN) {
		char list[LIST_SIZE];

		return unknown_word(axis, text, state_list(list, sizeof(list)), error);
	}
	*(enum state *)field = state;
	return 0;
}

static void two_words(const char *one, const char *other, char *buffer, size_t size)
{
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	textbuf_add(&out, "%s%s", one, other);
}

static void format_state(const struct axis *axis, const void *field, char *buffer, size_t size)
{
	(void)axis;
	two_words("", state_name(*(const enum state *)field), buffer, size);
}

static int compare_states(const void *a, const void *b)
{
	return compare_numbers(*(const enum state *)a, *(const enum state *)b);
}

static int parse_segment(const struct axis *axis, const char *text, void *field, struct error *error)
{
	char list[LIST_SIZE];
	enum segment_kind kind = stimulus_kind_parse(text);
	const char *right = stimulus_kind_in_order(text, list, sizeof(list));

	if (kind == KIND_COUNT && right)
		return fail(error, "bad segment '%.40s': expected each flag once, in the order F S R P A U E C e: %s", text,
			    right);
	if (kind == KIND_COUNT)
		return unknown_word(axis, text, stimulus_kind_list(list, sizeof(list)), error);
	*(enum segment_kind *)field = kind;
	return 0;
}

static void format_segment(const struct axis *axis, const void *field, char *buffer, size_t size)
{
	(void)axis;
	two_words("", stimulus_kind_name(*(const enum segment_kind *)field), buffer, size);
}

static int compare_segments(const void *a, const void *b)
{
	return compare_numbers(*(const enum segment_kind *)a, *(const enum segment_kind *)b);
}

static int parse_offset(const struct axis *axis, const char *text, void *field, struct error *error)
{
	return offset_parse(axis->key, text, field, error);
}

static void format_offset(const struct axis *axis, const void *field, char *buffer, size_t size)
{
	char text[OFFSET_TEXT_SIZE];

	two_words(axis->part, offset_format(field, text), buffer, size);
}

/* "seq-below" and "seq+1000" lose "seq"; "-below" then loses its '-', which is a hyphen and not a sign. */
static const char *value_of_offset(const struct axis *axis, const char *part)
{
	size_t length = strlen(axis->part);
	const char *text = part + length;

	if (strncmp(part, axis->part, length) != 0 || (*text != '-' && *text != '+'))
		return NULL;
	return *text == '-' && text[1] >= 'a' && text[1] <= 'z' ? text + 1 : text;
}

static int compare_offsets(const void *a, const void *b)
{
	return offset_compare(a, b);
}

static int parse_switch(const struct axis *axis, const char *text, void *field, struct error *error)
{
	for (int i = 0; i < 2; i++) {
		if (strcmp(text, axis->words[i]) == 0) {
			*(unsigned char *)field = axis->numbers[i];
			return 0;
		}
	}
	return fail(error, "bad %s '%.40s': expected %s or %s", axis->key, text, axis->words[0], axis->words[1]);
}

/* A name shows only the word that is not normal. */
static void format_switch(const struct axis *axis, const void *field, char *buffer, size_t size)
{
	two_words("", *(const unsigned char *)field == axis->numbers[1] ? axis->part : "", buffer, size);
}

static const char *value_of_switch(const struct axis *axis, const char *part)
{
	return strcmp(part, axis->part) == 0 ? axis->words[1] : NULL;
}

static int compare_switches(const void *a, const void *b)
{
	return compare_numbers(*(const unsigned char *)a, *(const unsigned char *)b);
}

static int parse_choice(const struct axis *axis, const char *text, void *field, struct error *error)
{
	struct choice choice = { .given = true };
	size_t digits = strspn(text, "0123456789");
	unsigned long long number = digits <= 10 ? strtoull(text, NULL, 10) : ULLONG_MAX;

	if (strcmp(text, axis->normal) == 0) {
		*(struct choice *)field = (struct choice){ .given = false };
		return 0;
	}
	choice.number = (uint32_t)number;
	if (digits == 0 || text[digits] || number < axis->least || number > axis->most)
		return fail(error, "bad %s '%.40s': expected a whole number from %u to %u, or %s", axis->key, text, axis->least,
			    axis->most, axis->normal);
	*(struct choice *)field = choice;
	return 0;
}

static void format_choice(const struct axis *axis, const void *field, char *buffer, size_t size)
{
	const struct choice *choice = field;

	if (choice->given)
		snprintf(buffer, size, "%s%u", axis->part, choice->number);
	else
		snprintf(buffer, size, "%s%s", axis->part, axis->normal);
}

static const char *value_of_choice(const struct axis *axis, const char *part)
{
	return part + strlen(axis->part);
}

static int compare_choices(const void *a, const void *b)
{
	const struct choice *one = a, *other = b;
	int result = compare_numbers(one->given, other->given);

	return result || !one->given ? result : compare_numbers(one->number, other->number);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int parse_bytes(const struct axis *axis, const char *text, void *field, struct error *error)
{
	struct raw_options read = { .size = 0 };
	size_t length = strlen(text);

	if (strcmp(text, axis->normal) == 0) {
		*(struct raw_options *)field = read;
		return 0;
	}
	if (length == 0 || length % 2 || text[strspn(text, "0123456789abcdefABCDEF")])
		return fail(error, "bad %s '%.80s': expected pairs of hexadecimal digits, such as 1e0300, or %s", axis->key,
			    text, axis->normal);
	if (length > 2 * sizeof(read.bytes))
		return fail(error, "bad %s '%.80s': %zu bytes, and a TCP header has room for %zu", axis->key, text, length / 2,
			    sizeof(read.bytes));
	for (; read.size < length / 2; read.size++)
		read.bytes[read.size] = (uint8_t)(hex_digit(text[2 * read.size]) << 4 | hex_digit(text[2 * read.size + 1]));
	*(struct raw_options *)field = read;
	return 0;
}

static void format_bytes(const struct axis *axis, const void *field, char *buffer, size_t size)
{
	const struct raw_options *options = field;
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	textbuf_add(&out, "%s%s", axis->part, options->size ? "" : axis->normal);
	for (size_t i = 0; i < options->size; i++)
		textbuf_add(&out, "%02x", (unsigned)options->bytes[i]);
}

static int compare_bytes(const void *a, const void *b)
{
	const struct raw_options *one = a, *other = b;
	int result = compare_numbers(one->size, other->size);

	return result ? result : memcmp(one->bytes, other->bytes, one->size);
}

/* Adds to those that are set. */
static int parse_sysctls(const struct axis *axis, const char *text, void *field, struct error *error)
{
	if (strcmp(text, axis->normal) == 0)
		return 0;
	return conditions_parse(field, text, error);
}

static void format_sysctls(const struct axis *axis, const void *field, char *buffer, size_t size)
{
	const struct conditions *conditions = field;
	struct textbuf out;

	(void)axis;
	textbuf_init(&out, buffer, size);
	for (size_t i = 0; i < conditions->sysctl_count; i++) {
		const struct sysctl *sysctl = &conditions->sysctls[i];

		textbuf_item(&out, "/", "%s=%s%s", sysctl->name, sysctl->value, sysctl->at_probe ? "@probe" : "");
	}
}

static int compare_sysctls(const void *left, const void *right)
{
	const struct sysctl *a = left, *b = right;
	int result = strcmp(a->name, b->name);

	if (result == 0)
		result = compare_numbers(a->at_probe, b->at_probe);
	return result ? result : strcmp(a->value, b->value);
}

/* 0 exactly where conditions_equal: the order of the sysctls does not matter. */
static int compare_conditions(const void *a, const void *b)
{
	const struct conditions *one = a, *other = b;
	struct conditions left, right;
	int result = compare_numbers(one->sysctl_count, other->sysctl_count);

	if (result || !one->sysctl_count)
		return result;
	left = *one;
	right = *other;
	qsort(left.sysctls, left.sysctl_count, sizeof(left.sysctls[0]), compare_sysctls);
	qsort(right.sysctls, right.sysctl_count, sizeof(right.sysctls[0]), compare_sysctls);
	for (size_t i = 0; i < left.sysctl_count && result == 0; i++)
		result = compare_sysctls(&left.sysctls[i], &right.sysctls[i]);
	return result;
}

static int parse_path(const struct axis *axis, const char *text, void *field, struct error *error)
{
	char *name = field;

	if (!path_is_name(text))
		return fail(error, "bad %s '%.80s': expected a name of letters, digits, '-', '_', '+' and '.', shorter than "
			    "%d, or %s", axis->key, text, PATH_NAME_SIZE, axis->normal);
	memset(name, 0, PATH_NAME_SIZE);
	if (strcmp(text, axis->normal) != 0)
		strcpy(name, text);
	return 0;
}

static void format_path(const struct axis *axis, const void *field, char *buffer, size_t size)
{
	const char *name = field;

	two_words(axis->part, *name ? name : axis->normal, buffer, size);
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(a, b);
}

static const char *enum_word(const struct axis *axis, size_t number)
{
	return number < sizeof(axis->words) / sizeof(axis->words[0]) ? axis->words[number] : NULL;
}

static int parse_word(const struct axis *axis, const char *text, void *field, struct error *error)
{
	char list[LIST_SIZE];
	struct textbuf out;

	textbuf_init(&out, list, sizeof(list));
	for (size_t number = 0; enum_word(axis, number); number++) {
		textbuf_item(&out, ", ", "%s", enum_word(axis, number));
		if (strcmp(text, enum_word(axis, number)) != 0)
			continue;
		*(int *)field = (int)number;
		return 0;
	}
	return unknown_word(axis, text, list, error);
}

static void format_word(const struct axis *axis, const void *field, char *buffer, size_t size)
{
	two_words(axis->part, enum_word(axis, (size_t)*(const int *)field), buffer, size);
}

static int compare_words(const void *a, const void *b)
{
	return compare_numbers(*(const int *)a, *(const int *)b);
}

static const char *state_word(const struct axis *axis, size_t number)
{
	(void)axis;
	return number < STATE_COUNT ? state_name((enum state)number) : NULL;
}

static const char *segment_word(const struct axis *axis, size_t number)
{
	(void)axis;
	if (number >= KIND_COUNT)
		number = KIND_ICMP + number - KIND_COUNT + 1;
	return stimulus_kind_name((enum segment_kind)number);
}

static const char *switch_word(const struct axis *axis, size_t number)
{
	return number < 2 ? axis->words[number] : NULL;
}

const struct axis_type axes_states = { parse_state, format_state, value_is_part, compare_states, state_word, false };
const struct axis_type axes_segments = { parse_segment, format_segment, value_is_part, compare_segments, segment_word, true };
const struct axis_type axes_offsets = { parse_offset, format_offset, value_of_offset, compare_offsets, NULL, true };
const struct axis_type axes_switches = { parse_switch, format_switch, value_of_switch, compare_switches, switch_word, false };
const struct axis_type axes_choices = { parse_choice, format_choice, value_of_choice, compare_choices, NULL, true };
const struct axis_type axes_bytes = { parse_bytes, format_bytes, value_of_choice, compare_bytes, NULL, true };
const struct axis_type axes_sysctls = { parse_sysctls, format_sysctls, value_is_part, compare_conditions, NULL, true };
const struct axis_type axes_paths = { parse_path, format_path, value_of_choice, compare_paths, NULL, true };
const struct axis_type axes_words = { parse_word, format_word, value_of_choice, compare_words, enum_word, false };
