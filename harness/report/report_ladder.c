/* report_ladder.c - one cell for a person: what went over the wire, and what it means. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/segment_text.h"
#include "crafter/textbuf.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_rung.h"

enum { ANSWER_LINE_SIZE = SEGMENT_TEXT_SIZE + 128 };

/* Where the reader is in the trace. */
struct ladder {
	FILE *out;
	bool color;
	const struct record *record;
	bool has_iss, has_irs;
	uint32_t iss, irs;
	bool stimulated, followed, follow_up_answered;
};

/* What the numbers of one side count from: ours from rcv_nxt, the subject's from snd_nxt; before the stimulus from the ISN. */
static struct segment_base side(const struct ladder *ladder, bool ours)
{
	const struct baseline *baseline = &ladder->record->baseline;

	/* Nothing was exchanged yet: what the offsets count from are the first numbers. */
	if (ladder->record->has_baseline && baseline->syn_sent)
		return ours ? (struct segment_base){ "iss", baseline->rcv_nxt } :
		       (struct segment_base){ "irs", baseline->snd_nxt - 1 };
	if (ladder->stimulated && ladder->record->has_baseline)
		return ours ? (struct segment_base){ "rcv_nxt", baseline->rcv_nxt } :
		       (struct segment_base){ "snd_nxt", baseline->snd_nxt };
	if (ours ? ladder->has_iss : ladder->has_irs)
		return ours ? (struct segment_base){ "iss", ladder->iss } : (struct segment_base){ "irs", ladder->irs };
	return (struct segment_base){ 0 };
}

/* Of our clock ts_recent is a value, of the subject's ts_echo. The value 0 is not a time (RFC 7323 3.2). */
static struct segment_base clock_of(const struct ladder *ladder, bool ours, uint32_t value)
{
	const struct baseline *baseline = &ladder->record->baseline;

	if (!ladder->record->has_baseline || !baseline->timestamps || !value)
		return (struct segment_base){ 0 };
	return ours ? (struct segment_base){ "ts_recent", baseline->ts_recent } :
	       (struct segment_base){ "ts_echo", baseline->ts_echo };
}

static struct segment_bases bases_of(const struct ladder *ladder, const struct segment *segment, bool ours)
{
	return (struct segment_bases){
		side(ladder, ours), side(ladder, !ours),
		clock_of(ladder, ours, segment->tsval), clock_of(ladder, !ours, segment->tsecr),
	};
}

static bool seen_before(const struct trace *trace, size_t index)
{
	const struct trace_entry *entry = &trace->entries[index];
	size_t i;

	if (!segment_length(&entry->segment))
		return false;
	for (i = 0; i < index; i++)
		if (trace->entries[i].ours == entry->ours && segment_alike(&trace->entries[i].segment, &entry->segment))
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

		if (heard->time_ns != entry->time_ns || !segment_alike(&heard->segment, &entry->segment))
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
	if (record->has_first && entry->ours && before && segment_alike(&entry->segment, &record->sent))
		return "first stimulus";
	if (record->has_first && !entry->ours && record->first.time_ns && entry->time_ns == record->first.time_ns)
		return "its answer";
	if (before)
		return seen_before(trace, index) ? entry->ours ? "sent again" : "retransmission" : "";
	if (!entry->ours)
		return note_of_theirs(ladder, trace, index);
	if (record->has_follow_up && !ladder->followed && segment_alike(&entry->segment, &record->follow_up)) {
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
	const struct segment_bases bases = bases_of(ladder, segment, entry->ours);

	report_rung_numbers(&rung, segment, &bases);
	snprintf(rung.note, sizeof(rung.note), "%s", note);
	if (segment->payload_size)
		snprintf(rung.note, sizeof(rung.note), "%s%s%u bytes", note, *note ? " " : "", segment->payload_size);
	report_rung_print(ladder->out, ladder->color, &rung);
}

/* What is not a segment has no numbers to show: it is described in words, from the left. */
static void print_words(const struct ladder *ladder, const struct trace_entry *entry, uint64_t begun_ns, const char *text)
{
	int column = fprintf(ladder->out, "%9.1f %s ", (double)(int64_t)(entry->time_ns - begun_ns) / 1000,
			     entry->unsound ? "<--" : "-->");

	text_wrap(ladder->out, text, column > 0 ? (size_t)column : 0, column > 0 ? (size_t)column : 0);
}

static void print_notice(const struct ladder *ladder, const struct trace_entry *entry, uint64_t begun_ns)
{
	char text[NOTICE_TEXT_SIZE];

	print_words(ladder, entry, begun_ns, notice_text(&entry->notice, text, sizeof(text)));
}

/* Nor has an ICMP error of ours, but for the one that it quotes. */
static void print_icmp(const struct ladder *ladder, const struct trace_entry *entry, uint64_t begun_ns, const char *note)
{
	const struct segment *segment = &entry->segment;
	const struct segment_bases bases = bases_of(ladder, segment, true);
	char text[SEGMENT_TEXT_SIZE];
	size_t used;

	segment_text_print(segment, &bases, 0, text, sizeof(text));
	used = strlen(text);
	snprintf(text + used, sizeof(text) - used, "%s%s", *note ? ", the " : "", note);
	print_words(ladder, entry, begun_ns, text);
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
		    segment_alike(&entry->segment, &record->sent)) {
			ladder->stimulated = true;
			note = entry->note ? entry->note : "stimulus";
		} else {
			note = note_of(ladder, trace, i);
		}
		(entry->segment.icmp_error ? print_icmp : print_segment)(ladder, entry, trace->entries[0].time_ns, note);
	}
	if (trace->lost)
		fprintf(ladder->out, "  and %zu more\n", trace->lost);
	fputc('\n', ladder->out);
}

/* "ACK, after 31.0 us: A snd_nxt ack rcv_nxt win 509 <nop,nop,TS val ts_echo+1200 ecr ts_recent>" */
static void answer_line(const struct ladder *ladder, const struct peer_heard *answer, char line[static ANSWER_LINE_SIZE])
{
	const struct record *record = ladder->record;
	const struct segment_bases bases = bases_of(ladder, &answer->segment, false);
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
	const struct segment_bases bases = bases_of(ladder, &record->sent, true);
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
	print_segments(&ladder);
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
