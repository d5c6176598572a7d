/* test_reproduction.c - encounters as cells: what a cell repeats of them, what it does not, and why there is none. */
#include "harness/diagnose/reproduction.h"

#include <stdio.h>
#include <string.h>

#include "crafter/segment_text.h"

#include "tests/unit/suite.h"

/* A server in this state: snd_nxt 5000, rcv_nxt 1000, ts_recent 100, its own last TSval 70. */
static void server(struct end *end, enum state state)
{
	memset(end, 0, sizeof(*end));
	end->state = state;
	end->known = END_ISS | END_IRS | END_SND_NXT | END_SND_UNA | END_SND_WND | END_RCV_NXT | END_RCV_WND | END_LAST_ACK |
		     END_TIMESTAMPS | END_OPTIONS | END_TS_RECENT | END_LAST_TSVAL;
	end->passive = end->timestamps = true;
	end->fin_sent = end->fin_acked = state == STATE_TIME_WAIT;
	end->fin_came = end->fin_taken = state == STATE_TIME_WAIT;
	end->snd_nxt = end->snd_una = 5000;
	end->iss = end->snd_nxt - end->fin_sent - 1;
	end->rcv_nxt = end->rcv_max = end->last_ack_sent = 1000;
	end->irs = end->rcv_nxt - end->fin_taken - 1;
	end->rcv_wnd = 65535;
	end->snd_wnd = end->max_snd_wnd = 65535;
	end->snd_wl1 = end->rcv_nxt;
	end->snd_wl2 = end->snd_una;
	end->ts_recent = 100;
	end->last_tsval = 70;
}

static void meet(struct encounter *encounter, enum state state, const char *line)
{
	static uint8_t payload[SEGMENT_PAYLOAD_MAX];
	struct error error = { "" };
	char text[256];

	*encounter = (struct encounter){ .kind = ENCOUNTER_OUTSIDE_WINDOW, .from_start = true };
	server(&encounter->subject, state);
	snprintf(text, sizeof(text), "192.0.2.1:40000 > 192.0.2.2:80 %s", line);
	ck_assert_msg(segment_text_parse(text, NULL, &encounter->segment, payload, &error) == 0, "%s: %s", text, error.text);
}

#define STAMPS "<nop,nop,TS val 100 ecr 70>"
#define SYN_OPTIONS "<mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>"

static const struct {
	enum state state;
	const char *line, *cell, *lacks;
} repeated[] = {
	{ STATE_TIME_WAIT, "S 0 win 64240 <mss 1460,sackOK,TS val 1100 ecr 0,nop,wscale 7>",
	  "time-wait/syn/seq-below/ts-above", "" },
	{ STATE_TIME_WAIT, "S 2000 win 29200 " SYN_OPTIONS, "time-wait/syn/seq-above/ts-equal", "" },
	{ STATE_TIME_WAIT, "SEC 2000 win 64240 " SYN_OPTIONS, "time-wait/syn/seq-above/ts-equal", "the flags EC" },
	{ STATE_TIME_WAIT, "S 2000 win 64240 <mss 1460>", "time-wait/syn/seq-above/ts-absent", "its TCP options" },
	{ STATE_TIME_WAIT, "S 2000 win 64240 <mss 1460,sackOK,TS val 100 ecr 9,nop,wscale 7>",
	  "time-wait/syn/seq-above/ts-equal", "its TSecr" },
	{ STATE_ESTABLISHED, "A 0 ack 5000 win 502 " STAMPS, "established/ack/seq-below/ts-equal", "" },
	{ STATE_ESTABLISHED, "A 0 ack 5000 win 502 <nop,nop,TS val 100 ecr 60>", "established/ack/seq-below/ts-equal",
	  "its TSecr" },
	{ STATE_ESTABLISHED, "A 0 ack 4990 win 502 " STAMPS, "established/ack/seq-below/ts-equal/ack-10", "" },
	/* A closed window may decide (tcp_may_update_window); that of a reset never does. */
	{ STATE_ESTABLISHED, "A 0 ack 5000 win 0 " STAMPS, "established/ack/seq-below/ts-equal/win=0", "" },
	{ STATE_ESTABLISHED, "R 1000 win 0", "established/rst/seq-equal/ts-absent", "" },
	{ STATE_ESTABLISHED, "PA 0:10(10) ack 5000 win 502 " STAMPS, "established/data/seq-below/ts-equal", "" },
	{ STATE_ESTABLISHED, "PAU 0:12(12) ack 5000 win 502 " STAMPS, "established/data/seq-below/ts-equal",
	  "12 bytes of payload (the cell has 10), the flags U" },
	{ STATE_ESTABLISHED, "FA 0:4(4) ack 5000 win 502 " STAMPS, "established/fin-ack/seq-below/ts-equal/payload=4", "" },
	/* A FIN behind old text is next in sequence. */
	{ STATE_ESTABLISHED, "FPA 996:1000(4) ack 5000 win 502 " STAMPS, "established/fin-ack/seq-4/ts-equal/payload=4", "" },
	/* Any flags are a kind. */
	{ STATE_ESTABLISHED, "FSR 0 win 502 " SYN_OPTIONS, "established/FSR/seq-below/ts-equal", "" },
};

