/* completion.c - writes the scripts for bash, zsh and fish. */
#include "harness/pages/completion.h"

#include <string.h>

#include "cases/matrix/axes.h"
#include "harness/commands/markup.h"
#include "harness/commands/operands.h"
#include "harness/commands/option.h"

enum { SUMMARY_SIZE = 128 };

/* What can be offered for the value of an option. */
static bool offers_files(const struct option_row *row)
{
	return row->value && strstr(row->value, "FILE");
}

static void put_words(FILE *out, const struct option_row *row, enum command_id command)
{
	char word[OPTION_VALUE_SIZE];

	for (size_t i = 0; option_value_word(row, command, i, word); i++)
		fprintf(out, "%s%s", i ? " " : "", word);
}

static bool has_words(const struct option_row *row, enum command_id command)
{
	char word[OPTION_VALUE_SIZE];

	return option_value_word(row, command, 0, word);
}

/* The first sentence of an option's help, without its full stop and without what the shells read as marks. Rows without a
 * text have that of the next. */
static const char *summary_of(const struct option_row *row, char summary[static SUMMARY_SIZE])
{
	size_t length;

	for (size_t i = 0; option_at(i); i++)
		while (option_at(i) == row && !row->help)
			row = option_at(++i);
	markup_plain(row->help, summary, SUMMARY_SIZE);
	length = strstr(summary, ". ") ? (size_t)(strstr(summary, ". ") - summary) : strlen(summary);
	length = strstr(summary, " (") && (size_t)(strstr(summary, " (") - summary) < length ?
		 (size_t)(strstr(summary, " (") - summary) : length;
	summary[length] = '\0';
	if (length && summary[length - 1] == '.')
		summary[length - 1] = '\0';
	for (char *bad; (bad = strpbrk(summary, "[]:\"\\")); )
		*bad = ' ';
	return summary;
}

/* Within single quotes, where the shell writes one of them as `quote`. */
static void put_quoted(FILE *out, const char *text, const char *quote)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs(quote, out);
		else
			fputc(*text, out);
	}
}

static bool takes(const struct option_row *row, enum command_id command)
{
	return row->commands & COMMAND_BIT(command);
}

static void put_command_names(FILE *out)
{
	for (enum command_id id = COMMAND_CELL + 1; id < COMMAND_COUNT; id++)
		fprintf(out, "%s%s", id > COMMAND_CELL + 1 ? " " : "", commands_at(id)->name);
}

/* A shell's word for each: the unnamed command is "cell". */
static const char *label(enum command_id command)
{
	return command == COMMAND_CELL ? "cell" : commands_at(command)->name;
}

static void bash_options(FILE *out, enum command_id command)
{
	const struct option_row *row;
	const char *blank = "";

	fprintf(out, "\t%s) echo '", label(command));
	for (size_t i = 0; (row = option_at(i)); i++) {
		if (!takes(row, command))
			continue;
		fprintf(out, "%s--%s%s", blank, row->name, option_has_value(row) && !row->optional ? "=" : "");
		blank = " ";
		if (row->letter)
			fprintf(out, " -%c", row->letter);
	}
	fprintf(out, "' ;;\n");
}

static void bash_values(FILE *out, enum command_id command)
{
	const struct option_row *row;

	for (size_t i = 0; (row = option_at(i)); i++) {
		if (!takes(row, command) || !(has_words(row, command) || offers_files(row) || row->list))
			continue;
		fprintf(out, "\t'%s --%s'", label(command), row->name);
		if (row->letter)
			fprintf(out, "|'%s -%c'", label(command), row->letter);
		fprintf(out, ") echo '");
		put_words(out, row, command);
		fprintf(out, "'");
		if (row->list)
			fprintf(out, "; twprobe list %s 2>/dev/null", row->list);
		if (offers_files(row))
			fprintf(out, "; compgen -f -- \"$3\"");
		fprintf(out, " ;;\n");
	}
}

static void bash_operand(FILE *out, const struct operand *operand)
{
	const char *word;

	if (operand->kind == OPERAND_FILE || operand->kind == OPERAND_SCENARIO)
		fprintf(out, "compgen -f -- \"$2\"; ");
	if (operand->kind == OPERAND_SCENARIO)
		fprintf(out, "twprobe list scenarios 2>/dev/null; ");
	if (operand->kind == OPERAND_FINDING)
		fprintf(out, "twprobe list findings 2>/dev/null; ");
	if (operand->kind == OPERAND_CELL)
		fprintf(out, "_twprobe_cells \"$2\"; ");
	if (operand->kind == OPERAND_WORD) {
		fprintf(out, "echo '");
		for (size_t i = 0; (word = operand->word(i)); i++)
			fprintf(out, "%s%s", i ? " " : "", word);
		fprintf(out, "' ");
	}
}

