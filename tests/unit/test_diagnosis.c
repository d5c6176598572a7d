/* test_diagnosis.c - capture files made of text: what is read, judged and reported. */
#include "harness/diagnose/diagnosis.h"

#include <jansson.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crafter/encode.h"
#include "crafter/segment_text.h"
#include "harness/report/report_diagnosis.h"
#include "harness/run/exit_code.h"

#include "tests/unit/suite.h"

enum { LINES_MAX = 16 };

static char path[64];
static FILE *capture;
static uint32_t now_us;
static uint16_t ip_id; /* of what is put */
static const uint8_t none[1]; /* no link header */

static void put32(uint32_t value)
{
	fwrite(&value, sizeof(value), 1, capture); /* in the byte order of this machine, as libpcap does */
}

static void begin(uint32_t link_type)
{
	snprintf(path, sizeof(path), "/tmp/test_diagnosis.%d", (int)getpid());
	capture = fopen(path, "wb");
	ck_assert_ptr_nonnull(capture);
	put32(0xa1b2c3d4);
	put32(2 | 4 << 16);
	put32(0);
	put32(0);
	put32(262144);
	put32(link_type);
	now_us = 0;
	ip_id = 0;
}

static uint32_t snap = UINT32_MAX; /* so many bytes of a packet are captured */

/* A segment as one line of text, "C ..." from the client, with a link header before it. */
static void put(const char *line, const uint8_t *link, uint32_t link_size)
{
	uint8_t payload[SEGMENT_PAYLOAD_MAX], packet[PACKET_SIZE_MAX];
	struct error error = { "" };
	struct segment segment;
	char text[256];
	uint32_t size;

	snprintf(text, sizeof(text), "%s %s", *line == 'C' ? "192.0.2.1:40000 > 192.0.2.2:80" :
		 "192.0.2.2:80 > 192.0.2.1:40000", line + 2);
	ck_assert_msg(segment_text_parse(text, NULL, &segment, payload, &error) == 0, "%s: %s", text, error.text);
	segment.ip_id = ip_id;
	size = (uint32_t)encode(&segment, packet, sizeof(packet));
	ck_assert_uint_gt(size, 0);
	now_us += 100;
	put32(1000);
	put32(now_us);
	put32(link_size + (size < snap ? size : snap));
	put32(link_size + size);
	fwrite(link, 1, link_size, capture);
	fwrite(packet, 1, size < snap ? size : snap, capture);
}

static const char *const refused[] = {
	"C S 1000 win 64240 <mss 1460,sackOK,TS val 100 ecr 0>",
	"S SA 5000 ack 1001 win 65160 <mss 1460,sackOK,TS val 9 ecr 100>",
	"C A 1001 ack 5001 win 64240 <nop,nop,TS val 100 ecr 9>", "S FA 5001 ack 1001 win 65160 <nop,nop,TS val 10 ecr 100>",
	"C FA 1001 ack 5002 win 64240 <nop,nop,TS val 101 ecr 10>", "S A 5002 ack 1002 win 65160 <nop,nop,TS val 11 ecr 101>",
	"C S 2 win 64240 <mss 1460>", "S A 5002 ack 1002 win 65160 <nop,nop,TS val 12 ecr 101>", "C R 5002", NULL,
};

struct seen {
	struct diagnosis_counts counts;
	struct report_diagnosis *report;
	size_t encounters;
	uint64_t frames, settled; /* no encounter with a smaller frame number is to come */
	enum verdict first;
	const char *kernel; /* the one said; NULL: any */
	char cause[32];
};

static void take(void *context, const struct diagnosed *diagnosed)
{
	struct seen *seen = context;

	ck_assert_uint_ge(diagnosed->encounter->frame, seen->settled);
	if (seen->encounters++ == 0) {
		seen->first = diagnosed->judgement->verdict;
		snprintf(seen->cause, sizeof(seen->cause), "%s", diagnosed->cause->name);
	}
	if (seen->report)
		report_diagnosis_take(seen->report, diagnosed);
}

