/* axes.h - what a cell is made of: one row for each axis. Names of cells, keys of case files and of a scenario's steps, options
 * of the command line and their help are made from the rows. docs/architecture.md says how to add one. Pure. */
#ifndef TWPROBE_CASES_MATRIX_AXES_H
#define TWPROBE_CASES_MATRIX_AXES_H

#include <stdbool.h>
#include <stddef.h>

#include "cases/matrix/cell.h"
#include "crafter/fail.h"

/* As case files vary them, the slowest first: cells of the same conditions are neighbours. Axes that only some segments have
 * (axis.applies) come right after the segment. */
enum axis_id {
	AXIS_SYSCTLS,
	AXIS_FAMILY,
	AXIS_CONNECTION_TIMESTAMPS,
	AXIS_STATE,
	AXIS_SEGMENT,
	AXIS_ACK,
	AXIS_WINDOW,
	AXIS_SEQ,
	AXIS_TS,
	AXIS_COUNT,
};

struct axis;

/* What axes of one type of value have in common. `field` is the axis's field of a cell. */
struct axis_type {
	/* The error says what was expected. */
	int (*parse)(const struct axis *axis, const char *text, void *field, struct error *error);
	/* As it is written in a cell's name: "seq-below"; sysctls are several parts, "a=1/b=2@probe". */
	void (*format)(const struct axis *axis, const void *field, char *buffer, size_t size);
	/* The text for `parse` within such a part. NULL: the part is not one of this axis. */
	const char *(*value)(const struct axis *axis, const char *part);
	/* As for qsort; 0 for values that are the same question, "below" and -1000. */
	int (*compare)(const void *a, const void *b);
	/* The words that a value can be; after the last comes NULL. The member is NULL where values are no words. */
	const char *(*word)(const struct axis *axis, size_t number);
};

struct axis {
	enum axis_id id;
	const char *key;           /* in case files, in the steps of scenarios, and for cell_set() */
	const struct axis_type *type;
	size_t offset, size;       /* of its field in struct cell */
	const char *normal;        /* what a case file that does not mention it has: the value of cell_default() */
	unsigned most;             /* of a number, from 0 */
	const char *words[2];      /* on or off: the normal word, and the other, which a name has as `part` */
	unsigned char numbers[2];  /* what the field is then */

	int rank;                  /* its place in a cell's name. The gaps are for axes to come */
	bool always;               /* names have it even where it is normal */
	const char *part;          /* with which its part of a name begins */
	const char *expected;      /* what a name may have, for an error; NULL where `always` */

	/* False: this cell's segment does not have it, whatever the field is. NULL: every segment has it. */
	bool (*applies)(const struct cell *cell);
	const char *lacks;         /* what such a segment does: "acknowledges nothing" */
	/* Refuses a cell for a value of this axis that does not go with another. NULL: all go. */
	int (*check)(const struct cell *cell, struct error *error);

	bool sent;                 /* a scenario's `send` takes it */
	const char *option;        /* --OPTION=PLACEHOLDER; NULL: it has no such option */
	const char *placeholder;
	const char *help;          /* a sentence without full stop, and what only the manual adds, as those of */
	const char *more;          /* harness/commands/option.h */
};

/* In the order in which people are told of them. */
extern const struct axis axes_table[AXIS_COUNT];
/* What a cell that says nothing has on each axis. */
extern const struct cell axes_normal;

const struct axis *axes_row(enum axis_id id);
const struct axis *axes_find(const char *key); /* NULL: there is none */
/* In the order of a cell's name: NULL gives the first; after the last comes NULL. */
const struct axis *axes_next_in_name(const struct axis *axis);
/* The axis that may stand in a name after those that every name has; NULL: none has such a part. */
const struct axis *axes_of_part(const char *part);
/* The keys, or what a name may have after those parts, with commas between, for messages. */
const char *axes_keys(char *buffer, size_t size);
const char *axes_expected(char *buffer, size_t size);

static inline void *axes_field(const struct axis *axis, struct cell *cell)
{
	return (char *)cell + axis->offset;
}

/* The field of the cell, or the normal one where the axis does not apply to it. */
const void *axes_value(const struct axis *axis, const struct cell *cell);
bool axes_applies(const struct axis *axis, const struct cell *cell);
/* Does the axis have its normal value in this cell, or does it not apply? */
bool axes_is_normal(const struct axis *axis, const struct cell *cell);
/* The same question, however its offsets are written, but for the axes in `except`: an OR of 1 << enum axis_id? */
bool axes_same(const struct cell *a, const struct cell *b, unsigned except);
/* Do the values of the cell go together? */
int axes_check(const struct cell *cell, struct error *error);

#endif
