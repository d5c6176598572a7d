/* test_play.c - the player on a fake wire: each kind of step and check, what is said of segments that are lost or rejected,
 * plays that end differently. */
#include <stdio.h>
#include <string.h>

#include "harness/play/plays.h"
#include "tests/unit/fake_play.h"

#include "tests/unit/suite.h"

/* Segments that bring the fake server into TIME_WAIT: SYN, ACK, FIN. */
enum { REACH_SEGMENTS = 3 };

static const struct {
	const char *text;
	enum verdict verdict;
	const char *reason; /* a part of it; NULL: none */
} rows[] = {
	{ STEPS("{reach: time-wait}, {" SYN ", expect: syn-ack, isn: continued, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait}, {" SYN ", expect: linux, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait}, {" SYN ", expect: syn-ack, isn: linux, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait}, {" SYN ", expect: syn-ack, isn: fresh, id: a}"), VERDICT_DIFFERS,
	  "step 2 (send syn, seq-above, ts-above; line 4): ISN: expected fresh, observed continued" },
	{ STEPS("{reach: time-wait}, {" BAD_SYN ", expect: ack, acks: equal, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait}, {" BAD_SYN ", expect: ack, acks: +1, id: a}"), VERDICT_DIFFERS,
	  "the number it acknowledges: expected rcv_nxt+1, observed rcv_nxt+0" },
	{ STEPS("{reach: time-wait}, {send: 'null', expect: silence, id: a}"), VERDICT_AGREES, NULL },
	/* One ACK in 500 ms: the whole time for an answer is waited for, and one comes. */
	{ STEPS("{reach: time-wait}, {" BAD_SYN ", times: 6, answers: 1, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait}, {" BAD_SYN ", times: 6, answers: 6, id: a}"), VERDICT_DIFFERS,
	  "number of answers: expected 6, observed 1" },
	{ STEPS("{reach: time-wait}, {" BAD_SYN "}, {" BAD_SYN ", expect: silence}, {wait: 550ms}, {" BAD_SYN
		", expect: ack, id: a}"), VERDICT_AGREES, NULL },
	/* The client's reset to that ACK ends TIME_WAIT; the same SYN once more meets the listener. */
	{ STEPS("{reach: time-wait}, {" BAD_SYN ", expect: ack}, {reply: rst, expect: silence}, {send: again, "
		"expect: syn-ack, isn: fresh, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait, connection: one}, {reach: time-wait, connection: two}, {" BAD_SYN ", connection: one, "
		"expect: ack}, {" BAD_SYN ", connection: two, expect: ack, id: a}"), VERDICT_AGREES, NULL },

	/* What there is nothing to look at for does not hold. */
	{ STEPS("{reach: time-wait}, {send: 'null', acks: +99, id: a}"), VERDICT_DIFFERS,
	  "the number it acknowledges: expected rcv_nxt+99, observed no answer" },
	{ STEPS("{reach: time-wait}, {send: 'null', expect: syn-ack, isn: continued, id: a}"), VERDICT_DIFFERS,
	  "answer: expected syn-ack, observed silence" },
	{ STEPS("{reach: time-wait}, {" BAD_SYN "}, {" SYN ", expect: linux, id: a}"), VERDICT_DIFFERS,
	  "something was sent on the connection before" },

	/* What failed has failed, whatever could not be played afterwards. */
	{ STEPS("{reach: time-wait}, {" BAD_SYN ", expect: syn-ack}, {reply: ack, id: a}"), VERDICT_DIFFERS,
	  "step 2 (send syn, seq-below, ts-below; line 4): answer: expected syn-ack, observed ack" },
	{ STEPS("{reach: time-wait}, {" BAD_SYN "}, {reply: ack, id: a}"), VERDICT_INCONCLUSIVE,
	  "step 3 (line 4): the answer is not a SYN-ACK to our SYN" },
	{ STEPS("{reach: time-wait}, {send: 'null'}, {reply: ack, id: a}"), VERDICT_INCONCLUSIVE,
	  "there is no answer with an acknowledgment to reply to" },

	/* Left out is no success. */
	{ STEPS("{reach: time-wait, state: time-wait, id: a}"), VERDICT_INCONCLUSIVE,
	  "none of its checks could be made: they need a witness" },
	{ STEPS("{reach: time-wait}, {until: closed, within: 1s, id: a}"), VERDICT_SKIPPED, "needs a witness" },
	/* A model that closes first never is here. */
	{ STEPS("{reach: established, id: a}"), VERDICT_INCONCLUSIVE, "closed the connection on the way" },
};

