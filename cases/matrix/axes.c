/* axes.c - the table of axes, and how each type of value is read, written and compared. */
#include "cases/matrix/axes.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/behaviour.h"
#include "crafter/nearest.h"
#include "crafter/textbuf.h"

enum { LIST_SIZE = 200 };

/* The flags that decide whether a segment opens a connection. */
enum { OPENING_FLAGS = FLAG_FIN | FLAG_SYN | FLAG_RST | FLAG_ACK };

const struct cell axes_normal = {
	.state = STATE_TIME_WAIT,
	.stimulus = {
		.kind = KIND_SYN,
		.seq = { OFFSET_ABOVE, OFFSET_DEFAULT },
		.ts = { OFFSET_ABOVE, OFFSET_DEFAULT },
	},
	.connection_timestamps = true,
	.family = 4,
};

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
	char list[LIST_SIZE];
	enum state state = state_parse(text);

	if (state == STATE_UNKNOWN)
		return unknown_word(axis, text, state_list(list, sizeof(list)), error);
	*(enum state *)field = state;
	return 0;
}

static void format_state(const struct axis *axis, const void *field, char *buffer, size_t size)
{
	(void)axis;
	snprintf(buffer, size, "%s", state_name(*(const enum state *)field));
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
		return fail(error, "bad segment '%.40s': expected each flag once, in the order F S R P A U E C: %s", text,
			    right);
	if (kind == KIND_COUNT)
		return unknown_word(axis, text, stimulus_kind_list(list, sizeof(list)), error);
	*(enum segment_kind *)field = kind;
	return 0;
}

