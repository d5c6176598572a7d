/* test_suspects.c - whose TCP: every kernel that ships as a baseline, steps of the books, mistakes, two at once, nobody. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cases/case_file.h"
#include "cases/matrix/cell_ask.h"
#include "harness/report/report_who.h"
#include "harness/results/stacks.h"
#include "tests/unit/named_cell.h"

enum { BASELINE_MAX = 16 << 20, LINE_SIZE = 300 };

static struct matrix *pool;
static struct stacks *stacks;

static void load_pool(void)
{
	struct error error = { "" };

	setenv("TWPROBE_CASES", "cases", 1);
	pool = matrix_load("cases/all.yaml", &error);
	ck_assert_msg(pool != NULL, "%s", error.text);
	for (size_t i = 0; i < 2; i++) {
		struct matrix *more = matrix_load(i ? "cases/half.yaml" : "cases/conditions.yaml", &error);

		ck_assert_msg(more && matrix_append(pool, more, &error) == 0, "%s", error.text);
	}
	stacks = stacks_read(&error);
	ck_assert_msg(stacks != NULL, "%s", error.text);
	ck_assert_int_eq(stacks_add_cells(stacks, pool, &error), 0);
}

static void free_pool(void)
{
	matrix_free(pool);
	stacks_free(stacks);
}

/* Somebody who answers; false: not this cell. */
struct somebody {
	bool (*answer)(const struct somebody *somebody, const struct cell *cell, struct record *record);
	struct kernel kernel;
	enum book book;
	const char *text;   /* of a baseline */
	bool refuses;       /* timestamps */
	size_t wrong;       /* the answer with this number, from 1, gets lost */
	const struct somebody *other; /* answers the half of the tries */
};

static bool by_book(const struct somebody *somebody, const struct cell *cell, struct record *record)
{
	struct expectation expected;

	cell_ask(somebody->book, cell, &somebody->kernel, &expected);
	record->answer = expected.answer;
	record->isn = expected.isn == ISN_NONE && expected.answer == ANSWER_SYN_ACK ? ISN_FRESH : expected.isn;
	return expected.answer != ANSWER_OPEN;
}

static bool by_baseline(const struct somebody *somebody, const struct cell *cell, struct record *record)
{
	char name[CELL_NAME_SIZE], line[LINE_SIZE], answer[20] = "", isn[20] = "";
	const char *at;

	snprintf(line, sizeof(line), "\"cell\":\"%s\",\"answer\":", cell_name(cell, name, sizeof(name)));
	at = strstr(somebody->text, line);
	if (!at || sscanf(at + strlen(line), "\"%19[a-z-]\",\"isn\":\"%19[a-z]", answer, isn) < 1)
		return false;
	record->answer = oracle_answer_parse(answer);
	record->isn = strcmp(isn, "continued") == 0 ? ISN_CONTINUED : strcmp(isn, "fresh") == 0 ? ISN_FRESH : ISN_NONE;
	return true;
}

static bool by_reset(const struct somebody *somebody, const struct cell *cell, struct record *record)
{
	(void)somebody;
	(void)cell;
	record->answer = ANSWER_RST;
	return true;
}

static bool by_ack(const struct somebody *somebody, const struct cell *cell, struct record *record)
{
	(void)somebody;
	record->answer = cell->stimulus.kind == KIND_SYN ? ANSWER_RST : ANSWER_ACK;
	return true;
}

/* A LISTEN like FreeBSD's, and nothing else that can be asked. */
static bool by_listener(const struct somebody *somebody, const struct cell *cell, struct record *record)
{
	return cell->state == STATE_LISTEN && by_book(somebody, cell, record);
}

/* A firewall before a kernel drops every SYN into TIME_WAIT. */
static bool by_firewall(const struct somebody *somebody, const struct cell *cell, struct record *record)
{
	if (cell->state != STATE_TIME_WAIT || cell->stimulus.kind != KIND_SYN)
		return by_book(somebody, cell, record);
	record->answer = ANSWER_SILENCE;
	return true;
}

static void put_outcome(struct record *record, const struct record *from)
{
	record->outcomes[record->outcome_count++] = (struct outcome){
		.answer = from->answer, .isn = from->isn, .after = STATE_UNKNOWN, .tries = 2, .ttl = 64,
	};
}

