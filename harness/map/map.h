/* map.h - the decision plane: seq offset to the right, TSval offset upwards, an answer at each point. Pure.
 *
 * The plane is kept by distinct offsets, not by pixels: the cell of the seq with index i and the TSval with index j has
 * the number i * ts.count + j, as in matrix_plane. Pixels look up their cell. */
#ifndef TWPROBE_HARNESS_MAP_MAP_H
#define TWPROBE_HARNESS_MAP_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/books/oracle.h"
#include "cases/matrix/cell.h"
#include "harness/map/map_axis.h"
#include "harness/run/record.h"

/* What a point of the map can be. */
enum shade {
	SHADE_CONTINUED,    /* a SYN-ACK whose ISN goes on from the old connection */
	SHADE_FRESH,        /* any other SYN-ACK */
	SHADE_ACK,
	SHADE_RST,
	SHADE_SILENCE,
	SHADE_STAYS,        /* silence, and a second segment (the follow-up) showed that the socket is still there */
	SHADE_GONE,         /* silence, and it showed that the socket is gone */
	SHADE_OTHER,
	SHADE_INCONCLUSIVE, /* also skipped */
	SHADE_UNKNOWN,      /* not asked: the run was interrupted */
	SHADE_COUNT,
};

struct map {
	struct map_axis seq, ts;
	size_t cells;                  /* seq.count * ts.count */
	uint8_t *shades;               /* of each cell */
	uint8_t *asked;                /* whether the kernel was asked; else the shade is filled in, or unknown */
	unsigned books;                /* asked: an OR of 1 << enum book; the usual ones, and what the caller adds */
	uint8_t *expected[BOOK_COUNT]; /* of each cell, as map_expectation_code; ANSWER_OPEN of books that are not asked */
	struct cell cell;              /* of map_expect */
	struct kernel kernel;
};

/* -1: out of memory; then, as after 0, map_close. */
int map_open(struct map *map, const struct map_range *seq, const struct map_range *ts, struct error *error);
void map_close(struct map *map);

/* The cell with this number: `cell` in everything but its offsets. */
void map_cell(const struct map *map, size_t number, struct cell *cell);
/* The number of the cell that this pixel shows; x from the left, y from below. */
size_t map_number_at(const struct map *map, size_t x, size_t y);
/* Asks the rule books about every cell. */
void map_expect(struct map *map, const struct cell *cell, const struct kernel *kernel);
/* The kernel answered. */
void map_put(struct map *map, size_t number, enum shade shade);

enum shade map_shade_of(const struct record *record);
const char *map_shade_words(enum shade shade);  /* "SYN-ACK (continued)" */
/* What an expectation predicts of a shade, in one byte; equal where two expectations look the same on a map. */
uint8_t map_expectation_code(const struct expectation *expectation);
/* Whether the rule book expects something else than what was seen; not so where either leaves it open. */
bool map_says_otherwise(uint8_t expectation_code, enum shade shade);
/* The same of a cell, where the rule book may expect several things because the subject's kernel is not known. */
bool map_otherwise(const struct map *map, enum book book, size_t number);

struct map_counts {
	size_t asked;                 /* cells that the kernel was asked about */
	size_t shades[SHADE_COUNT];   /* cells of each shade, filled in or asked */
	size_t otherwise[BOOK_COUNT]; /* cells where the rule book disagrees */
};
void map_count(const struct map *map, struct map_counts *counts);

/* Which cells must be asked so that the rest can be filled in: first a coarse grid, then, again and again, the quarters of
 * those squares whose corners differ or which the boundary of a rule book crosses, last any filled-in cell next to a
 * different answer. What is missed: an island that no rule book knows of, smaller than the coarse grid. */
struct refine;

struct refine *map_refine_open(struct map *map, struct error *error);
/* Writes the numbers of the cells to be asked next, in rising order, and returns how many; `numbers` has room for all cells.
 * Those of the call before have been put into the map. 0: the map is complete. */
size_t map_refine_next(struct refine *refine, size_t *numbers);
void map_refine_close(struct refine *refine); /* NULL is fine */

#endif
