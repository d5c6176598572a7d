/* report_diagnosis_json.c - a diagnosis as NDJSON: `capture`, an `encounter` each, `summary`. */
#include <jansson.h>

#include "crafter/segment_text.h"
#include "harness/report/json_put.h"
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

static void put_expected(struct json_put *json, const struct judgement *judgement)
{
	json_put_object(json, "expected");
	for (enum book book = 0; book < BOOK_USUAL; book++) {
		enum answer answer = judgement->expected[book].list[0].expectation.answer;

		json_put_text(json, oracle_book_name(book), answer == ANSWER_OPEN ? NULL : oracle_answer_name(answer));
	}
	json_put_end(json);
}

static void put_segment(struct json_put *json, const struct segment *segment)
{
	char buffer[SEGMENT_TEXT_SIZE];
	unsigned parts = SEGMENT_TEXT_ALL & ~(SEGMENT_TEXT_ENDS | SEGMENT_TEXT_PAYLOAD);

	if (segment->ttl == 0) /* a text that does not show the IP header */
		parts &= ~(unsigned)SEGMENT_TEXT_IP;
	json_put_string(json, "segment", segment_text_print(segment, NULL, parts, buffer, sizeof(buffer)));
}

/* Null where it is not known. */
static void put_us(struct json_put *json, const char *key, bool known, uint64_t ns)
{
	if (known)
		json_put_real(json, key, (double)(ns / 100) / 10, 10);
	else
		json_put_null(json, key);
}

static void put_answer(struct json_put *json, const struct encounter *encounter)
{
	bool timed = encounter_has_times(encounter);

	json_put_text(json, "answer", oracle_answer_name(encounter_answer(encounter)));
	json_put_text(json, "isn", oracle_isn_name(encounter_isn(encounter)));
	json_put_known(json, "answered_by", encounter->answer_frame, (int64_t)encounter->answer_frame);
	put_us(json, "after_us", encounter->answered && timed, encounter->answer_ns - encounter->time_ns);
	put_us(json, "delay_us", encounter->delay_known, encounter->delay_ns);
	json_put_known(json, "delay_until", encounter->delay_frame, (int64_t)encounter->delay_frame);
}

static void put_judgement(struct json_put *json, const struct diagnosed *diagnosed)
{
	const struct judgement *judgement = diagnosed->judgement;

	json_put_string(json, "verdict", verdict_name(judgement->verdict));
	json_put_text(json, "reason", judgement->missing ? judgement->missing : judgement->why);
	json_put_string(json, "finding", diagnosed->cause->name);
	json_put_string(json, "says", diagnosed->cause->says);
	json_put_text(json, "details", diagnosed->details);
	json_put_boolean(json, "certain", judgement->certain);
	json_put_text(json, "advice", diagnosed->cause->advice);
}

void report_diagnosis_json_encounter(const struct report_diagnosis_facts *facts, const struct diagnosed *diagnosed)
{
	const struct encounter *encounter = diagnosed->encounter;
	const struct judgement *judgement = diagnosed->judgement;
	const struct end *subject = &encounter->subject;
	char clock[CLOCK_SIZE], text[ENDPOINT_TEXT_SIZE], name[CELL_NAME_SIZE], command[CELL_NAME_SIZE + 16];
	struct reproduction reproduction;
	struct json_put json;
	bool timed = encounter_has_times(encounter);

	reproduction_make(encounter, &reproduction);
	json_put_open(&json);
	json_put_string(&json, "record", "encounter");
	json_put_number(&json, "frame", (int64_t)encounter->frame);
	json_put_number(&json, "incident", (int64_t)encounter->incident);
	json_put_text(&json, "time", timed ? report_diagnosis_clock(encounter->time_ns, clock, sizeof(clock)) : NULL);
	json_put_number(&json, "connection", (int64_t)encounter->connection);
	json_put_number(&json, "incarnation", (int64_t)encounter->incarnation);
	json_put_text(&json, "subject", end_knows(subject, END_ISS) ? subject->passive ? "server" : "client" : NULL);
	json_put_string(&json, "from", endpoint_format(&diagnosed->tuple->source, text, sizeof(text)));
	json_put_string(&json, "to", endpoint_format(&diagnosed->tuple->target, text, sizeof(text)));
	json_put_text(&json, "state", state_name(subject->state));
	json_put_text(&json, "cell", reproduction.why_not ? NULL : cell_name(&reproduction.cell, name, sizeof(name)));
	put_segment(&json, &encounter->segment);
	put_expected(&json, judgement);
	put_answer(&json, encounter);
	put_judgement(&json, diagnosed);
	json_put_text(&json, "reproduce", report_diagnosis_command(&reproduction, command, sizeof(command)));
	json_put_text(&json, "reproduce_lacks", reproduction.why_not ? reproduction.why_not : reproduction.lacks);
	if (reproduction.why_not)
		json_put_null(&json, "reproduce_same");
	else
		json_put_boolean(&json, "reproduce_same", reproduction.same);
	json_put_known(&json, "ttl", encounter->segment.ttl, encounter->segment.ttl);
	json_put_known(&json, "peer_ttl", encounter->origin.ttl, encounter->origin.ttl);
	json_put_known(&json, "hops", encounter->origin.view != ORIGIN_OWN, encounter->origin.hops);
	json_put_line(&json, facts->out, NULL);
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
				"worst_delay_us", kind->delayed ? json_real((double)(kind->worst_delay_ns / 100) / 10) :
				json_null()));
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
