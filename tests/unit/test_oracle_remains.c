/* test_oracle_remains.c - what the linux book says of the socket that a segment leaves, row by row against the source; and that
 * a socket which is not as said is found and named. */
#include <stdio.h>
#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "cases/matrix/cell_host.h"
#include "crafter/textbuf.h"
#include "crafter/units.h"
#include "harness/run/record.h"
#include "tests/unit/oracle_table.h"
#include "tests/unit/sample_record.h"

#include "tests/unit/suite.h"

static const char *const releases[] = { "6.1.192", "6.12.118", "7.2.13", "7.3.4" };

#define RESTARTED "timer: time-wait, timer_ms: 60000 ms from the segment on"
#define GOES_ON "timer: time-wait, timer_ms: as if nothing had come"

/* All that is said, in the order of enum remain; the same in all releases. */
static const struct {
	const char *cell, *says;
} rows[] = {
	/* tcp_timewait_state_process(): inet_twsk_reschedule() for an empty segment in sequence that is no RST */
	{ "time-wait/ack/seq-equal/ts-equal", RESTARTED },
	{ "time-wait/null/seq-equal/ts-above", RESTARTED },
	{ "time-wait/ack/seq-equal/ts-below/conn-ts-off", RESTARTED },
	/* ... for what PAWS rejects, or has an ACK, and is no RST */
	{ "time-wait/syn/seq-above/ts-below", RESTARTED },
	{ "time-wait/null/seq-equal/ts-below", RESTARTED },
	{ "time-wait/data/seq-below/ts-equal", RESTARTED },
	{ "time-wait/fin-ack/seq-equal/ts-equal", RESTARTED },
	{ "time-wait/syn-ack/seq-above/ts-above", RESTARTED },
	/* ... and for nothing else: "Do not reschedule in the last case" */
	{ "time-wait/syn/seq-below/ts-equal", GOES_ON },
	{ "time-wait/syn/seq-above/ts-below/tcp_timestamps=0@probe/no-listener", GOES_ON },
	{ "time-wait/null/seq+1/ts-equal", GOES_ON },
	{ "time-wait/fin/seq-equal/ts-equal", GOES_ON },
	{ "time-wait/rst/seq+1/ts-equal", GOES_ON },
	{ "time-wait/rst/seq-equal/ts-below", GOES_ON },
	{ "time-wait/rst/seq-equal/ts-equal/tcp_rfc1337=1", GOES_ON },
	{ "time-wait/syn/seq-above/ts-above/no-listener", GOES_ON },
	{ "time-wait/ack/seq-equal/ts-equal/bad-checksum", GOES_ON },
	{ "time-wait/rst/seq-equal/ts-equal", "" },
	/* tcp_conn_request() makes a half-open connection of it */
	{ "time-wait/syn/seq-above/ts-above", "timer: retransmission, timer_ms: 1000 ms from the segment on" },
	{ "listen/syn/seq-equal/ts-absent", "timer: retransmission, timer_ms: 1000 ms from the segment on" },
	/* FIN_WAIT_2: the FIN alone; a longer tcp_fin_timeout leaves a full socket */
	{ "fin-wait-2/fin-ack/seq-equal/ts-equal", RESTARTED },
	{ "fin-wait-2/ack/seq-equal/ts-equal", GOES_ON },
	{ "fin-wait-2/syn/seq-below/ts-above", GOES_ON },
	{ "fin-wait-2/ack/seq-equal/ts-equal/tcp_fin_timeout=90", "" },
	{ "fin-wait-1/ack/seq-equal/ts-equal", RESTARTED },
	{ "fin-wait-1/ack/seq-equal/ts-equal/linger2=5", "timer: time-wait, timer_ms: 5000 ms from the segment on" },
	{ "fin-wait-1/ack/seq-equal/ts-equal/tcp_fin_timeout=7", "timer: time-wait, timer_ms: 7000 ms from the segment on" },
	{ "fin-wait-1/ack/seq-equal/ts-equal/linger2=0", "" },
	{ "established/data/seq-equal/ts-equal/rcv-wnd-closed", "timer: none or delayed-ack, recv_q: 2304, send_q: 0" },
	{ "fin-wait-1/fin-ack/seq-1/ts-equal", "timer: keepalive" },
	{ "fin-wait-1/fin-ack/seq-equal/ts-equal", RESTARTED },
	{ "closing/ack/seq-equal/ts-equal", RESTARTED },
	/* tcp_check_req(): a SYN that is answered with the SYN-ACK again */
	{ "syn-recv/syn/seq-1/ts-equal", "timer: retransmission, timer_ms: 1000 ms from the segment on" },
	{ "syn-recv/null/seq-equal/ts-equal", "timer: retransmission, timer_ms: as if nothing had come" },
	{ "syn-recv/data/seq-equal/ts-equal", "timer: none or delayed-ack, recv_q: 10, send_q: 0" },
	/* full sockets: what is sent and not acknowledged; SO_KEEPALIVE; neither */
	{ "established/data/seq-equal/ts-equal", "timer: none or delayed-ack, recv_q: 10, send_q: 0" },
	{ "established/data/seq+1/ts-equal", "timer: none or delayed-ack, recv_q: 0, send_q: 0" },
	{ "established/fin-ack/seq-equal/ts-equal/unread=100", "timer: none or delayed-ack, recv_q: 101, send_q: 0" },
	{ "established/ack/seq-equal/ts-equal/keepalive=9",
	  "timer: keepalive, timer_ms: as if nothing had come, recv_q: 0, send_q: 0" },
	/* tcp_finish_connect() is not called where SYNs cross */
	{ "established/ack/seq-equal/ts-equal/opening-simultaneous/keepalive=9",
	  "timer: none or delayed-ack, recv_q: 0, send_q: 0" },
	{ "established/ack/seq-equal/ts-equal/opening-active/keepalive=9",
	  "timer: keepalive, timer_ms: as if nothing had come, recv_q: 0, send_q: 0" },
	{ "close-wait/ack/seq-equal/ts-equal", "timer: none or delayed-ack, recv_q: 1, send_q: 0" },
	{ "fin-wait-1/ack/seq-equal/ts-equal/ack-1",
	  "timer: retransmission, timer_ms: as if nothing had come, recv_q: 0, send_q: 1" },
	{ "fin-wait-1/fin-ack/seq-equal/ts-equal/ack-1",
	  "timer: retransmission, timer_ms: as if nothing had come, recv_q: 1, send_q: 1" },
	{ "closing/ack/seq-equal/ts-equal/ack-1",
	  "timer: retransmission, timer_ms: as if nothing had come, recv_q: 1, send_q: 1" },
	{ "last-ack/ack/seq-equal/ts-equal/ack-1",
	  "timer: retransmission, timer_ms: as if nothing had come, recv_q: 0, send_q: 1" },
	{ "fin-wait-1-half/ack/seq-equal/ts-equal", "timer: none or delayed-ack, recv_q: 0, send_q: 0" },
	{ "syn-sent/ack/seq-equal/ts-equal", "timer: retransmission, recv_q: 0, send_q: 1" },
	{ "syn-sent/syn-ack/seq-equal/ts-equal/ack+1", "timer: none or delayed-ack, recv_q: 0, send_q: 0" },
	{ "syn-sent/syn/seq-equal/ts-equal", "timer: retransmission, recv_q: 0, send_q: 1" },
	/* SYNs that crossed: an acknowledgment of nothing new opens it, and leaves the SYN to be sent again */
	{ "syn-recv/ack/seq-equal/ts-equal/opening-simultaneous", "timer: none or delayed-ack, recv_q: 0, send_q: 0" },
	{ "syn-recv/ack/seq-equal/ts-equal/opening-simultaneous/ack-1", "timer: retransmission, recv_q: 0, send_q: 1" },
	/* cookie_v4_check(): whatever the number, what comes with it is next */
	{ "syn-recv/data/seq+2/ts-equal/tcp_syncookies=2", "timer: none or delayed-ack, recv_q: 10, send_q: 0" },
	{ "closed/syn/seq-equal/ts-equal", "" },
};

