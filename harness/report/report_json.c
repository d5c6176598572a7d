/* report_json.c - records as NDJSON: one object a line, keys always in the same order. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crafter/icmp_error.h"
#include "crafter/textbuf.h"
#include "crafter/units.h"
#include "harness/report/ndjson.h"
#include "harness/report/report_internal.h"

static json_t *integer(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *real(double value, double steps)
{
	return json_real(round(value * steps) / steps);
}

enum { OPTION_TEXT_SIZE = 24, TAIL_TEXT_SIZE = 2 * SEGMENT_OPTIONS_MAX + 8 };

/* Length of the data that the untyped option at `index` carries (struct segment, `raw`). */
static unsigned raw_length(const struct segment *segment, size_t index)
{
	size_t i, at = 0;

	for (i = 0; i < index; i++)
		if (!segment_option_size(segment->options[i]) && at < segment->raw_size)
			at += 1u + segment->raw[at];
	return at < segment->raw_size ? segment->raw[at] : 0;
}

/* In words without the numbers of chance: "mss 1460", "ts", "wscale 7", "kind 34 length 10". They are older than the text
 * notation, and scripts know them. */
static const char *report_option_text(const struct segment *segment, size_t index, char buffer[static OPTION_TEXT_SIZE])
{
	uint8_t kind = segment->options[index];

	switch (kind) {
	case OPTION_END:
		return strcpy(buffer, "end");
	case OPTION_NOP:
		return strcpy(buffer, "nop");
	case OPTION_MSS:
		snprintf(buffer, OPTION_TEXT_SIZE, "mss %u", segment->mss);
		break;
	case OPTION_WSCALE:
		snprintf(buffer, OPTION_TEXT_SIZE, "wscale %u", segment->wscale);
		break;
	case OPTION_SACK_PERMITTED:
		return strcpy(buffer, "sack-permitted");
	case OPTION_TIMESTAMPS:
		return strcpy(buffer, "ts");
	case OPTION_SACK: /* a block is two sequence numbers of four bytes each (RFC 2018 3) */
		snprintf(buffer, OPTION_TEXT_SIZE, "sack %u", raw_length(segment, index) / 8);
		break;
	default:
		snprintf(buffer, OPTION_TEXT_SIZE, "kind %u length %u", kind, 2 + raw_length(segment, index));
	}
	return buffer;
}

/* "raw 08000101" */
static const char *report_tail_text(const struct segment *segment, char buffer[static TAIL_TEXT_SIZE])
{
	struct textbuf out;

	textbuf_init(&out, buffer, TAIL_TEXT_SIZE);
	textbuf_add(&out, "raw ");
	for (size_t i = 0; i < segment->tail_size; i++)
		textbuf_add(&out, "%02x", (unsigned)segment->raw[segment->raw_size + i]);
	return buffer;
}

static json_t *options_json(const struct segment *segment)
{
	char buffer[OPTION_TEXT_SIZE];
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < segment->option_count; i++)
		json_array_append_new(list, json_string(report_option_text(segment, i, buffer)));
	if (segment->tail_size) {
		char tail[TAIL_TEXT_SIZE];

		json_array_append_new(list, json_string(report_tail_text(segment, tail)));
	}
	return list;
}

static json_t *segment_json(const struct segment *segment)
{
	bool timestamps = segment_has_option(segment, OPTION_TIMESTAMPS);
	char flags[FLAGS_TEXT_SIZE];

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:i, s:o}",
			 "flags", segment_flags_format(segment->flags, flags),
			 "seq", integer(segment->seq),
			 "ack", integer(segment->ack),
			 "tsval", timestamps ? integer(segment->tsval) : json_null(),
			 "tsecr", timestamps ? integer(segment->tsecr) : json_null(),
			 "window", segment->window,
			 "payload", segment->payload_size,
			 "tos", segment->tos,
			 "ttl", segment->ttl,
			 "options", options_json(segment));
}

/* An ICMP error has the number that it quotes, of all that. */
static json_t *sent_json(const struct segment *segment)
{
	if (!segment->icmp_error)
		return segment_json(segment);
	return json_pack("{s:s, s:o, s:i}", "icmp", icmp_error_name((enum icmp_error)segment->icmp_error),
			 "seq", integer(segment->seq), "ttl", segment->ttl);
}

