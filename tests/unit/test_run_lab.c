/* test_run_lab.c - a run on the fake wire where sysctls can be set and a witness be asked; what is refused, paced,
 * interrupted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run/defaults.h"
#include "harness/run/run.h"
#include "tests/unit/fake_wire.h"

#include "tests/unit/suite.h"
#undef fail /* Check's; the stand-ins need the project's */

#define MS UINT64_C(1000000)

#define CASES(sysctls) \
	"name: fake\nblocks:\n  - state: time-wait\n    segment: [syn]\n    seq: [below, -1, equal, +1, above]\n" \
	"    ts: [equal, above]\n    sysctl: [" sysctls "]\n"
enum { CELLS_EACH = 10 };

struct lab {
	struct fake_wire *fake;
	struct transport transport;
	int (*send)(void *self, const struct segment *segment, struct error *error); /* the wire's own */
	struct conditions now;          /* what is set */
	bool at_probe;                  /* also what the probe alone has */
	unsigned applied, applied_at_probe;
	const char *refuses;            /* a sysctl that cannot be set */
	bool refuses_at_probe;          /* it can, but not at the probe */
	unsigned syns, asked, closed_first;
	bool no_witness;                /* it fails */
	bool no_timer;                  /* no socket in TIME_WAIT has one */
	uint64_t first_syn_ns, last_syn_ns;
	bool has_listener, listens;     /* it can be told to go; it is there */
	unsigned listener_changes, wrong_listener;
	struct { bool set, at_probe, listens; struct conditions conditions; } stimuli[65536]; /* by the client's port */
	unsigned tries;                 /* of the last record */
	size_t records, skipped, wrong, wrong_conditions, inconclusive, out_of_order, differ, after_timer;
	unsigned progress;
	char reason[RECORD_REASON_SIZE];
	enum state before, after;
};

static struct lab lab;

static bool has_sysctl(const struct conditions *conditions, const char *name)
{
	for (size_t i = 0; name && i < conditions->sysctl_count; i++)
		if (strcmp(conditions->sysctls[i].name, name) == 0)
			return true;
	return false;
}

static int apply(void *self, const struct conditions *conditions, bool at_probe, struct error *error)
{
	(void)self;
	if (has_sysctl(conditions, lab.refuses) && at_probe == lab.refuses_at_probe)
		return fail(error, "the kernel refuses %s", lab.refuses);
	lab.now = *conditions;
	lab.at_probe = at_probe;
	lab.applied += !at_probe;
	lab.applied_at_probe += at_probe;
	return 0;
}

static int set_listener(void *self, enum listener listening, struct error *error)
{
	(void)self;
	(void)error;
	lab.listens = listening == LISTENER_KEPT;
	lab.listener_changes++;
	return 0;
}

static int testify(void *self, const struct pair *pair, struct sighting *sighting, struct error *error)
{
	uint64_t age_ns;

	(void)self;
	lab.asked++;
	if (lab.no_witness)
		return fail(error, "the witness is gone");
	*sighting = (struct sighting){ .timer = SIGHTING_NO_TIMER };
	sighting->state = lab.asked <= lab.closed_first ? STATE_CLOSED : fake_state(lab.fake, pair->crafted.port, &age_ns);
	if (sighting->state == STATE_TIME_WAIT && !lab.no_timer) {
		sighting->timer = SIGHTING_TIME_WAIT;
		sighting->expires_ms = (uint32_t)(60000 - age_ns / NSEC_PER_MSEC);
	} else if (sighting->state == STATE_SYN_RECV || sighting->state == STATE_FIN_WAIT_1) {
		sighting->timer = SIGHTING_RETRANSMISSION;
		sighting->expires_ms = 1000;
		sighting->send_queue = 1;
	}
	return 0;
}

/* The stimulus is what comes marked; which sysctls it meets is written down. */
static int overhear(void *self, const struct segment *segment, struct error *error)
{
	uint16_t port = segment->tuple.source.port;

	if (segment->ip_id == PEER_MARK && !lab.stimuli[port].set) {
		lab.stimuli[port].set = true;
		lab.stimuli[port].at_probe = lab.at_probe;
		lab.stimuli[port].listens = lab.listens;
		lab.stimuli[port].conditions = lab.now;
	} else if (segment->flags == FLAG_SYN && segment->ip_id != PEER_MARK) {
		lab.wrong_listener += !lab.listens;
		lab.last_syn_ns = lab.transport.now(self);
		if (lab.syns++ == 0)
			lab.first_syn_ns = lab.last_syn_ns;
	}
	return lab.send(self, segment, error);
}

