/* test_report_scenario.c - a played scenario as a ladder, as JSON, as TAP; made from plays on the fake wire. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/report_scenario.h"
#include "harness/report/text.h"
#include "harness/run/exit_code.h"
#include "tests/unit/fake_lab.h"
#include "tests/unit/fake_play.h"

#include "tests/unit/suite.h"

static const struct fake_options options = { .seed = 1, .proves = true, .time_wait_ns = 60000 * MS };

static struct scenario_facts facts(enum format format)
{
	return (struct scenario_facts){ .format = format, .tool_version = "0.1.0", .kernel = "6.18.0", .target = "lab",
					.seed = 7, .scenarios = 2 };
}

/* Plays and reports; the caller frees the text. `in_lab`: with a witness and a timer of TIME_WAIT that ends. */
static char *reported(struct scenario_facts how, const char *text, bool in_lab, struct theatre *theatre)
{
	char *written = NULL;
	size_t size;

	open_theatre(theatre, &options, text);
	if (in_lab)
		fake_lab_open(theatre->fake, &theatre->transport, &theatre->setup);
	play(theatre);
	how.out = open_memstream(&written, &size);
	report_scenario(&how, 3, theatre->scenario, &theatre->play, NULL);
	fclose(how.out);
	return written;
}

static void has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) == NULL, "'%s' in:\n%s", part, text);
}

#define AGREEING HEAD "parts: [{title: The part, steps: [{reach: time-wait, state: time-wait}, {" BAD_SYN \
	", expect: ack, acks: equal, note: just so, id: a}, {wait: 600ms, note: for the limit}]}]\n" TAIL

/* Numbers are distances: from the two ISNs before the state is reached, from rcv_nxt and snd_nxt after it. */
START_TEST(the_ladder)
{
	struct theatre theatre;
	char *text;

	setenv("COLUMNS", "110", 1);
	text = reported(facts(FORMAT_TABLE), AGREEING, true, &theatre);
	has(text, "x: t\ns\n");
	has(text, "The part\n");
	has(text, ", server 192.0.2.2:8888\n");
	has(text, "--> S iss ");
	has(text, "<-- SA irs ack iss+1 ");
	has(text, "--> FA iss+1 ack irs+2 ");
	has(text, "--> S rcv_nxt-1000 ");
	has(text, "ts_recent-1000");
	has(text, "<-- A snd_nxt ack rcv_nxt ");
	has(text, "<-- time-wait\n");
	has(text, "wait 600 ms (for the limit)\n");
	has(text, "conclusion: it was ack\n");
	has(text, "verdict:    agrees: 3 checks, all as expected\n");
	lacks(text, "left out:");
	lacks(text, "\033[");
	free(text);
	close_theatre(&theatre);
}
END_TEST

/* However narrow, no line is longer than the terminal, and nothing is lost but its place. */
START_TEST(narrow_terminals)
{
	char columns[16], *text;
	struct theatre theatre;

	snprintf(columns, sizeof(columns), "%d", _i);
	setenv("COLUMNS", columns, 1);
	text = reported(facts(FORMAT_TABLE), AGREEING, true, &theatre);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_msg(text_width(line) <= (size_t)_i, "%d columns: %s", _i, line);
	free(text);
	close_theatre(&theatre);
	text = reported(facts(FORMAT_TABLE), AGREEING, true, &theatre);
	has(text, "rcv_nxt-1000");
	has(text, "ts_recent-1000");
	has(text, "time-wait");
	free(text);
	close_theatre(&theatre);
}
END_TEST

START_TEST(colours_are_switched_off_again)
{
	struct scenario_facts how = facts(FORMAT_TABLE);
	struct theatre theatre;
	const char *at, *last = NULL;
	char *text;

	how.color = true;
	text = reported(how, AGREEING, true, &theatre);
	for (at = text; (at = strstr(at, "\033[")) != NULL; at += 2)
		last = at;
	ck_assert_ptr_nonnull(last);
	ck_assert_int_eq(strncmp(last, "\033[0m", 4), 0);
	free(text);
	close_theatre(&theatre);
}
END_TEST

