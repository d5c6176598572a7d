/* test_workers.c - processes that do the units of a run: in order, whoever dies, stands still, or is told to stop. */
#include "harness/commands/workers.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "harness/run/exit_code.h"
#include "harness/run/record_pack.h"

#include "tests/unit/has.h"
#include "tests/unit/suite.h"

enum { UNITS = 60, BIG = 200000 };

/* What a worker does with unit `breaks`; before all units (SLEEPS), or the first one after them (LINGERS). As a kernel may.
 * OTHER: the worker `breaks` is another program. */
enum how { SOUND, DIES, HANGS, DIES_ALWAYS, REFUSES, INTERRUPTED, LINGERS, SLEEPS, SLOW, OTHER };
struct made {
	enum how how;
	size_t breaks, size;
	int once[2]; /* a pipe with one byte: who gets it is the one that breaks */
};

static bool is_first(const struct made *made)
{
	char byte;

	return made->how == DIES_ALWAYS || read(made->once[0], &byte, 1) == 1;
}

static void take_part(const struct made *made, size_t unit)
{
	if (unit != made->breaks || (made->how != DIES && made->how != HANGS && made->how != DIES_ALWAYS) || !is_first(made))
		return;
	if (made->how == HANGS)
		pause();
	_exit(7);
}

static void say_ready_otherwise(struct worker *worker, size_t number)
{
	const struct { struct worker_head head; size_t number; } message = {
		{ .message = WORKER_READY, .size = sizeof(number), .number = record_pack_image() + 1 }, number,
	};

	/* At once: who reads it goes away after the head. */
	_Static_assert(sizeof(message) == sizeof(message.head) + sizeof(message.number), "no padding");
	ck_assert_int_eq(write(worker->out, &message, sizeof(message)), sizeof(message));
}

static int work(void *context, struct worker *worker, size_t number)
{
	const struct made *made = context;
	static unsigned char bytes[BIG];
	struct worker_range range;
	struct tally tally = { .segments_sent = 1 };
	struct error error;
	bool stops = false;

	signal(SIGINT, SIG_IGN);
	if (made->how == REFUSES) {
		worker_send(worker, WORKER_FAILED, "no such kernel", sizeof("no such kernel"), &error);
		return EXIT_CANNOT_RUN;
	}
	if (made->how == SLEEPS)
		pause();
	if (made->how == OTHER && number == made->breaks)
		say_ready_otherwise(worker, number);
	else
		worker_send(worker, WORKER_READY, &number, sizeof(number), &error);
	while (worker_next(worker, &range)) {
		for (size_t i = 0; i < range.count && !stops; i++) {
			size_t unit = (size_t)(range.first + i * range.stride);

			take_part(made, unit);
			if (made->how == SLOW)
				usleep(10000);
			stops = made->how == INTERRUPTED && unit >= made->breaks;
			memset(bytes, (int)unit, sizeof(bytes));
			if (!stops)
				worker_result(worker, unit, bytes, made->size + unit, &error);
		}
		tally.interrupted = stops;
		worker_send(worker, WORKER_DONE, &tally, sizeof(tally), &error);
	}
	if (made->how == LINGERS && number == 0)
		pause();
	worker_send(worker, WORKER_ENDED, &tally, sizeof(tally), &error);
	return EXIT_AGREES;
}

struct taken {
	const struct made *made;
	size_t count, next;
	unsigned pause_ms; /* at every tenth unit */
};

static int take(void *context, const struct lane_item *item, struct error *error)
{
	struct taken *taken = context;

	(void)error;
	ck_assert_uint_ge(item->number, taken->next);
	ck_assert_uint_eq(item->size, taken->made->size + item->number);
	for (size_t i = 0; i < item->size; i += 997)
		ck_assert_uint_eq(item->bytes[i], item->number);
	if (taken->count % 10 == 5)
		usleep(1000 * taken->pause_ms);
	taken->next = item->number + 1;
	taken->count++;
	return 0;
}

static struct made make(enum how how, size_t breaks, size_t size)
{
	struct made made = { .how = how, .breaks = breaks, .size = size };

	ck_assert_int_eq(pipe(made.once), 0);
	ck_assert_int_eq(write(made.once[1], "x", 1), 1);
	close(made.once[1]);
	return made;
}

static struct workers *open_workers(struct made *made, bool guests, struct error *error, int *code)
{
	const struct workers_plan plan = {
		.count = 2, .main = work, .context = made, .rest = "they are done by another", .guests = guests,
		.patience_ns = 300 * NSEC_PER_MSEC,
	};
	size_t number;

	signal(SIGINT, SIG_DFL); /* Check has a handler, which the children would get */
	return workers_open(&plan, &number, sizeof(number), code, error);
}

/* Runs all units; returns what workers_run() does. */
static int run_all(enum how how, size_t breaks, size_t size, bool guests, bool apart, struct taken *taken, struct tally *tally,
		   struct error *error)
{
	struct made made = make(how, breaks, size);
	const struct workers_sink sink = { .take = take, .context = taken, .apart = apart };
	struct workers *workers;
	int code = 0, result;

	*taken = (struct taken){ .made = &made, .pause_ms = taken->pause_ms };
	workers = open_workers(&made, guests, error, &code);
	ck_assert_ptr_nonnull(workers);
	result = workers_run(workers, 0, UNITS, &sink, tally, error);
	workers_close(workers);
	close(made.once[0]);
	errno = 0;
	ck_assert(wait(NULL) < 0 && errno == ECHILD);
	return result;
}