static int judge(void *context, const struct record *record, struct error *error)
{
	const uint16_t port = record->pair.crafted.port;

	(void)context;
	(void)error;
	lab.out_of_order += record->number != lab.records;
	lab.records++;
	lab.tries = record->tries;
	if (record->verdict == VERDICT_SKIPPED || record->verdict == VERDICT_INCONCLUSIVE) {
		lab.skipped += record->verdict == VERDICT_SKIPPED;
		lab.inconclusive += record->verdict == VERDICT_INCONCLUSIVE;
		memcpy(lab.reason, record->reason, sizeof(lab.reason));
		return 0;
	}
	lab.differ += record->verdict == VERDICT_DIFFERS;
	lab.after_timer += strncmp(record->reason, "after.timer:", strlen("after.timer:")) == 0;
	lab.wrong_listener += lab.stimuli[port].listens == record->cell.nobody_listens;
	lab.wrong += record->answer != fake_truth(&record->cell);
	lab.wrong_conditions += !lab.stimuli[port].set ||
				!conditions_equal(&lab.stimuli[port].conditions, &record->cell.conditions) ||
				lab.stimuli[port].at_probe != conditions_any_at_probe(&record->cell.conditions);
	lab.before = record->before;
	lab.after = record->after;
	return 0;
}

static void progress(void *context, const struct tally *tally, size_t cells)
{
	(void)context;
	ck_assert_uint_le(tally->decided, cells);
	lab.progress++;
}

static int run_lab(const struct fake_options *fake_options, struct run_options *options, const char *cases,
		   struct tally *tally, struct error *error)
{
	struct run_listener listener = { .sink = judge, .progress = progress };
	struct matrix *matrix = matrix_parse("fake", cases, strlen(cases), error);
	int result;

	ck_assert_msg(matrix != NULL, "%s", error->text);
	lab.fake = fake_open(fake_options);
	fake_transport(lab.fake, &lab.transport);
	lab.transport.apply = apply;
	lab.transport.listener = lab.has_listener ? set_listener : NULL;
	lab.transport.testify = options->rules.witness ? testify : NULL;
	lab.send = lab.transport.send;
	lab.transport.send = overhear;
	options->target_v4 = (struct endpoint){ { 4, { 192, 0, 2, 2 }, 0 }, 8888 };
	options->seed = fake_options->seed;
	options->expect = BOOK_LINUX;
	options->one_subject = fake_options->proves;
	options->repeat = options->repeat ? options->repeat : 1;
	options->count = matrix_count(matrix) * options->repeat;
	kernel_parse("6.18.0", &options->kernel);
	options->kernel.timestamps = true;
	result = run(options, matrix, &lab.transport, &listener, tally, error);
	matrix_free(matrix);
	fake_close(lab.fake);
	return result;
}

static void set_up(void)
{
	memset(&lab, 0, sizeof(lab));
	lab.listens = true;
}

static const struct fake_options quiet_wire = { .seed = 1, .proves = true };

static struct run_options in_lab(size_t in_flight)
{
	struct run_options options = { .in_flight = in_flight, .rules = defaults_in_lab() };

	options.rules.witness = true;
	return options;
}

static void run_well(const struct fake_options *fake_options, struct run_options *options, const char *cases,
		     struct tally *tally)
{
	struct error error = { "" };

	ck_assert_msg(run_lab(fake_options, options, cases, tally, &error) == 0, "%s", error.text);
	ck_assert_uint_eq(lab.wrong, 0);
	ck_assert_uint_eq(lab.wrong_conditions, 0);
}

/* A namespace has one set of sysctls: they are set once for each group of cells, and each stimulus meets those of its cell. */
START_TEST(a_group_has_its_sysctls)
{
	struct run_options options = in_lab(4);
	struct tally tally;

	run_well(&quiet_wire, &options, CASES("none, tcp_rfc1337=1, tcp_tw_reuse=1"), &tally);
	ck_assert_uint_eq(lab.records, 3 * CELLS_EACH);
	ck_assert_uint_eq(lab.inconclusive + lab.skipped, 0);
	ck_assert_uint_eq(lab.applied, 3);
	ck_assert_uint_eq(lab.applied_at_probe, 0);
}
END_TEST

