/* report_ladder.c - one cell for a person: what went over the wire, and what it means. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/seq.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_rung.h"

enum { LABEL_WIDTH = 12 };

/* Where the reader stands in the trace. */
struct ladder {
	FILE *out;
	bool color;
	const struct record *record;
	bool has_iss, has_irs;
	uint32_t iss, irs;
	bool stimulated, followed, follow_up_answered;
};

static bool same_on_wire(const struct segment *a, const struct segment *b)
{
	return a->flags == b->flags && a->seq == b->seq && a->ack == b->ack && a->payload_size == b->payload_size;
}

/* "rcv_nxt-1000" */
static const char *relative(const char *base, uint32_t value, uint32_t from, char *buffer)
{
	struct offset offset = { OFFSET_NUMBER, seq_diff(value, from) };
	char text[OFFSET_TEXT_SIZE];

	offset_format(&offset, text);
	/* The ISN of a reused TIME_WAIT is known as snd_nxt + 65537, not as a power of two. */
	if (llabs(offset.value) < 1000000)
		snprintf(text, sizeof(text), "%+" PRId64, offset.value);
	snprintf(buffer, RUNG_TEXT_SIZE, "%s%s", base, offset.value ? text : "");
	return buffer;
}

/* A number on our side of the connection: our sequence numbers, the subject's acknowledgments. */
static const char *relative_ours(const struct ladder *ladder, uint32_t value, char *buffer)
{
	if (ladder->stimulated && ladder->record->has_baseline)
		return relative("rcv_nxt", value, ladder->record->baseline.rcv_nxt, buffer);
	if (ladder->has_iss)
		return relative("iss", value, ladder->iss, buffer);
	return strcpy(buffer, "");
}

static const char *relative_theirs(const struct ladder *ladder, uint32_t value, char *buffer)
{
	if (ladder->stimulated && ladder->record->has_baseline)
		return relative("snd_nxt", value, ladder->record->baseline.snd_nxt, buffer);
	if (ladder->has_irs)
		return relative("irs", value, ladder->irs, buffer);
	return strcpy(buffer, "");
}

/* `ours`: a value of our clock, which ts_recent is one of; else of the subject's, which ts_echo is one of. */
static const char *relative_ts(const struct ladder *ladder, bool ours, uint32_t value, char *buffer)
{
	const struct baseline *baseline = &ladder->record->baseline;

	if (!ladder->record->has_baseline || !baseline->timestamps || !value)
		return strcpy(buffer, "");
	if (ours)
		return relative("ts_recent", value, baseline->ts_recent, buffer);
	return relative("ts_echo", value, baseline->ts_echo, buffer);
}

static bool seen_before(const struct trace *trace, size_t index)
{
	const struct trace_entry *entry = &trace->entries[index];
	size_t i;

	if (!segment_length(&entry->segment))
		return false;
	for (i = 0; i < index; i++)
		if (trace->entries[i].ours == entry->ours && same_on_wire(&trace->entries[i].segment, &entry->segment))
			return true;
	return false;
}

/* Names what the subject sent after the stimulus. */
static const char *note_of_theirs(struct ladder *ladder, const struct trace *trace, size_t index)
{
	const struct record *record = ladder->record;
	const struct trace_entry *entry = &trace->entries[index];
	const struct peer_heard *answer = record_answer(record);
	size_t i;

	for (i = 0; i < record->heard_count && i < PEER_HEARD_MAX; i++) {
		const struct peer_heard *heard = &record->heard[i];

		if (heard->time_ns != entry->time_ns || !same_on_wire(&heard->segment, &entry->segment))
			continue;
		if (heard == answer)
			return "answer";
		if (heard->repeat)
			return "retransmission";
	}
	if (seen_before(trace, index))
		return "retransmission";
	if (ladder->followed && !ladder->follow_up_answered && record->follow_up_conclusive) {
		ladder->follow_up_answered = true;
		return "answer to it";
	}
	return "";
}

