/* test_oracle_door.c - the rule books asked about ends and segments that no cell names: real windows, data in flight, delayed
 * acknowledgments, old timestamps, SYN-SENT and CLOSED, what is in doubt. Each row stands under the line that decides it. */
#include "tests/unit/oracle_ends.h"

struct row {
	struct subject subject;
	const char *segment;
	enum book book;
	const char *release;
	unsigned facts; /* 0: OURS */
	enum answer answer;
	enum state after;
	const char *citation; /* a part of it */
};

static void check_end_row(const struct row *row)
{
	struct end end = end_of(&row->subject);
	struct segment segment = segment_of(row->segment);
	struct kernel kernel = kernel_of(row->release);
	struct surroundings surroundings = { .facts = (uint16_t)(row->facts ? row->facts : OURS) };
	struct expectation said;

	surroundings.now_ns = row->subject.age_s * SECOND;
	oracle_ask(row->book, &end, &segment, &surroundings, &kernel, &said);
	ck_assert_msg(said.answer == row->answer && said.after == row->after && strstr(said.citation, row->citation),
		      "%s into %s, %s, kernel %s: says %s/%s (%s), not %s/%s (%s)", row->segment,
		      state_text(row->subject.state), oracle_book_name(row->book), row->release,
		      oracle_answer_name(said.answer), state_text(said.after), said.citation,
		      oracle_answer_name(row->answer), state_text(row->after), row->citation);
	ck_assert_msg(said.reason && said.reason[0], "%s: no reason", row->segment);
}

#define STANDS .state = STATE_ESTABLISHED, .max_wnd = 500, .snd_wnd = 500
#define SHRUNK(by) STANDS, .rcv_wnd = 1000, .taken_back = by
#define LINUX(release) BOOK_LINUX, release, 0
#define RFC BOOK_RFC, "6.18.44", 0
#define SAYS_ACK(after, citation) ANSWER_ACK, after, citation
#define SAYS_NOTHING(after, citation) ANSWER_SILENCE, after, citation
#define STAYS STATE_ESTABLISHED

