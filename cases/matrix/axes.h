/* axes.h - what a cell is made of: one row for each axis. Names of cells, keys of case files and of a scenario's steps, options
 * of the command line and their help come from the rows. docs/architecture.md describes how to add one. Pure. */
#ifndef TWPROBE_CASES_MATRIX_AXES_H
#define TWPROBE_CASES_MATRIX_AXES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/matrix/cell.h"
#include "crafter/fail.h"

/* In the order in which case files vary them, the slowest first, so that cells with the same conditions are neighbours. Axes
 * that only some segments have (axis.applies) come right after the segment. */
enum axis_id {
	AXIS_PATH,
	AXIS_SYSCTLS,
	AXIS_DEFERRED_ACCEPT,
	AXIS_LINGER,
	AXIS_KEEPALIVE,
	AXIS_USER_TIMEOUT,
	AXIS_LINGER2,
	AXIS_MIN_TTL,
	AXIS_RECEIVE_WINDOW,
	AXIS_FAMILY,
	AXIS_CONNECTION_TIMESTAMPS,
	AXIS_CONNECTION_TSVAL,
	AXIS_CONNECTION_ECN,
	AXIS_LISTENER,
	AXIS_QUEUE,
	AXIS_OPENING,
	AXIS_DELAY,
	AXIS_TWICE,
	AXIS_UNREAD,
	AXIS_STATE,
	AXIS_SEGMENT,
	AXIS_ACK,
	AXIS_TSECR,
	AXIS_URGENT,
	AXIS_PAYLOAD,
	AXIS_OPTIONS,
	AXIS_CHECKSUM,
	AXIS_WINDOW,
	AXIS_ECN,
	AXIS_TTL,
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
	/* The text for `parse` within such a part. NULL: the part does not belong to this axis. */
	const char *(*value)(const struct axis *axis, const char *part);
	/* As for qsort; 0 for values that ask the same question, such as "below" and -1000. */
	int (*compare)(const void *a, const void *b);
	/* The words that a value can be; NULL after the last. The member is NULL where values are not words. */
	const char *(*word)(const struct axis *axis, size_t number);
	bool open; /* there are values that are not words of the list */
};

struct axis {
	enum axis_id id;
	const char *key;           /* in case files, in the steps of scenarios, and for cell_set() */
	const struct axis_type *type;
	size_t offset, size;       /* of its field in struct cell */
	const char *normal;        /* its value in cell_default(), and in a block of a case file that omits it */
	unsigned least, most;      /* of a number */
	const char *words[4];      /* of a switch: the normal word, and the other one, for which a name has `part`; or all
				    * words of an enum, by its values */
	unsigned char numbers[2];  /* the field's value for each word */

	int rank;                  /* orders the parts of a cell's name; the gaps are for future axes */
	bool always;               /* names have it even if it is normal */
	const char *part;          /* what its part of a name begins with */
	const char *expected;      /* its part of a name, for an error; NULL if `always` */

	/* False: this cell's segment, or its state, does not have it, whatever is in the field. NULL: every cell has it. */
	bool (*applies)(const struct cell *cell);
	const char *lacks;         /* what such a segment does: "acknowledges nothing". NULL: a name may say it all the same */
	/* Refuses a value of this axis that another axis of the cell rules out; -1 with an error. NULL: there is none. */
	int (*check)(const struct cell *cell, struct error *error);

	bool sent;                 /* a scenario's `send` takes it */
	const char *option;        /* --OPTION=PLACEHOLDER; NULL: it has no such option */
	const char *placeholder;
	const char *help;          /* a sentence without full stop, and what only the manual adds, as those of */
	const char *more;          /* harness/commands/option.h */
};

/* In the order of help and documentation. */
extern const struct axis axes_table[AXIS_COUNT];
/* The cell with the normal value on each axis. */
extern const struct cell axes_normal;

const struct axis *axes_row(enum axis_id id);
const struct axis *axes_find(const char *key); /* NULL: there is none */
/* In the order of a cell's name: NULL gives the first; after the last comes NULL. */
const struct axis *axes_next_in_name(const struct axis *axis);
/* Which of the axes that not every name has this part of a name belongs to; NULL: none. */
const struct axis *axes_of_part(const char *part);
/* For messages, separated by commas: the keys; what a name may have after the parts that every name has. */
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
/* A set of axes, as bits. */
static inline uint64_t axes_bit(enum axis_id id)
{
	return UINT64_C(1) << id;
}

/* The same question, however its offsets are written, but for the axes of the set `except`? */
bool axes_same(const struct cell *a, const struct cell *b, uint64_t except);
/* -1 with an error where two values of the cell rule each other out. */
int axes_check(const struct cell *cell, struct error *error);

#endif
