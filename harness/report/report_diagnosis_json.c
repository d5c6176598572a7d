/* report_diagnosis_json.c - a diagnosis as NDJSON: `capture`, an `encounter` each, `summary`. */
#include <jansson.h>

#include "crafter/segment_text.h"
#include "harness/report/ndjson.h"
#include "harness/report/report_diagnosis_internal.h"

enum { CLOCK_SIZE = 64 };

/* What cannot be written shows when the report is closed. */
static void write_line(const struct report_diagnosis_facts *facts, json_t *object)
{
	ndjson_write(facts->out, object, NULL);
}

void report_diagnosis_json_begin(const struct report_diagnosis_facts *facts)
{
	char kernel[KERNEL_TEXT_SIZE];

	write_line(facts, json_pack("{s:s, s:i, s:s, s:o, s:b, s:s, s:s}", "record", "capture",
				    "format_version", NDJSON_VERSION, "tool_version", facts->tool_version,
				    "path", ndjson_text(facts->path), "live", facts->live,
				    "book", oracle_book_name(facts->decides),
				    "kernel", kernel_text(&facts->kernel, kernel)));
}

static json_t *expected_json(const struct judgement *judgement)
{
	json_t *expected = json_object();

	for (enum book book = 0; book < BOOK_COUNT; book++) {
		enum answer answer = judgement->expected[book].list[0].expectation.answer;

		json_object_set_new(expected, oracle_book_name(book), answer == ANSWER_OPEN ? json_null() :
				    json_string(oracle_answer_name(answer)));
	}
	return expected;
}

static json_t *segment_json(const struct segment *segment)
{
	char buffer[SEGMENT_TEXT_SIZE];
	unsigned parts = SEGMENT_TEXT_ALL & ~(SEGMENT_TEXT_ENDS | SEGMENT_TEXT_PAYLOAD);

	if (segment->ttl == 0) /* a text that does not show the IP header */
		parts &= ~(unsigned)SEGMENT_TEXT_IP;

	return json_string(segment_text_print(segment, NULL, parts, buffer, sizeof(buffer)));
}

static json_t *subject_json(const struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;

	return end_knows(subject, END_ISS) ? json_string(subject->passive ? "server" : "client") : json_null();
}

/* NULL where it is not known. */
static json_t *us_json(bool known, uint64_t ns)
{
	return known ? json_real((double)(ns / 100) / 10) : json_null();
}

static json_t *frame_json(uint64_t frame)
{
	return frame ? json_integer((json_int_t)frame) : json_null();
}

static json_t *number_json(uint8_t number)
{
	return number ? json_integer(number) : json_null();
}

void report_diagnosis_json_encounter(const struct report_diagnosis_facts *facts, const struct diagnosed *diagnosed)
{
	const struct encounter *encounter = diagnosed->encounter;
	const struct judgement *judgement = diagnosed->judgement;
	char clock[CLOCK_SIZE], from[ENDPOINT_TEXT_SIZE], to[ENDPOINT_TEXT_SIZE], name[CELL_NAME_SIZE];
	char command[CELL_NAME_SIZE + 16];
	struct reproduction reproduction;
	bool timed = encounter_has_times(encounter);

	reproduction_make(encounter, &reproduction);
	write_line(facts, json_pack(
		"{s:s, s:I, s:I, s:o, s:I, s:I, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, "
		"s:s, s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"record", "encounter", "frame", (json_int_t)encounter->frame, "incident", (json_int_t)encounter->incident,
		"time", timed ? json_string(report_diagnosis_clock(encounter->time_ns, clock, sizeof(clock))) : json_null(),
		"connection", (json_int_t)encounter->connection, "incarnation", (json_int_t)encounter->incarnation,
		"subject", subject_json(encounter),
		"from", endpoint_format(&diagnosed->tuple->source, from, sizeof(from)),
		"to", endpoint_format(&diagnosed->tuple->target, to, sizeof(to)),
		"state", ndjson_text(state_name(encounter->subject.state)),
		"cell", reproduction.why_not ? json_null() : json_string(cell_name(&reproduction.cell, name, sizeof(name))),
		"segment", segment_json(&encounter->segment), "expected", expected_json(judgement),
		"answer", ndjson_text(oracle_answer_name(encounter_answer(encounter))),
		"isn", ndjson_text(oracle_isn_name(encounter_isn(encounter))),
		"answered_by", frame_json(encounter->answer_frame),
		"after_us", us_json(encounter->answered && timed, encounter->answer_ns - encounter->time_ns),
		"delay_us", us_json(encounter->delay_known, encounter->delay_ns),
		"delay_until", frame_json(encounter->delay_frame),
		"verdict", verdict_name(judgement->verdict),
		"reason", ndjson_text(judgement->missing ? judgement->missing : judgement->why),
		"finding", diagnosed->cause->name, "says", diagnosed->cause->says, "details",
		ndjson_text(diagnosed->details[0] ? diagnosed->details : NULL), "certain", judgement->certain,
		"advice", ndjson_text(diagnosed->cause->advice),
		"reproduce", ndjson_text(report_diagnosis_command(&reproduction, command, sizeof(command))),
		"reproduce_lacks", ndjson_text(reproduction.why_not ? reproduction.why_not : reproduction.lacks),
		"reproduce_same", reproduction.why_not ? json_null() : json_boolean(reproduction.same),
		"ttl", number_json(encounter->segment.ttl), "peer_ttl", number_json(encounter->origin.ttl),
		"hops", encounter->origin.view != ORIGIN_OWN ? json_integer(encounter->origin.hops) : json_null()));
}

