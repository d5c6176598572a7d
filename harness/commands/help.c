/* help.c - --help, laid out for the terminal. */
#include "harness/commands/help.h"

#include <stdio.h>
#include <string.h>

#include "harness/commands/markup.h"
#include "harness/commands/operands.h"
#include "harness/commands/option.h"
#include "harness/report/text.h"

enum { USAGE_COLUMN = 41, ENTRY_COLUMN = 31, EXIT_COLUMN = 8, TERM_SIZE = 512, TEXT_SIZE = 2048 };

static void print_paragraph(const char *text, size_t indent)
{
	char plain[TEXT_SIZE];

	printf("%*s", (int)indent, "");
	text_wrap(stdout, markup_plain(text, plain, sizeof(plain)), indent, indent);
}

/* Those of a text, which "\n" ends. */
static void print_text(const char *text)
{
	char paragraph[TEXT_SIZE];

	while (*text) {
		size_t length = strcspn(text, "\n");

		snprintf(paragraph, sizeof(paragraph), "%.*s", (int)length, text);
		putchar('\n');
		print_paragraph(paragraph, 0);
		text += length + (text[length] == '\n');
	}
}

static void print_entry(const char *term, size_t column, const char *meaning)
{
	char plain[TEXT_SIZE];

	text_entry(stdout, term, column, markup_plain(meaning, plain, sizeof(plain)));
}

static void print_usage(enum command_id id)
{
	const struct command *command = commands_at(id);
	char line[TERM_SIZE];

	for (size_t i = 0; i < COMMAND_SYNOPSES_MAX && command->synopsis[i]; i++) {
		snprintf(line, sizeof(line), "  twprobe %s%s%s", command->name, *command->name ? " " : "",
			 command->synopsis[i]);
		if (i == 0)
			print_entry(line, USAGE_COLUMN, command->summary);
		else
			puts(line);
	}
}

/* "-o FILE, --output=FILE" */
static size_t put_term(const struct option_row *row, enum command_id command, char *term, size_t size)
{
	char value[OPTION_VALUE_SIZE];
	size_t used = 0;

	option_value_text(row, command, value);
	if (row->letter)
		used = (size_t)snprintf(term, size, "-%c%s%s, ", row->letter, *value ? " " : "", value);
	if (row->optional)
		return used + (size_t)snprintf(term + used, size - used, "--%s[=%s]", row->name, value);
	/* NAME=VALUE is easier to read apart. */
	return used + (size_t)snprintf(term + used, size - used, "--%s%s%s", row->name,
				       !*value ? "" : strchr(value, '=') ? " " : "=", value);
}

/* Rows without a text are one entry with the next that has one. */
static void print_section(enum command_id command, enum option_section section)
{
	char term[TERM_SIZE] = "  ", text[OPTION_HELP_SIZE];
	const struct option_row *row;
	bool any = false;
	size_t used = 2;

	for (size_t i = 0; (row = option_at(i)); i++) {
		if (row->section != section || !(row->commands & COMMAND_BIT(command)))
			continue;
		if (!any)
			printf("\n%s:\n", option_section_title(section));
		any = true;
		used += put_term(row, command, term + used, sizeof(term) - used);
		if (!row->help) {
			term[used++] = ' ';
			continue;
		}
		print_entry(term, ENTRY_COLUMN, option_help(row, command, text));
		used = 2;
	}
}

static void print_operands(const struct command *command)
{
	const struct operand *const *list = command->operands->list;

	for (size_t i = 0; i < OPERANDS_MAX && list[i]; i++) {
		char term[TERM_SIZE];

		snprintf(term, sizeof(term), "  %s", list[i]->name);
		if (i == 0)
			putchar('\n');
		print_entry(term, ENTRY_COLUMN, list[i]->help);
	}
}

static void print_exits(const struct command *command)
{
	printf("\nExit status:\n");
	for (const struct command_exit *row = command->exits; row->meaning; row++) {
		char term[16];

		snprintf(term, sizeof(term), "  %d", row->code);
		print_entry(term, EXIT_COLUMN, row->meaning);
	}
}

static void print_examples(const struct command *command)
{
	for (size_t i = 0; i < COMMAND_EXAMPLES_MAX && command->examples[i].line; i++) {
		if (i == 0)
			printf("\nExamples:\n");
		print_paragraph(command->examples[i].what, 2);
		printf("    ");
		text_wrap(stdout, command->examples[i].line, 4, 6);
	}
}

void help_print(enum command_id id)
{
	const struct command *command = commands_at(id);

	if (id == COMMAND_CELL) {
		print_paragraph("twprobe - what does this kernel answer to this segment in this TCP state?", 0);
		putchar('\n');
		for (enum command_id i = 0; i < COMMAND_COUNT; i++)
			print_usage(i);
	} else {
		print_usage(id);
	}
	print_text(command->text);
	print_operands(command);
	for (enum option_section section = 0; section < SECTION_COUNT; section++)
		print_section(id, section);
	print_exits(command);
	print_examples(command);
}

void help_version(void)
{
	printf("twprobe %s\n", TWPROBE_VERSION);
}
