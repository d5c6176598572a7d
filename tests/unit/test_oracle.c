/* test_oracle.c - names, and that the rule books leave no hole over the whole product of cells. */
#include <string.h>

#include "cases/books/oracle.h"
#include "cases/matrix/cell.h"
#include "cases/matrix/cell_ask.h"

#include "tests/unit/suite.h"

START_TEST(names)
{
	for (int i = 0; i < BOOK_COUNT; i++)
		ck_assert_int_eq(oracle_book_parse(oracle_book_name((enum book)i)), i);
	for (int i = 0; i < ANSWER_COUNT; i++)
		ck_assert_int_eq(oracle_answer_parse(oracle_answer_name((enum answer)i)), i);
	ck_assert_int_eq(oracle_book_parse("none"), BOOK_COUNT);
	ck_assert_int_eq(oracle_answer_parse(""), ANSWER_COUNT);
	ck_assert_ptr_null(oracle_book_name(BOOK_COUNT));
	ck_assert_ptr_null(oracle_answer_name(ANSWER_COUNT));
	ck_assert_ptr_null(oracle_isn_name(ISN_NONE));
	ck_assert_str_eq(oracle_isn_name(ISN_CONTINUED), "continued");
	ck_assert_str_eq(oracle_isn_name(ISN_FRESH), "fresh");
	ck_assert_str_eq(oracle_answer_name(ANSWER_SYN_ACK), "syn-ack");
}
END_TEST

static const char *const kernels[] = { "5.10.223", "6.1.192", "6.12.107", "6.18.44", "7.2.13", "7.3.4", "unknown" };

static const struct offset seqs[] = {
	{ OFFSET_BELOW, -1000 },        { OFFSET_NUMBER, -10 },         { OFFSET_NUMBER, -9 },
	{ OFFSET_NUMBER, -1 },          { OFFSET_NUMBER, 0 },           { OFFSET_NUMBER, 1 },
	{ OFFSET_ABOVE, 1000 },         { OFFSET_NUMBER, 1 << 30 },     { OFFSET_NUMBER, INT32_MAX },
	{ OFFSET_NUMBER, -INT32_MAX },  { OFFSET_NUMBER, INT32_MIN },   { OFFSET_WINDOW, -1 },
	{ OFFSET_WINDOW, 0 },           { OFFSET_WINDOW, 1 },
};

static const struct offset stamps[] = {
	{ OFFSET_BELOW, -1000 },       { OFFSET_NUMBER, -1 },        { OFFSET_NUMBER, 0 },
	{ OFFSET_NUMBER, 1 },          { OFFSET_ABOVE, 1000 },       { OFFSET_ABSENT, 0 },
	{ OFFSET_ZERO, 0 },            { OFFSET_NUMBER, INT32_MAX }, { OFFSET_NUMBER, -INT32_MAX },
	{ OFFSET_NUMBER, INT32_MIN },
};

static const struct offset acks[] = {
	{ OFFSET_NUMBER, 0 }, { OFFSET_NUMBER, -1 }, { OFFSET_NUMBER, 1 }, { OFFSET_NUMBER, INT32_MIN },
};

/* What is wrong with an expectation; NULL when nothing is. Millions of them: no check macro for each. */
static const char *fault(enum book book, const struct expectation *expectation)
{
	if (!expectation->citation || !expectation->citation[0])
		return "no citation";
	if (!expectation->reason || !expectation->reason[0])
		return "no reason";
	if (expectation->reason[strlen(expectation->reason) - 1] != '.')
		return "the reason is no sentence";
	if (expectation->after >= STATE_COUNT && expectation->after != STATE_UNKNOWN)
		return "the state after is none";
	if (expectation->isn != ISN_NONE && expectation->answer != ANSWER_SYN_ACK)
		return "an ISN without a SYN-ACK";
	if (book == BOOK_LINUX && expectation->answer == ANSWER_OPEN)
		return "no answer";
	if (book == BOOK_LINUX && expectation->after == STATE_UNKNOWN)
		return "no state after";
	return NULL;
}

static void check_answered(const struct cell *cell, const struct kernel *kernel)
{
	char name[CELL_NAME_SIZE];

	for (int book = 0; book < BOOK_COUNT; book++) {
		struct expectation expectation;
		const char *wrong;

		memset(&expectation, 0xff, sizeof(expectation));
		cell_ask((enum book)book, cell, kernel, &expectation);
		wrong = fault((enum book)book, &expectation);
		if (wrong)
			ck_abort_msg("%s, %s, kernel %u.%u: %s", cell_name(cell, name, sizeof(name)),
				     oracle_book_name((enum book)book), kernel->major, kernel->minor, wrong);
	}
}

static void check_stimuli(struct cell *cell, const struct kernel *kernel)
{
	for (size_t seq = 0; seq < ROWS(seqs); seq++)
		for (size_t ts = 0; ts < ROWS(stamps); ts++)
			for (size_t ack = 0; ack < ROWS(acks); ack++) {
				cell->stimulus.seq = seqs[seq];
				cell->stimulus.ts = stamps[ts];
				cell->stimulus.ack = acks[ack];
				check_answered(cell, kernel);
			}
}

/* Every state, kind, offset and timestamp has an answer and a state after it, on every kernel. */
START_TEST(no_hole)
{
	struct cell cell;

	cell_default(&cell);
	cell.state = (enum state)_i;
	for (size_t release = 0; release < ROWS(kernels); release++) {
		struct kernel kernel = { .timestamps = true };

		kernel_parse(kernels[release], &kernel);
		for (int kind = 0; kind < KIND_COUNT; kind++)
			for (int timestamps = 0; timestamps < 2; timestamps++) {
				cell.stimulus.kind = (enum segment_kind)kind;
				cell.connection_timestamps = timestamps;
				check_stimuli(&cell, &kernel);
			}
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("oracle");

	tcase_add_test(tcase, names);
	tcase_add_loop_test(tcase, no_hole, 0, STATE_COUNT);
	return run_suite("oracle", tcase, NULL);
}
