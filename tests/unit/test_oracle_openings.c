/* test_oracle_openings.c - the rule books on closed, syn-sent, the half states, other openings and a listener that is gone.
 * Each row is read from the source that it names; "7.3.4" is the release of that source. */
#include "tests/unit/oracle_table.h"

#define SILENT(state) ANSWER_SILENCE, ISN_NONE, state
#define ACKS(state) ANSWER_ACK, ISN_NONE, state
#define RESETS(state) ANSWER_RST, ISN_NONE, state
#define SYN_ACKS ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV

static const struct oracle_row linux_rows[] = {
	/* tcp_v4_rcv(), no_tcp_socket: tcp_v4_send_reset(), which returns at once if th->rst. */
	{ "closed/syn/seq-below/ts-above", RESETS(STATE_CLOSED) },
	{ "closed/ack/seq-equal/ts-absent", RESETS(STATE_CLOSED) },
	{ "closed/null/seq-equal/ts-above", RESETS(STATE_CLOSED) },
	{ "closed/rst/seq-equal/ts-above", SILENT(STATE_CLOSED) },
	{ "closed/rst-ack/seq-equal/ts-above/ipv6", SILENT(STATE_CLOSED) },
	/* tcp_rcv_synsent_state_process(): th->ack, !after(ack_seq, snd_una) or after(ack_seq, snd_nxt) -> reset_and_undo. */
	{ "syn-sent/ack/seq-equal/ts-above", RESETS(STATE_SYN_SENT) },
	{ "syn-sent/syn-ack/seq-equal/ts-above", RESETS(STATE_SYN_SENT) },
	{ "syn-sent/syn-ack/seq-equal/ts-above/ack+2", RESETS(STATE_SYN_SENT) },
	{ "syn-sent/data/seq-equal/ts-above/ack-1", RESETS(STATE_SYN_SENT) },
	{ "syn-sent/rst-ack/seq-equal/ts-above", SILENT(STATE_SYN_SENT) },
	{ "syn-sent/rst-ack/seq-equal/ts-above/ack+2", SILENT(STATE_SYN_SENT) },
	/* The same: th->rst -> tcp_reset(); !th->syn -> discard_and_undo; else tcp_finish_connect(), tcp_send_ack(). */
	{ "syn-sent/rst-ack/seq-equal/ts-above/ack+1", SILENT(STATE_CLOSED) },
	{ "syn-sent/ack/seq-equal/ts-above/ack+1", SILENT(STATE_SYN_SENT) },
	{ "syn-sent/fin-ack/seq-equal/ts-above/ack+1", SILENT(STATE_SYN_SENT) },
	{ "syn-sent/syn-ack/seq-below/ts-above/ack+1", ACKS(STATE_ESTABLISHED) },
	{ "syn-sent/syn-ack/seq+2^30/ts-absent/ack+1/ipv6", ACKS(STATE_ESTABLISHED) },
	/* The same, without ACK: th->rst -> discard; th->syn -> TCP_SYN_RECV, tcp_send_synack(); else discard. */
	{ "syn-sent/rst/seq-equal/ts-above", SILENT(STATE_SYN_SENT) },
	{ "syn-sent/syn-rst/seq-equal/ts-above", SILENT(STATE_SYN_SENT) },
	{ "syn-sent/syn/seq-below/ts-absent", SYN_ACKS },
	{ "syn-sent/syn-fin/seq-below/ts-absent", SYN_ACKS },
	{ "syn-sent/fin/seq-below/ts-absent", SILENT(STATE_SYN_SENT) },
	{ "syn-sent/null/seq-below/ts-absent", SILENT(STATE_SYN_SENT) },
	/* Options are parsed; what the crafted end would have negotiated is not asked. */
	{ "syn-sent/syn-ack/seq-equal/ts-above/ack+1/conn-ts-off", ACKS(STATE_ESTABLISHED) },

	/* SYN_RECV of a full socket: tcp_validate_incoming() first. */
	{ "syn-recv/null/seq-equal/ts-above/opening-simultaneous", SILENT(STATE_SYN_RECV) },
	{ "syn-recv/syn/seq-1/ts-above/opening-simultaneous", ACKS(STATE_SYN_RECV) },
	{ "syn-recv/ack/seq-below/ts-above/opening-simultaneous", ACKS(STATE_SYN_RECV) },
	{ "syn-recv/ack/seq-equal/ts-below/opening-simultaneous", ACKS(STATE_SYN_RECV) },
	{ "syn-recv/rst/seq-equal/ts-below/opening-simultaneous", SILENT(STATE_CLOSED) },
	{ "syn-recv/rst/seq+1/ts-above/opening-simultaneous", ACKS(STATE_SYN_RECV) },
	{ "syn-recv/rst/seq-below/ts-above/opening-simultaneous", SILENT(STATE_SYN_RECV) },
	/* "goto pass" in tcp_validate_incoming(): seq + 1 == rcv_nxt, ack_seq == snd_nxt; then tcp_data_queue(), old data. */
	{ "syn-recv/syn-ack/seq-1/ts-above/opening-simultaneous", ACKS(STATE_ESTABLISHED) },
	{ "syn-recv/syn-ack/seq-1/ts-above/opening-simultaneous/ack-1", ACKS(STATE_SYN_RECV) },
	{ "syn-recv/syn-ack/seq-equal/ts-above/opening-simultaneous", ACKS(STATE_SYN_RECV) },
	/* tcp_rcv_state_process(): tcp_ack() <= 0, TCP_SYN_RECV -> one RST. tcp_ack() returns 1 for an ack_seq of snd_una. */
	{ "syn-recv/ack/seq-equal/ts-above/opening-simultaneous/ack+1", RESETS(STATE_SYN_RECV) },
	{ "syn-recv/data/seq-equal/ts-above/opening-simultaneous/ack-2", RESETS(STATE_SYN_RECV) },
	{ "syn-recv/ack/seq-equal/ts-above/opening-simultaneous/ack-1", SILENT(STATE_ESTABLISHED) },
	{ "syn-recv/ack/seq-equal/ts-above/opening-simultaneous", SILENT(STATE_ESTABLISHED) },
	{ "syn-recv/data/seq+1/ts-above/opening-simultaneous", ACKS(STATE_ESTABLISHED) },
	{ "syn-recv/fin-ack/seq-equal/ts-above/opening-simultaneous", ACKS(STATE_CLOSE_WAIT) },
	{ "syn-recv/fin-ack/seq+1/ts-above/opening-simultaneous", ACKS(STATE_ESTABLISHED) },

	/* shutdown(SHUT_WR) leaves RCV_SHUTDOWN off: tcp_rcv_state_process(), step 7, and the case TCP_FIN_WAIT1. */
	{ "fin-wait-1-half/data/seq-equal/ts-above/ack-1", ACKS(STATE_FIN_WAIT_1_HALF) },
	{ "fin-wait-1/data/seq-equal/ts-above/ack-1", RESETS(STATE_CLOSED) },
	{ "fin-wait-1-half/ack/seq-equal/ts-above", SILENT(STATE_FIN_WAIT_2_HALF) },
	{ "fin-wait-1-half/data/seq+1/ts-above", ACKS(STATE_FIN_WAIT_2_HALF) },
	{ "fin-wait-1-half/fin-ack/seq-equal/ts-above/ack-1", ACKS(STATE_CLOSING_HALF) },
	{ "fin-wait-1-half/fin-ack/seq-equal/ts-above", ACKS(STATE_TIME_WAIT) },
	/* tcp_fin() sets RCV_SHUTDOWN in every state. */
	{ "closing-half/data/seq-9/ts-above/ack-1", RESETS(STATE_CLOSED) },
	{ "closing-half/ack/seq-equal/ts-above/ack-1", SILENT(STATE_CLOSING_HALF) },
	{ "closing-half/ack/seq-equal/ts-above", SILENT(STATE_TIME_WAIT) },
	{ "closing-half/syn/seq-equal/ts-above", ACKS(STATE_CLOSING_HALF) },
	{ "last-ack-half/data/seq-equal/ts-above/ack-1", SILENT(STATE_LAST_ACK_HALF) },
	{ "last-ack-half/ack/seq-equal/ts-above", SILENT(STATE_CLOSED) },
	{ "last-ack-half/rst/seq-1/ts-above", SILENT(STATE_CLOSED) },

	/* tcp_v4_rcv(), TCP_TW_SYN: no listener -> tcp_v4_timewait_ack(). */
	{ "time-wait/syn/seq-above/ts-above/no-listener", ACKS(STATE_TIME_WAIT) },
	{ "time-wait/syn/seq-below/ts-above/opening-active/no-listener", ACKS(STATE_TIME_WAIT) },
	{ "time-wait/syn/seq-above/ts-above/opening-active", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ "time-wait/rst/seq-equal/ts-above/no-listener", SILENT(STATE_CLOSED) },
	{ "closing/ack/seq-equal/ts-above/no-listener", SILENT(STATE_TIME_WAIT) },

	/* tcp_init_wl() of the SYN-ACK: an ACK at rcv_nxt is after snd_wl1 (tcp_may_update_window()), so not disordered. */
	{ "established/ack/seq-equal/ts-100/opening-active", ACKS(STATE_ESTABLISHED) },
	{ "established/ack/seq-equal/ts-100", SILENT(STATE_ESTABLISHED) },
	{ "established/ack/seq-equal/ts-100/opening-simultaneous", SILENT(STATE_ESTABLISHED) },
	{ "close-wait/ack/seq-equal/ts-1/opening-active", SILENT(STATE_CLOSE_WAIT) },
	/* tcp_ack(): min(max_window, bytes_acked); its SYN was counted where the subject connected (tcp_snd_una_update()). */
	{ "established/ack/seq-equal/ts-above/ack-1/opening-active", SILENT(STATE_ESTABLISHED) },
	{ "established/ack/seq-equal/ts-above/ack-2/opening-active", ACKS(STATE_ESTABLISHED) },
	{ "established/ack/seq-equal/ts-above/ack-1", ACKS(STATE_ESTABLISHED) },
};