static void ask(const struct somebody *somebody, const struct cell *cell, size_t number, struct suspects *suspects)
{
	struct record record = {
		.cell = *cell, .before = cell->state, .after = STATE_UNKNOWN, .verdict = VERDICT_AGREES, .observed = true,
		.has_sent = true, .tries = 3,
	}, other = record;

	if (!somebody->answer(somebody, cell, &record)) {
		const struct peer refused = { .trouble = TROUBLE_NO_TIMESTAMPS };

		if (somebody->refuses && cell->connection_timestamps)
			peer_trouble_text(&refused, record.reason, sizeof(record.reason));
		record.tries = somebody->refuses ? 1 : record.tries;
		record.observed = record.has_sent = false;
		record.verdict = VERDICT_INCONCLUSIVE;
	}
	if (number == somebody->wrong) {
		record.answer = ANSWER_SILENCE;
		record.isn = ISN_NONE;
	}
	if (record.observed)
		put_outcome(&record, &record);
	if (somebody->other && somebody->other->answer(somebody->other, cell, &other) && record.observed &&
	    (other.answer != record.answer || other.isn != record.isn)) {
		put_outcome(&record, &other);
		record.observed = false;
		record.verdict = VERDICT_MIXED;
	}
	suspects_take(suspects, &record);
}

/* Returns how many were asked. */
static size_t interview(const struct somebody *somebody, struct suspects *suspects)
{
	struct cell cells[SUSPECTS_ROUND];
	struct error error = { "" };
	const struct suspects_stack *all;
	size_t number = 0, count, known;

	all = stacks_suspects(stacks, &known);
	ck_assert_int_eq(suspects_open(suspects, pool, 4, all, known, &error), 0);
	while (suspects->connections < 50 && (count = suspects_next(suspects, SUSPECTS_ROUND, cells)) > 0)
		for (size_t i = 0; i < count; i++)
			ask(somebody, &cells[i], ++number, suspects);
	suspects_close(suspects);
	return number;
}

static const char *said(const struct suspects *suspects)
{
	static char text[2000];
	struct error error = { "" };
	FILE *out = fmemopen(text, sizeof(text), "w");

	ck_assert_int_eq(report_who(out, "it", suspects, &error), 0);
	fclose(out);
	return text;
}

static uint64_t system_of(uint64_t kernels)
{
	if (kernels & SUSPECTS_LINUX)
		return SUSPECTS_LINUX;
	return (kernels & SUSPECTS_FREEBSD) ? SUSPECTS_FREEBSD : kernels;
}

/* A name is right if it has this kernel and nobody of another system. */
static void check_named(const struct suspects *suspects, uint64_t truth)
{
	ck_assert_msg(report_who_of(suspects) == WHO_NAMED, "no name: %s", said(suspects));
	ck_assert_msg(suspects->fits & truth, "not among them: %s", said(suspects));
	ck_assert_msg((suspects->sure & suspects->fits) == suspects->fits, "silences add kernels: %s", said(suspects));
	ck_assert_msg(!(suspects->fits & ~system_of(truth)), "another system: %s", said(suspects));
}

static struct somebody linux_at(size_t step)
{
	const struct kernel ours = { .timestamps = true, .md5 = true };

	return (struct somebody){ .answer = by_book, .book = BOOK_LINUX, .kernel = kernel_at_step(&ours, step) };
}

static struct somebody freebsd_at(unsigned step)
{
	return (struct somebody){ .answer = by_book, .book = BOOK_FREEBSD,
				  .kernel = { .timestamps = true, .freebsd.steps = 1u << step } };
}

START_TEST(every_step)
{
	static const size_t sampled[] = { 0, 5, 11, 17, 23, 29, 35 };
	struct suspects suspects;

	for (size_t i = 0; i < sizeof(sampled) / sizeof(sampled[0]); i++) {
		size_t step = sampled[i] < kernel_step_count() ? sampled[i] : kernel_step_count() - 1;
		struct somebody somebody = linux_at(step);

		interview(&somebody, &suspects);
		check_named(&suspects, UINT64_C(1) << step);
	}
	for (unsigned step = 0; step < FREEBSD_STEP_COUNT; step++) {
		struct somebody somebody = freebsd_at(step);

		interview(&somebody, &suspects);
		check_named(&suspects, KERNEL_FREEBSD(1u << step));
	}
}
END_TEST

