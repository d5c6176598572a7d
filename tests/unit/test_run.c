/* test_run.c - the run on a fake wire: ten thousand probes through loss, repetition and reordering. Every conclusive
 * record must tell the truth; a wrong one is a failure, an inconclusive one is not, as long as they stay few. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run/run.h"
#include "tests/unit/fake_wire.h"

#include "tests/unit/suite.h"

#define MS UINT64_C(1000000)

static const char cases[] =
	"name: fake\n"
	"blocks:\n"
	"  - state: time-wait\n"
	"    segment: [syn, rst, 'null']\n"
	"    seq: [below, -1, equal, +1, above]\n"
	"    ts: [below, equal, above, absent]\n"
	"    connection-timestamps: [on, off]\n";

struct judged {
	size_t records, wrong, inconclusive, silent, out_of_order;
	size_t next;
	char first_wrong[512];
	uint8_t tries_max;
	size_t twice; /* asked exactly twice: something was lost. The model is no Linux, and its surprises are asked thrice */
};

static void note_wrong(struct judged *outcome, const struct record *record, const char *what)
{
	char name[CELL_NAME_SIZE];

	if (outcome->wrong++)
		return;
	snprintf(outcome->first_wrong, sizeof(outcome->first_wrong), "#%zu %s: %s (answer %s, follow-up %s)",
		 record->number, cell_name(&record->cell, name, sizeof(name)), what, oracle_answer_name(record->answer),
		 record->has_follow_up ? oracle_answer_name(record->follow_up_answer) : "none");
}

static int judge(void *context, const struct record *record, struct error *error)
{
	struct judged *outcome = context;

	(void)error;
	outcome->records++;
	outcome->out_of_order += record->number != outcome->next++;
	if (record->tries > outcome->tries_max)
		outcome->tries_max = record->tries;
	outcome->twice += record->tries == 2;
	if (record->verdict == VERDICT_INCONCLUSIVE || record->verdict == VERDICT_MIXED) {
		outcome->inconclusive++;
		if (!record->reason[0])
			note_wrong(outcome, record, "inconclusive without a reason");
		return 0;
	}
	outcome->silent += record->answer == ANSWER_SILENCE;
	if (record->answer != fake_truth(&record->cell))
		note_wrong(outcome, record, "the wrong answer");
	else if (record->answer == ANSWER_SYN_ACK && record->isn != ISN_CONTINUED)
		note_wrong(outcome, record, "the wrong ISN");
	else if (record->answer == ANSWER_SILENCE && !record->has_follow_up)
		note_wrong(outcome, record, "silence without a follow-up");
	else if (record->has_follow_up && record->follow_up_answer != fake_truth_after(&record->cell))
		note_wrong(outcome, record, "the wrong follow-up");
	return 0;
}

static unsigned tries_most; /* of a cell; 0: as many as it takes */
static uint64_t tortured_seed; /* 0: of no torture */

static struct judged run_fake(const struct fake_options *fake_options, size_t cells, size_t in_flight,
			       struct tally *tally)
{
	struct fake_wire *fake = fake_open(fake_options);
	struct error error = { "" };
	struct matrix *matrix = matrix_parse("fake", cases, sizeof(cases) - 1, &error);
	struct run_options options = {
		.in_flight = in_flight, .seed = fake_options->seed, .rules = fake_gentle_rules, .expect = BOOK_LINUX,
		.repeat = 1000, .count = cells, .one_subject = fake_options->proves, .tries_most = tries_most,
		.target_v4 = { .address = { .family = 4, .bytes = { 192, 0, 2, 2 } }, .port = 8888 },
	};
	struct judged outcome = { 0 };
	struct run_listener listener = { .sink = judge, .context = &outcome };
	struct transport transport;
	int result;

	ck_assert_msg(matrix != NULL, "%s", error.text);
	fake_transport(fake, &transport);
	result = run(&options, matrix, &transport, &listener, tally, &error);
	ck_assert_msg(result == 0, "%s", error.text);
	ck_assert_uint_eq(outcome.records, cells);
	ck_assert_uint_eq(outcome.out_of_order, 0);
	ck_assert_msg(outcome.wrong == 0, "RUN_SEED=%llu: %zu wrong; the first: %s", (unsigned long long)tortured_seed,
		      outcome.wrong, outcome.first_wrong);
	matrix_free(matrix);
	fake_close(fake);
	return outcome;
}

static int ignore(void *context, const struct record *record, struct error *error)
{
	(void)context;
	(void)record;
	(void)error;
	return 0;
}

