/* test_unreachable.c - why nobody answers: ICMP errors, whom they are about and what they explain; where it was captured. */
#include <string.h>

#include "crafter/units.h"
#include "harness/diagnose/details.h"
#include "tests/unit/story.h"

#include "tests/unit/has.h"
#include "tests/unit/suite.h"

/* tcp_v4_err(): a port that is unreachable ends the client's attempt, and perhaps the capture. Nothing shows that somebody
 * listens there. */
START_TEST(refused_by_icmp)
{
	struct tracker *tracker = tracker_open(16, &(struct tracker_sink){ story_take, NULL, NULL, NULL });
	static const struct notice notice = { .kind = NOTICE_ICMP, .icmp_type = 3, .icmp_code = 3,
					      .from = { .family = 4, .bytes = { 192, 0, 2, 2 } } };
	uint64_t now_ns = NSEC_PER_SEC;
	struct segment syn;
	uint8_t payload[SEGMENT_PAYLOAD_MAX];
	char details[DETAILS_SIZE];

	memset(&story_found, 0, sizeof(story_found));
	story_line(tracker, "C S 1000 win 64240", 1, &now_ns);
	story_segment("C S 1000 win 64240", &syn, payload, &now_ns);
	if (_i)
		tracker_icmp(tracker, &syn.tuple, &notice, now_ns);
	tracker_finish(tracker);
	ck_assert_uint_eq(story_found.count, (size_t)_i);
	if (_i) {
		ck_assert_int_eq(story_found.list[0].kind, ENCOUNTER_SYN_UNREACHABLE);
		details_write(&story_found.list[0], details, sizeof(details));
		assert_has(details, "It came once. After 10 us: ICMP port unreachable");
	}
	tracker_close(tracker);
}
END_TEST

static const char *const lines[] = {
	"C S 1000 win 64240", "S SA 5000 ack 1001 win 65160", "C A 1001 ack 5001 win 64240",
	"C PA 1001:1011(10) ack 5001 win 64240", "200 C PA 1001:1011(10) ack 5001 win 64240",
	"400 C PA 1001:1011(10) ack 5001 win 64240", "800 C PA 1001:1011(10) ack 5001 win 64240",
};

/* Data that nobody acknowledges, and an error after one of these lines. A router quotes what the client sent: it speaks in the
 * server's place. About what the server sent, or about an earlier time, it explains nothing. */
static const struct error_at {
	size_t after;
	bool of_server, told;
} errors[] = {
	{ 4, false, true }, { 6, false, true }, { 4, true, false }, { 2, false, false },
};

START_TEST(why_nobody_acknowledges)
{
	const struct error_at *error = &errors[_i];
	const struct notice notice = { .kind = NOTICE_ICMP, .icmp_type = 3, .icmp_code = 4,
				       .from = { .family = 4, .bytes = { 203, 0, 113, 1 } } };
	struct tracker *tracker = tracker_open(16, &(struct tracker_sink){ story_take, NULL, NULL, NULL });
	uint64_t now_ns = NSEC_PER_SEC;
	uint8_t payload[SEGMENT_PAYLOAD_MAX];
	char details[DETAILS_SIZE];
	struct segment about;

	memset(&story_found, 0, sizeof(story_found));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		story_line(tracker, lines[i], i + 1, &now_ns);
		if (i != error->after)
			continue;
		story_segment(error->of_server ? "C A 1 ack 1 win 1" : "S A 1 ack 1 win 1", &about, payload, &now_ns);
		tracker_icmp(tracker, &about.tuple, &notice, now_ns);
	}
	tracker_finish(tracker);
	ck_assert_uint_eq(story_found.count, 1);
	ck_assert_int_eq(story_found.list[0].kind, ENCOUNTER_DATA_SILENT);
	details_write(&story_found.list[0], details, sizeof(details));
	(error->told ? assert_has : assert_lacks)(details, "Somebody says why: ICMP fragmentation needed");
	(error->told ? assert_has : assert_lacks)(details, "from 203.0.113.1");
	tracker_close(tracker);
}
END_TEST

/* How soon another SYN to the port was answered says where the capture was taken: at the server, away from it, or neither. */
START_TEST(where_it_was_captured)
{
	static const char *const answers[] = { "S SA 5000 ack 1001 win 65160", "20 S SA 5000 ack 1001 win 65160",
					       "1 S SA 5000 ack 1001 win 65160" };
	static const char at_server[] = "The port answers within 10 us, so the capture was taken on the server's machine or "
					"next to it, where the SYN probably arrived.";
	static const char away[] = "The capture was not taken at the server (its quickest answer took 20 ms)";
	char details[DETAILS_SIZE];

	story_tell((const char *[]){ "C S 1000 win 64240", answers[_i], "C A 1001 ack 5001 win 64240", "D S 7000 win 64240",
				     "1000 D S 7000 win 64240", "2000 D S 7000 win 64240", "9000 C A 1001 ack 5001 win 64240",
				     NULL });
	ck_assert_uint_eq(story_found.count, 1);
	ck_assert_int_eq(story_found.list[0].kind, ENCOUNTER_SYN_UNANSWERED);
	details_write(&story_found.list[0], details, sizeof(details));
	(_i == 0 ? assert_has : assert_lacks)(details, at_server);
	(_i == 1 ? assert_has : assert_lacks)(details, away);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("unreachable");

	tcase_add_loop_test(tests, refused_by_icmp, 0, 2);
	tcase_add_loop_test(tests, why_nobody_acknowledges, 0, (int)(sizeof(errors) / sizeof(errors[0])));
	tcase_add_loop_test(tests, where_it_was_captured, 0, 3);
	return run_suite("unreachable", tests, NULL);
}