static void check_row(size_t i)
{
	struct fake_options options = { .seed = 1, .proves = true };
	struct theatre theatre;

	open_theatre(&theatre, &options, rows[i].text);
	play_to_end(&theatre, rows[i].text, rows[i].verdict, rows[i].reason);
	close_theatre(&theatre);
}

START_TEST(a_scenario_ends_so)
{
	check_row((size_t)_i);
}
END_TEST

#define SILENT STEPS("{reach: time-wait}, {send: 'null', expect: silence, id: a}")
#define ANSWERED STEPS("{reach: time-wait}, {" BAD_SYN ", expect: ack, id: a}")
/* The same segment with a check that fails, so that a verdict could be wrong as well as missing. */
#define DENIED STEPS("{reach: time-wait}, {" BAD_SYN ", expect: silence, id: a}")

/* The first segment into a state has the rule that the linux book applies, and every reply: to the socket that it meets. */
static const struct {
	const char *text;
	size_t step;
	const char *citation; /* a part of it; NULL: none */
} cited[] = {
	{ STEPS("{reach: time-wait}, {" BAD_SYN ", expect: ack, id: a}, {reply: rst}"), 0, NULL },
	{ STEPS("{reach: time-wait}, {" BAD_SYN ", expect: ack, id: a}, {reply: rst}"), 1, "paws_reject" },
	{ STEPS("{reach: time-wait}, {" BAD_SYN ", expect: ack, id: a}, {reply: rst}"), 2,
	  "seq == rcv_nxt, th->rst, tcp_rfc1337 == 0" },
	{ STEPS("{reach: time-wait}, {" SYN ", expect: syn-ack, id: a}, {reply: ack}"), 1, "-> TCP_TW_SYN" },
	{ STEPS("{reach: time-wait}, {" SYN ", expect: syn-ack, id: a}, {reply: ack}"), 2, "tcp_child_process()" },
	{ STEPS("{reach: time-wait}, {" SYN ", expect: syn-ack, id: a}, {reply: rst}"), 2, "-> embryonic_reset" },
	{ STEPS("{reach: time-wait}, {" SYN ", expect: syn-ack, id: a}, {wait: 1ms}, {send: again}"), 3, NULL },
};

START_TEST(a_step_cites_its_rule)
{
	struct fake_options options = { .seed = 1, .proves = true };
	struct theatre theatre;
	const char *citation;

	open_theatre(&theatre, &options, cited[_i].text);
	play(&theatre);
	citation = theatre.play.steps[cited[_i].step].citation;
	if (!cited[_i].citation)
		ck_assert_ptr_null(citation);
	else
		ck_assert_msg(citation && strstr(citation, cited[_i].citation), "%s: %s", cited[_i].text, citation);
	close_theatre(&theatre);
}
END_TEST

/* A silence that something on the way explains is none, for the one who expects it and for the one who does not. */
static const struct {
	const char *text;
	struct fake_options options;
	const char *reason;
} troubles[] = {
	{ SILENT, { .seed = 1, .proves = true, .lose_after = REACH_SEGMENTS }, "segments were lost between us and the" },
	{ ANSWERED, { .seed = 1, .proves = true, .lose_after = REACH_SEGMENTS }, "segments were lost between us and the" },
	{ DENIED, { .seed = 1, .proves = true, .lose_after = REACH_SEGMENTS }, "segments were lost between us and the" },
	{ SILENT, { .seed = 1, .proves = true, .down_after = REACH_SEGMENTS + 1 }, "the interface went down" },
	{ ANSWERED, { .seed = 1, .reject_after = REACH_SEGMENTS },
	  "instead of an answer came: ICMP communication administratively prohibited (type 3, code 13) from 192.0.2.2" },
	{ SILENT, { .seed = 1, .proves = true, .reject_after = REACH_SEGMENTS }, "instead of an answer came: ICMP" },
	{ ANSWERED, { .seed = 1, .deaf = true }, "no answer to the SYN" },
};

START_TEST(what_the_way_did_is_no_silence)
{
	struct theatre theatre;

	open_theatre(&theatre, &troubles[_i].options, troubles[_i].text);
	play(&theatre);
	ck_assert_int_eq(theatre.play.verdict, VERDICT_INCONCLUSIVE);
	ck_assert_msg(strstr(theatre.play.reason, troubles[_i].reason) != NULL, "%s", theatre.play.reason);
	close_theatre(&theatre);
}
END_TEST