static const struct row rows[] = {
	/* tcp_sequence(): the window is as large as the end says, here more than 16 bits hold */
	{ { STANDS, .rcv_wnd = 2000000 }, "PA 1000000:1000010(10) ack 1", LINUX("6.18.44"),
	  SAYS_ACK(STAYS, "tcp_data_queue_ofo()") },
	{ { STANDS, .rcv_wnd = 1000000 }, "PA 1000000:1000010(10) ack 1", LINUX("6.12.0"),
	  SAYS_ACK(STAYS, "out_of_window") },
	{ { STANDS, .rcv_wnd = 1000000 }, "PA 1000000:1000010(10) ack 1", LINUX("6.18.44"),
	  SAYS_ACK(STAYS, "tcp_data_queue(): !before(seq") },
	{ { STANDS, .rcv_wnd = 999999 }, "PA 1000000:1000010(10) ack 1", LINUX("6.18.44"),
	  SAYS_ACK(STAYS, "!tcp_sequence()") },
	{ { STANDS, .rcv_wnd = 5 }, "PA 0:10(10) ack 1", LINUX("6.18.44"), SAYS_ACK(STAYS, "queue_and_out") },
	{ { STANDS, .rcv_wnd = 5 }, "PA 0:10(10) ack 1", BOOK_LINUX, "6.18.44", OURS | FACT_UNREAD,
	  SAYS_ACK(STAYS, "!tcp_sequence()") },
	{ { STANDS, .rcv_wnd = 2000000 }, "R 1000000", LINUX("6.18.44"), SAYS_ACK(STAYS, "tcp_send_challenge_ack()") },
	{ { STANDS, .rcv_wnd = 999999 }, "R 1000000", LINUX("6.18.44"),
	  SAYS_NOTHING(STAYS, "!tcp_sequence(), th->rst") },
	{ { STANDS, .rcv_wnd = 2000000 }, "R 1000000", RFC, SAYS_ACK(STAYS, "RST in the window") },
	{ { STANDS, .rcv_wnd = 1000000 }, "R 1000000", RFC, SAYS_NOTHING(STAYS, "outside the receive window") },
	/* tcp_data_queue(): "if (tcp_receive_window(tp) == 0)"; since 6.17 the queue, full of unread data, comes before it */
	{ { STANDS }, "PA 0:10(10) ack 1", LINUX("6.12.0"), SAYS_ACK(STAYS, "tcp_receive_window() == 0") },
	{ { STANDS }, "PA 0:10(10) ack 1", LINUX("6.18.44"), SAYS_ACK(STAYS, "!tcp_sequence()") },
	{ { STANDS }, "PA -5:5(10) ack 1", LINUX("6.12.0"), SAYS_ACK(STAYS, "tcp_receive_window() == 0") },
	{ { STANDS }, "FA 0:0(0) ack 1", LINUX("6.11.0"), SAYS_ACK(STAYS, "out_of_window, a bare FIN") },
	{ { STANDS }, "FA 0:0(0) ack 1", LINUX("6.12.0"), SAYS_ACK(STATE_CLOSE_WAIT, "tcp_fin()") },
	{ { STANDS }, "FPA 0:1(1) ack 1", LINUX("6.12.0"), SAYS_ACK(STAYS, "tcp_receive_window() == 0") },
	{ { STANDS }, "FA 0:0(0) ack 1", LINUX("6.17.0"), SAYS_ACK(STAYS, "!tcp_sequence()") },
	{ { STANDS }, "FA 0:0(0) ack 1", LINUX("6.18.44"), SAYS_ACK(STATE_CLOSE_WAIT, "tcp_fin()") },
	{ { STANDS }, "A 0 ack 1", LINUX("6.18.44"), SAYS_NOTHING(STAYS, "seq == end_seq") },
	{ { STANDS }, "A -1 ack 1", LINUX("6.18.44"), SAYS_ACK(STAYS, "!tcp_sequence()") },
	{ { STANDS }, "R 0", LINUX("6.18.44"), SAYS_NOTHING(STATE_CLOSED, "tcp_reset()") },
	/* An offer that was taken back: tcp_receive_window() is the last one, tcp_max_receive_window() the largest */
	{ { SHRUNK(500) }, "A 500 ack 1", LINUX("6.18.44"), SAYS_NOTHING(STAYS, "seq == end_seq") },
	{ { SHRUNK(500) }, "A 501 ack 1", LINUX("6.18.44"), ANSWER_OPEN, STATE_UNKNOWN, "no rule" },
	{ { SHRUNK(500) }, "A 1001 ack 1", LINUX("6.18.44"), SAYS_ACK(STAYS, "!tcp_sequence()") },
	{ { SHRUNK(500) }, "R 600", LINUX("7.3.4"), ANSWER_OPEN, STATE_UNKNOWN, "no rule" },
	{ { SHRUNK(1000) }, "PA 0:10(10) ack 1", LINUX("6.12.0"), SAYS_ACK(STAYS, "queue_and_out") },
	{ { SHRUNK(500) }, "R 600", RFC, ANSWER_OPEN, STATE_UNKNOWN, "no rule" },
	/* RFC 9293 3.10.7.4, the table of four cases: length and window */
	{ { STANDS }, "PA 0:10(10) ack 1", RFC, SAYS_ACK(STAYS, "sequence number not acceptable") },
	{ { STANDS }, "A 0 ack 1", RFC, SAYS_NOTHING(STAYS, "no segment text") },
	{ { STANDS }, "A 1 ack 1", RFC, SAYS_ACK(STAYS, "sequence number not acceptable") },
	{ { STANDS, .rcv_wnd = 1 }, "FA 0:0(0) ack 1", RFC, SAYS_ACK(STATE_CLOSE_WAIT, "eighth") },
	/* tcp_sequence(): before(end_seq, tp->rcv_wup); what was taken and not acknowledged yet is old all the same */
	{ { STANDS, .rcv_wnd = 9000 }, "PA -20:-10(10) ack 1", LINUX("6.18.44"), SAYS_ACK(STAYS, "!tcp_sequence()") },
	{ { STANDS, .rcv_wnd = 9000, .delayed = 10 }, "PA -20:-10(10) ack 1", LINUX("6.18.44"),
	  SAYS_ACK(STAYS, "!after(end_seq, rcv_nxt)") },
	{ { STANDS, .rcv_wnd = 9000, .delayed = 9 }, "PA -20:-10(10) ack 1", LINUX("6.18.44"),
	  SAYS_ACK(STAYS, "!tcp_sequence()") },

	/* tcp_ack(): between snd_una and snd_nxt lies what is in flight */
	{ { STANDS, .rcv_wnd = 9000, .acked = 100, .in_flight = 3000 }, "A 0 ack 101", LINUX("6.18.44"),
	  SAYS_NOTHING(STAYS, "seq == end_seq") },
	{ { STANDS, .rcv_wnd = 9000, .acked = 100, .in_flight = 3000 }, "A 0 ack 3101", LINUX("6.18.44"),
	  SAYS_NOTHING(STAYS, "seq == end_seq") },
	{ { STANDS, .rcv_wnd = 9000, .acked = 100, .in_flight = 3000 }, "A 0 ack 3102", LINUX("7.1.0"),
	  SAYS_ACK(STAYS, "above snd_nxt") },
	{ { STANDS, .rcv_wnd = 9000, .acked = 100, .in_flight = 3000 }, "A 0 ack 3102", LINUX("6.12.0"),
	  SAYS_NOTHING(STAYS, "after(ack, snd_nxt)") },
	/* min_t(u64, tp->max_window, tp->bytes_acked): 100 bytes, and one more where the SYN was sent by this end */
	{ { STANDS, .rcv_wnd = 9000, .acked = 100, .in_flight = 3000 }, "A 0 ack 1", LINUX("6.18.44"),
	  SAYS_NOTHING(STAYS, "seq == end_seq") },
	{ { STANDS, .rcv_wnd = 9000, .acked = 100, .in_flight = 3000 }, "A 0 ack 0", LINUX("6.18.44"),
	  SAYS_ACK(STAYS, "tcp_send_challenge_ack()") },
	{ { STANDS, .rcv_wnd = 9000, .acked = 100, .in_flight = 3000, .connected = true }, "A 0 ack 0", LINUX("6.18.44"),
	  SAYS_NOTHING(STAYS, "seq == end_seq") },
	{ { STANDS, .rcv_wnd = 9000, .acked = 100, .in_flight = 3000, .connected = true }, "A 0 ack -1", LINUX("6.18.44"),
	  SAYS_ACK(STAYS, "tcp_send_challenge_ack()") },
	{ { STANDS, .rcv_wnd = 9000, .acked = 9000 }, "A 0 ack 8501", LINUX("6.18.44"),
	  SAYS_NOTHING(STAYS, "seq == end_seq") },
	{ { STANDS, .rcv_wnd = 9000, .acked = 9000 }, "A 0 ack 8500", LINUX("6.18.44"),
	  SAYS_ACK(STAYS, "tcp_send_challenge_ack()") },
	/* Before that it was tp->max_window alone: 500 */
	{ { STANDS, .rcv_wnd = 9000, .acked = 100 }, "A 0 ack -399", LINUX("5.10.203"),
	  SAYS_NOTHING(STAYS, "seq == end_seq") },
	{ { STANDS, .rcv_wnd = 9000, .acked = 100 }, "A 0 ack -400", LINUX("5.10.203"),
	  SAYS_ACK(STAYS, "tcp_send_challenge_ack()") },
	/* RFC 5961 5.2: MAX.SND.WND */
	{ { STANDS, .rcv_wnd = 9000, .acked = 9000 }, "A 0 ack 8501", RFC, SAYS_NOTHING(STAYS, "no segment text") },
	{ { STANDS, .rcv_wnd = 9000, .acked = 9000 }, "A 0 ack 8500", RFC, ANSWER_OPEN, STATE_UNKNOWN, "MAY-12" },
	/* tcp_rcv_state_process(), TCP_FIN_WAIT1: tp->snd_una != tp->write_seq while the FIN or data is in flight */
	{ { .state = STATE_FIN_WAIT_1, .max_wnd = 500, .rcv_wnd = 9000, .in_flight = 100 }, "A 0 ack 51", LINUX("6.18.44"),
	  SAYS_NOTHING(STATE_FIN_WAIT_1, "seq == end_seq") },
	{ { .state = STATE_FIN_WAIT_1, .max_wnd = 500, .rcv_wnd = 9000, .in_flight = 100 }, "A 0 ack 101", LINUX("6.18.44"),
	  SAYS_NOTHING(STATE_FIN_WAIT_1, "seq == end_seq") },
	{ { .state = STATE_FIN_WAIT_1, .max_wnd = 500, .rcv_wnd = 9000, .in_flight = 100 }, "A 0 ack 102", LINUX("6.18.44"),
	  SAYS_NOTHING(STATE_FIN_WAIT_2, "tcp_time_wait(TCP_FIN_WAIT2)") },

	/* tcp_paws_check(): ts_recent lapses */
	{ { STANDS, .rcv_wnd = 9000, .ts_recent = 90000, .age_s = WRAP - 1 }, "PA 0:10(10) ack 1 <TS val 9 ecr 1>",
	  LINUX("6.18.44"), SAYS_ACK(STAYS, "tcp_send_dupack()") },
	{ { STANDS, .rcv_wnd = 9000, .ts_recent = 90000, .age_s = WRAP }, "PA 0:10(10) ack 1 <TS val 9 ecr 1>",
	  LINUX("6.18.44"), SAYS_ACK(STAYS, "queue_and_out") },
	{ { STANDS, .rcv_wnd = 9000, .ts_recent = 90000, .age_s = DAYS - 1 }, "PA 0:10(10) ack 1 <TS val 9 ecr 1>",
	  LINUX("5.10.203"), SAYS_ACK(STAYS, "tcp_send_dupack()") },
	{ { STANDS, .rcv_wnd = 9000, .ts_recent = 90000, .age_s = DAYS }, "PA 0:10(10) ack 1 <TS val 9 ecr 1>",
	  LINUX("5.10.203"), SAYS_ACK(STAYS, "queue_and_out") },
	{ { STANDS, .rcv_wnd = 9000 }, "PA 0:10(10) ack 1 <TS val 9 ecr 1>", LINUX("6.18.44"),
	  SAYS_ACK(STAYS, "queue_and_out") },
	/* tcp_disordered_ack(): not where tcp_may_update_window() */
	{ { STANDS, .rcv_wnd = 9000, .ts_recent = 90000 }, "A 0 ack 1 win 500 <TS val 89900 ecr 1>", LINUX("6.18.44"),
	  SAYS_NOTHING(STAYS, "seq == end_seq") },
	{ { STANDS, .rcv_wnd = 9000, .ts_recent = 90000 }, "A 0 ack 1 win 501 <TS val 89900 ecr 1>", LINUX("6.18.44"),
	  SAYS_ACK(STAYS, "tcp_send_dupack()") },
	{ { STANDS, .rcv_wnd = 9000, .ts_recent = 90000, .below_wl1 = 10 }, "A 0 ack 1 win 500 <TS val 89900 ecr 1>",
	  LINUX("6.18.44"), SAYS_ACK(STAYS, "tcp_send_dupack()") },
	{ { STANDS, .rcv_wnd = 9000, .ts_recent = 90000, .in_flight = 50 }, "A 0 ack 51 win 500 <TS val 89900 ecr 1>",
	  LINUX("6.18.44"), SAYS_ACK(STAYS, "tcp_send_dupack()") },
	{ { STANDS, .rcv_wnd = 9000, .ts_recent = 90000, .in_flight = 50 }, "A 0 ack 1 win 500 <TS val 89900 ecr 1>",
	  LINUX("6.18.44"), SAYS_NOTHING(STAYS, "seq == end_seq") },
};

