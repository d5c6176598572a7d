/* block.c - columns of values, and the arithmetic of their product. */
#include "cases/matrix/block.h"

#include <stdlib.h>
#include <string.h>

static unsigned char *value_at(const struct column *column, size_t position)
{
	return column->values + position * column->axis->size;
}

int block_add_field(struct column *column, const struct axis *axis, const void *field)
{
	if (column->count == column->room) {
		size_t room = column->room ? 2 * column->room : 4;
		unsigned char *values = reallocarray(column->values, room, axis->size);

		if (!values)
			return -1;
		column->values = values;
		column->room = room;
	}
	column->axis = axis;
	memcpy(value_at(column, column->count++), field, axis->size);
	return 0;
}

int block_add_cell(struct column *column, const struct axis *axis, const struct cell *cell)
{
	return block_add_field(column, axis, axes_value(axis, cell));
}

void block_put(const struct column *column, size_t position, struct cell *cell)
{
	memcpy(axes_field(column->axis, cell), value_at(column, position), column->axis->size);
}

/* Of two positions in two columns, with those that share them. */
static int compare(const struct column *a, size_t at_a, const struct column *b, size_t at_b)
{
	int result = 0;

	for (unsigned i = 0; i <= a->followers && result == 0; i++)
		result = a[i].axis->type->compare(value_at(&a[i], at_a), value_at(&b[i], at_b));
	return result;
}

static int compare_positions(const void *left, const void *right, void *context)
{
	size_t a = *(const size_t *)left, b = *(const size_t *)right;
	int result = compare(context, a, context, b);

	return result ? result : (a > b) - (a < b);
}

int block_sort(struct column *column, size_t *first, size_t *second)
{
	*first = *second = column->count;
	column->sorted = reallocarray(NULL, column->count, sizeof(*column->sorted));
	if (!column->sorted)
		return -1;
	for (size_t i = 0; i < column->count; i++)
		column->sorted[i] = i;
	qsort_r(column->sorted, column->count, sizeof(*column->sorted), compare_positions, column);
	for (size_t i = 1; i < column->count; i++) {
		size_t a = column->sorted[i - 1], b = column->sorted[i];

		if (b < *second && compare(column, a, column, b) == 0) {
			*first = a;
			*second = b;
		}
	}
	return *second < column->count;
}

/* `order` compares what is looked for with the value at a position. */
static bool find(const struct column *column, const void *wanted,
		 int (*order)(const void *wanted, const struct column *column, size_t position), size_t *position)
{
	size_t low = 0, high = column->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int result = order(wanted, column, column->sorted[middle]);

		if (result == 0) {
			*position = column->sorted[middle];
			return true;
		}
		if (result < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

static int order_cell(const void *wanted, const struct column *column, size_t position)
{
	int result = 0;

	for (unsigned i = 0; i <= column->followers && result == 0; i++)
		result = column[i].axis->type->compare(axes_value(column[i].axis, wanted), value_at(&column[i], position));
	return result;
}

struct spot {
	const struct column *column;
	size_t position;
};

static int order_place(const void *wanted, const struct column *column, size_t position)
{
	const struct spot *place = wanted;

	return compare(place->column, place->position, column, position);
}

void block_free_column(struct column *column)
{
	free(column->values);
	free(column->sorted);
	memset(column, 0, sizeof(*column));
}

/* Appends one position: the group's at `position`, with the value at `other_position` of the column that joins it. */
static int add_joined(struct column *joined, const struct column *group, unsigned members, size_t position,
		      const struct column *other, size_t other_position, bool *applies)
{
	struct cell cell;

	cell_default(&cell);
	for (unsigned i = 0; i < members; i++)
		block_put(&group[i], position, &cell);
	block_put(other, other_position, &cell);
	*applies = axes_applies(other->axis, &cell);
	for (unsigned i = 0; i <= members; i++)
		if (block_add_cell(&joined[i], i < members ? group[i].axis : other->axis, &cell) < 0)
			return -1;
	return 0;
}

/* The column after the first `members` of a group joins them. */
static int join(struct column *group, unsigned members)
{
	struct column joined[AXIS_COUNT] = { { .axis = NULL } };
	const struct column *other = &group[members];
	bool applies = true;
	int result = 0;

	for (size_t i = 0; i < group->count && result == 0; i++) {
		result = add_joined(joined, group, members, i, other, 0, &applies);
		for (size_t j = 1; applies && j < other->count && result == 0; j++)
			result = add_joined(joined, group, members, i, other, j, &applies);
	}
	for (unsigned i = 0; i <= members; i++) {
		block_free_column(&group[i]);
		group[i] = joined[i];
		group[i].follows = i > 0;
	}
	group->followers = members;
	return result;
}

int block_join(struct block *block)
{
	struct column *segments = &block->columns[AXIS_SEGMENT];
	unsigned members = 1;
	size_t first, second;

	free(segments->sorted);
	segments->sorted = NULL;
	for (; AXIS_SEGMENT + members < AXIS_COUNT && segments[members].axis->applies; members++)
		if (join(segments, members) < 0)
			return -1;
	return block_sort(segments, &first, &second) < 0 ? -1 : 0;
}

int block_fill(struct block *block, const struct cell *cell)
{
	size_t first, second;

	for (int i = 0; i < AXIS_COUNT; i++) {
		struct column *column = &block->columns[i];

		if (block_add_cell(column, axes_row((enum axis_id)i), cell) < 0 || block_sort(column, &first, &second) < 0)
			return -1;
	}
	return block_join(block);
}

bool block_multiply(struct block *block, size_t most)
{
	block->count = 1;
	for (int i = 0; i < AXIS_COUNT; i++) {
		const struct column *column = &block->columns[i];

		if (!column->follows && (__builtin_mul_overflow(block->count, column->count, &block->count) ||
					 block->count > most))
			return false;
	}
	return true;
}

void block_cell(const struct block *block, size_t number, struct cell *cell)
{
	for (int i = AXIS_COUNT - 1; i >= 0; i--) {
		const struct column *column = &block->columns[i];

		block_put(column, number % column->count, cell);
		if (!column->follows)
			number /= column->count;
	}
}

bool block_find(const struct block *block, const struct cell *cell, size_t *number)
{
	size_t position;

	*number = 0;
	for (int i = 0; i < AXIS_COUNT; i++) {
		const struct column *column = &block->columns[i];

		if (column->follows)
			continue;
		if (!find(column, cell, order_cell, &position))
			return false;
		*number = *number * column->count + position;
	}
	return true;
}

/* Puts a value that both columns have into the cell. */
static bool put_shared(const struct column *a, const struct column *b, struct cell *cell)
{
	struct spot place = { .column = a->count < b->count ? a : b };
	const struct column *many = place.column == a ? b : a;
	size_t position;

	for (; place.position < place.column->count; place.position++) {
		if (!find(many, &place, order_place, &position))
			continue;
		for (unsigned i = 0; i <= place.column->followers; i++)
			block_put(&place.column[i], place.position, cell);
		return true;
	}
	return false;
}

bool block_shared(const struct block *a, const struct block *b, struct cell *cell)
{
	/* From the fastest: the axes that differ most often are looked at first. */
	for (int i = AXIS_COUNT - 1; i >= 0; i--)
		if (!a->columns[i].follows && !put_shared(&a->columns[i], &b->columns[i], cell))
			return false;
	return true;
}

void block_free(struct block *block)
{
	for (int i = 0; i < AXIS_COUNT; i++)
		block_free_column(&block->columns[i]);
}
