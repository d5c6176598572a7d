/* test_oracle_linux.c - the linux book on all states but TIME_WAIT, row by row against the kernel's conditions. */
#include <stdlib.h>

#include "tests/unit/oracle_table.h"

static const char *const releases[] = { "5.10.223", "6.1.192", "6.12.107", "6.18.44", "7.2.13", "7.3.4", "unknown" };

/* What all kernels from 5.10 to 7.3 do alike. */
static const struct oracle_row rows[] = {
	/* tcp_rcv_state_process(), TCP_LISTEN: "if (th->ack) return 1" before "if (th->rst) goto discard"; then
	 * "if (th->syn) { if (th->fin) goto discard; ... conn_request()". A reset is never reset. */
	{ "listen/syn/seq-equal/ts-equal", ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV },
	{ "listen/syn/seq-2^31+1/ts-absent", ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV },
	{ "listen/syn/seq+wnd/ts-below/ipv6", ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV },
	{ "listen/syn-ack/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_LISTEN },
	{ "listen/ack/seq-equal/ts-absent", ANSWER_RST, ISN_NONE, STATE_LISTEN },
	{ "listen/data/seq-above/ts-below", ANSWER_RST, ISN_NONE, STATE_LISTEN },
	{ "listen/fin-ack/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_LISTEN },
	{ "listen/rst-ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "listen/rst/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "listen/syn-rst/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "listen/syn-fin/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "listen/fin/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "listen/null/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },

	/* tcp_check_req(): seq == rcv_isn && flg == TCP_FLAG_SYN && !paws_reject; flg has no FIN in it */
	{ "syn-recv/syn/seq-1/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/syn/seq-1/ts-absent", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/syn-fin/seq-1/ts-above", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	/* ... ack_seq != snt_isn + 1: return sk, the listener, which resets what has ACK */
	{ "syn-recv/ack/seq-equal/ts-equal/ack+1", ANSWER_RST, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/data/seq-below/ts-below/ack-1", ANSWER_RST, ISN_NONE, STATE_SYN_RECV },
	/* ... paws_reject: tcp_paws_reject() has no tolerance; not RST: send_ack() */
	{ "syn-recv/syn/seq-1/ts-1", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/ack/seq-equal/ts-1", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/null/seq-equal/ts-zero", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/rst/seq-equal/ts-below", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV },
	/* ... req->ts_recent is 0 when the SYN had no timestamp, and tcp_paws_check() passes "!rx_opt->ts_recent" */
	{ "syn-recv/ack/seq-equal/ts-below/conn-ts-off", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	/* ... !tcp_in_window(): end_seq must be after rcv_nxt and seq before the edge, or seq == end_seq == edge */
	{ "syn-recv/syn/seq-below/ts-above", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/syn-ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/fin/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/data/seq+wnd/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/ack/seq+wnd+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/rst/seq-1/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/rst/seq+2^30/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/syn-rst/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV },
	/* ... flg & (RST | SYN): embryonic_reset, which answers only what is not an RST */
	{ "syn-recv/rst/seq-equal/ts-above", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/rst-ack/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/syn-rst/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/syn/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/syn/seq+wnd-1/ts-absent", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/syn-ack/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "syn-recv/syn-fin/seq+1/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	/* ... !(flg & TCP_FLAG_ACK): return NULL */
	{ "syn-recv/fin/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/null/seq+wnd/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV },
	/* ... the child: tcp_rcv_state_process(), TCP_SYN_RECV -> TCP_ESTABLISHED, then tcp_data_queue() */
	{ "syn-recv/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/ack/seq+wnd/ts-above", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/data/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/data/seq-9/ts-absent", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/data/seq-10/ts-absent", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/data/seq+wnd-1/ts-above", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "syn-recv/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "syn-recv/fin-ack/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	/* ... estab = 0 asks tcp_timestamps, the child with estab = 1 asks tstamp_ok, and lets TCP_PAWS_WINDOW pass */
	{ "syn-recv/ack/seq-equal/ts-below/tcp_timestamps=0@probe", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "syn-recv/ack/seq-equal/ts-1/tcp_timestamps=0@probe", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },

	/* !th->ack && !th->rst && !th->syn -> discard, before anything else */
	{ "established/null/seq-below/ts-below", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/fin/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "last-ack/fin/seq+wnd+1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LAST_ACK },
	/* tcp_validate_incoming(), PAWS: TCP_PAWS_WINDOW is 1 */
	{ "established/data/seq-equal/ts-below", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq-equal/ts-below", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq-equal/ts-1", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq-equal/ts-below/conn-ts-off", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq-equal/ts-below/tcp_timestamps=0@probe", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "fin-wait-1/data/seq-equal/ts-below", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_1 },
	{ "last-ack/ack/seq-equal/ts-zero", ANSWER_ACK, ISN_NONE, STATE_LAST_ACK },
	/* ... tcp_disordered_ack(): duplicate, no window update, within the replay window. Past our FIN the sequence
	 * number is after snd_wl1. */
	{ "established/ack/seq-equal/ts-200", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	/* tcp_may_update_window(): nwin > tp->snd_wnd, which is 65535 << 7 since the handshake's last ACK */
	{ "established/ack/seq-equal/ts-200/win=1", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq-equal/ts-200/win=65535", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	/* ... and the window of what passes PAWS decides nothing */
	{ "established/ack/seq-equal/ts-equal/win=0", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-equal/win=0", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "close-wait/ack/seq-equal/ts-200", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "established/ack/seq+1/ts-200", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "fin-wait-1/ack/seq-equal/ts-200", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_1 },
	/* ... "Reset is accepted even if it did not pass PAWS" */
	{ "established/rst/seq-equal/ts-below", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	/* ... step 1, tcp_sequence(): end_seq before rcv_wup, seq after the right edge */
	{ "established/ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq-below/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq+wnd/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq+wnd+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq+2^31-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq-2^31+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "close-wait/data/seq+wnd+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "established/rst/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/rst/seq+wnd+1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	/* ... tcp_reset_check(): rcv_nxt - 1 in CLOSE_WAIT, LAST_ACK and CLOSING alone */
	{ "close-wait/rst/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "last-ack/rst-ack/seq-1/ts-below", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "closing/syn-rst/seq-1/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-1/rst/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_1 },
	{ "established/syn-rst/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	/* ... step 2: rcv_nxt exactly, else a challenge ACK up to and with the edge */
	{ "established/rst/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-2-half/rst-ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "established/rst/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "closing/rst/seq+wnd/ts-equal", ANSWER_ACK, ISN_NONE, STATE_CLOSING },
	/* ... step 4, and PAWS and step 1 for a SYN: an ACK every time */
	{ "established/syn/seq-below/ts-above", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/syn/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "close-wait/syn/seq+2^30/ts-below", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "fin-wait-2-half/syn-ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2_HALF },
	{ "last-ack/syn-fin/seq+wnd/ts-absent", ANSWER_ACK, ISN_NONE, STATE_LAST_ACK },
	/* tcp_ack(): below snd_una by more than bytes_acked; and above snd_nxt outside ESTABLISHED */
	{ "established/ack/seq-equal/ts-equal/ack-1", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-equal/ack-2^30", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "close-wait/ack/seq-equal/ts-equal/ack+1", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "fin-wait-1/ack/seq-equal/ts-equal/ack-2", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_1 },
	{ "fin-wait-2-half/ack/seq-equal/ts-equal/ack-2", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2_HALF },

	/* ESTABLISHED, tcp_data_queue() */
	{ "established/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/ack/seq-above/ts-above", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-absent", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/data/seq+wnd/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	/* tcp_paws_discard(): TCP_PAWS_WINDOW lets a TSval pass that is one too old */
	{ "established/fin-ack/seq-equal/ts-1", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "established/fin-ack/seq-equal/ts-2", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/fin-ack/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },
	{ "established/fin-ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED },

	/* TCP_FIN_WAIT1: the ACK covers the FIN; data, or a FIN behind a gap: TCPAbortOnData */
	{ "fin-wait-1/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-1/ack/seq+wnd/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-1/data/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-1/data/seq-9/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-1/data/seq-10/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-1/data/seq+wnd/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-1/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ "fin-wait-1/fin-ack/seq+1/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-1/fin-ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2 },
	/* ... the ACK is the one before: RCV_SHUTDOWN resets data as well, and a FIN crosses */
	{ "fin-wait-1/ack/seq-equal/ts-equal/ack-1", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_1 },
	{ "fin-wait-1/fin-ack/seq-equal/ts-equal/ack-1", ANSWER_ACK, ISN_NONE, STATE_CLOSING },
	{ "fin-wait-1/data/seq-equal/ts-equal/ack-1", ANSWER_RST, ISN_NONE, STATE_CLOSED },

	/* TCP_FIN_WAIT2 without RCV_SHUTDOWN: data is taken; tcp_fin() makes TIME_WAIT */
	{ "fin-wait-2-half/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2_HALF },
	{ "fin-wait-2-half/data/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2_HALF },
	{ "fin-wait-2-half/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ "fin-wait-2-half/fin-ack/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2_HALF },

	/* the small socket of FIN_WAIT_2, tcp_timewait_state_process(): paws_reject || !tcp_in_window() -> TCP_TW_ACK,
	 * and th->rst comes after that */
	{ "fin-wait-2/ack/seq-equal/ts-1", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-2/rst/seq-equal/ts-1", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-2/rst/seq-1/ts-absent", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-2/syn/seq-1/ts-above", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-2/data/seq+wnd/ts-equal", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2 },
	/* ... th->rst: kill, wherever in the window, and with tcp_rfc1337 too */
	{ "fin-wait-2/rst/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-2/rst/seq+wnd/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-2/rst/seq-equal/ts-absent/tcp_rfc1337=1", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	/* ... th->syn && !before(seq, rcv_nxt): TCP_TW_RST */
	{ "fin-wait-2/syn/seq-equal/ts-above", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-2/syn-ack/seq+wnd-1/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	/* ... "Dup ACK?" */
	{ "fin-wait-2/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-2/ack/seq+wnd/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2 },
	{ "fin-wait-2/fin/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2 },
	/* ... !th->fin || end_seq != rcv_nxt + 1: TCP_TW_RST; else TIME_WAIT */
	{ "fin-wait-2/data/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-2/data/seq-9/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-2/fin-ack/seq+1/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-2/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },

	/* TCP_CLOSE_WAIT, step 7: !before(seq, rcv_nxt) -> break, nothing queued; else RCV_SHUTDOWN */
	{ "close-wait/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSE_WAIT },
	{ "close-wait/data/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSE_WAIT },
	{ "close-wait/data/seq-9/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "close-wait/data/seq-10/ts-equal", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },
	{ "close-wait/fin-ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSE_WAIT },
	{ "close-wait/fin-ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT },

	/* TCP_CLOSING, TCP_LAST_ACK: snd_una == write_seq ends it, whatever else is in the segment */
	{ "closing/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ "closing/data/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ "closing/fin-ack/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ "closing/ack/seq-equal/ts-equal/ack-1", ANSWER_SILENCE, ISN_NONE, STATE_CLOSING },
	{ "closing/fin-ack/seq-1/ts-equal/ack-1", ANSWER_ACK, ISN_NONE, STATE_CLOSING },
	{ "last-ack/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "last-ack/data/seq+wnd/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "last-ack/data/seq-9/ts-equal/ack-1", ANSWER_RST, ISN_NONE, STATE_CLOSED },
};

START_TEST(all_kernels)
{
	for (size_t i = 0; i < ROWS(releases); i++)
		check_row(BOOK_LINUX, releases[i], &rows[_i]);
}
END_TEST

/* Where they differ: the last release before a change and the first with it. */
static const struct {
	const char *cell;
	const char *old_release, *new_release;
	enum answer old_answer, new_answer;
	enum state old_after, new_after;
} changes[] = {
	/* tcp: add TCP_RFC7323_PAWS_ACK drop reason (6.14) */
	{ "established/ack/seq-1/ts-below", "6.13.12", "6.14.0", ANSWER_ACK, ANSWER_SILENCE, STATE_ESTABLISHED,
	  STATE_ESTABLISHED },
	{ "last-ack/ack/seq-below/ts-zero", "6.12.107", "6.18.44", ANSWER_ACK, ANSWER_SILENCE, STATE_LAST_ACK,
	  STATE_LAST_ACK },
	/* tcp: do not accept packets beyond window (6.17): our FIN waits unread in CLOSE_WAIT and CLOSING alone */
	{ "close-wait/data/seq+wnd-1/ts-equal", "6.16.12", "6.17.0", ANSWER_SILENCE, ANSWER_ACK, STATE_CLOSE_WAIT,
	  STATE_CLOSE_WAIT },
	{ "close-wait/data/seq+wnd/ts-equal", "6.12.107", "7.3.4", ANSWER_SILENCE, ANSWER_ACK, STATE_CLOSE_WAIT,
	  STATE_CLOSE_WAIT },
	{ "closing/data/seq+wnd-1/ts-equal", "6.16.12", "6.17.0", ANSWER_SILENCE, ANSWER_ACK, STATE_TIME_WAIT,
	  STATE_CLOSING },
	/* tcp: re-enable acceptance of FIN packets when RWIN is 0 (7.0, 6.19.6, 6.18.16) */
	{ "close-wait/fin-ack/seq+wnd/ts-equal", "6.16.12", "6.17.0", ANSWER_SILENCE, ANSWER_ACK, STATE_CLOSE_WAIT,
	  STATE_CLOSE_WAIT },
	{ "close-wait/fin-ack/seq+wnd/ts-equal", "6.18.15", "6.18.16", ANSWER_ACK, ANSWER_SILENCE, STATE_CLOSE_WAIT,
	  STATE_CLOSE_WAIT },
	{ "closing/fin-ack/seq+wnd/ts-equal", "6.17.13", "7.0.0", ANSWER_ACK, ANSWER_SILENCE, STATE_CLOSING,
	  STATE_TIME_WAIT },
	/* tcp: challenge ACK for non-exact RST in SYN-RECEIVED (7.2, 7.1.6, 6.18.42, 6.12.105, 6.6.153, 6.1.191) */
	{ "syn-recv/rst/seq+1/ts-equal", "5.10.223", "7.2.0", ANSWER_SILENCE, ANSWER_ACK, STATE_CLOSED,
	  STATE_SYN_RECV },
	{ "syn-recv/rst-ack/seq+wnd/ts-absent", "6.12.104", "6.12.105", ANSWER_SILENCE, ANSWER_ACK, STATE_CLOSED,
	  STATE_SYN_RECV },
	{ "syn-recv/rst/seq+1/ts-equal", "6.1.190", "6.1.191", ANSWER_SILENCE, ANSWER_ACK, STATE_CLOSED,
	  STATE_SYN_RECV },
	{ "syn-recv/rst/seq+1/ts-equal", "6.6.152", "6.6.153", ANSWER_SILENCE, ANSWER_ACK, STATE_CLOSED,
	  STATE_SYN_RECV },
	{ "syn-recv/rst/seq+1/ts-equal", "6.18.41", "6.18.42", ANSWER_SILENCE, ANSWER_ACK, STATE_CLOSED,
	  STATE_SYN_RECV },
	/* ... which also lets an RST pass whose ACK is wrong */
	{ "syn-recv/rst-ack/seq-equal/ts-equal/ack+1", "7.1.5", "7.1.6", ANSWER_SILENCE, ANSWER_SILENCE,
	  STATE_SYN_RECV, STATE_CLOSED },
	/* tcp: send a challenge ACK on SEG.ACK > SND.NXT (7.1, 6.18.33): before, ESTABLISHED was silent */
	{ "established/ack/seq-equal/ts-equal/ack+1", "6.12.107", "7.1.0", ANSWER_SILENCE, ANSWER_ACK,
	  STATE_ESTABLISHED, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-equal/ack+1", "6.18.32", "6.18.33", ANSWER_SILENCE, ANSWER_ACK,
	  STATE_ESTABLISHED, STATE_ESTABLISHED },
	{ "established/ack/seq-equal/ts-equal/ack+1", "7.0.9", "7.0.10", ANSWER_SILENCE, ANSWER_ACK,
	  STATE_ESTABLISHED, STATE_ESTABLISHED },
	/* net: tcp: accept old ack during closing (6.9, 6.1.167) */
	{ "fin-wait-2-half/data/seq-equal/ts-equal/ack-1", "5.10.223", "6.1.167", ANSWER_ACK, ANSWER_ACK,
	  STATE_FIN_WAIT_2_HALF, STATE_FIN_WAIT_2_HALF },
	{ "fin-wait-2-half/ack/seq-equal/ts-equal/ack-1", "6.1.166", "6.1.167", ANSWER_ACK, ANSWER_SILENCE,
	  STATE_FIN_WAIT_2_HALF, STATE_FIN_WAIT_2_HALF },
	{ "fin-wait-2-half/ack/seq-equal/ts-equal/ack-1", "6.8.12", "6.9.0", ANSWER_ACK, ANSWER_SILENCE,
	  STATE_FIN_WAIT_2_HALF, STATE_FIN_WAIT_2_HALF },
	/* tcp: do not accept ACK of bytes we never sent (6.7, 6.1.68, 5.10.204) */
	{ "established/ack/seq-equal/ts-equal/ack-1000", "5.10.203", "5.10.204", ANSWER_SILENCE, ANSWER_ACK,
	  STATE_ESTABLISHED, STATE_ESTABLISHED },
	/* ... down to tp->max_window, which is the 65535 << 7 of our last ACK of the handshake */
	{ "established/ack/seq-equal/ts-equal/ack-8388480", "5.10.203", "5.10.204", ANSWER_SILENCE, ANSWER_ACK,
	  STATE_ESTABLISHED, STATE_ESTABLISHED },
	{ "established/ack/seq-equal/ts-equal/ack-8388481", "5.10.203", "5.10.204", ANSWER_ACK, ANSWER_ACK,
	  STATE_ESTABLISHED, STATE_ESTABLISHED },
	/* ... counted from below snd_una only: what lies almost half the circle above is what was never sent */
	{ "established/data/seq-equal/ts-equal/ack+2^31-1", "5.10.203", "5.10.204", ANSWER_SILENCE, ANSWER_SILENCE,
	  STATE_ESTABLISHED, STATE_ESTABLISHED },
	/* net: tcp: allow zero-window ACK update the window (6.6): "nwin > tp->snd_wnd || !nwin" */
	{ "established/ack/seq-equal/ts-200/win=0", "6.5.13", "6.6.0", ANSWER_SILENCE, ANSWER_ACK, STATE_ESTABLISHED,
	  STATE_ESTABLISHED },
	{ "fin-wait-2-half/ack/seq-equal/ts-2/win=0", "6.1.192", "6.12.107", ANSWER_SILENCE, ANSWER_ACK,
	  STATE_FIN_WAIT_2_HALF, STATE_FIN_WAIT_2_HALF },
	/* tcp_tsval_replay() (6.7): 1200 ticks a second instead of 1024, over an RTO of 200 ms */
	{ "established/ack/seq-equal/ts-220", "6.6.60", "6.7.0", ANSWER_ACK, ANSWER_SILENCE, STATE_ESTABLISHED,
	  STATE_ESTABLISHED },
};

START_TEST(change)
{
	struct oracle_row before = { changes[_i].cell, changes[_i].old_answer, ISN_NONE, changes[_i].old_after };
	struct oracle_row after = { changes[_i].cell, changes[_i].new_answer, ISN_NONE, changes[_i].new_after };

	check_row(BOOK_LINUX, changes[_i].old_release, &before);
	check_row(BOOK_LINUX, changes[_i].new_release, &after);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, all_kernels, 0, ROWS(rows));
	tcase_add_loop_test(tcase, change, 0, ROWS(changes));
	return run_suite("oracle_linux", tcase, NULL);
}
