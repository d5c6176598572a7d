/* why_json.c - the evidence of one cell as a record. */
#include <math.h>

#include "harness/commands/why.h"
#include "harness/report/ndjson.h"

static json_t *sighting_json(bool asked, const struct sighting *sighting)
{
	bool queues = sighting_has_queues(sighting);

	if (!asked)
		return json_null();
	return json_pack("{s:o, s:i, s:I, s:o, s:o}", "state", ndjson_text(state_name(sighting->state)),
			 "timer", (int)sighting->timer, "timer_ms", (json_int_t)sighting->expires_ms,
			 "recv_queue", queues ? json_integer(sighting->recv_queue) : json_null(),
			 "send_queue", queues ? json_integer(sighting->send_queue) : json_null());
}

static json_t *counters_json(const struct why *why)
{
	json_t *counters = why->no_counters ? json_null() : json_object();

	for (size_t i = 0; i < why->move_count; i++)
		json_object_set_new(counters, why->moves[i].name, json_integer(why->moves[i].by));
	return counters;
}

/* Null where this kernel does not tell. */
static json_t *testimonies_json(const struct why *why, enum evidence_kind kind)
{
	const struct testimony *told[WHY_TESTIMONY_MAX];
	size_t count = why_testimonies(why, kind, told);
	json_t *list;

	if (why->missing[kind])
		return json_null();
	list = json_array();
	for (size_t i = 0; i < count; i++) {
		double after_us = ((double)told[i]->time_ns - (double)why->stimulus_ns) / 1e3;

		json_array_append_new(list, json_pack("{s:f, s:o}", "after_us", round(after_us * 10) / 10,
						      "says", ndjson_text(told[i]->text)));
	}
	return list;
}

static json_t *functions_json(const struct why *why)
{
	json_t *list;

	if (why_no_passage(why))
		return json_null();
	list = json_array();
	for (size_t i = 0; i < why->passage.call_count; i++) {
		const struct passage_call *call = &why->passage.calls[i];

		json_array_append_new(list, json_pack("{s:s, s:o, s:i, s:b}",
			"name", passage_name(call->function),
			"returned", ndjson_text(why->returned[i]),
			"depth", (int)call->depth,
			"cited", why->citation && passage_is_cited(call->function, why->citation)));
	}
	return list;
}

int why_json(FILE *out, const struct why *why, struct error *error)
{
	char name[CELL_NAME_SIZE];

	return ndjson_write(out, json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o, s:o}, s:I}",
		"record", "evidence",
		"cell", ndjson_text(cell_name(&why->cell, name, sizeof(name))),
		"citation", ndjson_text(why->citation),
		"functions", functions_json(why),
		"before", sighting_json(why->asked_before, &why->sighted_before),
		"after", sighting_json(why->asked_after, &why->sighted_after),
		"counters", counters_json(why),
		"transitions", testimonies_json(why, EVIDENCE_STATE),
		"resets", testimonies_json(why, EVIDENCE_RESET),
		"drops", testimonies_json(why, EVIDENCE_DROP),
		"missing",
		"functions", ndjson_text(why_no_passage(why)),
		"transitions", ndjson_text(why->missing[EVIDENCE_STATE]),
		"resets", ndjson_text(why->missing[EVIDENCE_RESET]),
		"drops", ndjson_text(why->missing[EVIDENCE_DROP]),
		"lost", (json_int_t)why->lost), error);
}
