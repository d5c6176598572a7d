/* option_internal.h - what the files with rows of options share: the ways to take a value. */
#ifndef TWPROBE_HARNESS_COMMANDS_OPTION_INTERNAL_H
#define TWPROBE_HARNESS_COMMANDS_OPTION_INTERNAL_H

#include "harness/commands/option.h"
#include "harness/commands/options.h"

/* `at` of a row: the member of struct options, whose type is checked. */
#define OPTION_AT(type, member) (offsetof(struct options, member) + 0 * sizeof(&((struct options *)0)->member == (type *)0))
/* The same as what the row's `take` wants. */
#define OPTION_FLAG(member) .take = option_take_flag, .at = OPTION_AT(bool, member)
#define OPTION_TEXT(member) .take = option_take_text, .at = OPTION_AT(const char *, member)
/* A file to be read; "-" is standard input. */
#define OPTION_INPUT(member) .take = option_take_input, .at = OPTION_AT(const char *, member)
#define OPTION_COUNT(member, least, most) \
	.take = option_take_count, .at = OPTION_AT(size_t, member), .low = (least), .high = (most)

/* Begins what there is to say of -w, which every command that writes pcapng has a row for. */
#define OPTION_COMMENTS_SHOWN \
	"Wireshark shows the comments; *tshark -r* _FILE_ *-Y frame.comment -T fields -e frame.number -e frame.comment* " \
	"lists them. "

enum {
	TAKES_CELL = COMMAND_BIT(COMMAND_CELL),
	TAKES_MATRIX = COMMAND_BIT(COMMAND_MATRIX),
	TAKES_MAP = COMMAND_BIT(COMMAND_MAP),
	TAKES_SCENARIO = COMMAND_BIT(COMMAND_SCENARIO),
	TAKES_WHO = COMMAND_BIT(COMMAND_WHO),
	TAKES_WHY = COMMAND_BIT(COMMAND_WHY),
	TAKES_SERVE = COMMAND_BIT(COMMAND_SERVE),
	TAKES_COMPARE = COMMAND_BIT(COMMAND_COMPARE),
	TAKES_EXPLAIN = COMMAND_BIT(COMMAND_EXPLAIN),
	TAKES_DIAGNOSE = COMMAND_BIT(COMMAND_DIAGNOSE),
	TAKES_EXPORT = COMMAND_BIT(COMMAND_EXPORT),
	TAKES_LIST = COMMAND_BIT(COMMAND_LIST),
	TAKES_ALL = COMMAND_BIT(COMMAND_COUNT) - 1,
	TAKES_RUN = TAKES_CELL | TAKES_MATRIX | TAKES_MAP,   /* runs of cells that may be many */
	TAKES_PROBE = TAKES_RUN | TAKES_SCENARIO | TAKES_WHO | TAKES_WHY, /* that send something */
};

struct option_table {
	const struct option_row *rows;
	size_t count;
};

#define OPTION_TABLE(rows) { rows, sizeof(rows) / sizeof((rows)[0]) }

extern const struct option_table option_run_table, option_map_table, option_serve_table, option_diagnose_table;

/* Made of the axes once. */
const struct option_table *option_cell_table(void);

option_take option_take_flag, option_take_text, option_take_input, option_take_count;
option_take option_take_kernel; /* option_run.c */
/* Number of the word that `text` is; -1 with an error that lists them all. */
int option_word_number(const struct options *options, const struct option_row *row, const char *text, struct error *error);

#endif
