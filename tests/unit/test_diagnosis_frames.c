/* test_diagnosis_frames.c - which frames of a capture file count, and as what. */
#include "harness/diagnose/diagnosis.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>

#include "harness/run/exit_code.h"

#include "tests/unit/made_capture.h"
#include "tests/unit/suite.h"

/* Two captures in one file, or a clock that was set, before the SYN that is refused; a few milliseconds are only disorder. */
START_TEST(time_goes_back)
{
	const uint32_t back_us = _i ? 500000 : 5000;
	struct seen seen = { 0 };

	begin(101);
	now_us = 900000;
	for (size_t i = 0; refused[i]; i++) {
		now_us -= i == 6 ? back_us : 0;
		put(refused[i], none, 0);
	}
	diagnose_all(&seen);
	ck_assert_uint_eq(seen.counts.time_back, _i ? 1 : 0);
	ck_assert_uint_eq(seen.counts.time_back_ns, _i ? (back_us - 100) * UINT64_C(1000) : 0);
	ck_assert_str_eq(seen.cause, "tw-syn-refused");
	ck_assert_int_eq(seen.first, VERDICT_INCONCLUSIVE); /* what came first is not known */
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

	begin(DLT_LINUX_SLL);
	for (size_t i = 0; refused[i]; i++) {
		put(refused[i], in, sizeof(in));
		put(refused[i], out, sizeof(out));
	}
	diagnose_all(&seen);
	ck_assert_uint_eq(seen.counts.copies, 9);
	ck_assert_uint_eq(seen.counts.tracker.segments, 9);
	ck_assert_str_eq(seen.cause, "tw-syn-refused");
}
END_TEST

/* A file merged with itself, and a mirror port that sees each frame two times. */
START_TEST(stands_twice)
{
	const uint32_t apart_us = _i ? 250 : 0;
	struct seen seen = { 0 };

	begin(101);
	for (size_t i = 0; refused[i]; i++) {
		ip_id++;
		put(refused[i], none, 0);
		now_us += apart_us - 100;
		put(refused[i], none, 0);
	}
	diagnose_all(&seen);
	ck_assert_uint_gt(seen.counts.encounters, 0);
	ck_assert_uint_eq(seen.counts.uncertain, seen.counts.encounters);
	ck_assert_uint_eq(seen.counts.twins, _i ? 3 : 9);
}
END_TEST

/* The same repeated on one interface is what was really there. */
START_TEST(sent_twice)
{
	struct seen seen = { 0 };

	begin(101);
	put(refused[0], none, 0);
	put(refused[0], none, 0);
	diagnose_all(&seen);
	ck_assert_uint_eq(seen.counts.copies, 0);
	ck_assert_uint_eq(seen.counts.tracker.segments, 2);
	ck_assert_int_eq(report_diagnosis_exit(&(struct report_diagnosis_facts){ 0 }, &seen.counts), EXIT_AGREES);
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

	begin(101);
	put(refused[0], none, 0);
	fseek(capture, 24 + 16 + rows[_i].at, SEEK_SET);
	fputc(rows[_i].value, capture);
	fputc(rows[_i].value, capture);
	diagnose_all(&seen);
	ck_assert_uint_eq(seen.counts.unfilled, rows[_i].unfilled);
	ck_assert_uint_eq(seen.counts.unsound, rows[_i].unsound);
	ck_assert_uint_eq(seen.counts.tracker.segments, rows[_i].unfilled);
}
END_TEST

/* tcpdump -s 64 of an IPv6 packet has four bytes of TCP. Nothing is wrong with it, and nothing is known. */
START_TEST(headers_that_the_capture_cut)
{
	const struct report_diagnosis_facts facts = { .decides = BOOK_LINUX };
	struct seen seen = { 0 };

	snap = _i ? 24 : 40;
	begin(101);
	put_all(refused, none, 0);
	diagnose_all(&seen);
	ck_assert_uint_eq(seen.counts.unsound, 0);
	ck_assert_uint_eq(seen.counts.cut_headers, _i ? 9 : 0);
	ck_assert_uint_eq(seen.counts.tracker.segments, _i ? 0 : 9);
	ck_assert_int_eq(report_diagnosis_exit(&facts, &seen.counts), EXIT_INCONCLUSIVE);
	snap = UINT32_MAX;
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("diagnosis_frames");

	tcase_add_loop_test(tests, time_goes_back, 0, 2);
	tcase_add_test(tests, a_filter);
	tcase_add_test(tests, captured_twice);
	tcase_add_loop_test(tests, stands_twice, 0, 2);
	tcase_add_test(tests, sent_twice);
	tcase_add_loop_test(tests, headers_that_the_capture_cut, 0, 2);
	tcase_add_loop_test(tests, checksums_that_a_card_fills_in, 0, 3);
	return run_suite("diagnosis_frames", tests, NULL);
}