static const struct {
	const char *text;
	bool in_lab;
	const char *quiet, *table, *tap;
} ends[] = {
	{ AGREEING, true, "agrees        x\n", "verdict:    agrees", "ok 3 - x\n# it was ack\n" },
	{ STEPS("{reach: time-wait}, {" BAD_SYN ", expect: rst, id: a}"), true,
	  "differs       x: step 2 (send syn", "verdict:    differs: step 2",
	  "not ok 3 - x\n# differs: step 2 (send syn, seq-below, ts-below; line 4): answer: expected rst, observed ack\n" },
	{ STEPS("{reach: established, id: a}"), false, "inconclusive  x: step 1", "verdict:    inconclusive: step 1",
	  "not ok 3 - x\n# inconclusive: step 1" },
	{ HEAD "parts: [{slow: yes, steps: [{reach: time-wait, id: a}]}]\n" TAIL, true, "skipped       x: waits for timers",
	  "left out:   the only part: waits for timers", "ok 3 - x # SKIP waits for timers" },
	/* Towards a target: what cannot be checked is named, with the steps. */
	{ STEPS("{reach: time-wait, state: time-wait}, {" BAD_SYN ", expect: ack, state: time-wait, id: a}"), false,
	  "agrees        x\n", "left out:   checks of step 1, 2, which need a witness", "ok 3 - x\n# it was ack\n" },
};

START_TEST(how_it_ended)
{
	struct scenario_facts how = facts(FORMAT_TABLE);
	struct theatre theatre;
	char *text;

	setenv("COLUMNS", "110", 1);
	text = reported(how, ends[_i].text, ends[_i].in_lab, &theatre);
	has(text, ends[_i].table);
	free(text);
	close_theatre(&theatre);
	how.quiet = true;
	text = reported(how, ends[_i].text, ends[_i].in_lab, &theatre);
	ck_assert_int_eq(strncmp(text, ends[_i].quiet, strlen(ends[_i].quiet)), 0);
	free(text);
	close_theatre(&theatre);
	text = reported(facts(FORMAT_TAP), ends[_i].text, ends[_i].in_lab, &theatre);
	ck_assert_msg(strncmp(text, ends[_i].tap, strlen(ends[_i].tap)) == 0, "%s", text);
	free(text);
	close_theatre(&theatre);
}
END_TEST

/* How often it was played, where that is no matter of course. */
START_TEST(plays_are_counted)
{
	struct scenario_facts how = facts(FORMAT_TABLE);
	struct theatre theatre;
	char *text = NULL;
	size_t size;

	setenv("COLUMNS", "110", 1);
	open_theatre(&theatre, &options, AGREEING);
	play(&theatre);
	theatre.play.tries = 2;
	theatre.play.weak = true;
	theatre.play.plays[VERDICT_AGREES] = 2;
	theatre.play.plays[VERDICT_DIFFERS] = 1;
	how.out = open_memstream(&text, &size);
	report_scenario(&how, 1, theatre.scenario, &theatre.play, NULL);
	fclose(how.out);
	has(text, "played 2 times");
	has(text, "3 plays: 2 agreed, 1 differed, 0 inconclusive\n");
	has(text, "its silences were seen in two plays");
	free(text);
	close_theatre(&theatre);
}
END_TEST

#define TABLE STEPS("{cells: [time-wait/syn/seq-above/ts-above, time-wait/syn/seq-below/ts-below, " \
		    "time-wait/syn/seq-above/ts-absent, time-wait/null/seq-equal/ts-equal], id: a}")

START_TEST(a_table_of_cells)
{
	struct theatre theatre;
	char *text;

	setenv("COLUMNS", "110", 1);
	text = reported(facts(FORMAT_TABLE), TABLE, true, &theatre);
	has(text, "time-wait/syn/seq-above/ts-above   SYN-ACK continued, as expected\n");
	has(text, "time-wait/syn/seq-below/ts-below   ACK, as expected\n");
	has(text, "time-wait/syn/seq-above/ts-absent  SYN-ACK continued");
	has(text, "time-wait/null/seq-equal/ts-equal  silence");
	has(text, "agrees: 4 checks");
	free(text);
	close_theatre(&theatre);
}
END_TEST