START_TEST(windows_and_numbers)
{
	check_end_row(&rows[_i]);
}
END_TEST

#define CALLS .state = STATE_SYN_SENT, .connected = true
#define OPEN STATE_UNKNOWN

static const struct row opening[] = {
	/* tcp_rcv_synsent_state_process() */
	{ { CALLS }, "SA 77 ack 1", LINUX("6.18.44"), SAYS_ACK(STATE_ESTABLISHED, "tcp_finish_connect()") },
	{ { CALLS }, "SA 77 ack 1 <TS val 5 ecr 700>", LINUX("5.10.203"),
	  SAYS_ACK(STATE_ESTABLISHED, "tcp_finish_connect()") },
	{ { CALLS }, "SA 77 ack 1 <TS val 5 ecr 0>", LINUX("6.18.44"),
	  SAYS_ACK(STATE_ESTABLISHED, "tcp_finish_connect()") },
	{ { CALLS }, "SA 77 ack 1 <TS val 5 ecr 701>", LINUX("6.18.44"), ANSWER_OPEN, OPEN, "retrans_stamp" },
	{ { CALLS }, "SA 77 ack 1 <TS val 5 ecr 699>", LINUX("6.18.44"), ANSWER_RST, STATE_SYN_SENT, "PAWSActiveRejected" },
	{ { CALLS }, "RA 77 ack 1 <TS val 5 ecr 699>", LINUX("6.18.44"), SAYS_NOTHING(STATE_SYN_SENT, "retrans_stamp") },
	{ { CALLS }, "SA 77 ack 1 <TS val 5 ecr 701>", BOOK_LINUX, "6.18.44", FACT_LISTENER,
	  SAYS_ACK(STATE_ESTABLISHED, "tcp_finish_connect()") },
	{ { CALLS }, "SA 77 ack 0", LINUX("6.18.44"), ANSWER_RST, STATE_SYN_SENT, "!after(ack_seq, snd_una)" },
	{ { CALLS }, "A 77 ack 2", LINUX("6.18.44"), ANSWER_RST, STATE_SYN_SENT, "after(ack_seq, snd_nxt)" },
	{ { CALLS }, "RA 77 ack 2", LINUX("6.18.44"), SAYS_NOTHING(STATE_SYN_SENT, "never in response to a reset") },
	{ { CALLS }, "RA 0 ack 1", LINUX("6.18.44"), SAYS_NOTHING(STATE_CLOSED, "tcp_reset()") },
	{ { CALLS }, "A 77 ack 1", LINUX("6.18.44"), SAYS_NOTHING(STATE_SYN_SENT, "!th->syn -> discard_and_undo") },
	{ { CALLS }, "R 77", LINUX("6.18.44"), SAYS_NOTHING(STATE_SYN_SENT, "!th->ack, th->rst") },
	{ { CALLS }, "S 77", LINUX("6.18.44"), ANSWER_SYN_ACK, STATE_SYN_RECV, "TCP_SYN_RECV" },
	{ { CALLS }, "F 77", LINUX("6.18.44"), SAYS_NOTHING(STATE_SYN_SENT, "neither ACK, RST nor SYN") },
	/* RFC 9293 3.10.7.3 */
	{ { CALLS }, "SA 77 ack 1", RFC, SAYS_ACK(STATE_ESTABLISHED, "3.10.7.3, fourth: SYN, SND.UNA > ISS") },
	{ { CALLS }, "SA 77 ack 0", RFC, ANSWER_RST, STATE_SYN_SENT, "3.10.7.3, first" },
	{ { CALLS }, "PA 77:87(10) ack 2", RFC, ANSWER_RST, STATE_SYN_SENT, "3.10.7.3, first" },
	{ { CALLS }, "RA 77 ack 2", RFC, SAYS_NOTHING(STATE_SYN_SENT, "3.10.7.3, first") },
	{ { CALLS }, "RA 0 ack 1", RFC, SAYS_NOTHING(STATE_CLOSED, "3.10.7.3, second") },
	{ { CALLS }, "R 0", RFC, SAYS_NOTHING(STATE_SYN_SENT, "3.10.7.3, second: RST, no ACK") },
	{ { CALLS }, "S 77", RFC, ANSWER_SYN_ACK, STATE_SYN_RECV, "3.10.7.3, fourth: SYN, otherwise" },
	{ { CALLS }, "A 77 ack 1", RFC, SAYS_NOTHING(STATE_SYN_SENT, "3.10.7.3, fifth") },
	{ { CALLS }, "S 77", BOOK_FOLK, "6.18.44", 0, ANSWER_OPEN, OPEN, "neither note" },
	/* tcp_v4_rcv(): a listener, or no_tcp_socket */
	{ { .state = STATE_CLOSED }, "S 0", LINUX("6.18.44"), ANSWER_SYN_ACK, STATE_SYN_RECV, "tcp_conn_request()" },
	{ { .state = STATE_CLOSED }, "A 0 ack 1", LINUX("6.18.44"), ANSWER_RST, STATE_CLOSED, "th->ack -> reset" },
	{ { .state = STATE_CLOSED }, "S 0", BOOK_LINUX, "6.18.44", FACT_TIMESTAMPS,
	  ANSWER_RST, STATE_CLOSED, "no_tcp_socket" },
	{ { .state = STATE_CLOSED }, "none 0", BOOK_LINUX, "6.18.44", FACT_TIMESTAMPS, ANSWER_RST, STATE_CLOSED,
	  "no_tcp_socket" },
	{ { .state = STATE_CLOSED }, "RA 0 ack 1", BOOK_LINUX, "6.18.44", FACT_TIMESTAMPS,
	  SAYS_NOTHING(STATE_CLOSED, "never in response to a reset") },
	/* RFC 9293 3.10.7.1 */
	{ { .state = STATE_CLOSED }, "S 0", BOOK_RFC, "6.18.44", FACT_TIMESTAMPS, ANSWER_RST, STATE_CLOSED, "3.10.7.1" },
	{ { .state = STATE_CLOSED }, "R 0", BOOK_RFC, "6.18.44", FACT_TIMESTAMPS, SAYS_NOTHING(STATE_CLOSED, "3.10.7.1") },
	/* RFC 9293 3.10.7.4, first: a closed window still lets an RST in, and perhaps an acknowledgment */
	{ { STANDS }, "R 0", RFC, SAYS_NOTHING(STATE_CLOSED, "second: RST, SEG.SEQ == RCV.NXT") },
	{ { STANDS }, "A 0 ack 1", RFC, SAYS_NOTHING(STAYS, "fifth: the ACK field") },
	{ { STANDS }, "PA 0:1(1) ack 1", RFC, SAYS_ACK(STAYS, "first: sequence number not acceptable") },
	{ { .state = STATE_FIN_WAIT_1, .max_wnd = 500 }, "PA 0:1(1) ack 2", RFC,
	  SAYS_ACK(STATE_UNKNOWN, "first: RCV.WND is zero") },
	{ { .state = STATE_FIN_WAIT_1, .max_wnd = 500 }, "PA 0:1(1) ack 1", RFC, SAYS_ACK(STATE_FIN_WAIT_1, "not acceptable") },
	{ { .state = STATE_FIN_WAIT_2, .max_wnd = 500 }, "PA 0:1(1) ack 2", RFC, SAYS_ACK(STATE_FIN_WAIT_2, "not acceptable") },
};