static void take_frame(void *context, const struct capture_frame *frame, uint64_t settled)
{
	struct seen *seen = context;

	ck_assert_uint_eq(frame->number, ++seen->frames);
	ck_assert_uint_ge(settled, seen->settled);
	seen->settled = settled > frame->number ? frame->number + 1 : settled;
}

static void take_connection(void *context, const struct tracked *connection)
{
	struct seen *seen = context;

	if (seen->report)
		report_diagnosis_connection(seen->report, connection);
}

static int diagnose(struct seen *seen, const char *filter, enum book decides, struct error *error)
{
	struct diagnosis_options options = {
		.filter = filter, .connections = 16, .decides = decides, .kernel = { .timestamps = true },
	};
	struct diagnosis_listener listener = {
		.encounter = take, .connection = take_connection, .frame = filter ? NULL : take_frame, .context = seen,
	};

	if (seen->kernel)
		kernel_parse(seen->kernel, &options.kernel);
	if (capture)
		fclose(capture);
	capture = NULL;
	return diagnosis_run(path, &options, &listener, &seen->counts, error);
}

static void put_all(const char *const *lines, const uint8_t *link, uint32_t size)
{
	for (; *lines; lines++)
		put(*lines, link, size);
}

START_TEST(a_refused_syn)
{
	struct seen seen = { 0 };
	struct error error;

	begin(101);
	put_all(refused, none, 0);
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_uint_eq(seen.counts.tracker.segments, 9);
	ck_assert_uint_eq(seen.counts.tracker.connections, 1);
	ck_assert_str_eq(seen.cause, "tw-syn-refused");
	ck_assert_int_eq(seen.first, VERDICT_AGREES); /* RFC 6191, tcp_timewait_state_process() */
	unlink(path);
}
END_TEST

/* An encounter that is known only later has its frame all the same: whoever holds frames back must not let it go. */
START_TEST(told_late)
{
	struct seen seen = { 0 };
	struct error error;

	begin(101);
	for (int i = 0; i < 12; i++) {
		put("C S 7 win 64240 <mss 1460>", none, 0);
		now_us += 900000;
	}
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_str_eq(seen.cause, "syn-unanswered");
	ck_assert_uint_eq(seen.frames, 12);
	unlink(path);
}
END_TEST

/* RFC 5961 3.2, tcp_reset(): an exact reset ends the connection, and nothing answers it. */
START_TEST(an_answer_that_no_kernel_gives)
{
	static const char *const lines[] = { "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>",
					     "C A 1001 ack 5001 win 64240", "C R 1001", "S A 5001 ack 1001 win 65160", NULL };
	struct seen seen = { 0 };
	struct error error;

	begin(101);
	put_all(lines, none, 0);
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_str_eq(seen.cause, "reset-answered");
	ck_assert_int_eq(seen.first, VERDICT_DIFFERS);
	ck_assert_int_eq(report_diagnosis_exit(&(struct report_diagnosis_facts){ 0 }, &seen.counts), EXIT_DIFFERS);
	unlink(path);
}
END_TEST

/* RFC 6191, tcp_timewait_state_process(): newer in both numbers, so a SYN-ACK; but where nobody listens any more, tcp_v4_rcv()
 * goes on from TCP_TW_SYN to TCP_TW_ACK. */
START_TEST(a_listener_that_is_gone)
{
	struct seen seen = { 0 };
	const char *lines[LINES_MAX];
	struct error error;

	memcpy(lines, refused, sizeof(refused));
	lines[6] = "C S 2002 win 64240 <mss 1460,sackOK,TS val 1102 ecr 0>";
	begin(101);
	put_all(lines, none, 0);
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_str_eq(seen.cause, "tw-syn-refused");
	ck_assert_int_eq(seen.first, VERDICT_INCONCLUSIVE);
	unlink(path);
}
END_TEST

/* A SYN-ACK or a reset in place of the ACK is what a kernel sends that has no such connection any more: a reset may have passed
 * elsewhere, tcp_max_tw_buckets may have been reached. */