START_TEST(what_a_cell_repeats)
{
	struct reproduction reproduction;
	struct encounter encounter;
	char name[CELL_NAME_SIZE];
	struct error error = { "" };
	struct cell cell;

	meet(&encounter, repeated[_i].state, repeated[_i].line);
	reproduction_make(&encounter, &reproduction);
	ck_assert_ptr_null(reproduction.why_not);
	ck_assert_str_eq(cell_name(&reproduction.cell, name, sizeof(name)), repeated[_i].cell);
	ck_assert_str_eq(reproduction.lacks, repeated[_i].lacks);
	ck_assert(reproduction.same);
	/* The command can be given. */
	ck_assert_msg(cell_parse(name, &cell, &error) == 0, "%s", error.text);
	ck_assert_str_eq(cell_name(&cell, name, sizeof(name)), repeated[_i].cell);
}
END_TEST

static const struct {
	enum state state;
	const char *line, *cell;
} connected[] = {
	{ STATE_ESTABLISHED, "A 0 ack 5000 win 502 " STAMPS, "established/ack/seq-below/ts-equal/opening-active" },
	{ STATE_FIN_WAIT_1, "A 0 ack 5000 win 502 " STAMPS, "fin-wait-1/ack/seq-below/ts-equal/opening-active" },
	{ STATE_TIME_WAIT, "A 0 ack 5000 win 502 " STAMPS, "time-wait/ack/seq-below/ts-equal/opening-active" },
	{ STATE_SYN_RECV, "A 0 ack 5000 win 502 " STAMPS, "syn-recv/ack/seq-below/ts-equal/opening-simultaneous" },
	/* One that waits for its SYN-ACK has connected in any case. */
	{ STATE_SYN_SENT, "S 0 win 64240 " SYN_OPTIONS, "syn-sent/syn/seq-equal/ts-equal" },
	{ STATE_SYN_SENT, "A 0 ack 4999 win 502 <nop,nop,TS val 100 ecr 66>", "syn-sent/ack/seq-equal/ts-equal/tsecr-4" },
	{ STATE_SYN_SENT, "A 0 ack 4999 win 502 <nop,nop,TS val 100 ecr 0>", "syn-sent/ack/seq-equal/ts-equal/tsecr-zero" },
	{ STATE_SYN_SENT, "A 0 ack 4999 win 502", "syn-sent/ack/seq-equal/ts-absent" },
	/* Without a connection only flags matter. */
	{ STATE_CLOSED, "PA 77:87(10) ack 88 win 502 " STAMPS, "closed/data/seq-equal/ts-equal" },
	{ STATE_CLOSED, "FA 77 ack 88 win 0", "closed/fin-ack/seq-equal/ts-absent" },
};

