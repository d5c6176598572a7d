/* test_weigh.c - of several silent tries the one that shows most is believed. */
#include <stdlib.h>
#include <string.h>

#include "harness/run/run_internal.h"

#include "tests/unit/suite.h"

enum { TRIES = 3 };

/* A follow-up's SYN-ACK: of the socket that is still there (in SYN_SENT it has the number of its own SYN), or of a listener. */
struct follow_up {
	enum answer answer;
	enum isn isn;
};

static const struct {
	const char *what;
	enum state state;
	uint8_t copied; /* tries before these, answered where the network repeated the stimulus */
	struct follow_up tries[TRIES], believed;
} rows[] = {
	{ "a listener's SYN-ACK shows that the socket is gone", STATE_TIME_WAIT, 0,
	  { { ANSWER_ACK, ISN_NONE }, { ANSWER_SYN_ACK, ISN_FRESH }, { ANSWER_ACK, ISN_NONE } },
	  { ANSWER_SYN_ACK, ISN_FRESH } },
	{ "that of a socket in SYN_SENT shows that it is there", STATE_SYN_SENT, 0,
	  { { ANSWER_SYN_ACK, ISN_NONE }, { ANSWER_SYN_ACK, ISN_FRESH }, { ANSWER_SYN_ACK, ISN_NONE } },
	  { ANSWER_SYN_ACK, ISN_FRESH } },
	{ "any answer shows more than none", STATE_TIME_WAIT, 0,
	  { { ANSWER_SILENCE, ISN_NONE }, { ANSWER_ACK, ISN_NONE }, { ANSWER_SILENCE, ISN_NONE } }, { ANSWER_ACK, ISN_NONE } },
	{ "while answers contest the silence, too", STATE_LAST_ACK, 3,
	  { { ANSWER_SYN_ACK, ISN_FRESH }, { ANSWER_SYN_ACK, ISN_FRESH }, { ANSWER_SILENCE, ISN_NONE } },
	  { ANSWER_SYN_ACK, ISN_FRESH } },
	{ "of the same ones the last counts", STATE_TIME_WAIT, 0,
	  { { ANSWER_ACK, ISN_NONE }, { ANSWER_ACK, ISN_NONE }, { ANSWER_SYN_ACK, ISN_CONTINUED } },
	  { ANSWER_SYN_ACK, ISN_CONTINUED } },
};

/* One cell, of a default state, and the run that asks it. */
static struct run run_of_one(const struct run_options *options, struct entry **entry, size_t *again, struct tally *tally)
{
	*entry = calloc(1, sizeof(**entry));
	ck_assert_ptr_nonnull(*entry);
	cell_default(&(*entry)->record.cell);
	return (struct run){
		.options = options, .ring = entry, .ring_size = 1, .cells = 1, .next = 1, .again = again, .tally = tally,
	};
}

/* By the linux book, and by no other way. */
static void expect(struct record *record, enum answer answer)
{
	record->expected[BOOK_LINUX] = (struct expectation){ .answer = answer, .after = STATE_UNKNOWN };
	record->alternatives[BOOK_LINUX].count = 1;
	record->alternatives[BOOK_LINUX].list[0].expectation = record->expected[BOOK_LINUX];
}

/* So many tries without an answer, so many with a reset, which the last one had. */
static void weigh_resets(struct run *run, unsigned silent, unsigned reset)
{
	struct entry *entry = run->ring[0];
	struct record *record = &entry->record;

	record->outcomes[0] = (struct outcome){ .answer = ANSWER_SILENCE, .after = STATE_UNKNOWN, .tries = silent };
	record->outcomes[1] = (struct outcome){ .answer = ANSWER_RST, .after = STATE_UNKNOWN, .tries = reset };
	record->outcome_count = 2;
	record->observed = true;
	record->answer = ANSWER_RST;
	record->before = record->after = STATE_UNKNOWN;
	record->tries = 10;
	entry->silent_tries = (uint8_t)silent;
	run_entry_weigh(run, 0);
}

