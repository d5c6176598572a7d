/* test_handshake.c - when a slow handshake explains that an ACK with an old timestamp got no answer. */
#include "harness/run_internal.h"

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

static struct entry silent_entry(unsigned took_ms, int64_t ts)
{
	struct entry entry = { .handshake_ns = took_ms * MILLISECOND };
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
	struct entry entry = silent_entry(row->took_ms, row->ts);

	ck_assert_int_eq(entry_may_be_overtaken(&entry), row->may);
}
END_TEST

START_TEST(only_a_silent_ack_with_a_timestamp)
{
	struct entry entry = silent_entry(600, -1000);

	entry.record.cell.stimulus.kind = KIND_DATA;
	ck_assert(!entry_may_be_overtaken(&entry));
	entry = silent_entry(600, -1000);
	entry.record.answer = ANSWER_ACK;
	ck_assert(!entry_may_be_overtaken(&entry));
	entry = silent_entry(600, -1000);
	entry.record.cell.stimulus.ts.form = OFFSET_ABSENT;
	ck_assert(!entry_may_be_overtaken(&entry));
	entry = silent_entry(600, -1000);
	entry.record.expected[BOOK_LINUX].answer = ANSWER_SILENCE;
	ck_assert(!entry_may_be_overtaken(&entry));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("handshake");

	tcase_add_loop_test(tests, the_timeout_decides, 0, ROWS(rows));
	tcase_add_test(tests, only_a_silent_ack_with_a_timestamp);
	return run_suite("handshake", tests, NULL);
}
