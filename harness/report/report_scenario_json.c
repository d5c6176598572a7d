/* report_scenario_json.c - a scenario as one JSON object a line. */
#include <jansson.h>

#include "harness/report/ndjson.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_scenario.h"

static json_t *line_json(const struct line *line, uint64_t begun_ns)
{
	const struct segment *segment = &line->segment;
	bool timestamps = segment_has_option(segment, OPTION_TIMESTAMPS);
	char flags[FLAGS_TEXT_SIZE], source[ENDPOINT_TEXT_SIZE];

	if (line->kind != LINE_SEGMENT)
		return json_pack("{s:I, s:s, s:s}", "us", (json_int_t)(line->time_ns - begun_ns) / 1000,
				 "kind", line->kind == LINE_PART ? "part" : "remark", "text", line->text);
	/* Where the subject connected, the crafted end is the server. */
	return json_pack("{s:I, s:s, s:I, s:s, s:b, s:s, s:I, s:I, s:o, s:o, s:i, s:o, s:o}",
			 "us", (json_int_t)(line->time_ns - begun_ns) / 1000, "kind", "segment",
			 "connection", (json_int_t)line->connection,
			 "source", endpoint_format(&segment->tuple.source, source, sizeof(source)),
			 "from_client", line->ours != line->calls, "flags", segment_flags_format(segment->flags, flags),
			 "seq", (json_int_t)segment->seq, "ack", (json_int_t)segment->ack,
			 "tsval", timestamps ? json_integer(segment->tsval) : json_null(),
			 "tsecr", timestamps ? json_integer(segment->tsecr) : json_null(),
			 "payload", (int)segment->payload_size,
			 "client_state", ndjson_text(line->calls ? line->server : line->client),
			 "server_state", ndjson_text(line->calls ? line->client : line->server));
}

static json_t *finding_json(const struct finding *finding)
{
	return json_pack("{s:s, s:s, s:s, s:b}", "check", finding->name, "expected", finding->expected, "observed",
			 finding->observed, "holds", finding->holds);
}

static json_t *step_json(const struct step *step, size_t number, const struct step_result *result)
{
	json_t *checks = json_array();
	char words[200], needs[160];

	for (size_t i = 0; i < result->findings.count; i++)
		json_array_append_new(checks, finding_json(&result->findings.list[i]));
	return json_pack("{s:I, s:o, s:s, s:b, s:o, s:o, s:o, s:o, s:o}",
			 "step", (json_int_t)number, "id", ndjson_text(step->id),
			 "does", scenario_step_format(step, words, sizeof(words)), "played", result->played,
			 "left_out", ndjson_text(result->left_out), "observed", ndjson_text(result->observed),
			 "citation", ndjson_text(result->citation),
			 "checks_left_out", ndjson_text(scenario_needs_format(result->findings.left_out, needs,
								       sizeof(needs))),
			 "checks", checks);
}

static json_t *cell_json(const struct record *record)
{
	char name[CELL_NAME_SIZE];
	json_t *expected = json_object();

	for (enum book book = 0; book < BOOK_USUAL; book++)
		json_object_set_new(expected, oracle_book_name(book), record->expected[book].answer == ANSWER_OPEN ?
				    json_null() :
				    json_string(oracle_answer_name(record->expected[book].answer)));
	return json_pack("{s:s, s:o, s:o, s:s, s:o}", "cell", cell_name(&record->cell, name, sizeof(name)),
			 "answer", record->observed ? json_string(oracle_answer_name(record->answer)) : json_null(),
			 "isn", ndjson_text(oracle_isn_name(record->isn)), "verdict", verdict_name(record->verdict),
			 "expected", expected);
}

/* How often it was played until it was believed, by how that ended. */
static json_t *plays_json(const struct play *play)
{
	return json_pack("{s:i, s:i, s:i, s:i}", "agrees", (int)play->plays[VERDICT_AGREES], "differs",
			 (int)play->plays[VERDICT_DIFFERS], "inconclusive", (int)play->plays[VERDICT_INCONCLUSIVE], "skipped",
			 (int)play->plays[VERDICT_SKIPPED]);
}

void report_scenario_json(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play)
{
	json_t *steps = json_array(), *lines = json_array(), *cells = json_array();
	char conclusion[2048];
	size_t number = 0;

	for (size_t i = 0; i < scenario->part_count; i++) {
		for (size_t j = 0; j < scenario->parts[i].step_count; j++) {
			json_array_append_new(steps, step_json(&scenario->parts[i].steps[j], number + 1, &play->steps[number]));
			number++;
		}
	}
	for (size_t i = 0; i < play->line_count; i++)
		json_array_append_new(lines, line_json(&play->lines[i], play->begun_ns));
	for (size_t i = 0; i < play->cell_count; i++)
		json_array_append_new(cells, cell_json(&play->cells[i].record));
	play_conclusion(scenario, play, conclusion, sizeof(conclusion));
	ndjson_write(facts->out, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:i, s:o, s:f, s:o, s:o, s:o}",
					   "record", "scenario", "scenario", scenario->name, "shows", scenario->shows,
					   "verdict", verdict_name(play->verdict), "reason", ndjson_text(play->reason),
					   "conclusion", ndjson_text(conclusion),
					   "tries", (int)play->tries, "plays", plays_json(play),
					   "seconds", (double)((play->ended_ns - play->begun_ns) / 1000) / 1e6,
					   "steps", steps, "cells", cells, "ladder", lines), NULL);
}

void report_scenarios_json_begin(const struct scenario_facts *facts)
{
	ndjson_write(facts->out, json_pack("{s:s, s:i, s:s, s:o, s:o, s:s, s:I, s:I}", "record", "run",
					   "format_version", NDJSON_VERSION, "tool_version", facts->tool_version,
					   "kernel", ndjson_text(facts->kernel), "engine", ndjson_text(facts->engine),
					   "target", facts->target, "seed", (json_int_t)facts->seed,
					   "scenarios", (json_int_t)facts->scenarios), NULL);
}

void report_scenarios_json_end(const struct scenario_facts *facts, const struct scenario_tally *tally)
{
	ndjson_write(facts->out, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:b, s:i}", "record", "summary",
					   "scenarios", (json_int_t)tally->count,
					   "agrees", (json_int_t)tally->verdicts[VERDICT_AGREES],
					   "differs", (json_int_t)tally->verdicts[VERDICT_DIFFERS],
					   "inconclusive", (json_int_t)tally->verdicts[VERDICT_INCONCLUSIVE],
					   "skipped", (json_int_t)tally->verdicts[VERDICT_SKIPPED],
					   "seconds", (double)((tally->ended_ns - tally->begun_ns) / 1000) / 1e6,
					   "interrupted", tally->interrupted, "exit", report_scenario_exit(tally)), NULL);
}