/* Wherever the cells with the same sysctls stand in the matrix; what is reported is in the order of the matrix. */
START_TEST(mixed_conditions)
{
	struct run_options options = in_lab(4);
	struct tally tally;

	run_well(&quiet_wire, &options, "name: fake\nblocks:\n"
		 "  - {seq: [below, -1], sysctl: [none, tcp_rfc1337=1, tcp_tw_reuse=1]}\n"
		 "  - {seq: [equal, +1], sysctl: [tcp_tw_reuse=1, none, tcp_rfc1337=1]}\n"
		 "  - {seq: [above], sysctl: [tcp_rfc1337=1, tcp_tw_reuse=1, none]}\n", &tally);
	ck_assert_uint_eq(lab.records, 15);
	ck_assert_uint_eq(lab.inconclusive + lab.skipped, 0);
	ck_assert_uint_eq(lab.out_of_order, 0);
	ck_assert_uint_eq(lab.applied, 3);
}
END_TEST

/* What holds at the probe alone is set when all that are in flight have reached the state, and taken back before others
 * begin. */
START_TEST(waves)
{
	struct run_options options = in_lab(4);
	struct tally tally;

	run_well(&quiet_wire, &options, CASES("tcp_rfc1337=1@probe"), &tally);
	ck_assert_uint_eq(lab.records, CELLS_EACH);
	ck_assert_uint_eq(lab.inconclusive + lab.skipped, 0);
	ck_assert_uint_ge(lab.applied_at_probe, (CELLS_EACH + 3) / 4);
	ck_assert_uint_ge(lab.applied, lab.applied_at_probe);
}
END_TEST

#define NO_LISTENER \
	"name: fake\nblocks:\n  - seq: [below, -1, equal, +1, above]\n    ts: [equal, above]\n    listener: [kept, gone]\n"

/* It is there while connections are made, and gone when the stimuli of these cells come. */
START_TEST(the_listener_goes)
{
	struct run_options options = in_lab(4);
	struct tally tally;

	lab.has_listener = true;
	run_well(&quiet_wire, &options, NO_LISTENER, &tally);
	ck_assert_uint_eq(lab.records, 2 * CELLS_EACH);
	ck_assert_uint_eq(lab.inconclusive + lab.skipped, 0);
	ck_assert_uint_eq(lab.wrong_listener, 0);
	ck_assert_uint_ge(lab.listener_changes, 2 * (CELLS_EACH + 3) / 4);
	ck_assert(lab.listens);
}
END_TEST

/* A server of somebody else's cannot be told to stop listening, nor to connect. */
START_TEST(what_only_the_lab_can)
{
	struct run_options options = in_lab(4);
	struct tally tally;

	run_well(&quiet_wire, &options, NO_LISTENER, &tally);
	ck_assert_uint_eq(lab.skipped, CELLS_EACH);
	ck_assert_str_eq(lab.reason, "needs a server that can be told to stop listening, which only the lab's can");
	set_up();
	run_well(&quiet_wire, &options, "name: fake\nblocks:\n  - opening: [active, simultaneous]\n  - state: syn-sent\n",
		 &tally);
	ck_assert_uint_eq(lab.skipped, 3);
	ck_assert_uint_eq(lab.syns, 0);
	ck_assert_str_eq(lab.reason, "needs a server that can be told to connect: the lab's, or with --calls `twprobe serve "
			 "--calls`");
}
END_TEST

/* Cells whose sysctl the kernel refuses are skipped, with its words, and no others; nothing is sent for them. */
START_TEST(a_refused_sysctl)
{
	struct run_options options = in_lab(4);
	struct tally tally;

	lab.refuses = "tcp_rfc1337";
	run_well(&quiet_wire, &options, CASES("none, tcp_rfc1337=1, tcp_tw_reuse=1"), &tally);
	ck_assert_uint_eq(lab.skipped, CELLS_EACH);
	ck_assert_uint_eq(lab.inconclusive, 0);
	ck_assert_ptr_nonnull(strstr(lab.reason, "the kernel refuses tcp_rfc1337"));
	ck_assert_uint_ge(lab.syns, 2 * CELLS_EACH);
	ck_assert_uint_lt(lab.syns, 2 * CELLS_EACH + 10);
}
END_TEST

