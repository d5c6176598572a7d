/* test_diagnosis.c - capture files made of text: what is judged and reported. */
#include "harness/diagnose/diagnosis.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run/exit_code.h"

#include "tests/unit/has.h"
#include "tests/unit/made_capture.h"
#include "tests/unit/suite.h"

enum { LINES_MAX = 16 };

START_TEST(a_refused_syn)
{
	struct seen seen = { 0 };

	begin(101);
	put_all(refused, none, 0);
	diagnose_all(&seen);
	ck_assert_uint_eq(seen.counts.tracker.segments, 9);
	ck_assert_uint_eq(seen.counts.tracker.connections, 1);
	ck_assert_str_eq(seen.cause, "tw-syn-refused");
	ck_assert_int_eq(seen.first, VERDICT_AGREES); /* RFC 6191, tcp_timewait_state_process() */
}
END_TEST

/* An encounter that is known only later has its frame all the same: whoever holds frames back must not let it go. */
START_TEST(told_late)
{
	struct seen seen = { 0 };

	begin(101);
	for (int i = 0; i < 12; i++) {
		put("C S 7 win 64240 <mss 1460>", none, 0);
		now_us += 900000;
	}
	diagnose_all(&seen);
	ck_assert_str_eq(seen.cause, "syn-unanswered");
	ck_assert_uint_eq(seen.frames, 12);
}
END_TEST

/* RFC 5961 3.2, tcp_reset(): an exact reset ends the connection, and nothing answers it. */
START_TEST(an_answer_that_no_kernel_gives)
{
	static const char *const lines[] = { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>",
					     "C A 1001 ack 5001 win 64240", "C R 1001", "S A 5001 ack 1001 win 65160", NULL };
	struct seen seen = { 0 };

	begin(101);
	put_all(lines, none, 0);
	diagnose_all(&seen);
	ck_assert_str_eq(seen.cause, "reset-answered");
	ck_assert_int_eq(seen.first, VERDICT_DIFFERS);
	ck_assert_int_eq(report_diagnosis_exit(&(struct report_diagnosis_facts){ 0 }, &seen.counts), EXIT_DIFFERS);
}
END_TEST

/* RFC 6191, tcp_timewait_state_process(): newer in both numbers, so a SYN-ACK; but where nobody listens any more, tcp_v4_rcv()
 * goes on from TCP_TW_SYN to TCP_TW_ACK. */
START_TEST(a_listener_that_is_gone)
{
	struct seen seen = { 0 };
	const char *lines[LINES_MAX];

	memcpy(lines, refused, sizeof(refused));
	lines[6] = "C S 2002 win 64240 <mss 1460,sackOK,TS val 1102 ecr 0>";
	begin(101);
	put_all(lines, none, 0);
	diagnose_all(&seen);
	ck_assert_str_eq(seen.cause, "tw-syn-refused");
	ck_assert_int_eq(seen.first, VERDICT_INCONCLUSIVE);
}
END_TEST

/* A SYN-ACK or a reset in place of the ACK is what a kernel sends that has no such connection any more: a reset may have passed
 * elsewhere, tcp_max_tw_buckets may have been reached. */
START_TEST(an_answer_of_a_stranger)
{
	struct seen seen = { 0 };
	const char *lines[LINES_MAX];

	memcpy(lines, refused, sizeof(refused));
	lines[7] = _i ? "S RA 0 ack 3" : "S SA 90000 ack 3 win 65160 <mss 1460>";
	lines[8] = NULL;
	if (_i)
		memmove(&lines[3], &lines[6], 3 * sizeof(lines[0])); /* while the connection is open */
	begin(101);
	put_all(lines, none, 0);
	put(_i ? "C R 3" : "C A 3 ack 90001 win 64240", none, 0);
	now_us += 100000;
	put(_i ? "C R 3" : "C A 3 ack 90001 win 64240", none, 0);
	diagnose_all(&seen);
	ck_assert_str_eq(seen.cause, _i ? "live-syn" : "tw-syn-accepted");
	ck_assert_int_eq(seen.first, VERDICT_INCONCLUSIVE);
}
END_TEST

/* tcp_timewait_state_process(): snd_nxt + 65537; before 6.10 that was lost on the way to tcp_conn_request(). No stranger knows
 * it, so it is certainly not the kernel that was said. */
START_TEST(not_the_kernel_that_was_said)
{
	struct seen seen = { .kernel = _i ? "5.10" : NULL };
	const char *lines[LINES_MAX];

	memcpy(lines, refused, sizeof(refused));
	lines[6] = "C S 2002 win 64240 <mss 1460,sackOK,TS val 1102 ecr 0>";
	lines[7] = "S SA 70539 ack 2003 win 65160 <mss 1460,sackOK,TS val 1009 ecr 1102>";
	lines[8] = "C A 2003 ack 70540 win 64240 <nop,nop,TS val 1102 ecr 1009>";
	begin(101);
	put_all(lines, none, 0);
	diagnose_all(&seen);
	ck_assert_str_eq(seen.cause, "tw-syn-accepted");
	ck_assert_int_eq(seen.first, _i ? VERDICT_DIFFERS : VERDICT_AGREES);
}
END_TEST

