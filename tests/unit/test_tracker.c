/* test_tracker.c - conversations as text, and the encounters in them. Each story is what tcpdump would have shown. */
#include "harness/diagnose/tracker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/segment_text.h"
#include "crafter/units.h"
#include "harness/diagnose/judgement.h"

#include "tests/unit/story.h"
#include "tests/unit/suite.h"

enum { STORY_MAX = 12 };

/* An exchange may be two encounters: what answers one may meet an end that did not expect it. */
#define SERVER_CLOSED_FIRST \
	"C S 1000 win 64240 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>", \
	"S SA 5000 ack 1001 win 65160 <mss 1460,sackOK,TS val 900 ecr 100,nop,wscale 7>", \
	"C A 1001 ack 5001 win 502 <nop,nop,TS val 101 ecr 900>", \
	"S FA 5001 ack 1001 win 510 <nop,nop,TS val 901 ecr 101>", \
	"C FA 1001 ack 5002 win 502 <nop,nop,TS val 102 ecr 901>", \
	"S A 5002 ack 1002 win 510 <nop,nop,TS val 902 ecr 102>"

static const struct story {
	const char *name;
	const char *lines[STORY_MAX];
	size_t count;
	/* Of the first one. */
	enum encounter_kind kind;
	enum state state;
	uint64_t frame, answered_by;
	enum answer answer;
	const char *cell;
} stories[] = {
	{ "a connection from open to close", { SERVER_CLOSED_FIRST }, 0, 0, 0, 0, 0, 0, NULL },
	/* RFC 6191, tcp_timewait_state_process(): older in both numbers */
	{ "an old SYN into TIME_WAIT",
	  { SERVER_CLOSED_FIRST, "C S 2 win 64240 <mss 1460>", "S A 5002 ack 1002 win 510 <nop,nop,TS val 950 ecr 102>" },
	  2, ENCOUNTER_SYN_TIME_WAIT, STATE_TIME_WAIT, 7, 8, ANSWER_ACK, "time-wait/syn/seq-below/ts-absent" },
	{ "a new SYN into TIME_WAIT",
	  { SERVER_CLOSED_FIRST, "C S 2002 win 64240 <mss 1460,sackOK,TS val 1102 ecr 0>",
	    "S SA 70539 ack 2003 win 65160 <mss 1460>" },
	  1, ENCOUNTER_SYN_TIME_WAIT, STATE_TIME_WAIT, 7, 8, ANSWER_SYN_ACK, "time-wait/syn/seq-above/ts-above" },
	{ "no answer", { SERVER_CLOSED_FIRST, "C S 2 win 64240 <mss 1460>", "3000 C S 2 win 64240 <mss 1460>" },
	  1, ENCOUNTER_SYN_TIME_WAIT, STATE_TIME_WAIT, 7, 0, ANSWER_SILENCE, "time-wait/syn/seq-below/ts-absent" },
	{ "what comes after three seconds answers nothing",
	  { SERVER_CLOSED_FIRST, "C S 2 win 64240 <mss 1460>", "3000 S A 5002 ack 1002 win 510 <nop,nop,TS val 950 ecr 102>" },
	  2, ENCOUNTER_SYN_TIME_WAIT, STATE_TIME_WAIT, 7, 0, ANSWER_SILENCE, NULL },
	{ "data after both have closed",
	  { SERVER_CLOSED_FIRST, "S R 5002", "C PA 1002:1005(3) ack 5002 win 502 <nop,nop,TS val 103 ecr 902>" },
	  1, ENCOUNTER_CLOSED, STATE_CLOSED, 8, 0, ANSWER_SILENCE, NULL },
};