static void says(const struct remains *remains, char *text, size_t size)
{
	char value[REMAIN_TEXT_SIZE];
	struct textbuf out;

	textbuf_init(&out, text, size);
	for (enum remain remain = 0; remain < REMAIN_COUNT; remain++) {
		if (!(remains->said >> remain & 1))
			continue;
		ck_assert_ptr_nonnull(remains->rules[remain]);
		textbuf_item(&out, ", ", "%s: %s", oracle_remain_name(remain) + strlen("after."),
			     oracle_remain_expected(remains, remain, NULL, value));
	}
}

START_TEST(what_is_left_follows_from_the_source)
{
	const struct cell cell = named_cell(rows[_i].cell);

	for (size_t i = 0; i < ROWS(releases); i++) {
		const struct kernel kernel = kernel_of(releases[i]);
		struct remains remains;
		char text[300];

		cell_ask_remains(&cell, &kernel, &remains);
		says(&remains, text, sizeof(text));
		ck_assert_msg(!strcmp(text, rows[_i].says), "%s on %s:\n%s\nwhere expected\n%s", rows[_i].cell, releases[i],
			      text, rows[_i].says);
	}
}
END_TEST

/* Of a process that is not ours only the small sockets are known, and those only by their kind where a sysctl decides. */
START_TEST(a_stranger_s_process_is_not_known)
{
	static const char *const cells[] = { "established/data/seq-equal/ts-equal", "fin-wait-2/ack/seq-equal/ts-equal" };
	const struct kernel kernel = kernel_of("7.3.4");

	for (size_t i = 0; i < ROWS(cells); i++) {
		const struct cell cell = named_cell(cells[i]);
		const struct remains_host host = cell_remains_host(&cell, false);
		struct cell_question question;
		struct remains remains = { .said = 1 };

		cell_to_question(&cell, &kernel, NULL, &question);
		oracle_remains(&question.subject, &question.segment, &question.surroundings, &kernel, &host, &remains);
		ck_assert_uint_eq(remains.said, 0);
	}
}
END_TEST

