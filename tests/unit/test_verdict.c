/* test_verdict.c - the class of an answer, the ISN, and the verdict. */
#include <string.h>

#include "cases/verdict.h"

#include "tests/unit/suite.h"

static const struct {
	uint8_t flags;
	uint16_t payload_size;
	enum answer answer;
} answers[] = {
	{ FLAG_SYN | FLAG_ACK, 0, ANSWER_SYN_ACK },
	{ FLAG_SYN | FLAG_ACK | FLAG_ECE, 0, ANSWER_SYN_ACK },
	{ FLAG_SYN | FLAG_ACK | FLAG_FIN, 0, ANSWER_OTHER },
	{ FLAG_SYN | FLAG_ACK | FLAG_RST, 0, ANSWER_RST },
	{ FLAG_SYN, 0, ANSWER_OTHER },
	{ FLAG_ACK, 0, ANSWER_ACK },
	{ FLAG_ACK | FLAG_PSH, 0, ANSWER_ACK },
	{ FLAG_ACK, 1, ANSWER_OTHER },
	{ FLAG_ACK | FLAG_PSH, 5, ANSWER_OTHER },
	{ FLAG_ACK | FLAG_FIN, 0, ANSWER_OTHER },
	{ FLAG_RST, 0, ANSWER_RST },
	{ FLAG_RST | FLAG_ACK, 0, ANSWER_RST },
	{ FLAG_RST | FLAG_ACK, 3, ANSWER_RST },
	{ 0, 0, ANSWER_OTHER },
};

START_TEST(the_class_of_an_answer)
{
	struct segment segment = { .flags = answers[_i].flags, .payload_size = answers[_i].payload_size };

	ck_assert_int_eq(answer_of(&segment), answers[_i].answer);
}
END_TEST

static const struct {
	uint32_t snd_nxt, isn;
	enum isn expected;
} isns[] = {
	{ 1000, 66537, ISN_CONTINUED },
	{ 1000, 66536, ISN_FRESH },
	{ 1000, 66538, ISN_FRESH },
	{ 0xffffffff, 65536, ISN_CONTINUED },
	{ 0xfffeffff, 1, ISN_CONTINUED }, /* 0 is avoided */
	{ 0xfffeffff, 0, ISN_FRESH },
	{ 0xffff0000, 1, ISN_CONTINUED },
};

START_TEST(the_isn)
{
	struct segment segment = { .flags = FLAG_SYN | FLAG_ACK, .seq = isns[_i].isn };

	ck_assert_int_eq(isn_of(&segment, isns[_i].snd_nxt), isns[_i].expected);
}
END_TEST

static const struct {
	struct expectation expected;
	struct observation seen;
	enum verdict verdict;
	const char *why;
} verdicts[] = {
	{ { ANSWER_ACK, ISN_NONE, STATE_UNKNOWN, "", "" },
	  { true, NULL, ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT, STATE_TIME_WAIT, FATE_UNKNOWN }, VERDICT_AGREES, "" },
	{ { ANSWER_ACK, ISN_NONE, STATE_UNKNOWN, "", "" },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN }, VERDICT_DIFFERS,
	  "expected ack, the answer was silence" },
	/* Silence is no agreement unless it was proven. */
	{ { ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, "", "" },
	  { false, "the capture dropped 3 frames", ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN },
	  VERDICT_INCONCLUSIVE, "the capture dropped 3 frames" },
	{ { ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN, "", "" },
	  { false, NULL, ANSWER_ACK, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN },
	  VERDICT_INCONCLUSIVE, "no reason was given" },
	{ { ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN, "", "" },
	  { true, NULL, ANSWER_RST, ISN_NONE, STATE_UNKNOWN, STATE_CLOSED, FATE_UNKNOWN }, VERDICT_AGREES, "" },
	{ { ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV, "", "" },
	  { true, NULL, ANSWER_SYN_ACK, ISN_CONTINUED, STATE_TIME_WAIT, STATE_SYN_RECV, FATE_UNKNOWN }, VERDICT_AGREES, "" },
	{ { ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV, "", "" },
	  { true, NULL, ANSWER_SYN_ACK, ISN_FRESH, STATE_TIME_WAIT, STATE_SYN_RECV, FATE_UNKNOWN }, VERDICT_DIFFERS,
	  "expected a continued ISN, the syn-ack carried a fresh one" },
	{ { ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV, "", "" },
	  { true, NULL, ANSWER_SYN_ACK, ISN_CONTINUED, STATE_TIME_WAIT, STATE_TIME_WAIT, FATE_UNKNOWN }, VERDICT_DIFFERS,
	  "the answer was syn-ack as expected, but the state afterwards was time-wait and not syn-recv" },
	/* What was not observed or not said does not count. */
	{ { ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV, "", "" },
	  { true, NULL, ANSWER_SYN_ACK, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN }, VERDICT_AGREES, "" },
	{ { ANSWER_SYN_ACK, ISN_NONE, STATE_UNKNOWN, "", "" },
	  { true, NULL, ANSWER_SYN_ACK, ISN_FRESH, STATE_TIME_WAIT, STATE_CLOSED, FATE_UNKNOWN }, VERDICT_AGREES, "" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, "", "" },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, STATE_CLOSED, FATE_UNKNOWN }, VERDICT_DIFFERS,
	  "the answer was silence as expected, but the state afterwards was closed and not time-wait" },
	/* Without a witness the follow-up tells a socket that is gone from one that is not; with one it adds nothing. */
	{ { ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, "", "" },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_THERE }, VERDICT_AGREES, "" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, "", "" },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_GONE }, VERDICT_DIFFERS,
	  "the answer was silence as expected, but the follow-up shows that the socket is gone; expected afterwards: "
	  "time-wait" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_CLOSED, "", "" },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_THERE }, VERDICT_DIFFERS,
	  "the answer was silence as expected, but the follow-up shows that the socket is still there; expected afterwards: "
	  "closed" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, "", "" },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_GONE }, VERDICT_AGREES, "" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, "", "" },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, STATE_TIME_WAIT, FATE_GONE }, VERDICT_AGREES, "" },
};

START_TEST(the_verdict)
{
	char why[200] = "untouched";

	ck_assert_int_eq(verdict_of(&verdicts[_i].expected, &verdicts[_i].seen, why, sizeof(why)), verdicts[_i].verdict);
	ck_assert_str_eq(why, verdicts[_i].why);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(verdict_name(VERDICT_AGREES), "agrees");
	ck_assert_str_eq(verdict_name(VERDICT_DIFFERS), "differs");
	ck_assert_str_eq(verdict_name(VERDICT_INCONCLUSIVE), "inconclusive");
	ck_assert_str_eq(verdict_name(VERDICT_SKIPPED), "skipped");
	ck_assert_ptr_null(verdict_name(VERDICT_COUNT));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("verdict");

	tcase_add_loop_test(tcase, the_class_of_an_answer, 0, ROWS(answers));
	tcase_add_loop_test(tcase, the_isn, 0, ROWS(isns));
	tcase_add_loop_test(tcase, the_verdict, 0, ROWS(verdicts));
	tcase_add_test(tcase, names);
	return run_suite("verdict", tcase, NULL);
}