static const struct story live[] = {
	{ "a keepalive and its answer",
	  { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 64240",
	    "60000 C A 1000 ack 5001 win 64240", "S A 5001 ack 1001 win 65160" },
	  0, 0, 0, 0, 0, 0, NULL },
	{ "text that comes again",
	  { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>", "C PA 1001:1011(10) ack 5001 win 64240",
	    "S A 5001 ack 1011 win 65160", "C PA 1001:1011(10) ack 5001 win 64240", "S A 5001 ack 1011 win 65160" },
	  0, 0, 0, 0, 0, 0, NULL },
	/* RFC 5961 3.2: in the window, and not the next number */
	{ "a reset that is not exact",
	  { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 64240",
	    "C R 1101", "S A 5001 ack 1001 win 65160" },
	  2, ENCOUNTER_RESET, STATE_ESTABLISHED, 4, 5, ANSWER_ACK, "established/rst/seq+100/ts-absent/conn-ts-off" },
	/* RFC 5961 4.2 */
	{ "a SYN into a connection that is in use",
	  { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 64240",
	    "C S 90000 win 64240 <mss 1460>", "S A 5001 ack 1001 win 65160" },
	  2, ENCOUNTER_SYN_IN_USE, STATE_ESTABLISHED, 4, 5, ANSWER_ACK, "established/syn/seq+88999/ts-absent/conn-ts-off" },
	/* RFC 7323 5.3 */
	{ "a timestamp from before",
	  { "C S 1000 win 64240 <mss 1460,sackOK,TS val 100 ecr 0>",
	    "S SA 5000 ack 1001 win 65160 <mss 1460,sackOK,TS val 9 ecr 100>",
	    "C A 1001 ack 5001 win 64240 <nop,nop,TS val 200 ecr 9>",
	    "C PA 1001:1002(1) ack 5001 win 64240 <nop,nop,TS val 150 ecr 9>",
	    "S A 5001 ack 1001 win 65160 <nop,nop,TS val 10 ecr 200>" },
	  1, ENCOUNTER_OLD_TIMESTAMP, STATE_ESTABLISHED, 4, 5, ANSWER_ACK, "established/data/seq-equal/ts-50" },
	{ "a client's SYN meets an ACK of another connection",
	  { "C S 1000 win 64240 <mss 1460>", "S A 7777 ack 3333 win 65160", "C R 3333" },
	  1, ENCOUNTER_SYN_SENT, STATE_SYN_SENT, 2, 3, ANSWER_RST, NULL },
	{ "a connection refused", { "C S 1000 win 64240 <mss 1460>", "S RA 0 ack 1001" }, 0, 0, 0, 0, 0, 0, NULL },
	/* Of a connection from the middle nothing is known until it shows itself. */
	{ "from the middle", { "C PA 1001:1011(10) ack 5001 win 100", "S A 5001 ack 1011 win 100", "C A 700 ack 5001 win 100" },
	  0, 0, 0, 0, 0, 0, NULL },
};

static void check(const struct story *story)
{
	char name[CELL_NAME_SIZE];
	const struct encounter *first = &story_found.list[0];
	struct cell cell;

	story_tell(story->lines);
	ck_assert_msg(story_found.count == story->count, "%s: %zu encounters, the first of kind %d in frame %d", story->name,
		      story_found.count, (int)first->kind, (int)first->frame);
	if (!story->count)
		return;
	ck_assert_msg(first->kind == story->kind, "%s: kind %d", story->name, (int)first->kind);
	ck_assert_msg(first->subject.state == story->state, "%s: %s", story->name, state_name(first->subject.state));
	ck_assert_uint_eq(first->frame, story->frame);
	ck_assert_msg(encounter_answer(first) == story->answer, "%s", story->name);
	ck_assert_uint_eq(first->answered ? first->answer_frame : 0, story->answered_by);
	if (story->cell) {
		ck_assert(encounter_cell(first, &cell));
		ck_assert_str_eq(cell_name(&cell, name, sizeof(name)), story->cell);
	}
}

START_TEST(after_the_close)
{
	check(&stories[_i]);
}
END_TEST

START_TEST(in_a_connection)
{
	check(&live[_i]);
}
END_TEST

static void count_only(void *context, const struct encounter *encounter, const struct tuple *tuple)
{
	(void)encounter;
	(void)tuple;
	++*(size_t *)context;
}

/* Room for three: the idlest goes first, and what comes on it later begins in the middle. */
START_TEST(idle_connections_make_room)
{
	size_t encounters = 0;
	struct tracker *tracker = tracker_open(3, &(struct tracker_sink){ count_only, NULL, NULL, &encounters });
	struct tracker_counts counts;
	struct error error;

	for (uint16_t i = 0; i < 5; i++) {
		struct segment syn = { .flags = FLAG_SYN, .seq = 1 };

		syn.tuple.source = (struct endpoint){ { .family = 4, .bytes = { 192, 0, 2, 1 } }, (uint16_t)(1000 + i) };
		syn.tuple.target = (struct endpoint){ { .family = 4, .bytes = { 192, 0, 2, 2 } }, 80 };
		ck_assert_int_eq(tracker_take(tracker, &syn, false, i + 1u, i * NSEC_PER_SEC, &error), 0);
	}
	tracker_count(tracker, &counts);
	ck_assert_uint_eq(counts.connections, 5);
	ck_assert_uint_eq(counts.forgotten, 2);
	tracker_finish(tracker);
	tracker_close(tracker);
}
END_TEST