START_TEST(the_try_that_shows_most)
{
	static struct run_options options;
	struct entry *entry;
	struct tally tally = { 0 };
	size_t again[TRIES];
	struct run run = run_of_one(&options, &entry, again, &tally);

	run.loss.exchanges = 1000;
	run.loss.lost = 100;
	run.syn_acks = 100;
	run.copies = rows[_i].copied ? 20 : 0;
	options = (struct run_options){ .one_subject = true, .expect = BOOK_LINUX, .in_flight = 1 };
	entry->record.cell.state = rows[_i].state;
	entry->record.expected[BOOK_LINUX] = (struct expectation){ .answer = ANSWER_SILENCE, .after = STATE_UNKNOWN };
	if (rows[_i].copied)
		entry->record.outcomes[entry->record.outcome_count++] = (struct outcome){
			.answer = ANSWER_RST, .after = STATE_UNKNOWN, .tries = rows[_i].copied };
	for (unsigned i = 0; i < TRIES; i++) {
		struct record *record = &entry->record;

		record->observed = record->has_follow_up = record->follow_up_conclusive = true;
		record->answer = ANSWER_SILENCE;
		record->before = record->after = STATE_UNKNOWN;
		record->baseline.syn_sent = rows[_i].state == STATE_SYN_SENT;
		record->follow_up_answer = rows[_i].tries[i].answer;
		record->follow_up_isn = rows[_i].tries[i].isn;
		record->tries = (uint8_t)(i + 1);
		entry->silence = SILENCE_ANSWER;
		/* Only the last is enough to believe in silence. */
		entry->silent_tries = i + 1 < TRIES ? 1 : rows[_i].copied ? 50 : 20;
		run_entry_weigh(&run, 0);
		ck_assert_int_eq(entry->status, i + 1 < TRIES ? ENTRY_AGAIN : ENTRY_PROVEN);
	}
	ck_assert_msg(entry->record.follow_up_answer == rows[_i].believed.answer &&
		      entry->record.follow_up_isn == rows[_i].believed.isn, "%s", rows[_i].what);
	ck_assert_uint_eq(entry->record.tries, TRIES);
	free(entry->best);
	free(entry);
}
END_TEST

/* Each try of it is answered with an RST, which is against the rules; whether the follow-up is answered differs. */
static const struct {
	const char *what;
	enum answer follow_ups[TRIES];
} alike[] = {
	{ "the follow-up is always answered", { ANSWER_ACK, ANSWER_ACK, ANSWER_ACK } },
	{ "its answer is lost now and then", { ANSWER_ACK, ANSWER_SILENCE, ANSWER_ACK } },
};

START_TEST(a_surprise_that_is_always_the_same)
{
	static const struct run_options options = {
		.expect = BOOK_LINUX, .in_flight = 1, .tries_most = TRIES, .one_subject = true,
	};
	struct entry *entry;
	struct tally tally = { 0 };
	size_t again[TRIES];
	struct run run = run_of_one(&options, &entry, again, &tally);
	struct record *record = &entry->record;

	record->cell.state = STATE_ESTABLISHED;
	expect(record, ANSWER_ACK);
	for (unsigned i = 0; i < TRIES; i++) {
		record->observed = record->has_follow_up = true;
		record->answer = ANSWER_RST;
		record->before = record->after = STATE_UNKNOWN;
		record->follow_up_answer = alike[_i].follow_ups[i];
		record->follow_up_conclusive = record->follow_up_answer != ANSWER_SILENCE;
		record->tries = (uint8_t)(i + 1);
		run_entry_weigh(&run, 0);
	}
	ck_assert_uint_eq(record->outcome_count, 1);
	ck_assert_msg(entry->status == ENTRY_PROVEN && record->verdict == VERDICT_DIFFERS, "%s: %s", alike[_i].what,
		      record->reason);
	free(entry->best);
	free(entry);
}
END_TEST

/* The same against the rules, where that many lost ones are nothing strange: the answer is believed. */
START_TEST(a_surprise_with_a_loss)
{
	static const struct run_options options = { .expect = BOOK_LINUX, .in_flight = 1, .tries_most = 10 };
	struct entry *entry;
	struct tally tally = { 0 };
	size_t again[1];
	struct run run = run_of_one(&options, &entry, again, &tally);

	run.loss.exchanges = 100;
	run.loss.lost = 10;
	run.contested = true;
	expect(&entry->record, ANSWER_ACK);
	weigh_resets(&run, (unsigned)_i, 9 - (unsigned)_i);
	ck_assert_int_eq(entry->record.verdict, _i <= 3 ? VERDICT_DIFFERS : VERDICT_INCONCLUSIVE);
	free(entry->best);
	free(entry);
}
END_TEST

/* Towards a stranger, some tries of a few have no answer: neither a silence nor two stacks. */
START_TEST(too_few_tries_to_tell_loss)
{
	static const struct run_options options = { .expect = BOOK_LINUX, .in_flight = 1, .tries_most = 10 };
	struct entry *entry;
	struct tally tally = { 0 };
	size_t again[1];
	struct run run = run_of_one(&options, &entry, again, &tally);

	run.loss.exchanges = 100;
	run.loss.lost = _i ? 1 : 0;
	entry->record.expected[BOOK_LINUX] = (struct expectation){ .answer = ANSWER_RST, .after = STATE_UNKNOWN };
	weigh_resets(&run, 3, 6);
	ck_assert_int_eq(entry->record.verdict, _i ? VERDICT_INCONCLUSIVE : VERDICT_MIXED);
	free(entry->best);
	free(entry);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("weigh");

	tcase_add_loop_test(tcase, the_try_that_shows_most, 0, ROWS(rows));
	tcase_add_loop_test(tcase, a_surprise_that_is_always_the_same, 0, ROWS(alike));
	tcase_add_loop_test(tcase, a_surprise_with_a_loss, 1, 6);
	tcase_add_loop_test(tcase, too_few_tries_to_tell_loss, 0, 2);
	return run_suite("weigh", tcase, NULL);
}