/* --- JSON --- */

static json_t *loaded(const char *text)
{
	json_error_t error;
	json_t *json;

	ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
	json = json_loads(text, 0, &error);
	ck_assert_msg(json != NULL, "%s in %s", error.text, text);
	return json;
}

static const char *string_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* The record says what the play says, field by field. */
START_TEST(the_record)
{
	struct theatre theatre;
	char *text = reported(facts(FORMAT_JSON), AGREEING, true, &theatre);
	json_t *record = loaded(text), *steps = json_object_get(record, "steps"), *ladder = json_object_get(record, "ladder");
	const json_t *check, *step = json_array_get(steps, 1);

	ck_assert_str_eq(string_of(record, "record"), "scenario");
	ck_assert_str_eq(string_of(record, "scenario"), "x");
	ck_assert_str_eq(string_of(record, "verdict"), "agrees");
	ck_assert_str_eq(string_of(record, "conclusion"), "it was ack");
	ck_assert(json_is_null(json_object_get(record, "reason")));
	ck_assert_uint_eq(json_array_size(steps), 3);
	ck_assert_str_eq(string_of(step, "id"), "a");
	ck_assert_str_eq(string_of(step, "observed"), "ack");
	ck_assert(json_is_true(json_object_get(step, "played")));
	check = json_array_get(json_object_get(step, "checks"), 0);
	ck_assert_str_eq(string_of(check, "check"), "answer");
	ck_assert_str_eq(string_of(check, "expected"), "ack");
	ck_assert_str_eq(string_of(check, "observed"), "ack");
	ck_assert(json_is_true(json_object_get(check, "holds")));
	ck_assert_uint_eq(json_array_size(ladder), theatre.play.line_count);
	for (size_t i = 0; i < theatre.play.line_count; i++) {
		const struct line *line = &theatre.play.lines[i];
		const json_t *object = json_array_get(ladder, i);

		ck_assert_int_eq(number_of(object, "us"), (json_int_t)(line->time_ns - theatre.play.begun_ns) / 1000);
		if (line->kind != LINE_SEGMENT) {
			ck_assert_str_eq(string_of(object, "kind"), line->kind == LINE_PART ? "part" : "remark");
			ck_assert_str_eq(string_of(object, "text"), line->text);
			continue;
		}
		ck_assert_int_eq(number_of(object, "seq"), line->segment.seq);
		ck_assert_int_eq(number_of(object, "ack"), line->segment.ack);
		ck_assert_int_eq(number_of(object, "tsval"), line->segment.tsval);
		ck_assert_int_eq(json_is_true(json_object_get(object, "from_client")), line->ours);
	}
	json_decref(record);
	free(text);
	close_theatre(&theatre);
}
END_TEST

START_TEST(cells_in_the_record)
{
	struct theatre theatre;
	char *text = reported(facts(FORMAT_JSON), TABLE, true, &theatre);
	json_t *record = loaded(text), *cells = json_object_get(record, "cells");
	const json_t *cell = json_array_get(cells, 0);

	ck_assert_uint_eq(json_array_size(cells), 4);
	ck_assert_str_eq(string_of(cell, "cell"), "time-wait/syn/seq-above/ts-above");
	ck_assert_str_eq(string_of(cell, "answer"), "syn-ack");
	ck_assert_str_eq(string_of(cell, "isn"), "continued");
	ck_assert_str_eq(string_of(cell, "verdict"), "agrees");
	ck_assert_str_eq(string_of(json_object_get(cell, "expected"), "linux"), "syn-ack");
	json_decref(record);
	free(text);
	close_theatre(&theatre);
}
END_TEST

/* --- around them --- */

