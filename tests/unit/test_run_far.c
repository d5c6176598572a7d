/* test_run_far.c - runs against a target that is far away, behind a network that loses, with a limit, on the fake wire: nothing
 * wrong, at a pace that the target bears, in the time that was foretold. */
#include <stdio.h>
#include <string.h>

#include "crafter/units.h"
#include "harness/run/defaults.h"
#include "harness/run/run_forecast.h"
#include "harness/run/run.h"
#include "tests/unit/fake_wire.h"

#include "tests/unit/suite.h"

enum { CELLS = 4000 };

/* Those that the model answers as Linux does. */
static const char cases[] =
	"name: far\n"
	"blocks:\n"
	"  - state: time-wait\n"
	"    segment: [syn, rst]\n"
	"    seq: [below, -1, equal, +1, above]\n"
	"    ts: [equal, above]\n";

struct seen {
	size_t records, wrong, open;
	char first_wrong[CELL_NAME_SIZE];
};

static int judge(void *context, const struct record *record, struct error *error)
{
	struct seen *seen = context;

	(void)error;
	seen->records++;
	if (record->verdict == VERDICT_INCONCLUSIVE || record->verdict == VERDICT_MIXED)
		seen->open++;
	else if (record->answer != fake_truth(&record->cell) && seen->wrong++ == 0)
		cell_name(&record->cell, seen->first_wrong, sizeof(seen->first_wrong));
	return 0;
}

static void nothing(void *context, const struct tally *tally, size_t cells)
{
	(void)context;
	(void)tally;
	(void)cells;
}

static void run_far(const struct fake_options *fake_options, const struct run_options *more, struct tally *tally,
		    uint64_t *dropped)
{
	struct fake_wire *fake = fake_open(fake_options);
	struct error error = { "" };
	struct matrix *matrix = matrix_parse("far", cases, sizeof(cases) - 1, &error);
	struct run_options options = *more;
	struct seen seen = { 0 };
	struct run_listener listener = { .sink = judge, .progress = nothing, .context = &seen };
	struct transport transport;

	options.rules = fake_gentle_rules;
	options.seed = fake_options->seed;
	options.expect = BOOK_LINUX;
	options.repeat = 1000;
	options.count = CELLS;
	options.no_sysctls = "none here";
	options.target_v4 = (struct endpoint){ .address = { .family = 4, .bytes = { 192, 0, 2, 2 } }, .port = 8888 };
	ck_assert_msg(matrix != NULL, "%s", error.text);
	fake_transport(fake, &transport);
	ck_assert_msg(run(&options, matrix, &transport, &listener, tally, &error) == 0, "%s", error.text);
	*dropped = fake_dropped_syns(fake);
	ck_assert_uint_eq(seen.records, CELLS);
	ck_assert_msg(seen.wrong == 0, "%zu wrong; the first: %s", seen.wrong, seen.first_wrong);
	ck_assert_msg(seen.open < CELLS / 50, "%zu open", seen.open);
	matrix_free(matrix);
	fake_close(fake);
}

static double took(const struct tally *tally)
{
	return (double)(tally->ended_ns - tally->begun_ns) / 1e9;
}

/* Not far away, either way. */
static void as_foretold(const struct tally *tally)
{
	double foretold = (double)tally->forecast_ns / 1e9;

	ck_assert_msg(foretold > 0.6 * took(tally) && foretold < 1.6 * took(tally), "%.1f s, foretold %.1f", took(tally),
		      foretold);
}

START_TEST(far_and_lossy_as_foretold)
{
	static const struct run_options paces[] = {
		{ .adapts = true, .in_flight = 1024 }, { .rate = 100, .in_flight = 1024 }, { .rate = 100, .in_flight = 32 },
		{ .in_flight = 256 },
	};
	struct fake_options options = { .seed = (uint64_t)_i + 1, .away_ns = 25 * NSEC_PER_MSEC, .loss = 0.01 };
	struct tally tally;
	uint64_t dropped;

	run_far(&options, &paces[_i], &tally, &dropped);
	as_foretold(&tally);
}
END_TEST

/* The capture of the far side: a file that is written with a delay, and finished long after the last cell was asked. */
static struct late_capture {
	unsigned looks, waits, unknown;
} late;

static bool late_grows(void *self)
{
	(void)self;
	return ++late.looks < 5;
}

static void late_crossed(void *self, const struct pair *pair, const struct side_exchange *exchange, struct side_view *view)
{
	(void)self;
	(void)pair;
	(void)exchange;
	*view = (struct side_view){ .routed = true, .answerer = SIDE_ANSWERER_UNKNOWN, .early = late.looks < 5 };
	view->stimulus = view->early ? SIDE_FATE_UNKNOWN : SIDE_FATE_REACHED;
}

static int take_late(void *context, const struct record *record, struct error *error)
{
	(void)context;
	(void)error;
	late.unknown += record->side.stimulus != SIDE_FATE_REACHED;
	return 0;
}

static void note_wait(void *context)
{
	(void)context;
	late.waits++;
}

START_TEST(a_capture_that_is_finished_later)
{
	struct fake_options fake_options = { .seed = 3, .away_ns = NSEC_PER_MSEC };
	struct fake_wire *fake = fake_open(&fake_options);
	struct error error = { "" };
	struct matrix *matrix = matrix_parse("far", cases, sizeof(cases) - 1, &error);
	struct run_listener listener = { .sink = take_late, .waits = note_wait };
	struct run_options options = {
		.rules = fake_gentle_rules, .seed = 3, .expect = BOOK_LINUX, .repeat = 1, .count = 20, .in_flight = 8,
		.no_sysctls = "none here", .adapts = true,
		.target_v4 = { .address = { .family = 4, .bytes = { 192, 0, 2, 2 } }, .port = 8888 },
	};
	struct transport transport;
	struct tally tally;

	late = (struct late_capture){ .looks = 0 };
	fake_transport(fake, &transport);
	transport.grows = late_grows;
	transport.crossed = late_crossed;
	ck_assert_msg(run(&options, matrix, &transport, &listener, &tally, &error) == 0, "%s", error.text);
	ck_assert_uint_eq(tally.decided, 20);
	ck_assert_uint_eq(late.unknown, 0);
	ck_assert_uint_eq(late.waits, 1);
	matrix_free(matrix);
	fake_close(fake);
}
END_TEST

/* A listener that takes 300 connections a second, of which at least three are needed for each cell. */
START_TEST(a_listener_that_takes_only_so_many)
{
	const struct run_options paced = { .adapts = true, .in_flight = 1024 };
	struct fake_options options = { .seed = 7, .away_ns = 25 * NSEC_PER_MSEC, .syn_limit = 300 };
	struct tally tally;
	uint64_t dropped;

	run_far(&options, &paced, &tally, &dropped);
	ck_assert_msg(took(&tally) < 120, "%.0f s", took(&tally));
	ck_assert_msg(dropped < CELLS / 3, "%llu SYNs dropped", (unsigned long long)dropped);
}
END_TEST

int main(void)
{
	TCase *far = tcase_create("far");

	tcase_set_timeout(far, 120);
	tcase_add_loop_test(far, far_and_lossy_as_foretold, 0, 4);
	tcase_add_test(far, a_listener_that_takes_only_so_many);
	tcase_add_test(far, a_capture_that_is_finished_later);
	return run_suite("run_far", far, NULL);
}