static void bash_operands(FILE *out, enum command_id command)
{
	const struct operands *operands = commands_at(command)->operands;

	if (!operands->list[0] || operands->list[0]->kind == OPERAND_FREE)
		return;
	fprintf(out, "\t%s) ", label(command));
	for (size_t i = 0; i < OPERANDS_MAX && operands->list[i]; i++)
		bash_operand(out, operands->list[i]);
	fprintf(out, ";;\n");
}

/* A part of a cell's name, as far as it is a word: "syn", "seq-below", "conn-ts-off". */
static void put_parts(FILE *out, const struct axis *axis)
{
	static const struct offset offsets[] = {
		{ OFFSET_BELOW, -OFFSET_DEFAULT }, { OFFSET_NUMBER, 0 }, { OFFSET_ABOVE, OFFSET_DEFAULT },
		{ OFFSET_WINDOW, -1 }, { OFFSET_WINDOW, 0 }, { OFFSET_ABSENT, 0 }, { OFFSET_ZERO, 0 },
	};
	char part[OFFSET_TEXT_SIZE];
	struct offset parsed;
	const char *word;

	for (size_t i = 0; axis->type->word && axis->always && (word = axis->type->word(axis, i)); i++)
		fprintf(out, " %s", word);
	if (axis->type->word && !axis->always)
		fprintf(out, " %s", axis->part);
	for (size_t i = 0; !axis->type->word && i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		offset_format(&offsets[i], part);
		if (offset_parse(axis->key, part + (part[0] == '-'), &parsed, NULL) == 0)
			fprintf(out, " %s%s", axis->part, part);
	}
}

/* Part by part, as file names are: the first four, and then conditions. */
static void bash_cells(FILE *out)
{
	const struct axis *axis = axes_next_in_name(NULL);
	size_t depth = 0;

	fprintf(out, "_twprobe_cells() { # BEGIN\n\tlocal slashes=${1//[^\\/]/} before= words\n"
		"\tcase ${#slashes} in\n");
	for (; axis && axis->always; axis = axes_next_in_name(axis)) {
		fprintf(out, "\t%zu) words='", depth++);
		put_parts(out, axis);
		fprintf(out, "' ;;\n");
	}
	fprintf(out, "\t*) words='");
	for (; axis; axis = axes_next_in_name(axis))
		if (axis->type->word)
			put_parts(out, axis);
	fprintf(out, "' ;;\n\tesac\n\t[ -z \"$slashes\" ] || before=${1%%/*}/\n\tfor words in $words; do\n"
		"\t\tif [ ${#slashes} -lt %zu ]; then echo \"$before$words/\"; else echo \"$before$words\"; fi\n"
		"\tdone\n}\n\n", depth - 1);
}

void completion_bash(FILE *out)
{
	fprintf(out, "# bash completion for twprobe. Made from the program's tables.\n\n"
		"_twprobe_options() { # COMMAND\n\tcase $1 in\n");
	for (enum command_id id = 0; id < COMMAND_COUNT; id++)
		bash_options(out, id);
	fprintf(out, "\tesac\n}\n\n_twprobe_values() { # COMMAND OPTION BEGIN\n\tcase \"$1 $2\" in\n");
	for (enum command_id id = 0; id < COMMAND_COUNT; id++)
		bash_values(out, id);
	fprintf(out, "\tesac\n}\n\n");
	bash_cells(out);
	fprintf(out, "_twprobe_operands() { # COMMAND BEGIN\n\tcase $1 in\n");
	for (enum command_id id = 0; id < COMMAND_COUNT; id++)
		bash_operands(out, id);
	fprintf(out, "\tesac\n}\n\n_twprobe_commands() {\n\techo '");
	put_command_names(out);
	fprintf(out, "'\n}\n");
}

static void zsh_option(FILE *out, const struct option_row *row, enum command_id command)
{
	char summary[SUMMARY_SIZE], value[OPTION_VALUE_SIZE];

	fprintf(out, "\t\t'--%s%s[", row->name, !option_has_value(row) ? "" : row->optional ? "=-" : "=");
	put_quoted(out, summary_of(row, summary), "'\\''");
	fputc(']', out);
	if (option_has_value(row)) {
		fprintf(out, "%s", row->optional ? "::" : ":");
		option_value_text(row, command, value);
		for (char *bad; (bad = strpbrk(value, ":[]'|")); )
			*bad = ' ';
		fprintf(out, "%s:", value);
		if (row->list)
			fprintf(out, "{ compadd -- ${(f)\"$(twprobe list %s 2>/dev/null)\"}; _files }", row->list);
		else if (offers_files(row))
			fprintf(out, "_files");
		else if (has_words(row, command)) {
			fputc('(', out);
			put_words(out, row, command);
			fputc(')', out);
		}
	}
	fprintf(out, "' \\\n");
	if (!row->letter)
		return;
	fprintf(out, "\t\t'-%c[", row->letter);
	put_quoted(out, summary, "'\\''");
	fprintf(out, "]%s' \\\n", option_has_value(row) ? ":FILE:_files" : "");
}

