/* test_oracle_past.c - what the old connection's timestamp, as a number and by its age, does to the books. Each row stands
 * under the line of the kernel's that decides it. */
#include "tests/unit/oracle_table.h"

enum { MINUTE = 60, WRAP = 2147, DAYS = 24 * 24 * 60 * 60, LOW = 1000 };
#define HIGH UINT32_C(0x90000000)

static const struct {
	const char *cell, *release;
	struct past past;
	enum answer answer;
	enum isn isn;
	enum state after;
	enum book book;
} rows[] = {
	/* tcp_timewait_state_process(): (s32)(tw_ts_recent - rcv_tsval) < 0, so 0 is newer than the upper half of the circle */
	{ "time-wait/syn/seq-above/ts-zero", "6.18.44", { LOW, 0 }, ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT, BOOK_LINUX },
	{ "time-wait/syn/seq-above/ts-zero", "6.18.44", { HIGH, 0 },
	  ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV, BOOK_LINUX },
	{ "time-wait/syn/seq-below/ts-zero", "6.18.44", { HIGH, 0 },
	  ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV, BOOK_LINUX },
	{ "time-wait/syn/seq-below/ts-zero", "6.18.44", { LOW, 0 }, ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT, BOOK_LINUX },
	{ "time-wait/syn/seq-below/ts-zero", "6.18.44", { 1U << 31, 0 }, ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV,
	  BOOK_LINUX },
	{ "time-wait/syn/seq-below/ts-zero", "6.18.44", { HIGH, 0 },
	  ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV, BOOK_RFC },
	{ "established/ack/seq-equal/ts-zero", "6.18.44", { HIGH, 0 },
	  ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED, BOOK_LINUX },
	{ "established/ack/seq-equal/ts-zero", "6.18.44", { 1 << 30, 0 },
	  ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED, BOOK_LINUX },
	/* tcp_paws_check(): "if (!rx_opt->ts_recent) return true"; then the sequence number alone counts */
	{ "time-wait/syn/seq-above/ts-2^28", "6.18.44", { 0, 0 },
	  ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV, BOOK_LINUX },
	{ "time-wait/syn/seq-above/ts-2^28", "5.10.223", { 0, 0 },
	  ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV, BOOK_LINUX },
	{ "time-wait/syn/seq-below/ts-2^28", "6.18.44", { 0, 0 }, ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT, BOOK_LINUX },
	{ "time-wait/syn/seq-above/ts-2^28", "6.18.44", { 5, 0 }, ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT, BOOK_LINUX },
	{ "time-wait/rst/seq-equal/ts-below", "6.18.44", { 0, 0 }, ANSWER_SILENCE, ISN_NONE, STATE_CLOSED, BOOK_LINUX },
	{ "time-wait/ack/seq-equal/ts-below", "6.18.44", { 0, 0 },
	  ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, BOOK_LINUX },
	{ "fin-wait-2/data/seq-equal/ts-below", "6.18.44", { 0, 0 }, ANSWER_RST, ISN_NONE, STATE_CLOSED, BOOK_LINUX },
	{ "established/ack/seq-equal/ts-2^20", "6.18.44", { 0, 0 },
	  ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED, BOOK_LINUX },
	{ "established/ack/seq-equal/ts-2^20", "6.18.44", { 1, 0 },
	  ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED, BOOK_LINUX },
	{ "syn-recv/ack/seq-equal/ts-below", "6.18.44", { 0, 0 },
	  ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED, BOOK_LINUX },
	{ "syn-recv/ack/seq-equal/ts-below/tcp_timestamps=0@probe", "6.18.44", { 0, 0 }, ANSWER_SILENCE, ISN_NONE,
	  STATE_ESTABLISHED, BOOK_LINUX },
	{ "syn-recv/ack/seq-equal/ts-below/tcp_timestamps=0@probe", "6.18.44", { 5, 0 },
	  ANSWER_ACK, ISN_NONE, STATE_SYN_RECV,
	  BOOK_LINUX },
	/* No such rule in RFC 7323 5.3. */
	{ "established/ack/seq-equal/ts-2^20", "6.18.44", { 0, 0 }, ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED, BOOK_RFC },
	/* tcp_paws_reject(): rst && !time_before32(now, ts_recent_stamp + TCP_PAWS_MSL) */
	{ "time-wait/rst/seq-equal/ts-below", "6.18.44", { LOW, MINUTE - 1 }, ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	  BOOK_LINUX },
	{ "time-wait/rst/seq-equal/ts-below", "6.18.44", { LOW, MINUTE },
	  ANSWER_SILENCE, ISN_NONE, STATE_CLOSED, BOOK_LINUX },
	{ "time-wait/rst/seq-equal/ts-below", "5.10.223", { LOW, MINUTE },
	  ANSWER_SILENCE, ISN_NONE, STATE_CLOSED, BOOK_LINUX },
	{ "time-wait/rst/seq-equal/ts-below/tcp_rfc1337=1", "6.18.44", { LOW, MINUTE },
	  ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	  BOOK_LINUX },
	{ "time-wait/rst/seq-above/ts-below", "6.18.44", { LOW, MINUTE },
	  ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT, BOOK_LINUX },
	{ "time-wait/ack/seq-equal/ts-below", "6.18.44", { LOW, MINUTE },
	  ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT, BOOK_LINUX },
	{ "time-wait/syn/seq-above/ts-below", "6.18.44", { LOW, MINUTE },
	  ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT, BOOK_LINUX },
	{ "fin-wait-2/rst/seq-equal/ts-below", "6.18.44", { LOW, MINUTE - 1 }, ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2,
	  BOOK_LINUX },
	{ "fin-wait-2/rst/seq-equal/ts-below", "6.18.44", { LOW, MINUTE },
	  ANSWER_SILENCE, ISN_NONE, STATE_CLOSED, BOOK_LINUX },
	/* tcp_check_req(): ts_recent_stamp = now - reqsk_timeout(): 32 s from the sixth SYN-ACK (31 s) to the seventh (63 s) */
	{ "syn-recv/rst/seq-equal/ts-below", "6.18.44", { LOW, 62 },
	  ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV, BOOK_LINUX },
	{ "syn-recv/rst/seq-equal/ts-below", "6.18.44", { LOW, 63 },
	  ANSWER_SILENCE, ISN_NONE, STATE_CLOSED, BOOK_LINUX },
	{ "syn-recv/rst/seq-equal/ts-below", "6.18.44", { LOW, 0 },
	  ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV, BOOK_LINUX },
	/* tcp_paws_check(): !time_before32(now, ts_recent_stamp + TCP_PAWS_WRAP), which was TCP_PAWS_24DAYS before 6.7 */
	{ "established/ack/seq-equal/ts-2^20", "6.18.44", { LOW, WRAP - 1 },
	  ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED, BOOK_LINUX },
	{ "established/ack/seq-equal/ts-2^20", "6.7.0", { LOW, WRAP },
	  ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED, BOOK_LINUX },
	{ "established/ack/seq-equal/ts-2^20", "6.6.60", { LOW, WRAP },
	  ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED, BOOK_LINUX },
	{ "established/ack/seq-equal/ts-2^20", "6.6.60", { LOW, DAYS - 1 },
	  ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED, BOOK_LINUX },
	{ "established/ack/seq-equal/ts-2^20", "6.6.60", { LOW, DAYS },
	  ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED, BOOK_LINUX },
	/* RFC 7323 5.5 */
	{ "established/ack/seq-equal/ts-2^20", "6.18.44", { LOW, DAYS - 1 },
	  ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED, BOOK_RFC },
	{ "established/ack/seq-equal/ts-2^20", "6.18.44", { LOW, DAYS },
	  ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED, BOOK_RFC },
};

START_TEST(past)
{
	struct kernel kernel = kernel_of(rows[_i].release);
	struct cell cell = named_cell(rows[_i].cell);
	struct alternatives alternatives;
	struct expectation said;

	cell_ask_all(rows[_i].book, &cell, &kernel, &rows[_i].past, &alternatives);
	ck_assert_uint_eq(alternatives.count, 1);
	said = alternatives.list[0].expectation;
	ck_assert_msg(said.answer == rows[_i].answer && said.isn == rows[_i].isn && said.after == rows[_i].after,
		      "%s, %s, kernel %s, ts_recent %u, %llu s old: says %s/%s/%s (%s)", rows[_i].cell,
		      oracle_book_name(rows[_i].book), rows[_i].release, rows[_i].past.ts_recent,
		      (unsigned long long)rows[_i].past.ts_age_s,
		      oracle_answer_name(said.answer), oracle_isn_name(said.isn) ? : "-", state_text(said.after),
		      said.citation);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("past");

	tcase_add_loop_test(tcase, past, 0, ROWS(rows));
	return run_suite("oracle_past", tcase, NULL);
}
