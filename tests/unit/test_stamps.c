/* test_stamps.c - timestamps that vanish, go back or are far ahead, and clocks behind one address. */
#include "harness/diagnose/clocks.h"

#include "crafter/units.h"
#include "harness/diagnose/cause.h"
#include "harness/diagnose/details.h"
#include "harness/diagnose/judgement.h"

#include "tests/unit/story.h"
#include "tests/unit/suite.h"

enum { STORY_MAX = 24, SYNS_MAX = 16 };

#define OPENED \
	"C S 1000 win 64240 <mss 1460,sackOK,TS val 500000 ecr 0>", \
	"S SA 5000 ack 1001 win 65160 <mss 1460,sackOK,TS val 9000 ecr 500000>", \
	"C A 1001 ack 5001 win 64240 <nop,nop,TS val 500001 ecr 9000>"
#define DATA(from, to, ts) "C PA " #from ":" #to "(100) ack 5001 win 64240 <nop,nop,TS val " #ts " ecr 9000>"
#define ACK(ts) "C A 1001 ack 5001 win 64240 <nop,nop,TS val " #ts " ecr 9000>"
#define BARE(from, to) "C PA " #from ":" #to "(100) ack 5001 win 64240"

static const struct story {
	const char *name;
	const char *lines[STORY_MAX];
	size_t count;
	uint64_t frame;   /* of the first */
	const char *finding, *details;
} stories[] = {
	{ "an ordinary clock", { OPENED, DATA(1001, 1101, 500003), "5000 " DATA(1101, 1201, 505003) }, 0, 0, NULL, NULL },
	{ "one without", { OPENED, DATA(1001, 1101, 500003), BARE(1101, 1201), DATA(1201, 1301, 500004) }, 1, 5,
	  "timestamp-missing", "The next segments of its side have one again: something else made this one." },
	{ "one without, and nothing after it", { OPENED, DATA(1001, 1101, 500003), BARE(1101, 1201) }, 1, 5,
	  "timestamp-missing", "" },
	{ "stripped from here on",
	  { OPENED, DATA(1001, 1101, 500003), BARE(1101, 1201), BARE(1201, 1301), BARE(1301, 1401), BARE(1401, 1501) }, 1, 5,
	  "timestamps-vanish", "" },
	{ "stripped for a while",
	  { OPENED, BARE(1001, 1101), BARE(1101, 1201), BARE(1201, 1301), BARE(1301, 1401), DATA(1401, 1501, 500009) }, 1, 4,
	  "timestamps-vanish", "" },
	/* tcp_v4_send_reset() */
	{ "stripped, and the server answers with data",
	  { OPENED, DATA(1001, 1101, 500003), BARE(1101, 1201),
	    "S PA 5001:5002(1) ack 1201 win 65160 <nop,nop,TS val 9001 ecr 500003>",
	    BARE(1201, 1301), BARE(1301, 1401), BARE(1401, 1501) }, 1, 5, "timestamps-vanish", "" },
	{ "a reset never has one", { OPENED, DATA(1001, 1101, 500003),
				       "S PA 5001:5002(1) ack 1101 win 65160 <nop,nop,TS val 9001 ecr 500003>", "S R 5002" },
	  1, 6, "reset", "" },
	{ "an old duplicate", { OPENED, DATA(1001, 1101, 500203), DATA(1101, 1201, 500103), DATA(1201, 1301, 500204) }, 1, 5,
	  "paws", "Its timestamp is 100 below the last one (100 ms, if the clock ticks in milliseconds)." },
	{ "an older one than the SYN", { OPENED, DATA(1001, 1101, 500003), DATA(1101, 1201, 400000), DATA(1201, 1301, 500004) },
	  1, 5, "paws", "Its timestamp is 100003 below the last one (100 s, if the clock ticks in milliseconds), and older "
	  "than the SYN's: it is not of this connection's clock." },
	{ "another host from here on",
	  { OPENED, DATA(1001, 1101, 500003), DATA(1101, 1201, 400000), DATA(1101, 1201, 400200), DATA(1101, 1201, 400600) },
	  3, 5, "timestamps-back", "Its timestamp is 100003 below the last one (100 s, if the clock ticks in milliseconds), "
	  "and older than the SYN's: it is not of this connection's clock." },
	{ "segments that overtake each other",
	  { OPENED, "1000 " DATA(1301, 1401, 501005), DATA(1001, 1101, 501002), DATA(1101, 1201, 501003),
	    DATA(1201, 1301, 501004) },
	  0, 0, NULL, NULL },
	{ "acknowledgments that overtake each other",
	  { OPENED, "1000 " ACK(501005), ACK(501002), ACK(501003), ACK(501004) }, 3, 5, "paws",
	  "Its timestamp is 3 below the last one (3 ms, if the clock ticks in milliseconds)." },
	{ "a clock that leaves and comes back is not far ahead",
	  { OPENED, DATA(1001, 1101, 500003), DATA(1101, 1201, 100000), DATA(1201, 1301, 500004) }, 1, 5, "paws",
	  "Its timestamp is 400003 below the last one (400 s, if the clock ticks in milliseconds), and older than the SYN's: "
	  "it is not of this connection's clock." },
	{ "far ahead, and back",
	  { OPENED, DATA(1001, 1101, 500003), "S A 5001 ack 1101 win 65160 <nop,nop,TS val 9001 ecr 500003>",
	    DATA(1101, 1201, 90000000), "S A 5001 ack 1201 win 65160 <nop,nop,TS val 9001 ecr 90000000>",
	    DATA(1201, 1301, 500004) }, 2, 6,
	  "timestamp-ahead", "Its timestamp is 89499997 above the last one (89500 s, if the clock ticks in milliseconds), "
	  "20 us after it. The next segments of its side are back on their clock: something else made this one." },
	{ "far ahead, and on from there",
	  { OPENED, DATA(1001, 1101, 500003), DATA(1101, 1201, 90000000), DATA(1201, 1301, 90000001),
	    DATA(1301, 1401, 90000002) },
	  1, 5, "timestamp-ahead", "Its timestamp is 89499997 above the last one (89500 s, if the clock ticks in "
	  "milliseconds), 10 us after it. The next segments of its side go on from there." },
	/* tcp_paws_check(): "Some OSes send SYN and SYNACK messages with tsval=0" */
	{ "a server's first timestamp is 0",
	  { "C S 1000 win 64240 <mss 1460,sackOK,TS val 500000 ecr 0>",
	    "S SA 5000 ack 1001 win 16384 <mss 1460,sackOK,TS val 0 ecr 0>", ACK(500001), DATA(1001, 1101, 500002),
	    "4 S PA 5001:5011(10) ack 1101 win 65000 <nop,nop,TS val 609738 ecr 500002>" }, 0, 0, NULL, NULL },
	{ "a client's is, and its clock's highest bit is set",
	  { "C S 1000 win 64240 <mss 1460,sackOK,TS val 0 ecr 0>",
	    "S SA 5000 ack 1001 win 65160 <mss 1460,sackOK,TS val 9000 ecr 0>", ACK(4000000000),
	    DATA(1001, 1101, 4000000001) }, 0, 0, NULL, NULL },
	{ "a clock of eight ticks a microsecond",
	  { OPENED, "100000 " DATA(1001, 1101, 800500001), "2000 " DATA(1101, 1201, 816500100),
	    "3000 " DATA(1201, 1301, 840500200) }, 1, 4, "timestamp-ahead",
	  "Its timestamp is 800000000 above the last one (800000 s, if the clock ticks in milliseconds), 100 s after it. "
	  "The next segments go on at the same pace, about 7999 ticks a millisecond: nothing has jumped, its clock is "
	  "faster than the one tick that RFC 7323 5.4 allows." },
	/* XNU: tcp_respond() gives the segment no options */
	{ "keepalives without one",
	  { OPENED, DATA(1001, 1101, 500003), "S A 5001 ack 1101 win 65160 <nop,nop,TS val 9003 ecr 500003>",
	    "75000 C A 1100 ack 5001 win 2048", "S A 5001 ack 1101 win 65160 <nop,nop,TS val 84003 ecr 500003>",
	    "75000 C A 1100 ack 5001 win 2048", "S A 5001 ack 1101 win 65160 <nop,nop,TS val 159003 ecr 500003>",
	    "75000 C A 1100 ack 5001 win 2048", "S A 5001 ack 1101 win 65160 <nop,nop,TS val 234003 ecr 500003>",
	    DATA(1101, 1201, 725005) }, 0, 0, NULL, NULL },
	{ "an ACK without one that is no keepalive",
	  { OPENED, DATA(1001, 1101, 500003), "S A 5001 ack 1101 win 65160 <nop,nop,TS val 9003 ecr 500003>",
	    "C A 1101 ack 5001 win 2048" }, 1, 6, "timestamp-missing", "" },
	/* TCP_USEC_TS: a tick is a microsecond */
	{ "a clock of microseconds", { OPENED, "400 " DATA(1001, 1101, 900021), "2000 " DATA(1101, 1201, 2900031) }, 0, 0, NULL,
	  NULL },
};