/* At the probe too; and what was refused once would be again: the rest needs no connection to be skipped. */
START_TEST(a_sysctl_refused_at_the_probe)
{
	struct run_options options = in_lab(4);
	struct tally tally;

	lab.refuses = "tcp_rfc1337";
	lab.refuses_at_probe = true;
	run_well(&quiet_wire, &options, CASES("tcp_rfc1337=1@probe, none"), &tally);
	ck_assert_uint_eq(lab.records, 2 * CELLS_EACH);
	ck_assert_uint_eq(lab.skipped, CELLS_EACH);
	ck_assert_uint_eq(lab.inconclusive, 0);
	ck_assert_ptr_nonnull(strstr(lab.reason, "the kernel refuses tcp_rfc1337"));
	ck_assert_uint_le(lab.syns, 4 + CELLS_EACH);
}
END_TEST

/* A socket that is not left as the book says makes the cell differ, by its name, and only after several tries. */
START_TEST(a_socket_without_its_timer)
{
	struct run_options options = in_lab(4);
	struct tally tally;

	run_well(&quiet_wire, &options, CASES("none"), &tally);
	ck_assert_uint_eq(lab.differ, 0);
	set_up();
	lab.no_timer = true;
	run_well(&quiet_wire, &options, CASES("none"), &tally);
	ck_assert_uint_gt(lab.differ, 0);
	ck_assert_uint_eq(lab.after_timer, lab.differ);
	ck_assert_uint_eq(lab.syns, CELLS_EACH + 2 * lab.differ);
}
END_TEST

/* The record has the states that the witness saw, before the stimulus and after it. */
START_TEST(the_witness_is_asked)
{
	struct run_options options = in_lab(1);
	struct tally tally;

	run_well(&quiet_wire, &options,
		 "name: one\nblocks:\n  - state: time-wait\n    segment: [syn]\n    seq: [above]\n    ts: [above]\n", &tally);
	ck_assert_uint_eq(lab.inconclusive, 0);
	ck_assert_uint_ge(lab.asked, 2);
	ck_assert_int_eq(lab.before, STATE_TIME_WAIT);
	ck_assert_int_eq(lab.after, STATE_SYN_RECV);
}
END_TEST

/* A subject that is elsewhere is asked again for a while, and never stimulated there. */
START_TEST(the_witness_sees_another_state)
{
	struct run_options options = in_lab(1);
	struct tally tally;

	lab.closed_first = _i ? 1000000 : 2;
	run_well(&quiet_wire, &options,
		 "name: one\nblocks:\n  - state: time-wait\n    segment: [syn]\n    seq: [above]\n    ts: [above]\n", &tally);
	ck_assert_uint_eq(lab.inconclusive, (size_t)_i);
	if (!_i)
		return;
	ck_assert_ptr_nonnull(strstr(lab.reason, "closed"));
	ck_assert_uint_eq(lab.tries, 5); /* as often as docs/architecture.md says: up to 5 */
}
END_TEST

/* Without its witness a run in the lab cannot go on, and says why. */
START_TEST(the_witness_is_gone)
{
	struct run_options options = in_lab(4);
	struct error error = { "" };
	struct tally tally;

	lab.no_witness = true;
	ck_assert_int_eq(run_lab(&quiet_wire, &options, CASES("none"), &tally, &error), -1);
	ck_assert_str_eq(error.text, "the witness is gone");
}
END_TEST

/* Where no sysctls can be set, cells that want some are skipped and nothing is applied. */
START_TEST(no_sysctls)
{
	struct run_options options = in_lab(4);
	struct tally tally;

	options.no_sysctls = "not here";
	run_well(&quiet_wire, &options, CASES("none, tcp_rfc1337=1"), &tally);
	ck_assert_uint_eq(lab.skipped, CELLS_EACH);
	ck_assert_str_eq(lab.reason, "not here");
	ck_assert_uint_eq(lab.applied, 0);
}
END_TEST

/* What our own kernel will not send is no silence: another try, and in the end a word on it. */
START_TEST(a_refused_segment)
{
	struct fake_options fake_options = quiet_wire;
	struct run_options options = in_lab(8);
	struct tally tally;

	fake_options.refuse_every = _i ? 1 : 13;
	run_well(&fake_options, &options, CASES("none"), &tally);
	ck_assert_uint_eq(lab.records, CELLS_EACH);
	if (!_i)
		return;
	ck_assert_uint_eq(lab.inconclusive, CELLS_EACH);
	ck_assert_ptr_nonnull(strstr(lab.reason, "Operation not permitted"));
}
END_TEST