START_TEST(an_answer_of_a_stranger)
{
	struct seen seen = { 0 };
	const char *lines[LINES_MAX];
	struct error error;

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
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_str_eq(seen.cause, _i ? "live-syn" : "tw-syn-accepted");
	ck_assert_int_eq(seen.first, VERDICT_INCONCLUSIVE);
	unlink(path);
}
END_TEST

/* tcp_timewait_state_process(): snd_nxt + 65537; before 6.10 that was lost on the way to tcp_conn_request(). No stranger knows
 * it, so it is certainly not the kernel that was said. */
START_TEST(not_the_kernel_that_was_said)
{
	struct seen seen = { .kernel = _i ? "5.10" : NULL };
	const char *lines[LINES_MAX];
	struct error error;

	memcpy(lines, refused, sizeof(refused));
	lines[6] = "C S 2002 win 64240 <mss 1460,sackOK,TS val 1102 ecr 0>";
	lines[7] = "S SA 70539 ack 2003 win 65160 <mss 1460,sackOK,TS val 1009 ecr 1102>";
	lines[8] = "C A 2003 ack 70540 win 64240 <nop,nop,TS val 1102 ecr 1009>";
	begin(101);
	put_all(lines, none, 0);
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_str_eq(seen.cause, "tw-syn-accepted");
	ck_assert_int_eq(seen.first, _i ? VERDICT_DIFFERS : VERDICT_AGREES);
	unlink(path);
}
END_TEST

/* Two captures in one file, or a clock that was set, before the SYN that is refused; a few milliseconds are only disorder. */
START_TEST(time_goes_back)
{
	const uint32_t back_us = _i ? 500000 : 5000;
	struct seen seen = { 0 };
	struct error error;

	begin(101);
	now_us = 900000;
	for (size_t i = 0; refused[i]; i++) {
		now_us -= i == 6 ? back_us : 0;
		put(refused[i], none, 0);
	}
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_uint_eq(seen.counts.time_back, _i ? 1 : 0);
	ck_assert_uint_eq(seen.counts.time_back_ns, _i ? (back_us - 100) * UINT64_C(1000) : 0);
	ck_assert_str_eq(seen.cause, "tw-syn-refused");
	ck_assert_int_eq(seen.first, VERDICT_INCONCLUSIVE); /* what came first is not known */
	unlink(path);
}
END_TEST

START_TEST(a_filter)
{
	struct seen seen = { 0 };
	struct error error = { "" };

	begin(101);
	put_all(refused, none, 0);
	ck_assert_int_eq(diagnose(&seen, "src port 80", BOOK_LINUX, &error), 0);
	ck_assert_uint_eq(seen.counts.filtered, 5);
	ck_assert_uint_eq(seen.counts.tracker.segments, 4);
	/* One direction alone: nothing is certain. */
	ck_assert_uint_eq(seen.counts.uncertain, seen.counts.encounters);
	ck_assert_int_eq(diagnose(&seen, "no such words", BOOK_LINUX, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "no such words"));
	unlink(path);
}
END_TEST

/* `tcpdump -i any` on a router: in, packet type 0, and out, packet type 4 (LINUX_SLL_OUTGOING). */
START_TEST(captured_twice)
{
	static const uint8_t in[16] = { [1] = 0, [14] = 8 }, out[16] = { [1] = 4, [14] = 8 };
	struct seen seen = { 0 };
	struct error error;

	begin(DLT_LINUX_SLL);
	for (size_t i = 0; refused[i]; i++) {
		put(refused[i], in, sizeof(in));
		put(refused[i], out, sizeof(out));
	}
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_uint_eq(seen.counts.copies, 9);
	ck_assert_uint_eq(seen.counts.tracker.segments, 9);
	ck_assert_str_eq(seen.cause, "tw-syn-refused");
	unlink(path);
}
END_TEST