START_TEST(timestamps)
{
	const struct story *story = &stories[_i];
	const struct encounter *first = &story_found.list[0];
	const struct kernel any = { .timestamps = true };
	char details[DETAILS_SIZE];
	struct judgement judgement;

	story_tell(story->lines);
	ck_assert_msg(story_found.count == story->count, "%s: %zu encounters, the first is %s in frame %u", story->name,
		      story_found.count, cause_of(first)->name, (unsigned)first->frame);
	for (size_t i = 0; i < story_found.count; i++) {
		judgement_make(&story_found.list[i], BOOK_LINUX, &any, &judgement);
		ck_assert_msg(judgement.verdict != VERDICT_DIFFERS, "%s: %s", story->name, judgement.why);
	}
	if (!story->count)
		return;
	ck_assert_uint_eq(first->frame, story->frame);
	ck_assert_msg(strcmp(cause_of(first)->name, story->finding) == 0, "%s: %s", story->name, cause_of(first)->name);
	ck_assert_msg(strcmp(details_write(first, details, sizeof(details)), story->details) == 0, "%s: %s", story->name,
		      details);
}
END_TEST

/* SYNs of one address: when, in ms, from which port, with which TSval. */
static const struct clock_case {
	const char *name;
	struct { uint32_t ms, tsval; uint16_t port; } syns[SYNS_MAX];
	int count, two_at; /* the number of the SYN that shows it; 0: none */
} clock_cases[] = {
	{ "one host",
	  { { 0, 1000, 1 }, { 900, 1900, 2 }, { 2000, 3001, 3 }, { 2100, 3100, 4 }, { 9000, 10003, 5 },
	    { 9500, 10500, 6 } }, 6, 0 },
	{ "two hosts",
	  { { 0, 1000, 1 }, { 10, 70000, 2 }, { 900, 1900, 3 }, { 1000, 70990, 4 }, { 1500, 2500, 5 },
	    { 2500, 72490, 6 } }, 6, 6 },
	{ "a host that restarts",
	  { { 0, 90000, 1 }, { 900, 90900, 2 }, { 2000, 92000, 3 }, { 30000, 500, 4 }, { 31000, 1500, 5 }, { 32000, 2500, 6 } },
	  6, 0 },
	{ "an offset for each connection",
	  { { 0, 4000000000, 1 }, { 500, 77, 2 }, { 1000, 1234567890, 3 }, { 1500, 999, 4 }, { 2000, 3456789012, 5 },
	    { 2500, 88888888, 6 } }, 6, 0 },
	/* SYNs that come again: each connection is on a line of its own. */
	{ "an offset for each connection, and no answers",
	  { { 0, 4000000000, 1 }, { 500, 77, 2 }, { 1000, 4000001000, 1 }, { 1500, 1077, 2 }, { 3000, 4000003000, 1 },
	    { 3500, 3077, 2 }, { 7000, 4000007000, 1 }, { 7500, 7077, 2 } }, 8, 0 },
	/* No clock at all: tools that craft segments */
	{ "two numbers",
	  { { 0, 1000, 1 }, { 10, 70000, 2 }, { 20, 1000, 3 }, { 30, 70000, 4 }, { 40, 1000, 5 }, { 50, 70000, 6 },
	    { 2000, 1000, 7 }, { 2010, 70000, 8 }, { 2020, 1000, 9 }, { 2030, 70000, 10 } }, 10, 0 },
};

