/* test_oracle_conditions.c - the rule books on what a subject's process and its host do, and on segments that come late or
 * twice. Each row is read from the source that it names; "7.3.4" is the release of that source. */
#include "tests/unit/oracle_table.h"

#define SILENT(state) ANSWER_SILENCE, ISN_NONE, state
#define ACKS(state) ANSWER_ACK, ISN_NONE, state
#define RESETS(state) ANSWER_RST, ISN_NONE, state
#define SYN_ACKS(state) ANSWER_SYN_ACK, ISN_NONE, state
#define OPEN ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN

#define SHRUNK "/rcv-wnd-shrunk/tcp_shrink_window=1"

static const struct oracle_row linux_rows[] = {
	/* Unread data changes nothing of what is in the window. */
	{ "established/fin-ack/seq-equal/ts-above/unread=100", ACKS(STATE_CLOSE_WAIT) },
	{ "established/rst/seq-equal/ts-above/unread=100", SILENT(STATE_CLOSED) },
	{ "established/rst/seq-100/ts-above/unread=100", SILENT(STATE_ESTABLISHED) },
	/* tcp_may_update_window(): the data brought snd_wl1, an ACK behind it is no repetition. */
	{ "established/ack/seq-equal/ts-100/unread=100", ACKS(STATE_ESTABLISHED) },
	{ "established/ack/seq-equal/ts-100/unread=1/opening-active", ACKS(STATE_ESTABLISHED) },
	{ "fin-wait-1-half/ack/seq-equal/ts-100/unread=1/ack-1", ACKS(STATE_FIN_WAIT_1_HALF) },
	{ "fin-wait-2-half/ack/seq-equal/ts-100/unread=1", SILENT(STATE_FIN_WAIT_2_HALF) },
	{ "fin-wait-2-half/fin-ack/seq-equal/ts-above/unread=1", ACKS(STATE_TIME_WAIT) },

	/* tcp_validate_incoming(), tcp_send_challenge_ack(): tp->last_oow_ack_time, for 500 ms; data without SYN is exempt from
	 * tcp_oow_rate_limited(), not from the challenge's __tcp_oow_rate_limited(). */
	{ "established/ack/seq-below/ts-above/twice=0", SILENT(STATE_ESTABLISHED) },
	{ "established/ack/seq-below/ts-above/twice=400", SILENT(STATE_ESTABLISHED) },
	{ "established/ack/seq-below/ts-above/twice=450", OPEN },
	{ "established/ack/seq-below/ts-above/twice=520", ACKS(STATE_ESTABLISHED) },
	{ "established/ack/seq-below/ts-above/twice=520/tcp_invalid_ratelimit=1000", SILENT(STATE_ESTABLISHED) },
	{ "established/ack/seq-below/ts-above/twice=0/tcp_invalid_ratelimit=0@probe", ACKS(STATE_ESTABLISHED) },
	{ "established/data/seq-below/ts-above/twice=0", ACKS(STATE_ESTABLISHED) },
	{ "established/data/seq-equal/ts-below/twice=0", ACKS(STATE_ESTABLISHED) },
	{ "established/fin-ack/seq-equal/ts-below/twice=0", ACKS(STATE_ESTABLISHED) },
	{ "established/syn/seq-equal/ts-above/twice=0", SILENT(STATE_ESTABLISHED) },
	{ "established/syn/seq-equal/ts-above/payload=1/twice=0", SILENT(STATE_ESTABLISHED) },
	{ "established/rst/seq+1/ts-above/twice=0", SILENT(STATE_ESTABLISHED) },
	{ "established/data/seq-equal/ts-above/ack+1/twice=0", SILENT(STATE_ESTABLISHED) },
	{ "established/data/seq-equal/ts-above/ack+1/twice=600", ACKS(STATE_ESTABLISHED) },
	/* tcp_data_queue(): the same data again is old. */
	{ "established/data/seq-equal/ts-above/twice=0", ACKS(STATE_ESTABLISHED) },
	{ "established/fin-ack/seq-equal/ts-above/twice=0", ACKS(STATE_CLOSE_WAIT) },
	{ "established/fin-ack/seq+1/ts-above/twice=0", ACKS(STATE_ESTABLISHED) },
	/* tcp_reset(), then a listener. */
	{ "established/rst/seq-equal/ts-above/twice=0", SILENT(STATE_CLOSED) },
	{ "established/rst-ack/seq-equal/ts-above/twice=0/no-listener", SILENT(STATE_CLOSED) },
	{ "fin-wait-1/data/seq-equal/ts-above/twice=0", RESETS(STATE_CLOSED) },
	{ "last-ack/ack/seq-equal/ts-above/twice=0", RESETS(STATE_CLOSED) },
	{ "last-ack/fin/seq-equal/ts-above/twice=0", SILENT(STATE_LAST_ACK) },
	/* tcp_time_wait(): the small socket has answered nothing yet. */
	{ "fin-wait-1/ack/seq-equal/ts-above/twice=0", SILENT(STATE_FIN_WAIT_2) },
	{ "fin-wait-1/fin-ack/seq-equal/ts-above/twice=0", ACKS(STATE_TIME_WAIT) },
	{ "fin-wait-1-half/ack/seq-equal/ts-above/twice=0", SILENT(STATE_FIN_WAIT_2_HALF) },
	{ "fin-wait-1-half/fin-ack/seq-equal/ts-above/ack-1/twice=0", ACKS(STATE_CLOSING_HALF) },
	{ "fin-wait-2/fin-ack/seq-equal/ts-above/twice=0", ACKS(STATE_TIME_WAIT) },
	{ "closing/ack/seq-equal/ts-above/twice=0", SILENT(STATE_TIME_WAIT) },
	/* tcp_timewait_check_oow_rate_limit() */
	{ "time-wait/ack/seq-below/ts-above/twice=0", SILENT(STATE_TIME_WAIT) },
	{ "time-wait/data/seq-below/ts-above/twice=0", ACKS(STATE_TIME_WAIT) },
	{ "time-wait/syn/seq-below/ts-below/twice=0", SILENT(STATE_TIME_WAIT) },
	{ "time-wait/syn/seq-below/ts-below/twice=600", ACKS(STATE_TIME_WAIT) },
	{ "fin-wait-2/rst/seq-below/ts-above/twice=0", SILENT(STATE_FIN_WAIT_2) },
	/* tcp_v4_rcv(), TCP_TW_SYN without a listener: tcp_v4_timewait_ack() asks for no limit. */
	{ "time-wait/syn/seq-above/ts-above/twice=0/no-listener", ACKS(STATE_TIME_WAIT) },
	/* tcp_check_req(): the request has answered nothing but its SYN yet; then once in 500 ms. */
	{ "time-wait/syn/seq-above/ts-above/twice=0", SYN_ACKS(STATE_SYN_RECV) },
	{ "listen/syn/seq-equal/ts-above/twice=0", SYN_ACKS(STATE_SYN_RECV) },
	{ "syn-recv/syn/seq-1/ts-equal/twice=0", SILENT(STATE_SYN_RECV) },
	{ "syn-recv/syn/seq-1/ts-equal/twice=600", SYN_ACKS(STATE_SYN_RECV) },
	{ "syn-recv/ack/seq-equal/ts-above/ack+1/twice=0", RESETS(STATE_SYN_RECV) },
	{ "syn-recv/ack/seq-equal/ts-above/twice=0", SILENT(STATE_ESTABLISHED) },
	{ "syn-recv/data/seq-equal/ts-above/twice=0", ACKS(STATE_ESTABLISHED) },
	/* tcp_rcv_synsent_state_process() */
	{ "syn-sent/syn-ack/seq-equal/ts-above/ack+1/twice=0", ACKS(STATE_ESTABLISHED) },
	{ "syn-sent/syn/seq-equal/ts-above/twice=0", ACKS(STATE_SYN_RECV) },
	{ "syn-sent/syn-ack/seq-equal/ts-above/twice=0", RESETS(STATE_SYN_SENT) },
	{ "closed/ack/seq-equal/ts-above/twice=0", RESETS(STATE_CLOSED) },

	/* tcp_conn_request() */
	{ "listen/syn/seq-equal/ts-above/queue-accept-full", SILENT(STATE_LISTEN) },
	{ "listen/syn-fin/seq-equal/ts-above/queue-accept-full", SILENT(STATE_LISTEN) },
	{ "listen/ack/seq-equal/ts-above/queue-accept-full", RESETS(STATE_LISTEN) },
	{ "listen/syn/seq-equal/ts-above/queue-accept-full/tcp_syncookies=2@probe", SILENT(STATE_LISTEN) },
	{ "listen/syn/seq-equal/ts-above/queue-syn-full", ANSWER_SYN_ACK, ISN_FRESH, STATE_LISTEN },
	{ "listen/syn/seq-equal/ts-above/queue-syn-full/tcp_syncookies=0", SILENT(STATE_LISTEN) },
	/* ... for a SYN that comes with the ISN of a TIME_WAIT socket. */
	{ "time-wait/syn/seq-above/ts-above/queue-accept-full", SILENT(STATE_CLOSED) },
	{ "time-wait/syn/seq-above/ts-above/queue-syn-full", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ "time-wait/syn/seq-above/ts-above/queue-syn-full/tcp_syncookies=0", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ "time-wait/syn/seq-below/ts-below/queue-accept-full", ACKS(STATE_TIME_WAIT) },
	/* tcp_check_req(), listen_overflow */
	{ "syn-recv/ack/seq-equal/ts-above/queue-accept-full", SILENT(STATE_SYN_RECV) },
	{ "syn-recv/data/seq+1/ts-above/queue-accept-full", SILENT(STATE_SYN_RECV) },
	{ "syn-recv/fin-ack/seq-equal/ts-above/queue-accept-full/tcp_abort_on_overflow=1", RESETS(STATE_CLOSED) },
	{ "syn-recv/ack/seq-equal/ts-below/queue-accept-full/tcp_abort_on_overflow=1", ACKS(STATE_SYN_RECV) },
	{ "syn-recv/syn/seq-1/ts-equal/queue-accept-full/tcp_abort_on_overflow=1", SYN_ACKS(STATE_SYN_RECV) },
	{ "syn-recv/ack/seq-equal/ts-above/twice=0/queue-accept-full", SILENT(STATE_SYN_RECV) },

	/* tcp_check_req(): rskq_defer_accept */
	{ "syn-recv/ack/seq-equal/ts-above/defer-accept", SILENT(STATE_SYN_RECV) },
	{ "syn-recv/ack/seq+1/ts-above/defer-accept", SILENT(STATE_ESTABLISHED) },
	{ "syn-recv/data/seq-equal/ts-above/defer-accept", ACKS(STATE_ESTABLISHED) },
	{ "syn-recv/fin-ack/seq-equal/ts-above/defer-accept", ACKS(STATE_CLOSE_WAIT) },
	{ "syn-recv/ack/seq-equal/ts-above/ack+1/defer-accept", RESETS(STATE_SYN_RECV) },
	{ "syn-recv/rst/seq-equal/ts-above/defer-accept", SILENT(STATE_CLOSED) },
	/* tcp_rcv_synsent_state_process(): the same member, of the socket that connects */
	{ "syn-sent/syn-ack/seq-equal/ts-equal/ack+1/defer-accept", ACKS(STATE_ESTABLISHED) },
	{ "syn-sent/syn-ack/seq-equal/ts-equal/defer-accept", RESETS(STATE_SYN_SENT) },
	{ "syn-sent/syn/seq-equal/ts-equal/defer-accept", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	/* cookie_v4_check(), check_tcp_syn_cookie() */
	{ "syn-recv/ack/seq-equal/ts-below/tcp_syncookies=2", SILENT(STATE_ESTABLISHED) },
	{ "syn-recv/ack/seq+2/ts-above/tcp_syncookies=2", SILENT(STATE_ESTABLISHED) },
	{ "syn-recv/ack/seq-equal/ts-above/ack-2/tcp_syncookies=2", SILENT(STATE_ESTABLISHED) },
	/* check_tcp_syn_cookie(): ours was made with msstab[3] (IPv4: 1460), msstab[2] (IPv6: 1440) */
	{ "syn-recv/ack/seq-equal/ts-above/ack+1/tcp_syncookies=2", RESETS(STATE_CLOSED) },
	{ "syn-recv/ack/seq+3/ts-above/tcp_syncookies=2", SILENT(STATE_ESTABLISHED) },
	{ "syn-recv/ack/seq-equal/ts-above/ack+1/tcp_syncookies=2/ipv6", SILENT(STATE_ESTABLISHED) },
	{ "syn-recv/ack/seq+3/ts-above/tcp_syncookies=2/ipv6", RESETS(STATE_CLOSED) },
	/* cookie_v4_check() -> tcp_select_initial_window(): 44 x 1460 bytes, not 65483 */
	{ "established/rst/seq+64239/ts-equal/tcp_syncookies=2", ACKS(STATE_ESTABLISHED) },
	{ "established/rst/seq+64241/ts-equal/tcp_syncookies=2", SILENT(STATE_ESTABLISHED) },
	{ "established/rst/seq+64241/ts-equal", ACKS(STATE_ESTABLISHED) },
	{ "syn-recv/ack/seq+4/ts-above/tcp_syncookies=2", RESETS(STATE_CLOSED) },
	{ "syn-recv/data/seq-equal/ts-above/tcp_syncookies=2", ACKS(STATE_ESTABLISHED) },
	{ "syn-recv/fin-ack/seq-equal/ts-above/tcp_syncookies=2", ACKS(STATE_CLOSE_WAIT) },
	{ "syn-recv/rst/seq-equal/ts-above/tcp_syncookies=2", SILENT(STATE_CLOSED) },
	{ "syn-recv/syn/seq-1/ts-equal/tcp_syncookies=2", ANSWER_SYN_ACK, ISN_FRESH, STATE_CLOSED },
	{ "syn-recv/ack/seq-equal/ts-above/queue-accept-full/tcp_syncookies=2", SILENT(STATE_CLOSED) },
	{ "syn-recv/ack/seq-equal/ts-above/tcp_syncookies=2@probe", SILENT(STATE_ESTABLISHED) },
	/* tcp_data_queue(): tcp_receive_window() == 0; before it tcp_sequence(), which counts a segment's end since 6.17 */
	{ "established/data/seq-equal/ts-above/rcv-wnd-closed", ACKS(STATE_ESTABLISHED) },
	{ "established/fin-ack/seq-equal/ts-above/rcv-wnd-closed", ACKS(STATE_CLOSE_WAIT) },
	{ "established/fin-ack/seq-equal/ts-above/twice=0/rcv-wnd-closed", ACKS(STATE_CLOSE_WAIT) },
	{ "established/data/seq-equal/ts-above/payload=0/rcv-wnd-closed", SILENT(STATE_ESTABLISHED) },
	{ "established/rst/seq+1/ts-above/rcv-wnd-closed", SILENT(STATE_ESTABLISHED) },
	{ "fin-wait-1-half/fin-ack/seq-equal/ts-above/rcv-wnd-closed", ACKS(STATE_TIME_WAIT) },
	/* tcp_max_receive_window() since 7.1 */
	{ "established/data/seq-equal/ts-above" SHRUNK, ACKS(STATE_ESTABLISHED) },
	{ "established/rst/seq+wnd/ts-above" SHRUNK, ACKS(STATE_ESTABLISHED) },
	{ "established/rst/seq+wnd+1/ts-above" SHRUNK, ACKS(STATE_ESTABLISHED) },
	{ "established/ack/seq+wnd+100/ts-above" SHRUNK, SILENT(STATE_ESTABLISHED) },
	{ "established/rst/seq+wnd+385/ts-above" SHRUNK, SILENT(STATE_ESTABLISHED) },
	{ "established/data/seq+wnd/ts-above/rcv-wnd-small", ACKS(STATE_ESTABLISHED) },
	/* tcp_v4_rcv(), process: iph->ttl < min_ttl; do_time_wait and TCP_NEW_SYN_RECV come before it. */
	{ "established/data/seq-equal/ts-above/min-ttl=64", ACKS(STATE_ESTABLISHED) },
	{ "established/data/seq-equal/ts-above/min-ttl=64/ttl=64", ACKS(STATE_ESTABLISHED) },
	{ "established/data/seq-equal/ts-above/min-ttl=64/ttl=63", SILENT(STATE_ESTABLISHED) },
	{ "established/data/seq-equal/ts-above/min-ttl=64/ttl=63/twice=0", SILENT(STATE_ESTABLISHED) },
	{ "established/data/seq-equal/ts-above/ttl=1", ACKS(STATE_ESTABLISHED) },
	{ "established/rst/seq-equal/ts-above/min-ttl=2/ttl=1/ipv6", SILENT(STATE_ESTABLISHED) },
	{ "fin-wait-2-half/fin-ack/seq-equal/ts-above/min-ttl=2/ttl=1", SILENT(STATE_FIN_WAIT_2_HALF) },
	{ "listen/syn/seq-equal/ts-above/min-ttl=2/ttl=1", SILENT(STATE_LISTEN) },
	{ "syn-sent/syn-ack/seq-equal/ts-equal/ack+1/min-ttl=2/ttl=1", SILENT(STATE_SYN_SENT) },
	{ "syn-recv/ack/seq-equal/ts-equal/min-ttl=2/ttl=1", SILENT(STATE_ESTABLISHED) },
	{ "syn-recv/data/seq-equal/ts-equal/min-ttl=2/ttl=1", ACKS(STATE_ESTABLISHED) },
	{ "syn-recv/data/seq-equal/ts-equal/ack+1/min-ttl=2/ttl=1", SILENT(STATE_SYN_RECV) },
	{ "syn-recv/data/seq-equal/ts-equal/ack+1/min-ttl=2/ttl=2", RESETS(STATE_SYN_RECV) },
	{ "syn-recv/syn-ack/seq-1/ts-equal/opening-simultaneous/min-ttl=2/ttl=1", SILENT(STATE_SYN_RECV) },
	{ "syn-recv/ack/seq-equal/ts-above/min-ttl=2/ttl=1/tcp_syncookies=2", SILENT(STATE_CLOSED) },
	{ "fin-wait-2/fin-ack/seq-equal/ts-above/min-ttl=2/ttl=1", ACKS(STATE_TIME_WAIT) },
	{ "time-wait/ack/seq-below/ts-above/min-ttl=2/ttl=1", ACKS(STATE_TIME_WAIT) },
	{ "time-wait/syn/seq-above/ts-above/min-ttl=2/ttl=1", SILENT(STATE_CLOSED) },
	{ "time-wait/syn/seq-above/ts-above/min-ttl=2/ttl=1/no-listener", ACKS(STATE_TIME_WAIT) },
	/* tcp_rcv_state_process(), TCP_FIN_WAIT1: linger2 < 0 */
	{ "fin-wait-1/ack/seq-equal/ts-above/linger2=0", RESETS(STATE_CLOSED) },
	{ "fin-wait-1/fin-ack/seq-equal/ts-above/linger2=0", RESETS(STATE_CLOSED) },
	{ "fin-wait-1/ack/seq-equal/ts-above/ack-1/linger2=0", SILENT(STATE_FIN_WAIT_1) },
	{ "fin-wait-1/ack/seq-equal/ts-above/linger2=1", SILENT(STATE_FIN_WAIT_2) },
	/* What only timers ask for. */
	{ "established/ack/seq-below/ts-above/linger-zero/keepalive=1/user-timeout=6000", ACKS(STATE_ESTABLISHED) },

	/* tcp_paws_check(): ts_recent counts for 24 days. */
	{ "established/data/seq-equal/ts-below/delay=50000", ACKS(STATE_ESTABLISHED) },
	{ "time-wait/rst/seq-equal/ts-below/delay=50000", SILENT(STATE_TIME_WAIT) },
};

/* tcp_v4_fill_cb() clears tcp_tw_isn before 6.10. */
static const struct oracle_row old_rows[] = {
	{ "time-wait/syn/seq-above/ts-above/queue-accept-full", SILENT(STATE_CLOSED) },
	{ "time-wait/syn/seq-above/ts-above/queue-syn-full", ANSWER_SYN_ACK, ISN_FRESH, STATE_CLOSED },
	{ "time-wait/syn/seq-above/ts-above/queue-syn-full/tcp_syncookies=0", SILENT(STATE_CLOSED) },
};

/* tcp_sequence() asks tcp_receive_window(); tcp_data_queue() takes no bare FIN. */
static const struct oracle_row older_windows[] = {
	{ "established/rst/seq+wnd/ts-above" SHRUNK, ACKS(STATE_ESTABLISHED) },
	{ "established/rst/seq+wnd+1/ts-above" SHRUNK, SILENT(STATE_ESTABLISHED) },
	{ "established/ack/seq+wnd+100/ts-above" SHRUNK, ACKS(STATE_ESTABLISHED) },
	{ "established/fin-ack/seq-equal/ts-above/rcv-wnd-closed", ACKS(STATE_ESTABLISHED) },
	{ "fin-wait-1-half/fin-ack/seq-equal/ts-above/rcv-wnd-closed", ACKS(STATE_FIN_WAIT_2_HALF) },
};

START_TEST(windows_of_6_1)
{
	check_row(BOOK_LINUX, "6.1.192", &older_windows[_i]);
}
END_TEST

/* RFC 7323 2.4 */
START_TEST(what_was_offered_once_is_in_the_window)
{
	static const struct oracle_row row = { "established/rst/seq+wnd+100/ts-above" SHRUNK, ACKS(STATE_ESTABLISHED) };

	check_row(BOOK_RFC, "6.1.192", &row);
}
END_TEST

START_TEST(linux_book_before_6_10)
{
	check_row(BOOK_LINUX, "6.1.192", &old_rows[_i]);
}
END_TEST

START_TEST(linux_book)
{
	check_row(BOOK_LINUX, "7.3.4", &linux_rows[_i]);
}
END_TEST

static const struct oracle_row rfc_rows[] = {
	/* RFC 5961 7 */
	{ "established/ack/seq-below/ts-above/twice=0", OPEN },
	{ "established/syn/seq-equal/ts-above/twice=600", OPEN },
	{ "established/ack/seq-equal/ts-above/twice=0", SILENT(STATE_ESTABLISHED) },
	/* RFC 9293 3.10.7.1, 3.10.7.3: an RST leaves nothing changed, and none is throttled */
	{ "closed/syn/seq-equal/ts-above/twice=0", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "listen/ack/seq-equal/ts-above/twice=0", ANSWER_RST, ISN_NONE, STATE_LISTEN },
	{ "listen/syn/seq-equal/ts-above/twice=0", OPEN },
	/* 3.10.7.4, second; then it meets the listener, which ignores it */
	{ "established/rst/seq-equal/ts-above/twice=0", SILENT(STATE_CLOSED) },
	{ "established/data/seq-equal/ts-above/unread=100", ACKS(STATE_ESTABLISHED) },
};

START_TEST(rfc_book)
{
	check_row(BOOK_RFC, "7.3.4", &rfc_rows[_i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("conditions");

	tcase_add_loop_test(tcase, linux_book, 0, ROWS(linux_rows));
	tcase_add_loop_test(tcase, linux_book_before_6_10, 0, ROWS(old_rows));
	tcase_add_loop_test(tcase, windows_of_6_1, 0, ROWS(older_windows));
	tcase_add_test(tcase, what_was_offered_once_is_in_the_window);
	tcase_add_loop_test(tcase, rfc_book, 0, ROWS(rfc_rows));
	return run_suite("oracle_conditions", tcase, NULL);
}
