/* report_capture.c - finds the frames that a record tells of, and says on them what it tells. */
#include "harness/report/report_capture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/textbuf.h"
#include "crafter/tuple.h"
#include "harness/report/report_internal.h"
#include "listener/held_frames.h"

/* As of a diagnosis: what `twprobe diagnose -w` says of such a file replaces it. */
#define COMMENT_BEGINS "twprobe: "

enum { COMMENT_SIZE = 2048, LABEL_SIZE = 96, LEAST_ROOM = 1024 };

static const uint64_t BASIS = 0xcbf29ce484222325; /* of FNV-1a */

/* What a segment is known by, and its frame; 0: none. */
struct mark {
	uint64_t key, number;
};

struct report_capture {
	struct report_capture_facts facts;
	struct capture_write *writer;
	struct held_frames *frames;
	struct mark *marks;         /* of the frames that are held, by the key; what was written goes when there is no room */
	size_t room, mark_count;    /* a power of two, at least twice as many as there are */
	uint64_t number;            /* of the last frame */
	size_t without;
	char application[LABEL_SIZE], system[LABEL_SIZE];
	struct error failed;        /* the first error; "": none */
};

static uint64_t mix(uint64_t key, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < size; i++)
		key = (key ^ at[i]) * 0x100000001b3; /* FNV-1a */
	return key;
}

/* When it passed. An ICMP error is about a segment of the other direction. */
static uint64_t key_of_time(const struct tuple *tuple, uint64_t time_ns)
{
	uint32_t ports = (uint32_t)tuple->source.port + tuple->target.port;

	return mix(mix(BASIS, &time_ns, sizeof(time_ns)), &ports, sizeof(ports));
}

/* Sequence numbers of a connection begin by chance: what has the same ones is the same segment, sent again. */
static uint64_t key_of(const struct segment *segment)
{
	uint32_t tuple = tuple_hash(&segment->tuple);
	uint64_t key = mix(BASIS, &tuple, sizeof(tuple));

	key = mix(key, &segment->seq, sizeof(segment->seq));
	key = mix(key, &segment->ack, sizeof(segment->ack));
	key = mix(key, &segment->flags, sizeof(segment->flags));
	return mix(key, &segment->payload_size, sizeof(segment->payload_size));
}

/* The same, and which of two challenge ACKs. The options of a malformed segment cannot be read. */
static uint64_t key_with_stamp(uint64_t key, const struct segment *segment)
{
	return segment_has_option(segment, OPTION_TIMESTAMPS) ? mix(key, &segment->tsval, sizeof(segment->tsval)) : key;
}

/* Of a frame behind a router: a NAT gives it other addresses, and most often leaves its numbers. */
static uint64_t key_behind(const struct segment *segment)
{
	uint64_t key = mix(~BASIS, &segment->seq, sizeof(segment->seq));

	key = mix(key, &segment->ack, sizeof(segment->ack));
	key = mix(key, &segment->flags, sizeof(segment->flags));
	return mix(key, &segment->payload_size, sizeof(segment->payload_size));
}

static struct mark *place(struct mark *marks, size_t room, uint64_t key)
{
	size_t at = (key ^ key >> 32) & (room - 1);

	while (marks[at].number && marks[at].key != key)
		at = (at + 1) & (room - 1);
	return &marks[at];
}

static int make_room(struct report_capture *capture)
{
	struct mark *old = capture->marks;
	size_t held = 0, room;

	for (size_t i = 0; i < capture->room; i++)
		if (old[i].number && !held_frames_number(capture->frames, old[i].number))
			old[i].number = 0;
		else
			held += old[i].number != 0;
	for (room = LEAST_ROOM; room < held * 4; room *= 2)
		;
	capture->marks = calloc(room, sizeof(*capture->marks));
	if (!capture->marks) {
		capture->marks = old;
		return fail(&capture->failed, "out of memory for what is known of frames");
	}
	for (size_t i = 0; i < capture->room; i++)
		if (old[i].number)
			*place(capture->marks, room, old[i].key) = old[i];
	free(old);
	capture->room = room;
	capture->mark_count = held;
	return 0;
}

/* The first of those that are the same. */
static void remember(struct report_capture *capture, uint64_t key)
{
	struct mark *mark;

	if (capture->mark_count * 2 >= capture->room && make_room(capture) < 0)
		return;
	mark = place(capture->marks, capture->room, key);
	if (mark->number)
		return;
	*mark = (struct mark){ key, capture->number };
	capture->mark_count++;
}

static uint64_t recall(const struct report_capture *capture, uint64_t key)
{
	return capture->room ? place(capture->marks, capture->room, key)->number : 0;
}

/* time_ns: 0: not known. */
static uint64_t frame_of(const struct report_capture *capture, const struct segment *segment, uint64_t time_ns)
{
	uint64_t number = time_ns ? recall(capture, key_of_time(&segment->tuple, time_ns)) : 0, key;

	if (number || segment->icmp_error)
		return number;
	key = key_of(segment);
	number = recall(capture, key_with_stamp(key, segment));
	return number ? number : recall(capture, key);
}

