/* test_oracle_rfc.c - the rfc book on all states but TIME-WAIT, row by row against the sentences of the RFCs. */
#include <stdlib.h>

#include "tests/unit/oracle_table.h"

static const struct oracle_row rows[] = {
	/* RFC 9293 3.10.7.2: first RST, second ACK, third SYN, fourth anything else */
	{ "listen/rst/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "listen/rst-ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "listen/syn-rst/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "listen/ack/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_LISTEN },
	{ "listen/syn-ack/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_LISTEN },
	{ "listen/syn/seq-below/ts-absent", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "listen/syn-fin/seq-equal/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_UNKNOWN },
	{ "listen/null/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	/* RFC 3168 6.1.1, RFC 7413 4.1.2: the answer is the same */
	{ "listen/SEC/seq-equal/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "listen/SE/seq-equal/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "listen/syn/seq-equal/ts-equal/payload=10/opt=220a0102030405060708", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },

	/* 3.10.7.3, fourth: the FIN of a SYN-ACK counts (eighth); that of a SYN waits */
	{ "syn-sent/syn-ack/seq-equal/ts-equal/ack+1", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-sent/FSA/seq-equal/ts-equal/ack+1", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "syn-sent/syn-fin/seq-equal/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },

	/* No RFC says what a listener does that has no room. */
	{ "listen/syn/seq-equal/ts-equal/queue-accept-full", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "listen/syn/seq-equal/ts-equal/queue-syn-full", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "listen/ack/seq-equal/ts-equal/queue-syn-full", ANSWER_RST, ISN_NONE, STATE_LISTEN },
	{ "time-wait/syn/seq-above/ts-above/queue-accept-full", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "time-wait/syn/seq-below/ts-below/queue-accept-full", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ "syn-recv/ack/seq-equal/ts-equal/queue-accept-full", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "syn-recv/rst/seq-equal/ts-equal/queue-accept-full", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },

	/* 3.1, MUST-7: a length that is not the kind's; two timestamps, where they are compared */
	{ "established/data/seq-equal/ts-absent/opt=08060000000100000000", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "listen/syn/seq-equal/ts-equal/opt=020300", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "established/data/seq-equal/ts-equal/opt=0501", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "established/data/seq-equal/ts-equal/opt=050a0000000100000002", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-equal/opt=22030000", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-equal/opt=080a0000000100000000", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "established/rst/seq-equal/ts-equal/opt=080a0000000100000000", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "listen/syn/seq-equal/ts-equal/opt=080a0000000100000000", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },

	/* 3.10.7.4, first: "If an incoming segment is not acceptable, an acknowledgment should be sent in reply
	 * (unless the RST bit is set)"; a repeated SYN lies before the window */
	{ "syn-recv/syn/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/ack/seq+wnd/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "established/ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq-10/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "last-ack/ack/seq+wnd/ts-equal", ANSWER_ACK, ISN_NONE, STATE_LAST_ACK },
	/* second, RFC 5961 3.2: outside, exact, inside */
	{ "syn-recv/rst/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/rst/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/rst-ack/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "close-wait/rst/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSE_WAIT },
	{ "fin-wait-2/rst/seq+wnd-1/ts-absent", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-2/rst/seq+wnd/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2 },
	/* RFC 7323 5.3 R1 leaves RST alone */
	{ "established/rst/seq-equal/ts-below", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "established/ack/seq-equal/ts-1", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/null/seq-equal/ts-below", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "established/ack/seq-equal/ts-below/conn-ts-off", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	/* RFC 7323 3.2: no option SHOULD be dropped silently */
	{ "established/data/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/ack/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV },
	{ "established/data/seq-equal/ts-absent/conn-ts-off", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	/* fourth: SYN-RECEIVED after a passive OPEN returns to LISTEN; all others: RFC 5961 4.2 */
	{ "syn-recv/syn/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/syn/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/syn-ack/seq+1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/syn/seq-1/ts-equal/payload=1", ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN },
	{ "syn-recv/syn-ack/seq-1/ts-equal/payload=1", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "established/syn/seq+2^30/ts-absent", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "fin-wait-2/syn/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "last-ack/syn-fin/seq-below/ts-below", ANSWER_ACK, ISN_NONE, STATE_LAST_ACK },
	/* fifth: ACK off */
	{ "established/fin/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "closing/null/seq-above/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSING },
	/* fifth: SYN-RECEIVED, good and bad */
	{ "syn-recv/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/ack/seq-equal/ts-equal/ack+1", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "syn-recv/ack/seq-equal/ts-equal/ack-1", ANSWER_RST, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/ack/seq-equal/ts-equal/ack-2^30", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	/* fourth, against figure 7: the SYN-ACK of a simultaneous opening */
	{ "syn-recv/syn-ack/seq-1/ts-equal/opening-simultaneous", ANSWER_ACK, ISN_NONE, STATE_UNKNOWN },
	{ "syn-recv/syn-ack/seq-1/ts-equal/opening-simultaneous/ack-1", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/syn-ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/data/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "syn-recv/ack/seq-above/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN },
	/* fifth: SEG.ACK > SND.NXT; too old, MAY-12 */
	{ "established/ack/seq-equal/ts-equal/ack+1", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq-equal/ts-equal/ack-1", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq-equal/ts-equal/ack-2^30", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "fin-wait-1/ack/seq-equal/ts-equal/ack-8388481", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_1 },
	{ "fin-wait-1/ack/seq-equal/ts-equal/ack-8388482", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "last-ack/ack/seq-equal/ts-equal/ack+1", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	/* With the check an ACK, without it one for the text or the FIN. */
	{ "established/data/seq-equal/ts-equal/ack-2^30", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq+1/ts-equal/ack-2^30", ANSWER_ACK, ISN_NONE, STATE_UNKNOWN },
	{ "established/fin-ack/seq-equal/ts-equal/ack-2^30", ANSWER_ACK, ISN_NONE, STATE_UNKNOWN },
	{ "close-wait/fin-ack/seq-equal/ts-equal/ack-2^30", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "close-wait/data/seq-equal/ts-equal/ack-2^30", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "closing/fin-ack/seq-equal/ts-equal/ack-2^30", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	/* fifth: FIN-WAIT-1, CLOSING, LAST-ACK when the FIN is acknowledged */
	{ "fin-wait-1/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-1/ack/seq-equal/ts-equal/ack-1", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_1 },
	{ "closing/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ "closing/fin-ack/seq-equal/ts-equal/ack-1", ANSWER_SILENCE, ISN_NONE, STATE_CLOSING },
	{ "last-ack/data/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	/* seventh: text; 3.6.1 MAY-1 and SHLD-3 after CLOSE */
	{ "established/data/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq+wnd-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_UNKNOWN },
	{ "fin-wait-1/data/seq-equal/ts-equal", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "fin-wait-2/data/seq-equal/ts-equal", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "fin-wait-2-half/data/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2_HALF },
	{ "fin-wait-1-half/data/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2_HALF },
	{ "fin-wait-1-half/data/seq-equal/ts-equal/ack-1", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_1_HALF },
	{ "close-wait/data/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSE_WAIT },
	/* eighth: FIN */
	{ "established/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "established/fin-ack/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_UNKNOWN },
	{ "fin-wait-1/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ "fin-wait-1/fin-ack/seq-equal/ts-equal/ack-1", ANSWER_ACK, ISN_NONE, STATE_CLOSING },
	{ "fin-wait-2/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ "close-wait/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "close-wait/fin-ack/seq+1/ts-equal", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "close-wait/fin-ack/seq-equal/ts-equal/payload=1", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "close-wait/fin-ack/seq-1/ts-equal/payload=1", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "closing/fin-ack/seq-1/ts-equal/payload=2", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "time-wait/fin-ack/seq-equal/ts-equal/payload=1", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "time-wait/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ "fin-wait-1/fin-ack/seq+1/ts-equal", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "fin-wait-1-half/fin-ack/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_UNKNOWN },
	{ "closing/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
};

START_TEST(row)
{
	/* The RFCs know no kernel versions. */
	check_row(BOOK_RFC, "5.10.223", &rows[_i]);
	check_row(BOOK_RFC, "7.3.4", &rows[_i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, row, 0, ROWS(rows));
	return run_suite("oracle_rfc", tcase, NULL);
}
