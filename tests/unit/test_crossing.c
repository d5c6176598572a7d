/* test_crossing.c - what an end may have done before a segment reached it: what is said of the segment is not certain then.
 * Beside each story is one that differs in the one thing that matters, and is certain. */
#include "harness/diagnose/crossing.h"

#include <string.h>

#include "harness/diagnose/judgement.h"

#include "tests/unit/story.h"
#include "tests/unit/suite.h"

enum { LINES = 16 };

#define OPENED "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 64240"
#define OPENED_FAR "C S 1000 win 64240 <mss 1460>", "5 S SA 5000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 64240"
#define OPENED_SACK "C S 1000 win 64240 <mss 1460,sackOK>", "S SA 5000 ack 1001 win 65160 <mss 1460,sackOK>", \
	"C A 1001 ack 5001 win 64240"
#define LATER "3000 G S 1 win 100"
/* Three segments on their way: the next may wait. */
#define MUCH "S A 5001:6461(1460) ack 1001 win 510", "S A 6461:7921(1460) ack 1001 win 510", \
	"S A 7921:9381(1460) ack 1001 win 510"

static const struct {
	const char *name;
	uint64_t frame;      /* of the encounter */
	const char *missing; /* what it says; NULL: it is certain */
	const char *lines[LINES];
} rows[] = {
	/* tcp_write_xmit(): a FIN comes after the data, close() at once */
	{ "a FIN may wait", 7, "its FIN has to wait", { OPENED, MUCH, "C R 1001", LATER } },
	{ "one segment keeps none back", 5, NULL,
	  { OPENED, "S PA 5001:5101(100) ack 1001 win 510", "C R 1001", LATER } },
	{ "unless it was lost", 6, "its FIN has to wait",
	  { OPENED, "S PA 5001:5101(100) ack 1001 win 510", "300 S PA 5001:5101(100) ack 1001 win 510", "C R 1001", LATER } },
	/* the ACK has passed, and perhaps not arrived: or its socket is in close() */
	{ "acknowledged a moment ago", 8, "its FIN has to wait",
	  { OPENED, MUCH, "C A 1001 ack 9381 win 64240", "C R 1001", LATER } },
	{ "acknowledged long ago", 8, NULL, { OPENED, MUCH, "C A 1001 ack 9381 win 64240", "30 C R 1001", LATER } },
	{ "no room in the window", 5, "its FIN has to wait", { OPENED, "C A 1001 ack 5001 win 100", "C R 1001", LATER } },
	/* it may have closed before the client did: CLOSING, not LAST_ACK */
	{ "which FIN was first", 10, "its FIN has to wait",
	  { OPENED, MUCH, "C FA 1001 ack 5001 win 64240", "S FA 9381 ack 1002 win 510", "C A 1002 ack 5001 win 64240",
	    "C R 1002", LATER } },
	{ "the client's FIN was first", 7, NULL,
	  { OPENED, "C FA 1001 ack 5001 win 64240", "S A 5001 ack 1002 win 510", "S FA 5001 ack 1002 win 510", "C R 1002",
	    LATER } },
	/* close() with SO_LINGER 0, or with data unread: tcp_send_active_reset() */
	{ "an abort crosses", 4, "at about the same time", { OPENED, "C R 1101", "S RA 5001 ack 1001", LATER } },
	{ "a FIN crosses", 4, "at about the same time", { OPENED, "C R 1101", "S FA 5001 ack 1001 win 510", LATER } },
	{ "a challenge is the answer", 4, NULL, { OPENED, "C R 1101", "S A 5001 ack 1001 win 65160", LATER } },
	{ "nothing resets a reset", 4, "at about the same time", { OPENED, "C R 1101", "S R 5001", LATER } },
	/* the ACK may be for something else */
	{ "another connection is accepted", 4, NULL,
	  { OPENED, "C R 1001", "10 C S 90000 win 64240 <mss 1460>", "S SA 700000 ack 90001 win 65160 <mss 1460>",
	    "C A 90001 ack 700001 win 64240" } },
	{ "a delayed ACK", 5, "another segment",
	  { OPENED, "C PA 1001:1011(10) ack 5001 win 64240", "C R 1111", "S A 5001 ack 1011 win 65160", LATER } },
	{ "no ACK is owed", 6, NULL,
	  { OPENED, "C PA 1001:1011(10) ack 5001 win 64240", "S A 5001 ack 1011 win 65150", "C R 1111",
	    "S A 5001 ack 1011 win 65150", LATER } },
	{ "a repetition calls for an ACK", 7, "another segment",
	  { OPENED, "C PA 1001:1011(10) ack 5001 win 64240", "S A 5001 ack 1011 win 65150",
	    "10 C PA 1001:1011(10) ack 5001 win 64240", "C R 1111", "S A 5001 ack 1011 win 65150", LATER } },
	{ "one ACK for each SYN-ACK", 5, "another segment",
	  { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>",
	    "3 S SA 5000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 64240", "S R 5001",
	    "C A 1001 ack 5001 win 64240", LATER } },
	{ "two hosts", 5, "two hosts answer",
	  { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>",
	    "S SA 9000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 64240", "S R 5001",
	    "C A 1001 ack 5001 win 64240", LATER } },
	{ "a window opens", 4, "another segment",
	  { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 20000 <mss 1460>", "C A 1001 ack 5001 win 64240",
	    "C R 1101", "S A 5001 ack 1001 win 40000", LATER } },
	{ "a keepalive of its own", 4, "the capture shows no answer",
	  { OPENED, "C R 1101", "1000 S A 5000 ack 1001 win 65160", LATER } },
	{ "sooner than the way is long", 4, "another segment",
	  { OPENED_FAR, "C R 1101", "S A 5001 ack 1001 win 65160", LATER } },
	{ "after the time of the way", 4, NULL, { OPENED_FAR, "C R 1101", "5 S A 5001 ack 1001 win 65160", LATER } },
	/* tcp_reset_check(), max_sack */
	{ "a reset behind a gap", 6, "SACK",
	  { OPENED_SACK, "C PA 2001:2011(10) ack 5001 win 64240", "S A 5001 ack 1001 win 65160", "C R 2011", LATER } },
	{ "without SACK it is challenged", 6, NULL,
	  { OPENED, "C PA 2001:2011(10) ack 5001 win 64240", "S A 5001 ack 1001 win 65160", "C R 2011",
	    "S A 5001 ack 1001 win 65160", LATER } },
	/* tcp_v4_syn_recv_sock(): sk_acceptq_is_full() */
	{ "a full accept queue", 4, "its SYN-ACK came again",
	  { OPENED, "C A 500 ack 5001 win 64240", "S A 5001 ack 1001 win 65160", "1000 S SA 5000 ack 1001 win 65160 <mss 1460>",
	    "C A 1001 ack 5001 win 64240", LATER } },
	{ "a process that accepts", 4, NULL,
	  { OPENED, "C A 500 ack 5001 win 64240", "S A 5001 ack 1001 win 65160", LATER } },
	{ "a FIN that may be lost", 5, "has not acknowledged the other one's FIN",
	  { OPENED, "C FA 1001 ack 5001 win 64240", "C R 1001", LATER } },
	{ "a FIN that has arrived", 6, NULL,
	  { OPENED, "C FA 1001 ack 5001 win 64240", "S A 5001 ack 1002 win 510", "C R 1002", LATER } },
	{ "a FIN that was lost before it came here", 5, "its FIN, maybe",
	  { OPENED, "S A 5002 ack 1001 win 65160", "C R 1001", LATER } },
	{ "its FIN came again", 7, NULL,
	  { OPENED, "S A 5002 ack 1001 win 65160", "200 S FA 5001 ack 1001 win 65160",
	    "C A 1001 ack 5002 win 64240", "C R 1001", LATER } },
	{ "what was lost was data", 6, NULL,
	  { OPENED, "S A 5011 ack 1001 win 65160", "S PA 5011:5021(10) ack 1001 win 65160", "C R 1001", LATER } },
	/* tcp_check_req(): tsecr_reject */
	{ "an echo of nothing", 3, "echoes a timestamp",
	  { "C S 1000 win 64240 <mss 1460,sackOK,TS val 100 ecr 0>",
	    "S SA 5000 ack 1001 win 65160 <mss 1460,sackOK,TS val 900 ecr 100>",
	    "C S 2000 win 64240 <mss 1460,sackOK,TS val 101 ecr 7>", "S A 5001 ack 1001 win 510 <nop,nop,TS val 901 ecr 100>",
	    LATER } },
	/* the path */
	{ "a path that loses segments", 6, "the path",
	  { OPENED_FAR, "C PA 1001:1011(10) ack 5001 win 64240", "300 C PA 1001:1011(10) ack 5001 win 64240", "C R 1011",
	    LATER } },
	{ "behind a router that may have lost the ACK", 4, "the ACK of its SYN-ACK has reached it",
	  { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460> ttl 63", "C A 1001 ack 5001 win 64240",
	    "C R 1001", LATER } },
	{ "a path that has lost none", 4, NULL, { OPENED_FAR, "C R 1001", LATER } },
	{ "a capture that stands still", 4, "the clock was set", { OPENED, "C R 1001", "700000 G S 1 win 100" } },
};

START_TEST(what_crosses)
{
	const struct kernel any = { .timestamps = true };
	const struct encounter *encounter = NULL;
	struct judgement judgement;

	story_tell(rows[_i].lines);
	for (size_t i = 0; i < story_found.count; i++)
		if (story_found.list[i].frame == rows[_i].frame)
			encounter = &story_found.list[i];
	ck_assert_msg(encounter, "%s: no encounter", rows[_i].name);
	judgement_make(encounter, BOOK_LINUX, &any, &judgement);
	if (rows[_i].missing)
		ck_assert_msg(judgement.missing && strstr(judgement.missing, rows[_i].missing), "%s: %s", rows[_i].name,
			      judgement.missing ? judgement.missing : "certain");
	else
		ck_assert_msg(judgement.certain, "%s: %s", rows[_i].name, judgement.missing);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("crossing");

	tcase_add_loop_test(tests, what_crosses, 0, ROWS(rows));
	return run_suite("crossing", tests, NULL);
}
