/* test_handshake.c - when a slow round trip explains that an ACK with an old timestamp got no answer. */
#include "harness/run/run_internal.h"

#include <stdio.h>

#include "tests/unit/suite.h"

/* tcp_tsval_replay(): ts_recent - TSval <= 1.2 RTO in ms; RTO = m + max(2 m, 200 ms) after one sample m. */
struct row {
	unsigned took_ms;
	int64_t ts;
	bool may;
};

static const struct row rows[] = {
	{ 0, -240, true }, { 0, -260, false }, { 50, -299, true }, { 50, -1000, false }, { 270, -1000, false },
	{ 280, -1000, true }, { 600, -1000, true }, { 600, -2000, true }, { 600, -2200, false }, { 600, 1000, false },
};

static struct entry silent_entry(int64_t ts)
{
	struct entry entry = { 0 };
	struct record *record = &entry.record;

	record->observed = true;
	record->answer = ANSWER_SILENCE;
	record->expected[BOOK_LINUX].answer = ANSWER_ACK;
	record->baseline.timestamps = true;
	record->cell.stimulus.kind = KIND_ACK;
	record->cell.stimulus.ts.value = ts;
	return entry;
}

START_TEST(the_timeout_decides)
{
	const struct row *row = &rows[_i];
	struct entry entry = silent_entry(row->ts);

	ck_assert_int_eq(run_entry_may_be_overtaken(&entry, row->took_ms * NSEC_PER_MSEC), row->may);
}
END_TEST

START_TEST(only_a_silent_ack_with_a_timestamp)
{
	struct entry entry = silent_entry(-1000);

	entry.record.cell.stimulus.kind = KIND_DATA;
	ck_assert(!run_entry_may_be_overtaken(&entry, 600 * NSEC_PER_MSEC));
	entry = silent_entry(-1000);
	entry.record.answer = ANSWER_ACK;
	ck_assert(!run_entry_may_be_overtaken(&entry, 600 * NSEC_PER_MSEC));
	entry = silent_entry(-1000);
	entry.record.cell.stimulus.ts.form = OFFSET_ABSENT;
	ck_assert(!run_entry_may_be_overtaken(&entry, 600 * NSEC_PER_MSEC));
	entry = silent_entry(-1000);
	entry.record.expected[BOOK_LINUX].answer = ANSWER_SILENCE;
	ck_assert(!run_entry_may_be_overtaken(&entry, 600 * NSEC_PER_MSEC));
}
END_TEST

/* tcp_update_metrics(): what one connection measured is the next one's, unless tcp_no_metrics_save says no. */
START_TEST(a_kernel_that_saves_metrics_remembers)
{
	struct run_options options = { .no_sysctls = "a target" };
	struct run run = { .options = &options, .slowest_ns = 700 * NSEC_PER_MSEC };
	struct entry entry = silent_entry(-1000);

	entry.round_trip_ns = 2 * NSEC_PER_MSEC;
	ck_assert_uint_eq(run_longest_round_trip(&run, &entry), 700 * NSEC_PER_MSEC);
	options.no_sysctls = NULL; /* the lab, which saves none */
	ck_assert_uint_eq(run_longest_round_trip(&run, &entry), 2 * NSEC_PER_MSEC);
	entry.record.cell.conditions.sysctl_count = 1;
	snprintf(entry.record.cell.conditions.sysctls[0].name, SYSCTL_NAME_SIZE, "tcp_no_metrics_save");
	snprintf(entry.record.cell.conditions.sysctls[0].value, SYSCTL_VALUE_SIZE, "0");
	ck_assert_uint_eq(run_longest_round_trip(&run, &entry), 700 * NSEC_PER_MSEC);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("handshake");

	tcase_add_loop_test(tests, the_timeout_decides, 0, ROWS(rows));
	tcase_add_test(tests, only_a_silent_ack_with_a_timestamp);
	tcase_add_test(tests, a_kernel_that_saves_metrics_remembers);
	return run_suite("handshake", tests, NULL);
}
