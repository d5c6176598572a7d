/* report_diagnosis_capture.c - the words on the frames: one comment on what met an end, one on what answers it. */
#include "harness/report/report_diagnosis_capture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cases/quantity.h"
#include "crafter/plain.h"
#include "crafter/textbuf.h"
#include "harness/report/report_diagnosis_internal.h"
#include "harness/report/report_internal.h"
#include "harness/report/text.h"
#include "listener/held_frames.h"

/* What an earlier run said of the same frames is not said twice. */
#define COMMENT_BEGINS "twprobe: "

enum { INDENT = 2, PATH_SIZE = 512, PLURAL_SIZE = 48 };
enum { COMMENT_SIZE = 4096, FRAME_SIZE = 256, SYSTEM_SIZE = 160, APPLICATION_SIZE = 64 };

struct report_diagnosis_capture {
	const struct report_diagnosis_facts *facts;
	struct capture_write *writer;
	struct held_frames *frames;
	char application[APPLICATION_SIZE], system[SYSTEM_SIZE];
	struct report_diagnosis_written written;
	struct error failed; /* the first error; "": none */
};

static int open_all(struct report_diagnosis_capture *capture, int descriptor, const char *name, struct error *error)
{
	struct utsname uts;

	snprintf(capture->application, sizeof(capture->application), "twprobe %s", capture->facts->tool_version);
	if (uname(&uts) == 0)
		snprintf(capture->system, sizeof(capture->system), "%.64s %.64s", uts.sysname, uts.release);
	capture->writer = capture_write_open(&(struct capture_write_options){
		.descriptor = descriptor,
		.name = name,
		.application = capture->application,
		.system = capture->system,
		.replaces = COMMENT_BEGINS,
	}, error);
	if (!capture->writer)
		return -1;
	capture->frames = held_frames_open(capture->writer, capture->facts->live ? HELD_FRAMES_LIVE_BYTES : HELD_FRAMES_BYTES);
	return capture->frames ? 0 : fail(error, "out of memory for frames");
}

struct report_diagnosis_capture *report_diagnosis_capture_open(const struct report_diagnosis_facts *facts, int descriptor,
							       const char *name, struct error *error)
{
	struct report_diagnosis_capture *capture = calloc(1, sizeof(*capture));

	if (!capture) {
		fail(error, "out of memory for frames");
		return NULL;
	}
	capture->facts = facts;
	capture->written.name = name;
	if (open_all(capture, descriptor, name, error) == 0)
		return capture;
	report_diagnosis_capture_close(capture);
	return NULL;
}

void report_diagnosis_capture_frame(struct report_diagnosis_capture *capture, const struct capture_frame *frame,
				    uint64_t settled)
{
	if (!capture->failed.text[0] && held_frames_take(capture->frames, frame, settled, &capture->failed) == 0)
		capture->written.frames++;
}

int report_diagnosis_capture_settle(struct report_diagnosis_capture *capture, uint64_t settled, struct error *error)
{
	if (!capture->failed.text[0] && held_frames_settle(capture->frames, settled, &capture->failed) == 0)
		return 0;
	return fail(error, "%s", capture->failed.text);
}

/* "frame 7"; "frame 3 (7 of capture.pcap)" where a filter left frames out. */
static const char *frame_text(const struct report_diagnosis_capture *capture, uint64_t number, char text[static FRAME_SIZE])
{
	uint64_t there = held_frames_number(capture->frames, number);
	char path[FRAME_SIZE / 2];

	if (there == number)
		snprintf(text, FRAME_SIZE, "frame %" PRIu64, number);
	else if (there)
		snprintf(text, FRAME_SIZE, "frame %" PRIu64 " (%" PRIu64 " of %s)", there, number,
			 plain_show(capture->facts->path, path, sizeof(path)));
	else
		snprintf(text, FRAME_SIZE, "frame %" PRIu64 " of %s", number,
			 plain_show(capture->facts->path, path, sizeof(path)));
	return text;
}

static void add_verdict(struct textbuf *out, const struct report_diagnosis_capture *capture, const struct judgement *judgement)
{
	enum book book = capture->facts->decides;

	if (!judgement->certain)
		textbuf_add(out, "not certain: %s", judgement->missing);
	else if (judgement_is_open(judgement, book))
		textbuf_add(out, "the %s book leaves it open", oracle_book_name(book));
	else if (judgement->verdict == VERDICT_DIFFERS)
		textbuf_add(out, "not as the %s book expects: %s", oracle_book_name(book), judgement->why);
	else
		textbuf_add(out, "as the %s book expects", oracle_book_name(book));
}

static void add_again(struct textbuf *out, const struct encounter *encounter)
{
	struct reproduction reproduction;
	char command[CELL_NAME_SIZE + 16];

	reproduction_make(encounter, &reproduction);
	if (report_diagnosis_command(&reproduction, command, sizeof(command)))
		textbuf_add(out, "\nask again: %s%s%s", command, reproduction.lacks[0] ? "\nwithout its " : "",
			    reproduction.lacks);
}

