/* option_take.c - the ways to take a value that several options have in common. */
#include <stdio.h>
#include <string.h>

#include "crafter/nearest.h"
#include "crafter/textbuf.h"
#include "harness/commands/option_internal.h"
#include "harness/commands/option_values.h"

int option_take_flag(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	(void)text;
	(void)error;
	*(bool *)((char *)options + row->at) = true;
	return 0;
}

int option_take_text(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	(void)error;
	*(const char **)(void *)((char *)options + row->at) = text;
	return 0;
}

int option_take_input(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	return option_take_text(options, row, option_value_input(text), error);
}

int option_take_count(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	uint64_t value;

	if (option_value_count(row->name, text, row->low, row->high, &value, error) < 0)
		return -1;
	*(size_t *)(void *)((char *)options + row->at) = (size_t)value;
	return 0;
}

enum { FEW = 4 };

/* "table, json or tap"; "one of listen, syn-recv, ..." where there are many. */
static const char *expected(const struct option_row *row, enum command_id command, char list[static OPTION_HELP_SIZE])
{
	char word[OPTION_VALUE_SIZE];
	struct textbuf out;
	size_t count = 0;

	while (option_value_word(row, command, count, word))
		count++;
	textbuf_init(&out, list, OPTION_HELP_SIZE);
	textbuf_add(&out, "%s", count > FEW ? "one of " : "");
	for (size_t i = 0; i < count; i++) {
		option_value_word(row, command, i, word);
		textbuf_add(&out, "%s%s", i == 0 ? "" : count <= FEW && i + 1 == count ? " or " : ", ", word);
	}
	return list;
}

int option_word_number(const struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	char word[OPTION_VALUE_SIZE], list[OPTION_HELP_SIZE];

	char hint[NEAREST_HINT_SIZE], meant[OPTION_VALUE_SIZE];
	struct nearest nearest;

	nearest_begin(&nearest, text);
	for (size_t i = 0; option_value_word(row, options->command, i, word); i++) {
		size_t before = nearest.distance;

		if (strcmp(word, text) == 0)
			return (int)i;
		nearest_offer(&nearest, word);
		if (nearest.distance < before)
			nearest.word = strcpy(meant, word);
	}
	return fail(error, "--%s=%s: expected %s%s", row->name, text, expected(row, options->command, list),
		    nearest_hint(&nearest, "", hint));
}
