/* test_limits.c - which counters mean overload, how many cells go at a time, and what the rule books make of a socket that
 * the cell's own sysctls forbid. */
#include <stdint.h>
#include <stdlib.h>

#include "cases/matrix/limits.h"
#include "tests/unit/oracle_table.h"

#define ANY SIZE_MAX

/* By tcp_conn_request(), inet_twsk_alloc() and listen(). */
static const struct {
	const char *cell;
	bool cookies, time_waits; /* they count */
	size_t at_a_time;
} rows[] = {
	{ "time-wait/syn/seq-above/ts-above", true, true, ANY },
	{ "time-wait/syn/seq-above/ts-above/tcp_rfc1337=1", true, true, ANY },
	{ "time-wait/syn/seq-above/ts-above/tcp_syncookies=1", true, true, ANY },
	{ "time-wait/syn/seq-above/ts-above/tcp_syncookies=2", false, true, ANY },
	{ "time-wait/syn/seq-above/ts-above/tcp_syncookies=0x2", false, true, ANY },
	{ "time-wait/syn/seq-above/ts-above/tcp_syncookies=2@probe", false, true, ANY },
	{ "time-wait/syn/seq-above/ts-above/tcp_syncookies=2/tcp_syncookies=1@probe", false, true, ANY },
	{ "time-wait/syn/seq-above/ts-above/net.ipv4.tcp_syncookies=2", false, true, ANY },
	{ "time-wait/syn/seq-above/ts-above/tcp_max_tw_buckets=0", true, false, ANY },
	{ "time-wait/syn/seq-above/ts-above/tcp_max_tw_buckets=0@probe", true, false, ANY },
	{ "time-wait/syn/seq-above/ts-above/tcp_max_tw_buckets=3", true, true, 3 },
	{ "time-wait/syn/seq-above/ts-above/net.core.somaxconn=1", true, true, 1 },
	{ "time-wait/syn/seq-above/ts-above/net.core.somaxconn=4@probe", true, true, 4 },
	/* "!syncookies && max_syn_backlog - len < max_syn_backlog >> 2" drops: 8 - 6 is not, 8 - 7 is */
	{ "time-wait/syn/seq-above/ts-above/tcp_syncookies=0/tcp_max_syn_backlog=8", true, true, 7 },
	{ "time-wait/syn/seq-above/ts-above/tcp_syncookies=0/tcp_max_syn_backlog=0", true, true, 1 },
	{ "time-wait/syn/seq-above/ts-above/tcp_max_syn_backlog=8", true, true, ANY },
	{ "time-wait/syn/seq-above/ts-above/tcp_max_tw_buckets=9/net.core.somaxconn=5", true, true, 5 },
};

START_TEST(counters)
{
	struct cell cell = named_cell(rows[_i].cell);
	struct limits limits;

	limits_of(&cell.conditions, NULL, &limits);
	ck_assert_msg(limits.counts[OVERLOAD_LISTEN_OVERFLOWS] && limits.counts[OVERLOAD_LISTEN_DROPS], "%s", rows[_i].cell);
	ck_assert_msg(limits.counts[OVERLOAD_COOKIES] == rows[_i].cookies, "%s: cookies", rows[_i].cell);
	ck_assert_msg(limits.counts[OVERLOAD_TIME_WAITS] == rows[_i].time_waits, "%s: buckets", rows[_i].cell);
	ck_assert_msg(limits.at_a_time == rows[_i].at_a_time, "%s: %zu at a time", rows[_i].cell, limits.at_a_time);
}
END_TEST

/* A target on this host has settings of its own, which the cell may change. */
START_TEST(base)
{
	const struct kernel kernel = { .always_cookies = true, .no_time_waits = true };
	struct cell cell = named_cell("time-wait/syn/seq-above/ts-above/tcp_syncookies=1/tcp_max_tw_buckets=9");
	struct limits limits;

	limits_of(&(struct conditions){ 0 }, &kernel, &limits);
	ck_assert(!limits.counts[OVERLOAD_COOKIES] && !limits.counts[OVERLOAD_TIME_WAITS]);
	limits_of(&cell.conditions, &kernel, &limits);
	ck_assert(limits.counts[OVERLOAD_COOKIES] && limits.counts[OVERLOAD_TIME_WAITS]);
}
END_TEST