/* The words at a segment, and the ladder moves on past it. */
static const char *note_of(struct ladder *ladder, const struct trace *trace, size_t index)
{
	const struct trace_entry *entry = &trace->entries[index];
	const struct record *record = ladder->record;
	bool before = !ladder->stimulated;

	if (entry->note)
		return entry->note;
	if (before)
		return seen_before(trace, index) ? entry->ours ? "sent again" : "retransmission" : "";
	if (!entry->ours)
		return note_of_theirs(ladder, trace, index);
	if (record->has_follow_up && !ladder->followed && same_on_wire(&entry->segment, &record->follow_up)) {
		ladder->followed = true;
		return "follow-up";
	}
	return entry->segment.flags & FLAG_RST ? "tear-down" : "";
}

static void learn(struct ladder *ladder, const struct trace_entry *entry)
{
	if (!(entry->segment.flags & FLAG_SYN) || ladder->stimulated)
		return;
	if (entry->ours && !ladder->has_iss) {
		ladder->iss = entry->segment.seq;
		ladder->has_iss = true;
	} else if (!entry->ours && !ladder->has_irs) {
		ladder->irs = entry->segment.seq;
		ladder->has_irs = true;
	}
}

/* Where the numbers of a segment lie; "" for those of which that is not known. */
static void relate(const struct ladder *ladder, const struct trace_entry *entry, struct rung *rung)
{
	const struct segment *segment = &entry->segment;
	bool ours = entry->ours;

	(ours ? relative_ours : relative_theirs)(ladder, segment->seq, rung->near[RUNG_SEQ]);
	if (segment->flags & FLAG_ACK)
		(ours ? relative_theirs : relative_ours)(ladder, segment->ack, rung->near[RUNG_ACK]);
	if (segment_has_option(segment, OPTION_TIMESTAMPS)) {
		relative_ts(ladder, ours, segment->tsval, rung->near[RUNG_TSVAL]);
		relative_ts(ladder, !ours, segment->tsecr, rung->near[RUNG_TSECR]);
	}
}

static void print_segment(const struct ladder *ladder, const struct trace_entry *entry, uint64_t begun_ns, const char *note)
{
	const struct segment *segment = &entry->segment;
	struct rung rung = {
		.time_us = (double)(int64_t)(entry->time_ns - begun_ns) / 1000,
		.ours = entry->ours,
		.strong = !strcmp(note, "stimulus") || !strcmp(note, "answer"),
		.flags = segment->flags,
		.window = segment->window,
	};

	relate(ladder, entry, &rung);
	report_rung_numbers(&rung, segment);
	snprintf(rung.note, sizeof(rung.note), "%s", note);
	if (segment->payload_size)
		snprintf(rung.note, sizeof(rung.note), "%s%s%u bytes", note, *note ? " " : "", segment->payload_size);
	report_rung_print(ladder->out, ladder->color, &rung);
}

/* What was heard and is no segment has no numbers to show; words then, from the left. */
static void print_notice(const struct ladder *ladder, const struct trace_entry *entry, uint64_t begun_ns)
{
	char text[NOTICE_TEXT_SIZE];
	int column = fprintf(ladder->out, "%9.1f <-- ", (double)(int64_t)(entry->time_ns - begun_ns) / 1000);

	notice_text(&entry->notice, text, sizeof(text));
	text_wrap(ladder->out, text, column > 0 ? (size_t)column : 0, column > 0 ? (size_t)column : 0);
}