START_TEST(no_connection_yet)
{
	check_end_row(&opening[_i]);
}
END_TEST

#define AT(which) { .state = STATE_##which, .rcv_wnd = 9000, .max_wnd = 500, .ts_recent = 90000 }

/* A SYN above rcv_nxt, in the window and with a newer timestamp, in every state that an end can have. */
static const struct row syns[] = {
	{ AT(CLOSED), SYN_ABOVE, LINUX("6.18.44"), ANSWER_SYN_ACK, STATE_SYN_RECV, "tcp_conn_request()" },
	{ AT(LISTEN), SYN_ABOVE, LINUX("6.18.44"), ANSWER_SYN_ACK, STATE_SYN_RECV, "tcp_conn_request()" },
	{ AT(SYN_SENT), SYN_ABOVE, LINUX("6.18.44"), ANSWER_SYN_ACK, STATE_SYN_RECV, "tcp_send_synack()" },
	{ AT(SYN_RECV), SYN_ABOVE, LINUX("6.18.44"), ANSWER_RST, STATE_CLOSED, "embryonic_reset" },
	{ AT(ESTABLISHED), SYN_ABOVE, LINUX("6.18.44"), SAYS_ACK(STATE_ESTABLISHED, "syn_challenge") },
	{ AT(FIN_WAIT_1), SYN_ABOVE, LINUX("6.18.44"), SAYS_ACK(STATE_FIN_WAIT_1, "syn_challenge") },
	{ AT(FIN_WAIT_2), SYN_ABOVE, LINUX("6.18.44"), ANSWER_RST, STATE_CLOSED, "TCP_TW_RST" },
	{ AT(FIN_WAIT_2), SYN_ABOVE, BOOK_LINUX, "6.18.44", OURS | FACT_HELD,
	  SAYS_ACK(STATE_FIN_WAIT_2_HALF, "syn_challenge") },
	{ AT(FIN_WAIT_2_HALF), SYN_ABOVE, BOOK_LINUX, "6.18.44", OURS | FACT_HELD,
	  SAYS_ACK(STATE_FIN_WAIT_2_HALF, "syn_challenge") },
	{ AT(CLOSING), SYN_ABOVE, LINUX("6.18.44"), SAYS_ACK(STATE_CLOSING, "syn_challenge") },
	{ AT(TIME_WAIT), SYN_ABOVE, LINUX("6.18.44"), ANSWER_SYN_ACK, STATE_SYN_RECV, "TCP_TW_SYN" },
	{ AT(TIME_WAIT), SYN_ABOVE, BOOK_LINUX, "6.18.44", FACT_TIMESTAMPS, SAYS_ACK(STATE_TIME_WAIT, "no listener") },
	{ AT(CLOSE_WAIT), SYN_ABOVE, LINUX("6.18.44"), SAYS_ACK(STATE_CLOSE_WAIT, "syn_challenge") },
	{ AT(LAST_ACK), SYN_ABOVE, LINUX("6.18.44"), SAYS_ACK(STATE_LAST_ACK, "syn_challenge") },
	{ AT(UNKNOWN), SYN_ABOVE, LINUX("6.18.44"), ANSWER_OPEN, STATE_UNKNOWN, "no rule" },
	{ AT(CLOSED), SYN_ABOVE, RFC, ANSWER_SYN_ACK, STATE_SYN_RECV, "3.10.7.2" },
	{ AT(SYN_SENT), SYN_ABOVE, RFC, ANSWER_SYN_ACK, STATE_SYN_RECV, "3.10.7.3" },
	{ AT(SYN_RECV), SYN_ABOVE, RFC, SAYS_NOTHING(STATE_CLOSED, "returns to LISTEN") },
	{ AT(ESTABLISHED), SYN_ABOVE, RFC, SAYS_ACK(STATE_ESTABLISHED, "RFC 5961 4.2") },
	{ AT(FIN_WAIT_2), SYN_ABOVE, RFC, SAYS_ACK(STATE_FIN_WAIT_2, "RFC 5961 4.2") },
	{ AT(TIME_WAIT), SYN_ABOVE, RFC, ANSWER_SYN_ACK, STATE_SYN_RECV, "RFC 6191" },
	/* Both opened: RFC 9293 3.10.7.4, fourth, sends a challenge ACK; Linux has a full socket there. */
	{ { .state = STATE_SYN_RECV, .rcv_wnd = 9000, .connected = true }, SYN_ABOVE, RFC,
	  SAYS_ACK(STATE_SYN_RECV, "RFC 5961 4.2") },
	{ { .state = STATE_SYN_RECV, .rcv_wnd = 9000, .connected = true }, SYN_ABOVE, LINUX("6.18.44"),
	  SAYS_ACK(STATE_SYN_RECV, "syn_challenge") },
};

