/* test_ladder.c - which lines around a segment are read from the ring, and what is said to be left out. */
#include "harness/diagnose/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

enum { SENTINEL = 99 };

/* The segments of a connection are told apart by their sequence numbers, which count from 0. */
struct chain {
	uint64_t last, ordinal;
};

static void add(struct ladder_ring *ladder, struct chain *chain, bool from_target, uint64_t frame)
{
	struct segment segment = { .seq = (uint32_t)chain->ordinal, .flags = FLAG_ACK };

	ladder_add(ladder, &chain->last, chain->ordinal++, &segment, frame, frame * 1000, from_target, STATE_ESTABLISHED,
		   STATE_TIME_WAIT);
}

struct wanted {
	uint32_t seq, left_out;
};

/* `answer`, `end`: the sequence numbers of the segment that answers, and of the one that ends the delay; 0: none. */
static const struct {
	uint64_t segments, encounter, answer, end;
	struct wanted rungs[LADDER_MOST + 1];
} rows[] = {
	{ 1, 0, 0, 0, { { 0, 0 }, { SENTINEL, 0 } } },
	{ 3, 2, 0, 0, { { 0, 0 }, { 1, 0 }, { 2, 0 }, { SENTINEL, 0 } } },
	{ 20, 10, 11, 0, { { 7, 7 }, { 8, 0 }, { 9, 0 }, { 10, 0 }, { 11, 0 }, { 12, 0 }, { 13, 0 }, { 14, 0 }, { 15, 0 },
			   { SENTINEL, 0 } } },
	/* the answer, and one after it */
	{ 60, 10, 50, 0, { { 7, 7 }, { 8, 0 }, { 9, 0 }, { 10, 0 }, { 11, 0 }, { 12, 0 }, { 13, 0 }, { 50, 36 }, { 51, 0 },
			   { SENTINEL, 0 } } },
	{ 51, 0, 50, 0, { { 0, 0 }, { 1, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 }, { 5, 0 }, { 6, 0 }, { 50, 43 }, { SENTINEL, 0 } } },
	/* the end of the delay as well, whichever comes first */
	{ 60, 10, 11, 50, { { 7, 7 }, { 8, 0 }, { 9, 0 }, { 10, 0 }, { 11, 0 }, { 12, 0 }, { 13, 0 }, { 50, 36 }, { 51, 0 },
			    { SENTINEL, 0 } } },
	{ 60, 10, 50, 40, { { 7, 7 }, { 8, 0 }, { 9, 0 }, { 10, 0 }, { 11, 0 }, { 12, 0 }, { 40, 27 }, { 50, 9 }, { 51, 0 },
			    { SENTINEL, 0 } } },
	{ 60, 10, 50, 50, { { 7, 7 }, { 8, 0 }, { 9, 0 }, { 10, 0 }, { 11, 0 }, { 12, 0 }, { 13, 0 }, { 50, 36 }, { 51, 0 },
			    { SENTINEL, 0 } } },
};

/* Two connections whose segments alternate; the other one's never show. */
START_TEST(around_an_encounter)
{
	struct ladder_ring *ladder = ladder_open();
	struct chain chain = { 0 }, other = { 0 };
	struct ladder_rung rungs[LADDER_MOST];
	uint64_t encounter = rows[_i].encounter, answer = rows[_i].answer, end = rows[_i].end;
	size_t count, wanted = 0;

	for (uint64_t i = 0; i < rows[_i].segments; i++) {
		add(ladder, &chain, i % 2, 2 * i + 1);
		add(ladder, &other, false, 2 * i + 2);
	}
	count = ladder_read(ladder, 2 * encounter + 1, answer ? 2 * answer + 1 : 0, end ? 2 * end + 1 : 0, true, rungs);
	for (; rows[_i].rungs[wanted].seq != SENTINEL; wanted++) {
		const struct wanted *row = &rows[_i].rungs[wanted];
		const struct ladder_rung *rung = &rungs[wanted];

		ck_assert_uint_lt(wanted, count);
		ck_assert_uint_eq(rung->seq, row->seq);
		ck_assert_uint_eq(rung->left_out, row->left_out);
		ck_assert_uint_eq(rung->frame, 2 * row->seq + 1);
		ck_assert_int_eq(rung->is_encounter, row->seq == encounter);
		ck_assert_int_eq(rung->is_answer, answer && row->seq == answer);
		ck_assert_int_eq(rung->ends_delay, end && row->seq == end);
		ck_assert_int_eq(rung->of_subject, row->seq % 2);
		ck_assert_int_eq(rung->subject, STATE_TIME_WAIT);
		ck_assert_int_eq(rung->other, STATE_ESTABLISHED);
	}
	ck_assert_uint_eq(count, wanted);
	ladder_close(ladder);
}
END_TEST