/* TIME_WAIT for 300 ms when the stimulus comes, seen 20 ms after it. */
static struct record waiting(uint32_t left_ms)
{
	struct record record = sample_record(1000, 1000);

	record.sighted_before = (struct sighting){ .state = STATE_TIME_WAIT, .timer = SIGHTING_TIME_WAIT, .expires_ms = 59700 };
	record.sighted_before.time_ns = record.sent_ns - NSEC_PER_MSEC;
	record.sighted_after = record.sighted_before;
	record.sighted_after.time_ns = record.sent_ns + 20 * NSEC_PER_MSEC;
	record.sighted_after.expires_ms = left_ms;
	record.remains = (struct remains){
		.said = 1U << REMAIN_TIMER | 1U << REMAIN_TIMER_MS | 1U << REMAIN_RECV_Q | 1U << REMAIN_SEND_Q,
		.timers = 1U << SIGHTING_TIME_WAIT, .recv_q = 1, .send_q = 2, .full_ms = 60000,
		.rules = { "the rule", "the rule", "the rule", "the rule" },
	};
	return record;
}

static void assert_verdict(const struct record *record, const char *reason)
{
	char why[RECORD_REASON_SIZE] = "";

	ck_assert_int_eq(record_verdict(record, BOOK_LINUX, why, sizeof(why)), reason ? VERDICT_DIFFERS : VERDICT_AGREES);
	ck_assert_msg(!reason || !strcmp(why, reason), "%s\nwhere expected\n%s", why, reason);
	/* Other books have nothing to do with it. */
	ck_assert_int_eq(record_verdict(record, BOOK_RFC, why, sizeof(why)), VERDICT_AGREES);
}

START_TEST(a_timer_that_is_not_as_said_differs)
{
	struct record kept = waiting(59680), set = waiting(59980);

	assert_verdict(&kept, NULL);
	assert_verdict(&set, "after.timer_ms: expected as if nothing had come, 59629 to 59729, the socket has 59980 "
			     "[the rule]");
	kept.remains.set = set.remains.set = true;
	assert_verdict(&set, NULL);
	assert_verdict(&kept, "after.timer_ms: expected 60000 ms from the segment on, 59930 to 60050, the socket has 59680 "
			      "[the rule]");
	set.remains.full_ms = 30000;
	assert_verdict(&set, "after.timer_ms: expected 30000 ms from the segment on, 29930 to 30050, the socket has 59980 "
			     "[the rule]");
	kept.sighted_after.timer = SIGHTING_NO_TIMER;
	assert_verdict(&kept, "after.timer: expected time-wait, the socket has none [the rule]");
	/* What nobody has looked at cannot be wrong, nor what a newer kernel has invented. */
	kept.sighted_after.timer = SIGHTING_TIMER_COUNT;
	assert_verdict(&kept, NULL);
	kept.sighted_after = (struct sighting){ .state = STATE_UNKNOWN };
	assert_verdict(&kept, NULL);
}
END_TEST