START_TEST(a_syn_in_every_state)
{
	check_end_row(&syns[_i]);
}
END_TEST

static const struct {
	enum state state;
	const char *segment;
	unsigned facts, doubts;
	uint8_t count;
	enum answer answers[4];
	const char *texts[4];
} doubts[] = {
	{ STATE_TIME_WAIT, SYN_ABOVE, OURS, 0, 1, { ANSWER_SYN_ACK }, { "" } },
	{ STATE_TIME_WAIT, SYN_ABOVE, OURS, FACT_LISTENER, 2, { ANSWER_SYN_ACK, ANSWER_ACK },
	  { "", "if nobody listens on its port" } },
	{ STATE_TIME_WAIT, SYN_ABOVE, FACT_TIMESTAMPS, FACT_LISTENER, 2, { ANSWER_ACK, ANSWER_SYN_ACK },
	  { "", "if somebody listens on its port" } },
	{ STATE_TIME_WAIT, "R 0", OURS, FACT_RFC1337, 2, { ANSWER_SILENCE, ANSWER_SILENCE },
	  { "", "if its tcp_rfc1337 is 1" } },
	{ STATE_TIME_WAIT, "R 0", OURS | FACT_RFC1337, FACT_RFC1337, 2, { ANSWER_SILENCE, ANSWER_SILENCE },
	  { "", "if its tcp_rfc1337 is 0" } },
	/* What does not matter in the state makes no difference. */
	{ STATE_TIME_WAIT, "A 5 ack 1", OURS, ALL_FACTS, 1, { ANSWER_ACK }, { "" } },
	{ STATE_FIN_WAIT_2, "R 5", OURS, FACT_HELD | FACT_LIMITED, 3, { ANSWER_SILENCE, ANSWER_ACK, ANSWER_SILENCE },
	  { "", "if its process still holds the descriptor", "if its process still holds the descriptor" } },
	{ STATE_FIN_WAIT_2_HALF, "R 5", OURS | FACT_HELD, FACT_HELD, 2, { ANSWER_ACK, ANSWER_SILENCE },
	  { "", "if its process has closed the descriptor" } },
	{ STATE_SYN_SENT, "SA 77 ack 1 <TS val 5 ecr 701>", OURS, FACT_TIMESTAMPS, 2, { ANSWER_OPEN, ANSWER_ACK },
	  { "", "if its tcp_timestamps is 0" } },
	{ STATE_CLOSED, SYN_ABOVE, OURS, FACT_LISTENER, 2, { ANSWER_SYN_ACK, ANSWER_RST },
	  { "", "if nobody listens on its port" } },
};

