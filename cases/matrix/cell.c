/* cell.c - the name of a cell, and its parts by their keys. */
#include "cases/matrix/cell.h"

#include <stdio.h>
#include <string.h>

#include "cases/matrix/axes.h"

const char *cell_name(const struct cell *cell, char *buffer, size_t size)
{
	size_t used = 0;

	for (const struct axis *axis = axes_next_in_name(NULL); axis; axis = axes_next_in_name(axis)) {
		if (!axis->always && axes_is_normal(axis, cell))
			continue;
		if (used + 1 >= size)
			break;
		if (used)
			buffer[used++] = '/';
		axis->type->format(axis, axes_value(axis, cell), buffer + used, size - used);
		used += strlen(buffer + used);
	}
	return buffer;
}

int cell_set(struct cell *cell, const char *key, const char *text, struct error *error)
{
	const struct axis *axis = axes_find(key);

	if (!axis)
		return fail(error, "a cell has no '%.40s'", key);
	return axis->type->parse(axis, text, axes_field(axis, cell), error);
}

/* As much of a text as a message quotes; what is cut off shows. */
enum { QUOTED_MAX = 60, QUOTED_SIZE = QUOTED_MAX + 8 };

static const char *quoted(const char *text, char buffer[static QUOTED_SIZE])
{
	snprintf(buffer, QUOTED_SIZE, "%.*s%s", QUOTED_MAX, text, strlen(text) > QUOTED_MAX ? "…" : "");
	return buffer;
}

static int unknown_part(const char *part, struct error *error)
{
	char list[400], text[QUOTED_SIZE];

	return fail(error, "unknown condition '%s': expected one of %s", quoted(part, text), axes_expected(list, sizeof(list)));
}

/* "defer-accept=3" is no sysctl: the condition has no number. */
static bool has_no_value(const char *part)
{
	char name[QUOTED_SIZE];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(part, "="), part);
	return axes_of_part(name) && axes_of_part(name)->type->value(axes_of_part(name), name);
}

/* The axes in `named` have their value. NULL: the axis is not known yet, because names have it only where it is not normal. */
static int parse_part(const struct axis *axis, const char *part, uint64_t *named, struct cell *cell, struct error *error)
{
	const struct axis *owner = axis ? axis : axes_of_part(part);
	const char *text = owner ? owner->type->value(owner, part) : NULL;
	char shown[QUOTED_SIZE];

	if (owner && owner->id == AXIS_SYSCTLS && has_no_value(part))
		return fail(error, "'%s': this condition takes no value; write '%.*s'", quoted(part, shown),
			    (int)strcspn(part, "="), part);
	if (owner && owner->lacks && !axes_applies(owner, cell))
		return fail(error, "'%s': %s %s", quoted(part, shown), stimulus_kind_name(cell->stimulus.kind), owner->lacks);
	if (owner && owner->id != AXIS_SYSCTLS && *named & axes_bit(owner->id))
		return fail(error, "'%s': a second value of %s", quoted(part, shown), owner->key);
	if (owner)
		*named |= axes_bit(owner->id);
	if (text)
		return owner->type->parse(owner, text, axes_field(owner, cell), error);
	if (!owner || owner->words[0])
		return unknown_part(part, error);
	return fail(error, "'%s' where %s and an offset was expected, such as %s-below or %s+1", quoted(part, shown),
		    owner->part, owner->part, owner->part);
}

/* The parts that every name has come first. */
static int parse_parts(char *rest, struct cell *cell, struct error *error)
{
	const struct axis *axis = axes_next_in_name(NULL);
	uint64_t named = 0; /* axes_bit() of each */
	char *part;

	while ((part = strsep(&rest, "/"))) {
		if (parse_part(axis, part, &named, cell, error) < 0)
			return -1;
		if (axis)
			axis = axes_next_in_name(axis);
		if (axis && !axis->always)
			axis = NULL;
	}
	if (axis)
		return fail(error, "expected STATE/SEGMENT/SEQ/TS, for instance time-wait/syn/seq-below/ts-above");
	return axes_check(cell, error);
}

int cell_parse(const char *name, struct cell *cell, struct error *error)
{
	char copy[CELL_NAME_SIZE], shown[QUOTED_SIZE], context[QUOTED_SIZE + 8];

	cell_default(cell);
	snprintf(context, sizeof(context), "cell '%s'", quoted(name, shown));
	if (strlen(name) >= sizeof(copy)) {
		fail(error, "longer than %d characters", CELL_NAME_SIZE - 1);
		return fail_in(error, context);
	}
	strcpy(copy, name);
	return parse_parts(copy, cell, error) == 0 ? 0 : fail_in(error, context);
}

const struct state_plan *cell_plan(const struct cell *cell)
{
	return state_plan_by(cell->state, cell->opening);
}

bool cell_has_unread(const struct cell *cell)
{
	return cell->unread.given || cell->receive_window >= RECEIVE_WINDOW_CLOSED;
}

const struct state_plan *cell_way(const struct cell *cell, struct state_plan *way)
{
	const struct state_plan *plan = cell_plan(cell);

	if (!plan || !cell_has_unread(cell))
		return plan;
	state_plan_with_data(plan, way);
	return way;
}

bool cell_connects(const struct cell *cell)
{
	const struct state_plan *plan = cell_plan(cell);

	return plan && state_plan_connects(plan);
}

enum listener cell_listener(const struct cell *cell)
{
	if (cell->nobody_listens && cell->state != STATE_CLOSED && !cell_connects(cell))
		return LISTENER_GONE;
	if (cell->queue == QUEUE_ROOM)
		return LISTENER_KEPT;
	return cell->queue == QUEUE_ACCEPT_FULL ? LISTENER_ACCEPT_FULL : LISTENER_SYN_FULL;
}

void cell_default(struct cell *cell)
{
	*cell = axes_normal;
}