START_TEST(a_subject_that_connected)
{
	struct reproduction reproduction;
	struct encounter encounter;
	char name[CELL_NAME_SIZE];
	struct error error = { "" };
	struct cell cell;

	meet(&encounter, connected[_i].state, connected[_i].line);
	encounter.subject.passive = false;
	encounter.subject.own_syn.timestamps = true;
	encounter.subject.own_syn.tsval = 70;
	reproduction_make(&encounter, &reproduction);
	ck_assert_ptr_null(reproduction.why_not);
	ck_assert_str_eq(cell_name(&reproduction.cell, name, sizeof(name)), connected[_i].cell);
	ck_assert_str_eq(reproduction.lacks, "");
	ck_assert_msg(cell_parse(name, &cell, &error) == 0, "%s", error.text);
	reproduction_at_target(&encounter, &reproduction);
	ck_assert_int_eq(reproduction.cell.opening, OPENING_PASSIVE);
	ck_assert_str_eq(reproduction.lacks, strstr(name, "opening") ? "a subject that connected" : "");
}
END_TEST

static const struct {
	enum state state;
	unsigned unknown;
	const char *line, *why;
} unnamed[] = {
	{ STATE_SYN_SENT, END_ISS, "A 0 ack 5000 win 502",
	  "the capture does not show the numbers that a cell counts from" },
	{ STATE_UNKNOWN, 0, "A 0 ack 5000 win 502", "the state is not known" },
	{ STATE_ESTABLISHED, END_RCV_NXT, "A 0 ack 5000 win 502",
	  "the capture does not show the numbers that a cell counts from" },
};

START_TEST(why_there_is_no_cell)
{
	struct reproduction reproduction;
	struct encounter encounter;

	meet(&encounter, unnamed[_i].state, unnamed[_i].line);
	encounter.subject.known &= (uint16_t)~unnamed[_i].unknown;
	reproduction_make(&encounter, &reproduction);
	ck_assert_ptr_nonnull(reproduction.why_not);
	ck_assert_str_eq(reproduction.why_not, unnamed[_i].why);
	ck_assert_str_eq(reproduction.lacks, "");
	ck_assert(!reproduction.same);
}
END_TEST

/* In the lab the window is some 64 KB, and nothing waits for an acknowledgment. */
START_TEST(a_question_that_no_cell_asks)
{
	struct reproduction reproduction;
	struct encounter encounter;

	/* In a window of 1 MB, an RST gets a challenge ACK; outside, none (RFC 5961 3.2). */
	meet(&encounter, STATE_ESTABLISHED, "R 101000 win 0");
	reproduction_make(&encounter, &reproduction);
	ck_assert(reproduction.same);
	encounter.subject.rcv_wnd = 1 << 20;
	reproduction_make(&encounter, &reproduction);
	ck_assert(!reproduction.same);
	/* After 24 days a timestamp does not count any more (RFC 7323 5.5). */
	meet(&encounter, STATE_ESTABLISHED, "A 1000 ack 5000 win 502 <nop,nop,TS val 2000000000 ecr 70>");
	encounter.subject.ts_recent = 3000000000;
	reproduction_make(&encounter, &reproduction);
	ck_assert(reproduction.same);
	encounter.time_ns = 25 * 86400 * NSEC_PER_SEC;
	reproduction_make(&encounter, &reproduction);
	ck_assert(!reproduction.same);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("reproduction");

	tcase_add_loop_test(tcase, what_a_cell_repeats, 0, ROWS(repeated));
	tcase_add_loop_test(tcase, a_subject_that_connected, 0, ROWS(connected));
	tcase_add_loop_test(tcase, why_there_is_no_cell, 0, ROWS(unnamed));
	tcase_add_test(tcase, a_question_that_no_cell_asks);
	return run_suite("reproduction", tcase, NULL);
}
