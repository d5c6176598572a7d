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

#define MD5 "131200000000000000000000000000000000"
#define SHORT_MD5 "131100000000000000000000000000000000"
/* A length of 0 at the first byte of the options, with 4, 16 and 20 bytes. */
#define BAD_4 "ff00ffff"
#define BAD_16 BAD_4 BAD_4 BAD_4 BAD_4
#define BAD_20 BAD_16 BAD_4

/* Whose kernel: its CONFIG_TCP_MD5SIG and CONFIG_TCP_AO. */
static const struct {
	const char *cell, *release;
	bool md5, ao;
	enum answer answer;
	enum state after;
} options[] = {
	/* tcp_parse_options(): unknown kinds are passed over; `opsize < 2`, `opsize > length`, TCPOPT_EOL: return, and what was
	 * read before counts */
	{ "established/fin-ack/seq-equal/ts-equal/opt=fd02", "6.12.117", true, true, ANSWER_ACK, STATE_CLOSE_WAIT },
	{ "established/fin-ack/seq-equal/ts-below/opt=fd01", "6.1.192", true, false, ANSWER_ACK, STATE_ESTABLISHED },
	{ "listen/syn/seq-equal/ts-equal/opt=02040000", "6.12.117", true, true, ANSWER_SYN_ACK, STATE_SYN_RECV },
	{ "listen/syn/seq-equal/ts-equal/opt=220a0102030405060708", "7.3.4", true, true, ANSWER_SYN_ACK, STATE_SYN_RECV },
	/* ... the last of several timestamps counts, with the right length alone */
	{ "established/fin-ack/seq-equal/ts-equal/conn-tsval=1000/opt=080a000003e700000000", "7.3.4", true, true, ANSWER_ACK,
	  STATE_CLOSE_WAIT },
	{ "established/fin-ack/seq-equal/ts-equal/conn-tsval=1000/opt=080a000003e600000000", "7.3.4", true, true, ANSWER_ACK,
	  STATE_ESTABLISHED },
	{ "established/fin-ack/seq-equal/ts-below/conn-tsval=1000/opt=080a000003e800000000", "7.3.4", true, true, ANSWER_ACK,
	  STATE_CLOSE_WAIT },
	{ "established/fin-ack/seq-equal/ts-equal/conn-tsval=1000/opt=0809000003e6000000", "7.3.4", true, true, ANSWER_ACK,
	  STATE_CLOSE_WAIT },
	{ "established/fin-ack/seq-equal/ts-equal/conn-tsval=1000/opt=00080a000003e600000000", "7.3.4", true, true, ANSWER_ACK,
	  STATE_CLOSE_WAIT },

	/* tcp_inbound_md5_hash(): no key -> TCPMD5Unexpected, in every kernel that has CONFIG_TCP_MD5SIG */
	{ "listen/syn/seq-equal/ts-equal/opt=" MD5, "5.10.223", true, false, ANSWER_SILENCE, STATE_LISTEN },
	{ "listen/ack/seq-equal/ts-equal/opt=" MD5, "7.3.4", true, true, ANSWER_SILENCE, STATE_LISTEN },
	{ "syn-recv/ack/seq-equal/ts-equal/opt=" MD5, "6.1.192", true, false, ANSWER_SILENCE, STATE_SYN_RECV },
	{ "established/rst/seq-equal/ts-equal/opt=" MD5, "6.12.117", true, true, ANSWER_SILENCE, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-equal/opt=" MD5, "6.12.117", false, false, ANSWER_ACK, STATE_ESTABLISHED },
	/* ... not by small sockets; but the listener asks for it, and so does tcp_v4_send_reset() */
	{ "time-wait/ack/seq+1/ts-equal/opt=" MD5, "7.3.4", true, true, ANSWER_ACK, STATE_TIME_WAIT },
	{ "time-wait/rst/seq-equal/ts-equal/opt=" MD5, "7.3.4", true, true, ANSWER_SILENCE, STATE_CLOSED },
	{ "time-wait/syn/seq-above/ts-above/opt=" MD5, "5.10.223", true, false, ANSWER_SILENCE, STATE_CLOSED },
	{ "fin-wait-2/data/seq-equal/ts-equal/opt=" MD5, "6.1.192", true, false, ANSWER_SILENCE, STATE_CLOSED },
	{ "fin-wait-2/fin-ack/seq-equal/ts-equal/opt=" MD5, "6.1.192", true, false, ANSWER_ACK, STATE_TIME_WAIT },
	/* tcp_parse_md5sig_option(): another length is no signature; tcp_do_parse_auth_options(): -EINVAL (6.7) */
	{ "established/data/seq-equal/ts-absent/opt=" SHORT_MD5, "6.6.60", true, false, ANSWER_ACK, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-absent/opt=" SHORT_MD5, "6.7.0", true, false, ANSWER_SILENCE, STATE_ESTABLISHED },

	/* tcp_do_parse_auth_options(): opsize < 2 -> -EINVAL, while minlen is left: 18, with CONFIG_TCP_AO 5 */
	{ "established/data/seq-equal/ts-absent/opt=" BAD_20, "6.6.60", true, false, ANSWER_ACK, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-absent/opt=" BAD_20, "6.7.0", true, false, ANSWER_SILENCE, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-absent/opt=" BAD_20, "6.7.0", false, false, ANSWER_ACK, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-absent/opt=" BAD_16, "6.12.117", true, false, ANSWER_ACK, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-absent/opt=" BAD_16, "6.12.117", true, true, ANSWER_SILENCE, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-absent/opt=" BAD_16, "6.12.117", false, true, ANSWER_SILENCE, STATE_ESTABLISHED },
	{ "established/data/seq-equal/ts-absent/opt=" BAD_4, "6.12.117", true, true, ANSWER_ACK, STATE_ESTABLISHED },
	{ "listen/syn/seq-equal/ts-absent/opt=" BAD_16, "7.3.4", true, true, ANSWER_SILENCE, STATE_LISTEN },
	{ "time-wait/syn/seq-above/ts-absent/opt=" BAD_20, "7.3.4", true, false, ANSWER_SILENCE, STATE_CLOSED },
	{ "time-wait/ack/seq+1/ts-absent/opt=" BAD_20, "7.3.4", true, false, ANSWER_ACK, STATE_TIME_WAIT },
	{ "fin-wait-2/syn/seq-equal/ts-absent/opt=" BAD_20, "7.3.4", true, false, ANSWER_SILENCE, STATE_CLOSED },
	/* TCP-AO is not described */
	{ "established/data/seq-equal/ts-equal/opt=1d10000000000000000000000000000000", "7.3.4", true, true, ANSWER_OPEN,
	  STATE_UNKNOWN },

	/* tcp_checksum_complete() -> csum_error */
	{ "listen/syn/seq-equal/ts-equal/bad-checksum", "7.3.4", true, true, ANSWER_SILENCE, STATE_LISTEN },
	{ "syn-recv/ack/seq-equal/ts-equal/bad-checksum", "7.3.4", true, true, ANSWER_SILENCE, STATE_SYN_RECV },
	{ "established/rst/seq-equal/ts-equal/bad-checksum", "5.10.223", true, true, ANSWER_SILENCE, STATE_ESTABLISHED },
	{ "time-wait/syn/seq-above/ts-above/bad-checksum", "6.1.192", true, true, ANSWER_SILENCE, STATE_TIME_WAIT },
	{ "fin-wait-2/fin-ack/seq-equal/ts-above/bad-checksum", "6.1.192", true, true, ANSWER_SILENCE, STATE_FIN_WAIT_2 },
};

START_TEST(options_and_checksums)
{
	struct kernel kernel = kernel_of(options[_i].release);
	struct cell cell = named_cell(options[_i].cell);
	struct expectation said;

	kernel.md5 = options[_i].md5;
	kernel.ao = options[_i].ao;
	cell_ask(BOOK_LINUX, &cell, &kernel, &said);
	ck_assert_msg(said.answer == options[_i].answer && said.after == options[_i].after, "%s, kernel %s: says %s/%s (%s)",
		      options[_i].cell, options[_i].release, oracle_answer_name(said.answer), state_text(said.after),
		      said.citation);
}
END_TEST

/* Where the kernel's configuration is not known, both answers are there, and only for segments that it matters to. */
START_TEST(an_unknown_configuration)
{
	struct kernel kernel = kernel_of("7.3.4");
	struct cell with = named_cell("established/data/seq-equal/ts-equal/opt=" MD5);
	struct cell without = named_cell("established/data/seq-equal/ts-equal/opt=fd02");
	struct alternatives alternatives;

	kernel.md5 = kernel.unsettled = true;
	cell_ask_all(BOOK_LINUX, &with, &kernel, NULL, &alternatives);
	ck_assert_uint_eq(alternatives.count, 2);
	ck_assert_int_eq(alternatives.list[0].expectation.answer, ANSWER_SILENCE);
	ck_assert_int_eq(alternatives.list[1].expectation.answer, ANSWER_ACK);
	ck_assert_str_eq(oracle_doubt_text(alternatives.list[1].doubts, alternatives.list[1].facts),
			 "if its kernel has no MD5 signatures");
	cell_ask_all(BOOK_LINUX, &without, &kernel, NULL, &alternatives);
	ck_assert_uint_eq(alternatives.count, 1);
}
END_TEST

/* tcp_sequence(), tcp_check_req() and tcp_timewait_state_process() go by the window that was offered, whatever it was: a server
 * with a small buffer offers less than the lab's. */
static const struct {
	const char *cell;
	uint32_t rcv_wnd;
	enum answer answer;
} windows[] = {
	{ "close-wait/FRPE/seq+50552/ts-equal", 65535, ANSWER_ACK },
	{ "close-wait/FRPE/seq+50552/ts-equal", 15928, ANSWER_SILENCE },
	{ "fin-wait-2/FP/seq+43982/ts-above", 65535, ANSWER_SILENCE },
	{ "fin-wait-2/FP/seq+43982/ts-above", 15928, ANSWER_ACK },
	{ "syn-recv/null/seq+20194/ts-equal/payload=256", 65535, ANSWER_SILENCE },
	{ "syn-recv/null/seq+20194/ts-equal/payload=256", 15928, ANSWER_ACK },
	{ "established/rst/seq+70000/ts-equal", 65535, ANSWER_SILENCE },
	{ "established/rst/seq+70000/ts-equal", 80000, ANSWER_ACK },
	{ "established/rst/seq+wnd-1/ts-equal", 15928, ANSWER_ACK },
	{ "established/rst/seq+wnd+1/ts-equal", 15928, ANSWER_SILENCE },
};

START_TEST(the_window_that_was_offered)
{
	struct kernel kernel = kernel_of("7.3.4");
	struct cell cell = named_cell(windows[_i].cell);
	struct cell_question question;
	struct expectation said;

	cell_to_question(&cell, &kernel, NULL, &question);
	cell_question_offers(&question, &cell, &kernel, &(struct baseline){ .rcv_wnd = windows[_i].rcv_wnd });
	oracle_ask(BOOK_LINUX, &question.subject, &question.segment, &question.surroundings, &kernel, &said);
	ck_assert_msg(said.answer == windows[_i].answer, "%s, window %u: says %s (%s)", windows[_i].cell,
		      windows[_i].rcv_wnd, oracle_answer_name(said.answer), said.citation);
}
END_TEST

static const struct oracle_row rfc_rows[] = {
	/* RFC 9293 3.1, MUST-3, MUST-6, MUST-7 */
	{ "established/data/seq-equal/ts-equal/bad-checksum", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "listen/syn/seq-equal/ts-equal/opt=fd02", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	{ "listen/syn/seq-equal/ts-equal/opt=fd01", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "listen/syn/seq-equal/ts-equal/opt=" MD5, ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	/* 3.10.7.1; 3.10.7.2, first and second: with and without "a suggested procedure is to reset the connection" */
	{ "closed/data/seq-equal/ts-equal/opt=fd01", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "closed/rst/seq-equal/ts-equal/opt=fd01", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "closed/syn/seq-equal/ts-equal/opt=020300", ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "listen/ack/seq-equal/ts-equal/opt=fd01", ANSWER_RST, ISN_NONE, STATE_LISTEN },
	{ "listen/rst/seq-equal/ts-equal/opt=fd01", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "listen/null/seq-equal/ts-equal/opt=fd01", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	/* An RST causes no RST, so it is silent whatever becomes of the connection; one in the window may be challenged. */
	{ "established/rst/seq-equal/ts-equal/opt=fd01", ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN },
	{ "established/rst/seq-1/ts-equal/opt=fd01", ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN },
	{ "established/rst/seq+1/ts-equal/opt=fd01", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	/* RFC 2385 2.0: what is refused gets no answer. What is ignored (MUST-6) gets that of the rest. */
	{ "closed/rst/seq-equal/ts-equal/opt=" MD5, ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "closed/data/seq-equal/ts-equal/opt=" MD5, ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "established/ack/seq-equal/ts-equal/opt=" MD5, ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED },
	{ "established/rst/seq-equal/ts-equal/opt=" MD5, ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN },
	{ "established/data/seq-equal/ts-equal/opt=" MD5, ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	/* The same of a TTL below what the process asks for (RFC 5082 3). */
	{ "listen/syn/seq-equal/ts-equal/min-ttl=64/ttl=63", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN },
	{ "listen/rst/seq-equal/ts-equal/min-ttl=64/ttl=63", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN },
	{ "established/rst/seq-equal/ts-equal/min-ttl=64/ttl=63", ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN },

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
	tcase_add_loop_test(tcase, options_and_checksums, 0, ROWS(options));
	tcase_add_test(tcase, an_unknown_configuration);
	tcase_add_loop_test(tcase, the_window_that_was_offered, 0, ROWS(windows));
	tcase_add_loop_test(tcase, rfc, 0, ROWS(rfc_rows));
	return run_suite("oracle_axes", tcase, NULL);
}
