/* test_replay.c - the cells of encounters, each once, and what became of them where a kernel answered. */
#include "harness/diagnose/replay.h"

#include <stdio.h>
#include <string.h>

#include "cases/matrix/matrix.h"
#include "harness/run/exit_code.h"

#include "tests/unit/sample_replay.h"
#include "tests/unit/suite.h"

#define OLD_SYN SAMPLE_OLD_SYN
#define NEW_SYN SAMPLE_NEW_SYN
#define RESET SAMPLE_RESET
#define OLD_ACK SAMPLE_OLD_ACK
#define SYN_ACK SAMPLE_SYN_ACK

static void meet(struct replay *replay, uint64_t frame, const char *line, const char *answer, bool certain)
{
	ck_assert_int_eq(sample_replay_meet(replay, frame, line, answer, certain ? SAMPLE_CERTAIN : SAMPLE_UNCERTAIN), 0);
}

START_TEST(each_cell_once)
{
	struct replay *replay = replay_open(false);
	const struct replay_cell *cell;
	struct replay_counts counts;
	struct error error = { "" };
	struct matrix *matrix;
	char name[CELL_NAME_SIZE];
	struct cell asked;

	meet(replay, 7, OLD_SYN, OLD_ACK, true);
	meet(replay, 9, RESET, NULL, true);
	meet(replay, 11, OLD_SYN, OLD_ACK, true);
	meet(replay, 13, OLD_SYN, NULL, false);
	ck_assert_int_eq(sample_replay_meet(replay, 15, RESET, NULL, SAMPLE_UNKNOWN), 0);
	replay_count(replay, &counts);
	ck_assert_uint_eq(counts.cells, 2);
	ck_assert_uint_eq(counts.encounters, 4);
	ck_assert_uint_eq(counts.without_cell, 1);
	ck_assert_uint_eq(counts.results[REPLAY_UNANSWERED], 2);
	cell = replay_at(replay, 0);
	ck_assert_str_eq(cell_name(&cell->cell, name, sizeof(name)), "time-wait/syn/seq-below/ts-absent/conn-ts-off");
	ck_assert_uint_eq(cell->frame, 7);
	ck_assert_uint_eq(cell->seen_count, 2);
	ck_assert_int_eq(cell->seen[0].answer, ANSWER_ACK);
	ck_assert_uint_eq(cell->seen[0].encounters, 2);
	ck_assert_uint_eq(cell->seen[0].counted, 2);
	ck_assert_uint_eq(cell->seen[1].counted, 0);
	ck_assert_ptr_null(cell->missing);
	matrix = replay_matrix(replay, &error);
	ck_assert_uint_eq(matrix_count(matrix), 2);
	matrix_cell(matrix, 1, &asked);
	ck_assert_str_eq(cell_name(&asked, name, sizeof(name)), "time-wait/rst/seq-equal/ts-absent/conn-ts-off");
	matrix_free(matrix);
	ck_assert_ptr_null(replay_at(replay, 2));
	replay_close(replay);
}
END_TEST

static const struct {
	const char *line, *capture;
	bool certain;
	enum answer now;
	enum isn isn;
	bool conclusive;
	enum replay_result result;
	const char *why;
} compared[] = {
	{ OLD_SYN, OLD_ACK, true, ANSWER_ACK, ISN_NONE, true, REPLAY_SAME, "" },
	{ RESET, NULL, true, ANSWER_SILENCE, ISN_NONE, true, REPLAY_SAME, "" },
	{ NEW_SYN, SYN_ACK, true, ANSWER_SYN_ACK, ISN_FRESH, true, REPLAY_SAME, "" },
	/* A SYN above rcv_nxt is taken whatever the kernel (tcp_timewait_state_process: TCP_TW_SYN). */
	{ NEW_SYN, OLD_ACK, true, ANSWER_SYN_ACK, ISN_CONTINUED, true, REPLAY_DIFFERS,
	  "this kernel answers as the linux book" },
	/* One below it is not; but there may have been no room for TIME_WAIT (tcp_max_tw_buckets). */
	{ OLD_SYN, "SA 90000 ack 1 win 65160 <mss 1460>", true, ANSWER_ACK, ISN_NONE, true, REPLAY_UNCERTAIN,
	  "this side may keep no TIME_WAIT" },
	{ OLD_SYN, OLD_ACK, true, ANSWER_SYN_ACK, ISN_FRESH, true, REPLAY_DIFFERS,
	  "this kernel does not answer as the linux" },
	{ OLD_SYN, SYN_ACK, false, ANSWER_ACK, ISN_NONE, true, REPLAY_UNCERTAIN, "segments are missing" },
	/* Uncertain, but the same. */
	{ OLD_SYN, OLD_ACK, false, ANSWER_ACK, ISN_NONE, true, REPLAY_SAME, "" },
	{ OLD_SYN, OLD_ACK, true, ANSWER_ACK, ISN_NONE, false, REPLAY_UNANSWERED, "too much was lost" },
	/* Before 6.10 a kernel may lose the ISN that continues the old one (CHANGE_TW_ISN). */
	{ NEW_SYN, SYN_ACK, true, ANSWER_SYN_ACK, ISN_CONTINUED, true, REPLAY_EXPLAINED,
	  "the linux book expects both: syn-ack fresh of kernels" },
};

