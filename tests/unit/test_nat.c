/* test_nat.c - both sides of a NAT in one capture, and connections that only look like that. */
#include "harness/diagnose/tracker.h"

#include "crafter/units.h"

#include "tests/unit/story.h"
#include "tests/unit/suite.h"

enum { STORY_MAX = 24 };

#define SYN "<mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>"
#define SYN_ACK "<mss 1460,sackOK,TS val 900 ecr 100,nop,wscale 7>"
#define OPENED_TWICE \
	"C S 1000 win 64240 " SYN, "N S 1000 win 64240 " SYN " ttl 63", \
	"M SA 5000 ack 1001 win 65160 " SYN_ACK, "S SA 5000 ack 1001 win 65160 " SYN_ACK " ttl 63", \
	"C A 1001 ack 5001 win 502 <nop,nop,TS val 101 ecr 900>", \
	"N A 1001 ack 5001 win 502 <nop,nop,TS val 101 ecr 900> ttl 63"
#define CHALLENGED_HERE \
	"C S 90000 win 64240 <mss 1460>", "S A 5001 ack 1001 win 510 <nop,nop,TS val 950 ecr 101> ttl 63"

static const struct story {
	const char *name;
	const char *lines[STORY_MAX];
	uint64_t nat_of; /* of the second connection */
	uint64_t repeats;
	size_t encounters;
} stories[] = {
	{ "masquerade", { OPENED_TWICE }, 1, 0, 0 },
	/* A SYN into the open connection, and the ACK that the client did not expect: two encounters, each on both sides. */
	{ "encounters on both sides",
	  { OPENED_TWICE, "C S 90000 win 64240 <mss 1460>", "N S 90000 win 64240 <mss 1460> ttl 63",
	    "M A 5001 ack 1001 win 510 <nop,nop,TS val 950 ecr 101>",
	    "S A 5001 ack 1001 win 510 <nop,nop,TS val 950 ecr 101> ttl 63" },
	  1, 2, 2 },
	/* The NAT answers for the server, or drops what it answers: that is told. */
	{ "an encounter on one side", { OPENED_TWICE, CHALLENGED_HERE }, 1, 0, 2 },
	{ "the answer shows on one side only",
	  { OPENED_TWICE, "C S 90000 win 64240 <mss 1460>", "N S 90000 win 64240 <mss 1460> ttl 63",
	    "M A 5001 ack 1001 win 510 <nop,nop,TS val 950 ecr 101>" }, 1, 0, 3 },
	{ "the MSS is clamped",
	  { "C S 1000 win 64240 " SYN, "N S 1000 win 64240 <mss 1360,sackOK,TS val 100 ecr 0,nop,wscale 7>",
	    "M SA 5000 ack 1001 win 65160 " SYN_ACK, "S SA 5000 ack 1001 win 65160 " SYN_ACK }, 1, 0, 0 },
	/* A scanner has the same sequence number for all its SYNs; each server has its own. */
	{ "a scanner",
	  { "C S 1000 win 1024 <mss 1460>", "N S 1000 win 1024 <mss 1460>", "M SA 5000 ack 1001 win 65160",
	    "S SA 7000 ack 1001 win 65160" }, 0, 0, 0 },
	/* Appliances without a random generator: both sides of each connection begin with the same number, every time. */
	{ "numbers that nobody draws",
	  { "C S 7 win 1024 <mss 1460>", "N S 7 win 1024 <mss 1460>", "M SA 9 ack 8 win 1024", "S SA 9 ack 8 win 1024",
	    "C A 8 ack 10 win 1024", "N A 8 ack 10 win 1024", "S R 99 win 0", "M R 99 win 0", "5000 D S 7 win 1024 <mss 1460>",
	    "T SA 9 ack 8 win 1024" }, 0, 0, 2 },
	{ "another TSval", { "C S 1000 win 64240 " SYN, "N S 1000 win 64240 <mss 1460,sackOK,TS val 104 ecr 0,nop,wscale 7>",
			     "M SA 5000 ack 1001 win 65160", "S SA 5000 ack 1001 win 65160" }, 0, 0, 0 },
	{ "long ago", { "C S 1000 win 64240 " SYN, "2000 N S 1000 win 64240 " SYN, "M SA 5000 ack 1001 win 65160",
			"S SA 5000 ack 1001 win 65160" }, 0, 0, 0 },
};

/* The router loses one between its two sides: each reset meets the server as the other side shows it, or does not. */
static const struct torn {
	const char *name, *lines[STORY_MAX];
	bool torn;
} torn[] = {
	{ "nothing was lost", { OPENED_TWICE, "S R 5001", "M R 5001" }, false },
	{ "the client's FIN was lost",
	  { OPENED_TWICE, "C FA 1001 ack 5001 win 502 <nop,nop,TS val 102 ecr 900>", "M R 5001" }, true },
	{ "and where it was sent, it is known",
	  { OPENED_TWICE, "C FA 1001 ack 5001 win 502 <nop,nop,TS val 102 ecr 900>", "S R 5001" }, false },
	{ "the server's FIN was lost",
	  { OPENED_TWICE, "M FA 5001 ack 1001 win 510 <nop,nop,TS val 950 ecr 101>", "M R 5002" }, true },
};

START_TEST(lost_in_between)
{
	story_tell(torn[_i].lines);
	ck_assert_uint_gt(story_found.count, 0);
	ck_assert_msg(story_found.list[story_found.count - 1].torn == torn[_i].torn, "%s", torn[_i].name);
}
END_TEST

START_TEST(two_sides)
{
	const struct story *story = &stories[_i];

	story_tell(story->lines);
	ck_assert_msg(story_connections[1].nat_of == story->nat_of, "%s: of %u", story->name,
		      (unsigned)story_connections[1].nat_of);
	ck_assert_uint_eq(story_connections[0].nat_of, 0);
	ck_assert_uint_eq(story_counts.nat.pairs, story->nat_of);
	ck_assert_msg(story_counts.nat.repeats == story->repeats, "%s: %u repeats", story->name,
		      (unsigned)story_counts.nat.repeats);
	ck_assert_msg(story_found.count == story->encounters, "%s: %zu encounters", story->name, story_found.count);
	ck_assert_uint_eq(story_connections[0].encounters + story_connections[1].encounters, story->encounters);
	if (!story->nat_of)
		return;
	ck_assert_uint_eq(story_counts.nat.near.source.port, 40000);
	ck_assert_uint_eq(story_counts.nat.far.source.port, 1024);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("nat");

	tcase_add_loop_test(tests, two_sides, 0, ROWS(stories));
	tcase_add_loop_test(tests, lost_in_between, 0, ROWS(torn));
	return run_suite("nat", tests, NULL);
}