static json_t *received_json(const struct record *record)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < record->heard_count && i < PEER_HEARD_MAX; i++) {
		const struct peer_heard *heard = &record->heard[i];
		json_t *one = segment_json(&heard->segment);
		double after = (double)(int64_t)(heard->time_ns - record->sent_ns);

		json_object_set_new(one, "after_us", real(after / 1000, 10));
		json_object_set_new(one, "repeat", json_boolean(heard->repeat));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *answer_json(enum answer answer)
{
	return answer == ANSWER_OPEN ? json_null() : json_string(oracle_answer_name(answer));
}

static json_t *baseline_json(const struct baseline *baseline)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:b}",
			 "rcv_nxt", integer(baseline->rcv_nxt),
			 "snd_nxt", integer(baseline->snd_nxt),
			 "ts_recent", integer(baseline->ts_recent),
			 "rcv_wnd", integer(baseline->rcv_wnd),
			 "timestamps", baseline->timestamps);
}

/* The peer is the source, the subject the target. */
static json_t *pair_json(const struct pair *pair)
{
	char source[ENDPOINT_TEXT_SIZE], target[ENDPOINT_TEXT_SIZE];

	if (!pair->subject.address.family)
		return json_null();
	return json_pack("{s:s, s:s}",
			 "source", endpoint_format(&pair->crafted, source, sizeof(source)),
			 "target", endpoint_format(&pair->subject, target, sizeof(target)));
}

/* Every cell has some of these: nothing here is parsed, checked or formatted twice. */
static json_t *field_json(const struct fields *fields, enum field field, const struct field_bases *bases,
			  const struct segment *answer)
{
	char expected[FIELD_TEXT_SIZE], observed[FIELD_TEXT_SIZE];
	bool holds = oracle_field_holds(fields, field, answer);
	json_t *object = json_object(), *first;

	first = json_string_nocheck(oracle_field_expected(fields, field, bases, expected));
	json_object_set_new_nocheck(object, "expected", first);
	/* A value that holds is the expected one. How many milliseconds later a TSval is, is chance. */
	json_object_set_new_nocheck(object, "observed", holds && field != FIELD_WINDOW ? json_incref(first) :
				    json_string_nocheck(oracle_field_observed(answer, field, bases, observed)));
	if (!holds)
		json_object_set_new_nocheck(object, "holds", json_false());
	return object;
}

/* What the linux book says of the answer's fields, in the order in which a wrong one is named. Null where it says nothing. */
static json_t *fields_json(const struct record *record, const struct fields *fields, const struct segment *answer)
{
	const struct field_bases bases = record_field_bases(record);
	json_t *object;

	if (!answer || !fields->said || !record->observed)
		return json_null();
	object = json_object();
	for (enum field field = 0; field < FIELD_COUNT; field++)
		if (fields->said >> field & 1)
			json_object_set_new_nocheck(object, oracle_field_name(field),
						    field_json(fields, field, &bases, answer));
	return object;
}

static json_t *answer_fields_json(const struct record *record)
{
	const struct peer_heard *answer = record_answer(record);

	return fields_json(record, &record->fields, answer ? &answer->segment : NULL);
}

static json_t *follow_up_json(const struct record *record)
{
	bool known = record->follow_up_conclusive;
	char name[CELL_NAME_SIZE];

	return json_pack("{s:s, s:o, s:o, s:o}",
			 "stimulus", report_follow_up_name(record, name, sizeof(name)),
			 "answer", known ? answer_json(record->follow_up_answer) : json_null(),
			 "isn", known ? ndjson_text(oracle_isn_name(record->follow_up_isn)) : json_null(),
			 "fields", fields_json(record, &record->follow_up_fields, &record->follow_up_reply));
}

static json_t *expected_json(const struct record *record)
{
	json_t *expected = json_object();
	size_t book;

	for (book = 0; book < BOOK_COUNT; book++)
		json_object_set_new(expected, oracle_book_name((enum book)book),
				    answer_json(record->expected[book].answer));
	return expected;
}

/* Null where each book expects one thing. */
static json_t *alternatives_json(const struct record *record)
{
	json_t *list = NULL;

	for (enum book book = 0; book < BOOK_COUNT; book++)
		for (size_t i = 0; i < report_doubt_count(record, book); i++) {
			const struct expectation *expected = &record->alternatives[book].list[i].expectation;
			char when[ALTERNATIVE_TEXT_SIZE];

			list = list ? list : json_array();
			oracle_alternative_text(&record->alternatives[book], i, when);
			json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o, s:o, s:b}",
				"book", oracle_book_name(book),
				"answer", answer_json(expected->answer),
				"isn", ndjson_text(oracle_isn_name(expected->isn)),
				"state_after", ndjson_text(state_name(expected->after)),
				"when", ndjson_text(when),
				"fits", report_doubt_fits(record, book, i)));
		}
	return list ? list : json_null();
}

