/* options.c - parses a command line by the rows of options and the command's own. */
#include "harness/commands/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "crafter/nearest.h"
#include "harness/commands/operands.h"
#include "harness/commands/option.h"

/* FIRST_CODE: getopt_long's number of the first row; below it are letters. */
enum { FIRST_CODE = 256 };

/* What getopt_long wants to know. */
struct spelling {
	struct option longs[OPTION_ROWS_MAX + 1];
	char letters[2 * OPTION_ROWS_MAX + 2];
};

static void spell(enum command_id command, struct spelling *spelling)
{
	const struct option_row *row;
	size_t used = 0, count = 0;

	spelling->letters[used++] = ':'; /* a missing value is told apart from an unknown option */
	for (int i = 0; i < OPTION_ROWS_MAX && (row = option_at((size_t)i)); i++) {
		if (!(row->commands & COMMAND_BIT(command)))
			continue;
		spelling->longs[count++] = (struct option){
			.name = row->name, .val = FIRST_CODE + i,
			.has_arg = !option_has_value(row) ? no_argument : row->optional ? optional_argument : required_argument,
		};
		if (row->letter)
			spelling->letters[used++] = row->letter;
		if (row->letter && option_has_value(row))
			spelling->letters[used++] = ':';
	}
	spelling->longs[count] = (struct option){ 0 };
	spelling->letters[used] = '\0';
}

/* An option of other commands only. */
static int does_not_belong(const struct options *options, const struct option_row *row, struct error *error)
{
	const struct command *command = commands_at(options->command);
	const char *why = command->lacks ? command->lacks(row) : NULL;

	if (why)
		return fail(error, "--%s: %s", row->name, why);
	return fail(error, "--%s does not belong to this command; see --help", row->name);
}

/* `length`: of the name in it, with its dashes. */
static int no_option(const struct options *options, const char *given, size_t length, struct error *error)
{
	char name[OPTION_VALUE_SIZE], hint[NEAREST_HINT_SIZE];
	const struct option_row *row;
	struct nearest nearest;

	snprintf(name, sizeof(name), "%.*s", (int)length, given);
	nearest_begin(&nearest, name + strspn(name, "-"));
	for (size_t i = 0; (row = option_at(i)); i++)
		if (row->commands & COMMAND_BIT(options->command))
			nearest_offer(&nearest, row->name);
	/* One that is there was given in another form. */
	if (nearest.distance == 0)
		nearest.word = NULL;
	return fail(error, "no option %.60s, or not in this form; see --help%s", given, nearest_hint(&nearest, "--", hint));
}

/* What getopt_long found wrong when it returned `code`, '?' or ':'. A long option is the argument that it has just passed; the
 * letter of a short one, which may be in the middle of an argument, is in optopt. */
static int wrong(const struct options *options, char **argv, int code, struct error *error)
{
	const char *given = argv[optind - 1];
	bool is_long = given[0] == '-' && given[1] == '-';
	size_t length = strcspn(given, "=");
	const struct option_row *row;

	if (code == ':')
		return fail(error, "%s needs a value", given);
	if (optopt && optopt < FIRST_CODE && !strchr(given, '=')) {
		row = option_find_letter(COMMAND_COUNT, optopt);
		return row ? does_not_belong(options, row, error) : fail(error, "no option -%c; see --help", optopt);
	}
	row = is_long ? option_find(COMMAND_COUNT, given + 2, length - 2) : NULL;
	if (row && !option_find(options->command, given + 2, length - 2))
		return does_not_belong(options, row, error);
	return no_option(options, given, length, error);
}

/* "--ts" of a cell is not short for the --ts-range of a map. */
static const struct option_row *taken_for_another(const struct options *options, char **argv)
{
	const char *given = argv[optind - (optarg == argv[optind - 1] ? 2 : 1)];
	size_t length = strcspn(given, "=");

	if (given[0] != '-' || given[1] != '-' || option_find(options->command, given + 2, length - 2))
		return NULL;
	return option_find(COMMAND_COUNT, given + 2, length - 2);
}