/* A mirror port shows the last ACK twice; the server, which has closed, got it once and is silent. */
START_TEST(doubled_by_the_capture)
{
	static const char *const lines[] = {
		"C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 502",
		"C FA 1001 ack 5001 win 502", "S FA 5001 ack 1002 win 510", "C A 1002 ack 5002 win 502",
		"C A 1002 ack 5002 win 502", "60000 C S 9000 win 64240", NULL
	};
	const struct kernel any = { .timestamps = true };
	struct judgement judgement;

	story_tell(lines);
	ck_assert_uint_ge(story_found.count, 1);
	ck_assert_int_eq(story_found.list[0].kind, ENCOUNTER_CLOSED);
	ck_assert_uint_eq(story_found.list[0].frame, 7);
	judgement_make(&story_found.list[0], BOOK_LINUX, &any, &judgement);
	ck_assert(!judgement.certain);
	ck_assert_int_eq(judgement.verdict, VERDICT_INCONCLUSIVE);
}
END_TEST

/* tcp_write_err() tells nobody: after TCP_USER_TIMEOUT, tcp_retries2 or tcp_synack_retries the next SYN is a new one. */
START_TEST(given_up)
{
	static const char *const silent[][STORY_MAX] = {
		{ "C S 1000 win 64240", "S SA 5000 ack 1001 win 65160", "C A 1001 ack 5001 win 502",
		  "S PA 5001:5101(100) ack 1001 win 510", "200 S PA 5001:5101(100) ack 1001 win 510",
		  "5000 C S 90000 win 64240", "S SA 70000 ack 90001 win 65160", NULL },
		{ "C S 1000 win 64240", "S SA 5000 ack 1001 win 65160", "1000 S SA 5000 ack 1001 win 65160",
		  "60000 C S 90000 win 64240", "S SA 70000 ack 90001 win 65160", NULL },
		/* no timer: a restart */
		{ "C S 1000 win 64240", "S SA 5000 ack 1001 win 65160", "C A 1001 ack 5001 win 502",
		  "100000 C S 90000 win 64240", "S SA 70000 ack 90001 win 65160", NULL },
	};
	const struct kernel any = { .timestamps = true };
	struct judgement judgement;

	story_tell(silent[_i]);
	ck_assert_uint_ge(story_found.count, 1);
	for (size_t i = 0; i < story_found.count; i++) {
		judgement_make(&story_found.list[i], BOOK_LINUX, &any, &judgement);
		ck_assert_msg(judgement.verdict != VERDICT_DIFFERS, "%u: %s", (unsigned)story_found.list[i].frame,
			      judgement.why);
	}
}
END_TEST

/* Captured, and lost behind the place of the capture: the server goes on as if it had not come. */
START_TEST(lost_behind_the_capture)
{
	static const char *const lost[][STORY_MAX] = {
		/* the last ACK: the server is in LAST_ACK still, and silent */
		{ "C S 1000 win 64240", "S SA 5000 ack 1001 win 65160", "C A 1001 ack 5001 win 502",
		  "C FA 1001 ack 5001 win 502", "S FA 5001 ack 1002 win 510", "C A 1002 ack 5002 win 502",
		  "200 S FA 5001 ack 1002 win 510", "C A 1002 ack 5002 win 502", "9000 C S 9000 win 64240", NULL },
		/* the reset: the server challenges the next SYN, not the reset (RFC 5961 4.2) */
		{ "C S 1000 win 64240", "S SA 5000 ack 1001 win 65160", "C A 1001 ack 5001 win 502", "C R 1001",
		  "900 C S 900000 win 64240", "S A 5001 ack 1001 win 510", "C R 1001", "9000 C S 1900000 win 64240",
		  "S SA 70000 ack 1900001 win 65160", "9000 C A 1900001 ack 70001 win 502", NULL },
	};
	const struct kernel any = { .timestamps = true };
	struct judgement judgement;

	story_tell(lost[_i]);
	ck_assert_uint_ge(story_found.count, 1);
	for (size_t i = 0; i < story_found.count; i++) {
		judgement_make(&story_found.list[i], BOOK_LINUX, &any, &judgement);
		ck_assert_msg(judgement.verdict != VERDICT_DIFFERS, "%u: %s", (unsigned)story_found.list[i].frame,
			      judgement.why);
	}
}
END_TEST

