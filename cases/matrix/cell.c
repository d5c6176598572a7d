/* cell.c - a cell and its name. */
#include "cases/matrix/cell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void cell_default(struct cell *cell)
{
	memset(cell, 0, sizeof(*cell));
	cell->state = STATE_TIME_WAIT;
	cell->stimulus.kind = KIND_SYN;
	cell->stimulus.seq = (struct offset){ OFFSET_ABOVE, OFFSET_DEFAULT };
	cell->stimulus.ts = (struct offset){ OFFSET_ABOVE, OFFSET_DEFAULT };
	cell->connection_timestamps = true;
	cell->family = 4;
}

static bool has_ack(const struct cell *cell)
{
	return kind_flags(cell->stimulus.kind) & FLAG_ACK;
}

struct text {
	char *buffer;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...)
{
	va_list arguments;
	int written;

	if (text->used >= text->size)
		return;
	va_start(arguments, format);
	written = vsnprintf(text->buffer + text->used, text->size - text->used, format, arguments);
	va_end(arguments);
	text->used += written > 0 ? (size_t)written : 0;
}

const char *cell_name(const struct cell *cell, char *buffer, size_t size)
{
	const struct stimulus *stimulus = &cell->stimulus;
	struct text text = { buffer, size, 0 };
	char seq[OFFSET_TEXT_SIZE], ts[OFFSET_TEXT_SIZE], ack[OFFSET_TEXT_SIZE];

	put(&text, "%s/%s/seq%s/ts%s", state_name(cell->state), kind_name(stimulus->kind),
	    offset_format(&stimulus->seq, seq), offset_format(&stimulus->ts, ts));
	if (!cell->connection_timestamps)
		put(&text, "/conn-ts-off");
	if (has_ack(cell) && stimulus->ack.value != 0)
		put(&text, "/ack%s", offset_format(&stimulus->ack, ack));
	for (size_t i = 0; i < cell->conditions.sysctl_count; i++) {
		const struct sysctl *sysctl = &cell->conditions.sysctls[i];

		put(&text, "/%s=%s%s", sysctl->name, sysctl->value, sysctl->at_probe ? "@probe" : "");
	}
	if (cell->family == 6)
		put(&text, "/ipv6");
	return buffer;
}

static int set_state(struct cell *cell, const char *text, struct error *error)
{
	char list[160];
	enum state state = state_parse(text);

	if (state == STATE_UNKNOWN)
		return fail(error, "unknown state '%.40s': expected one of %s", text,
			    state_list(list, sizeof(list)));
	cell->state = state;
	return 0;
}

static int set_segment(struct cell *cell, const char *text, struct error *error)
{
	char list[160];
	enum segment_kind kind = kind_parse(text);

	if (kind == KIND_COUNT)
		return fail(error, "unknown segment '%.40s': expected one of %s", text,
			    kind_list(list, sizeof(list)));
	cell->stimulus.kind = kind;
	return 0;
}

static int set_seq(struct cell *cell, const char *text, struct error *error)
{
	return offset_parse("seq", text, &cell->stimulus.seq, error);
}

static int set_ts(struct cell *cell, const char *text, struct error *error)
{
	return offset_parse("ts", text, &cell->stimulus.ts, error);
}

static int set_ack(struct cell *cell, const char *text, struct error *error)
{
	return offset_parse("ack", text, &cell->stimulus.ack, error);
}

static int set_connection_timestamps(struct cell *cell, const char *text, struct error *error)
{
	if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
		return fail(error, "bad connection-timestamps '%.40s': expected on or off", text);
	cell->connection_timestamps = strcmp(text, "on") == 0;
	return 0;
}

static int set_family(struct cell *cell, const char *text, struct error *error)
{
	if (strcmp(text, "ipv4") != 0 && strcmp(text, "ipv6") != 0)
		return fail(error, "bad family '%.40s': expected ipv4 or ipv6", text);
	cell->family = strcmp(text, "ipv4") == 0 ? 4 : 6;
	return 0;
}

