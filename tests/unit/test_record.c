/* test_record.c - opinions, the answer among what was heard, counts and the exit code. */
#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "tests/unit/named_cell.h"
#include "tests/unit/sample_record.h"

#include "tests/unit/suite.h"

START_TEST(opinions_follow_the_books)
{
	struct record record = sample_record(1000, 1000);

	ck_assert_int_eq(record_opinion(&record, BOOK_LINUX), OPINION_SAME);
	ck_assert_int_eq(record_opinion(&record, BOOK_RFC), OPINION_SAME);
	ck_assert_int_eq(record_opinion(&record, BOOK_FOLK), OPINION_OTHERWISE);
	record.isn = ISN_FRESH; /* linux says continued, rfc nothing */
	ck_assert_int_eq(record_opinion(&record, BOOK_LINUX), OPINION_OTHERWISE);
	ck_assert_int_eq(record_opinion(&record, BOOK_RFC), OPINION_SAME);
	record.expected[BOOK_RFC].answer = ANSWER_OPEN;
	ck_assert_int_eq(record_opinion(&record, BOOK_RFC), OPINION_OPEN);
}
END_TEST

START_TEST(nothing_conclusive_proves_nothing)
{
	struct record record = sample_record(1000, 1000);

	record.verdict = VERDICT_INCONCLUSIVE; /* an answer was heard, but it does not count */
	ck_assert_int_eq(record_opinion(&record, BOOK_FOLK), OPINION_UNTESTED);
	sample_verdict(&record, VERDICT_SKIPPED, "no lab");
	ck_assert_int_eq(record_opinion(&record, BOOK_FOLK), OPINION_UNTESTED);
}
END_TEST

/* RFC 9293 3.10.7.1: the reset of a segment with an ACK has no ACK. */
START_TEST(a_reset_by_the_process_is_no_answer)
{
	struct record record = sample_record(1000, 1000);
	char why[RECORD_REASON_SIZE];

	record.cell.state = STATE_SYN_RECV;
	record.sent.flags = FLAG_ACK;
	record.answer = ANSWER_RST;
	record.isn = ISN_NONE;
	record.heard[0].segment.flags = FLAG_RST | FLAG_ACK;
	ck_assert_int_eq(record_verdict(&record, BOOK_LINUX, why, sizeof(why)), VERDICT_INCONCLUSIVE);
	ck_assert_ptr_nonnull(strstr(why, "process reset"));
	ck_assert_int_eq(record_opinion(&record, BOOK_LINUX), OPINION_UNTESTED);
	/* That of a kernel. */
	record.heard[0].segment.flags = FLAG_RST;
	ck_assert_int_eq(record_verdict(&record, BOOK_LINUX, why, sizeof(why)), VERDICT_DIFFERS);
	/* To a segment without an ACK a kernel's reset has one. */
	record.heard[0].segment.flags = FLAG_RST | FLAG_ACK;
	record.sent.flags = FLAG_SYN;
	ck_assert_int_eq(record_verdict(&record, BOOK_LINUX, why, sizeof(why)), VERDICT_DIFFERS);
	/* In TIME_WAIT there is no process. */
	record.sent.flags = FLAG_ACK;
	record.cell.state = STATE_TIME_WAIT;
	ck_assert_int_eq(record_verdict(&record, BOOK_LINUX, why, sizeof(why)), VERDICT_DIFFERS);
}
END_TEST

START_TEST(a_retransmission_is_not_the_answer)
{
	struct record record = sample_record(1000, 1000);

	record.heard[1] = record.heard[0];
	record.heard[0].repeat = true;
	record.heard_count = 2;
	ck_assert_ptr_eq(record_answer(&record), &record.heard[1]);
	record.heard_count = 1;
	ck_assert_ptr_null(record_answer(&record));
	record = sample_silence(0, 0);
	ck_assert_ptr_null(record_answer(&record));
}
END_TEST