/* Lawful SYNs alone, which every kernel that there is answers with a SYN-ACK. */
static void run_syns_to(run_sink *sink, const struct fake_options *fake_options, size_t cells, struct tally *tally)
{
	static const char syns[] =
		"name: syns\nblocks:\n  - state: time-wait\n    segment: [syn]\n    seq: [+1]\n    ts: [+1]\n";
	struct fake_wire *fake = fake_open(fake_options);
	struct error error = { "" };
	struct matrix *matrix = matrix_parse("syns", syns, sizeof(syns) - 1, &error);
	struct run_options options = {
		.in_flight = 32, .seed = fake_options->seed, .rules = fake_gentle_rules, .expect = BOOK_COUNT, .repeat = cells,
		.count = cells, .target_v4 = { .address = { .family = 4, .bytes = { 192, 0, 2, 2 } }, .port = 8888 },
	};
	struct run_listener listener = { .sink = sink };
	struct transport transport;

	ck_assert_msg(matrix != NULL, "%s", error.text);
	fake_transport(fake, &transport);
	ck_assert_msg(run(&options, matrix, &transport, &listener, tally, &error) == 0, "%s", error.text);
	matrix_free(matrix);
	fake_close(fake);
}

static void run_syns(const struct fake_options *fake_options, size_t cells, struct tally *tally)
{
	run_syns_to(ignore, fake_options, cells, tally);
}

START_TEST(a_clean_wire_decides_every_cell)
{
	struct fake_options options = { .seed = 1, .proves = true };
	struct tally tally;
	struct judged outcome = run_fake(&options, 10000, 256, &tally);

	ck_assert_uint_eq(outcome.inconclusive, 0);
	ck_assert_uint_le(outcome.tries_max, 3);
	ck_assert_uint_eq(outcome.twice, 0);
	/* Two kinds of three are silent. */
	ck_assert_uint_gt(outcome.silent, 6000);
}
END_TEST

START_TEST(without_counters_silence_takes_more_tries)
{
	struct fake_options options = { .seed = 2 };
	struct tally tally;
	struct judged outcome = run_fake(&options, 1000, 256, &tally);

	ck_assert_uint_eq(outcome.inconclusive, 0);
	ck_assert_uint_ge(outcome.tries_max, 2);
}
END_TEST

START_TEST(loss_repetition_and_reordering_never_make_a_wrong_verdict)
{
	struct fake_options options = { .loss = 0.05, .repeat = 0.05, .jitter_ns = 8 * MS };
	struct tally tally;

	for (options.seed = 10; options.seed < 13; options.seed++) {
		struct judged outcome = run_fake(&options, 4000, 1024, &tally);

		ck_assert_uint_lt(outcome.inconclusive, 40);
		ck_assert_uint_gt(tally.resent, 0);
	}
}
END_TEST

/* The first silences are judged when hardly a lost segment is known of: all probes go at once, and those that lose nothing
 * end first. */
START_TEST(a_short_run_does_not_take_loss_for_silence)
{
	struct fake_options options = { .jitter_ns = 2 * MS };
	struct tally tally;
	size_t inconclusive = 0;

	for (options.seed = 100; options.seed < 220; options.seed++) {
		options.loss = 0.01 * (double)(1 + options.seed % 15);
		inconclusive += run_fake(&options, 90, 256, &tally).inconclusive;
	}
	ck_assert_uint_lt(inconclusive, 120 * 90 / 20);
}
END_TEST

START_TEST(a_single_cell_does_not_take_loss_for_silence)
{
	struct fake_options options = { .loss = 0.05 };
	struct tally tally;

	for (options.seed = 1000; options.seed < 1300; options.seed++)
		run_fake(&options, 1, 1, &tally);
}
END_TEST

/* What answered late once may answer later still: that nothing came for the next tries, not even to the follow-up, proves no
 * silence. */
START_TEST(a_late_answer_is_not_forgotten)
{
	struct fake_options options = { .seed = 36 };
	struct tally tally;
	size_t inconclusive = 0;

	for (options.belated_ns = 350 * MS; options.belated_ns <= 1600 * MS; options.belated_ns += 50 * MS) {
		uint64_t end_ns = 2 * fake_gentle_rules.answer_ns;

		/* What comes right after a try's end may answer what took the connection back (formers.c). */
		if (options.belated_ns < end_ns || options.belated_ns > end_ns + PEER_COPY_LATEST_NS)
			inconclusive += run_fake(&options, 1, 1, &tally).inconclusive;
	}
	ck_assert_uint_eq(inconclusive, 23);
}
END_TEST

