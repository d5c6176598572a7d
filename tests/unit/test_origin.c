/* test_origin.c - who sent a segment: a middlebox's resets, routes that change, captures of two places, and what a kernel does
 * on its own. Each story is what tcpdump -v would have shown. */
#include "harness/diagnose/tracker.h"

#include <stdlib.h>

#include "crafter/units.h"
#include "harness/diagnose/cause.h"
#include "harness/diagnose/details.h"
#include "harness/diagnose/judgement.h"

#include "tests/unit/story.h"
#include "tests/unit/suite.h"

enum { STORY_MAX = 24 };

/* TTLs: the client is here (64), the server three hops away (61). */
#define OPENED \
	"C S 1000 win 64240 <mss 1460> id 7", "S SA 5000 ack 1001 win 65160 <mss 1460> ttl 61", \
	"C A 1001 ack 5001 win 64240 id 8"
#define SERVED \
	OPENED, "C PA 1001:1101(100) ack 5001 win 502 id 9", "S A 5001 ack 1101 win 510 ttl 61 id 100", \
	"S PA 5001:5101(100) ack 1101 win 510 ttl 61 id 101", "C A 1101 ack 5101 win 502 id 10"

#define COUNTING \
	SERVED, "S A 5101 ack 1101 win 511 ttl 61 id 30101", "S PA 5101:5201(100) ack 1101 win 510 ttl 61 id 30102", \
	"S PA 5201:5301(100) ack 1101 win 510 ttl 61 id 30103", \
	"S PA 5301:5401(100) ack 1101 win 510 ttl 61 id 30104", "S PA 5401:5501(100) ack 1101 win 510 ttl 61 id 30105", \
	"S PA 5501:5601(100) ack 1101 win 510 ttl 61 id 30106", "S PA 5601:5701(100) ack 1101 win 510 ttl 61 id 30107", \
	"S PA 5701:5751(50) ack 1101 win 510 ttl 61 id 30108", "S PA 5751:5801(50) ack 1101 win 510 ttl 61 id 30109"