START_TEST(a_tally_counts)
{
	struct record record = sample_record(1, 1), silence = sample_silence(1, 2), unsure = sample_record(1, 3);
	struct tally tally = { .cells = 0 };

	sample_verdict(&unsure, VERDICT_INCONCLUSIVE, "drops");
	tally_add(&tally, &record);
	tally_add(&tally, &silence);
	ck_assert_int_eq(tally_exit(&tally), 0);
	tally_add(&tally, &unsure);
	ck_assert_int_eq(tally_exit(&tally), 3);
	sample_verdict(&record, VERDICT_DIFFERS, "no");
	tally_add(&tally, &record);
	ck_assert_int_eq(tally_exit(&tally), 1);
	ck_assert_uint_eq(tally.cells, 4);
	ck_assert_uint_eq(tally.verdicts[VERDICT_AGREES], 2);
	ck_assert_uint_eq(tally.verdicts[VERDICT_DIFFERS], 1);
	ck_assert_uint_eq(tally.verdicts[VERDICT_INCONCLUSIVE], 1);
	ck_assert_uint_eq(tally.otherwise[BOOK_FOLK], 3);
	ck_assert_uint_eq(tally.otherwise[BOOK_RFC], 0);
	ck_assert_uint_eq(tally.open[BOOK_RFC], 1);
	tally.interrupted = true;
	ck_assert_int_eq(tally_exit(&tally), 130);
}
END_TEST

/* A record of this cell, asked of a kernel that is not known, and what was seen of it. */
static struct record doubtful_record(const char *name, enum answer answer, enum isn isn, enum state after)
{
	struct kernel any = { .timestamps = true };
	struct record record = sample_record(0, 0);

	record.cell = named_cell(name);
	cell_ask_all(BOOK_LINUX, &record.cell, &any, NULL, &record.alternatives[BOOK_LINUX]);
	record.expected[BOOK_LINUX] = record.alternatives[BOOK_LINUX].list[0].expectation;
	record.answer = answer;
	record.isn = isn;
	record.after = after;
	return record;
}

static const char *kernels_of(const struct tally *tally)
{
	static char text[KERNEL_STEPS_TEXT_SIZE];

	return kernel_steps_text(tally_kernels(tally), text);
}

/* Each cell leaves some kernels; a run is some kernel's only if one is left. */
START_TEST(a_tally_narrows_the_kernels_down)
{
	struct record fresh = doubtful_record("time-wait/syn/seq-above/ts-above", ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV);
	struct record kept = doubtful_record("time-wait/syn/seq-above/ts-above", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV);
	struct record strict = doubtful_record("syn-recv/rst/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV);
	struct record certain = doubtful_record("time-wait/syn/seq-above/ts-below", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT);
	struct tally tally = { .cells = 0 }, other = { .cells = 0 };

	ck_assert_int_eq(record_opinion(&fresh, BOOK_LINUX), OPINION_SAME);
	ck_assert_int_eq(record_opinion(&kept, BOOK_LINUX), OPINION_SAME);
	tally_add(&tally, &certain);
	ck_assert_uint_eq(tally.by_version, 0);
	tally_add(&tally, &fresh);
	ck_assert_str_eq(kernels_of(&tally), "5.10 to 6.9");
	tally_add(&tally, &strict);
	ck_assert_str_eq(kernels_of(&tally), "6.1.191+, 6.6.153+");
	ck_assert_uint_eq(tally.by_version, 2);
	ck_assert_int_eq(tally_exit(&tally), 0);
	/* Two kernels behind one address. */
	tally_add(&other, &kept);
	ck_assert_str_eq(kernels_of(&other), "from 6.10 on");
	ck_assert_int_eq(tally_exit(&other), 0);
	tally_join(&tally, &other);
	ck_assert_str_eq(kernels_of(&tally), "none");
	ck_assert_int_eq(tally_exit(&tally), 3);
}
END_TEST

/* What no kernel answers rules none out. */
START_TEST(a_difference_says_nothing_of_the_version)
{
	struct record differs = doubtful_record("time-wait/syn/seq-above/ts-above", ANSWER_RST, ISN_NONE, STATE_CLOSED);
	struct tally tally = { .cells = 0 };

	sample_verdict(&differs, VERDICT_DIFFERS, "no");
	ck_assert_int_eq(record_opinion(&differs, BOOK_LINUX), OPINION_OTHERWISE);
	tally_add(&tally, &differs);
	ck_assert_str_eq(kernels_of(&tally), "from 5.10 on");
	ck_assert_int_eq(tally_exit(&tally), 1);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("record");

	tcase_add_test(tests, opinions_follow_the_books);
	tcase_add_test(tests, nothing_conclusive_proves_nothing);
	tcase_add_test(tests, a_reset_by_the_process_is_no_answer);
	tcase_add_test(tests, a_retransmission_is_not_the_answer);
	tcase_add_test(tests, a_tally_counts);
	tcase_add_test(tests, a_tally_narrows_the_kernels_down);
	tcase_add_test(tests, a_difference_says_nothing_of_the_version);
	return run_suite("record", tests, NULL);
}
