/* manual.c - writes manual pages. */
#include "harness/pages/manual.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "harness/commands/operands.h"
#include "harness/commands/option.h"
#include "harness/pages/article.h"

#define TAGLINE "what does this kernel answer to this segment in this TCP state?"

const char *manual_name(enum command_id command, char name[static MANUAL_NAME_SIZE])
{
	const char *own = commands_at(command)->name;

	snprintf(name, MANUAL_NAME_SIZE, "twprobe%s%s", *own ? "-" : "", own);
	return name;
}

/* "--all", "-o" */
static size_t dashed(const char *text)
{
	size_t dashes = strspn(text, "-");

	return dashes && isalpha((unsigned char)text[dashes]) ?
	       dashes + strspn(text + dashes, "abcdefghijklmnopqrstuvwxyz-") : 0;
}

/* "HOST:PORT", "A..B", "-": a placeholder, or a value. */
static size_t word(const char *text)
{
	size_t length = 0;

	if (!isalnum((unsigned char)*text) && *text != '-')
		return 0;
	while (text[length] && (isalnum((unsigned char)text[length]) || strchr("-.:/=", text[length])))
		length++;
	return length;
}

/* Marks "--all" as bold and words like FILE as underlined in a synopsis or a placeholder. */
static void mark(FILE *out, const char *text)
{
	while (*text) {
		size_t bold = dashed(text), length = bold ? bold : word(text);

		if (length)
			fprintf(out, "%s%.*s%s", bold ? "*" : "_", (int)length, text, bold ? "*" : "_");
		else
			fputc(*text, out);
		text += length ? length : 1;
	}
}

/* Paragraphs, each a line. */
static void write_text(FILE *out, const char *text, const char *indent)
{
	while (text && *text) {
		size_t length = strcspn(text, "\n");

		fprintf(out, "%s%.*s\n\n", indent, (int)length, text);
		text += length + (text[length] == '\n');
	}
}

/* `first`: no line is above it. */
static void write_synopsis(FILE *out, enum command_id id, bool first)
{
	const struct command *command = commands_at(id);

	for (size_t i = 0; i < COMMAND_SYNOPSES_MAX && command->synopsis[i]; i++) {
		fprintf(out, "%s*twprobe%s%s* ", first && i == 0 ? "" : "++\n", *command->name ? " " : "", command->name);
		mark(out, command->synopsis[i]);
	}
}

/* "*-o* _FILE_, *--output*=_FILE_" */
static void write_term(FILE *out, const struct option_row *row, enum command_id command)
{
	char value[OPTION_VALUE_SIZE];

	option_value_text(row, command, value);
	if (row->letter) {
		fprintf(out, "*-%c*%s", row->letter, *value ? " " : "");
		mark(out, value);
		fputs(", ", out);
	}
	fprintf(out, "*--%s*%s", row->name, row->optional ? "[=" : !*value ? "" : strchr(value, '=') ? " " : "=");
	mark(out, value);
	fputs(row->optional ? "]" : "", out);
}

/* What the value may be, where the term does not say it. */
static void write_words(FILE *out, const struct option_row *row, enum command_id command)
{
	char value[OPTION_VALUE_SIZE];

	if (!row->word || !row->value || strchr(row->value, '|'))
		return;
	for (size_t i = 0; option_value_word(row, command, i, value); i++)
		fprintf(out, "%s_%s_", i ? ", " : " One of ", value);
	fputc('.', out);
}

static void write_option(FILE *out, const struct option_row *row, enum command_id command)
{
	char help[OPTION_HELP_SIZE];
	const char *more = row->more ? row->more : "";
	size_t length = strcspn(more, "\n");

	write_term(out, row, command);
	if (!row->help) {
		fputs(", ", out);
		return;
	}
	fprintf(out, "\n\t%s", option_help(row, command, help));
	write_words(out, row, command);
	fprintf(out, "%s%.*s\n\n", length ? " " : "", (int)length, more);
	write_text(out, more + length + (more[length] == '\n'), "\t");
}

static void write_options(FILE *out, enum command_id command)
{
	const struct option_row *row;

	fprintf(out, "# OPTIONS\n\n");
	for (enum option_section section = 0; section < SECTION_COUNT; section++) {
		bool any = false;

		for (size_t i = 0; (row = option_at(i)); i++) {
			if (row->section != section || !(row->commands & COMMAND_BIT(command)))
				continue;
			if (!any)
				fprintf(out, "## %s\n\n", option_section_title(section));
			any = true;
			write_option(out, row, command);
		}
	}
}

static void write_operands(FILE *out, const struct command *command)
{
	for (size_t i = 0; i < OPERANDS_MAX && command->operands->list[i]; i++) {
		const struct operand *operand = command->operands->list[i];

		if (i == 0)
			fprintf(out, "# OPERANDS\n\n");
		fputs(*operand->name == '[' ? "\\" : "", out); /* else it begins a table */
		mark(out, operand->name);
		fprintf(out, "\n\t%s%s%s\n\n", operand->help, operand->more ? " " : "", operand->more ? operand->more : "");
	}
}

