/* test_report_replay.c - a capture and a kernel side by side: as a table, in lines where it is too wide, and as records. */
#include "harness/report/report_replay.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run/exit_code.h"

#include "tests/unit/sample_replay.h"
#include "tests/unit/suite.h"

static char *printed; /* what was printed last */
static size_t printed_size;

static void print(const struct replay *replay, enum format format, bool every_one, const char *columns)
{
	struct report_replay_facts facts = { .format = format, .every_one = every_one, .decides = BOOK_LINUX };
	struct error error = { "" };

	free(printed);
	setenv("COLUMNS", columns, 1);
	facts.out = open_memstream(&printed, &printed_size);
	ck_assert_int_eq(report_replay(&facts, replay, &error), 0);
	fclose(facts.out);
}

static void has(const char *part)
{
	ck_assert_msg(strstr(printed, part) != NULL, "no '%s' in:\n%s", part, printed);
}

static void lacks(const char *part)
{
	ck_assert_msg(strstr(printed, part) == NULL, "'%s' in:\n%s", part, printed);
}

/* One cell of each result but "uncertain", an encounter without a cell, and many of the same. */
static struct replay *sample(void)
{
	struct replay *replay = replay_open(false);
	char line[64];

	sample_replay_meet(replay, 7, SAMPLE_OLD_SYN, SAMPLE_OLD_ACK, SAMPLE_CERTAIN);
	sample_replay_meet(replay, 9, SAMPLE_OLD_SYN, SAMPLE_OLD_ACK, SAMPLE_CERTAIN);
	sample_replay_meet(replay, 11, SAMPLE_NEW_SYN, SAMPLE_OLD_ACK, SAMPLE_CERTAIN);
	sample_replay_meet(replay, 13, SAMPLE_RESET, NULL, SAMPLE_CERTAIN);
	sample_replay_meet(replay, 15, SAMPLE_RESET, NULL, SAMPLE_UNKNOWN);
	for (unsigned i = 0; i < 5; i++) {
		snprintf(line, sizeof(line), "S %u win 64240 <mss 1460,sackOK,nop,wscale 7>", 3001 + i);
		sample_replay_meet(replay, 17 + i, line, "RA 0 ack 1 win 0", SAMPLE_UNCERTAIN);
	}
	sample_replay_answer(replay, 0, ANSWER_ACK, ISN_NONE, true);
	sample_replay_answer(replay, 1, ANSWER_SYN_ACK, ISN_CONTINUED, true);
	sample_replay_answer(replay, 2, ANSWER_SILENCE, ISN_NONE, false);
	for (size_t i = 3; i < 8; i++)
		sample_replay_answer(replay, i, ANSWER_ACK, ISN_NONE, true);
	replay_name(replay, "lab", "6.12.1");
	return replay;
}

START_TEST(a_table)
{
	struct replay *replay = sample();

	print(replay, FORMAT_TABLE, false, "100");
	has("Asked again now, in the lab (Linux 6.12.1): 8 cells of 9 encounters: 1 answered in the same way, 1\n"
	    "  otherwise, 5 uncertain, 1 without a certain answer now\n");
	has("  1 encounter cannot be asked again");
	has("Answered otherwise:\n");
	has("  state      capture  linux");
	has("  time-wait  ACK      SYN-ACK  SYN-ACK continued  1 cell\n    time-wait/syn/seq-above/ts-absent/conn-ts-off\n"
	    "      first in frame 11");
	has("  time-wait  silence  silence  ?                  1 cell\n");
	has("too much was lost");
	has("first in frame 7, 2 times\n");
	has("  time-wait  RST      SYN-ACK  ACK                5 cells\n");
	has("    and 2 more (-v shows all)\n");
	lacks("first in frame 20");
	ck_assert(strstr(printed, "first in frame 7,") > strstr(printed, "first in frame 11"));
	print(replay, FORMAT_TABLE, true, "100");
	has("first in frame 21");
	lacks("more (-v");
	replay_close(replay);
}
END_TEST

