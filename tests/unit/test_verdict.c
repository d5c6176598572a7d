/* test_verdict.c - the class of an answer, the ISN, and the verdict. */
#include <string.h>

#include "cases/books/verdict.h"
#include "tests/unit/written.h"

#include "cases/matrix/cell_ask.h"
#include "tests/unit/named_cell.h"
#include "tests/unit/suite.h"

static const struct {
	const char *text;
	enum answer answer;
} answers[] = {
	{ "SA 0 ack 1", ANSWER_SYN_ACK },
	{ "SAE 0 ack 1", ANSWER_SYN_ACK },
	{ "FSA 0 ack 1", ANSWER_OTHER },
	{ "SRA 0 ack 1", ANSWER_RST },
	{ "S 0", ANSWER_OTHER },
	{ "A 0 ack 1", ANSWER_ACK },
	{ "PA 0 ack 1", ANSWER_ACK },
	{ "A 0:1(1) ack 1", ANSWER_OTHER },
	{ "PA 0:5(5) ack 1", ANSWER_OTHER },
	{ "FA 0 ack 1", ANSWER_OTHER },
	{ "R 0", ANSWER_RST },
	{ "RA 0 ack 1", ANSWER_RST },
	{ "RA 0:3(3) ack 1", ANSWER_RST },
	{ "none 0", ANSWER_OTHER },
};

START_TEST(the_class_of_an_answer)
{
	struct segment segment = written(answers[_i].text);

	ck_assert_int_eq(verdict_answer(&segment), answers[_i].answer);
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

	ck_assert_int_eq(verdict_isn(&segment, isns[_i].snd_nxt), isns[_i].expected);
}
END_TEST

static const struct {
	struct expectation expected;
	struct observation seen;
	enum verdict verdict;
	const char *why;
} verdicts[] = {
	{ { ANSWER_ACK, ISN_NONE, STATE_UNKNOWN, "", "", false },
	  { true, NULL, ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT, STATE_TIME_WAIT, FATE_UNKNOWN, false }, VERDICT_AGREES, "" },
	{ { ANSWER_ACK, ISN_NONE, STATE_UNKNOWN, "", "", false },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false }, VERDICT_DIFFERS,
	  "expected ack, the answer was silence" },
	/* Silence is no agreement unless it was proven. */
	{ { ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, "", "", false },
	  { false, "the capture dropped 3 frames", ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN,
	    false },
	  VERDICT_INCONCLUSIVE, "the capture dropped 3 frames" },
	{ { ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN, "", "", false },
	  { false, NULL, ANSWER_ACK, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_INCONCLUSIVE, "no reason was given" },
	{ { ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN, "", "", false },
	  { true, NULL, ANSWER_RST, ISN_NONE, STATE_UNKNOWN, STATE_CLOSED, FATE_UNKNOWN, false }, VERDICT_AGREES, "" },
	{ { ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV, "", "", false },
	  { true, NULL, ANSWER_SYN_ACK, ISN_CONTINUED, STATE_TIME_WAIT, STATE_SYN_RECV, FATE_UNKNOWN, false },
	  VERDICT_AGREES, "" },
	{ { ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV, "", "", false },
	  { true, NULL, ANSWER_SYN_ACK, ISN_FRESH, STATE_TIME_WAIT, STATE_SYN_RECV, FATE_UNKNOWN, false }, VERDICT_DIFFERS,
	  "expected a continued ISN, the syn-ack carried a fresh one" },
	{ { ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV, "", "", false },
	  { true, NULL, ANSWER_SYN_ACK, ISN_CONTINUED, STATE_TIME_WAIT, STATE_TIME_WAIT, FATE_UNKNOWN, false }, VERDICT_DIFFERS,
	  "the answer was syn-ack as expected, but the state afterwards was time-wait, not syn-recv" },
	/* What was not observed or not said does not count. */
	{ { ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV, "", "", false },
	  { true, NULL, ANSWER_SYN_ACK, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false }, VERDICT_AGREES, "" },
	{ { ANSWER_SYN_ACK, ISN_NONE, STATE_UNKNOWN, "", "", false },
	  { true, NULL, ANSWER_SYN_ACK, ISN_FRESH, STATE_TIME_WAIT, STATE_CLOSED, FATE_UNKNOWN, false }, VERDICT_AGREES, "" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, "", "", false },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, STATE_CLOSED, FATE_UNKNOWN, false }, VERDICT_DIFFERS,
	  "the answer was silence as expected, but the state afterwards was closed, not time-wait" },
	/* Without a witness the follow-up tells a socket that is gone from one that is not; with one it adds nothing. */
	{ { ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, "", "", false },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_THERE, false }, VERDICT_AGREES, "" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, "", "", false },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_GONE, false }, VERDICT_DIFFERS,
	  "the answer was silence as expected, but the follow-up shows that the socket is gone; expected afterwards: "
	  "time-wait" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_CLOSED, "", "", false },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_THERE, false }, VERDICT_DIFFERS,
	  "the answer was silence as expected, but the follow-up shows that the socket is still there; expected afterwards: "
	  "closed" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, "", "", false },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_GONE, false }, VERDICT_AGREES, "" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, "", "", false },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, STATE_TIME_WAIT, FATE_GONE, false }, VERDICT_AGREES, "" },
	/* A process that is not ours may close or speak before the kernel's ACK has left; ours does not. */
	{ { ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT, "", "", true },
	  { true, NULL, ANSWER_OTHER, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, true }, VERDICT_AGREES, "" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED, "", "", true },
	  { true, NULL, ANSWER_OTHER, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, true }, VERDICT_AGREES, "" },
	{ { ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT, "", "", false },
	  { true, NULL, ANSWER_OTHER, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, true }, VERDICT_DIFFERS,
	  "expected ack, the answer was other" },
	/* What does not acknowledge the stimulus is no such word; nor is what comes where no process is left to speak. */
	{ { ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT, "", "", true },
	  { true, NULL, ANSWER_OTHER, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false }, VERDICT_DIFFERS,
	  "expected ack, the answer was other" },
	{ { ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT, "", "", true },
	  { true, NULL, ANSWER_OTHER, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, true }, VERDICT_DIFFERS,
	  "expected ack, the answer was other" },
	{ { ANSWER_RST, ISN_NONE, STATE_ESTABLISHED, "", "", true },
	  { true, NULL, ANSWER_OTHER, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, true }, VERDICT_DIFFERS,
	  "expected rst, the answer was other" },
	/* It may have closed since. */
	{ { ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT, "", "", true },
	  { true, NULL, ANSWER_ACK, ISN_NONE, STATE_SYN_RECV, STATE_LAST_ACK, FATE_UNKNOWN, false }, VERDICT_AGREES, "" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED, "", "", true },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV, STATE_FIN_WAIT_1, FATE_UNKNOWN, false }, VERDICT_AGREES, "" },
	{ { ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED, "", "", true },
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV, STATE_CLOSED, FATE_UNKNOWN, false }, VERDICT_DIFFERS,
	  "the answer was silence as expected, but the state afterwards was closed, not established" },
	{ { ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT, "", "", false },
	  { true, NULL, ANSWER_ACK, ISN_NONE, STATE_SYN_RECV, STATE_LAST_ACK, FATE_UNKNOWN, false }, VERDICT_DIFFERS,
	  "the answer was ack as expected, but the state afterwards was last-ack, not close-wait" },
};