START_TEST(what_is_in_doubt)
{
	const struct subject subject = { .state = doubts[_i].state, .rcv_wnd = 9000, .max_wnd = 500, .ts_recent = 90000 };
	struct end end = end_of(&subject);
	struct segment segment = segment_of(doubts[_i].segment);
	struct surroundings surroundings = { .facts = (uint16_t)doubts[_i].facts, .doubts = (uint16_t)doubts[_i].doubts };
	struct kernel kernel = kernel_of("6.18.44");
	char text[ALTERNATIVE_TEXT_SIZE];
	struct alternatives said;

	oracle_ask_all(BOOK_LINUX, &end, &segment, &surroundings, &kernel, &said);
	ck_assert_msg(said.count == doubts[_i].count, "%s into %s: %u alternatives", doubts[_i].segment,
		      state_name(doubts[_i].state), said.count);
	for (size_t i = 0; i < said.count; i++) {
		ck_assert_int_eq(said.list[i].expectation.answer, doubts[_i].answers[i]);
		ck_assert_str_eq(oracle_alternative_text(&said, i, text), doubts[_i].texts[i]);
	}
}
END_TEST

static const char *const segments[] = {
	SYN_ABOVE, "S -1", "R 0", "R 5", "RA 5 ack 2", "A 0 ack 1", "A 5 ack -500", "PA 0:10(10) ack 1",
	"FA 0:0(0) ack 1", "FA 0:0(0) ack 2", "A -1 ack 1 <TS val 89900 ecr 1>", "R 0 <TS val 89000 ecr 0>",
	"A 0 ack 5", "none 0",
};