static int open_all(struct report_capture *capture, int descriptor, struct error *error)
{
	const struct report_capture_facts *facts = &capture->facts;

	snprintf(capture->application, sizeof(capture->application), "twprobe %s", facts->tool_version);
	if (facts->kernel)
		snprintf(capture->system, sizeof(capture->system), "Linux %.80s", facts->kernel);
	capture->writer = capture_write_open(&(struct capture_write_options){
		.descriptor = descriptor,
		.name = facts->name,
		.application = capture->application,
		.system = capture->system,
	}, error);
	if (!capture->writer)
		return -1;
	capture->frames = held_frames_open(capture->writer, HELD_FRAMES_BYTES);
	return capture->frames ? 0 : fail(error, "out of memory for frames");
}

struct report_capture *report_capture_open(const struct report_capture_facts *facts, int descriptor, struct error *error)
{
	struct report_capture *capture = calloc(1, sizeof(*capture));

	if (!capture) {
		fail(error, "out of memory for frames");
		return NULL;
	}
	capture->facts = *facts;
	if (open_all(capture, descriptor, error) == 0)
		return capture;
	report_capture_close(capture);
	return NULL;
}

/* Both sides are numbered together. */
static bool take(struct report_capture *capture, const struct capture_frame *frame, uint32_t interface, const char *name)
{
	struct capture_frame ours = *frame;

	ours.number = ++capture->number;
	ours.interface = interface;
	if (name)
		ours.interface_name = name;
	return !capture->failed.text[0] && held_frames_take(capture->frames, &ours, 0, &capture->failed) == 0;
}

void report_capture_far_frame(struct report_capture *capture, const struct capture_frame *frame, const struct segment *segment,
			      bool has_numbers)
{
	if (take(capture, frame, 1, capture->facts.far) && has_numbers)
		remember(capture, key_behind(segment));
}

void report_capture_frame(struct report_capture *capture, const struct capture_frame *frame, const struct segment *segment,
			  bool has_numbers, uint64_t time_ns)
{
	uint64_t key;

	if (!take(capture, frame, 0, capture->facts.near))
		return;
	remember(capture, key_of_time(&segment->tuple, time_ns));
	if (!has_numbers)
		return;
	key = key_of(segment);
	remember(capture, key_with_stamp(key, segment));
	remember(capture, key);
}

static uint64_t comment(struct report_capture *capture, const struct segment *segment, uint64_t time_ns, const char *text)
{
	uint64_t number = frame_of(capture, segment, time_ns);

	if (!number || !held_frames_comment(capture->frames, number, text)) {
		capture->without++;
		return 0;
	}
	return number;
}

static void add_rule(struct textbuf *out, const struct report_capture *capture, const struct record *record)
{
	enum book book = capture->facts.expect;
	const struct expectation *expected;
	char answer[ANSWER_TEXT_SIZE];

	textbuf_add(out, "\nverdict: %s", verdict_name(record->verdict));
	if (record->reason[0])
		textbuf_add(out, ": %s", record->reason);
	if (book == BOOK_COUNT)
		return;
	expected = report_doubt_chosen(record, book);
	textbuf_add(out, "\nrule: %s: %s", oracle_book_name(book), expected->answer == ANSWER_OPEN ? "leaves it open" :
		    report_answer_text(expected->answer, expected->isn, answer));
	if (expected->citation)
		textbuf_add(out, " [%s]", expected->citation);
}

/* "twprobe: stimulus of CELL" and what came of it. */
static void write_stimulus(const struct report_capture *capture, const struct record *record, const char *name, char *text)
{
	char outcome[ANSWER_TEXT_SIZE], story[SIDES_TEXT_SIZE];
	struct textbuf out;

	textbuf_init(&out, text, COMMENT_SIZE);
	textbuf_add(&out, COMMENT_BEGINS "stimulus of %s", name);
	if (record->before != STATE_UNKNOWN)
		textbuf_add(&out, "\nthe subject is in %s", state_name(record->before));
	if (record->observed)
		textbuf_add(&out, "\nanswer: %s", report_outcome_text(record, outcome));
	if (record->side.routed)
		textbuf_add(&out, "\npath: %s", sides_story(&record->side, story, sizeof(story)));
	add_rule(&out, capture, record);
}

static void comment_behind(struct report_capture *capture, const struct segment *segment, const char *text)
{
	uint64_t number = recall(capture, key_behind(segment));

	if (number)
		held_frames_comment(capture->frames, number, text);
}

/* What passed behind the router. */
static void comment_sides(struct report_capture *capture, const struct record *record, const char *name)
{
	const struct side_view *side = &record->side;
	char text[COMMENT_SIZE], words[SIDES_TEXT_SIZE];

	if (side->stimulus == SIDE_FATE_REACHED) {
		snprintf(text, sizeof(text), COMMENT_BEGINS "stimulus of %s, behind the router%s%s", name,
			 side->stimulus_changes ? ", which changed: " : ", unchanged",
			 sides_changes_text(side->stimulus_changes, words, sizeof(words)));
		comment_behind(capture, &record->sent, text);
	}
	if (side->subject_answered) {
		sides_cause(side, words, sizeof(words));
		snprintf(text, sizeof(text), COMMENT_BEGINS "the subject's answer to the stimulus of %s%s%s", name,
			 *words ? "\n" : "", words);
		comment_behind(capture, &side->subject_answer, text);
	}
}