START_TEST(the_verdict)
{
	char why[200] = "untouched";

	ck_assert_int_eq(verdict_of(&verdicts[_i].expected, &verdicts[_i].seen, why, sizeof(why)), verdicts[_i].verdict);
	ck_assert_str_eq(why, verdicts[_i].why);
}
END_TEST

/* As the linux book says of kernels before and since 6.10, before and since 7.2, of a server with and without a process that
 * holds the descriptor, with and without a full queue. */
static const struct {
	const char *cell, *kernel;
	bool stranger;
	struct observation seen;
	enum verdict verdict;
	const char *kernels, *why;
} doubts[] = {
	{ "time-wait/syn/seq-below/ts-above", "any", false,
	  { true, NULL, ANSWER_SYN_ACK, ISN_FRESH, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_AGREES, "5.10 to 6.9", "" },
	{ "time-wait/syn/seq-below/ts-above", "any", false,
	  { true, NULL, ANSWER_SYN_ACK, ISN_CONTINUED, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_AGREES, "from 6.10 on", "" },
	{ "time-wait/syn/seq-below/ts-above", "any", false,
	  { true, NULL, ANSWER_ACK, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_DIFFERS, "none", "expected syn-ack, the answer was ack" },
	{ "syn-recv/rst/seq+1/ts-equal", "6.1", false,
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_CLOSED, FATE_UNKNOWN, false },
	  VERDICT_AGREES, "6.1 to 6.1.190", "" },
	{ "syn-recv/rst/seq+1/ts-equal", "any", false,
	  { true, NULL, ANSWER_RST, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_DIFFERS, "none", "expected ack or silence, the answer was rst" },
	/* Silence is expected, but of a socket that is gone: the first expectation with that answer says what is wrong. */
	{ "syn-recv/rst/seq+1/ts-equal", "6.1", false,
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_SYN_RECV, FATE_UNKNOWN, false },
	  VERDICT_DIFFERS, "none",
	  "the answer was silence as expected, but the state afterwards was syn-recv, not closed" },
	/* tcp_timewait_state_process() resets data and is killed by an RST in the window; a full socket takes the data. */
	{ "fin-wait-2/data/seq-equal/ts-equal", "6.18.44", true,
	  { true, NULL, ANSWER_ACK, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_AGREES, "6.18.42+", "" },
	{ "fin-wait-2-half/data/seq-equal/ts-equal", "6.18.44", true,
	  { true, NULL, ANSWER_RST, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_AGREES, "6.18.42+", "" },
	{ "fin-wait-2-half/data/seq-equal/ts-equal", "6.18.44", false,
	  { true, NULL, ANSWER_RST, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_DIFFERS, "none", "expected ack, the answer was rst" },
	{ "fin-wait-2/data/seq-equal/ts-equal", "6.18.44", true,
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_DIFFERS, "none", "expected rst or ack, the answer was silence" },
	{ "fin-wait-1/data/seq-equal/ts-equal", "6.18.44", true,
	  { true, NULL, ANSWER_ACK, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_AGREES, "6.18.42+", "" },
	/* tcp_sequence(): what ends beyond the window passes while the receive queue is empty. */
	{ "close-wait/data/seq+wnd-1/ts-equal", "6.18.44", true,
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_AGREES, "6.18.42+", "" },
	/* A listener's answer: there was no half-open connection, so nothing was shown of one. */
	{ "syn-recv/syn/seq-above/ts-equal", "6.18.44", true,
	  { true, NULL, ANSWER_SYN_ACK, ISN_FRESH, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_INCONCLUSIVE, "6.18.42+",
	  "the server answers as if it had no half-open connection: its SYN-ACK may have been a SYN cookie, because its "
	  "queue was full; a smaller --in-flight may help" },
	{ "syn-recv/syn/seq-above/ts-equal", "6.18.44", true,
	  { true, NULL, ANSWER_RST, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_UNKNOWN, false },
	  VERDICT_AGREES, "6.18.42+", "" },
	/* tcp_timewait_state_process(): sysctl_tcp_rfc1337, which nobody can read there */
	{ "time-wait/rst/seq-equal/ts-equal", "6.18.44", true,
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_THERE, false },
	  VERDICT_AGREES, "6.18.42+", "" },
	{ "time-wait/rst/seq-equal/ts-equal", "6.18.44", false,
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_THERE, false }, VERDICT_DIFFERS, "none",
	  "the answer was silence as expected, but the follow-up shows that the socket is still there; expected afterwards: "
	  "closed" },
	{ "time-wait/rst/seq-equal/ts-equal/tcp_rfc1337=0", "6.18.44", true,
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_UNKNOWN, FATE_THERE, false }, VERDICT_DIFFERS, "none",
	  "the answer was silence as expected, but the follow-up shows that the socket is still there; expected afterwards: "
	  "closed" },
	/* tcp_send_challenge_ack() */
	{ "established/syn/seq-equal/ts-equal/tcp_challenge_ack_limit=1", "6.18.44", false,
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_ESTABLISHED, FATE_UNKNOWN, false },
	  VERDICT_AGREES, "6.18.42+", "" },
	{ "established/syn/seq-equal/ts-equal/tcp_challenge_ack_limit=2147483647", "6.18.44", false,
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_ESTABLISHED, FATE_UNKNOWN, false },
	  VERDICT_DIFFERS, "none", "expected ack, the answer was silence" },
	{ "established/data/seq-below/ts-equal/tcp_challenge_ack_limit=1", "6.18.44", false,
	  { true, NULL, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, STATE_ESTABLISHED, FATE_UNKNOWN, false },
	  VERDICT_DIFFERS, "none", "expected ack, the answer was silence" },
};

START_TEST(the_verdict_in_doubt)
{
	struct kernel kernel = { .timestamps = true, .stranger = doubts[_i].stranger, .unsettled = doubts[_i].stranger };
	struct cell cell = named_cell(doubts[_i].cell);
	struct alternatives alternatives;
	struct error error;
	char why[200] = "untouched", kernels[KERNEL_STEPS_TEXT_SIZE];

	ck_assert_int_eq(kernel_choose(doubts[_i].kernel, &kernel, &error), 0);
	cell_ask_all(BOOK_LINUX, &cell, &kernel, NULL, &alternatives);
	ck_assert_int_eq(verdict_of_any(&alternatives, &doubts[_i].seen, why, sizeof(why)), doubts[_i].verdict);
	ck_assert_str_eq(why, doubts[_i].why);
	ck_assert_str_eq(kernel_steps_text(verdict_kernels(&alternatives, &doubts[_i].seen), kernels), doubts[_i].kernels);
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
	tcase_add_loop_test(tcase, the_verdict_in_doubt, 0, ROWS(doubts));
	tcase_add_test(tcase, names);
	return run_suite("verdict", tcase, NULL);
}