void report_diagnosis_json_name(const struct report_diagnosis_facts *facts, const char *name, const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];

	write_line(facts, json_pack("{s:s, s:o, s:s}", "record", "name", "name", ndjson_text(name), "address",
				    address_format(address, text, sizeof(text))));
}

void report_diagnosis_json_connection(const struct report_diagnosis_facts *facts, const struct tracked *connection)
{
	const struct conversation *conversation = &connection->conversation;
	bool reversed = conversation->source.passive && !conversation->target.passive;
	const struct end *client = reversed ? &conversation->target : &conversation->source;
	const struct end *server = reversed ? &conversation->source : &conversation->target;
	char clock[CLOCK_SIZE], from[ENDPOINT_TEXT_SIZE], to[ENDPOINT_TEXT_SIZE];

	endpoint_format(reversed ? &conversation->tuple.target : &conversation->tuple.source, from, sizeof(from));
	endpoint_format(reversed ? &conversation->tuple.source : &conversation->tuple.target, to, sizeof(to));
	write_line(facts, json_pack("{s:s, s:I, s:s, s:s, s:b, s:I, s:s, s:f, s:I, s:I, s:I, s:o, s:o, s:o}",
				    "record", "connection",
				    "connection", (json_int_t)connection->number, "client", from, "server", to, "roles_known",
				    client->passive != server->passive, "first_frame", (json_int_t)connection->first_frame,
				    "time", report_diagnosis_clock(connection->begun_ns, clock, sizeof(clock)),
				    "seconds", (double)((connection->last_ns - connection->begun_ns) / 1000) / 1e6,
				    "segments", (json_int_t)connection->segments,
				    "incarnations", (json_int_t)conversation->incarnation,
				    "encounters", (json_int_t)connection->encounters,
				    "nat_of", connection->nat_of ? json_integer((json_int_t)connection->nat_of) : json_null(),
				    "client_state", ndjson_text(state_name(client->state)),
				    "server_state", ndjson_text(state_name(server->state))));
}

static json_t *written_json(const struct report_diagnosis_written *written)
{
	if (!written)
		return json_null();
	return json_pack("{s:o, s:I, s:I, s:I, s:o}", "path", ndjson_text(written->name), "frames", (json_int_t)written->frames,
			 "commented", (json_int_t)written->commented, "without_comment", (json_int_t)written->without,
			 "error", ndjson_text(written->failed));
}

/* By cause, those that there were. */
static json_t *findings_json(const struct diagnosis_counts *counts)
{
	json_t *findings = json_array();
	const struct cause *cause;

	for (size_t i = 0; (cause = cause_at(i)); i++) {
		const struct diagnosis_kind *kind = &counts->kinds[i];

		if (kind->count)
			json_array_append_new(findings, json_pack(
				"{s:s, s:I, s:I, s:I, s:o}", "finding", cause->name, "encounters", (json_int_t)kind->count,
				"certain", (json_int_t)(kind->count - kind->uncertain), "differs", (json_int_t)kind->differ,
				"worst_delay_us", us_json(kind->delayed, kind->worst_delay_ns)));
	}
	return findings;
}