START_TEST(clocks_behind_an_address)
{
	const struct clock_case *row = &clock_cases[_i];
	struct segment syn = { .flags = FLAG_SYN };
	struct clocks *clocks = calloc(1, sizeof(*clocks));
	int two_at = 0;

	syn.tuple.source.address = (struct address){ .family = 4, .bytes = { 192, 0, 2, 1 } };
	syn.tuple.target.address = (struct address){ .family = 4, .bytes = { 192, 0, 2, 2 } };
	for (int i = 0; i < row->count; i++) {
		syn.tuple.source.port = row->syns[i].port;
		syn.tsval = row->syns[i].tsval;
		if (clocks_note(clocks, &syn, NSEC_PER_SEC + row->syns[i].ms * NSEC_PER_MSEC) == CLOCKS_NEW && !two_at)
			two_at = i + 1;
	}
	ck_assert_msg(two_at == row->two_at, "%s: at %d", row->name, two_at);
	if (two_at) {
		clocks_tell(clocks, &syn);
		ck_assert_int_eq(clocks_note(clocks, &syn, 5 * NSEC_PER_SEC), CLOCKS_SEVERAL);
	}
	free(clocks);
}
END_TEST

/* A NAT gives one host's port to another, whose clock is behind. */
START_TEST(another_host_in_time_wait)
{
	static const char *const lines[] = {
		OPENED, "S FA 5001 ack 1001 win 65160 <nop,nop,TS val 9003 ecr 500001>",
		"C FA 1001 ack 5002 win 64240 <nop,nop,TS val 500004 ecr 9003>",
		"S A 5002 ack 1002 win 65160 <nop,nop,TS val 9004 ecr 500004>",
		"2000 C S 2 win 64240 <mss 1460,sackOK,TS val 1000 ecr 0>",
		"S A 5002 ack 1002 win 65160 <nop,nop,TS val 11004 ecr 500004>", NULL
	};
	char details[DETAILS_SIZE];

	story_tell(lines);
	ck_assert_uint_ge(story_found.count, 1);
	ck_assert_str_eq(cause_of(&story_found.list[0])->name, "tw-syn-refused");
	details_write(&story_found.list[0], details, sizeof(details));
	ck_assert_msg(strstr(details, "Its timestamp is 499004 below the old connection's last one (499 s, if the clock "
			     "ticks in milliseconds), which its clock cannot show now"), "%s", details);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("stamps");

	tcase_add_loop_test(tests, timestamps, 0, ROWS(stories));
	tcase_add_loop_test(tests, clocks_behind_an_address, 0, ROWS(clock_cases));
	tcase_add_test(tests, another_host_in_time_wait);
	return run_suite("stamps", tests, NULL);
}