static void print_segments(struct ladder *ladder)
{
	const struct trace *trace = ladder->record->trace;
	const struct record *record = ladder->record;
	const char *note;
	size_t i;

	if (!trace || !trace->count)
		return;
	report_rung_head(ladder->out, ladder->color);
	for (i = 0; i < trace->count; i++) {
		const struct trace_entry *entry = &trace->entries[i];

		if (entry->unsound) {
			print_notice(ladder, entry, trace->entries[0].time_ns);
			continue;
		}
		learn(ladder, entry);
		if (record->has_sent && !ladder->stimulated && entry->ours && entry->time_ns >= record->sent_ns &&
		    same_on_wire(&entry->segment, &record->sent)) {
			ladder->stimulated = true;
			note = entry->note ? entry->note : "stimulus";
		} else {
			note = note_of(ladder, trace, i);
		}
		print_segment(ladder, entry, trace->entries[0].time_ns, note);
	}
	if (trace->lost)
		fprintf(ladder->out, "  and %zu more\n", trace->lost);
	fputc('\n', ladder->out);
}

static void print_label(const struct ladder *ladder, const char *label)
{
	fprintf(ladder->out, "%s%-*s%s", report_hue_on(ladder->color, HUE_STRONG), LABEL_WIDTH, label,
		report_hue_off(ladder->color, HUE_STRONG));
}

static void print_answer(const struct ladder *ladder)
{
	const struct record *record = ladder->record;
	const struct peer_heard *answer = record_answer(record);
	char text[ANSWER_TEXT_SIZE], option[OPTION_TEXT_SIZE], line[512];
	size_t length, i;

	if (!record->observed)
		return;
	print_label(ladder, "answer:");
	length = (size_t)snprintf(line, sizeof(line), "%s", report_answer_text(record->answer, record->isn, text));
	if (answer) {
		length += (size_t)snprintf(line + length, sizeof(line) - length, ", after %.1f us, window %u",
					   (double)(int64_t)(answer->time_ns - record->sent_ns) / 1000,
					   answer->segment.window);
		for (i = 0; i < answer->segment.option_count && length < 400; i++)
			length += (size_t)snprintf(line + length, sizeof(line) - length, "%s%s", i ? ", " : ", options ",
						   report_option_text(&answer->segment, i, option));
	}
	text_wrap(ladder->out, line, LABEL_WIDTH, LABEL_WIDTH);
	if (!record->has_follow_up)
		return;
	print_label(ladder, "follow-up:");
	fprintf(ladder->out, "%s: %s\n", report_follow_up_name(record, line, sizeof(line)),
		record->follow_up_conclusive ? report_answer_text(record->follow_up_answer, record->follow_up_isn,
								  text) :
		"not known");
}

static void print_states(const struct ladder *ladder)
{
	const char *before = state_name(ladder->record->before), *after = state_name(ladder->record->after);

	if (!before && !after)
		return;
	print_label(ladder, "subject:");
	fprintf(ladder->out, "%s before, %s after\n", before ? before : "not known", after ? after : "not known");
}

static const char *opinion_text(enum opinion opinion)
{
	static const char *const texts[] = {
		[OPINION_UNTESTED] = "untested", [OPINION_OPEN] = "", [OPINION_SAME] = "as seen",
		[OPINION_OTHERWISE] = "otherwise",
	};

	return texts[opinion];
}

/* "linux:      SYN-ACK continued (as seen). The reason. [citation]" */
static void print_expectations(const struct ladder *ladder)
{
	size_t book;

	for (book = 0; book < BOOK_COUNT; book++) {
		const struct expectation *expected = report_doubt_chosen(ladder->record, (enum book)book);
		const char *opinion = opinion_text(record_opinion(ladder->record, (enum book)book));
		enum hue hue = record_opinion(ladder->record, (enum book)book) == OPINION_OTHERWISE ? HUE_OTHERWISE :
			       HUE_PLAIN;
		char label[32], answer[ANSWER_TEXT_SIZE], line[1200];

		snprintf(label, sizeof(label), "%s:", oracle_book_name((enum book)book));
		print_label(ladder, label);
		snprintf(line, sizeof(line), "%s%s%s%s%s%s.%s%s%s%s%s", expected->answer == ANSWER_OPEN ? "nothing said" :
			 report_answer_text(expected->answer, expected->isn, answer), *opinion ? " (" : "",
			 report_hue_on(ladder->color && *opinion, hue), opinion, report_hue_off(ladder->color &&
												*opinion, hue),
			 *opinion ? ")" : "", expected->reason ? " " : "", expected->reason ? expected->reason : "",
			 expected->citation ? " [" : "", expected->citation ? expected->citation : "",
			 expected->citation ? "]" : "");
		text_wrap(ladder->out, line, LABEL_WIDTH, LABEL_WIDTH);
		for (size_t i = 0; i < report_doubt_count(ladder->record, (enum book)book); i++) {
			print_label(ladder, "");
			text_wrap(ladder->out, report_doubt_line(ladder->record, (enum book)book, i, line), LABEL_WIDTH,
				  LABEL_WIDTH + 2);
		}
	}
}