static void write_exits(FILE *out, const struct command *command)
{
	fprintf(out, "# EXIT STATUS\n\n");
	for (const struct command_exit *row = command->exits; row->meaning; row++)
		fprintf(out, "%d\n\t%s\n\n", row->code, row->meaning);
}

static void write_examples(FILE *out, const struct command *command)
{
	if (!command->examples[0].line)
		return;
	fprintf(out, "# EXAMPLES\n\n");
	for (size_t i = 0; i < COMMAND_EXAMPLES_MAX && command->examples[i].line; i++)
		fprintf(out, "%s\n\n```\n%s\n```\n\n", command->examples[i].what, command->examples[i].line);
}

static void write_see_also(FILE *out, enum command_id own)
{
	char name[MANUAL_NAME_SIZE];

	fprintf(out, "# SEE ALSO\n\n");
	for (enum command_id id = 0; id < COMMAND_COUNT; id++)
		if (id != own)
			fprintf(out, "*%s*(1), ", manual_name(id, name));
	for (size_t i = 0; article_at(i); i++)
		fprintf(out, "*%s*(%d), ", article_at(i)->name, article_at(i)->section);
	fprintf(out, "*tcp*(7), *network_namespaces*(7), *pcap-filter*(7)\n");
}

static int write_prose(FILE *out, const char *folder, const char *name, struct error *error)
{
	char path[PATH_MAX], buffer[4096];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.scd", folder, name);
	file = fopen(path, "r");
	if (!file)
		return fail(error, "%s: %s", path, strerror(errno));
	while ((size = fread(buffer, 1, sizeof(buffer), file)) > 0)
		fwrite(buffer, 1, size, out);
	fclose(file);
	fputc('\n', out);
	return 0;
}

static void write_command(FILE *out, enum command_id id)
{
	const struct command *command = commands_at(id);
	char name[MANUAL_NAME_SIZE];

	fprintf(out, "%s(1)\n\n# NAME\n\n%s - %s\n\n# SYNOPSIS\n\n", manual_name(id, name), name, command->summary);
	write_synopsis(out, id, true);
	fprintf(out, "\n\n# DESCRIPTION\n\n");
	write_text(out, command->text, "");
	write_text(out, command->more, "");
	fprintf(out, "Cells, rule books, verdicts, privileges, environment and files are described in *twprobe*(1).\n\n");
	write_operands(out, command);
	write_options(out, id);
	write_exits(out, command);
	write_examples(out, command);
	write_see_also(out, id);
}

static void write_commands(FILE *out)
{
	char name[MANUAL_NAME_SIZE];

	fprintf(out, "# COMMANDS\n\n");
	for (enum command_id id = COMMAND_CELL + 1; id < COMMAND_COUNT; id++)
		fprintf(out, "*%s*(1)\n\t%c%s.\n\n", manual_name(id, name),
			toupper((unsigned char)commands_at(id)->summary[0]), commands_at(id)->summary + 1);
	fprintf(out, "Without a command, twprobe probes one cell:\n\n");
	write_text(out, commands_at(COMMAND_CELL)->text, "");
}

/* The page of the whole program is that of its unnamed command, and tells what all have in common. */
static int write_program(FILE *out, const char *prose, struct error *error)
{
	static const char *const before_exits[] = { "rule-books", "verdicts" };
	static const char *const after_exits[] = { "signals", "privileges", "environment", "files" };
	const struct command *command = commands_at(COMMAND_CELL);

	fprintf(out, "twprobe(1)\n\n# NAME\n\ntwprobe - %s\n\n# SYNOPSIS\n\n", TAGLINE);
	for (enum command_id id = 0; id < COMMAND_COUNT; id++)
		write_synopsis(out, id, id == COMMAND_CELL);
	fputs("\n\n", out);
	if (write_prose(out, prose, "description", error) < 0)
		return -1;
	write_commands(out);
	write_operands(out, command);
	write_options(out, COMMAND_CELL);
	for (size_t i = 0; i < sizeof(before_exits) / sizeof(before_exits[0]); i++)
		if (write_prose(out, prose, before_exits[i], error) < 0)
			return -1;
	write_exits(out, command);
	for (size_t i = 0; i < sizeof(after_exits) / sizeof(after_exits[0]); i++)
		if (write_prose(out, prose, after_exits[i], error) < 0)
			return -1;
	write_examples(out, command);
	write_see_also(out, COMMAND_CELL);
	return 0;
}

int manual_write(FILE *out, enum command_id command, const char *prose, struct error *error)
{
	if (command == COMMAND_CELL)
		return write_program(out, prose, error);
	write_command(out, command);
	return 0;
}