START_TEST(side_by_side)
{
	struct replay *replay = replay_open(false);
	const struct replay_cell *cell;

	meet(replay, 1, compared[_i].line, compared[_i].capture, compared[_i].certain);
	sample_replay_answer(replay, 0, compared[_i].now, compared[_i].isn, compared[_i].conclusive);
	cell = replay_at(replay, 0);
	ck_assert_msg(cell->result == compared[_i].result, "%s: %s", replay_result_name(cell->result), cell->why);
	ck_assert_msg(strncmp(cell->why, compared[_i].why, strlen(compared[_i].why)) == 0, "%s", cell->why);
	ck_assert((*compared[_i].why == '\0') == (cell->why[0] == '\0'));
	replay_close(replay);
}
END_TEST

/* Of several answers each that is certain counts. */
START_TEST(one_of_several_differs)
{
	struct replay *replay = replay_open(false);
	struct replay_counts counts;

	meet(replay, 1, NEW_SYN, SYN_ACK, true);
	meet(replay, 3, NEW_SYN, OLD_ACK, false);
	sample_replay_answer(replay, 0, ANSWER_SYN_ACK, ISN_FRESH, true);
	ck_assert_int_eq(replay_at(replay, 0)->result, REPLAY_SAME);
	meet(replay, 5, NEW_SYN, OLD_ACK, true);
	sample_replay_answer(replay, 0, ANSWER_SYN_ACK, ISN_FRESH, true);
	replay_count(replay, &counts);
	ck_assert_uint_eq(counts.results[REPLAY_DIFFERS], 1);
	replay_close(replay);
}
END_TEST

START_TEST(what_no_book_decides)
{
	struct replay *replay = replay_open(false);

	ck_assert_int_eq(sample_replay_meet(replay, 1, NEW_SYN, OLD_ACK, SAMPLE_UNDECIDED), 0);
	sample_replay_answer(replay, 0, ANSWER_SYN_ACK, ISN_FRESH, true);
	ck_assert_int_eq(replay_at(replay, 0)->result, REPLAY_UNCERTAIN);
	ck_assert_str_eq(replay_at(replay, 0)->why, "the linux book does not say what such an end answers");
	replay_close(replay);
}
END_TEST

/* Interrupted: what was answered stays. */
START_TEST(not_all_asked)
{
	struct replay *replay = replay_open(false);
	struct replay_counts counts;

	meet(replay, 1, OLD_SYN, OLD_ACK, true);
	meet(replay, 3, RESET, NULL, true);
	sample_replay_answer(replay, 0, ANSWER_ACK, ISN_NONE, true);
	replay_fail(replay, EXIT_INTERRUPTED);
	replay_count(replay, &counts);
	ck_assert_int_eq(counts.failed, EXIT_INTERRUPTED);
	ck_assert_uint_eq(counts.results[REPLAY_SAME], 1);
	ck_assert_uint_eq(counts.results[REPLAY_UNANSWERED], 1);
	ck_assert_str_eq(replay_at(replay, 1)->why, "not asked");
	replay_close(replay);
}
END_TEST

START_TEST(no_more_than_there_is_room_for)
{
	struct replay *replay = replay_open(false);
	struct replay_counts counts;
	char line[80];

	for (uint32_t i = 0; i < REPLAY_CELLS_MAX + 5; i++) {
		snprintf(line, sizeof(line), "S %u win 64240 <mss 1460>", 100000 + i);
		meet(replay, i, line, NULL, false);
	}
	meet(replay, 1, "S 100000 win 64240 <mss 1460>", NULL, false); /* has its place */
	replay_count(replay, &counts);
	ck_assert_uint_eq(counts.cells, REPLAY_CELLS_MAX);
	ck_assert_uint_eq(counts.encounters, REPLAY_CELLS_MAX + 1);
	ck_assert_uint_eq(counts.beyond, 5);
	replay_close(replay);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("replay");

	tcase_add_test(tcase, each_cell_once);
	tcase_add_loop_test(tcase, side_by_side, 0, ROWS(compared));
	tcase_add_test(tcase, one_of_several_differs);
	tcase_add_test(tcase, what_no_book_decides);
	tcase_add_test(tcase, not_all_asked);
	tcase_add_test(tcase, no_more_than_there_is_room_for);
	return run_suite("replay", tcase, NULL);
}