/* Set-up segments that are lost are sent again, with the time that this takes; the answer is the same. */
START_TEST(a_lossy_way_takes_longer)
{
	struct fake_options options = { .loss = 0.2, .repeat = 0.1, .jitter_ns = 5 * MS };
	unsigned agree = 0, resent = 0;
	struct theatre theatre;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		options.seed = seed;
		open_theatre(&theatre, &options, STEPS("{reach: time-wait}, {" SYN ", expect: syn-ack, id: a}"));
		play(&theatre);
		agree += theatre.play.verdict == VERDICT_AGREES;
		resent += theatre.play.resent;
		if (theatre.play.verdict == VERDICT_DIFFERS)
			ck_assert_ptr_nonnull(strstr(theatre.play.reason, "observed silence"));
		close_theatre(&theatre);
	}
	ck_assert_uint_gt(resent, 0);
	ck_assert_uint_ge(agree, 7);
}
END_TEST

/* Many connections and many steps in one part; of the same lines only the first and the last are shown. */
START_TEST(a_part_of_many_connections)
{
	static char text[1 << 16];
	struct fake_options options = { .seed = 1, .proves = true };
	struct theatre theatre;
	size_t used;

	used = (size_t)snprintf(text, sizeof(text), "%s", HEAD "parts: [{steps: [{reach: time-wait, connection: first}, "
				"{reach: time-wait, times: 300}");
	for (int i = 0; i < 200; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, ", {wait: 1ms}");
	snprintf(text + used, sizeof(text) - used, ", {" BAD_SYN ", expect: ack}, {" BAD_SYN
		 ", connection: first, expect: ack, id: a}]}]\n" TAIL);
	open_theatre(&theatre, &options, text);
	ck_assert_uint_eq(scenario_part_connections(&theatre.scenario->parts[0]), 301);
	play(&theatre);
	ck_assert_msg(theatre.play.verdict == VERDICT_AGREES, "%s", theatre.play.reason);
	ck_assert_uint_lt(theatre.play.line_count, 300);
	close_theatre(&theatre);
}
END_TEST

/* The twentieth finding does not write over the first, and none is lost. */
START_TEST(a_table_of_which_every_cell_fails)
{
	static char text[8192];
	struct fake_options options = { .seed = 1, .proves = true };
	struct theatre theatre;
	size_t used;

	used = (size_t)snprintf(text, sizeof(text), "%s", HEAD "parts: [{steps: [{cells: [");
	for (int i = 1; i <= 40; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%stime-wait/syn/seq-%d/ts-below",
					 i > 1 ? ", " : "", i);
	snprintf(text + used, sizeof(text) - used, "], expect: rst, id: a}]}]\n" TAIL);
	open_theatre(&theatre, &options, text);
	play(&theatre);
	ck_assert_int_eq(theatre.play.verdict, VERDICT_DIFFERS);
	ck_assert_msg(strstr(theatre.play.reason, "time-wait/syn/seq-1/ts-below: expected rst, observed ack") != NULL, "%s",
		      theatre.play.reason);
	ck_assert_uint_eq(theatre.play.steps[0].findings.count, 40);
	ck_assert_str_eq(theatre.play.steps[0].findings.list[39].name, "time-wait/syn/seq-40/ts-below");
	close_theatre(&theatre);
}
END_TEST

/* Counters come and go with kernels. One that is not there is neither 0 nor 1. */
START_TEST(a_counter_that_the_kernel_lacks)
{
	struct fake_options options = { .seed = 1, .proves = true };
	struct error error = { "" };
	struct theatre theatre;

	open_theatre(&theatre, &options, STEPS("{reach: time-wait}, {" BAD_SYN ", expect: ack, counters: {"
					       "TcpExt.NeverThere: 0, TcpExt.NorThis: 1}, id: a}"));
	theatre.setup.counters = counters_open(&error);
	ck_assert_msg(theatre.setup.counters != NULL, "%s", error.text);
	theatre.setup.has = NEED_COUNTERS;
	play(&theatre);
	ck_assert_int_eq(theatre.play.verdict, VERDICT_AGREES);
	ck_assert_uint_eq(theatre.play.steps[1].findings.count, 1);
	ck_assert_uint_eq(theatre.play.steps[1].findings.left_out, NEED_COUNTER);
	ck_assert_str_eq(theatre.play.lines[theatre.play.line_count - 1].text, "this kernel has no counter TcpExt.NorThis");
	close_theatre(&theatre);
}
END_TEST