static const char *answer_text(const struct encounter *encounter, char text[static ANSWER_TEXT_SIZE])
{
	return report_answer_text(encounter_answer(encounter), encounter_isn(encounter), text);
}

/* On the segment itself. */
static void write_met(const struct report_diagnosis_capture *capture, const struct diagnosed *diagnosed, char *text,
		      size_t size)
{
	const struct encounter *encounter = diagnosed->encounter;
	char frame[FRAME_SIZE], subject[ENDPOINT_TEXT_SIZE], answer[ANSWER_TEXT_SIZE], time[QUANTITY_TEXT_SIZE];
	struct textbuf out;

	textbuf_init(&out, text, size);
	textbuf_add(&out, COMMENT_BEGINS "%s (%s)\n%s", diagnosed->cause->title, diagnosed->cause->name,
		    endpoint_format(&diagnosed->tuple->target, subject, sizeof(subject)));
	if (encounter->subject.state != STATE_UNKNOWN)
		textbuf_add(&out, " is in %s", state_name(encounter->subject.state));
	report_diagnosis_add_expected(&out, "\n", diagnosed->judgement);
	if (encounter->answered)
		textbuf_add(&out, "\nanswered by %s after %s: %s\n", frame_text(capture, encounter->answer_frame, frame),
			    quantity_format(UNIT_TIME, (double)(encounter->answer_ns - encounter->time_ns), time, sizeof(time)),
			    answer_text(encounter, answer));
	else
		textbuf_add(&out, "\nno answer\n");
	add_verdict(&out, capture, diagnosed->judgement);
	if (encounter->delay_known && encounter->delay_frame != encounter->answer_frame)
		textbuf_add(&out, "\ndelay: %s, until %s",
			    quantity_format(UNIT_TIME, (double)encounter->delay_ns, time, sizeof(time)),
			    frame_text(capture, encounter->delay_frame, frame));
	if (diagnosed->details[0])
		textbuf_add(&out, "\n%s", diagnosed->details);
	add_again(&out, encounter);
}

static void write_answer(const struct report_diagnosis_capture *capture, const struct diagnosed *diagnosed, char *text,
			 size_t size)
{
	char frame[FRAME_SIZE];
	struct textbuf out;

	textbuf_init(&out, text, size);
	textbuf_add(&out, COMMENT_BEGINS "answers %s, %s (%s)\n", frame_text(capture, diagnosed->encounter->frame, frame),
		    diagnosed->cause->title, diagnosed->cause->name);
	add_verdict(&out, capture, diagnosed->judgement);
}

void report_diagnosis_capture_take(struct report_diagnosis_capture *capture, const struct diagnosed *diagnosed)
{
	const struct encounter *encounter = diagnosed->encounter;
	char text[COMMENT_SIZE];

	if (capture->failed.text[0])
		return;
	write_met(capture, diagnosed, text, sizeof(text));
	if (!held_frames_comment(capture->frames, encounter->frame, text)) {
		capture->written.without++;
		return;
	}
	capture->written.commented++;
	if (!encounter->answered)
		return;
	write_answer(capture, diagnosed, text, sizeof(text));
	held_frames_comment(capture->frames, encounter->answer_frame, text);
}

void report_diagnosis_capture_finish(struct report_diagnosis_capture *capture, struct report_diagnosis_written *written)
{
	if (!capture->failed.text[0])
		held_frames_finish(capture->frames, &capture->failed);
	capture->written.failed = capture->failed.text[0] ? capture->failed.text : NULL;
	*written = capture->written;
}

void report_diagnosis_written(const struct report_diagnosis_facts *facts)
{
	const struct report_diagnosis_written *written = facts->written;
	char name[PATH_SIZE], frames[PLURAL_SIZE], encounters[PLURAL_SIZE];

	if (!written || !written->name)
		return;
	plain_show(written->name, name, sizeof(name));
	if (written->failed)
		report_diagnosis_fact(facts->out, INDENT, "%s is not whole: %s", name, written->failed);
	else
		report_diagnosis_fact(facts->out, INDENT, "%s: %s, %s in comments", name,
				      text_plural(written->frames, "frame", frames, sizeof(frames)),
				      text_plural(written->commented, "encounter", encounters, sizeof(encounters)));
	if (written->without)
		report_diagnosis_fact(facts->out, INDENT, "%s without a comment there: too many frames came before they were "
				      "over", text_plural(written->without, "encounter", encounters, sizeof(encounters)));
}

void report_diagnosis_capture_close(struct report_diagnosis_capture *capture)
{
	if (!capture)
		return;
	held_frames_close(capture->frames);
	capture_write_close(capture->writer);
	free(capture);
}
