/* commands.h - the commands, each declared once: what runs it, how it is written, what is told of it.
 *
 * main dispatches by the rows; --help, the manual pages and completion read them. Texts are in the markup of option.h, where
 * "\n" ends a paragraph. */
#ifndef TWPROBE_HARNESS_COMMANDS_COMMANDS_H
#define TWPROBE_HARNESS_COMMANDS_COMMANDS_H

#include <stddef.h>

#include "crafter/nearest.h"

struct options;
struct option_row;

/* The numbers of the rows, in the order in which they are told. */
enum command_id {
	COMMAND_CELL, /* the one without a name */
	COMMAND_MATRIX,
	COMMAND_MAP,
	COMMAND_SCENARIO,
	COMMAND_WHO,
	COMMAND_WHY,
	COMMAND_EXPORT,
	COMMAND_DIAGNOSE,
	COMMAND_SERVE,
	COMMAND_COMPARE,
	COMMAND_EXPLAIN,
	COMMAND_LIST,
	COMMAND_HELP,
	COMMAND_COUNT,
};

#define COMMAND_BIT(id) (1U << (id))

enum { COMMAND_EXAMPLES_MAX = 8, COMMAND_SYNOPSES_MAX = 2, COMMAND_EXITS_MAX = 8 };

struct command {
	const char *name; /* "matrix"; "": of COMMAND_CELL */
	/* Prints, and returns the exit code. It may change the options. */
	int (*run)(struct options *options);
	const char *synopsis[COMMAND_SYNOPSES_MAX]; /* what follows the name, once for each form: "[OPTIONS] [HOST:PORT]" */
	const char *summary;                        /* a phrase; begins small, ends without a full stop */
	const char *text;                           /* for --help and the manual */
	const char *more;                           /* what only the manual adds; NULL: nothing */
	const struct operands *operands;            /* harness/commands/operands.h */
	unsigned formats;                           /* of --format: an OR of enum format_subject; 0: it has none */
	const struct command_exit *exits;           /* ends with a text of NULL */
	struct {
		const char *what, *line; /* "Does an RST end TIME_WAIT?", "twprobe --segment=rst" */
	} examples[COMMAND_EXAMPLES_MAX];
	/* Why it does not take an option of another command. NULL, or an answer of NULL: it just does not. */
	const char *(*lacks)(const struct option_row *row);
};

struct command_exit {
	int code;
	const char *meaning;
};

const struct command *commands_at(enum command_id id);
/* COMMAND_COUNT: unknown name. */
enum command_id commands_find(const char *name);
/* "; did you mean matrix?"; "" where none is near. */
const char *commands_hint(const char *name, char hint[static NEAREST_HINT_SIZE]);

int command_cell(struct options *options);
int command_matrix(struct options *options);
int command_map(struct options *options);
int command_scenario(struct options *options);
int command_who(struct options *options);
int command_why(struct options *options);
int command_export(struct options *options);
int command_diagnose(struct options *options);
int command_serve(struct options *options);
int command_compare(struct options *options);
int command_explain(struct options *options);
int command_list(struct options *options);
int command_help(struct options *options);

#endif
