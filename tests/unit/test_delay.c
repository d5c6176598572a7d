/* test_delay.c - how long an encounter held somebody up: never a time that the capture does not show. */
#include "harness/diagnose/delay.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/units.h"
#include "harness/diagnose/cause.h"
#include "harness/diagnose/losses.h"
#include "harness/diagnose/tracker.h"

#include "tests/unit/story.h"
#include "tests/unit/suite.h"

enum { STORY_MAX = 16, STEP_US = 10 };

static struct seen {
	size_t count, late_count;
	struct encounter first;
	uint64_t late_ns;
	const char *late_cause;
} seen;

static void take(void *context, const struct encounter *encounter, const struct tuple *tuple)
{
	(void)context;
	(void)tuple;
	if (seen.count++ == 0)
		seen.first = *encounter;
}

static void take_late(void *context, size_t cause, uint64_t delay_ns)
{
	(void)context;
	if (seen.late_count++ == 0) {
		seen.late_ns = delay_ns;
		seen.late_cause = cause_at(cause)->name;
	}
}

#define OPENED \
	"C S 1000 win 64240 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>", \
	"S SA 5000 ack 1001 win 65160 <mss 1460,sackOK,TS val 900 ecr 100,nop,wscale 7>", \
	"C A 1001 ack 5001 win 502 <nop,nop,TS val 101 ecr 900>"
#define SERVER_CLOSED_FIRST \
	OPENED, "S FA 5001 ack 1001 win 510 <nop,nop,TS val 901 ecr 101>", \
	"C FA 1001 ack 5002 win 502 <nop,nop,TS val 102 ecr 901>", \
	"S A 5002 ack 1002 win 510 <nop,nop,TS val 902 ecr 102>"
#define REFUSED \
	SERVER_CLOSED_FIRST, "C S 2 win 64240 <mss 1460>", "S A 5002 ack 1002 win 510 <nop,nop,TS val 950 ecr 102>", "C R 1002"

static const struct story {
	const char *name;
	const char *lines[STORY_MAX];
	enum encounter_kind kind;
	uint64_t frame, us; /* that ends the delay of the first encounter; 0: none is known */
} stories[] = {
	{ "refused, and accepted a second later", { REFUSED, "1000 C S 2 win 64240 <mss 1460>", "S SA 70000 ack 3 win 65160" },
	  ENCOUNTER_SYN_TIME_WAIT, 11, 1000000 + 4 * STEP_US },
	{ "accepted at once", { SERVER_CLOSED_FIRST, "C S 9000 win 64240 <mss 1460>", "S SA 70000 ack 9001 win 65160" },
	  ENCOUNTER_SYN_TIME_WAIT, 8, STEP_US },
	/* The old connection's ACK acknowledges the new SYN by chance, and opens nothing (RFC 9293 3.10.7.3). */
	{ "refused by an ACK of the right number",
	  { SERVER_CLOSED_FIRST, "C S 1001 win 64240 <mss 1460>", "S A 5002 ack 1002 win 510 <nop,nop,TS val 950 ecr 102>",
	    "1000 C S 1001 win 64240 <mss 1460>", "S SA 70000 ack 1002 win 65160" },
	  ENCOUNTER_SYN_TIME_WAIT, 10, 1000000 + 3 * STEP_US },
	{ "refused, and the capture ends", { REFUSED, "1000 C S 2 win 64240 <mss 1460>" }, ENCOUNTER_SYN_TIME_WAIT, 0, 0 },
	/* Another SYN: the process was told of a failure, and nothing shows when it tried again. */
	{ "another connection", { REFUSED, "60000 C S 900000 win 64240 <mss 1460>", "S SA 70000 ack 900001 win 65160" },
	  ENCOUNTER_SYN_TIME_WAIT, 0, 0 },
	/* PAWS: new data is not taken, and acknowledged when it comes again with a newer timestamp. */
	{ "an old timestamp on new data",
	  { OPENED, "C PA 1001:1011(10) ack 5001 win 502 <nop,nop,TS val 50 ecr 900>",
	    "S A 5001 ack 1001 win 510 <nop,nop,TS val 905 ecr 101>",
	    "200 C PA 1001:1011(10) ack 5001 win 502 <nop,nop,TS val 300 ecr 905>",
	    "S A 5001 ack 1011 win 510 <nop,nop,TS val 1105 ecr 300>" }, ENCOUNTER_OLD_TIMESTAMP, 7, 200000 + 3 * STEP_US },
	{ "a duplicate of what was acknowledged",
	  { OPENED, "C PA 1001:1011(10) ack 5001 win 502 <nop,nop,TS val 102 ecr 900>",
	    "S A 5001 ack 1011 win 510 <nop,nop,TS val 905 ecr 102>",
	    "C PA 1001:1011(10) ack 5001 win 502 <nop,nop,TS val 50 ecr 900>",
	    "9000 C PA 1011:1021(10) ack 5001 win 502 <nop,nop,TS val 9102 ecr 905>",
	    "S A 5001 ack 1021 win 510 <nop,nop,TS val 9905 ecr 9102>" }, ENCOUNTER_OLD_TIMESTAMP, 0, 0 },
	/* Nobody waits for anything: what comes after ten minutes is no delay. */
	{ "a challenge on an idle connection",
	  { OPENED, "C R 1101 win 502", "S A 5001 ack 1001 win 510 <nop,nop,TS val 905 ecr 101>",
	    "600000 C PA 1001:1011(10) ack 5001 win 502 <nop,nop,TS val 999 ecr 905>",
	    "S A 5001 ack 1011 win 510 <nop,nop,TS val 999 ecr 999>" }, ENCOUNTER_RESET, 0, 0 },
	/* The server waits for the acknowledgment of its data. */
	{ "a challenge while data is on its way",
	  { OPENED, "S PA 5001:5101(100) ack 1001 win 510 <nop,nop,TS val 901 ecr 101>", "C R 1101 win 502",
	    "S A 5101 ack 1001 win 510 <nop,nop,TS val 905 ecr 101>",
	    "300 C A 1001 ack 5101 win 502 <nop,nop,TS val 999 ecr 905>" }, ENCOUNTER_RESET, 7, 300000 + 2 * STEP_US },
	/* The client acknowledges 100 bytes that were not captured: perhaps it did so before, unseen as well. */
	{ "a challenge, and a gap in the capture",
	  { OPENED, "S PA 5001:5101(100) ack 1001 win 510 <nop,nop,TS val 901 ecr 101>", "C R 1101 win 502",
	    "S A 5101 ack 1001 win 510 <nop,nop,TS val 905 ecr 101>",
	    "300 C A 1001 ack 5201 win 502 <nop,nop,TS val 999 ecr 905>",
	    "S PA 5201:5301(100) ack 1001 win 510 <nop,nop,TS val 1901 ecr 999>",
	    "C A 1001 ack 5301 win 502 <nop,nop,TS val 999 ecr 1901>" }, ENCOUNTER_RESET, 0, 0 },
	{ "a reset that ends it",
	  { OPENED, "S PA 5001:5101(100) ack 1001 win 510 <nop,nop,TS val 901 ecr 101>", "C R 1001 win 502",
	    "1000 C S 90000 win 64240 <mss 1460>", "S SA 70000 ack 90001 win 65160", "C A 90001 ack 70001 win 502" },
	  ENCOUNTER_RESET, 0, 0 },
};

