/* option.h - the options, each declared once. A row says how the option is written, which values it takes, which commands take
 * it, what it does, and how that is told. Parsing (options.h), --help, the manual pages and completion read the rows.
 *
 * Texts are in the markup of scdoc(5): *bold*, _underlined_, \ before a character that is meant as it is. A row without a text
 * shares that of the next row. */
#ifndef TWPROBE_HARNESS_COMMANDS_OPTION_H
#define TWPROBE_HARNESS_COMMANDS_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/matrix/axes.h"
#include "crafter/fail.h"
#include "harness/commands/commands.h"

/* In the order in which they are told. */
enum option_section {
	SECTION_MATRIX,
	SECTION_SCENARIO,
	SECTION_MAP,
	SECTION_SERVE,
	SECTION_COMPARE,
	SECTION_EXPLAIN,
	SECTION_LIST,
	SECTION_DIAGNOSE,
	SECTION_CELL,
	SECTION_PROBE,
	SECTION_RUN,
	SECTION_REPORT,
	SECTION_GENERAL,
	SECTION_COUNT,
};

/* Several options that say the same thing: one of them may be given, once. */
enum option_group { GROUP_NONE, GROUP_SEQ, GROUP_TS, GROUP_FAMILY, GROUP_COUNT };

struct option_row;
/* `text` is the value; NULL: none was given. */
typedef int option_take(struct options *options, const struct option_row *row, const char *text, struct error *error);
/* The value of that number, where values are words of another table; NULL: there are no more. */
typedef const char *option_word(const struct option_row *row, enum command_id command, size_t number);

struct option_row {
	const char *name;  /* "seq-below"; twice in the table only where no command takes both */
	char letter;       /* 'q'; 0: none */
	/* The placeholder of the value. Words in it with small letters, "N|max", are values. NULL: the option takes no
	 * value, or one of `word`. */
	const char *value;
	option_word *word; /* NULL: see `value` */
	option_word *meaning; /* of each word, a phrase; NULL: `help` says all */
	const char *list;  /* its values are names that `twprobe list` has in this list, or NULL */
	bool optional;     /* --seq-below[=N] */
	unsigned commands; /* that take it: an OR of COMMAND_BIT */
	enum option_section section;
	enum option_group group;
	const char *help;  /* one or two sentences, for --help and the manual */
	const char *more;  /* what only the manual adds; "\n" ends a paragraph */
	option_take *take;
	const struct axis *axis; /* for `take`: that of a cell which it is about, or NULL */
	size_t at;         /* for `take`: the member of struct options */
	uint64_t low, high; /* of a count */
};

/* OPTION_ROWS_MAX: there are no more rows than that. */
enum { OPTION_VALUE_SIZE = 256, OPTION_HELP_SIZE = 1024, OPTION_ROWS_MAX = 160 };

/* Row after row; NULL: there are no more. */
const struct option_row *option_at(size_t number);
/* That command's option of this name (of `length` bytes) or letter; NULL: it takes none such. COMMAND_COUNT: any command's. */
const struct option_row *option_find(enum command_id command, const char *name, size_t length);
const struct option_row *option_find_letter(enum command_id command, int letter);

bool option_has_value(const struct option_row *row);
/* The value's place in a text: "N", "table|json|tap"; "" for none. */
const char *option_value_text(const struct option_row *row, enum command_id command, char text[static OPTION_VALUE_SIZE]);
/* Value of that number that is a word: "max", "send:" (which goes on). False: there are no more. */
bool option_value_word(const struct option_row *row, enum command_id command, size_t number,
		       char word[static OPTION_VALUE_SIZE]);
/* `help`, and what its words mean, in the markup of the rows. */
const char *option_help(const struct option_row *row, enum command_id command, char text[static OPTION_HELP_SIZE]);
/* "The cell", for a heading. */
const char *option_section_title(enum option_section section);

#endif
