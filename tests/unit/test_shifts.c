/* test_shifts.c - SACK blocks and ACKs that a middlebox has shifted, and those that only look so. */
#include "harness/diagnose/shifts.h"

#include "harness/diagnose/cause.h"
#include "harness/diagnose/details.h"
#include "harness/diagnose/judgement.h"

#include "tests/unit/story.h"
#include "tests/unit/suite.h"

enum { STORY_MAX = 24 };

#define OPENED \
	"C S 1000 win 64240 <mss 1460,sackOK>", "S SA 5000 ack 1001 win 65160 <mss 1460,sackOK>", "C A 1001 ack 5001 win 64240"
/* Text of which the first segment is lost behind the place of the capture. */
#define SENT(from, to) "S A " #from ":" #to "(100) ack 1001 win 65160"
#define SACK(ack, left, right) "C A 1001 ack " #ack " win 64240 <nop,nop,sack " #left ":" #right ">"

static const struct story {
	const char *name;
	const char *lines[STORY_MAX];
	const char *finding; /* NULL: none of a shift */
	uint64_t frame;
	const char *details;
} stories[] = {
	{ "right blocks", { OPENED, SENT(5001, 5101), SENT(5101, 5201), SENT(5201, 5301), SACK(5001, 5101, 5201),
			    SACK(5001, 5101, 5301) }, NULL, 0, NULL },
	{ "not translated",
	  { OPENED, SENT(5001, 5101), SENT(5101, 5201), SACK(5001, 77005101, 77005201), SENT(5201, 5301),
	    SACK(5001, 77005101, 77005301) }, "sack-shifted", 8, "The block lies 77000000 beyond what was sent." },
	{ "told once",
	  { OPENED, SENT(5001, 5101), SENT(5101, 5201), SACK(5001, 77005101, 77005201), SENT(5201, 5301),
	    SACK(5001, 77005101, 77005301), SENT(5301, 5401), SACK(5001, 77005101, 77005401), SENT(5401, 5501),
	    SACK(5001, 77005101, 77005501) }, "sack-shifted", 8, "The block lies 77000000 beyond what was sent." },
	{ "below",
	  { OPENED, SENT(5001, 5101), SENT(5101, 5201), SACK(5001, 2147488749, 2147488849), SENT(5201, 5301),
	    SACK(5001, 2147488749, 2147488949) }, "sack-shifted", 8,
	  "The block lies 2147483648 before what was sent." },
	{ "the capture misses much text", { OPENED, SENT(5001, 5101), SACK(5101, 77005201, 77005301),
					    SACK(5101, 77005201, 77005401), SENT(77005401, 77005501),
					    SACK(5101, 77005201, 77005501) }, NULL, 0, NULL },
	{ "one forged block", { OPENED, SENT(5001, 5101), SENT(5101, 5201), SACK(5001, 77005101, 77005201) }, NULL, 0, NULL },
	{ "blocks without a pattern",
	  { OPENED, SENT(5001, 5101), SENT(5101, 5201), SACK(5001, 77005101, 77005201), SENT(5201, 5301),
	    SACK(5001, 990005101, 990005201) },
	  NULL, 0, NULL },
	{ "some are right",
	  { OPENED, SENT(5001, 5101), SENT(5101, 5201), SACK(5001, 5101, 5201), SACK(5001, 77005101, 77005201),
	    SENT(5201, 5301), SACK(5001, 77005101, 77005301) }, NULL, 0, NULL },
	/* RFC 2883: what came twice, below the acknowledgment */
	{ "D-SACK", { OPENED, SENT(5001, 5101), SENT(5101, 5201), "C A 1001 ack 5201 win 64240", SACK(5201, 5001, 5101),
		      SACK(5201, 5001, 5101) }, NULL, 0, NULL },
	{ "the capture misses text", { OPENED, SENT(5001, 5101), SACK(5101, 9001, 9101), SENT(5101, 5201),
				      SACK(5101, 9001, 9201) }, NULL, 0, NULL },
	{ "ACKs of a firewall that failed over",
	  { OPENED, SENT(5001, 5101), "C A 1001 ack 88005101 win 64240", SENT(5101, 5201), "C A 1001 ack 88005201 win 64240",
	    SENT(5201, 5301), "C A 1001 ack 88005301 win 64240" }, "ack-shifted", 9, "It lies 88000000 beyond what was sent." },
	{ "which lie before what was sent",
	  { OPENED, SENT(5001, 5101), "C A 1001 ack 2500005101 win 64240", SENT(5101, 5201),
	    "C A 1001 ack 2500005201 win 64240", SENT(5201, 5301), "C A 1001 ack 2500005301 win 64240" }, "ack-shifted", 9,
	  "It lies 1794967296 before what was sent." },
	{ "a forged ACK that comes again",
	  { OPENED, SENT(5001, 5101), "C A 1001 ack 88005101 win 64240", "C A 1001 ack 88005101 win 64240",
	    "C A 1001 ack 88005101 win 64240", "C A 1001 ack 88005101 win 64240" }, NULL, 0, NULL },
};

START_TEST(shifted)
{
	const struct story *story = &stories[_i];
	const struct kernel any = { .timestamps = true };
	char details[DETAILS_SIZE];
	struct judgement judgement;
	size_t count = 0;

	story_tell(story->lines);
	for (size_t i = 0; i < story_found.count; i++) {
		const struct encounter *encounter = &story_found.list[i];
		const char *name = cause_of(encounter)->name;

		judgement_make(encounter, BOOK_LINUX, &any, &judgement);
		ck_assert_msg(judgement.verdict != VERDICT_DIFFERS, "%s: %s", story->name, judgement.why);
		if (!strstr(name, "shifted"))
			continue;
		count++;
		ck_assert_msg(story->finding && strcmp(name, story->finding) == 0, "%s: %s", story->name, name);
		ck_assert_uint_eq(encounter->frame, story->frame);
		ck_assert_str_eq(details_write(encounter, details, sizeof(details)), story->details);
	}
	ck_assert_msg(count == (story->finding ? 1 : 0), "%s: %zu", story->name, count);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("shifts");

	tcase_add_loop_test(tests, shifted, 0, ROWS(stories));
	return run_suite("shifts", tests, NULL);
}
