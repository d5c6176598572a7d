/* compare.h - what differs between result files, grouped. Pure.
 *
 * A cell counts as different when two files saw different things of it. What a file did not see (an inconclusive or skipped
 * cell, a state without a witness) differs from nothing: such cells are "not compared" and are counted. A repeated cell is
 * one, and shows all that was seen of it ("ack or silence"). */
#ifndef TWPROBE_HARNESS_RESULTS_COMPARE_H
#define TWPROBE_HARNESS_RESULTS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "harness/results/results.h"

enum { COMPARE_FILES_MAX = 64 };

/* What became of one cell. */
enum likeness {
	LIKENESS_SAME,
	LIKENESS_DIFFERENT,
	LIKENESS_PARTLY,     /* only in some of the files, and the same in those */
	LIKENESS_UNCERTAIN,  /* the same where seen, but inconclusive or skipped in some file */
	LIKENESS_SKIPPED,    /* in all files */
	LIKENESS_UNASKED,    /* only in a baseline that may have more than was asked (`wider`): left out */
	LIKENESS_COUNT,
};

/* The parts of a cell's name. */
enum compare_axis { COMPARE_AXIS_SEQ, COMPARE_AXIS_TS, COMPARE_AXIS_CONDITIONS, COMPARE_AXIS_COUNT };

enum { COMPARE_AXIS_SHOWN = 4 };

/* Which values of an axis the cells of a group have. */
struct axis_share {
	size_t count, of;            /* that many of those that this state and segment have in the files */
	uint32_t shown[COMPARE_AXIS_SHOWN];  /* the first of them, in pool.words: "seq-below", "conn-ts-off", "" */
};

struct sighted;

/* Cells of one state and segment with the same values in every file. */
struct group {
	enum likeness likeness;
	enum aspect aspect;          /* ASPECT_ANSWER: the whole outcome; the others: one field */
	uint32_t bucket;             /* "time-wait/syn", in pool.words */
	uint32_t values[COMPARE_FILES_MAX]; /* in pool.words, one a file */
	size_t count;
	uint32_t *members;           /* in pool.cells, in the order of the first file; the first is the example */
	struct axis_share axes[COMPARE_AXIS_COUNT];
};

struct comparison {
	size_t files, cells, counts[LIKENESS_COUNT]; /* cells: of all files, those left out included */
	bool wider;
	size_t unwitnessed;          /* cells whose state afterwards some files know and some do not */
	uint8_t *likeness;           /* enum likeness, by number in pool.cells */
	struct sighted *outcomes;    /* [file * cells + number in pool.cells]: what each file saw (compare_internal.h) */
	size_t group_count;
	struct group *groups;
};

/* `fields`: also the fields of the answers. `wider`: the first file is a baseline of more cells than may have been asked: only
 * those that another file has count. NULL with an error: out of memory. */
struct comparison *compare(struct results *const *files, size_t count, struct pool *pool, bool fields, bool wider,
			   struct error *error);
/* How many cells were compared. */
size_t compare_cells(const struct comparison *comparison);
void compare_free(struct comparison *comparison);

/* Can these be compared? Same tool version; same matrix, but that of a `wider` baseline; whole runs, not shards. The error says
 * what is wrong. */
int compare_allowed(struct results *const *files, size_t count, bool partial, bool wider, struct error *error);

/* 1 something differs or is only in some files, 3 nothing differs but something could not be compared, else 0. What a wider
 * baseline does not have could not be compared. */
int compare_exit(const struct comparison *comparison);

#endif