/* Nothing known of the kernel, the process and the host: all that may be expected has room. */
START_TEST(all_in_doubt)
{
	struct surroundings surroundings = { .doubts = ALL_FACTS };
	struct kernel any = { 0 };
	struct alternatives said;
	unsigned most = 0;

	for (unsigned facts = 0; facts <= ALL_FACTS; facts += ALL_FACTS)
		for (enum state state = 0; state <= STATE_UNKNOWN; state++)
			for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
				const struct subject subject = {
					.state = state, .rcv_wnd = 9000, .max_wnd = 500, .ts_recent = 90000,
				};
				struct segment segment = segment_of(segments[i]);
				struct end end = end_of(&subject);

				surroundings.facts = (uint16_t)facts;
				oracle_ask_all(BOOK_LINUX, &end, &segment, &surroundings, &any, &said);
				ck_assert_uint_lt(said.count, ALTERNATIVES_MAX);
				most = said.count > most ? said.count : most;
			}
	ck_assert_uint_gt(most, 2);
}
END_TEST

static bool is_among(const struct alternatives *said, const struct expectation *asked)
{
	for (size_t i = 0; i < said->count; i++)
		if (said->list[i].expectation.answer == asked->answer && said->list[i].expectation.isn == asked->isn &&
		    said->list[i].expectation.after == asked->after)
			return true;
	return false;
}

