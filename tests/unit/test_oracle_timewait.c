/* test_oracle_timewait.c - the three rule books on TIME_WAIT, row by row against the conditions they are taken from. */
#include <stdlib.h>

#include "tests/unit/oracle_table.h"

#define TW "time-wait/"
static const char *const releases[] = { "5.10.223", "6.1.192", "6.12.107", "6.18.44", "7.2.13", "7.3.4", "unknown" };
enum { RELEASES_WITHOUT_ISN = 2 }; /* the first of them */

/* tcp_timewait_state_process(), tw_substate TCP_TIME_WAIT. The comments are its conditions. */
static const struct oracle_row linux_rows[] = {
	/* th->syn && !th->rst && !th->ack && !paws_reject && after(seq, rcv_nxt) */
	{ TW "syn/seq-above/ts-above", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ TW "syn/seq-above/ts-equal", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ TW "syn/seq+1/ts-equal", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ TW "syn/seq-above/ts-absent", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ TW "syn/seq+2^30/ts-absent", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ TW "syn/seq+2^31-1/ts-absent", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	/* ... || (saw_tstamp && (s32)(tw_ts_recent - rcv_tsval) < 0) */
	{ TW "syn/seq-below/ts-above", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ TW "syn/seq-1/ts+1", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ TW "syn/seq-equal/ts-above", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ TW "syn/seq-2^31+1/ts+2^31-1", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	/* neither: TCP_TW_ACK */
	{ TW "syn/seq-below/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-below/ts-absent", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-equal/ts-absent", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-2^31+1/ts-absent", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* paws_reject: tcp_paws_check(&tmp_opt, 0) fails when ts_recent - rcv_tsval > 0 */
	{ TW "syn/seq-above/ts-1", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-above/ts-below", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-above/ts-zero", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-above/ts-2^31+1", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "ack/seq-equal/ts-below", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* options are parsed only if tw_ts_recent_stamp, and taken only while tcp_timestamps is on */
	{ TW "syn/seq-above/ts-below/conn-ts-off", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ TW "syn/seq-below/ts-above/conn-ts-off", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-below/ts-above/tcp_timestamps=0", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-above/ts-below/tcp_timestamps=0", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ TW "syn/seq-below/ts-above/tcp_timestamps=0@probe", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-above/ts-below/tcp_timestamps=0@probe", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ TW "syn/seq-below/ts-above/tcp_timestamps=0/tcp_timestamps=1@probe", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* the SYN wins, TIME_WAIT is gone, and the listener drops SYN+FIN: "if (th->fin) goto discard" */
	{ TW "syn-fin/seq-above/ts-above", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ TW "syn-fin/seq-below/ts-above", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ TW "syn-fin/seq-below/ts-absent", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* !paws_reject && seq == rcv_nxt && th->rst: tcp_rfc1337 decides */
	{ TW "rst/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ TW "rst/seq-equal/ts-above", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ TW "rst/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ TW "rst-ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ TW "syn-rst/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ TW "rst/seq-equal/ts-absent/tcp_rfc1337=1", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ TW "rst/seq-equal/ts-absent/tcp_rfc1337=1@probe", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ TW "rst/seq-equal/ts-absent/net.ipv4.tcp_rfc1337=1", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ TW "rst/seq-equal/ts-above/tcp_rfc1337=0", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	/* tcp_paws_reject() spares RST only once ts_recent is older than TCP_PAWS_MSL */
	{ TW "rst/seq-equal/ts-below", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	/* seq != rcv_nxt, th->rst: dropped */
	{ TW "rst/seq-1/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ TW "rst/seq+1/ts-above", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn-rst/seq-above/ts-above", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	/* seq == rcv_nxt && seq == end_seq: inet_twsk_reschedule(), no answer */
	{ TW "ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ TW "null/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	/* everything else without RST: TCP_TW_ACK */
	{ TW "ack/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "null/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "fin/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "fin-ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "data/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "data/seq+wnd/ts-absent", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn-ack/seq-above/ts-above", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* nothing in the function asks for the address family */
	{ TW "syn/seq-below/ts-above/ipv6", ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
};

START_TEST(linux_row)
{
	for (size_t i = 0; i < ROWS(releases); i++) {
		struct oracle_row row = linux_rows[_i];

		/* Until 6.10 tcp_tw_isn is cleared on its way to tcp_conn_request(). */
		if (i < RELEASES_WITHOUT_ISN && row.isn == ISN_CONTINUED)
			row.isn = ISN_FRESH;
		check_row(BOOK_LINUX, releases[i], &row);
	}
}
END_TEST

START_TEST(isn_kept)
{
	struct oracle_row by_seq = { TW "syn/seq-above/ts-equal", ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV };
	struct oracle_row by_ts = { TW "syn/seq-below/ts-above/ipv6", ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV };

	check_row(BOOK_LINUX, "6.9.12", &by_seq);
	check_row(BOOK_LINUX, "6.6.153", &by_ts);
	by_seq.isn = by_ts.isn = ISN_CONTINUED;
	check_row(BOOK_LINUX, "6.10.0", &by_seq);
	check_row(BOOK_LINUX, "6.10.0", &by_ts);
}
END_TEST

/* The cases of RFC 6191 section 2 in its order, then RFC 9293 3.10.7.4 in the order of its checks. */
static const struct oracle_row rfc_rows[] = {
	/* timestamps then and now: greater */
	{ TW "syn/seq-below/ts-above", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ TW "syn/seq-above/ts-above", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	/* equal, and the sequence number greater than the last one seen, rcv_nxt - 1 */
	{ TW "syn/seq-equal/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ TW "syn/seq-above/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ TW "syn/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* nobody could take the connection */
	{ TW "syn/seq-above/ts-above/no-listener", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn-fin/seq-above/ts-above/no-listener", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* neither greater nor less (RFC 7323 5.2) */
	{ TW "syn/seq-below/ts-2^31", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	/* two timestamps: which is it? */
	{ TW "syn/seq-above/ts-above/opt=080a0000000100000000", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	/* less: no */
	{ TW "syn/seq-above/ts-below", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-above/ts-zero", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* timestamps then, none now: the sequence number */
	{ TW "syn/seq-equal/ts-absent", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ TW "syn/seq-below/ts-absent", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-below/ts-above/tcp_timestamps=0@probe", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* none then, timestamps now: always */
	{ TW "syn/seq-below/ts-below/conn-ts-off", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	/* none at all: the sequence number */
	{ TW "syn/seq-above/ts-absent/conn-ts-off", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ TW "syn/seq-below/ts-absent/conn-ts-off", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn-fin/seq-above/ts-above", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ TW "syn-fin/seq-below/ts-below", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* second: RST, RFC 5961 3.2 */
	{ TW "rst/seq-1/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ TW "rst/seq-equal/ts-below", ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN },
	{ TW "rst/seq+1/ts-absent", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "rst/seq+wnd-1/ts-absent", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "rst/seq+wnd/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	/* RFC 7323 3.2, then 5.3 R1 */
	{ TW "fin-ack/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ TW "fin-ack/seq-equal/ts-absent/conn-ts-off", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "fin/seq-equal/ts-below", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* first: acceptable? */
	{ TW "fin-ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "null/seq+wnd/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* fourth: SYN; fifth: ACK off; eighth: FIN */
	{ TW "syn-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "fin/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ TW "fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "ack/seq-equal/ts-equal", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ TW "data/seq-equal/ts-equal", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
};

START_TEST(rfc_row)
{
	check_row(BOOK_RFC, "6.18.44", &rfc_rows[_i]);
}
END_TEST

/* The notes: 4.1 with timestamps, 4.1 without, the question of 4.1, 6.6.3, 6.6.2. */
static const struct oracle_row folk_rows[] = {
	{ TW "syn/seq-above/ts-above", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ TW "syn/seq-below/ts-above", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-above/ts-below", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-above/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-equal/ts-above", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-above/ts-absent/conn-ts-off/tcp_timestamps=0", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ TW "syn/seq-below/ts-absent/conn-ts-off/tcp_timestamps=0", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ TW "syn/seq-above/ts-absent", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ TW "syn/seq-above/ts-above/tcp_timestamps=0@probe", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ TW "syn/seq-above/ts-absent/conn-ts-off", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ TW "rst/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ TW "rst/seq-1/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ TW "rst/seq-equal/ts-absent/tcp_rfc1337=1", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ TW "fin-ack/seq-equal/ts-equal", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "established/syn/seq-above/ts-above", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "close-wait/syn/seq-above/ts-above", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "last-ack/syn/seq-above/ts-above", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
};

START_TEST(folk_row)
{
	check_row(BOOK_FOLK, "6.18.44", &folk_rows[_i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, linux_row, 0, ROWS(linux_rows));
	tcase_add_test(tcase, isn_kept);
	tcase_add_loop_test(tcase, rfc_row, 0, ROWS(rfc_rows));
	tcase_add_loop_test(tcase, folk_row, 0, ROWS(folk_rows));
	return run_suite("oracle_timewait", tcase, NULL);
}