START_TEST(a_narrow_terminal)
{
	struct replay *replay = sample();

	replay_name(replay, "192.0.2.2:8888", NULL);
	print(replay, FORMAT_TABLE, false, "40");
	has("Asked again now, at 192.0.2.2:8888: 8");
	has("  time-wait: capture ACK, linux SYN-ACK,\n    now SYN-ACK continued, in 1 cell\n");
	lacks("  state ");
	replay_close(replay);
}
END_TEST

START_TEST(records)
{
	struct replay *replay = sample();
	const char *kind, *cell, *result, *answer, *isn, *seen;
	json_int_t encounters, frame, same, differs, uncertain, unanswered, without;
	json_t *first, *second, *summary;
	char *line;
	size_t lines = 0;

	print(replay, FORMAT_JSON, false, "80");
	for (line = printed; *line; line = strchr(line, '\n') + 1)
		lines++;
	ck_assert_uint_eq(lines, 9);
	first = json_loads(printed, JSON_DISABLE_EOF_CHECK, NULL);
	second = json_loads(strchr(printed, '\n') + 1, JSON_DISABLE_EOF_CHECK, NULL);
	ck_assert_int_eq(json_unpack(first, "{s:s, s:s, s:I, s:I, s:s, s:[{s:s, s:I}], s:{s:s}, s:s}", "record", &kind,
				     "cell", &cell, "encounters", &encounters, "frame", &frame, "result", &result, "capture",
				     "answer", &seen, "compared", &same, "expected", "linux", &isn, "answer", &answer), 0);
	ck_assert_str_eq(kind, "replay");
	ck_assert_str_eq(cell, "time-wait/syn/seq-below/ts-absent/conn-ts-off");
	ck_assert_int_eq(encounters, 2);
	ck_assert_int_eq(same, 2);
	ck_assert_int_eq(frame, 7);
	ck_assert_str_eq(result, "same");
	ck_assert_str_eq(seen, "ack");
	ck_assert_str_eq(isn, "ack");
	ck_assert_str_eq(answer, "ack");
	ck_assert_int_eq(json_unpack(second, "{s:s, s:s, s:s}", "result", &result, "answer", &answer, "isn", &isn), 0);
	ck_assert_str_eq(result, "differs");
	ck_assert_str_eq(answer, "syn-ack");
	ck_assert_str_eq(isn, "continued");
	summary = json_loads(strrchr(strndupa(printed, printed_size - 1), '\n') + 1, 0, NULL);
	ck_assert_int_eq(json_unpack(summary, "{s:s, s:I, s:I, s:I, s:I, s:I}", "record", &kind, "same", &same,
				     "differs", &differs, "uncertain", &uncertain, "unanswered", &unanswered,
				     "without_cell", &without), 0);
	ck_assert_str_eq(kind, "replay_summary");
	ck_assert_int_eq(same, 1);
	ck_assert_int_eq(differs, 1);
	ck_assert_int_eq(uncertain, 5);
	ck_assert_int_eq(unanswered, 1);
	ck_assert_int_eq(without, 1);
	json_decref(first);
	json_decref(second);
	json_decref(summary);
	replay_close(replay);
}
END_TEST

START_TEST(nothing_was_asked)
{
	struct replay *replay = replay_open(false);

	sample_replay_meet(replay, 7, SAMPLE_OLD_SYN, SAMPLE_OLD_ACK, SAMPLE_CERTAIN);
	replay_fail(replay, EXIT_CANNOT_RUN);
	print(replay, FORMAT_TABLE, false, "80");
	ck_assert_str_eq(printed, "");
	print(replay, FORMAT_JSON, false, "80");
	ck_assert_str_eq(printed, "");
	replay_close(replay);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("report_replay");

	tcase_add_test(tcase, a_table);
	tcase_add_test(tcase, a_narrow_terminal);
	tcase_add_test(tcase, records);
	tcase_add_test(tcase, nothing_was_asked);
	return run_suite("report_replay", tcase, NULL);
}