/* Behind what a file has itself, what the one has that it is like: the first is found. */
static void read_text(const char *path, char *text)
{
	char other[CASE_FILE_NAME_SIZE + 40], name[20];
	gzFile file = gzopen(path, "rb");
	const char *like;
	int length;

	ck_assert_msg(file != NULL, "%s", path);
	length = gzread(file, text, BASELINE_MAX - 1);
	ck_assert_int_gt(length, 0);
	gzclose(file);
	text[length] = '\0';
	like = strstr(text, "\"like\":");
	if (!like)
		return;
	ck_assert_int_eq(sscanf(like, "\"like\":\"%19[^\"]", name), 1);
	snprintf(other, sizeof(other), "baselines/%s.ndjson.gz", name);
	file = gzopen(other, "rb");
	ck_assert_msg(file != NULL, "%s", other);
	ck_assert_int_gt(gzread(file, text + length, (unsigned)(BASELINE_MAX - 1 - length)), 0);
	gzclose(file);
}

/* What was heard of real kernels, not what the books say of them. */
START_TEST(every_baseline)
{
	char versions[CASE_FILE_MANY][CASE_FILE_NAME_SIZE], path[CASE_FILE_NAME_SIZE + 40];
	size_t count = case_file_list(CASE_FILE_BASELINE, versions, CASE_FILE_MANY);
	char *text = malloc(BASELINE_MAX);

	ck_assert_uint_ge(count, 14);
	for (size_t i = 0; i < count; i++) {
		struct somebody somebody = { .answer = by_baseline, .text = text };
		struct suspects suspects;
		struct kernel kernel = { 0 };
		struct error error = { "" };

		ck_assert_int_eq(kernel_choose(versions[i], &kernel, &error), 0);
		snprintf(path, sizeof(path), "baselines/%s.ndjson.gz", versions[i]);
		read_text(path, text);
		interview(&somebody, &suspects);
		if (!(suspects.fits & kernel_steps(&kernel)))
			ck_abort_msg("%s: %s", versions[i], said(&suspects));
		check_named(&suspects, kernel_steps(&kernel));
	}
	free(text);
}
END_TEST

/* Each stack by its own answers, under its own name alone; Linux as it was asked in their company is a Linux. */
START_TEST(every_stack)
{
	char files[CASE_FILE_MANY][CASE_FILE_NAME_SIZE], path[CASE_FILE_NAME_SIZE + 40];
	size_t count = case_file_list(CASE_FILE_STACK_RESULTS, files, CASE_FILE_MANY), others = 0;
	char *text = malloc(BASELINE_MAX);

	ck_assert_uint_lt(kernel_step_count(), SUSPECTS_STACKS);
	for (size_t i = 0; i < count; i++) {
		struct somebody somebody = { .answer = by_baseline, .text = text };
		bool is_linux = strncmp(files[i], "linux-", 6) == 0;
		size_t known;
		struct suspects suspects;

		snprintf(path, sizeof(path), "baselines/stacks/%s.ndjson.gz", files[i]);
		read_text(path, text);
		somebody.refuses = !is_linux && !stacks_suspects(stacks, &known)[others].timestamps;
		interview(&somebody, &suspects);
		if (is_linux) {
			check_named(&suspects, SUSPECTS_LINUX);
			continue;
		}
		others++;
		check_named(&suspects, suspects_system(&suspects, SUSPECTS_STACKS + (unsigned)others - 1));
		ck_assert_msg(suspects_telling(&suspects) > 0, "%s: %s", files[i], said(&suspects));
		ck_assert_ptr_nonnull(strstr(said(&suspects), suspects.stacks[others - 1].name));
	}
	ck_assert_uint_ge(others, 2);
	free(text);
}
END_TEST