static char *reported(enum format format, bool every_one, const char *damage)
{
	char *text = NULL;
	size_t size;
	struct seen seen = { 0 };
	struct error error;
	struct report_diagnosis_facts facts = {
		.out = open_memstream(&text, &size), .format = format, .every_one = every_one, .path = "x\x1b[2J.pcap",
		.tool_version = "1.2.3", .decides = BOOK_LINUX,
	};

	begin(101);
	put_all(refused, none, 0);
	seen.report = report_diagnosis_open(&facts, &error);
	ck_assert_ptr_nonnull(seen.report);
	diagnose_all(&seen);
	report_diagnosis_end(seen.report, &seen.counts, damage);
	report_diagnosis_close(seen.report);
	fclose(facts.out);
	return text;
}

START_TEST(for_a_person)
{
	static const char *const wanted[] = {
		"x?[2J.pcap: 9 segments of 1 connection ", "refused with an ACK: 1 time\n",
		"192.0.2.1:40000 > 192.0.2.2:80, which is in time-wait",
		"--> S rcv_nxt-1000 ", "answered by frame 8 after 100 us: ACK\n", "expected: linux: ACK, rfc: ACK",
		"What helps: ",
		"ask again: twprobe time-wait/syn/seq-below/ts-absent\n",
		"No answer here tells which Linux, 5.10 or later, it was.",
		"only its beginning could be read",
	};
	char *text = reported(FORMAT_TABLE, _i, "damaged");

	for (size_t i = 0; i < ROWS(wanted); i++)
		assert_has(text, wanted[i]);
	ck_assert_ptr_null(strchr(text, '\x1b')); /* of the file's name */
	free(text);
}
END_TEST

static const char *member(json_t *record, const char *name)
{
	return json_string_value(json_object_get(record, name));
}

START_TEST(for_a_script)
{
	static const char *const kinds[] = { "capture", "encounter", "encounter", "encounter", "connection", "summary" };
	char *text = reported(FORMAT_JSON, false, NULL), *line = text;
	json_t *records[ROWS(kinds)], *finding;

	for (size_t i = 0; i < ROWS(kinds); i++) {
		char *end = strchr(line, '\n');

		ck_assert_ptr_nonnull(end);
		records[i] = json_loadb(line, (size_t)(end - line), 0, NULL);
		ck_assert_str_eq(member(records[i], "record"), kinds[i]);
		line = end + 1;
	}
	ck_assert_str_eq(line, "");
	ck_assert_str_eq(member(records[1], "finding"), "tw-syn-refused");
	ck_assert_str_eq(member(records[1], "cell"), "time-wait/syn/seq-below/ts-absent");
	ck_assert_str_eq(member(records[1], "time"), "1970-01-01T00:16:40.000700Z");
	ck_assert_str_eq(member(records[1], "subject"), "server");
	ck_assert_int_eq(json_integer_value(json_object_get(records[1], "answered_by")), 8);
	ck_assert(json_is_true(json_object_get(records[1], "certain")));
	ck_assert_str_eq(member(records[4], "client"), "192.0.2.1:40000");
	ck_assert_int_eq(json_integer_value(json_object_get(records[5], "encounters")), 3);
	ck_assert(json_is_null(json_object_get(records[1], "delay_us"))); /* the SYN is never acknowledged */
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(records[5], "ends"), "unopened")), 1);
	finding = json_array_get(json_object_get(records[5], "findings"), 0);
	ck_assert_str_eq(member(finding, "finding"), "tw-syn-refused");
	ck_assert_int_eq(json_integer_value(json_object_get(finding, "certain")), 1);
	ck_assert(json_is_null(json_object_get(finding, "worst_delay_us")));
	for (size_t i = 0; i < ROWS(kinds); i++)
		json_decref(records[i]);
	free(text);
}
END_TEST

/* Each cause is told in full: names are unique, and every kind of encounter has one whatever the answer. */
START_TEST(causes_are_complete)
{
	const struct cause *cause, *other;

	for (size_t i = 0; (cause = cause_at(i)); i++) {
		ck_assert(cause->name && cause->title && cause->says);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(cause->name, cause_at(j)->name);
	}
	for (int kind = ENCOUNTER_NONE + 1; kind < ENCOUNTER_KINDS; kind++) {
		struct encounter encounter = { .kind = (enum encounter_kind)kind, .answered = true };

		encounter.answer.flags = FLAG_FIN | FLAG_ACK; /* an answer that no row names */
		other = cause_of(&encounter);
		ck_assert_msg(other->kind == encounter.kind, "kind %d has no cause", kind);
	}
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("diagnosis");

	tcase_add_test(tests, a_refused_syn);
	tcase_add_test(tests, told_late);
	tcase_add_test(tests, an_answer_that_no_kernel_gives);
	tcase_add_test(tests, a_listener_that_is_gone);
	tcase_add_loop_test(tests, an_answer_of_a_stranger, 0, 2);
	tcase_add_loop_test(tests, not_the_kernel_that_was_said, 0, 2);
	tcase_add_loop_test(tests, for_a_person, 0, 2);
	tcase_add_test(tests, for_a_script);
	tcase_add_test(tests, causes_are_complete);
	return run_suite("diagnosis", tests, NULL);
}