/* A kernel says 0 of the queues of a small socket, which is no number. */
START_TEST(a_queue_that_is_not_as_said_differs)
{
	struct record record = waiting(59680);

	record.remains.timers = 1U << SIGHTING_NO_TIMER;
	record.sighted_after = (struct sighting){
		.state = STATE_ESTABLISHED, .recv_queue = 1, .send_queue = 2, .time_ns = record.sent_ns + 1,
	};
	assert_verdict(&record, NULL);
	record.sighted_after.recv_queue = 0;
	assert_verdict(&record, "after.recv_q: expected 1, the socket has 0 [the rule]");
	record.sighted_after.recv_queue = 1;
	record.sighted_after.send_queue = 0;
	assert_verdict(&record, "after.send_q: expected 2, the socket has 0 [the rule]");
	record.sighted_after.state = STATE_SYN_RECV;
	assert_verdict(&record, NULL);
	record.sighted_after.inode = 7;
	assert_verdict(&record, "after.send_q: expected 2, the socket has 0 [the rule]");
}
END_TEST

/* One that ran out meanwhile began anew by itself: nothing is said of its time. */
START_TEST(a_timer_that_ran_out_is_not_judged)
{
	struct record record = waiting(400);

	record.remains.timers = 1U << SIGHTING_RETRANSMISSION;
	record.sighted_before = (struct sighting){
		.state = STATE_SYN_RECV, .timer = SIGHTING_RETRANSMISSION, .expires_ms = 10, .time_ns = record.sent_ns,
	};
	record.sighted_after = record.sighted_before;
	record.sighted_after.time_ns += 100 * NSEC_PER_MSEC;
	record.sighted_after.expires_ms = 1900;
	assert_verdict(&record, NULL);
	record.sighted_before.expires_ms = 900;
	record.sighted_after.retransmits = 1;
	assert_verdict(&record, NULL);
	record.sighted_after.retransmits = 0;
	assert_verdict(&record, "after.timer_ms: expected as if nothing had come, 750 to 850, the socket has 1900 [the rule]");
}
END_TEST

static char *ladder_of(const struct run_facts *facts, const struct record *record)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	report_ladder(out, false, facts, record);
	fclose(out);
	return text;
}

START_TEST(the_record_and_the_ladder_have_it)
{
	struct run_facts facts = sample_facts();
	struct record record = waiting(59980);
	char *text;

	record.answer = record.expected[BOOK_LINUX].answer = ANSWER_ACK;
	record.isn = record.expected[BOOK_LINUX].isn = ISN_NONE;
	record.heard[0].segment.flags = FLAG_ACK;
	record.heard[0].segment.ack = SAMPLE_RCV_NXT + 10;
	record.after = STATE_TIME_WAIT;
	text = sample_report(FORMAT_JSON, false, false, &facts, &record, 1);
	ck_assert_ptr_nonnull(strstr(text, "\"after\":{\"timer\":\"time-wait\",\"timer_ms\":59980,\"timer_restarted\":true,"
				     "\"recv_q\":null,\"send_q\":null,\"rcv_nxt\":1000010,\"ts_recent\":51000}}"));
	free(text);
	text = ladder_of(&facts, &record);
	ck_assert_msg(strstr(text, "\nholds:      time-wait timer, 60 s left, restarted; rcv_nxt+10, ts_recent+1000\n"), "%s",
		      text);
	free(text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("remains");

	tcase_add_loop_test(tcase, what_is_left_follows_from_the_source, 0, ROWS(rows));
	tcase_add_test(tcase, a_stranger_s_process_is_not_known);
	tcase_add_test(tcase, a_timer_that_is_not_as_said_differs);
	tcase_add_test(tcase, a_queue_that_is_not_as_said_differs);
	tcase_add_test(tcase, a_timer_that_ran_out_is_not_judged);
	tcase_add_test(tcase, the_record_and_the_ladder_have_it);
	return run_suite("oracle_remains", tcase, NULL);
}