START_TEST(loss_with_counters_that_show_it)
{
	struct fake_options options = { .loss = 0.05, .repeat = 0.02, .jitter_ns = 3 * MS, .proves = true, .seed = 20 };
	struct tally tally;
	struct judged outcome = run_fake(&options, 5000, 512, &tally);

	ck_assert_uint_lt(outcome.inconclusive, 50);
}
END_TEST

/* Counters prove that the stimulus arrived; that it died in a socket's backlog they do not show. */
START_TEST(a_stimulus_that_the_subject_swallows_once)
{
	struct fake_options options = { .seed = 35, .proves = true, .swallow_every = 40 };
	struct tally tally;
	struct judged outcome = run_fake(&options, 5000, 256, &tally);

	ck_assert_uint_gt(outcome.twice, 0);
	ck_assert_uint_lt(outcome.inconclusive, 50);
}
END_TEST

START_TEST(heavy_loss_is_inconclusive_at_worst)
{
	struct fake_options options = { .loss = 0.30, .jitter_ns = 8 * MS, .seed = 30 };
	struct tally tally;

	run_fake(&options, 1000, 256, &tally);
}
END_TEST

/* Whoever shall be bothered little (twprobe who), whatever goes wrong on the way. */
START_TEST(no_more_tries_than_wanted)
{
	struct fake_options options = { .seed = 5, .loss = 0.5 };
	struct tally tally;
	struct judged outcome;

	tries_most = 10;
	outcome = run_fake(&options, 300, 4, &tally);
	tries_most = 0;
	ck_assert_uint_eq(outcome.tries_max, 10);
}
END_TEST

START_TEST(a_capture_that_drops_proves_no_silence)
{
	struct fake_options options = { .seed = 40, .proves = true, .drop_every = 50 };
	struct tally tally;
	struct judged outcome = run_fake(&options, 2000, 64, &tally);

	ck_assert_uint_gt(tally.capture_dropped, 0);
	ck_assert_uint_gt(outcome.twice, 0);
}
END_TEST

START_TEST(an_interface_that_goes_down_proves_nothing)
{
	struct fake_options options = { .seed = 50, .proves = true, .down_after = 2000 };
	struct tally tally;
	struct judged outcome = run_fake(&options, 600, 64, &tally);

	ck_assert_uint_gt(outcome.inconclusive, 0);
	ck_assert_uint_lt(outcome.inconclusive, 600);
}
END_TEST

START_TEST(a_deaf_target_is_given_up_soon)
{
	struct fake_options options = { .seed = 60, .deaf = true };
	struct tally tally;
	struct judged outcome = run_fake(&options, 5000, 32, &tally);

	ck_assert_uint_eq(outcome.inconclusive, 5000);
	/* One set-up's time, not five thousand divided by the window. */
	ck_assert_uint_lt(tally.ended_ns - tally.begun_ns, 10000 * MS);
}
END_TEST

/* Two kernels behind one address: whatever a cell is answered, what agrees with one of them is no verdict. */
START_TEST(a_target_that_answers_in_two_ways_never_agrees)
{
	struct fake_options options = { 0 };
	struct tally tally;

	for (options.seed = 80; options.seed < 88; options.seed++) {
		options.strangers = options.seed % 2 ? 0.5 : 0.75;
		run_syns(&options, options.seed % 4 < 2 ? 64 : 1, &tally);
		ck_assert_msg(tally.verdicts[VERDICT_MIXED] == tally.cells, "seed %d: %zu of %zu", (int)options.seed,
			      tally.verdicts[VERDICT_MIXED], tally.cells);
	}
}
END_TEST

/* Every follow-up is answered here. One that was lost is no silence, whatever the stimulus got. */
static size_t unfollowed;

static int note_follow_up(void *context, const struct record *record, struct error *error)
{
	(void)context;
	(void)error;
	unfollowed += record_is_conclusive(record) && record->has_follow_up && record->follow_up_answer == ANSWER_SILENCE;
	return 0;
}

START_TEST(a_follow_up_that_is_lost)
{
	struct fake_options options = { .loss = 0.25, .strangers = 1, .jitter_ns = 2 * MS };
	struct tally tally;

	for (options.seed = 140; options.seed < 144; options.seed++)
		run_syns_to(note_follow_up, &options, 400, &tally);
	ck_assert_uint_eq(unfollowed, 0);
}
END_TEST

START_TEST(a_target_with_one_answer_is_not_mixed)
{
	struct fake_options options = { .loss = 0.05, .jitter_ns = 8 * MS };
	struct tally tally;

	for (options.seed = 120; options.seed < 124; options.seed++) {
		run_syns(&options, 64, &tally);
		ck_assert_msg(tally.verdicts[VERDICT_AGREES] == tally.cells, "seed %d", (int)options.seed);
	}
}
END_TEST