/* The ports that refused connections, the most first. */
static json_t *refused_json(const struct diagnosis_counts *counts)
{
	json_t *ports = json_array();
	char port[ENDPOINT_TEXT_SIZE];

	for (size_t i = 0; i < counts->refused_count; i++)
		json_array_append_new(ports, json_pack(
			"{s:s, s:I, s:I, s:I}", "port", endpoint_format(&counts->refused[i].port, port, sizeof(port)),
			"refused", (json_int_t)counts->refused[i].count,
			"first_frame", (json_int_t)counts->refused[i].first_frame,
			"answered", (json_int_t)counts->refused[i].answers));
	return ports;
}

static json_t *ends_json(const struct diagnosis_counts *counts)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "closed", (json_int_t)counts->ends[TRACKED_CLOSED],
			 "reset", (json_int_t)counts->ends[TRACKED_RESET], "refused", (json_int_t)counts->ends[TRACKED_REFUSED],
			 "unopened", (json_int_t)counts->ends[TRACKED_UNOPENED],
			 "unacknowledged", (json_int_t)counts->ends[TRACKED_UNACKNOWLEDGED],
			 "open", (json_int_t)counts->ends[TRACKED_OPEN]);
}

void report_diagnosis_json_end(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts,
			       const char *damage)
{
	char steps[KERNEL_STEPS_TEXT_SIZE];
	const char *kernels = NULL; /* nothing tells */

	if (counts->kernels != UINT64_MAX)
		kernels = counts->kernels ? kernel_steps_text(counts->kernels, steps) : "none";

	write_line(facts, json_pack(
		"{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, "
		"s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:o, s:f, s:I, s:I, s:o, s:b, s:o, s:o, s:o, s:I, s:I, s:i}",
		"record", "summary", "frames", (json_int_t)counts->frames, "filtered", (json_int_t)counts->filtered,
		"other", (json_int_t)counts->other, "unsound", (json_int_t)counts->unsound, "icmp", (json_int_t)counts->icmp,
		"copies", (json_int_t)counts->copies, "twins", (json_int_t)counts->twins,
		"unfilled", (json_int_t)counts->unfilled, "cut_options", (json_int_t)counts->cut_options,
		"segments", (json_int_t)counts->tracker.segments, "connections", (json_int_t)counts->tracker.connections,
		"nat_pairs", (json_int_t)counts->tracker.nat.pairs,
		"begun_before", (json_int_t)counts->middle, "ends", ends_json(counts),
		"forgotten", (json_int_t)counts->tracker.forgotten, "encounters", (json_int_t)counts->encounters,
		"incidents", (json_int_t)counts->incidents, "agrees", (json_int_t)counts->verdicts[VERDICT_AGREES],
		"open", (json_int_t)counts->open,
		"differs", (json_int_t)counts->verdicts[VERDICT_DIFFERS],
		"inconclusive", (json_int_t)counts->verdicts[VERDICT_INCONCLUSIVE], "uncertain", (json_int_t)counts->uncertain,
		"findings", findings_json(counts), "dropped", (json_int_t)counts->dropped,
		"went_down", (json_int_t)counts->went_down,
		"clock_set", (json_int_t)counts->set, "time_back", (json_int_t)counts->time_back,
		"kernels", ndjson_text(kernels),
		"seconds", counts->ended_ns ? (double)((counts->ended_ns - counts->begun_ns) / 1000) / 1e6 : 0.0,
		"unshown", (json_int_t)(counts->unshown + counts->unnumbered), "unread", (json_int_t)counts->unread,
		"first_unread", ndjson_text(counts->unread ? counts->first_unread : NULL),
		"cut", counts->cut, "damage", ndjson_text(damage), "written", written_json(facts->written),
		"refused", refused_json(counts), "cut_headers", (json_int_t)counts->cut_headers,
		"one_way", (json_int_t)counts->one_way,
		"exit", report_diagnosis_exit(facts, counts)));
}