static const struct {
	size_t verdicts[VERDICT_COUNT];
	bool interrupted;
	int code;
} tallies[] = {
	{ { [VERDICT_AGREES] = 2 }, false, EXIT_AGREES },
	{ { [VERDICT_AGREES] = 1, [VERDICT_SKIPPED] = 1 }, false, EXIT_AGREES },
	{ { [VERDICT_SKIPPED] = 2 }, false, EXIT_CANNOT_RUN },
	{ { [VERDICT_INCONCLUSIVE] = 1, [VERDICT_AGREES] = 1 }, false, EXIT_INCONCLUSIVE },
	{ { [VERDICT_DIFFERS] = 1, [VERDICT_INCONCLUSIVE] = 1 }, false, EXIT_DIFFERS },
	{ { [VERDICT_DIFFERS] = 2 }, true, EXIT_INTERRUPTED },
};

START_TEST(the_last_line)
{
	struct scenario_tally tally = { .count = 2, .begun_ns = 1, .ended_ns = 1500000001 };
	struct scenario_facts how = facts((enum format)(_i % 3));
	char *text = NULL;
	size_t size, row = (size_t)_i / 3;
	json_t *record;

	memcpy(tally.verdicts, tallies[row].verdicts, sizeof(tally.verdicts));
	tally.interrupted = tallies[row].interrupted;
	ck_assert_int_eq(report_scenario_exit(&tally), tallies[row].code);
	how.out = open_memstream(&text, &size);
	report_scenarios_end(&how, &tally);
	fclose(how.out);
	if (how.format == FORMAT_JSON) {
		record = loaded(text);
		ck_assert_str_eq(string_of(record, "record"), "summary");
		ck_assert_int_eq(number_of(record, "scenarios"), 2);
		ck_assert_int_eq(number_of(record, "agrees"), (json_int_t)tally.verdicts[VERDICT_AGREES]);
		ck_assert_int_eq(number_of(record, "skipped"), (json_int_t)tally.verdicts[VERDICT_SKIPPED]);
		ck_assert_int_eq(number_of(record, "exit"), tallies[row].code);
		ck_assert(json_real_value(json_object_get(record, "seconds")) == 1.5);
		json_decref(record);
	} else if (how.format == FORMAT_TAP) {
		ck_assert_str_eq(text, tally.interrupted ? "Bail out! interrupted\n" : "");
	} else {
		has(text, "2 scenarios in 1.5 s");
		ck_assert_int_eq(strstr(text, "(interrupted)") != NULL, tally.interrupted);
	}
	free(text);
}
END_TEST

START_TEST(the_first_line)
{
	struct scenario_facts how = facts((enum format)_i);
	char *text = NULL;
	size_t size;
	json_t *record;

	how.out = open_memstream(&text, &size);
	report_scenarios_begin(&how);
	fclose(how.out);
	if (how.format == FORMAT_JSON) {
		record = loaded(text);
		ck_assert_str_eq(string_of(record, "record"), "run");
		ck_assert_str_eq(string_of(record, "kernel"), "6.18.0");
		ck_assert_int_eq(number_of(record, "seed"), 7);
		ck_assert_int_eq(number_of(record, "scenarios"), 2);
		json_decref(record);
	} else {
		ck_assert_str_eq(text, how.format == FORMAT_TAP ? "TAP version 13\n1..2\n" : "");
	}
	free(text);
}
END_TEST

int main(void)
{
	TCase *table = tcase_create("table"), *json = tcase_create("json"), *run = tcase_create("run");

	tcase_add_test(table, the_ladder);
	tcase_add_loop_test(table, narrow_terminals, TEXT_NARROWEST, 100);
	tcase_add_test(table, colours_are_switched_off_again);
	tcase_add_loop_test(table, how_it_ended, 0, ROWS(ends));
	tcase_add_test(table, plays_are_counted);
	tcase_add_test(table, a_table_of_cells);
	tcase_add_test(json, the_record);
	tcase_add_test(json, cells_in_the_record);
	tcase_add_loop_test(run, the_last_line, 0, 3 * ROWS(tallies));
	tcase_add_loop_test(run, the_first_line, 0, 3);
	tcase_set_timeout(table, 60);
	return run_suite("report of scenarios", table, json, run, NULL);
}