/* As many segments outside the window, none of them answered, must not take the square of their number: the suite has a
 * time limit for each test. */
START_TEST(a_flood)
{
	enum { FLOOD = 50000 };
	size_t count = 0;
	struct tracker *tracker = tracker_open(1, &(struct tracker_sink){ count_only, NULL, NULL, &count });
	struct endpoint client = { { .family = 4, .bytes = { 192, 0, 2, 1 } }, 40000 };
	struct endpoint server = { { .family = 4, .bytes = { 192, 0, 2, 2 } }, 80 };
	struct segment segments[] = {
		{ .tuple = { client, server }, .flags = FLAG_SYN, .seq = 1000 },
		{ .tuple = { server, client }, .flags = FLAG_SYN | FLAG_ACK, .seq = 5000, .ack = 1001 },
		{ .tuple = { client, server }, .flags = FLAG_ACK, .seq = 1001, .ack = 5001 },
		{ .tuple = { client, server }, .flags = FLAG_ACK, .seq = 2000001001, .ack = 5001 },
	};
	struct error error;

	for (uint64_t i = 0; i < FLOOD; i++)
		ck_assert_int_eq(tracker_take(tracker, &segments[i < 3 ? i : 3], false, i + 1, NSEC_PER_SEC + i * 2000, &error),
				 0);
	tracker_finish(tracker);
	tracker_close(tracker);
	ck_assert_uint_eq(count, FLOOD - 3);
}
END_TEST

/* What a live listener tells of the time and of what it missed: in stories an ACK refuses the SYN of frame 7. */
enum { LIVE_FRAMES = 8, REFUSED = 7 };

static struct tracker *told_live(uint64_t *now_ns)
{
	static const char *const lines[] = {
		SERVER_CLOSED_FIRST, "C S 2 win 64240 <mss 1460>", "S A 5002 ack 1002 win 510 <nop,nop,TS val 950 ecr 102>",
	};
	struct tracker *tracker = tracker_open(16, &(struct tracker_sink){ story_take, NULL, NULL, NULL });

	memset(&story_found, 0, sizeof(story_found));
	*now_ns = NSEC_PER_SEC;
	tracker_live(tracker, *now_ns);
	for (uint64_t frame = 1; frame <= LIVE_FRAMES; frame++)
		story_line(tracker, lines[frame - 1], frame, now_ns);
	return tracker;
}

/* Nothing comes any more, and yet each encounter is over after its two seconds, not before. */
START_TEST(live_time_passes_without_segments)
{
	uint64_t now_ns;
	struct tracker *tracker = told_live(&now_ns);

	tracker_live(tracker, now_ns + NSEC_PER_SEC);
	ck_assert_uint_eq(story_found.count, 0);
	tracker_live(tracker, now_ns + 2 * NSEC_PER_SEC);
	ck_assert_uint_eq(story_found.count, 2);
	ck_assert_uint_eq(story_found.list[0].frame, REFUSED);
	ck_assert_uint_eq(story_found.list[0].answer_frame, REFUSED + 1);
	ck_assert(!story_found.list[0].unheard && !story_found.list[0].blind);
	/* The ACK meets a client that has forgotten the connection; no reset shows. */
	ck_assert(!story_found.list[1].answered && story_found.list[1].over && !story_found.list[1].unheard);
	tracker_finish(tracker);
	ck_assert_uint_eq(story_found.count, 2);
	tracker_close(tracker);
}
END_TEST

/* In the numbers of frames: something was missed between two of them; which encounters are in doubt? */
static const struct miss {
	const char *name;
	int64_t from_ns, to_ns; /* from the time of the last frame on */
	bool first, second;
} misses[] = {
	{ "nothing", 0, 0, false, false },
	{ "before the answer", -15000, -5000, true, true },
	{ "after the answer of the first", 5000, 10000, false, true },
	{ "long after", (int64_t)NSEC_PER_SEC, (int64_t)NSEC_PER_SEC + 10000, false, true },
};