/* The ring passes the lines before the encounter first, then itself. */
START_TEST(the_ring_passes)
{
	struct ladder_ring *ladder = ladder_open();
	struct chain chain = { 0 }, other = { 0 };
	struct ladder_rung rungs[LADDER_MOST];
	uint64_t frame = 0;

	for (int i = 0; i < 5; i++)
		add(ladder, &chain, false, ++frame);
	ck_assert_uint_eq(ladder_read(ladder, 4, 0, 0, false, rungs), 5);
	while (frame < LADDER_KEPT + 1)
		add(ladder, &other, false, ++frame);
	ck_assert_uint_eq(ladder_read(ladder, 4, 0, 0, false, rungs), 4); /* the first segment is gone */
	ck_assert_uint_eq(rungs[0].seq, 1);
	ck_assert_uint_eq(rungs[0].left_out, 1);
	add(ladder, &chain, false, ++frame); /* the connection goes on */
	ck_assert_uint_eq(ladder_read(ladder, 4, 0, 0, false, rungs), 4);
	ck_assert_uint_eq(rungs[3].seq, 5);
	ck_assert_uint_eq(rungs[3].left_out, 0);
	while (frame < LADDER_KEPT + 3)
		add(ladder, &other, false, ++frame);
	ck_assert_uint_eq(ladder_read(ladder, 4, 0, 0, false, rungs), 3);
	ck_assert_uint_eq(rungs[0].seq, 3);
	ck_assert(rungs[0].is_encounter);
	add(ladder, &other, false, ++frame);
	ck_assert_uint_eq(ladder_read(ladder, 4, 0, 0, false, rungs), 0);
	ck_assert_uint_eq(ladder_read(ladder, frame + 1, 0, 0, false, rungs), 0); /* one that did not come yet */
	ladder_close(ladder);
}
END_TEST

/* Read while the encounter is there; what comes when it is gone takes the places after it. */
START_TEST(read_early)
{
	struct ladder_ring *ladder = ladder_open();
	struct chain chain = { 0 }, other = { 0 };
	struct ladder_rung rungs[LADDER_MOST];
	uint64_t frame = 0, answer;
	size_t count;

	for (int i = 0; i < 8; i++)
		add(ladder, &chain, false, ++frame);
	ck_assert(!ladder_passes(ladder, 4));
	while (frame < LADDER_KEPT - 100)
		add(ladder, &other, false, ++frame);
	ck_assert(ladder_passes(ladder, 4));
	count = ladder_read(ladder, 4, 0, 0, false, rungs);
	ck_assert_uint_eq(count, 8);
	for (int i = 0; i < 200; i++)
		add(ladder, &other, false, ++frame);
	ck_assert_uint_eq(ladder_read(ladder, 4, 0, 0, false, rungs), 0);
	for (int i = 0; i < 20; i++)
		add(ladder, &chain, true, ++frame);
	answer = frame - 5;
	ck_assert_uint_eq(ladder_resume(ladder, 0, 0, false, rungs, count), 8);
	count = ladder_resume(ladder, answer, frame, false, rungs, count);
	ck_assert_uint_eq(count, 9); /* the last one makes room */
	ck_assert_uint_eq(rungs[7].seq, 7);
	ck_assert_uint_eq(rungs[8].frame, frame);
	ck_assert(rungs[8].ends_delay && !rungs[8].is_answer);
	ck_assert_uint_eq(rungs[8].left_out, 19);
	count = ladder_resume(ladder, answer, frame, false, rungs, 7);
	ck_assert_uint_eq(count, 9);
	ck_assert(rungs[7].is_answer && rungs[7].frame == answer && rungs[7].left_out == 15 && rungs[8].left_out == 4);
	ladder_close(ladder);
}
END_TEST

/* A connection that was silent while the ring went round has no line before its next segment. */
START_TEST(a_silent_connection)
{
	struct ladder_ring *ladder = ladder_open();
	struct chain chain = { 0 }, other = { 0 };
	struct ladder_rung rungs[LADDER_MOST];
	uint64_t frame = 0;

	add(ladder, &chain, false, ++frame);
	while (frame < LADDER_KEPT)
		add(ladder, &other, false, ++frame);
	add(ladder, &chain, false, ++frame);
	ck_assert_uint_eq(ladder_read(ladder, frame, 0, 0, false, rungs), 1);
	ck_assert_uint_eq(rungs[0].left_out, 1);
	ladder_close(ladder);
}
END_TEST

START_TEST(a_rung_is_a_segment)
{
	const struct ladder_rung rung = {
		.seq = 1, .ack = 2, .tsval = 3, .tsecr = 4, .payload_size = 5, .window = 6, .flags = FLAG_ACK | FLAG_PSH,
		.has_timestamps = _i,
	};
	struct segment segment, wanted = {
		.ttl = SEGMENT_TTL, .seq = 1, .ack = 2, .payload_size = 5, .window = 6, .flags = FLAG_ACK | FLAG_PSH,
	};

	if (_i)
		segment_add_timestamps(&wanted, 3, 4);
	ladder_segment(&rung, &segment);
	ck_assert(segment_equal(&segment, &wanted));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("ladder");

	tcase_add_loop_test(tests, around_an_encounter, 0, ROWS(rows));
	tcase_add_test(tests, the_ring_passes);
	tcase_add_test(tests, read_early);
	tcase_add_test(tests, a_silent_connection);
	tcase_add_loop_test(tests, a_rung_is_a_segment, 0, 2);
	return run_suite("ladder", tests, NULL);
}
