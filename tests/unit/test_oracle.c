/* test_oracle.c - names, kernel versions, and that the rule books leave no hole over the whole product of cells. */
#include <string.h>

#include "cases/cell.h"
#include "cases/oracle.h"
#include "cases/oracle_internal.h"

#include "tests/unit/suite.h"

START_TEST(names)
{
	for (int i = 0; i < BOOK_COUNT; i++)
		ck_assert_int_eq(book_parse(book_name((enum book)i)), i);
	for (int i = 0; i < ANSWER_COUNT; i++)
		ck_assert_int_eq(answer_parse(answer_name((enum answer)i)), i);
	ck_assert_int_eq(book_parse("none"), BOOK_COUNT);
	ck_assert_int_eq(answer_parse(""), ANSWER_COUNT);
	ck_assert_ptr_null(book_name(BOOK_COUNT));
	ck_assert_ptr_null(answer_name(ANSWER_COUNT));
	ck_assert_ptr_null(isn_name(ISN_NONE));
	ck_assert_str_eq(isn_name(ISN_CONTINUED), "continued");
	ck_assert_str_eq(isn_name(ISN_FRESH), "fresh");
	ck_assert_str_eq(answer_name(ANSWER_SYN_ACK), "syn-ack");
}
END_TEST

static const struct {
	const char *release;
	unsigned major, minor, patch;
} releases[] = {
	{ "6.18.44-foo", 6, 18, 44 }, { "5.10.223", 5, 10, 223 }, { "7.3-rc1", 7, 3, 0 },  { "6.1.0-37-amd64", 6, 1, 0 },
	{ "7.2.13+deb14", 7, 2, 13 }, { "", 0, 0, 0 },            { "6", 0, 0, 0 },        { "linux", 0, 0, 0 },
};

START_TEST(kernel_release)
{
	struct kernel kernel = { .timestamps = true, .rfc1337 = true };

	kernel_parse(releases[_i].release, &kernel);
	ck_assert_uint_eq(kernel.major, releases[_i].major);
	ck_assert_uint_eq(kernel.minor, releases[_i].minor);
	ck_assert_uint_eq(kernel.patch, releases[_i].patch);
	ck_assert(kernel.timestamps && kernel.rfc1337);
}
END_TEST

START_TEST(kernel_source)
{
	struct kernel kernel = { .timestamps = true };

	kernel_parse("6.1.0-56-cloud-amd64", &kernel);
	kernel_refine("#1 SMP PREEMPT_DYNAMIC @0", &kernel);
	ck_assert_uint_eq(kernel.patch, 0);
	kernel_refine("#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-10-21)", &kernel);
	ck_assert_uint_eq(kernel.major, 6);
	ck_assert_uint_eq(kernel.minor, 1);
	ck_assert_uint_eq(kernel.patch, 192);
	ck_assert(kernel.timestamps);
	/* What names another series is not the source of this one. */
	kernel_refine("#1 SMP Debian 12.2.0-14", &kernel);
	ck_assert_uint_eq(kernel.major, 6);
	ck_assert_uint_eq(kernel.patch, 192);
}
END_TEST

START_TEST(kernel_order)
{
	struct kernel kernel = { .major = 6, .minor = 18, .patch = 41 };
	struct kernel unknown = { .timestamps = true };
	struct change change = { { 7, 2, 0 }, { { 6, 12, 105 }, { 6, 18, 42 } } };

	ck_assert(kernel_at_least(&kernel, 6, 18));
	ck_assert(kernel_at_least(&kernel, 5, 99));
	ck_assert(!kernel_at_least(&kernel, 6, 19));
	ck_assert(!kernel_at_least(&kernel, 7, 0));
	ck_assert(kernel_at_least(&unknown, 99, 0));
	ck_assert(!kernel_has(&kernel, &change));
	kernel.patch = 42;
	ck_assert(kernel_has(&kernel, &change));
	kernel.minor = 19;
	ck_assert(!kernel_has(&kernel, &change));
	kernel.major = 7;
	kernel.minor = 2;
	kernel.patch = 0;
	ck_assert(kernel_has(&kernel, &change));
	ck_assert(kernel_has(&unknown, &change));
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
	if (expectation->after >= STATE_COUNT && expectation->after != STATE_CLOSED &&
	    expectation->after != STATE_UNKNOWN)
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
		oracle_ask((enum book)book, cell, kernel, &expectation);
		wrong = fault((enum book)book, &expectation);
		if (wrong)
			ck_abort_msg("%s, %s, kernel %u.%u: %s", cell_name(cell, name, sizeof(name)),
				     book_name((enum book)book), kernel->major, kernel->minor, wrong);
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
	tcase_add_loop_test(tcase, kernel_release, 0, ROWS(releases));
	tcase_add_test(tcase, kernel_source);
	tcase_add_test(tcase, kernel_order);
	tcase_add_loop_test(tcase, no_hole, 0, STATE_COUNT);
	return run_suite("oracle", tcase, NULL);
}