START_TEST(live_misses)
{
	const struct miss *miss = &misses[_i];
	uint64_t now_ns;
	struct tracker *tracker = told_live(&now_ns);

	if (miss->to_ns)
		tracker_miss(tracker, now_ns + (uint64_t)miss->from_ns, now_ns + (uint64_t)miss->to_ns);
	tracker_live(tracker, now_ns + 2 * NSEC_PER_SEC);
	ck_assert_uint_eq(story_found.count, 2);
	ck_assert_msg(story_found.list[0].blind == miss->first, "%s", miss->name);
	ck_assert_msg(story_found.list[1].blind == miss->second, "%s", miss->name);
	tracker_close(tracker);
}
END_TEST

/* What is in doubt stays so until a SYN begins the end again: the client with its own, the server with its SYN-ACK. */
START_TEST(live_doubt_lasts)
{
	static const char *const lines[] = {
		"1000 C S 90000 win 64240 <mss 1460>", "S A 5002 ack 1002 win 510 <nop,nop,TS val 960 ecr 102>",
		"1000 C S 190000 win 64240 <mss 1460,sackOK,TS val 3000 ecr 0>", "S SA 70000 ack 190001 win 65160 <mss 1460>",
		"C A 190001 ack 70001 win 502", "1000 C S 5 win 64240 <mss 1460>", "S A 70001 ack 190001 win 510",
	};
	static const bool blind[] = { false, false, true, false, true, false, false };
	uint64_t now_ns;
	struct tracker *tracker = told_live(&now_ns);

	tracker_live(tracker, now_ns + 2 * NSEC_PER_SEC);
	now_ns += 3 * NSEC_PER_SEC;
	tracker_miss(tracker, now_ns, now_ns + 1000);
	for (uint64_t i = 0; i < ROWS(lines); i++)
		story_line(tracker, lines[i], LIVE_FRAMES + 1 + i, &now_ns);
	tracker_finish(tracker);
	ck_assert_uint_eq(story_found.count, ROWS(blind));
	for (size_t i = 0; i < ROWS(blind); i++)
		ck_assert_msg(story_found.list[i].blind == blind[i], "frame %u", (unsigned)story_found.list[i].frame);
	tracker_close(tracker);
}
END_TEST

/* SYNs that are answered by connections which were not captured: a listener that knows that it missed something knows why. */
static const struct {
	const char *name;
	uint64_t ago_ns; /* 0: nothing was missed */
	bool lossy;
} strangers[] = {
	{ "nothing was missed", 0, true },
	{ "missed a moment ago", NSEC_PER_SEC, false },
	{ "missed before all that was open then is forgotten", 61 * NSEC_PER_SEC, true },
};

START_TEST(live_misses_explain_strangers)
{
	static const char *const lines[] = {
		"C S 1000 win 64240", "S A 5000 ack 2000 win 500", "D S 1000 win 64240", "T A 5000 ack 2000 win 500",
		"E S 1000 win 64240", "U A 5000 ack 2000 win 500", "F S 1000 win 64240", "V A 5000 ack 2000 win 500",
	};
	uint64_t now_ns;
	struct tracker *tracker = told_live(&now_ns);

	tracker_live(tracker, now_ns + 2 * NSEC_PER_SEC);
	memset(&story_found, 0, sizeof(story_found));
	now_ns += 100 * NSEC_PER_SEC;
	if (strangers[_i].ago_ns)
		tracker_miss(tracker, now_ns - strangers[_i].ago_ns - 1000, now_ns - strangers[_i].ago_ns);
	for (uint64_t i = 0; i < ROWS(lines); i++)
		story_line(tracker, lines[i], LIVE_FRAMES + 1 + i, &now_ns);
	tracker_finish(tracker);
	ck_assert_uint_ge(story_found.count, 4);
	for (size_t i = 0; i < story_found.count; i++)
		ck_assert_msg(story_found.list[i].lossy == strangers[_i].lossy, "%s: frame %u", strangers[_i].name,
			      (unsigned)story_found.list[i].frame);
	tracker_close(tracker);
}
END_TEST

