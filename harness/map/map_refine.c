/* map_refine.c - which cells of a map need to be asked. Declared in map.h. */
#include <stdlib.h>

#include "harness/map/map.h"

enum { COARSE = 16 };

/* A rectangle of cells by the indexes of its corners, which belong to it; neighbours share their edges. */
struct square {
	size_t left, right, bottom, top;
};

struct refine {
	struct map *map;
	struct square *squares; /* to be looked at once their corners are known */
	size_t count, room;
	uint8_t *wanted;        /* of each cell: to be asked next */
};

static int add_square(struct refine *refine, size_t left, size_t right, size_t bottom, size_t top)
{
	if (refine->count == refine->room) {
		size_t room = refine->room ? 2 * refine->room : 1024;
		struct square *squares = reallocarray(refine->squares, room, sizeof(*squares));

		if (!squares)
			return -1;
		refine->squares = squares;
		refine->room = room;
	}
	refine->squares[refine->count++] = (struct square){ left, right, bottom, top };
	return 0;
}

static size_t number_of(const struct refine *refine, size_t column, size_t row)
{
	return column * refine->map->ts.count + row;
}

static void want(struct refine *refine, size_t column, size_t row)
{
	size_t number = number_of(refine, column, row);

	if (!refine->map->asked[number])
		refine->wanted[number] = 1;
}

static void want_corners(struct refine *refine, const struct square *square)
{
	want(refine, square->left, square->bottom);
	want(refine, square->left, square->top);
	want(refine, square->right, square->bottom);
	want(refine, square->right, square->top);
}

static int add_grid(struct refine *refine)
{
	size_t columns = refine->map->seq.count, rows = refine->map->ts.count;

	for (size_t x = 0; x == 0 || x + 1 < columns; x += COARSE) {
		size_t right = x + COARSE < columns ? x + COARSE : columns - 1;

		for (size_t y = 0; y == 0 || y + 1 < rows; y += COARSE)
			if (add_square(refine, x, right, y, y + COARSE < rows ? y + COARSE : rows - 1) < 0)
				return -1;
	}
	for (size_t i = 0; i < refine->count; i++)
		want_corners(refine, &refine->squares[i]);
	return 0;
}

struct refine *map_refine_open(struct map *map, struct error *error)
{
	struct refine *refine = calloc(1, sizeof(*refine));

	if (refine) {
		refine->map = map;
		refine->wanted = calloc(map->cells, 1);
	}
	if (refine && refine->wanted && add_grid(refine) == 0)
		return refine;
	fail(error, "out of memory for %zu cells; a smaller --size needs less", map->cells);
	map_refine_close(refine);
	return NULL;
}

/* One answer at the corners, and no boundary of a rule book inside. */
static bool uniform(const struct refine *refine, const struct square *square)
{
	const struct map *map = refine->map;
	size_t first = number_of(refine, square->left, square->bottom);
	uint8_t shade = map->shades[first];

	if (map->shades[number_of(refine, square->left, square->top)] != shade ||
	    map->shades[number_of(refine, square->right, square->bottom)] != shade ||
	    map->shades[number_of(refine, square->right, square->top)] != shade)
		return false;
	for (size_t x = square->left; x <= square->right; x++)
		for (size_t y = square->bottom; y <= square->top; y++)
			for (int book = 0; book < BOOK_COUNT; book++)
				if (map->expected[book][number_of(refine, x, y)] != map->expected[book][first])
					return false;
	return true;
}

static void fill(struct refine *refine, const struct square *square)
{
	struct map *map = refine->map;
	uint8_t shade = map->shades[number_of(refine, square->left, square->bottom)];

	for (size_t x = square->left; x <= square->right; x++)
		for (size_t y = square->bottom; y <= square->top; y++)
			if (map->shades[number_of(refine, x, y)] == SHADE_UNKNOWN)
				map->shades[number_of(refine, x, y)] = shade;
}

/* Four quarters; two or none where it is too thin. Where memory is short, everything in it is asked instead. */
static void divide(struct refine *refine, const struct square *square)
{
	size_t middle_x = (square->left + square->right) / 2, middle_y = (square->bottom + square->top) / 2;
	size_t xs[3] = { square->left, middle_x, square->right }, ys[3] = { square->bottom, middle_y, square->top };
	size_t first_x = middle_x == square->left, first_y = middle_y == square->bottom;

	if (square->right - square->left <= 1 && square->top - square->bottom <= 1)
		return; /* four corners are all there is */
	for (size_t i = first_x; i < 2; i++) {
		for (size_t j = first_y; j < 2; j++) {
			struct square quarter = { xs[i], xs[i + 1], ys[j], ys[j + 1] };

			want_corners(refine, &quarter);
			if (add_square(refine, xs[i], xs[i + 1], ys[j], ys[j + 1]) == 0)
				continue;
			for (size_t x = quarter.left; x <= quarter.right; x++)
				for (size_t y = quarter.bottom; y <= quarter.top; y++)
					want(refine, x, y);
		}
	}
}

/* What was filled in and has a neighbour of another shade was only guessed. */
static void want_borders(struct refine *refine)
{
	struct map *map = refine->map;
	size_t columns = map->seq.count, rows = map->ts.count;

	for (size_t x = 0; x < columns; x++) {
		for (size_t y = 0; y < rows; y++) {
			uint8_t shade = map->shades[number_of(refine, x, y)];

			if ((x > 0 && map->shades[number_of(refine, x - 1, y)] != shade) ||
			    (x + 1 < columns && map->shades[number_of(refine, x + 1, y)] != shade) ||
			    (y > 0 && map->shades[number_of(refine, x, y - 1)] != shade) ||
			    (y + 1 < rows && map->shades[number_of(refine, x, y + 1)] != shade))
				want(refine, x, y);
		}
	}
}

static size_t take_wanted(struct refine *refine, size_t *numbers)
{
	size_t count = 0;

	for (size_t number = 0; number < refine->map->cells; number++) {
		if (refine->wanted[number])
			numbers[count++] = number;
		refine->wanted[number] = 0;
	}
	return count;
}

size_t map_refine_next(struct refine *refine, size_t *numbers)
{
	size_t count = take_wanted(refine, numbers);

	while (count == 0 && refine->count) {
		size_t known = refine->count;

		for (size_t i = 0; i < known; i++) {
			struct square square = refine->squares[i];

			if (uniform(refine, &square))
				fill(refine, &square);
			else
				divide(refine, &square);
		}
		refine->count -= known;
		for (size_t i = 0; i < refine->count; i++)
			refine->squares[i] = refine->squares[known + i];
		count = take_wanted(refine, numbers);
	}
	if (count == 0) {
		want_borders(refine);
		count = take_wanted(refine, numbers);
	}
	return count;
}

void map_refine_close(struct refine *refine)
{
	if (!refine)
		return;
	free(refine->squares);
	free(refine->wanted);
	free(refine);
}
