/* option_cell.c - the options of one cell: a row of each axis (cases/matrix/axes.h), and the short forms of some. */
#include <stdio.h>
#include <string.h>

#include "cases/matrix/axes.h"
#include "harness/commands/option_internal.h"
#include "harness/commands/option_values.h"

enum {
	TAKES = TAKES_CELL | TAKES_MAP | TAKES_WHY,
	TAKES_OFFSET = TAKES_CELL | TAKES_WHY, /* which are the axes of a map */
	HELP_SIZE = 320,
};

static const char *axis_word(const struct option_row *row, enum command_id command, size_t number)
{
	(void)command;
	return row->axis->type->word(row->axis, number);
}

static int take_axis(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	struct error inner;

	if (!row->axis->type->open && option_word_number(options, row, text, error) < 0)
		return -1;
	if (row->axis->type->parse(row->axis, text, axes_field(row->axis, &options->cell), &inner) == 0)
		return 0;
	return fail(error, "--%s: %s", row->name, inner.text);
}

static struct offset *offset_of(struct options *options, const struct option_row *row)
{
	return row->group == GROUP_SEQ ? &options->cell.stimulus.seq : &options->cell.stimulus.ts;
}

/* --seq-below=N and its like: N counts away from the base; the default keeps its name in the cell's name. */
static int take_distance(struct options *options, const struct option_row *row, const char *text, bool below,
			 struct error *error)
{
	struct offset *offset = offset_of(options, row);
	uint64_t value = OFFSET_DEFAULT;

	if (text && option_value_count(row->name, text, 1, INT32_MAX, &value, error) < 0)
		return -1;
	offset->form = value != OFFSET_DEFAULT ? OFFSET_NUMBER : below ? OFFSET_BELOW : OFFSET_ABOVE;
	offset->value = below ? -(int64_t)value : (int64_t)value;
	return 0;
}

static int take_below(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	return take_distance(options, row, text, true, error);
}

static int take_above(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	return take_distance(options, row, text, false, error);
}

static int take_form(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	(void)text;
	(void)error;
	*offset_of(options, row) = (struct offset){ .form = (enum offset_form)row->low };
	return 0;
}

static int take_sysctl(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	struct error inner;

	options->sysctl_given = true;
	if (conditions_add(&options->cell.conditions, text, row->low != 0, &inner) == 0)
		return 0;
	return fail(error, "--%s: %s", row->name, inner.text);
}

/* More options of an axis. One with the name of its own option replaces how that is taken; the others come
 * before it, and those with a text after it. */
static const struct form {
	enum axis_id axis;
	struct option_row row;
} forms[] = {
	{ AXIS_SEQ, { .name = "seq-below", .value = "N", .optional = true, .take = take_below, .group = GROUP_SEQ } },
	{ AXIS_SEQ, { .name = "seq-equal", .take = take_form, .low = OFFSET_NUMBER, .group = GROUP_SEQ } },
	{ AXIS_SEQ, { .name = "seq-above", .value = "N", .optional = true, .take = take_above, .group = GROUP_SEQ } },
	{ AXIS_SEQ, { .name = "seq", .take = take_axis, .group = GROUP_SEQ } },
	{ AXIS_TS, { .name = "ts-below", .value = "N", .optional = true, .take = take_below, .group = GROUP_TS } },
	{ AXIS_TS, { .name = "ts-equal", .take = take_form, .low = OFFSET_NUMBER, .group = GROUP_TS } },
	{ AXIS_TS, { .name = "ts-above", .value = "N", .optional = true, .take = take_above, .group = GROUP_TS } },
	{ AXIS_TS, { .name = "ts-absent", .take = take_form, .low = OFFSET_ABSENT, .group = GROUP_TS } },
	{ AXIS_TS, { .name = "ts-zero", .take = take_form, .low = OFFSET_ZERO, .group = GROUP_TS } },
	{ AXIS_TS, { .name = "ts", .take = take_axis, .group = GROUP_TS } },
	{ AXIS_SYSCTLS, { .name = "sysctl", .take = take_sysctl } },
	{ AXIS_SYSCTLS, { .name = "sysctl-at-probe", .value = "NAME=VALUE", .take = take_sysctl, .low = true,
			  .help = "The same, but set once the state is reached, just before the stimulus." } },
};
enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

static struct option_row rows[AXIS_COUNT + FORMS];
static struct option_table table = { rows, 0 };

static void add(const struct option_row *row, const struct axis *axis)
{
	struct option_row *added = &rows[table.count++];

	*added = *row;
	added->axis = axis;
	added->section = SECTION_CELL;
	added->commands = row->group ? TAKES_OFFSET : TAKES;
}

/* The axis's own option; its text tells the normal value, where there is one. */
static void add_axis(const struct axis *axis)
{
	static char helps[AXIS_COUNT][HELP_SIZE];
	struct option_row row = {
		.name = axis->option, .value = axis->placeholder, .help = helps[axis->id], .more = axis->more,
		.word = axis->type->word ? axis_word : NULL, .take = take_axis,
	};

	snprintf(helps[axis->id], HELP_SIZE, strcmp(axis->normal, "none") == 0 ? "%s." : "%s (default _%s_).", axis->help,
		 axis->normal);
	for (size_t i = 0; i < FORMS; i++) {
		if (strcmp(forms[i].row.name, axis->option) == 0) {
			row.take = forms[i].row.take;
			row.group = forms[i].row.group;
		}
	}
	add(&row, axis);
}

static void add_forms(const struct axis *axis, bool with_text)
{
	for (const struct form *form = forms; form < forms + FORMS; form++)
		if (form->axis == axis->id && strcmp(form->row.name, axis->option) != 0 &&
		    with_text == (form->row.help != NULL))
			add(&form->row, axis);
}

const struct option_table *option_cell_table(void)
{
	const struct axis *const end = axes_table + AXIS_COUNT;

	for (const struct axis *axis = table.count ? end : axes_table; axis < end; axis++) {
		if (!axis->option)
			continue;
		add_forms(axis, false);
		add_axis(axis);
		add_forms(axis, true);
	}
	return &table;
}
