/* oracle_table.h - a cell by its name, and what a rule book has to say of it. For the tests of the rule books. */
#ifndef TWPROBE_TESTS_UNIT_ORACLE_TABLE_H
#define TWPROBE_TESTS_UNIT_ORACLE_TABLE_H

#include <string.h>

#include "cases/books/oracle.h"
#include "cases/matrix/cell_ask.h"
#include "tests/unit/named_cell.h"

struct oracle_row {
	const char *cell;
	enum answer answer;
	enum isn isn;
	enum state after;
};

static inline struct kernel kernel_of(const char *release)
{
	struct kernel kernel = { .timestamps = true };

	kernel_parse(release, &kernel);
	return kernel;
}

static inline const char *state_text(enum state state)
{
	return state == STATE_UNKNOWN ? "unknown" : state_name(state);
}

static inline void check_row(enum book book, const char *release, const struct oracle_row *row)
{
	struct kernel kernel = kernel_of(release);
	struct cell cell = named_cell(row->cell);
	struct expectation expectation;

	cell_ask(book, &cell, &kernel, &expectation);
	if (expectation.answer != row->answer || expectation.isn != row->isn || expectation.after != row->after)
		ck_abort_msg("%s, %s, kernel %s: says %s/%s/%s, not %s/%s/%s (%s)", row->cell, oracle_book_name(book),
			     release,
			     oracle_answer_name(expectation.answer), oracle_isn_name(expectation.isn) ? : "-",
			     state_text(expectation.after), oracle_answer_name(row->answer), oracle_isn_name(row->isn) ? : "-",
			     state_text(row->after), expectation.citation);
	ck_assert_msg(expectation.citation && expectation.citation[0], "%s: no citation", row->cell);
	ck_assert_msg(expectation.reason && expectation.reason[0], "%s: no reason", row->cell);
}

#endif