static void comment_answer(struct report_capture *capture, const struct segment *answer, uint64_t time_ns, const char *what,
			   const struct record *record, const char *name)
{
	char text[COMMENT_SIZE], words[ANSWER_TEXT_SIZE];
	bool follows = answer == &record->follow_up_reply;

	snprintf(text, sizeof(text), COMMENT_BEGINS "%s of %s: %s\nverdict: %s", what, name,
		 report_answer_text(follows ? record->follow_up_answer : record->answer,
				    follows ? record->follow_up_isn : record->isn, words), verdict_name(record->verdict));
	comment(capture, answer, time_ns, text);
}

static void comment_follow_up(struct report_capture *capture, const struct record *record, const char *name)
{
	char text[COMMENT_SIZE], cell[CELL_NAME_SIZE], words[ANSWER_TEXT_SIZE];
	bool answered = record->follow_up_conclusive && record->follow_up_answer != ANSWER_SILENCE &&
			record->follow_up_answer != ANSWER_OPEN;

	snprintf(text, sizeof(text), COMMENT_BEGINS "follow-up of %s: %s, which shows what the stimulus left\nanswer: %s", name,
		 report_follow_up_name(record, cell, sizeof(cell)), record->follow_up_conclusive ?
		 report_answer_text(record->follow_up_answer, record->follow_up_isn, words) : "not known");
	comment(capture, &record->follow_up, 0, text);
	if (answered)
		comment_answer(capture, &record->follow_up_reply, 0, "answer to the follow-up", record, name);
}

void report_capture_cell(struct report_capture *capture, const struct record *record)
{
	const struct peer_heard *answer;
	char text[COMMENT_SIZE], name[CELL_NAME_SIZE], what[LABEL_SIZE];
	uint64_t number;

	if (!capture || capture->failed.text[0] || !record->has_sent)
		return;
	cell_name(&record->cell, name, sizeof(name));
	write_stimulus(capture, record, name, text);
	number = comment(capture, &record->sent, record->sent_ns, text);
	snprintf(what, sizeof(what), number ? "answer to frame %" PRIu64 ", the stimulus" : "answer to the stimulus", number);
	answer = record->observed ? record_answer(record) : NULL;
	if (answer)
		comment_answer(capture, &answer->segment, answer->time_ns, what, record, name);
	if (record->has_follow_up)
		comment_follow_up(capture, record, name);
	comment_sides(capture, record, name);
}

static void comment_line(struct report_capture *capture, const struct scenario *scenario, const char *part,
			 const struct line *line)
{
	char text[COMMENT_SIZE];
	struct textbuf out;

	if (!line->text[0] && !line->client[0] && !line->server[0])
		return;
	textbuf_init(&out, text, sizeof(text));
	textbuf_add(&out, COMMENT_BEGINS "scenario %s%s%s", scenario->name, part[0] ? ", " : "", part);
	if (line->text[0])
		textbuf_add(&out, "\n%s", line->text);
	if (line->client[0])
		textbuf_add(&out, "\nthe %s is then in %s", line->calls ? "server" : "client", line->client);
	if (line->server[0])
		textbuf_add(&out, "\nthe %s is then in %s", line->calls ? "client" : "server", line->server);
	comment(capture, &line->segment, line->time_ns, text);
}

void report_capture_play(struct report_capture *capture, const struct scenario *scenario, const struct play *play)
{
	char text[COMMENT_SIZE], conclusion[COMMENT_SIZE / 2];
	const char *part = "";
	bool told = false;

	if (!capture || capture->failed.text[0])
		return;
	play_conclusion(scenario, play, conclusion, sizeof(conclusion));
	snprintf(text, sizeof(text), COMMENT_BEGINS "scenario %s\nverdict: %s\n%s%s", scenario->name,
		 verdict_name(play->verdict), play->reason, conclusion);
	for (size_t i = 0; i < play->line_count; i++) {
		const struct line *line = &play->lines[i];

		if (line->kind == LINE_PART)
			part = line->text;
		if (line->kind != LINE_SEGMENT)
			continue;
		if (!told)
			comment(capture, &line->segment, line->time_ns, text);
		told = true;
		comment_line(capture, scenario, part, line);
	}
	for (size_t i = 0; i < play->cell_count; i++)
		report_capture_cell(capture, &play->cells[i].record);
}

int report_capture_finish(struct report_capture *capture, size_t *without, struct error *error)
{
	*without = capture->without;
	if (!capture->failed.text[0] && held_frames_finish(capture->frames, &capture->failed) == 0)
		return 0;
	return fail(error, "%s", capture->failed.text);
}

void report_capture_close(struct report_capture *capture)
{
	if (!capture)
		return;
	held_frames_close(capture->frames);
	capture_write_close(capture->writer);
	free(capture->marks);
	free(capture);
}
