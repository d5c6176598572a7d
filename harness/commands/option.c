/* option.c - looks rows up, and what they say of their values. */
#include "harness/commands/option.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "crafter/textbuf.h"
#include "harness/commands/option_internal.h"

const struct option_row *option_at(size_t number)
{
	const struct option_table *const tables[] = {
		&option_map_table, &option_serve_table, option_cell_table(), &option_run_table,
		&option_diagnose_table,
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (number < tables[i]->count)
			return &tables[i]->rows[number];
		number -= tables[i]->count;
	}
	return NULL;
}

static bool takes(enum command_id command, const struct option_row *row)
{
	return command == COMMAND_COUNT || row->commands & COMMAND_BIT(command);
}

const struct option_row *option_find(enum command_id command, const char *name, size_t length)
{
	const struct option_row *row;

	for (size_t i = 0; (row = option_at(i)); i++)
		if (takes(command, row) && strlen(row->name) == length && memcmp(row->name, name, length) == 0)
			return row;
	return NULL;
}

const struct option_row *option_find_letter(enum command_id command, int letter)
{
	const struct option_row *row;

	for (size_t i = 0; (row = option_at(i)); i++)
		if (takes(command, row) && row->letter && row->letter == letter)
			return row;
	return NULL;
}

bool option_has_value(const struct option_row *row)
{
	return row->value || row->word;
}

const char *option_value_text(const struct option_row *row, enum command_id command, char text[static OPTION_VALUE_SIZE])
{
	struct textbuf out;
	const char *word;

	textbuf_init(&out, text, OPTION_VALUE_SIZE);
	if (row->value)
		textbuf_add(&out, "%s", row->value);
	for (size_t i = 0; !row->value && row->word && (word = row->word(row, command, i)); i++)
		textbuf_item(&out, "|", "%s", word);
	return text;
}

/* The part between two bars, as far as it is in small letters: "max", "send:" of "send:TEXT". */
static size_t small_letters(const char *part)
{
	size_t length = 0;

	while (islower((unsigned char)part[length]) || part[length] == '-' || part[length] == ':')
		length++;
	return length;
}

bool option_value_word(const struct option_row *row, enum command_id command, size_t number,
		       char word[static OPTION_VALUE_SIZE])
{
	const char *found = row->word ? row->word(row, command, number) : NULL;

	if (row->word) {
		snprintf(word, OPTION_VALUE_SIZE, "%s", found ? found : "");
		return found;
	}
	for (const char *part = row->value; part && *part;) {
		const char *end = strchrnul(part, '|');
		size_t length = small_letters(part);

		if (length && number-- == 0) {
			snprintf(word, OPTION_VALUE_SIZE, "%.*s", (int)length, part);
			return true;
		}
		part = *end ? end + 1 : end;
	}
	return false;
}

const char *option_help(const struct option_row *row, enum command_id command, char text[static OPTION_HELP_SIZE])
{
	struct textbuf out;
	const char *meaning;

	textbuf_init(&out, text, OPTION_HELP_SIZE);
	textbuf_add(&out, "%s", row->help);
	for (size_t i = 0; row->meaning && (meaning = row->meaning(row, command, i)); i++)
		textbuf_add(&out, "%s _%s_: %s", i ? ";" : "", row->word(row, command, i), meaning);
	if (row->meaning)
		textbuf_add(&out, ".");
	return text;
}

const char *option_section_title(enum option_section section)
{
	static const char *const titles[SECTION_COUNT] = {
		[SECTION_MATRIX] = "Which cells", [SECTION_SCENARIO] = "Which scenarios", [SECTION_MAP] = "The map",
		[SECTION_SERVE] = "The server", [SECTION_COMPARE] = "The comparison",
		[SECTION_EXPLAIN] = "Whose rules", [SECTION_LIST] = "Another list", [SECTION_DIAGNOSE] = "The capture",
		[SECTION_CELL] = "The cell", [SECTION_PROBE] = "How to probe", [SECTION_RUN] = "How many, how fast",
		[SECTION_REPORT] = "What to report", [SECTION_GENERAL] = "General",
	};

	return titles[section];
}