/* One answer of any got lost: perhaps no name, never a wrong one. */
START_TEST(a_lost_answer)
{
	struct somebody somebody[] = { linux_at(0), linux_at(20), freebsd_at(FREEBSD_14_0) };
	const uint64_t truths[] = { 1, UINT64_C(1) << 20, KERNEL_FREEBSD(1u << FREEBSD_14_0) };
	struct suspects suspects;

	for (size_t i = 0; i < 3; i++)
		for (size_t number = 1; number < 10; number++) {
			somebody[i].wrong = number;
			if (interview(&somebody[i], &suspects) >= number && report_who_of(&suspects) == WHO_NAMED)
				ck_assert_msg(suspects.fits & truths[i], "%zu: %s", number, said(&suspects));
		}
}
END_TEST

START_TEST(two_at_once)
{
	struct somebody other = freebsd_at(FREEBSD_14_0), somebody = linux_at(kernel_step_count() - 1);
	struct suspects suspects;
	uint64_t one, two;

	somebody.other = &other;
	interview(&somebody, &suspects);
	ck_assert_msg(report_who_of(&suspects) == WHO_TWO, "%s", said(&suspects));
	ck_assert(suspects_pair(&suspects, &one, &two));
	ck_assert(one >> (kernel_step_count() - 1) & 1);
	ck_assert(two & KERNEL_FREEBSD(1u << FREEBSD_14_0));
	ck_assert_msg(strstr(said(&suspects), "Two stacks behind one address"), "%s", said(&suspects));
}
END_TEST

START_TEST(nobody)
{
	struct somebody somebody = { .answer = by_ack };
	struct suspects suspects;

	interview(&somebody, &suspects);
	ck_assert_msg(report_who_of(&suspects) == WHO_NOBODY, "%s", said(&suspects));
	ck_assert_msg(strstr(said(&suspects), "answers like no kernel in the books"), "%s", said(&suspects));
	ck_assert_msg(strstr(said(&suspects), "ACK - as "), "%s", said(&suspects));
}
END_TEST

/* A firewall that rejects with resets is no stack, whoever answers so, too. */
START_TEST(one_answer)
{
	struct somebody somebody = { .answer = by_reset };
	struct suspects suspects;

	interview(&somebody, &suspects);
	ck_assert_msg(report_who_of(&suspects) != WHO_NAMED, "%s", said(&suspects));
}
END_TEST

/* The name does without silences that may be the firewall's. */
START_TEST(a_firewall)
{
	size_t newest = kernel_step_count() - 1;
	struct somebody somebody = linux_at(newest);
	struct suspects suspects;

	somebody.answer = by_firewall;
	interview(&somebody, &suspects);
	ck_assert_msg(!(suspects.fits >> newest & 1), "the firewall was not met: %s", said(&suspects));
	ck_assert_msg(suspects.sure >> newest & 1, "%s", said(&suspects));
	ck_assert_msg(strstr(said(&suspects), suspects.fits ? "If nothing between drops" : "may drop segments"), "%s",
		      said(&suspects));
}
END_TEST

/* What says the same of one state only has no name for that. */
START_TEST(a_listener)
{
	struct somebody somebody = freebsd_at(FREEBSD_14_0);
	struct suspects suspects;

	somebody.answer = by_listener;
	interview(&somebody, &suspects);
	ck_assert_uint_ge(suspects.conclusive, 2);
	ck_assert_msg(report_who_of(&suspects) == WHO_UNCLEAR, "%s", said(&suspects));
}
END_TEST

/* Nothing can be asked of it. */
START_TEST(too_little)
{
	struct somebody somebody = { .answer = by_baseline, .text = "" };
	struct suspects suspects;

	ck_assert_uint_le(interview(&somebody, &suspects), 20);
	ck_assert_int_eq(report_who_of(&suspects), WHO_UNCLEAR);
	ck_assert_msg(strstr(said(&suspects), "Too little was heard"), "%s", said(&suspects));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("suspects");

	tcase_add_unchecked_fixture(tcase, load_pool, free_pool);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, every_step);
	tcase_add_test(tcase, every_baseline);
	tcase_add_test(tcase, every_stack);
	tcase_add_test(tcase, a_lost_answer);
	tcase_add_test(tcase, two_at_once);
	tcase_add_test(tcase, nobody);
	tcase_add_test(tcase, one_answer);
	tcase_add_test(tcase, a_listener);
	tcase_add_test(tcase, a_firewall);
	tcase_add_test(tcase, too_little);
	return run_suite("suspects", tcase, NULL);
}