static const struct story {
	const char *name;
	const char *lines[STORY_MAX];
	const char *finding; /* of the one at `frame`; NULL: nobody else is said to have sent anything */
	uint64_t frame;
	int hops;
} stories[] = {
	{ "nobody else", { SERVED, "S FA 5101 ack 1101 win 510 ttl 61", "C FA 1101 ack 5102 win 502",
			   "S A 5102 ack 1102 win 510 ttl 61" }, NULL, 0, 0 },
	{ "a middlebox resets, and the server goes on",
	  { SERVED, "S R 5101 ttl 63", "S PA 5101:5201(100) ack 1101 win 510 ttl 61" }, "reset-other-sender", 8, 2 },
	{ "a middlebox farther away", { SERVED, "S R 5101 ttl 57", "S PA 5101:5201(100) ack 1101 win 510 ttl 61" },
	  "reset-other-sender", 8, -4 },
	{ "an appliance: its resets begin with 255",
	  { SERVED, "S R 5101 ttl 254", "S PA 5101:5201(100) ack 1101 win 510 ttl 61" }, "reset-other-sender", 8, 2 },
	{ "a reset, and nothing after it", { SERVED, "S R 5101 ttl 63" }, "reset-other-ttl", 8, 2 },
	{ "only the SYN-ACK to compare with, and nothing after it", { OPENED, "S R 5001 ttl 63" }, NULL, 0, 0 },
	/* tcp_v4_send_reset(): ip_send_unicast_reply() takes the default TTL, the process had set IP_TTL to 255 */
	{ "a kernel's own reset of a socket with IP_TTL",
	  { "C S 1000 win 64240", "S SA 5000 ack 1001 win 65160 ttl 252", "C A 1001 ack 5001 win 502",
	    "S PA 5001:5101(100) ack 1001 win 510 ttl 252", "C A 1001 ack 5101 win 502", "S R 5101 ttl 61" }, NULL, 0, 0 },
	/* tcp_v4_send_reset() in SYN_SENT: from the control socket, and the socket goes on */
	{ "a client's reset while it opens",
	  { "C S 1000 win 64240 ttl 20", "S A 7777 ack 3333 win 65160 ttl 61", "C R 3333",
	    "1000 C S 1000 win 64240 ttl 20", "S SA 5000 ack 1001 win 65160 ttl 61", "C A 1001 ack 5001 win 502 ttl 20",
	    "C PA 1001:1002(1) ack 5001 win 502 ttl 20" }, NULL, 0, 0 },
	{ "the route changes",
	  { SERVED, "S PA 5101:5201(100) ack 1101 win 510 ttl 59", "S PA 5201:5301(100) ack 1101 win 510 ttl 59",
	    "S PA 5301:5401(100) ack 1101 win 510 ttl 59", "S PA 5401:5501(100) ack 1101 win 510 ttl 59",
	    "S FA 5501 ack 1101 win 510 ttl 59" }, NULL, 0, 0 },
	{ "a reset after the route changed has the new TTL",
	  { SERVED, "S PA 5101:5201(100) ack 1101 win 510 ttl 59", "S PA 5201:5301(100) ack 1101 win 510 ttl 59",
	    "S PA 5301:5401(100) ack 1101 win 510 ttl 59", "S R 5401 ttl 59" }, NULL, 0, 0 },
	{ "packets take two ways at a time",
	  { SERVED, "S PA 5101:5201(100) ack 1101 win 510 ttl 60", "S PA 5201:5301(100) ack 1101 win 510 ttl 61",
	    "S PA 5301:5401(100) ack 1101 win 510 ttl 60", "S PA 5401:5501(100) ack 1101 win 510 ttl 61",
	    "S PA 5501:5601(100) ack 1101 win 510 ttl 61", "S PA 5601:5701(100) ack 1101 win 510 ttl 60",
	    "S R 5701 ttl 60" }, NULL, 0, 0 },
	/* Nothing of it is new: the same segment, seen behind the router as well, after a queue. */
	{ "a capture of two places",
	  { SERVED, "S PA 5101:5201(100) ack 1101 win 510 ttl 61 id 102",
	    "30 S PA 5101:5201(100) ack 1101 win 510 ttl 60 id 102",
	    "S R 5201 ttl 61", "S R 5201 ttl 60", "S A 5201 ack 1101 win 500 ttl 61" }, NULL, 0, 0 },
	{ "a capture of two places, which shows only later",
	  { SERVED, "S PA 5101:5201(100) ack 1101 win 510 ttl 61", "S R 5201 ttl 60",
	    "S PA 5201:5301(100) ack 1101 win 510 ttl 61", "S PA 5301:5401(100) ack 1101 win 510 ttl 61",
	    "S PA 5401:5501(100) ack 1101 win 510 ttl 61", "S PA 5501:5601(100) ack 1101 win 510 ttl 61",
	    "S PA 5601:5701(100) ack 1101 win 510 ttl 61", "30 S PA 5601:5701(100) ack 1101 win 510 ttl 60",
	    "S A 5701 ack 1101 win 500 ttl 61" }, NULL, 0, 0 },
	{ "a capture of two places with a queue between them",
	  { SERVED, "S PA 5101:5201(100) ack 1101 win 510 ttl 61", "S PA 5201:5301(100) ack 1101 win 510 ttl 61",
	    "S PA 5301:5401(100) ack 1101 win 510 ttl 61", "30 S PA 5101:5201(100) ack 1101 win 510 ttl 60",
	    "S PA 5201:5301(100) ack 1101 win 510 ttl 60", "S PA 5301:5401(100) ack 1101 win 510 ttl 60",
	    "S PA 5401:5501(100) ack 1101 win 510 ttl 61", "S PA 5501:5601(100) ack 1101 win 510 ttl 61",
	    "S R 5601 ttl 60", "S PA 5601:5701(100) ack 1101 win 510 ttl 61" }, NULL, 0, 0 },
	/* Where copies are seen, the one whose original was missed is a copy as well. */
	{ "a capture of two places, and another connection",
	  { "C S 1000 win 64240 <mss 1460,TS val 1 ecr 0>", "S SA 5000 ack 1001 win 65160 <mss 1460,TS val 7 ecr 1> ttl 61",
	    "30 S SA 5000 ack 1001 win 65160 <mss 1460,TS val 7 ecr 1> ttl 60", "C A 1001 ack 5001 win 502 <TS val 2 ecr 7>",
	    "S PA 5001:5002(1) ack 1001 win 510 <TS val 8 ecr 2> ttl 61",
	    "S PA 5002:5003(1) ack 1001 win 510 <TS val 8 ecr 2> ttl 61",
	    "30 S PA 5001:5002(1) ack 1001 win 510 <TS val 8 ecr 2> ttl 60",
	    "S PA 5002:5003(1) ack 1001 win 510 <TS val 8 ecr 2> ttl 60",
	    "D S 1000 win 64240", "T SA 5000 ack 1001 win 65160 ttl 61", "D A 1001 ack 5001 win 64240",
	    "T PA 5001:5002(1) ack 1001 win 510 ttl 61", "T R 5002 ttl 60", "T PA 5002:5003(1) ack 1001 win 510 ttl 61" },
	  NULL, 0, 0 },
	{ "data that somebody puts in",
	  { SERVED, "S PA 5101:5111(10) ack 1101 win 510 ttl 63", "S PA 5101:5201(100) ack 1101 win 510 ttl 61",
	    "S PA 5201:5301(100) ack 1101 win 510 ttl 61", "S PA 5301:5401(100) ack 1101 win 510 ttl 61",
	    "S PA 5401:5501(100) ack 1101 win 510 ttl 61", "S PA 5501:5601(100) ack 1101 win 510 ttl 61" },
	  "other-sender", 8, 2 },
	{ "a handshake by a SYN proxy",
	  { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 0 <mss 1460> ttl 63", "C A 1001 ack 5001 win 502",
	    "C PA 1001:1101(100) ack 5001 win 502", "S A 5001 ack 1101 win 510 ttl 61",
	    "S PA 5001:5101(100) ack 1101 win 510 ttl 61", "C A 1101 ack 5101 win 502",
	    "S PA 5101:5201(100) ack 1101 win 510 ttl 61" }, "handshake-other-ttl", 8, -2 },
	/* Another host behind the same NAT has the port now. */
	{ "a SYN proxy that opens the window",
	  { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 0 <mss 1460> ttl 63", "C A 1001 ack 5001 win 502",
	    "S A 5001 ack 1001 win 502 ttl 63", "S A 5001 ack 1001 win 502 ttl 61", "C PA 1001:1101(100) ack 5001 win 502",
	    "S A 5001 ack 1101 win 510 ttl 61", "S PA 5001:5101(100) ack 1101 win 510 ttl 61",
	    "S PA 5101:5201(100) ack 1101 win 510 ttl 61" }, "handshake-other-ttl", 8, -2 },
	{ "a new connection from another place",
	  { SERVED, "S FA 5101 ack 1101 win 510 ttl 61", "C FA 1101 ack 5102 win 502", "S A 5102 ack 1102 win 510 ttl 61",
	    "9000 C S 90000 win 64240 ttl 60", "S SA 80000 ack 90001 win 65160 ttl 61", "C A 90001 ack 80001 win 502 ttl 60",
	    "C R 90001 ttl 60" }, NULL, 0, 0 },
	{ "and there somebody else resets",
	  { SERVED, "S FA 5101 ack 1101 win 510 ttl 61", "C FA 1101 ack 5102 win 502", "S A 5102 ack 1102 win 510 ttl 61",
	    "9000 C S 90000 win 64240 ttl 60", "S SA 80000 ack 90001 win 65160 ttl 61", "C A 90001 ack 80001 win 502 ttl 60",
	    "C R 90001 ttl 62", "C PA 90001:90002(1) ack 80001 win 502 ttl 60" }, "reset-other-sender", 14, 2 },
	{ "the same TTL, but not its IP ID",
	  { COUNTING, "S R 5801 ttl 61 id 40000", "S PA 5801:5901(100) ack 1101 win 510 ttl 61 id 30110" },
	  "reset-other-sender", 17, 0 },
	{ "an IP ID of its own counter",
	  { COUNTING, "S R 5801 ttl 61 id 30110", "S PA 5801:5901(100) ack 1101 win 510 ttl 61 id 30111" }, NULL, 0, 0 },
	/* ip_select_ident_segs(): DF, from the control socket */
	{ "an IP ID of 0",
	  { COUNTING, "S R 5801 ttl 61 id 0", "S PA 5801:5901(100) ack 1101 win 510 ttl 61 id 30110" }, NULL, 0, 0 },
	/* before 4.20 such a reset had a hashed one */
	{ "another IP ID, and nothing after it", { COUNTING, "S R 5801 ttl 61 id 40000" }, NULL, 0, 0 },
	{ "one counter for all connections of a host, which jumps",
	  { COUNTING, "S R 5801 ttl 61 id 40000", "S PA 5801:5901(100) ack 1101 win 510 ttl 61 id 40001",
	    "S PA 5901:6001(100) ack 1101 win 510 ttl 61 id 40002" }, NULL, 0, 0 },
	{ "random IP IDs",
	  { SERVED, "S PA 5101:5201(100) ack 1101 win 510 ttl 61 id 9000", "S PA 5201:5301(100) ack 1101 win 510 ttl 61 id 700",
	    "S PA 5301:5401(100) ack 1101 win 510 ttl 61 id 62000", "S R 5401 ttl 61 id 40000",
	    "S PA 5401:5501(100) ack 1101 win 510 ttl 61 id 62001" }, NULL, 0, 0 },
	{ "no TTL is known", { SERVED, "S R 5101 ttl 0", "S PA 5101:5201(100) ack 1101 win 510 ttl 61" }, NULL, 0, 0 },
};