/* One segment that is refused is the trouble of its own probe, and of no other. */
START_TEST(one_refused_segment)
{
	struct fake_options fake_options = quiet_wire;
	size_t costly = 0;

	for (fake_options.refuse_every = 400; fake_options.refuse_every < 420; fake_options.refuse_every++) {
		struct run_options options = in_lab(8);
		struct tally tally;

		set_up();
		options.repeat = 10;
		run_well(&fake_options, &options, CASES("none"), &tally);
		ck_assert_uint_le(lab.inconclusive, 1);
		costly += lab.inconclusive;
	}
	ck_assert_uint_gt(costly, 5);
}
END_TEST

/* The user says stop: what is known goes out, and only that. */
START_TEST(an_interrupted_run)
{
	struct fake_options fake_options = quiet_wire;
	struct run_options options = in_lab(8);
	struct tally tally;

	fake_options.stop_after = 200;
	options.repeat = 100;
	run_well(&fake_options, &options, CASES("none"), &tally);
	ck_assert(tally.interrupted);
	ck_assert_uint_gt(lab.records, 0);
	ck_assert_uint_lt(lab.records, 100);
	ck_assert_uint_eq(tally.cells, lab.records);
	ck_assert_uint_eq(lab.inconclusive + lab.skipped, 0);
	ck_assert_int_eq(tally_exit(&tally), 130);
}
END_TEST

/* --rate: so many connections a second, also where one waits for nothing; and progress is told meanwhile. */
START_TEST(so_many_a_second)
{
	struct run_options options = in_lab(8);
	struct tally tally;
	double seconds;

	options.rate = 50;
	options.repeat = 20;
	run_well(&quiet_wire, &options, CASES("none"), &tally);
	seconds = (double)(lab.last_syn_ns - lab.first_syn_ns) / 1e9;
	ck_assert_uint_ge(lab.syns, 20 * CELLS_EACH);
	ck_assert_msg(lab.syns - 1 <= 50 * seconds + 2 && lab.syns >= 50 * seconds * 0.8, "%u in %.1f s", lab.syns, seconds);
	ck_assert_uint_gt(lab.progress, 2);
}
END_TEST

/* tcp_challenge_ack_limit: the subject may have one limit for all its sockets. Silences that surprise are asked again at a
 * hundred connections a second at most, whatever the rate that was asked for; a lower one stays. */
START_TEST(surprising_silences_are_asked_gently)
{
	static const double rates[] = { 0, 1000, 20 };
	struct fake_options fake_options = { .seed = 1 };
	size_t cells = rates[_i] == 20 ? 30 : 1000;
	struct run_options options = {
		.in_flight = 1024, .rules = defaults_with_target(), .rate = rates[_i], .repeat = cells,
	};
	struct tally tally;
	double seconds, most = rates[_i] == 20 ? 20 : 100;

	/* Linux answers a segment without flags in TIME_WAIT that PAWS rejects; the model never does. */
	run_well(&fake_options, &options, "name: n\nblocks:\n  - state: time-wait\n    segment: ['null']\n    seq: [equal]\n"
		 "    ts: [below]\n", &tally);
	ck_assert_uint_eq(lab.inconclusive, 0);
	seconds = (double)(lab.last_syn_ns - lab.first_syn_ns) / 1e9;
	/* Eight silent tries each, two of them before it is known how silent they are. */
	ck_assert_uint_ge(lab.syns, 8 * cells);
	ck_assert_msg((double)(lab.syns - 3 * cells) / seconds <= most * 1.05, "%u in %.1f s", lab.syns, seconds);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("lab");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_test(tcase, a_group_has_its_sysctls);
	tcase_add_test(tcase, mixed_conditions);
	tcase_add_test(tcase, waves);
	tcase_add_test(tcase, the_listener_goes);
	tcase_add_test(tcase, what_only_the_lab_can);
	tcase_add_test(tcase, a_refused_sysctl);
	tcase_add_test(tcase, a_sysctl_refused_at_the_probe);
	tcase_add_test(tcase, a_socket_without_its_timer);
	tcase_add_test(tcase, the_witness_is_asked);
	tcase_add_loop_test(tcase, the_witness_sees_another_state, 0, 2);
	tcase_add_test(tcase, the_witness_is_gone);
	tcase_add_test(tcase, no_sysctls);
	tcase_add_loop_test(tcase, a_refused_segment, 0, 2);
	tcase_add_test(tcase, one_refused_segment);
	tcase_add_test(tcase, an_interrupted_run);
	tcase_add_test(tcase, so_many_a_second);
	tcase_add_loop_test(tcase, surprising_silences_are_asked_gently, 0, 3);
	return run_suite("run in a lab", tcase, NULL);
}