START_TEST(one_probe_at_a_time_finds_the_same)
{
	struct fake_options options = { .seed = 70, .proves = true };
	struct tally tally;
	struct judged outcome = run_fake(&options, 300, 1, &tally);

	ck_assert_uint_eq(outcome.inconclusive, 0);
}
END_TEST

/* A machine that is busy, stopped, resumed, and whose wall clock is set, beside a network that loses, repeats and reorders:
 * all at once, differently for each seed. run_fake() finds whatever is wrong; the seed is here. */
static struct fake_options torture_of(uint64_t seed)
{
	return (struct fake_options){
		.seed = seed, .proves = seed % 2, .loss = 0.01 * (double)(seed % 7), .repeat = 0.02 * (double)(seed % 3),
		.jitter_ns = seed % 5 * 3 * MS, .stalls = seed % 4 ? 0.02 : 0, .stall_ns = seed % 3 ? 3000 * MS : 40 * MS,
		.steps = seed % 6 > 1 ? 0.005 : 0, .step_ns = seed % 8 ? 3600000 * MS : 200 * MS,
	};
}

enum { TORTURES = 40, TORTURED_CELLS = 120 };

START_TEST(stalls_and_steps_never_make_a_wrong_verdict)
{
	uint64_t first = getenv("RUN_SEED") ? strtoull(getenv("RUN_SEED"), NULL, 0) : 1;
	size_t inconclusive = 0, tortures = getenv("RUN_SEED") ? 1 : TORTURES;
	struct tally tally;

	for (uint64_t seed = first; seed < first + tortures; seed++) {
		struct fake_options options = torture_of(seed);

		tortured_seed = seed;
		inconclusive += run_fake(&options, TORTURED_CELLS, seed % 3 ? 256 : 16, &tally).inconclusive;
		/* Everything ends, however long the process stood still. */
		ck_assert_msg(tally.ended_ns - tally.begun_ns < 3600 * 1000 * MS, "RUN_SEED=%llu: it took an hour",
			      (unsigned long long)seed);
	}
	ck_assert_uint_lt(inconclusive, TORTURES * TORTURED_CELLS / 5);
}
END_TEST

/* While the process stands still, or the whole machine, TIME_WAIT ends: a listener answers the stimulus, or the follow-up. */
START_TEST(a_stall_that_the_state_does_not_outlast)
{
	struct tally tally;

	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct fake_options options = {
			.seed = seed, .proves = seed % 2, .time_wait_ns = 60000 * MS, .stalls = 0.004, .stall_ns = 200000 * MS,
		};
		struct judged outcome = run_fake(&options, TORTURED_CELLS, 16, &tally);

		ck_assert_uint_lt(outcome.inconclusive, TORTURED_CELLS / 2);
	}
}
END_TEST

int main(void)
{
	TCase *wire = tcase_create("fake wire");

	tcase_set_timeout(wire, 60);
	tcase_add_test(wire, a_clean_wire_decides_every_cell);
	tcase_add_test(wire, without_counters_silence_takes_more_tries);
	tcase_add_test(wire, loss_repetition_and_reordering_never_make_a_wrong_verdict);
	tcase_add_test(wire, a_short_run_does_not_take_loss_for_silence);
	tcase_add_test(wire, a_target_that_answers_in_two_ways_never_agrees);
	tcase_add_test(wire, a_target_with_one_answer_is_not_mixed);
	tcase_add_test(wire, a_follow_up_that_is_lost);
	tcase_add_test(wire, a_single_cell_does_not_take_loss_for_silence);
	tcase_add_test(wire, a_late_answer_is_not_forgotten);
	tcase_add_test(wire, loss_with_counters_that_show_it);
	tcase_add_test(wire, a_stimulus_that_the_subject_swallows_once);
	tcase_add_test(wire, heavy_loss_is_inconclusive_at_worst);
	tcase_add_test(wire, no_more_tries_than_wanted);
	tcase_add_test(wire, a_capture_that_drops_proves_no_silence);
	tcase_add_test(wire, an_interface_that_goes_down_proves_nothing);
	tcase_add_test(wire, a_deaf_target_is_given_up_soon);
	tcase_add_test(wire, one_probe_at_a_time_finds_the_same);
	tcase_add_test(wire, stalls_and_steps_never_make_a_wrong_verdict);
	tcase_add_test(wire, a_stall_that_the_state_does_not_outlast);
	return run_suite("run", wire, NULL);
}
