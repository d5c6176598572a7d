/* report_ladder.c - one cell for a person: what went over the wire, and what it means. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/segment_text.h"
#include "crafter/textbuf.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_rung.h"
#include "harness/report/report_walk.h"

enum { ANSWER_LINE_SIZE = SEGMENT_TEXT_SIZE + 128 };

struct ladder {
	FILE *out;
	bool color;
	const struct record *record;
	struct report_walk walk;
};

static void print_segment(const struct ladder *ladder, const struct walk_step *step)
{
	const struct segment *segment = &step->entry->segment;
	struct rung rung = {
		.time_us = step->time_us,
		.ours = step->entry->ours,
		.strong = step->strong,
		.flags = segment->flags,
		.window = segment->window,
	};

	report_rung_numbers(&rung, segment, &step->bases);
	snprintf(rung.note, sizeof(rung.note), "%s", step->note);
	if (segment->payload_size)
		snprintf(rung.note, sizeof(rung.note), "%s%s%u bytes", step->note, *step->note ? " " : "",
			 segment->payload_size);
	report_rung_print(ladder->out, ladder->color, &rung);
}

/* What is not a segment has no numbers to show: it is described in words, from the left. */
static void print_words(const struct ladder *ladder, const struct walk_step *step, const char *text)
{
	int column = fprintf(ladder->out, "%9.1f %s ", step->time_us, step->entry->unsound ? "<--" : "-->");

	text_wrap(ladder->out, text, column > 0 ? (size_t)column : 0, column > 0 ? (size_t)column : 0);
}

static void print_segments(struct ladder *ladder)
{
	const struct trace *trace = ladder->record->trace;
	char words[SEGMENT_TEXT_SIZE];
	struct walk_step step;

	if (!trace || !trace->count)
		return;
	report_rung_head(ladder->out, ladder->color);
	while (report_walk_next(&ladder->walk, &step)) {
		if (*report_walk_words(&step, words, sizeof(words)))
			print_words(ladder, &step, words);
		else
			print_segment(ladder, &step);
	}
	if (trace->lost)
		fprintf(ladder->out, "  and %zu more\n", trace->lost);
	fputc('\n', ladder->out);
}

/* "ACK, after 31.0 us: A snd_nxt ack rcv_nxt win 509 <nop,nop,TS val ts_echo+1200 ecr ts_recent>" */
static void answer_line(const struct ladder *ladder, const struct peer_heard *answer, char line[static ANSWER_LINE_SIZE])
{
	const struct record *record = ladder->record;
	const struct segment_bases bases = report_walk_bases(&ladder->walk, &answer->segment, false);
	char text[ANSWER_TEXT_SIZE];
	int length = snprintf(line, ANSWER_LINE_SIZE, "%s, after %.1f us: ",
			      report_answer_text(record->answer, record->isn, text),
			      (double)(int64_t)(answer->time_ns - record->sent_ns) / 1000);

	segment_text_print(&answer->segment, &bases, SEGMENT_TEXT_WINDOW | SEGMENT_TEXT_URGENT | SEGMENT_TEXT_OPTIONS,
			   line + length, ANSWER_LINE_SIZE - (size_t)length);
}