START_TEST(linux_book)
{
	check_row(BOOK_LINUX, "7.3.4", &linux_rows[_i]);
}
END_TEST

/* "tcp: Don't drop SYN+ACK for simultaneous connect()." */
static const struct {
	const char *release;
	enum state after;
} crossed[] = {
	{ "6.1.109", STATE_SYN_RECV }, { "6.1.110", STATE_ESTABLISHED },  { "6.2.0", STATE_SYN_RECV },
	{ "6.6.50", STATE_SYN_RECV },  { "6.6.51", STATE_ESTABLISHED },   { "6.10.9", STATE_SYN_RECV },
	{ "6.11.0", STATE_ESTABLISHED }, { "6.12.117", STATE_ESTABLISHED }, { "5.10.223", STATE_SYN_RECV },
};

START_TEST(a_syn_ack_that_crossed)
{
	struct oracle_row row = {
		"syn-recv/syn-ack/seq-1/ts-above/opening-simultaneous", ANSWER_ACK, ISN_NONE, crossed[_i].after,
	};

	check_row(BOOK_LINUX, crossed[_i].release, &row);
}
END_TEST

static const struct oracle_row rfc_rows[] = {
	/* RFC 9293 3.10.7.1 */
	{ "closed/data/seq-equal/ts-above", RESETS(STATE_CLOSED) },
	{ "closed/syn-rst/seq-equal/ts-above", SILENT(STATE_CLOSED) },
	/* 3.10.7.3, first */
	{ "syn-sent/syn-ack/seq-equal/ts-above", RESETS(STATE_SYN_SENT) },
	{ "syn-sent/syn-ack/seq-equal/ts-above/ack+2", RESETS(STATE_SYN_SENT) },
	{ "syn-sent/rst-ack/seq-equal/ts-above/ack+2", SILENT(STATE_SYN_SENT) },
	/* second */
	{ "syn-sent/rst-ack/seq-equal/ts-above/ack+1", SILENT(STATE_CLOSED) },
	{ "syn-sent/rst/seq-equal/ts-above", SILENT(STATE_SYN_SENT) },
	/* fourth */
	{ "syn-sent/syn-ack/seq-equal/ts-above/ack+1", ACKS(STATE_ESTABLISHED) },
	{ "syn-sent/syn/seq-equal/ts-above", SYN_ACKS },
	/* fifth */
	{ "syn-sent/ack/seq-equal/ts-above/ack+1", SILENT(STATE_SYN_SENT) },
	{ "syn-sent/null/seq-equal/ts-above", SILENT(STATE_SYN_SENT) },
	/* 3.10.7.4, second and fourth: after an active OPEN */
	{ "syn-recv/rst/seq-equal/ts-above/opening-simultaneous", SILENT(STATE_CLOSED) },
	{ "syn-recv/syn/seq-equal/ts-above/opening-simultaneous", ACKS(STATE_SYN_RECV) },
	{ "syn-recv/ack/seq-equal/ts-above/opening-simultaneous", SILENT(STATE_ESTABLISHED) },
	/* seventh: FIN-WAIT-1 receives text; only after CLOSE is that a matter of choice (3.6.1) */
	{ "fin-wait-1-half/data/seq-equal/ts-above/ack-1", ACKS(STATE_FIN_WAIT_1_HALF) },
	{ "fin-wait-1/data/seq-equal/ts-above/ack-1", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	/* eighth */
	{ "fin-wait-1-half/fin-ack/seq-equal/ts-above/ack-1", ACKS(STATE_CLOSING_HALF) },
};

START_TEST(rfc_book)
{
	check_row(BOOK_RFC, "7.3.4", &rfc_rows[_i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("openings");

	tcase_add_loop_test(tcase, linux_book, 0, ROWS(linux_rows));
	tcase_add_loop_test(tcase, a_syn_ack_that_crossed, 0, ROWS(crossed));
	tcase_add_loop_test(tcase, rfc_book, 0, ROWS(rfc_rows));
	return run_suite("oracle_openings", tcase, NULL);
}