static void zsh_operands(FILE *out, enum command_id command)
{
	const struct operand *operand = commands_at(command)->operands->list[0];
	const char *word;

	if (!operand) {
		fprintf(out, "\t\t&& return\n");
		return;
	}
	fprintf(out, "\t\t'*: :");
	if (operand->kind == OPERAND_FILE)
		fprintf(out, "_files");
	else if (operand->kind == OPERAND_SCENARIO)
		fprintf(out, "{ compadd -- ${(f)\"$(twprobe list scenarios 2>/dev/null)\"}; _files }");
	else if (operand->kind == OPERAND_WORD) {
		fputc('(', out);
		for (size_t i = 0; (word = operand->word(i)); i++)
			fprintf(out, "%s%s", i ? " " : "", word);
		fputc(')', out);
	}
	fprintf(out, "' && return\n");
}

void completion_zsh(FILE *out)
{
	const struct option_row *row;

	fprintf(out, "#compdef twprobe\n# zsh completion for twprobe. Made from the program's tables.\n\n"
		"local command=cell\nlocal -a names=(");
	put_command_names(out);
	fprintf(out, ")\nif (( CURRENT > 2 )) && (( ${names[(Ie)$words[2]]} )); then\n"
		"\tcommand=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n"
		"elif (( CURRENT == 2 )); then\n\tcompadd -- $names\nfi\n\ncase $command in\n");
	for (enum command_id id = 0; id < COMMAND_COUNT; id++) {
		fprintf(out, "%s)\n\t_arguments -s \\\n", label(id));
		for (size_t i = 0; (row = option_at(i)); i++)
			if (takes(row, id))
				zsh_option(out, row, id);
		zsh_operands(out, id);
		fprintf(out, "\t;;\n");
	}
	fprintf(out, "esac\n");
}

static void fish_condition(FILE *out, enum command_id command)
{
	if (command == COMMAND_CELL)
		fprintf(out, "complete -c twprobe -n 'not __fish_seen_subcommand_from $__twprobe_commands'");
	else
		fprintf(out, "complete -c twprobe -n '__fish_seen_subcommand_from %s'", commands_at(command)->name);
}

static void fish_option(FILE *out, const struct option_row *row, enum command_id command)
{
	char summary[SUMMARY_SIZE];

	fish_condition(out, command);
	fprintf(out, " -l %s", row->name);
	if (row->letter)
		fprintf(out, " -s %c", row->letter);
	if (option_has_value(row) && !row->optional)
		fputs(offers_files(row) ? " -r" : " -x", out);
	if (row->list || has_words(row, command)) {
		fputs(" -a '", out);
		put_words(out, row, command);
		if (row->list)
			fprintf(out, "(twprobe list %s 2>/dev/null)", row->list);
		fputc('\'', out);
	}
	fputs(" -d '", out);
	put_quoted(out, summary_of(row, summary), "\\'");
	fputs("'\n", out);
}

static void fish_operands(FILE *out, enum command_id command)
{
	const struct operand *operand = commands_at(command)->operands->list[0];
	const char *word;

	if (!operand || operand->kind == OPERAND_FREE)
		return;
	fish_condition(out, command);
	if (operand->kind == OPERAND_FILE)
		fprintf(out, " -F");
	else if (operand->kind == OPERAND_SCENARIO)
		fprintf(out, " -F -a '(twprobe list scenarios 2>/dev/null)'");
	else if (operand->kind == OPERAND_WORD) {
		fprintf(out, " -a '");
		for (size_t i = 0; (word = operand->word(i)); i++)
			fprintf(out, "%s%s", i ? " " : "", word);
		fputc('\'', out);
	}
	fputc('\n', out);
}

void completion_fish(FILE *out)
{
	const struct option_row *row;

	fprintf(out, "# fish completion for twprobe. Made from the program's tables.\n\nset -g __twprobe_commands ");
	put_command_names(out);
	fprintf(out, "\ncomplete -c twprobe -f\n");
	for (enum command_id id = COMMAND_CELL + 1; id < COMMAND_COUNT; id++) {
		fprintf(out, "complete -c twprobe -n 'not __fish_seen_subcommand_from $__twprobe_commands' -a %s -d '",
			commands_at(id)->name);
		put_quoted(out, commands_at(id)->summary, "\\'");
		fputs("'\n", out);
	}
	for (enum command_id id = 0; id < COMMAND_COUNT; id++) {
		for (size_t i = 0; (row = option_at(i)); i++)
			if (takes(row, id))
				fish_option(out, row, id);
		fish_operands(out, id);
	}
}