/* The report has each unit once, in order, whoever does it. */
START_TEST(units_come_in_order)
{
	static const struct {
		enum how how;
		bool guests, apart;
		size_t size;
	} rows[] = {
		{ SOUND, false, false, 10 }, { SOUND, true, false, 10 }, { SOUND, true, true, 10 },
		{ SOUND, true, true, BIG / 2 },
		{ DIES, false, false, 10 }, { DIES, true, false, 10 }, { DIES, true, true, 10 }, { HANGS, true, false, 10 },
		{ HANGS, true, true, 10 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error error = { "" };
		struct taken taken = { 0 };
		struct tally tally;

		int result = run_all(rows[i].how, 31, rows[i].size, rows[i].guests, rows[i].apart, &taken, &tally, &error);

		ck_assert_msg(result == 0, "row %zu: %s", i, error.text);
		ck_assert_uint_eq(taken.count, UNITS);
		ck_assert_uint_eq(tally.decided, UNITS);
		ck_assert(!tally.interrupted);
		ck_assert_uint_ge(tally.segments_sent, rows[i].how == SOUND ? 2 : 1);
	}
}
END_TEST

START_TEST(what_kills_all_is_an_error)
{
	struct error error = { "" };
	struct taken taken = { 0 };
	struct tally tally;

	ck_assert_int_eq(run_all(DIES_ALWAYS, 31, 10, true, false, &taken, &tally, &error), -1);
	assert_has(error.text, "all workers have ended (exit code 7)");
	ck_assert_uint_le(taken.count, 31);
}
END_TEST

static void assert_first_fails(struct made made, const char *why)
{
	struct error error = { "" };
	int code = 0;

	ck_assert_ptr_null(open_workers(&made, true, &error, &code));
	ck_assert_str_eq(error.text, why);
	ck_assert_int_eq(code, EXIT_CANNOT_RUN);
	ck_assert(wait(NULL) < 0 && errno == ECHILD);
}

START_TEST(the_first_one_says_what_is_wrong)
{
	assert_first_fails(make(REFUSES, 0, 0), "no such kernel");
}
END_TEST

/* The first is asked for what it knows; the others begin when the run does. */
START_TEST(one_that_is_another_program_ends_all)
{
	static const char message[] = "twprobe was replaced by another one while it ran";
	struct made made = make(OTHER, 0, 10);
	struct taken taken = { .made = &made };
	const struct workers_sink sink = { .take = take, .context = &taken };
	struct error error = { "" };
	struct workers *workers;
	struct tally tally;
	int code = 0;

	ck_assert_ptr_null(open_workers(&made, _i == 1, &error, &code));
	ck_assert_str_eq(error.text, message);
	made.breaks = 1;
	workers = open_workers(&made, _i == 1, &error, &code);
	ck_assert_msg(workers, "%s", error.text);
	ck_assert_int_eq(workers_run(workers, 0, UNITS, &sink, &tally, &error), -1);
	ck_assert_str_eq(error.text, message);
	workers_close(workers);
	close(made.once[0]);
	ck_assert(wait(NULL) < 0 && errno == ECHILD);
}
END_TEST

/* One of them was interrupted: what is there is reported, and nobody goes on. */
START_TEST(one_that_is_told_to_stop_stops_all)
{
	struct error error = { "" };
	struct taken taken = { 0 };
	struct tally tally;

	ck_assert_int_eq(run_all(INTERRUPTED, 31, 10, true, true, &taken, &tally, &error), 0);
	ck_assert(tally.interrupted);
	ck_assert_uint_ge(taken.count, 30);
	ck_assert_uint_lt(taken.count, UNITS);
}
END_TEST

START_TEST(the_first_one_never_starts)
{
	assert_first_fails(make(SLEEPS, 0, 0), "it said nothing for 0 s");
}
END_TEST

/* Who reports may stand still itself, as before a reader that does: what was said meanwhile counts. */
START_TEST(a_report_that_takes_long_ends_nobody)
{
	struct error error = { "" };
	struct taken taken = { .pause_ms = 320 };
	struct tally tally;

	ck_assert_int_eq(run_all(SLOW, 0, BIG / 2, true, true, &taken, &tally, &error), 0);
	ck_assert_uint_eq(taken.count, UNITS);
	ck_assert_uint_eq(tally.segments_sent, 2);
}
END_TEST

/* A guest that does not end is waited for as long as for an answer, and not in circles: those that have ended are heard. */
START_TEST(one_that_does_not_end_is_ended)
{
	struct error error = { "" };
	struct taken taken = { 0 };
	struct tally tally;
	clock_t begun = clock();

	ck_assert_int_eq(run_all(LINGERS, 0, 10, true, false, &taken, &tally, &error), -1);
	ck_assert_str_eq(error.text, "worker 1 has ended (it said nothing for 0 s)");
	ck_assert_uint_eq(taken.count, UNITS);
	ck_assert_int_lt(clock() - begun, CLOCKS_PER_SEC / 5);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("workers");

	tcase_add_test(tcase, units_come_in_order);
	tcase_add_test(tcase, what_kills_all_is_an_error);
	tcase_add_test(tcase, the_first_one_says_what_is_wrong);
	tcase_add_loop_test(tcase, one_that_is_another_program_ends_all, 0, 2);
	tcase_add_test(tcase, one_that_is_told_to_stop_stops_all);
	tcase_add_test(tcase, the_first_one_never_starts);
	tcase_add_test(tcase, a_report_that_takes_long_ends_nobody);
	tcase_add_test(tcase, one_that_does_not_end_is_ended);
	return run_suite("workers", tcase, NULL);
}
