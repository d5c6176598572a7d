/* block.c - axes, and the arithmetic of their product. */
#include "cases/matrix/block.h"

#include <stdlib.h>
#include <string.h>

struct axis_value axis_value_of(enum axis_kind kind, const struct cell *cell)
{
	struct axis_value value = { .number = 0 };

	switch (kind) {
	case AXIS_SYSCTLS:
		value.conditions = &cell->conditions;
		break;
	case AXIS_FAMILY:
		value.number = cell->family;
		break;
	case AXIS_CONNECTION_TIMESTAMPS:
		value.number = cell->connection_timestamps;
		break;
	case AXIS_STATE:
		value.number = (int)cell->state;
		break;
	case AXIS_SEGMENT:
		value.number = (int)cell->stimulus.kind;
		if (kind_flags(cell->stimulus.kind) & FLAG_ACK)
			value.offset = cell->stimulus.ack;
		break;
	case AXIS_SEQ:
		value.offset = cell->stimulus.seq;
		break;
	case AXIS_TS:
		value.offset = cell->stimulus.ts;
		break;
	case AXIS_COUNT:
		break;
	}
	return value;
}

/* The reverse. */
static void apply(enum axis_kind kind, const struct axis_value *value, struct cell *cell)
{
	switch (kind) {
	case AXIS_SYSCTLS:
		cell->conditions = *value->conditions;
		break;
	case AXIS_FAMILY:
		cell->family = (uint8_t)value->number;
		break;
	case AXIS_CONNECTION_TIMESTAMPS:
		cell->connection_timestamps = value->number;
		break;
	case AXIS_STATE:
		cell->state = (enum state)value->number;
		break;
	case AXIS_SEGMENT:
		cell->stimulus.kind = (enum segment_kind)value->number;
		cell->stimulus.ack = value->offset;
		break;
	case AXIS_SEQ:
		cell->stimulus.seq = value->offset;
		break;
	case AXIS_TS:
		cell->stimulus.ts = value->offset;
		break;
	case AXIS_COUNT:
		break;
	}
}

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Equal exactly where offset_same. */
static int64_t offset_key(const struct offset *offset)
{
	int64_t form = offset->form <= OFFSET_ABOVE ? OFFSET_NUMBER : offset->form;

	return (form << 40) + (form >= OFFSET_ABSENT ? 0 : offset->value);
}

static int compare_sysctls(const void *left, const void *right)
{
	const struct sysctl *a = left, *b = right;
	int result = strcmp(a->name, b->name);

	if (result == 0)
		result = compare_numbers(a->at_probe, b->at_probe);
	return result ? result : strcmp(a->value, b->value);
}

/* 0 exactly where conditions_equal: the order of the sysctls does not matter. */
static int compare_conditions(const struct conditions *a, const struct conditions *b)
{
	struct conditions left = *a, right = *b;
	int result = compare_numbers(a->sysctl_count, b->sysctl_count);

	qsort(left.sysctls, left.sysctl_count, sizeof(left.sysctls[0]), compare_sysctls);
	qsort(right.sysctls, right.sysctl_count, sizeof(right.sysctls[0]), compare_sysctls);
	for (size_t i = 0; i < left.sysctl_count && result == 0; i++)
		result = compare_sysctls(&left.sysctls[i], &right.sysctls[i]);
	return result;
}

static int compare_values(const struct axis_value *a, const struct axis_value *b)
{
	int result = compare_numbers(a->number, b->number);

	if (result == 0)
		result = compare_numbers(offset_key(&a->offset), offset_key(&b->offset));
	if (result == 0 && a->conditions)
		result = compare_conditions(a->conditions, b->conditions);
	return result;
}