/* "The kernel answers SYN-ACK continued, as linux expects; folk expects ACK." */
static void sentence(const struct ladder *ladder, const struct run_facts *facts, char *line, size_t size)
{
	const struct record *record = ladder->record;
	enum book decides = oracle_book_parse(facts->expect);
	char text[ANSWER_TEXT_SIZE];
	size_t length, book;

	if (record_observation(record).own_words)
		length = (size_t)snprintf(line, size, "The server's process speaks at once, and the kernel's ACK rides along");
	else
		length = (size_t)snprintf(line, size, "The kernel answers %s", report_outcome_text(record, text));
	if (decides != BOOK_COUNT && record_opinion(record, decides) == OPINION_SAME)
		length += (size_t)snprintf(line + length, size - length, ", as %s expects", facts->expect);
	else if (decides != BOOK_COUNT)
		length += (size_t)snprintf(line + length, size - length, ", and %s leaves the cell open", facts->expect);
	for (book = 0; book < BOOK_COUNT; book++) {
		char otherwise[OTHERWISE_SIZE];

		if (book != decides && *report_otherwise_text(record, (enum book)book, otherwise))
			length += (size_t)snprintf(line + length, size - length, "; %s expects %s",
						   oracle_book_name((enum book)book), otherwise);
	}
	snprintf(line + length, size - length, ".");
}

static void print_verdict(const struct ladder *ladder, const struct run_facts *facts)
{
	const struct record *record = ladder->record;
	char line[RECORD_REASON_SIZE + 64];
	size_t column = LABEL_WIDTH + strlen(verdict_name(record->verdict)) + 2;

	if (*record->reason)
		snprintf(line, sizeof(line), "%s", record->reason);
	else
		sentence(ladder, facts, line, sizeof(line));
	print_label(ladder, "verdict:");
	fprintf(ladder->out, "%s%s%s: ", report_hue_on(ladder->color, report_verdict_hue(record->verdict)),
		verdict_name(record->verdict),
		report_hue_off(ladder->color, report_verdict_hue(record->verdict)));
	text_wrap(ladder->out, line, column, LABEL_WIDTH);
}

void report_ladder(FILE *out, bool color, const struct run_facts *facts, const struct record *record)
{
	struct ladder ladder = { .out = out, .color = color, .record = record };
	char name[CELL_NAME_SIZE], source[ENDPOINT_TEXT_SIZE], target[ENDPOINT_TEXT_SIZE];

	fprintf(out, "%s%s%s", report_hue_on(color, HUE_STRONG), cell_name(&record->cell, name, sizeof(name)),
		report_hue_off(color, HUE_STRONG));
	if (facts->kernel)
		fprintf(out, ", kernel %s", facts->kernel);
	fputc('\n', out);
	if (record->tuple.target.address.family)
		fprintf(out, "peer %s --> subject %s\n", endpoint_format(&record->tuple.source, source, sizeof(source)),
			endpoint_format(&record->tuple.target, target, sizeof(target)));
	fputc('\n', out);
	print_segments(&ladder);
	print_answer(&ladder);
	print_states(&ladder);
	if (oracle_book_parse(facts->expect) != BOOK_COUNT)
		print_expectations(&ladder);
	print_verdict(&ladder, facts);
}
