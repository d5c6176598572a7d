/* report_replay_json.c - a replay as NDJSON: a `replay` record for each cell. */
#include <jansson.h>

#include "harness/report/ndjson.h"
#include "harness/report/report_replay_internal.h"

static json_t *seen_json(const struct replay_cell *cell)
{
	json_t *list = json_array();

	for (uint8_t i = 0; i < cell->seen_count; i++) {
		const struct replay_seen *seen = &cell->seen[i];

		json_array_append_new(list, json_pack("{s:s, s:o, s:I, s:I}", "answer", oracle_answer_name(seen->answer), "isn",
						      ndjson_text(oracle_isn_name(seen->isn)), "encounters",
						      (json_int_t)seen->encounters, "compared", (json_int_t)seen->counted));
	}
	return list;
}

static json_t *expected_json(const struct replay_cell *cell)
{
	json_t *expected = json_object();

	for (enum book book = 0; book < BOOK_USUAL; book++) {
		enum answer answer = cell->expected[book].list[0].expectation.answer;

		json_object_set_new(expected, oracle_book_name(book), answer == ANSWER_OPEN ? json_null() :
				    json_string(oracle_answer_name(answer)));
	}
	return expected;
}

static void write_summary(FILE *out, const struct replay *replay)
{
	struct replay_counts counts;
	json_t *record;

	replay_count(replay, &counts);
	record = json_pack("{s:s, s:s, s:o, s:I, s:I, s:I, s:I}", "record", "replay_summary", "target", replay_target(replay),
			   "kernel", ndjson_text(replay_kernel(replay)), "cells", (json_int_t)counts.cells,
			   "encounters", (json_int_t)counts.encounters, "without_cell", (json_int_t)counts.without_cell,
			   "beyond", (json_int_t)counts.beyond);
	for (enum replay_result result = 0; result < REPLAY_RESULTS; result++)
		json_object_set_new(record, replay_result_name(result), json_integer((json_int_t)counts.results[result]));
	ndjson_write(out, record, NULL);
}

void report_replay_json(const struct report_replay_facts *facts, const struct replay *replay)
{
	const struct replay_cell *cell;

	for (size_t i = 0; (cell = replay_at(replay, i)); i++) {
		char name[CELL_NAME_SIZE];

		ndjson_write(facts->out, json_pack(
			"{s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:s, s:o, s:o, s:o, s:s, s:o, s:o}", "record", "replay",
			"cell", cell_name(&cell->cell, name, sizeof(name)), "state", state_name(cell->cell.state),
			"encounters", (json_int_t)cell->encounters, "frame", (json_int_t)cell->frame,
			"capture", seen_json(cell), "expected", expected_json(cell),
			"target", replay_target(replay), "kernel", ndjson_text(replay_kernel(replay)),
			"answer", ndjson_text(cell->answered ? oracle_answer_name(cell->answer) : NULL),
			"isn", ndjson_text(cell->answered ? oracle_isn_name(cell->isn) : NULL),
			"result", replay_result_name(cell->result), "reason", ndjson_text(cell->why),
			"lacks", ndjson_text(cell->lacks)), NULL);
	}
	write_summary(facts->out, replay);
}