/* A cookie has no request socket, and nothing of its SYN for the server to read. */
static const struct {
	const char *cell;
	bool barred;
} bars[] = {
	{ "listen/syn/seq-equal/ts-equal/tcp_syncookies=2", false },
	{ "syn-recv/ack/seq-equal/ts-equal/tcp_syncookies=2", false },
	{ "syn-recv/ack/seq-equal/ts-equal/tcp_syncookies=2@probe", false },
	{ "established/ack/seq-equal/ts-equal/tcp_syncookies=2", false },
	{ "established/ack/seq-equal/ts-equal/tcp_syncookies=2@probe", false },
	{ "close-wait/ack/seq-equal/ts-equal/tcp_syncookies=2", false },
	{ "fin-wait-2-half/ack/seq-equal/ts-equal/tcp_syncookies=2", true },
	{ "last-ack/ack/seq-equal/ts-equal/tcp_syncookies=2", true },
	{ "fin-wait-1/ack/seq-equal/ts-equal/tcp_syncookies=2", false },
	{ "closing/ack/seq-equal/ts-equal/tcp_syncookies=2", false },
	{ "time-wait/ack/seq-equal/ts-equal/tcp_syncookies=2", false },
	{ "time-wait/ack/seq-equal/ts-equal/tcp_max_tw_buckets=0", false },
	{ "time-wait/ack/seq-equal/ts-equal/queue-syn-full/tcp_syncookies=2", true },
	{ "time-wait/ack/seq-equal/ts-equal/queue-accept-full/tcp_syncookies=2", false },
	{ "time-wait/ack/seq-equal/ts-equal/net.core.somaxconn=0", true },
	{ "time-wait/ack/seq-equal/ts-equal/net.core.somaxconn=1", false },
	{ "established/ack/seq-equal/ts-equal/conn-ecn/tcp_ecn=0", true },
	{ "established/ack/seq-equal/ts-equal/conn-ecn/tcp_ecn=0@probe", false },
	{ "established/ack/seq-equal/ts-equal/tcp_ecn=0", false },
};

START_TEST(barred)
{
	struct cell cell = named_cell(bars[_i].cell);

	ck_assert_msg((limits_bar(&cell, &(struct kernel){ 0 }) != NULL) == bars[_i].barred, "%s", bars[_i].cell);
}
END_TEST

/* The sysctls of a group are those of its cells' names, and what their windows need. */
START_TEST(small_buffers)
{
	struct cell cell = named_cell("established/ack/seq-equal/ts-equal/rcv-wnd-closed/tcp_rfc1337=1");
	struct conditions conditions;

	limits_conditions(&cell, &conditions);
	ck_assert_int_eq(conditions.sysctl_count, 2);
	ck_assert_str_eq(conditions_value(&conditions, "tcp_rmem", false), "4096,4608,6291456");
	cell.receive_window = RECEIVE_WINDOW_USUAL;
	limits_conditions(&cell, &conditions);
	ck_assert(conditions_equal(&conditions, &cell.conditions));
}
END_TEST

START_TEST(manners)
{
	struct cell cell = named_cell("established/ack/seq-equal/ts-equal/tcp_syncookies=2");
	struct kernel always = { .always_cookies = true };
	struct manner manner;

	limits_manner(&cell, &manner);
	ck_assert(manner.holds && !manner.defers);
	cell = named_cell("fin-wait-1/ack/seq-equal/ts-equal/tcp_syncookies=2");
	limits_manner(&cell, &manner);
	ck_assert(!manner.holds);
	cell = named_cell("syn-recv/ack/seq-equal/ts-equal/defer-accept/linger-zero/keepalive=7/user-timeout=6000");
	limits_manner(&cell, &manner);
	ck_assert(!manner.holds && manner.defers && manner.lingers_zero);
	ck_assert(manner.keepalive_s == 7 && manner.user_timeout_ms == 6000);
	cell.linger2_s = (struct choice){ true, 0 };
	limits_manner(&cell, &manner);
	ck_assert_int_eq(manner.linger2_s, -1);
	ck_assert(!limits_only_cookie(&cell, NULL) && limits_only_cookie(&cell, &always));
	ck_assert_ptr_nonnull(limits_bar(&cell, &always));
}
END_TEST

