/* named_cell.h - a cell by its name, in a test where that name must be good. Include it last, as suite.h. */
#ifndef TWPROBE_TESTS_UNIT_NAMED_CELL_H
#define TWPROBE_TESTS_UNIT_NAMED_CELL_H

#include "cases/matrix/axes.h"
#include "cases/matrix/cell.h"

#include "tests/unit/suite.h"

static inline struct cell named_cell(const char *name)
{
	struct cell cell;
	struct error error = { "" };

	ck_assert_msg(cell_parse(name, &cell, &error) == 0, "%s: %s", name, error.text);
	return cell;
}

static inline bool same_cell(const struct cell *a, const struct cell *b)
{
	return axes_same(a, b, 0);
}

/* The cell is called `name`, and this name reads back as the same cell. */
static inline void check_cell_name(const struct cell *cell, const char *name)
{
	struct cell read = named_cell(name);
	char text[CELL_NAME_SIZE];

	ck_assert_str_eq(cell_name(cell, text, sizeof(text)), name);
	ck_assert_msg(same_cell(cell, &read), "%s", name);
}

#endif