static json_t *kernels_json(const struct tally *tally)
{
	char kernels[KERNEL_STEPS_TEXT_SIZE];

	return tally->by_version ? json_string(kernel_steps_text(tally_kernels(tally), kernels)) : json_null();
}

static json_t *outcomes_json(const struct record *record)
{
	json_t *list = json_array();

	for (uint8_t i = 0; i < record->outcome_count; i++) {
		const struct outcome *outcome = &record->outcomes[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:i}",
			"answer", answer_json(outcome->answer),
			"isn", ndjson_text(oracle_isn_name(outcome->isn)),
			"state_after", ndjson_text(state_name(outcome->after)),
			"ttl", outcome->ttl ? json_integer(outcome->ttl) : json_null(),
			"tries", (int)outcome->tries));
	}
	return list;
}

/* What was heard and is not an answer. */
static json_t *notice_json(const struct notice *notice)
{
	char from[ADDRESS_TEXT_SIZE], words[NOTICE_TEXT_SIZE];
	bool icmp = notice->kind == NOTICE_ICMP;
	json_t *one = json_pack("{s:s, s:s, s:s}", "kind", notice_name(notice->kind),
				"from", address_format(&notice->from, from, sizeof(from)),
				"says", notice_text(notice, words, sizeof(words)));

	if (icmp) {
		json_object_set_new(one, "type", json_integer(notice->icmp_type));
		json_object_set_new(one, "code", json_integer(notice->icmp_code));
	}
	if (notice->kind == NOTICE_LATE || notice->kind == NOTICE_STRAY)
		json_object_set_new(one, "segment", segment_json(&notice->segment));
	if (notice->after_ns)
		json_object_set_new(one, "after_us", real((double)notice->after_ns / 1000, 10));
	return one;
}

static json_t *notices_json(const struct record *record)
{
	json_t *list = json_array();

	for (uint8_t i = 0; i < record->notice_count; i++)
		json_array_append_new(list, notice_json(&record->notices[i]));
	return list;
}

static json_t *changes_json(unsigned changes)
{
	char names[SIDES_TEXT_SIZE];

	return json_string(sides_changes_text(changes, names, sizeof(names)));
}

/* What both sides of the router heard. */
static json_t *side_json(const struct side_view *side)
{
	char source[ENDPOINT_TEXT_SIZE], cause[SIDES_TEXT_SIZE];

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"stimulus", ndjson_text(sides_fate_name(side->stimulus)),
		"answer_from", ndjson_text(sides_answerer_name(side->answerer)),
		"source", side->source.address.family ?
			json_string(endpoint_format(&side->source, source, sizeof(source))) : json_null(),
		"stimulus_changes", changes_json(side->stimulus_changes),
		"answer_changes", changes_json(side->answer_changes),
		"subject_answer", side->subject_answered ? segment_json(&side->subject_answer) : json_null(),
		"rule", ndjson_text(side->rule),
		"says", json_string(sides_cause(side, cause, sizeof(cause))));
}

static int json_cell(struct report *report, const struct record *record, struct error *error)
{
	bool seen = record->observed;
	char name[CELL_NAME_SIZE];
	json_t *cell;

	cell = json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, "
		"s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o}",
		"record", "cell",
		"cell", ndjson_text(cell_name(&record->cell, name, sizeof(name))),
		"number", integer(record->number),
		"kernel", ndjson_text(report->facts.kernel),
		"answer", seen ? answer_json(record->answer) : json_null(),
		"isn", seen ? ndjson_text(oracle_isn_name(record->isn)) : json_null(),
		"verdict", verdict_name(record->verdict),
		"reason", ndjson_text(record->reason),
		"expected", expected_json(record),
		"state_before", ndjson_text(state_name(record->before)),
		"state_after", ndjson_text(state_name(record->after)),
		"follow_up", record->has_follow_up ? follow_up_json(record) : json_null(),
		"sent", record->has_sent ? sent_json(&record->sent) : json_null(),
		"received", received_json(record),
		"baseline", record->has_baseline ? baseline_json(&record->baseline) : json_null(),
		"tuple", pair_json(&record->pair),
		"tries", record->tries,
		"alternatives", alternatives_json(record),
		"outcomes", outcomes_json(record),
		"heard", notices_json(record),
		"fields", answer_fields_json(record),
		"after", report_after_json(record));
	if (record->has_first)
		json_object_set_new(cell, "first_answer", answer_json(record->first.time_ns ?
				    verdict_answer(&record->first.segment) : ANSWER_SILENCE));
	if (record->side.routed)
		json_object_set_new(cell, "path", side_json(&record->side));
	return ndjson_write(report->out, cell, error);
}