static bool is_of_origin(const struct encounter *encounter)
{
	return encounter->origin.view != ORIGIN_OWN || encounter->answer_origin.view != ORIGIN_OWN;
}

START_TEST(senders)
{
	const struct story *story = &stories[_i];
	const struct kernel any = { .timestamps = true };
	struct judgement judgement;
	size_t odd = 0;

	story_tell(story->lines);
	for (size_t i = 0; i < story_found.count; i++) {
		const struct encounter *encounter = &story_found.list[i];

		judgement_make(encounter, BOOK_LINUX, &any, &judgement);
		ck_assert_msg(judgement.verdict != VERDICT_DIFFERS, "%s: frame %u: %s", story->name, (unsigned)encounter->frame,
			      judgement.why);
		if (!is_of_origin(encounter))
			continue;
		odd++;
		ck_assert_msg(story->finding, "%s: frame %u is %s", story->name, (unsigned)encounter->frame,
			      cause_of(encounter)->name);
		ck_assert_str_eq(cause_of(encounter)->name, story->finding);
		ck_assert_uint_eq(encounter->frame, story->frame);
		ck_assert_int_eq(encounter->origin.hops, story->hops);
	}
	ck_assert_msg(odd == (story->finding ? 1 : 0), "%s: %zu", story->name, odd);
}
END_TEST