/* `others`: segments of another connection that come before the last line, so that the encounter is delivered before it. */
static void tell(const char *const *lines, unsigned others)
{
	struct tracker *tracker = tracker_open(16, &(struct tracker_sink){ take, NULL, take_late, NULL });
	uint64_t now_ns = NSEC_PER_SEC, number = 0;
	struct error error = { "" };
	struct segment other = { .flags = FLAG_ACK };

	memset(&seen, 0, sizeof(seen));
	other.tuple.source = (struct endpoint){ .address = { .family = 4, .bytes = { 192, 0, 2, 9 } }, .port = 1 };
	other.tuple.target = (struct endpoint){ .address = { .family = 4, .bytes = { 192, 0, 2, 8 } }, .port = 2 };
	for (size_t i = 0; lines[i]; i++) {
		if (!lines[i + 1])
			for (unsigned j = 0; j < others; j++)
				ck_assert_int_eq(tracker_take(tracker, &other, false, ++number, now_ns, &error), 0);
		story_line(tracker, lines[i], ++number, &now_ns);
	}
	tracker_finish(tracker);
	tracker_close(tracker);
}

START_TEST(until_it_is_acknowledged)
{
	const struct story *story = &stories[_i];

	tell(story->lines, 0);
	ck_assert_msg(seen.count > 0 && seen.first.kind == story->kind, "%s: kind %d", story->name, (int)seen.first.kind);
	ck_assert_msg(seen.first.delay_known == (story->frame != 0), "%s: known %d", story->name, (int)seen.first.delay_known);
	ck_assert_uint_eq(seen.first.delay_frame, story->frame);
	ck_assert_uint_eq(seen.first.delay_ns, story->us * 1000);
	ck_assert_uint_eq(seen.late_count, 0);
}
END_TEST

/* Delivered before the delay is over: it is told afterwards, once. */
START_TEST(known_too_late)
{
	static const char *const lines[] = { REFUSED, "5000 C S 2 win 64240 <mss 1460>", "S SA 70000 ack 3 win 65160", NULL };

	tell(lines, LOSSES_NEAR + 10);
	ck_assert(!seen.first.delay_known);
	ck_assert_uint_eq(seen.late_count, 2); /* the SYN, and the ACK that the client did not expect */
	ck_assert_uint_eq(seen.late_ns, 5 * NSEC_PER_SEC + 4 * STEP_US * 1000);
	ck_assert_str_eq(seen.late_cause, "tw-syn-refused");
}
END_TEST

/* A flood is timed from its first segments; the next incarnation takes back what nobody will acknowledge. */
START_TEST(a_flood)
{
	struct tracker *tracker = tracker_open(16, &(struct tracker_sink){ take, NULL, take_late, NULL });
	static const char *const lines[] = { SERVER_CLOSED_FIRST, NULL };
	uint64_t now_ns = NSEC_PER_SEC, number = 0;

	memset(&seen, 0, sizeof(seen));
	while (lines[number]) {
		story_line(tracker, lines[number], number + 1, &now_ns);
		number++;
	}
	for (int i = 0; i < 20000; i++)
		story_line(tracker, "C S 2 win 64240 <mss 1460>", ++number, &now_ns);
	story_line(tracker, "S SA 70000 ack 3 win 65160", ++number, &now_ns);
	tracker_finish(tracker);
	tracker_close(tracker);
	ck_assert_uint_eq(seen.count, 20000);
	ck_assert_uint_eq(seen.late_count, DELAY_LATE);
	ck_assert_uint_eq(seen.late_ns, 20000 * STEP_US * 1000);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("delay");

	tcase_add_loop_test(tests, until_it_is_acknowledged, 0, ROWS(stories));
	tcase_add_test(tests, known_too_late);
	tcase_add_test(tests, a_flood);
	return run_suite("delay", tests, NULL);
}