/* A file merged with itself, and a mirror port that sees each frame two times. */
START_TEST(stands_twice)
{
	const uint32_t apart_us = _i ? 250 : 0;
	struct seen seen = { 0 };
	struct error error;

	begin(101);
	for (size_t i = 0; refused[i]; i++) {
		ip_id++;
		put(refused[i], none, 0);
		now_us += apart_us - 100;
		put(refused[i], none, 0);
	}
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_uint_gt(seen.counts.encounters, 0);
	ck_assert_uint_eq(seen.counts.uncertain, seen.counts.encounters);
	ck_assert_uint_eq(seen.counts.twins, _i ? 3 : 9);
	unlink(path);
}
END_TEST

/* The same repeated on one interface is what was really there. */
START_TEST(sent_twice)
{
	struct seen seen = { 0 };
	struct error error;

	begin(101);
	put(refused[0], none, 0);
	put(refused[0], none, 0);
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_uint_eq(seen.counts.copies, 0);
	ck_assert_uint_eq(seen.counts.tracker.segments, 2);
	ck_assert_int_eq(report_diagnosis_exit(&(struct report_diagnosis_facts){ 0 }, &seen.counts), EXIT_AGREES);
	unlink(path);
}
END_TEST

/* Before the card: the IP checksum, at byte 10, or TCP's, at byte 36, is 0. A wrong one that is not 0 is not taken. */
START_TEST(checksums_that_a_card_fills_in)
{
	static const struct {
		long at;
		uint8_t value;
		uint64_t unfilled, unsound;
	} rows[] = { { 10, 0, 1, 0 }, { 36, 0, 1, 0 }, { 36, 0x55, 0, 1 } };
	struct seen seen = { 0 };
	struct error error;

	begin(101);
	put(refused[0], none, 0);
	fseek(capture, 24 + 16 + rows[_i].at, SEEK_SET);
	fputc(rows[_i].value, capture);
	fputc(rows[_i].value, capture);
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_uint_eq(seen.counts.unfilled, rows[_i].unfilled);
	ck_assert_uint_eq(seen.counts.unsound, rows[_i].unsound);
	ck_assert_uint_eq(seen.counts.tracker.segments, rows[_i].unfilled);
	unlink(path);
}
END_TEST

/* tcpdump -s 64 of an IPv6 packet has four bytes of TCP. Nothing is wrong with it, and nothing is known. */
START_TEST(headers_that_the_capture_cut)
{
	const struct report_diagnosis_facts facts = { .decides = BOOK_LINUX };
	struct seen seen = { 0 };
	struct error error;

	snap = _i ? 24 : 40;
	begin(101);
	put_all(refused, none, 0);
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	ck_assert_uint_eq(seen.counts.unsound, 0);
	ck_assert_uint_eq(seen.counts.cut_headers, _i ? 9 : 0);
	ck_assert_uint_eq(seen.counts.tracker.segments, _i ? 0 : 9);
	ck_assert_int_eq(report_diagnosis_exit(&facts, &seen.counts), EXIT_INCONCLUSIVE);
	snap = UINT32_MAX;
	unlink(path);
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
	ck_assert_int_eq(diagnose(&seen, NULL, BOOK_LINUX, &error), 0);
	report_diagnosis_end(seen.report, &seen.counts, damage);
	report_diagnosis_close(seen.report);
	fclose(facts.out);
	unlink(path);
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
		ck_assert_msg(strstr(text, wanted[i]) != NULL, "no '%s' in:\n%s", wanted[i], text);
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
	tcase_add_loop_test(tests, time_goes_back, 0, 2);
	tcase_add_test(tests, a_filter);
	tcase_add_test(tests, captured_twice);
	tcase_add_loop_test(tests, stands_twice, 0, 2);
	tcase_add_test(tests, sent_twice);
	tcase_add_loop_test(tests, headers_that_the_capture_cut, 0, 2);
	tcase_add_loop_test(tests, checksums_that_a_card_fills_in, 0, 3);
	tcase_add_loop_test(tests, for_a_person, 0, 2);
	tcase_add_test(tests, for_a_script);
	tcase_add_test(tests, causes_are_complete);
	return run_suite("diagnosis", tests, NULL);
}