/* With a fact in doubt, what is expected is what each book says with it and without it, asked anew. */
static void check_doubt(enum book book, enum state state, const char *text, unsigned fact)
{
	const struct subject subject = { .state = state, .rcv_wnd = 9000, .max_wnd = 500, .ts_recent = 90000 };
	struct surroundings doubtful = { .facts = OURS, .doubts = fact };
	struct surroundings without = { .facts = OURS & ~fact }, with = { .facts = OURS | fact };
	struct kernel kernel = kernel_of("6.18.44");
	struct segment segment = segment_of(text);
	struct end end = end_of(&subject);
	struct expectation one, other;
	struct alternatives said;

	oracle_ask_all(book, &end, &segment, &doubtful, &kernel, &said);
	oracle_ask(book, &end, &segment, &without, &kernel, &one);
	oracle_ask(book, &end, &segment, &with, &kernel, &other);
	ck_assert_msg(is_among(&said, &one) && is_among(&said, &other) && said.count <= 2,
		      "%s into %s, %s, fact %#x: not all that may be expected", text, state_name(state),
		      oracle_book_name(book), fact);
}

START_TEST(one_fact_in_doubt)
{
	/* Facts that somebody who watches a connection has in doubt. */
	static const unsigned facts[] = { FACT_READ, FACT_UNREAD, FACT_LIMITED, FACT_COOKIES, FACT_NO_TIME_WAITS, FACT_HELD,
					  FACT_RFC1337, FACT_TIMESTAMPS, FACT_LISTENER, FACT_COOKIE, FACT_MD5, FACT_AO };

	for (enum book book = 0; book < BOOK_COUNT; book++)
		for (enum state state = 0; state < STATE_UNKNOWN; state++)
			for (size_t i = 0; i < ROWS(facts) * ROWS(segments); i++)
				check_doubt(book, state, segments[i % ROWS(segments)], facts[i / ROWS(segments)]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("door");

	tcase_add_loop_test(tcase, windows_and_numbers, 0, ROWS(rows));
	tcase_add_loop_test(tcase, no_connection_yet, 0, ROWS(opening));
	tcase_add_loop_test(tcase, a_syn_in_every_state, 0, ROWS(syns));
	tcase_add_loop_test(tcase, what_is_in_doubt, 0, ROWS(doubts));
	tcase_add_test(tcase, all_in_doubt);
	tcase_add_test(tcase, one_fact_in_doubt);
	return run_suite("oracle_door", tcase, NULL);
}