/* A listener has read the SYN, but not yet what answers it, and is sure of the time until a moment before it. */
START_TEST(live_in_the_middle)
{
	static const char *const lines[] = {
		"C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 502",
		"C FA 1001 ack 5001 win 502", "S FA 5001 ack 1002 win 510", "C A 1002 ack 5002 win 502",
	};
	struct tracker *tracker = tracker_open(16, &(struct tracker_sink){ story_take, NULL, NULL, NULL });
	uint64_t now_ns = NSEC_PER_SEC;

	memset(&story_found, 0, sizeof(story_found));
	for (uint64_t i = 0; i < ROWS(lines); i++) {
		tracker_live(tracker, now_ns - NSEC_PER_SEC / 4);
		story_line(tracker, lines[i], i + 1, &now_ns);
		tracker_live(tracker, now_ns - NSEC_PER_SEC / 4);
	}
	tracker_live(tracker, now_ns + 9 * NSEC_PER_SEC);
	ck_assert_uint_eq(story_found.count, 0);
	tracker_finish(tracker);
	tracker_close(tracker);
}
END_TEST

/* A SYN that nobody answers is told after four seconds, and keeps nothing waiting; there are always some, of port scans. */
START_TEST(live_beside_an_unanswered_syn)
{
	struct tracker *tracker = tracker_open(16, &(struct tracker_sink){ story_take, NULL, NULL, NULL });
	uint64_t now_ns = NSEC_PER_SEC, scanned_ns;
	static const char *const lines[] = {
		SERVER_CLOSED_FIRST, "C S 2 win 64240 <mss 1460>", "S A 5002 ack 1002 win 510 <nop,nop,TS val 950 ecr 102>",
	};

	memset(&story_found, 0, sizeof(story_found));
	tracker_live(tracker, now_ns);
	story_line(tracker, "F S 1000 win 64240", 1, &now_ns);
	scanned_ns = now_ns;
	for (uint64_t i = 0; i < ROWS(lines); i++)
		story_line(tracker, lines[i], i + 2, &now_ns);
	ck_assert_uint_eq(tracker_settled(tracker), 1);
	tracker_live(tracker, now_ns + 2 * NSEC_PER_SEC);
	ck_assert_uint_eq(story_found.count, 2);
	ck_assert_uint_eq(story_found.list[0].frame, REFUSED + 1);
	ck_assert_uint_eq(tracker_settled(tracker), 1);
	tracker_live(tracker, scanned_ns + 4 * NSEC_PER_SEC);
	ck_assert_uint_eq(story_found.count, 3);
	ck_assert_int_eq(story_found.list[2].kind, ENCOUNTER_SYN_UNANSWERED);
	ck_assert_uint_eq(tracker_settled(tracker), UINT64_MAX);
	tracker_close(tracker);
}
END_TEST

/* Each SYN that a reset answers counts, also where a client asks again from the same port, as Windows does. */
START_TEST(refusals_count)
{
	static const char *const lines[] = { "C S 1000 win 64240", "S RA 0 ack 1001",
					     "500 C S 1000 win 64240", "S RA 0 ack 1001",
					     "D S 7 win 64240", "T RA 0 ack 8", "E S 9 win 64240", "U SA 5 ack 10 win 65160",
					     "E A 10 ack 6 win 64240", "U RA 6 ack 10", NULL };

	story_tell(lines);
	ck_assert_uint_eq(story_counts.refusals, 3);
	ck_assert_uint_eq(story_connections[0].refusals, 2);
	ck_assert_int_eq(tracked_end_of(&story_connections[2]), TRACKED_RESET);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("tracker");

	tcase_add_loop_test(tests, after_the_close, 0, ROWS(stories));
	tcase_add_loop_test(tests, in_a_connection, 0, ROWS(live));
	tcase_add_test(tests, idle_connections_make_room);
	tcase_add_test(tests, doubled_by_the_capture);
	tcase_add_test(tests, a_flood);
	tcase_add_loop_test(tests, given_up, 0, 3);
	tcase_add_loop_test(tests, lost_behind_the_capture, 0, 2);
	tcase_add_test(tests, live_time_passes_without_segments);
	tcase_add_loop_test(tests, live_misses, 0, ROWS(misses));
	tcase_add_loop_test(tests, live_misses_explain_strangers, 0, ROWS(strangers));
	tcase_add_test(tests, live_doubt_lasts);
	tcase_add_test(tests, live_in_the_middle);
	tcase_add_test(tests, live_beside_an_unanswered_syn);
	tcase_add_test(tests, refusals_count);
	return run_suite("tracker", tests, NULL);
}