#define COOKIES "/tcp_syncookies=2"
#define NONE "/tcp_max_tw_buckets=0"
static const struct oracle_row new_rows[] = {
	/* tcp_conn_request(): an ISN that came from TIME_WAIT keeps the SYN from getting a cookie */
	{ "time-wait/syn/seq-above/ts-above" COOKIES, ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV },
	{ "time-wait/syn/seq-below/ts-below" COOKIES, ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	/* cookie_v4_init_sequence(), then reqsk_free() */
	{ "listen/syn/seq-above/ts-above" COOKIES, ANSWER_SYN_ACK, ISN_FRESH, STATE_LISTEN },
	{ "listen/ack/seq-above/ts-above" COOKIES, ANSWER_RST, ISN_NONE, STATE_LISTEN },
	/* a half-open connection that is there before is looked up first */
	{ "syn-recv/syn/seq-1/ts-equal/tcp_syncookies=2@probe", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV },
	/* tcp_time_wait(): no socket -> tcp_done(); the listener has the four-tuple */
	{ "time-wait/syn/seq-below/ts-below" NONE, ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV },
	{ "time-wait/ack/seq-equal/ts-equal" NONE, ANSWER_RST, ISN_NONE, STATE_CLOSED },
	{ "time-wait/rst/seq-equal/ts-equal" NONE, ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "fin-wait-2/fin/seq-equal/ts-equal" NONE, ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "closing/ack/seq-equal/ts-equal" NONE, ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	{ "closing/ack/seq-equal/ts-equal" NONE "@probe", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED },
	/* what stands already is the small socket itself */
	{ "time-wait/ack/seq-equal/ts-equal" NONE "@probe", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT },
	{ "fin-wait-2/fin-ack/seq-equal/ts-equal" NONE "@probe", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT },
	{ "time-wait/syn/seq-below/ts-below" COOKIES NONE, ANSWER_SYN_ACK, ISN_FRESH, STATE_CLOSED },
};

START_TEST(expected)
{
	check_row(BOOK_LINUX, "6.18.44", &new_rows[_i]);
}
END_TEST

/* Before 6.10 the ISN is lost on its way, and with it what kept the SYN from getting a cookie. */
START_TEST(expected_of_old)
{
	static const struct oracle_row reopened = {
		"time-wait/syn/seq-above/ts-above" COOKIES, ANSWER_SYN_ACK, ISN_FRESH, STATE_CLOSED,
	};

	/* secure_tcp_syn_cookie() adds the SYN's number: here the two ISNs are the same */
	static const struct oracle_row as_far = {
		"time-wait/syn/seq+2^16+1/ts-above" COOKIES, ANSWER_SYN_ACK, ISN_NONE, STATE_CLOSED,
	};

	check_row(BOOK_LINUX, "6.1.192", &as_far);
	check_row(BOOK_LINUX, "5.10.223", &reopened);
	check_row(BOOK_LINUX, "6.1.192", &reopened);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("limits");

	tcase_add_loop_test(tcase, counters, 0, ROWS(rows));
	tcase_add_test(tcase, base);
	tcase_add_loop_test(tcase, barred, 0, ROWS(bars));
	tcase_add_test(tcase, manners);
	tcase_add_test(tcase, small_buffers);
	tcase_add_loop_test(tcase, expected, 0, ROWS(new_rows));
	tcase_add_test(tcase, expected_of_old);
	return run_suite("limits", tcase, NULL);
}
