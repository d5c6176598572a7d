/* report_json_cell.c - the record of a cell: one object, keys always in the same order. A key more is a line more. */
#include <string.h>

#include "crafter/icmp_error.h"
#include "crafter/textbuf.h"
#include "harness/report/json_put.h"
#include "harness/report/report_internal.h"

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
	struct textbuf out;

	textbuf_init(&out, buffer, OPTION_TEXT_SIZE);
	switch (kind) {
	case OPTION_END:
		return strcpy(buffer, "end");
	case OPTION_NOP:
		return strcpy(buffer, "nop");
	case OPTION_MSS:
		textbuf_add(&out, "mss %u", segment->mss);
		break;
	case OPTION_WSCALE:
		textbuf_add(&out, "wscale %u", segment->wscale);
		break;
	case OPTION_SACK_PERMITTED:
		return strcpy(buffer, "sack-permitted");
	case OPTION_TIMESTAMPS:
		return strcpy(buffer, "ts");
	case OPTION_SACK: /* a block is two sequence numbers of four bytes each (RFC 2018 3) */
		textbuf_add(&out, "sack %u", raw_length(segment, index) / 8);
		break;
	default:
		textbuf_add(&out, "kind %u length %u", kind, 2 + raw_length(segment, index));
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

static void put_options(struct json_put *json, const struct segment *segment)
{
	char buffer[OPTION_TEXT_SIZE], tail[TAIL_TEXT_SIZE];

	json_put_array(json, "options");
	for (size_t i = 0; i < segment->option_count; i++)
		json_put_string(json, NULL, report_option_text(segment, i, buffer));
	if (segment->tail_size)
		json_put_string(json, NULL, report_tail_text(segment, tail));
	json_put_end(json);
}

static void put_segment_members(struct json_put *json, const struct segment *segment)
{
	bool timestamps = segment_has_option(segment, OPTION_TIMESTAMPS);
	char flags[FLAGS_TEXT_SIZE];

	json_put_string(json, "flags", segment_flags_format(segment->flags, flags));
	json_put_number(json, "seq", segment->seq);
	json_put_number(json, "ack", segment->ack);
	json_put_known(json, "tsval", timestamps, segment->tsval);
	json_put_known(json, "tsecr", timestamps, segment->tsecr);
	json_put_number(json, "window", segment->window);
	json_put_number(json, "payload", segment->payload_size);
	json_put_number(json, "tos", segment->tos);
	json_put_number(json, "ttl", segment->ttl);
	put_options(json, segment);
}

static void put_segment(struct json_put *json, const char *key, const struct segment *segment)
{
	json_put_object(json, key);
	put_segment_members(json, segment);
	json_put_end(json);
}

/* An ICMP error has the number that it quotes, of all that. */
static void put_sent(struct json_put *json, const struct record *record)
{
	const struct segment *sent = &record->sent;

	if (!record->has_sent) {
		json_put_null(json, "sent");
	} else if (!sent->icmp_error) {
		put_segment(json, "sent", sent);
	} else {
		json_put_object(json, "sent");
		json_put_string(json, "icmp", icmp_error_name((enum icmp_error)sent->icmp_error));
		json_put_number(json, "seq", sent->seq);
		json_put_number(json, "ttl", sent->ttl);
		json_put_end(json);
	}
}

static void put_after_us(struct json_put *json, int64_t after_ns)
{
	json_put_real(json, "after_us", (double)after_ns / 1000, 10);
}

static void put_received(struct json_put *json, const struct record *record)
{
	json_put_array(json, "received");
	for (size_t i = 0; i < record->heard_count && i < PEER_HEARD_MAX; i++) {
		const struct peer_heard *heard = &record->heard[i];

		json_put_object(json, NULL);
		put_segment_members(json, &heard->segment);
		put_after_us(json, (int64_t)(heard->time_ns - record->sent_ns));
		json_put_boolean(json, "repeat", heard->repeat);
		json_put_end(json);
	}
	json_put_end(json);
}

static void put_answer(struct json_put *json, const char *key, enum answer answer)
{
	json_put_text(json, key, answer == ANSWER_OPEN ? NULL : oracle_answer_name(answer));
}

static void put_baseline(struct json_put *json, const struct record *record)
{
	const struct baseline *baseline = &record->baseline;

	if (!record->has_baseline) {
		json_put_null(json, "baseline");
		return;
	}
	json_put_object(json, "baseline");
	json_put_number(json, "rcv_nxt", baseline->rcv_nxt);
	json_put_number(json, "snd_nxt", baseline->snd_nxt);
	json_put_number(json, "ts_recent", baseline->ts_recent);
	json_put_number(json, "rcv_wnd", baseline->rcv_wnd);
	json_put_boolean(json, "timestamps", baseline->timestamps);
	json_put_end(json);
}

/* The peer is the source, the subject the target. */
static void put_tuple(struct json_put *json, const struct pair *pair)
{
	char text[ENDPOINT_TEXT_SIZE];

	if (!pair->subject.address.family) {
		json_put_null(json, "tuple");
		return;
	}
	json_put_object(json, "tuple");
	json_put_string(json, "source", endpoint_format(&pair->crafted, text, sizeof(text)));
	json_put_string(json, "target", endpoint_format(&pair->subject, text, sizeof(text)));
	json_put_end(json);
}

static void put_field(struct json_put *json, const struct fields *fields, enum field field, const struct field_bases *bases,
		      const struct segment *answer)
{
	char expected[FIELD_TEXT_SIZE], observed[FIELD_TEXT_SIZE];
	bool holds = oracle_field_holds(fields, field, answer);

	oracle_field_expected(fields, field, bases, expected);
	json_put_object(json, oracle_field_name(field));
	json_put_string(json, "expected", expected);
	/* A value that holds is the expected one. How many milliseconds later a TSval is, is chance. */
	json_put_string(json, "observed", holds && field != FIELD_WINDOW ? expected :
			oracle_field_observed(answer, field, bases, observed));
	if (!holds)
		json_put_boolean(json, "holds", false);
	json_put_end(json);
}

/* What the linux book says of the answer's fields, in the order in which a wrong one is named. Null where it says nothing. */
static void put_fields(struct json_put *json, const struct record *record, const struct fields *fields,
		       const struct segment *answer)
{
	struct field_bases bases;

	if (!answer || !fields->said || !record->observed) {
		json_put_null(json, "fields");
		return;
	}
	bases = record_field_bases(record);
	json_put_object(json, "fields");
	for (enum field field = 0; field < FIELD_COUNT; field++)
		if (fields->said >> field & 1)
			put_field(json, fields, field, &bases, answer);
	json_put_end(json);
}

static void put_follow_up(struct json_put *json, const struct record *record)
{
	bool known = record->follow_up_conclusive;
	char name[CELL_NAME_SIZE];

	if (!record->has_follow_up) {
		json_put_null(json, "follow_up");
		return;
	}
	json_put_object(json, "follow_up");
	json_put_string(json, "stimulus", report_follow_up_name(record, name, sizeof(name)));
	put_answer(json, "answer", known ? record->follow_up_answer : ANSWER_OPEN);
	json_put_text(json, "isn", known ? oracle_isn_name(record->follow_up_isn) : NULL);
	put_fields(json, record, &record->follow_up_fields, &record->follow_up_reply);
	json_put_end(json);
}

static void put_expected(struct json_put *json, const struct record *record)
{
	json_put_object(json, "expected");
	for (enum book book = 0; book < BOOK_COUNT; book++)
		if (record_asked(record, book))
			put_answer(json, oracle_book_name(book), record->expected[book].answer);
	json_put_end(json);
}

static void put_alternative(struct json_put *json, const struct record *record, enum book book, size_t number)
{
	const struct expectation *expected = &record->alternatives[book].list[number].expectation;
	char when[ALTERNATIVE_TEXT_SIZE];

	json_put_object(json, NULL);
	json_put_string(json, "book", oracle_book_name(book));
	put_answer(json, "answer", expected->answer);
	json_put_text(json, "isn", oracle_isn_name(expected->isn));
	json_put_text(json, "state_after", state_name(expected->after));
	json_put_text(json, "when", oracle_alternative_text(&record->alternatives[book], number, when));
	json_put_boolean(json, "fits", report_doubt_fits(record, book, number));
	json_put_end(json);
}

/* Null where each book expects one thing. */
static void put_alternatives(struct json_put *json, const struct record *record)
{
	bool any = false;

	for (enum book book = 0; book < BOOK_COUNT; book++)
		for (size_t i = 0; i < report_doubt_count(record, book); i++) {
			if (!any)
				json_put_array(json, "alternatives");
			any = true;
			put_alternative(json, record, book, i);
		}
	if (any)
		json_put_end(json);
	else
		json_put_null(json, "alternatives");
}

static void put_outcomes(struct json_put *json, const struct record *record)
{
	json_put_array(json, "outcomes");
	for (uint8_t i = 0; i < record->outcome_count; i++) {
		const struct outcome *outcome = &record->outcomes[i];

		json_put_object(json, NULL);
		put_answer(json, "answer", outcome->answer);
		json_put_text(json, "isn", oracle_isn_name(outcome->isn));
		json_put_text(json, "state_after", state_name(outcome->after));
		json_put_known(json, "ttl", outcome->ttl, outcome->ttl);
		json_put_number(json, "tries", outcome->tries);
		json_put_end(json);
	}
	json_put_end(json);
}

static void put_notice(struct json_put *json, const struct notice *notice)
{
	char from[ADDRESS_TEXT_SIZE], words[NOTICE_TEXT_SIZE];

	json_put_object(json, NULL);
	json_put_string(json, "kind", notice_name(notice->kind));
	json_put_string(json, "from", address_format(&notice->from, from, sizeof(from)));
	json_put_string(json, "says", notice_text(notice, words, sizeof(words)));
	if (notice->kind == NOTICE_ICMP) {
		json_put_number(json, "type", notice->icmp_type);
		json_put_number(json, "code", notice->icmp_code);
	}
	if (notice->kind == NOTICE_LATE || notice->kind == NOTICE_STRAY)
		put_segment(json, "segment", &notice->segment);
	if (notice->after_ns)
		put_after_us(json, (int64_t)notice->after_ns);
	json_put_end(json);
}

/* What was heard and is not an answer. */
static void put_heard(struct json_put *json, const struct record *record)
{
	json_put_array(json, "heard");
	for (uint8_t i = 0; i < record->notice_count; i++)
		put_notice(json, &record->notices[i]);
	json_put_end(json);
}

static void put_changes(struct json_put *json, const char *key, unsigned changes)
{
	char names[SIDES_TEXT_SIZE];

	json_put_string(json, key, sides_changes_text(changes, names, sizeof(names)));
}

/* What both sides of the router heard. */
static void put_path(struct json_put *json, const struct side_view *side)
{
	char source[ENDPOINT_TEXT_SIZE], cause[SIDES_TEXT_SIZE];

	json_put_object(json, "path");
	json_put_text(json, "stimulus", sides_fate_name(side->stimulus));
	json_put_text(json, "answer_from", sides_answerer_name(side->answerer));
	json_put_text(json, "source", side->source.address.family ?
		      endpoint_format(&side->source, source, sizeof(source)) : NULL);
	put_changes(json, "stimulus_changes", side->stimulus_changes);
	put_changes(json, "answer_changes", side->answer_changes);
	if (side->subject_answered)
		put_segment(json, "subject_answer", &side->subject_answer);
	else
		json_put_null(json, "subject_answer");
	json_put_text(json, "rule", side->rule);
	json_put_text(json, "conntrack_before", side->tracked_before);
	json_put_text(json, "conntrack_after", side->tracked_after);
	json_put_string(json, "says", sides_cause(side, cause, sizeof(cause)));
	json_put_end(json);
}

int report_json_cell(struct report *report, const struct record *record, struct error *error)
{
	const struct peer_heard *answer = record_answer(record);
	bool seen = record->observed;
	char name[CELL_NAME_SIZE];
	struct json_put json;

	json_put_open(&json);
	json_put_string(&json, "record", "cell");
	json_put_text(&json, "cell", cell_name(&record->cell, name, sizeof(name)));
	json_put_number(&json, "number", (int64_t)record->number);
	json_put_text(&json, "kernel", report->facts.kernel);
	put_answer(&json, "answer", seen ? record->answer : ANSWER_OPEN);
	json_put_text(&json, "isn", seen ? oracle_isn_name(record->isn) : NULL);
	json_put_string(&json, "verdict", verdict_name(record->verdict));
	json_put_text(&json, "reason", record->reason);
	put_expected(&json, record);
	json_put_text(&json, "state_before", state_name(record->before));
	json_put_text(&json, "state_after", state_name(record->after));
	put_follow_up(&json, record);
	put_sent(&json, record);
	put_received(&json, record);
	put_baseline(&json, record);
	put_tuple(&json, &record->pair);
	json_put_number(&json, "tries", record->tries);
	put_alternatives(&json, record);
	put_outcomes(&json, record);
	put_heard(&json, record);
	put_fields(&json, record, &record->fields, answer ? &answer->segment : NULL);
	report_after_put(&json, record);
	if (record->has_first)
		put_answer(&json, "first_answer",
			   record->first.time_ns ? verdict_answer(&record->first.segment) : ANSWER_SILENCE);
	if (record->side.routed)
		put_path(&json, &record->side);
	return json_put_line(&json, report->out, error);
}