/* A BGP speaker answers neighbours only, and its listener does not know it yet. */
START_TEST(a_time_to_live_of_1)
{
	static const char *const lines[] = {
		"C S 1000 win 64240 <mss 1460> ttl 1", "S SA 5000 ack 1001 win 65160 <mss 1460> ttl 255",
		"C A 1001 ack 5001 win 64240 ttl 1", "C PA 1001:1046(45) ack 5001 win 64240 ttl 1",
		"S A 5001 ack 1046 win 510 ttl 1",
		"S PA 5001:5046(45) ack 1046 win 510 ttl 1", "C A 1046 ack 5046 win 64240 ttl 1",
		"S PA 5046:5065(19) ack 1046 win 510 ttl 1", "C A 1046 ack 5065 win 64240 ttl 1", NULL
	};
	char details[DETAILS_SIZE];

	story_tell(lines);
	ck_assert_uint_eq(story_found.count, 1);
	ck_assert_str_eq(cause_of(&story_found.list[0])->name, "handshake-other-ttl");
	ck_assert_str_eq(details_write(&story_found.list[0], details, sizeof(details)),
			 "The segment's TTL is 1; that of the handshake of its side is 255: 1 is rather set by a process "
			 "(IP_TTL, as BGP does for a neighbour) than what a way left.");
}
END_TEST

/* The server's kernel would have acknowledged the data: it did not send that reset, and no book judges it by it. */
START_TEST(an_answer_of_another)
{
	static const char *const lines[] = {
		OPENED, "C PA 1000000:1000010(10) ack 5001 win 64240", "S R 5001 ttl 64", "100 C S 1 win 64240",
		"S A 5001 ack 1001 win 510 ttl 61", NULL
	};
	const struct kernel any = { .timestamps = true };
	char details[DETAILS_SIZE];
	struct judgement judgement;

	story_tell(lines);
	ck_assert_uint_ge(story_found.count, 3);
	ck_assert_uint_eq(story_found.list[0].answer_frame, 5);
	judgement_make(&story_found.list[0], BOOK_LINUX, &any, &judgement);
	ck_assert_int_eq(judgement.verdict, VERDICT_INCONCLUSIVE);
	ck_assert_str_eq(details_write(&story_found.list[0], details, sizeof(details)),
			 "The answer's TTL is 64; that of the other segments of its side is 61: sent 3 hops nearer, if both "
			 "began with a usual TTL (64, 128, 255).");
	/* Nor does the reset end the server's connection: it challenges the SYN, as it must. */
	ck_assert_int_eq(story_found.list[2].kind, ENCOUNTER_SYN_IN_USE);
	ck_assert_uint_eq(story_found.list[2].frame, 6);
	judgement_make(&story_found.list[2], BOOK_LINUX, &any, &judgement);
	ck_assert_msg(judgement.certain, "%s", judgement.missing);
	ck_assert_int_eq(judgement.verdict, VERDICT_AGREES);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("origin");

	tcase_add_loop_test(tests, senders, 0, ROWS(stories));
	tcase_add_test(tests, an_answer_of_another);
	tcase_add_test(tests, a_time_to_live_of_1);
	return run_suite("origin", tests, NULL);
}
