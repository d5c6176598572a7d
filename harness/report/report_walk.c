/* report_walk.c - which segment of a trace is the stimulus, which its answer, and what the others are. */
#include "harness/report/report_walk.h"

#include <stdio.h>
#include <string.h>

#include "harness/report/report_ends.h"

enum { TIME_SIZE = 32 };

/* What the numbers of one side count from. */
static struct segment_base side(const struct report_walk *walk, bool ours)
{
	const struct baseline *baseline = &walk->record->baseline;

	/* Nothing was exchanged yet: what the offsets count from are the first numbers. */
	if (walk->record->has_baseline && baseline->syn_sent)
		return ours ? (struct segment_base){ "iss", baseline->rcv_nxt } :
		       (struct segment_base){ "irs", baseline->snd_nxt - 1 };
	if (walk->stimulated && walk->record->has_baseline)
		return ours ? (struct segment_base){ "rcv_nxt", baseline->rcv_nxt } :
		       (struct segment_base){ "snd_nxt", baseline->snd_nxt };
	if (ours ? walk->has_iss : walk->has_irs)
		return ours ? (struct segment_base){ "iss", walk->iss } : (struct segment_base){ "irs", walk->irs };
	return (struct segment_base){ 0 };
}

/* Of our clock ts_recent is a value, of the subject's ts_echo. The value 0 is not a time (RFC 7323 3.2). */
static struct segment_base clock_of(const struct report_walk *walk, bool ours, uint32_t value)
{
	const struct baseline *baseline = &walk->record->baseline;

	if (!walk->record->has_baseline || !baseline->timestamps || !value)
		return (struct segment_base){ 0 };
	return ours ? (struct segment_base){ "ts_recent", baseline->ts_recent } :
	       (struct segment_base){ "ts_echo", baseline->ts_echo };
}

struct segment_bases report_walk_bases(const struct report_walk *walk, const struct segment *segment, bool ours)
{
	return (struct segment_bases){
		side(walk, ours), side(walk, !ours),
		clock_of(walk, ours, segment->tsval), clock_of(walk, !ours, segment->tsecr),
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
static const char *note_of_theirs(struct report_walk *walk, const struct trace *trace, size_t index)
{
	const struct record *record = walk->record;
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
	if (walk->followed && !walk->follow_up_answered && record->follow_up_conclusive) {
		walk->follow_up_answered = true;
		return "answer to it";
	}
	return "";
}

/* The words at a segment, and the walk moves on past it. */
static const char *note_of(struct report_walk *walk, const struct trace *trace, size_t index)
{
	const struct trace_entry *entry = &trace->entries[index];
	const struct record *record = walk->record;
	bool before = !walk->stimulated;

	if (entry->note)
		return entry->note;
	if (record->has_first && entry->ours && before && segment_alike(&entry->segment, &record->sent))
		return "first stimulus";
	if (record->has_first && !entry->ours && record->first.time_ns && entry->time_ns == record->first.time_ns)
		return "its answer";
	if (before)
		return seen_before(trace, index) ? entry->ours ? "sent again" : "retransmission" : "";
	if (!entry->ours)
		return note_of_theirs(walk, trace, index);
	if (record->has_follow_up && !walk->followed && segment_alike(&entry->segment, &record->follow_up)) {
		walk->followed = true;
		return "follow-up";
	}
	return entry->segment.flags & FLAG_RST ? "tear-down" : "";
}

static void learn(struct report_walk *walk, const struct trace_entry *entry)
{
	if (!(entry->segment.flags & FLAG_SYN) || walk->stimulated)
		return;
	if (entry->ours && !walk->has_iss) {
		walk->iss = entry->segment.seq;
		walk->has_iss = true;
	} else if (!entry->ours && !walk->has_irs) {
		walk->irs = entry->segment.seq;
		walk->has_irs = true;
	}
}

void report_walk_begin(struct report_walk *walk, const struct record *record)
{
	*walk = (struct report_walk){ .record = record };
}

static const char *note_at(struct report_walk *walk, const struct trace_entry *entry)
{
	const struct record *record = walk->record;

	if (entry->unsound)
		return "";
	learn(walk, entry);
	if (!record->has_sent || walk->stimulated || !entry->ours || entry->time_ns < record->sent_ns ||
	    !segment_alike(&entry->segment, &record->sent))
		return note_of(walk, record->trace, walk->at);
	walk->stimulated = true;
	return entry->note ? entry->note : "stimulus";
}

bool report_walk_next(struct report_walk *walk, struct walk_step *step)
{
	const struct trace *trace = walk->record->trace;

	if (!trace || walk->at == trace->count)
		return false;
	step->entry = &trace->entries[walk->at];
	step->time_us = (double)(int64_t)(step->entry->time_ns - trace->entries[0].time_ns) / 1000;
	step->note = note_at(walk, step->entry);
	step->strong = !strcmp(step->note, "stimulus") || !strcmp(step->note, "answer");
	step->bases = report_walk_bases(walk, &step->entry->segment, step->entry->ours);
	walk->at++;
	return true;
}

const char *report_walk_words(const struct walk_step *step, char *buffer, size_t size)
{
	const struct trace_entry *entry = step->entry;
	size_t used;

	buffer[0] = '\0';
	if (entry->unsound)
		return notice_text(&entry->notice, buffer, size);
	if (!entry->segment.icmp_error)
		return buffer;
	segment_text_print(&entry->segment, &step->bases, 0, buffer, size);
	used = strlen(buffer);
	snprintf(buffer + used, size - used, "%s%s", *step->note ? ", the " : "", step->note);
	return buffer;
}

/* What is known of the subject's state after this step. */
static const char *state_after(const struct report_walk *walk)
{
	struct report_walk ahead = *walk;
	struct walk_step next;
	const char *state = NULL;

	if (!report_walk_next(&ahead, &next))
		state = state_name(walk->record->after);
	else if (!strcmp(next.note, "stimulus"))
		state = state_name(walk->record->before);
	return state ? state : "";
}

void report_walk_rungs(struct report_walk *walk, const struct report_walk_sink *sink)
{
	const struct trace *trace = walk->record->trace;
	char time[TIME_SIZE], text[SEGMENT_TEXT_SIZE], words[SEGMENT_TEXT_SIZE + 8];
	struct walk_step step;

	while (report_walk_next(walk, &step)) {
		const struct trace_entry *entry = step.entry;

		snprintf(time, sizeof(time), step.time_us < 1000 ? "%.1f" : "%.0f", step.time_us);
		if (*report_walk_words(&step, text, sizeof(text))) {
			snprintf(words, sizeof(words), "%s %s", entry->unsound ? "<--" : "-->", text);
			sink->remark(sink->context, time, words);
			continue;
		}
		segment_text_print(&entry->segment, &step.bases, SEGMENT_TEXT_BRIEF, text, sizeof(text));
		sink->rung(sink->context, &(struct ends_rung){
			.time = time, .from_left = entry->ours, .left = "", .right = state_after(walk), .numbers = text,
			.note = step.note, .hue = step.strong ? HUE_STRONG : HUE_PLAIN });
	}
	if (trace && trace->lost) {
		snprintf(text, sizeof(text), "and %zu more", trace->lost);
		sink->remark(sink->context, "", text);
	}
}
