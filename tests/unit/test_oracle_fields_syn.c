/* test_oracle_fields_syn.c - what the linux book says of the SYN-ACKs of a listener: what the SYN offers, Fast Open, what
 * tcp_ecn makes of the flags; and its first window. */
#include <stdio.h>
#include <string.h>

#include "cases/books/oracle_fields.h"
#include "cases/matrix/cell_host.h"
#include "tests/unit/oracle_table.h"
#include "tests/unit/said_fields.h"

#include "tests/unit/suite.h"

#define OFFERED "options: mss nop nop sack-permitted nop wscale"
#define COUNTED "options: mss accecn1 nop nop nop sack-permitted nop wscale, accecn: EE1B 1, ECEB 0, EE0B 1"
#define CLOCK "tsval: ts_echo or a little later"

static const char *const releases[] = { "6.1.192", "6.12.118", "7.2.13", "7.3.4" };

/* The same in all releases. */
static const struct {
	const char *cell, *says;
	enum answer answer;
} rows[] = {
	/* tcp_conn_request() */
	{ "listen/syn/seq-equal/ts+4",
	  "flags: SA, ack: rcv_nxt+1, options: mss sack-permitted ts nop wscale, tsecr: ts_recent+4", ANSWER_SYN_ACK },
	{ "listen/syn/seq-equal/ts-absent",
	  "flags: SA, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/SEC/seq-equal/ts-absent",
	  "flags: SAE, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/syn/seq-equal/ts-absent/tcp_syncookies=2", "flags: SA, ack: rcv_nxt+1, options: mss", ANSWER_SYN_ACK },
	/* tcp_try_fastopen(): foc->len = -1 without TFO_SERVER_ENABLE; else a cookie of 8 bytes, tcp_options_write() */
	{ "listen/syn/seq-equal/ts-absent/opt=2202/tcp_fastopen=1",
	  "flags: SA, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/syn/seq-equal/ts-absent/payload=10/opt=2202/tcp_fastopen=3",
	  "flags: SA, ack: rcv_nxt+1, options: mss nop nop sack-permitted nop wscale fast-open nop nop", ANSWER_SYN_ACK },
	{ "listen/syn/seq-equal/ts-absent/opt=220a0102030405060708/tcp_fastopen=2",
	  "flags: SA, ack: rcv_nxt+1, options: mss nop nop sack-permitted nop wscale fast-open nop nop", ANSWER_SYN_ACK },
	{ "listen/syn/seq-equal/ts-absent/opt=fe04f989/tcp_fastopen=2",
	  "flags: SA, ack: rcv_nxt+1, options: mss nop nop sack-permitted nop wscale kind 254", ANSWER_SYN_ACK },
	/* tcp_parse_fastopen_option(): too short for a cookie; tcp_conn_request(): want_cookie */
	{ "listen/syn/seq-equal/ts-absent/opt=2204aabb/tcp_fastopen=2",
	  "flags: SA, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	/* tcp_fastopen_no_cookie(): data, or an option that could be a cookie; tcp_fastopen_add_skb() */
	{ "listen/syn/seq-equal/ts-absent/payload=10/tcp_fastopen=514",
	  "flags: SA, ack: rcv_nxt+11, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/syn/seq-equal/ts-absent/opt=2202/tcp_fastopen=514",
	  "flags: SA, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/syn/seq-equal/ts-absent/payload=10/tcp_fastopen=512",
	  "flags: SA, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/syn/seq-equal/ts-absent/payload=10/tcp_fastopen=514/tcp_syncookies=2",
	  "flags: SA, ack: rcv_nxt+1, options: mss", ANSWER_SYN_ACK },
	/* tcp_parse_options(): what is unknown, or has another length, is skipped; behind an impossible one nothing is read */
	{ "listen/syn/seq-equal/ts-absent/opt=fd02080a0000000100000000",
	  "flags: SA, ack: rcv_nxt+1, options: mss sack-permitted ts nop wscale, tsecr: ts_recent-2^30+1", ANSWER_SYN_ACK },
	{ "listen/syn/seq-equal/ts-absent/opt=0800080a0000000100000000",
	  "flags: SA, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/syn/seq-equal/ts-absent/opt=1e0c0001", "flags: SA, ack: rcv_nxt+1, " OFFERED,
	  ANSWER_SYN_ACK },
	{ "listen/syn/seq-equal/ts-absent/opt=2202/tcp_fastopen=2/tcp_syncookies=2", "flags: SA, ack: rcv_nxt+1, options: mss",
	  ANSWER_SYN_ACK },
	/* tcp_ecn_create_request(): INET_ECN_is_not_ect() */
	{ "listen/SEC/seq-equal/ts-absent/ecn-ce",
	  "flags: SA, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/SEC/seq-equal/ts-absent/ecn-ect-0",
	  "flags: SA, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	/* ... || th->res1, || th->ae: AE was reserved once */
	{ "listen/SECe/seq-equal/ts-absent/ecn-ect-0",
	  "flags: SAE, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/SEC/seq-equal/ts-absent/tcp_ecn=0",
	  "flags: SA, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/SEC/seq-equal/ts-absent/tcp_ecn=0/tcp_ecn=1@probe",
	  "flags: SAE, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/SE/seq-equal/ts-absent/tcp_ecn=1",
	  "flags: SA, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
};

START_TEST(a_syn_ack_grants_what_the_syn_offers)
{
	says_in_all(rows[_i].cell, releases, ROWS(releases), rows[_i].answer, rows[_i].says);
}
END_TEST

/* In 7.2 and 7.3; include/net/tcp_ecn.h: tcp_accecn_syn_requested(), tcp_accecn_echo_syn_ect(), tcp_options_fit_accecn(). */
static const struct {
	const char *cell, *says;
	enum answer answer;
} newer[] = {
	{ "listen/SECe/seq-equal/ts-absent/tcp_ecn=3",
	  "flags: SAC, ack: rcv_nxt+1, " COUNTED,
	  ANSWER_SYN_ACK },
	{ "listen/Se/seq-equal/ts-absent/ecn-ect-1/tcp_ecn=4",
	  "flags: SAEC, ack: rcv_nxt+1, " COUNTED,
	  ANSWER_SYN_ACK },
	{ "listen/SC/seq-equal/ts-absent/ecn-ect-0/tcp_ecn=5/tcp_ecn_option=0",
	  "flags: SAe, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "listen/SECe/seq-equal/ts-equal/ecn-ce/tcp_ecn=3",
	  "flags: SACe, ack: rcv_nxt+1, options: mss sack-permitted ts accecn1 nop nop wscale, tsecr: ts_recent, "
	  "accecn: EE1B 1, ECEB 0, EE0B 1", ANSWER_SYN_ACK },
	{ "listen/SECe/seq-equal/ts-equal/opt=2202/tcp_fastopen=2/tcp_ecn=3",
	  "flags: SAC, ack: rcv_nxt+1, options: mss sack-permitted ts accecn1 nop wscale fast-open nop nop, tsecr: ts_recent, "
	  "accecn: EE1B 1, ECEB 0", ANSWER_SYN_ACK },
	/* 0b011 is classic ECN, and so is what the connection's SYN asked for */
	{ "listen/SEC/seq-equal/ts-absent/tcp_ecn=3",
	  "flags: SAE, ack: rcv_nxt+1, " OFFERED, ANSWER_SYN_ACK },
	{ "syn-recv/SECe/seq-1/ts-absent/conn-ecn/tcp_ecn=3",
	  "flags: SAE, seq: snd_nxt-1, ack: rcv_nxt, options: mss sack-permitted ts nop wscale, tsecr: ts_recent, " CLOCK,
	  ANSWER_SYN_ACK },
	/* accecn_ok outlives the cookie, ecn_ok does not */
	{ "listen/SECe/seq-equal/ts-absent/tcp_ecn=3/tcp_syncookies=2",
	  "flags: SAC, ack: rcv_nxt+1, options: mss accecn1 nop, accecn: EE1B 1, ECEB 0, EE0B 1", ANSWER_SYN_ACK },
	/* the same tsoffset: secure_tcp_ts_off() has the addresses only, or the four-tuple */
	{ "time-wait/syn/seq+1/ts+1",
	  "flags: SA, seq: snd_nxt+65537, ack: rcv_nxt+2, options: mss sack-permitted ts nop wscale, tsecr: ts_recent+1, "
	  CLOCK, ANSWER_SYN_ACK },
	{ "time-wait/syn/seq+1/ts+1/tcp_timestamps=2@probe",
	  "flags: SA, seq: snd_nxt+65537, ack: rcv_nxt+2, options: mss sack-permitted ts nop wscale, tsecr: ts_recent+1",
	  ANSWER_SYN_ACK },
};

START_TEST(newer_kernels_count_congestion)
{
	static const char *const their_releases[] = { "7.2.13", "7.3.4" };

	says_in_all(newer[_i].cell, their_releases, ROWS(their_releases), newer[_i].answer, newer[_i].says);
}
END_TEST

/* tcp_select_initial_window() by hand: 65536 bytes are tcp_win_from_space(131072). */
static const struct {
	const char *cell;
	uint32_t rmem, rmem_most;
	uint16_t mss, window;
	uint8_t wscale;
} windows[] = {
	{ "listen/syn/seq-equal/ts-equal", 131072, 6291456, 65495, 65483, 7 },
	{ "listen/syn/seq-equal/ts-absent", 131072, 33554432, 65495, 65495, 10 },
	{ "listen/syn/seq-equal/ts-equal/ipv6", 131072, 4194304, 65476, 65464, 7 },
	{ "listen/syn/seq-equal/ts-absent/ipv6", 131072, 4194303, 65476, 65476, 6 },
	/* less than a segment is not rounded down; more than the field holds is cut */
	{ "listen/syn/seq-equal/ts-equal", 65536, 65536, 65495, 32768, 1 },
	{ "listen/syn/seq-equal/ts-equal", 1 << 20, 1 << 30, 65495, UINT16_MAX, 14 },
	{ "listen/syn/seq-equal/ts-equal", 8192, 8192, 65495, 4096, 0 },
	/* what a small window's cell sets itself: 4096,4608,6291456 */
	{ "time-wait/syn/seq-above/ts-above/rcv-wnd-small", 131072, 33554432, 65495, 2304, 7 },
};

START_TEST(a_listener_offers_whole_segments)
{
	static const char *const known[] = { "6.1.192", "6.6.33", "6.11.2", "6.12.118", "7.3.4" };
	const struct cell cell = named_cell(windows[_i].cell);
	struct field_bases bases;
	struct fields fields;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct kernel kernel = kernel_of(known[i]);

		kernel.rmem = windows[_i].rmem;
		kernel.rmem_most = windows[_i].rmem_most;
		cell_ask_fields(&cell, &kernel, ANSWER_SYN_ACK, &fields, &bases);
		ck_assert_uint_eq(fields.said >> FIELD_WINDOW & 7, 7);
		ck_assert_uint_eq(fields.mss, windows[_i].mss);
		ck_assert_uint_eq(fields.window_least, windows[_i].window);
		ck_assert_uint_eq(fields.window_most, windows[_i].window);
		ck_assert_uint_eq(fields.wscale, windows[_i].wscale);
	}
}
END_TEST

/* Another ratio, that of a router's MTU, a buffer that the cell chooses: nothing is said. */
START_TEST(a_window_that_is_not_known_is_not_said)
{
	static const struct {
		const char *cell, *release;
	} open[] = {
		{ "listen/syn/seq-equal/ts-equal", "6.8.1" },
		{ "listen/syn/seq-equal/ts-equal", "6.6.32" },
		{ "listen/syn/seq-equal/ts-equal/path=conntrack", "7.3.4" },
		{ "listen/syn/seq-equal/ts-equal/tcp_rmem=4096,8192,8192", "7.3.4" },
	};
	const struct cell cell = named_cell(open[_i].cell);
	struct kernel kernel = kernel_of(open[_i].release);
	struct field_bases bases;
	struct fields fields;

	kernel.rmem = 131072;
	kernel.rmem_most = 6291456;
	cell_ask_fields(&cell, &kernel, ANSWER_SYN_ACK, &fields, &bases);
	ck_assert_uint_eq(fields.said & 1U << FIELD_WINDOW, 0);
}
END_TEST

/* The right edge that the subject goes by, where its SYN-ACK did not say it. cookie_v4_check(): whole segments of the cookie's
 * MSS; tcp_create_openreq_child(): rsk_rcv_wnd, whatever the 16 bits of the SYN-ACK held. */
static const struct {
	const char *cell;
	uint32_t rmem, rcv_wnd;
} edges[] = {
	{ "established/ack/seq-equal/ts-equal", 131072, 65535 },
	{ "established/ack/seq-equal/ts-equal/tcp_syncookies=2", 131072, 64240 },
	{ "established/ack/seq-equal/ts-equal/tcp_syncookies=2/ipv6", 131072, 64800 },
	{ "established/ack/seq-equal/ts-equal/rcv-wnd-small/tcp_syncookies=2", 131072, 1460 },
	{ "established/ack/seq-equal/ts-equal/tcp_syncookies=2/tcp_rmem=4096,2000,4096", 131072, 1000 },
	{ "established/ack/seq-equal/ts-equal/tcp_syncookies=2/tcp_rmem=4096,3000000,6000000", 131072, 1499420 },
	{ "established/ack/seq-equal/ts-equal/tcp_rmem=4096,4096,4096", 131072, 2048 },
	{ "established/ack/seq-equal/ts-equal", 3000000, 1440626 },
	{ "established/ack/seq-equal/ts-equal/conn-ts-off", 3000000, 1440890 },
	{ "established/ack/seq-equal/ts-equal/opening-simultaneous", 3000000, 1440890 },
	{ "established/ack/seq-equal/ts-equal/opening-active", 3000000, 65535 },
	{ "close-wait/ack/seq-equal/ts-equal", 3000000, 65535 },
	{ "syn-recv/ack/seq-equal/ts-equal", 3000000, 1440626 },
};

START_TEST(edges_that_no_segment_has_shown)
{
	const struct cell cell = named_cell(edges[_i].cell);
	struct kernel kernel = kernel_of("7.3.4");
	struct cell_question question;

	kernel.rmem = edges[_i].rmem;
	kernel.rmem_most = 6291456;
	cell_to_question(&cell, &kernel, NULL, &question);
	ck_assert_msg(question.subject.rcv_wnd == edges[_i].rcv_wnd, "%s: %u", edges[_i].cell, question.subject.rcv_wnd);
	ck_assert_uint_eq(question.subject.rcv_taken_back,
			  cell.state == STATE_SYN_RECV ? edges[_i].rcv_wnd - UINT16_MAX : 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("fields");

	tcase_add_loop_test(tcase, edges_that_no_segment_has_shown, 0, sizeof(edges) / sizeof(edges[0]));

	tcase_add_loop_test(tcase, a_syn_ack_grants_what_the_syn_offers, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(tcase, newer_kernels_count_congestion, 0, sizeof(newer) / sizeof(newer[0]));
	tcase_add_loop_test(tcase, a_listener_offers_whole_segments, 0, sizeof(windows) / sizeof(windows[0]));
	tcase_add_loop_test(tcase, a_window_that_is_not_known_is_not_said, 0, 4);
	return run_suite("oracle_fields_syn", tcase, NULL);
}