static const struct {
	const char *kernel; /* NULL: not known */
	enum verdict verdict;
	const char *conclusion;
} versions[] = {
	{ "6.18.0", VERDICT_AGREES, "continued" },
	{ "6.10.0", VERDICT_AGREES, "continued" },
	{ "5.10.262", VERDICT_DIFFERS, "" }, /* the model answers as a new kernel does */
	{ NULL, VERDICT_AGREES, "" },
};

/* What depends on a version is judged by it, said of it, and left out where it is not known. */
START_TEST(a_check_knows_versions)
{
	struct fake_options options = { .seed = 1, .proves = true };
	struct theatre theatre;
	char text[256];

	open_theatre(&theatre, &options, HEAD "parts: [{steps: [{reach: time-wait}, {" SYN ", expect: syn-ack, isn: linux, "
		     "id: a}]}]\nconclusion: [{says: continued, from: [a], wire: yes, since: '6.10'}, "
		     "{says: fresh, from: [a], wire: yes, before: '6.10'}]\n");
	kernel_parse(versions[_i].kernel ? versions[_i].kernel : "", &theatre.setup.kernel);
	play(&theatre);
	ck_assert_int_eq(theatre.play.verdict, versions[_i].verdict);
	ck_assert_str_eq(play_conclusion(theatre.scenario, &theatre.play, text, sizeof(text)), versions[_i].conclusion);
	ck_assert_int_eq(theatre.play.steps[1].findings.left_out == NEED_KERNEL, !versions[_i].kernel);
	close_theatre(&theatre);
}
END_TEST

static void play_often(struct theatre *theatre)
{
	struct error error = { "" };
	int result = plays_scenario(theatre->scenario, &theatre->setup, &theatre->play, &error);

	ck_assert_msg(result == 0, "%s", error.text);
}

static void expect_plays(const struct theatre *theatre, unsigned agree, unsigned differ, unsigned inconclusive)
{
	ck_assert_uint_eq(theatre->play.plays[VERDICT_AGREES], agree);
	ck_assert_uint_eq(theatre->play.plays[VERDICT_DIFFERS], differ);
	ck_assert_uint_eq(theatre->play.plays[VERDICT_INCONCLUSIVE], inconclusive);
}

START_TEST(so_many_plays_are_enough)
{
	struct fake_options options = { .seed = 1 };
	struct theatre theatre;

	open_theatre(&theatre, &options, ANSWERED);
	play_often(&theatre);
	ck_assert_int_eq(theatre.play.verdict, VERDICT_AGREES);
	expect_plays(&theatre, 1, 0, 0);
	close_theatre(&theatre);
	open_theatre(&theatre, &options, SILENT);
	play_often(&theatre);
	ck_assert_int_eq(theatre.play.verdict, VERDICT_AGREES);
	expect_plays(&theatre, 2, 0, 0);
	close_theatre(&theatre);
	open_theatre(&theatre, &options, DENIED);
	play_often(&theatre);
	ck_assert_int_eq(theatre.play.verdict, VERDICT_DIFFERS);
	expect_plays(&theatre, 0, 3, 0);
	close_theatre(&theatre);
}
END_TEST

/* Each of several in a row begins where the one before it ends. */
START_TEST(a_row_of_segments)
{
	static const struct fake_options options = { .seed = 1 };
	struct theatre theatre;
	uint32_t next = 0;
	int count = 0;

	open_theatre(&theatre, &options, STEPS("{reach: time-wait}, {send: data, payload: 7, times: 3, onward: yes, id: a}"));
	play(&theatre);
	for (size_t i = 0; i < theatre.play.line_count; i++) {
		const struct line *line = &theatre.play.lines[i];

		if (line->kind != LINE_SEGMENT || !line->ours || line->segment.payload_size != 7)
			continue;
		ck_assert(count == 0 || line->segment.seq == next);
		next = line->segment.seq + 7;
		count++;
	}
	ck_assert_int_eq(count, 3);
	close_theatre(&theatre);
}
END_TEST

/* No set-up segment was lost, and every SYN into TIME_WAIT is: a silence that nothing proves, where an answer is expected. */
START_TEST(an_answer_that_does_not_come_is_waited_for_seven_times)
{
	struct fake_options options = { .seed = 1, .swallow_every = 1 };
	struct theatre theatre;

	open_theatre(&theatre, &options, ANSWERED);
	play_often(&theatre);
	ck_assert_int_eq(theatre.play.verdict, VERDICT_DIFFERS);
	expect_plays(&theatre, 0, 7, 0);
	close_theatre(&theatre);
}
END_TEST

