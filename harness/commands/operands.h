/* operands.h - the words of a command line that are not options: which each command takes, and what they are. */
#ifndef TWPROBE_HARNESS_COMMANDS_OPERANDS_H
#define TWPROBE_HARNESS_COMMANDS_OPERANDS_H

#include "crafter/fail.h"
#include "harness/commands/options.h"

enum { OPERANDS_MAX = 2 };

/* What a shell can offer for it. */
enum operand_kind {
	OPERAND_FREE, /* nothing */
	OPERAND_FILE,
	OPERAND_SCENARIO,
	OPERAND_WORD, /* one of `word` */
	OPERAND_CELL, /* the name of a cell, part by part */
	OPERAND_FINDING, /* one that `twprobe list findings` names */
};

struct operand {
	const char *name;       /* "HOST:PORT" */
	const char *help, *more; /* as those of an option */
	enum operand_kind kind;
	const char *(*word)(size_t number); /* NULL: there are no more */
};

struct operands {
	const struct operand *list[OPERANDS_MAX]; /* NULL: no more */
	/* Puts the words into the options. */
	int (*take)(struct options *options, size_t count, char **words, struct error *error);
};

extern const struct operands operands_why, operands_question, operands_matrix, operands_target, operands_scenario,
	operands_port, operands_files,
	operands_explained, operands_capture,
	operands_exported, operands_list, operands_command;

#endif