static int take(struct options *options, const struct option_row *row, const struct option_row *given[GROUP_COUNT],
		struct error *error)
{
	if (row->group && given[row->group] == row)
		return fail(error, "--%s is given twice", row->name);
	if (row->group && given[row->group])
		return fail(error, "--%s and --%s are mutually exclusive", given[row->group]->name, row->name);
	given[row->group] = row;
	if (row->axis)
		options->cell_option = row->name;
	return row->take(options, row, optarg, error);
}

static void begin(struct options *options, enum command_id command, int argc, char **argv)
{
	memset(options, 0, sizeof(*options));
	options->command = command;
	options->argc = argc;
	options->argv = argv;
	cell_default(&options->cell);
	options->repeat = 1;
	options->diagnose.connections = DIAGNOSE_CONNECTIONS;
	options->expect = BOOK_LINUX;
	options->color = -1;
	options->topic = COMMAND_CELL;
	options->map.seq.low = options->map.ts.low = -(INT64_C(1) << 31);
	options->map.seq.high = options->map.ts.high = (INT64_C(1) << 31) - 1;
	if (getrandom(&options->seed, 4, 0) != 4)
		options->seed = 1;
}

/* What this segment has no room for would be left out without a word. */
static int check_useless(const struct cell *cell, struct error *error)
{
	for (const struct axis *axis = axes_table; axis < axes_table + AXIS_COUNT; axis++) {
		const void *given = (const char *)cell + axis->offset, *normal = (const char *)&axes_normal + axis->offset;

		if (axis->option && axis->lacks && !axes_applies(axis, cell) && axis->type->compare(given, normal) != 0)
			return fail(error, "--%s: %s %s", axis->option, stimulus_kind_name(cell->stimulus.kind), axis->lacks);
	}
	return 0;
}

int options_parse(struct options *options, enum command_id command, int argc, char **argv, struct error *error)
{
	const struct option_row *given[GROUP_COUNT] = { NULL };
	struct spelling spelling;
	int code;

	begin(options, command, argc, argv);
	spell(command, &spelling);
	opterr = 0;
	optind = 0; /* forgets what another call was in the middle of */
	while ((code = getopt_long(argc, argv, spelling.letters, spelling.longs, NULL)) != -1) {
		const struct option_row *row;

		if (code == ':' || code == '?')
			return wrong(options, argv, code, error);
		row = code < FIRST_CODE ? NULL : taken_for_another(options, argv);
		if (row)
			return does_not_belong(options, row, error);
		row = code < FIRST_CODE ? option_find_letter(command, code) : option_at((size_t)(code - FIRST_CODE));
		if (take(options, row, given, error) < 0)
			return -1;
	}
	if (options->ipv6)
		options->cell.family = 6;
	if (options->help || options->version)
		return 0;
	if (commands_at(command)->operands->take(options, (size_t)(argc - optind), argv + optind, error) < 0)
		return -1;
	if (axes_check(&options->cell, error) < 0)
		return -1;
	if (check_useless(&options->cell, error) < 0)
		return -1;
	if (options->engine == ENGINE_EXEC && command == COMMAND_WHY)
		return fail(error, "--engine=exec: `twprobe why` asks the kernel under test for its reasons, and a process "
			    "has none to give");
	if (options->dry_run && options->format_given && options->format != FORMAT_TABLE && command != COMMAND_EXPORT)
		return fail(error, "--dry-run prints a list for people; leave out --format=%s", format_name(options->format));
	if (options->far && !options->target)
		return fail(error, "--far tells where the path to a target can be heard, and the lab hears both sides of its "
			    "own; give HOST:PORT");
	if ((options->source || options->interface || options->calls) && !options->target)
		return fail(error, "--%s tells how to reach a target, and the lab has none; give HOST:PORT",
			    options->source ? "source" : options->interface ? "interface" : "calls");
	return 0;
}

bool options_ask_lab(const struct options *options)
{
	return !options->target && options->engine != ENGINE_EXEC;
}

bool options_color(const struct options *options)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (options->color >= 0)
		return options->color == 1;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && terminal && strcmp(terminal, "dumb") != 0;
}