static int set_sysctl(struct cell *cell, const char *text, struct error *error)
{
	return conditions_parse(&cell->conditions, text, error);
}

int cell_set(struct cell *cell, const char *key, const char *text, struct error *error)
{
	static const struct {
		const char *key;
		int (*set)(struct cell *cell, const char *text, struct error *error);
	} keys[] = {
		{ "state", set_state },
		{ "segment", set_segment },
		{ "seq", set_seq },
		{ "ts", set_ts },
		{ "ack", set_ack },
		{ "connection-timestamps", set_connection_timestamps },
		{ "family", set_family },
		{ "sysctl", set_sysctl },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i].key) == 0)
			return keys[i].set(cell, text, error);
	return fail(error, "a cell has no '%.40s'", key);
}

/* "seq-below" and "seq+1000" lose "seq"; "-below" then loses its '-', which is a hyphen and no sign. */
static int parse_offset(const char *what, const char *part, struct cell *cell, struct error *error)
{
	size_t length = strlen(what);
	const char *text = part + length;

	if (strncmp(part, what, length) != 0 || (*text != '-' && *text != '+'))
		return fail(error, "'%.60s' where %s and an offset was expected, such as %s-below or %s+1",
			    part, what, what, what);
	if (*text == '-' && text[1] >= 'a' && text[1] <= 'z')
		text++;
	return cell_set(cell, what, text, error);
}

static int parse_condition(char *part, struct cell *cell, struct error *error)
{
	if (strcmp(part, "conn-ts-off") == 0)
		return cell_set(cell, "connection-timestamps", "off", error);
	if (strcmp(part, "ipv6") == 0)
		return cell_set(cell, "family", "ipv6", error);
	if (strchr(part, '='))
		return cell_set(cell, "sysctl", part, error);
	if (strncmp(part, "ack", 3) == 0 && !has_ack(cell))
		return fail(error, "'%.60s': a %s acknowledges nothing", part,
			    kind_name(cell->stimulus.kind));
	if (strncmp(part, "ack", 3) == 0)
		return parse_offset("ack", part, cell, error);
	return fail(error, "unknown condition '%.60s': expected conn-ts-off, ack and an offset, NAME=VALUE, "
		    "NAME=VALUE@probe or ipv6", part);
}

static int parse_part(int number, char *part, struct cell *cell, struct error *error)
{
	switch (number) {
	case 0:
		return cell_set(cell, "state", part, error);
	case 1:
		return cell_set(cell, "segment", part, error);
	case 2:
		return parse_offset("seq", part, cell, error);
	case 3:
		return parse_offset("ts", part, cell, error);
	default:
		return parse_condition(part, cell, error);
	}
}

int cell_parse(const char *name, struct cell *cell, struct error *error)
{
	char copy[CELL_NAME_SIZE], context[80];
	char *rest = copy, *part;
	int number = 0, result = 0;

	cell_default(cell);
	snprintf(context, sizeof(context), "cell '%.60s'", name);
	if (strlen(name) >= sizeof(copy)) {
		fail(error, "longer than %d characters", CELL_NAME_SIZE - 1);
		return fail_in(error, context);
	}
	strcpy(copy, name);
	while (result == 0 && (part = strsep(&rest, "/")))
		result = parse_part(number++, part, cell, error);
	if (result == 0 && number < 4)
		result = fail(error, "expected STATE/SEGMENT/SEQ/TS, for instance time-wait/syn/seq-below/ts-above");
	return result == 0 ? 0 : fail_in(error, context);
}

bool cell_same(const struct cell *a, const struct cell *b)
{
	return a->state == b->state && a->stimulus.kind == b->stimulus.kind &&
	       offset_same(&a->stimulus.seq, &b->stimulus.seq) && offset_same(&a->stimulus.ts, &b->stimulus.ts) &&
	       (!has_ack(a) || offset_same(&a->stimulus.ack, &b->stimulus.ack)) &&
	       a->connection_timestamps == b->connection_timestamps && a->family == b->family &&
	       conditions_equal(&a->conditions, &b->conditions);
}