static json_t *time_json(uint64_t time_ns)
{
	time_t seconds = (time_t)(time_ns / NSEC_PER_SEC);
	struct tm utc;
	char buffer[40];

	if (!time_ns || !gmtime_r(&seconds, &utc))
		return json_null();
	strftime(buffer, sizeof(buffer), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return json_string(buffer);
}

static json_t *shard_json(const struct run_facts *facts)
{
	return facts->shards ? json_sprintf("%u/%u", facts->shard, facts->shards) : json_null();
}

static int json_begin(struct report *report, struct error *error)
{
	const struct run_facts *facts = &report->facts;
	json_t *sysctls = json_object();
	size_t i, matrix_cells = facts->matrix_cells ? facts->matrix_cells : facts->cells;

	for (i = 0; i < facts->sysctl_count; i++)
		json_object_set_new(sysctls, facts->sysctls[i].name, ndjson_text(facts->sysctls[i].value));
	return ndjson_write(report->out, json_pack(
		"{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"record", "run",
		"format_version", NDJSON_VERSION,
		"tool_version", ndjson_text(facts->tool_version),
		"kernel", ndjson_text(facts->kernel),
		"local_kernel", ndjson_text(facts->local_kernel),
		"engine", ndjson_text(facts->engine),
		"matrix", ndjson_text(facts->matrix),
		"target", ndjson_text(facts->target),
		"expect", ndjson_text(facts->expect),
		"cells", integer(facts->cells),
		"matrix_cells", integer(matrix_cells),
		"repeat", facts->repeat ? (int)facts->repeat : 1,
		"shard", shard_json(facts),
		"seed", integer(facts->seed),
		"started", time_json(facts->started_ns),
		"sysctls", sysctls,
		"libpcap", ndjson_text(facts->libpcap),
		"libnet", ndjson_text(facts->libnet),
		"rules", ndjson_text(facts->rules)), error);
}

static json_t *books_json(const size_t counts[BOOK_COUNT])
{
	json_t *object = json_object();
	size_t book;

	for (book = 0; book < BOOK_COUNT; book++)
		json_object_set_new(object, oracle_book_name((enum book)book), integer(counts[book]));
	return object;
}

static int json_end(struct report *report, const struct tally *tally, struct error *error)
{
	double seconds = (double)(tally->ended_ns - tally->begun_ns) / 1e9;
	json_t *summary;

	summary = json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:i, s:o, s:o, s:o}",
		"record", "summary",
		"cells", integer(tally->cells),
		"agrees", integer(tally->verdicts[VERDICT_AGREES]),
		"differs", integer(tally->verdicts[VERDICT_DIFFERS]),
		"inconclusive", integer(tally->verdicts[VERDICT_INCONCLUSIVE]),
		"skipped", integer(tally->verdicts[VERDICT_SKIPPED]),
		"mixed", integer(tally->verdicts[VERDICT_MIXED]),
		"otherwise", books_json(tally->otherwise),
		"open", books_json(tally->open),
		"seconds", real(seconds, 1e6),
		"cells_per_second", real(seconds > 0 ? (double)tally->cells / seconds : 0, 10),
		"capture_drops", integer(tally->capture_dropped),
		"segments_sent", integer(tally->segments_sent),
		"segments_heard", integer(tally->segments_heard),
		"set_up_segments", integer(tally->set_up_segments),
		"resent", integer(tally->resent),
		"interrupted", tally->interrupted,
		"exit", tally_exit(tally),
		"by_version", integer(tally->by_version),
		"by_process", integer(tally->by_process),
		"kernels", kernels_json(tally));
	if (tally->left)
		json_object_set_new(summary, "left", json_true());
	return ndjson_write(report->out, summary, error);
}

const struct report_style report_json_style = {
	.begin = json_begin,
	.cell = json_cell,
	.end = json_end,
};