int axis_add(struct axis *axis, const struct axis_value *value)
{
	struct axis_value copy = *value;

	if (axis->count == axis->room) {
		size_t room = axis->room ? 2 * axis->room : 4;
		struct axis_value *values = reallocarray(axis->values, room, sizeof(*values));

		if (!values)
			return -1;
		axis->values = values;
		axis->room = room;
	}
	if (value->conditions) {
		struct conditions *conditions = malloc(sizeof(*conditions));

		if (!conditions)
			return -1;
		*conditions = *value->conditions;
		copy.conditions = conditions;
	}
	axis->values[axis->count++] = copy;
	return 0;
}

static int compare_positions(const void *left, const void *right, void *context)
{
	const struct axis_value *values = context;
	size_t a = *(const size_t *)left, b = *(const size_t *)right;
	int result = compare_values(&values[a], &values[b]);

	return result ? result : compare_numbers((int64_t)a, (int64_t)b);
}

int axis_sort(struct axis *axis, size_t *first, size_t *second)
{
	*first = *second = axis->count;
	axis->sorted = reallocarray(NULL, axis->count, sizeof(*axis->sorted));
	if (!axis->sorted)
		return -1;
	for (size_t i = 0; i < axis->count; i++)
		axis->sorted[i] = i;
	qsort_r(axis->sorted, axis->count, sizeof(*axis->sorted), compare_positions, axis->values);
	for (size_t i = 1; i < axis->count; i++) {
		size_t a = axis->sorted[i - 1], b = axis->sorted[i];

		if (b < *second && compare_values(&axis->values[a], &axis->values[b]) == 0) {
			*first = a;
			*second = b;
		}
	}
	return *second < axis->count;
}

static bool axis_find(const struct axis *axis, const struct axis_value *value, size_t *position)
{
	size_t low = 0, high = axis->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int result = compare_values(value, &axis->values[axis->sorted[middle]]);

		if (result == 0) {
			*position = axis->sorted[middle];
			return true;
		}
		if (result < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

void axis_free(struct axis *axis)
{
	for (size_t i = 0; i < axis->count; i++)
		free((void *)axis->values[i].conditions);
	free(axis->values);
	free(axis->sorted);
	memset(axis, 0, sizeof(*axis));
}

bool block_multiply(struct block *block, size_t most)
{
	block->count = 1;
	for (int i = 0; i < AXIS_COUNT; i++)
		if (__builtin_mul_overflow(block->count, block->axes[i].count, &block->count) ||
		    block->count > most)
			return false;
	return true;
}

void block_cell(const struct block *block, size_t number, struct cell *cell)
{
	for (int i = AXIS_COUNT - 1; i >= 0; i--) {
		const struct axis *axis = &block->axes[i];

		apply((enum axis_kind)i, &axis->values[number % axis->count], cell);
		number /= axis->count;
	}
}

bool block_find(const struct block *block, const struct cell *cell, size_t *number)
{
	size_t position;

	*number = 0;
	for (int i = 0; i < AXIS_COUNT; i++) {
		struct axis_value value = axis_value_of((enum axis_kind)i, cell);

		if (!axis_find(&block->axes[i], &value, &position))
			return false;
		*number = *number * block->axes[i].count + position;
	}
	return true;
}

static const struct axis_value *axis_shared(const struct axis *a, const struct axis *b)
{
	const struct axis *few = a->count < b->count ? a : b, *many = few == a ? b : a;
	size_t position;

	for (size_t i = 0; i < few->count; i++)
		if (axis_find(many, &few->values[i], &position))
			return &few->values[i];
	return NULL;
}

bool block_shared(const struct block *a, const struct block *b, struct cell *cell)
{
	/* From the fastest: the axes that differ most often are looked at first. */
	for (int i = AXIS_COUNT - 1; i >= 0; i--) {
		const struct axis_value *value = axis_shared(&a->axes[i], &b->axes[i]);

		if (!value)
			return false;
		apply((enum axis_kind)i, value, cell);
	}
	return true;
}

void block_free(struct block *block)
{
	for (int i = 0; i < AXIS_COUNT; i++)
		axis_free(&block->axes[i]);
}