/* What the columns of the ladder cannot show of the stimulus, where the cell chooses it. */
static void print_stimulus(const struct ladder *ladder)
{
	const struct record *record = ladder->record;
	const struct stimulus *stimulus = &record->cell.stimulus;
	const struct segment_bases bases = report_walk_bases(&ladder->walk, &record->sent, true);
	char line[ANSWER_LINE_SIZE];

	if (!record->has_sent || !(stimulus->window.given || stimulus->urgent.given || stimulus->options.size ||
				   stimulus->bad_checksum))
		return;
	segment_text_print(&record->sent, &bases, SEGMENT_TEXT_WINDOW | SEGMENT_TEXT_URGENT | SEGMENT_TEXT_OPTIONS, line,
			   SEGMENT_TEXT_SIZE);
	if (stimulus->bad_checksum)
		strcat(line, " bad checksum");
	report_label(ladder->out, ladder->color, "stimulus:");
	text_wrap(ladder->out, line, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
}

static void print_answer(const struct ladder *ladder)
{
	const struct record *record = ladder->record;
	const struct peer_heard *answer = record_answer(record);
	char text[ANSWER_TEXT_SIZE], line[ANSWER_LINE_SIZE];

	if (!record->observed)
		return;
	if (record->has_first) {
		report_label(ladder->out, ladder->color, "first:");
		fprintf(ladder->out, "%s\n", record->first.time_ns ?
			report_answer_text(verdict_answer(&record->first.segment), ISN_NONE, text) : "silence");
	}
	report_label(ladder->out, ladder->color, "answer:");
	if (answer)
		answer_line(ladder, answer, line);
	else
		report_answer_text(record->answer, record->isn, line);
	text_wrap(ladder->out, line, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
	if (!record->has_follow_up)
		return;
	report_label(ladder->out, ladder->color, "follow-up:");
	fprintf(ladder->out, "%s: %s\n", report_follow_up_name(record, line, sizeof(line)),
		record->follow_up_conclusive ? report_answer_text(record->follow_up_answer, record->follow_up_isn,
								  text) :
		"not known");
}

static size_t add_fields(struct textbuf *out, const struct fields *fields, const struct segment *answer)
{
	size_t count = 0;

	for (enum field field = 0; field < FIELD_COUNT; field++)
		if (fields->said >> field & 1 && oracle_field_holds(fields, field, answer))
			textbuf_add(out, "%s%s", count++ ? ", " : "", oracle_field_name(field));
	return count;
}

/* "flags, seq, ack, options, tsecr, tsval, window as the linux book says". A wrong one is in the verdict. */
static void print_fields(const struct ladder *ladder)
{
	const struct record *record = ladder->record;
	const struct peer_heard *answer = record_answer(record);
	char line[2 * 10 * FIELD_COUNT + 80];
	struct textbuf out;
	size_t count = 0;

	textbuf_init(&out, line, sizeof(line));
	if (!record->observed)
		return;
	if (answer)
		count += add_fields(&out, &record->fields, &answer->segment);
	if (record->follow_up_fields.said) {
		textbuf_add(&out, "%sof the follow-up's answer: ", count ? "; " : "");
		count += add_fields(&out, &record->follow_up_fields, &record->follow_up_reply);
	}
	if (!count)
		return;
	textbuf_add(&out, " as the linux book says");
	report_label(ladder->out, ladder->color, "fields:");
	text_wrap(ladder->out, line, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
}

static void print_states(const struct ladder *ladder)
{
	const char *before = state_name(ladder->record->before), *after = state_name(ladder->record->after);
	char line[64];

	if (!before && !after)
		return;
	snprintf(line, sizeof(line), "%s before, %s after", before ? before : "not known", after ? after : "not known");
	report_label(ladder->out, ladder->color, "subject:");
	text_wrap(ladder->out, line, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
}

static void print_path(const struct ladder *ladder)
{
	char line[SIDES_TEXT_SIZE];

	if (!ladder->record->side.routed)
		return;
	report_label(ladder->out, ladder->color, "path:");
	text_wrap(ladder->out, sides_story(&ladder->record->side, line, sizeof(line)), REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
}

static void print_after(const struct ladder *ladder)
{
	char line[REPORT_AFTER_SIZE];

	if (!*report_after_text(ladder->record, line))
		return;
	report_label(ladder->out, ladder->color, "holds:");
	text_wrap(ladder->out, line, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
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

		if (!record_asked(ladder->record, (enum book)book))
			continue;
		snprintf(label, sizeof(label), "%s:", oracle_book_name((enum book)book));
		report_label(ladder->out, ladder->color, label);
		snprintf(line, sizeof(line), "%s%s%s%s%s%s.%s%s%s%s%s", expected->answer == ANSWER_OPEN ? "no prediction" :
			 report_answer_text(expected->answer, expected->isn, answer), *opinion ? " (" : "",
			 report_hue_on(ladder->color && *opinion, hue), opinion, report_hue_off(ladder->color &&
												*opinion, hue),
			 *opinion ? ")" : "", expected->reason ? " " : "", expected->reason ? expected->reason : "",
			 expected->citation ? " [" : "", expected->citation ? expected->citation : "",
			 expected->citation ? "]" : "");
		text_wrap(ladder->out, line, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
		for (size_t i = 0; i < report_doubt_count(ladder->record, (enum book)book); i++) {
			report_label(ladder->out, ladder->color, "");
			text_wrap(ladder->out, report_doubt_line(ladder->record, (enum book)book, i, line), REPORT_LABEL_WIDTH,
				  REPORT_LABEL_WIDTH + 2);
		}
	}
}

/* "The kernel answers SYN-ACK continued, as linux expects; folk expects ACK." */
static void sentence(const struct ladder *ladder, const struct run_facts *facts, char *line, size_t size)
{
	const struct record *record = ladder->record;
	enum book decides = oracle_book_parse(facts->expect);
	char text[ANSWER_TEXT_SIZE], otherwise[OTHERWISE_SIZE];
	struct textbuf out;

	textbuf_init(&out, line, size);
	if (record_observation(record).own_words)
		textbuf_add(&out, "The server's process sends data at once, and it carries the kernel's ACK");
	else
		textbuf_add(&out, "The kernel answers %s", report_outcome_text(record, text));
	if (decides != BOOK_COUNT && record_opinion(record, decides) == OPINION_SAME)
		textbuf_add(&out, ", as %s expects", facts->expect);
	else if (decides != BOOK_COUNT)
		textbuf_add(&out, ", and %s leaves the cell open", facts->expect);
	for (enum book book = 0; book < BOOK_COUNT; book++)
		if (book != decides && *report_otherwise_text(record, book, otherwise))
			textbuf_add(&out, "; %s expects %s", oracle_book_name(book), otherwise);
	textbuf_add(&out, ".");
}

static void print_verdict(const struct ladder *ladder, const struct run_facts *facts)
{
	const struct record *record = ladder->record;
	char line[RECORD_REASON_SIZE + 64];
	size_t column = REPORT_LABEL_WIDTH + strlen(verdict_name(record->verdict)) + 2;

	if (*record->reason)
		snprintf(line, sizeof(line), "%s", record->reason);
	else
		sentence(ladder, facts, line, sizeof(line));
	report_label(ladder->out, ladder->color, "verdict:");
	fprintf(ladder->out, "%s%s%s: ", report_hue_on(ladder->color, report_verdict_hue(record->verdict)),
		verdict_name(record->verdict),
		report_hue_off(ladder->color, report_verdict_hue(record->verdict)));
	text_wrap(ladder->out, line, column, REPORT_LABEL_WIDTH);
}

void report_ladder_words(FILE *out, bool color, const struct run_facts *facts, const struct report_walk *walk)
{
	struct ladder ladder = { .out = out, .color = color, .record = walk->record, .walk = *walk };

	print_stimulus(&ladder);
	print_answer(&ladder);
	print_fields(&ladder);
	print_states(&ladder);
	print_path(&ladder);
	print_after(&ladder);
	if (oracle_book_parse(facts->expect) != BOOK_COUNT)
		print_expectations(&ladder);
	print_verdict(&ladder, facts);
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
	if (record->pair.subject.address.family)
		fprintf(out, "peer %s --> subject %s\n", endpoint_format(&record->pair.crafted, source, sizeof(source)),
			endpoint_format(&record->pair.subject, target, sizeof(target)));
	fputc('\n', out);
	report_walk_begin(&ladder.walk, record);
	print_segments(&ladder);
	report_ladder_words(out, color, facts, &ladder.walk);
}