static void format_segment(const struct axis *axis, const void *field, char *buffer, size_t size)
{
	(void)axis;
	snprintf(buffer, size, "%s", stimulus_kind_name(*(const enum segment_kind *)field));
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

	snprintf(buffer, size, "%s%s", axis->part, offset_format(field, text));
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
	snprintf(buffer, size, "%s", *(const unsigned char *)field == axis->numbers[1] ? axis->part : "");
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
	if (digits == 0 || text[digits] || number > axis->most)
		return fail(error, "bad %s '%.40s': expected a whole number from 0 to %u, or %s", axis->key, text, axis->most,
			    axis->normal);
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

static const char *state_word(const struct axis *axis, size_t number)
{
	(void)axis;
	return number < STATE_COUNT ? state_name((enum state)number) : NULL;
}

static const char *segment_word(const struct axis *axis, size_t number)
{
	(void)axis;
	return number < KIND_COUNT ? stimulus_kind_name((enum segment_kind)number) : NULL;
}

static const char *switch_word(const struct axis *axis, size_t number)
{
	return number < 2 ? axis->words[number] : NULL;
}

static const struct axis_type states = { parse_state, format_state, value_is_part, compare_states, state_word, false };
static const struct axis_type segments = { parse_segment, format_segment, value_is_part, compare_segments, segment_word, true };
static const struct axis_type offsets = { parse_offset, format_offset, value_of_offset, compare_offsets, NULL, true };
static const struct axis_type switches = { parse_switch, format_switch, value_of_switch, compare_switches, switch_word, false };
static const struct axis_type choices = { parse_choice, format_choice, value_of_choice, compare_choices, NULL, true };
static const struct axis_type sysctls = { parse_sysctls, format_sysctls, value_is_part, compare_conditions, NULL, true };

static bool is_urgent(const struct cell *cell)
{
	return stimulus_kind_flags(cell->stimulus.kind) & FLAG_URG;
}

static bool acknowledges(const struct cell *cell)
{
	return stimulus_kind_flags(cell->stimulus.kind) & FLAG_ACK;
}

/* Only a SYN opens a connection, and the server looks at nothing else. */
static int check_window(const struct cell *cell, struct error *error)
{
	const struct choice *window = &cell->stimulus.window;

	if (!window->given || (stimulus_kind_flags(cell->stimulus.kind) & OPENING_FLAGS) != FLAG_SYN ||
	    window->number < BEHAVIOUR_WINDOW || window->number >= BEHAVIOUR_WINDOW + BEHAVIOUR_COUNT)
		return 0;
	return fail(error, "bad window '%u': with %d to %d a SYN asks twprobe's own server for a behaviour; expected "
		    "another number", window->number, BEHAVIOUR_WINDOW, BEHAVIOUR_WINDOW + BEHAVIOUR_COUNT - 1);
}

#define FIELD(name) .offset = offsetof(struct cell, name), .size = sizeof(((struct cell *)NULL)->name)

const struct axis axes_table[AXIS_COUNT] = {
	{
		.id = AXIS_STATE, .key = "state", .type = &states, FIELD(state), .normal = "time-wait",
		.rank = 10, .always = true,
		.option = "state", .placeholder = "NAME",
		.help = "State of the subject's socket when the stimulus arrives; *twprobe list* names them",
		.more = "In _fin-wait-2-half_ the process still holds the descriptor after shutdown(SHUT_WR); in "
			"_fin-wait-2_ it has closed it.",
	},
	{
		.id = AXIS_SEGMENT, .key = "segment", .type = &segments, FIELD(stimulus.kind), .normal = "syn",
		.rank = 20, .always = true,
		.option = "segment", .placeholder = "NAME",
		.help = "The stimulus; *twprobe list* names them, and any combination of flags is one by its letters, such "
			"as _SEC_",
		.more = "_data_ has 10 bytes. The letters are F S R P A U E C, in this order; _SA_ is _syn-ack_, and _PA_ is "
			"_data_ without bytes.",
	},
	{
		.id = AXIS_SEQ, .key = "seq", .type = &offsets, FIELD(stimulus.seq), .normal = "above",
		.rank = 30, .always = true, .part = "seq", .sent = true,
		.option = "seq", .placeholder = "OFFSET",
		.help = "Its sequence number, relative to the subject's rcv_nxt. _N_ is 1000 by default; _OFFSET_ is "
			"a number such as -1, +1000 or +2^30, or _wnd_ or _wnd-1_ at the right edge of the receive "
			"window",
		.more = "The number of an _OFFSET_ has an optional sign, and may have powers of two: _+2^30_, _-2^31+1_.",
	},
	{
		.id = AXIS_TS, .key = "ts", .type = &offsets, FIELD(stimulus.ts), .normal = "above",
		.rank = 40, .always = true, .part = "ts", .sent = true,
		.option = "ts", .placeholder = "OFFSET",
		.help = "Its TSval, relative to ts_recent, the last TSval that the subject accepted",
		.more = "With *--ts-absent* the segment has no timestamps option, with *--ts-zero* the TSval is 0.",
	},
	{
		.id = AXIS_ACK, .key = "ack", .type = &offsets, FIELD(stimulus.ack), .normal = "equal",
		.rank = 60, .part = "ack", .expected = "ack and an offset", .applies = acknowledges,
		.lacks = "acknowledges nothing", .sent = true,
		.option = "ack", .placeholder = "OFFSET",
		.help = "Its acknowledgment number, relative to the subject's snd_nxt, for segments that have one",
	},
	{
		.id = AXIS_TSECR, .key = "tsecr", .type = &offsets, FIELD(stimulus.tsecr), .normal = "equal",
		.rank = 62, .part = "tsecr", .expected = "tsecr and an offset", .applies = acknowledges,
		.lacks = "echoes no timestamp", .sent = true,
		.option = "tsecr", .placeholder = "OFFSET",
		.help = "Its TSecr, relative to the last TSval of the subject, for segments with timestamps that acknowledge",
		.more = "_zero_ is the TSecr 0.",
	},
	{
		.id = AXIS_PAYLOAD, .key = "payload", .type = &choices, FIELD(stimulus.payload), .normal = "usual",
		.most = SEGMENT_PAYLOAD_MAX, .rank = 65, .part = "payload=", .expected = "payload=N", .sent = true,
		.option = "payload", .placeholder = "N", .help = "The bytes that it carries, whatever its flags: 0 to 256",
		.more = "_usual_ is 10 for _data_, and 0 for all others.",
	},
	{
		.id = AXIS_WINDOW, .key = "window", .type = &choices, FIELD(stimulus.window), .normal = "usual",
		.most = UINT16_MAX, .rank = 70, .part = "win=", .expected = "win=N", .check = check_window, .sent = true,
		.option = "window", .placeholder = "N", .help = "Its window as in the header, not scaled: 0 to 65535",
		.more = "_usual_ is what a Linux client offers: 64240 in segments with SYN, 502 in others. A SYN cannot "
			"have 61000 to 61003, with which a client asks twprobe's own server for a behaviour.",
	},
	{
		.id = AXIS_URGENT, .key = "urgent", .type = &choices, FIELD(stimulus.urgent), .normal = "zero",
		.most = UINT16_MAX, .rank = 72, .part = "urg=", .expected = "urg=N", .applies = is_urgent,
		.lacks = "has no URG flag", .sent = true,
		.option = "urgent", .placeholder = "N",
		.help = "Its urgent pointer, for segments with the URG flag: 0 to 65535",
	},
	{
		.id = AXIS_CONNECTION_TIMESTAMPS, .key = "connection-timestamps", .type = &switches,
		FIELD(connection_timestamps), .normal = "on", .words = { "on", "off" }, .numbers = { true, false },
		.rank = 50, .part = "conn-ts-off", .expected = "conn-ts-off",
		.option = "connection-timestamps", .placeholder = "on|off",
		.help = "Whether the connection that leads to the state has timestamps",
		.more = "With _off_ the TSval of the stimulus is relative to the value that our clock would have sent.",
	},
	{
		.id = AXIS_CONNECTION_TSVAL, .key = "connection-tsval", .type = &choices, FIELD(connection_tsval),
		.normal = "usual", .most = UINT32_MAX, .rank = 52, .part = "conn-tsval=", .expected = "conn-tsval=N",
		.option = "connection-tsval", .placeholder = "N",
		.help = "The TSval of all segments of ours before the stimulus, which the subject has as ts_recent: 0 to "
			"4294967295",
		.more = "With 0, Linux compares no timestamps; above 2147483647, a TSval of 0 is newer. _usual_ is a random "
			"number far from both.",
	},
	{
		.id = AXIS_SYSCTLS, .key = "sysctl", .type = &sysctls, FIELD(conditions), .normal = "none",
		.rank = 80, .part = "", .expected = "NAME=VALUE, NAME=VALUE@probe",
		.option = "sysctl", .placeholder = "NAME=VALUE",
		.help = "Set a sysctl of the lab before the connection; can be given several times. In the lab only",
		.more = "_NAME_ is relative to net.ipv4 (_tcp_rfc1337_), or a full name (_net.core.somaxconn_). "
			"Several numbers are separated by blanks or commas (_'tcp_rmem=4096 4096 4096'_).\n"
			"Limits that a cell sets itself do not count as overload: with _tcp_syncookies=2_ a SYN-ACK may be a "
			"cookie, with _tcp_max_tw_buckets=0_ the listener answers where TIME_WAIT would, and of "
			"cells that make a queue short only as many are in flight as it holds.",
	},
	{
		.id = AXIS_FAMILY, .key = "family", .type = &switches, FIELD(family), .normal = "ipv4",
		.words = { "ipv4", "ipv6" }, .numbers = { 4, 6 },
		.rank = 90, .part = "ipv6", .expected = "ipv6",
	},
};

const struct axis *axes_row(enum axis_id id)
{
	const struct axis *axis = axes_table;

	while (axis->id != id)
		axis++;
	return axis;
}

const struct axis *axes_find(const char *key)
{
	for (const struct axis *axis = axes_table; axis < axes_table + AXIS_COUNT; axis++)
		if (strcmp(axis->key, key) == 0)
			return axis;
	return NULL;
}

const struct axis *axes_next_in_name(const struct axis *axis)
{
	const struct axis *next = NULL;
	int rank = axis ? axis->rank : 0;

	for (const struct axis *other = axes_table; other < axes_table + AXIS_COUNT; other++)
		if (other->rank > rank && (!next || other->rank < next->rank))
			next = other;
	return next;
}

/* Every part with '=' that belongs to no other axis is a sysctl. */
const struct axis *axes_of_part(const char *part)
{
	bool assigns = strchr(part, '=') != NULL;

	for (const struct axis *axis = axes_table; axis < axes_table + AXIS_COUNT; axis++)
		if (!axis->always && axis->id != AXIS_SYSCTLS && assigns == (strchr(axis->part, '=') != NULL) &&
		    strncmp(part, axis->part, strlen(axis->part)) == 0)
			return axis;
	return assigns ? axes_row(AXIS_SYSCTLS) : NULL;
}

static const char *list(bool keys, char *buffer, size_t size)
{
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	for (const struct axis *axis = axes_table; axis < axes_table + AXIS_COUNT; axis++) {
		const char *word = keys ? axis->key : axis->expected;

		if (word)
			textbuf_item(&out, ", ", "%s", word);
	}
	return buffer;
}

const char *axes_keys(char *buffer, size_t size)
{
	return list(true, buffer, size);
}

const char *axes_expected(char *buffer, size_t size)
{
	return list(false, buffer, size);
}

bool axes_applies(const struct axis *axis, const struct cell *cell)
{
	return !axis->applies || axis->applies(cell);
}

const void *axes_value(const struct axis *axis, const struct cell *cell)
{
	return (const char *)(axes_applies(axis, cell) ? cell : &axes_normal) + axis->offset;
}

bool axes_is_normal(const struct axis *axis, const struct cell *cell)
{
	return axis->type->compare(axes_value(axis, cell), (const char *)&axes_normal + axis->offset) == 0;
}

bool axes_same(const struct cell *a, const struct cell *b, unsigned except)
{
	for (const struct axis *axis = axes_table; axis < axes_table + AXIS_COUNT; axis++)
		if (!(except & 1U << axis->id) && axis->type->compare(axes_value(axis, a), axes_value(axis, b)) != 0)
			return false;
	return true;
}

int axes_check(const struct cell *cell, struct error *error)
{
	for (const struct axis *axis = axes_table; axis < axes_table + AXIS_COUNT; axis++)
		if (axis->check && axis->check(cell, error) < 0)
			return -1;
	return 0;
}