/* Every second SYN into TIME_WAIT is swallowed, and no other segment: that is no loss. */
START_TEST(plays_that_differ_are_not_outvoted)
{
	struct fake_options options = { .seed = 1, .swallow_every = 2 };
	struct theatre theatre;

	open_theatre(&theatre, &options, DENIED);
	play_often(&theatre);
	ck_assert_int_eq(theatre.play.verdict, VERDICT_INCONCLUSIVE);
	expect_plays(&theatre, 1, 1, 0);
	ck_assert_msg(strstr(theatre.play.reason, "the plays differ: 1 agreed, 1 differed, and nothing else was lost: step 2")
		      != NULL, "%s", theatre.play.reason);
	close_theatre(&theatre);
}
END_TEST

/* The first play waits longer than it should, and the server's limit is over by then: no difference of the server's. */
START_TEST(a_process_that_stood_still)
{
	struct fake_options options = {
		.seed = 1, .oversleep_ns = 400 * MS, .oversleep_sent = REACH_SEGMENTS + 1,
	};
	struct theatre theatre;

	open_theatre(&theatre, &options, STEPS("{reach: time-wait}, {" BAD_SYN ", expect: ack}, {wait: 150ms}, {" BAD_SYN
					       ", expect: silence, id: a}"));
	play_often(&theatre);
	ck_assert_msg(theatre.play.verdict == VERDICT_AGREES, "%s", theatre.play.reason);
	expect_plays(&theatre, 2, 1, 0);
	close_theatre(&theatre);
}
END_TEST

/* How long an answer took says nothing where this process stood still meanwhile: then it is not "differs". */
START_TEST(the_time_of_an_answer)
{
	struct fake_options options = { .seed = 1 };
	const char *late = STEPS("{reach: fin-wait-1}, {hear: 1s, expect: other, within: 100ms, id: a}");
	struct theatre theatre;

	open_theatre(&theatre, &options, late);
	play_to_end(&theatre, late, VERDICT_DIFFERS, "time of the answer: expected at most 100 ms, observed");
	close_theatre(&theatre);
	options.oversleep_ns = 50 * MS;
	options.oversleep_sent = 100;
	open_theatre(&theatre, &options, late);
	play_to_end(&theatre, late, VERDICT_INCONCLUSIVE, "but this machine stood still for");
	close_theatre(&theatre);
}
END_TEST

/* The first play was as the file says; the server is deaf from then on. It is shown, and it is not enough. */
START_TEST(a_play_that_cannot_be_confirmed)
{
	struct fake_options options = { .seed = 1, .lose_after = REACH_SEGMENTS + 2 };
	struct theatre theatre;

	open_theatre(&theatre, &options, SILENT);
	play_often(&theatre);
	ck_assert_int_eq(theatre.play.verdict, VERDICT_INCONCLUSIVE);
	expect_plays(&theatre, 1, 0, 2);
	ck_assert_msg(strstr(theatre.play.reason, "it agrees in one play, and one is not enough here; it could not be played "
			     "again: step 1 (line 4): no answer to the SYN") != NULL, "%s", theatre.play.reason);
	ck_assert_str_eq(theatre.play.steps[1].observed, "silence");
	close_theatre(&theatre);
}
END_TEST

int main(void)
{
	TCase *steps = tcase_create("steps"), *plays = tcase_create("plays");

	tcase_add_loop_test(steps, a_step_cites_its_rule, 0, ROWS(cited));
	tcase_add_loop_test(steps, a_scenario_ends_so, 0, ROWS(rows));
	tcase_add_loop_test(steps, what_the_way_did_is_no_silence, 0, ROWS(troubles));
	tcase_add_test(steps, a_lossy_way_takes_longer);
	tcase_add_test(steps, a_part_of_many_connections);
	tcase_add_test(steps, a_table_of_which_every_cell_fails);
	tcase_add_test(steps, a_counter_that_the_kernel_lacks);
	tcase_add_loop_test(steps, a_check_knows_versions, 0, ROWS(versions));
	tcase_add_test(plays, so_many_plays_are_enough);
	tcase_add_test(plays, a_row_of_segments);
	tcase_add_test(plays, an_answer_that_does_not_come_is_waited_for_seven_times);
	tcase_add_test(plays, plays_that_differ_are_not_outvoted);
	tcase_add_test(plays, a_process_that_stood_still);
	tcase_add_test(plays, the_time_of_an_answer);
	tcase_add_test(plays, a_play_that_cannot_be_confirmed);
	tcase_set_timeout(steps, 60); /* the model of the wire is large, and the machine may be busy */
	tcase_set_timeout(plays, 60);
	return run_suite("play", steps, plays, NULL);
}
