/* test_oracle_axes.c - what payload, unusual flags, timestamp echoes and options of a stimulus change in the rule books. */
#include <stdlib.h>

#include "tests/unit/oracle_table.h"

static const char *const releases[] = { "5.10.223", "6.1.192", "6.12.117", "6.18.44", "7.2.13", "7.3.4", "unknown" };

static const struct oracle_row linux_rows[] = {
	/* tcp_rcv_state_process(), TCP_LISTEN, asks for ACK, RST, SYN and FIN; tcp_conn_request() ignores the SYN's data */
	{ "listen/SEC/seq-equal/ts-equal", ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV },
	{ "listen/syn/seq-equal/ts-equal/payload=100", ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV },
	{ "listen/FSA/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_LISTEN },
	{ "listen/FSRPAUEC/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "listen/FPU/seq-equal/ts-equal/urg=1", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "listen/PAU/seq-equal/ts-equal/payload=1", ANSWER_RST, ISN_NONE, STATE_LISTEN },

	/* tcp_check_req(): "note that even if there is new data in the SYN packet they will be thrown away too" */
	{ "syn-recv/syn/seq-1/ts-equal/payload=100", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/SEC/seq-1/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	/* ... tcp_in_window(): with a byte after the SYN, or a FIN, it reaches into the window; "truncate SYN"; the child's
	 * tcp_validate_incoming() sees the flag: syn_challenge */
	{ "syn-recv/syn-ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/syn-ack/seq-1/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/FSA/seq-1/ts-absent", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/FSA/seq-equal/ts-absent", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/syn-ack/seq-2/ts-equal/payload=100", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	/* ... the FIN is next in sequence where the data before it is old */
	{ "syn-recv/FPA/seq-100/ts-equal/payload=100", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "syn-recv/FPA/seq-1/ts-equal/payload=100", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "syn-recv/FPA/seq+1/ts-equal/payload=100", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },

	/* tcp_data_queue(): !after(seq, rcv_nxt), after(end_seq, rcv_nxt) -> queue_and_out; tcp_fin() */
	{ "established/fin-ack/seq-1/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "established/FPA/seq-1/ts-equal/payload=100", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "established/FPAU/seq-equal/ts-equal/payload=100/urg=3", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "established/fin-ack/seq-2/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/fin-ack/seq+1/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq-equal/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-equal/payload=0", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	/* !th->ack && !th->rst && !th->syn -> discard */
	{ "established/FPU/seq-equal/ts-equal/urg=1/payload=10", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/null/seq-equal/ts-equal/payload=10", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	/* tcp_urg() tells the process, and answers nothing */
	{ "established/AU/seq-equal/ts-equal/urg=10", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/AEC/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/SEC/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	/* tcp_sequence() counts the data of an RST; tcp_reset() does not */
	{ "established/rst/seq-equal/ts-equal/payload=100", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "established/rst/seq-1/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },

	/* TCP_FIN_WAIT1: after(end_seq - th->fin, rcv_nxt) is data, old data and our FIN are none */
	{ "fin-wait-1/FPA/seq-1/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ "fin-wait-1/FPA/seq-1/ts-equal/payload=1/ack-1", ANSWER_ACK, ISN_NONE, STATE_CLOSING },
	{ "fin-wait-1/FPA/seq-2/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-1/FPA/seq-1/ts-equal/payload=2", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-2-half/FPA/seq-1/ts-equal/payload=100", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* tcp_fin() in TCP_CLOSE_WAIT and later: "received a retransmission of the FIN, do nothing" */
	{ "close-wait/FPA/seq-1/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "last-ack/FPA/seq-1/ts-equal/payload=1/ack-1", ANSWER_ACK, ISN_NONE, STATE_LAST_ACK },
	{ "close-wait/FPA/seq-1/ts-equal/payload=2", ANSWER_RST, ISN_NONE, STATE_CLOSED },

	/* tcp_timewait_state_process(): end_seq == rcv_nxt + 1 with FIN; seq == end_seq in TIME_WAIT */
	{ "fin-wait-2/FPA/seq-1/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ "fin-wait-2/FPA/seq-1/ts-equal/payload=2", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-2/syn/seq-1/ts-equal/payload=1", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-2/syn-ack/seq-1/ts-equal/payload=1", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "time-wait/AU/seq-equal/ts-equal/urg=10", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ "time-wait/ack/seq-equal/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ "time-wait/rst/seq-equal/ts-equal/payload=1", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },

	/* tcp_paws_check(): !rx_opt->ts_recent passes; before 2^31 zero is older, after it is newer */
	{ "established/data/seq-equal/ts-below/conn-tsval=0", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/fin-ack/seq-equal/ts-below/conn-tsval=0", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "established/fin-ack/seq-equal/ts-below/conn-tsval=5000", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/fin-ack/seq-equal/ts-zero/conn-tsval=2147483647", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/fin-ack/seq-equal/ts-zero/conn-tsval=2147483649", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "time-wait/rst/seq-equal/ts-below/conn-tsval=0", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/ack/seq-equal/ts-below/conn-tsval=0", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },

	/* TSecr matters to a half-open connection alone, and 0 to none */
	{ "established/data/seq-equal/ts-equal/tsecr-2^31", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/ack/seq-equal/ts-equal/tsecr-zero", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/ack/seq-equal/ts-absent/tsecr-1", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/ack/seq-equal/ts-equal/conn-ts-off/tsecr-1", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/ack/seq-equal/ts-equal/tsecr-1/tcp_timestamps=0@probe", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/ack/seq-equal/ts-equal/ack+1/tsecr-1", ANSWER_RST, ISN_NONE, STATE_SYN_RECV },
};

START_TEST(all_kernels)
{
	for (size_t i = 0; i < ROWS(releases); i++)
		check_row(BOOK_LINUX, releases[i], &linux_rows[_i]);
}
END_TEST

/* tcp: be less liberal in TSEcr received while in SYN_RECV state (6.15) */
static const struct {
	const char *cell;
	enum answer old_answer, new_answer;
	enum state old_after;
} echoes[] = {
	{ "syn-recv/ack/seq-equal/ts-equal/tsecr-1", ANSWER_SILENCE, ANSWER_ACK, STATE_ESTABLISHED },
	{ "syn-recv/ack/seq-equal/ts-equal/tsecr+1", ANSWER_SILENCE, ANSWER_ACK, STATE_ESTABLISHED },
	{ "syn-recv/data/seq-equal/ts-equal/tsecr+2^30", ANSWER_ACK, ANSWER_ACK, STATE_ESTABLISHED },
	{ "syn-recv/syn-ack/seq-equal/ts-equal/tsecr-1", ANSWER_RST, ANSWER_ACK, STATE_CLOSED },
	{ "syn-recv/rst-ack/seq-equal/ts-equal/tsecr-1", ANSWER_SILENCE, ANSWER_SILENCE, STATE_CLOSED },
	{ "syn-recv/rst-ack/seq-equal/ts-equal/tsecr-2^31", ANSWER_SILENCE, ANSWER_SILENCE, STATE_CLOSED },
};

START_TEST(an_echo_of_no_syn_ack)
{
	struct oracle_row before = { echoes[_i].cell, echoes[_i].old_answer, ISN_NONE, echoes[_i].old_after };
	struct oracle_row after = { echoes[_i].cell, echoes[_i].new_answer, ISN_NONE, STATE_SYN_RECV };

	check_row(BOOK_LINUX, "6.14.11", &before);
	check_row(BOOK_LINUX, "6.15.0", &after);
}
END_TEST

static const struct oracle_row rfc_rows[] = {
	/* RFC 9293 3.10.7.2, third; 3168 changes nothing of it */
	{ "listen/SEC/seq-equal/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "listen/syn/seq-equal/ts-equal/payload=100", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "listen/FPU/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	/* 3.10.7.4, first: "any acceptable segment is trimmed", so that an old text before a FIN is no text */
	{ "established/FPA/seq-1/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "established/FPA/seq-equal/ts-equal/payload=100", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "established/ack/seq-1/ts-equal/payload=2", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/FPU/seq-equal/ts-equal/urg=1", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/AU/seq-equal/ts-equal/urg=1", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "fin-wait-1/FPA/seq-1/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ "fin-wait-1/FPA/seq-1/ts-equal/payload=2", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "syn-recv/FPA/seq-equal/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "close-wait/FPA/seq-1/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	/* RFC 7323 says nothing of a TSecr outside SYN-SENT */
	{ "syn-recv/ack/seq-equal/ts-equal/tsecr-1", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
};

START_TEST(rfc)
{
	check_row(BOOK_RFC, "7.3.4", &rfc_rows[_i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, all_kernels, 0, ROWS(linux_rows));
	tcase_add_loop_test(tcase, an_echo_of_no_syn_ack, 0, ROWS(echoes));
	tcase_add_loop_test(tcase, rfc, 0, ROWS(rfc_rows));
	return run_suite("oracle_axes", tcase, NULL);
}
