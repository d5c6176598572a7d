/* diagnosis_text.c - a capture as text from its first packet to its last, handed to a diagnosis. */
#include "harness/diagnose/diagnosis.h"

#include <stdio.h>

#include "listener/capture_text.h"

enum { PROGRESS_EVERY = 8192 };

static int take(struct diagnosis *diagnosis, const struct capture_text_frame *frame, struct diagnosis_counts *counts,
		struct error *error)
{
	const struct diagnosis_sighting where = {
		.frame = frame->number,
		.has_time = frame->has_time,
		.time_ns = frame->time_ns,
		.lacks = frame->lacks,
		.several_interfaces = frame->any_interface,
		.place = frame->place,
	};

	counts->unfilled += frame->unfilled;
	if (frame->kind == CAPTURE_TEXT_SEGMENT)
		return diagnosis_segment(diagnosis, &frame->segment, &where, error);
	counts->frames++;
	counts->icmp += frame->kind == CAPTURE_TEXT_ICMP;
	counts->unsound += frame->kind == CAPTURE_TEXT_UNSOUND;
	counts->other += frame->kind == CAPTURE_TEXT_OTHER;
	counts->unnumbered += frame->kind == CAPTURE_TEXT_UNPLACED;
	return 0;
}

/* Names that are new since the last call. */
static size_t tell_names(const struct capture_text *text, size_t told, diagnosis_name *named, void *context)
{
	struct address address;
	const char *name;

	while ((name = capture_text_name(text, told, &address))) {
		named(context, name, &address);
		told++;
	}
	return told;
}

static void note_faults(const struct capture_text *text, struct diagnosis_counts *counts)
{
	const char *first;

	counts->unread = capture_text_faults(text, &first);
	if (counts->unread && !counts->first_unread[0])
		snprintf(counts->first_unread, sizeof(counts->first_unread), "%s", first);
}

static int read_all(struct capture_text *text, struct diagnosis *diagnosis, const struct diagnosis_listener *listener,
		    diagnosis_name *named, struct diagnosis_counts *counts, struct error *error)
{
	struct capture_text_frame frame;
	size_t told = 0;
	int result;

	while ((result = capture_text_next(text, &frame, error)) > 0) {
		note_faults(text, counts);
		if (named)
			told = tell_names(text, told, named, listener->context);
		if (take(diagnosis, &frame, counts, error) < 0)
			return -1;
		if (listener->progress && frame.number % PROGRESS_EVERY == 0)
			listener->progress(listener->context, capture_text_consumed(text), capture_text_size(text));
	}
	note_faults(text, counts);
	return result;
}

int diagnosis_run_text(const char *path, const struct diagnosis_options *options, const struct diagnosis_listener *listener,
		       diagnosis_name *named, struct diagnosis_counts *counts, struct error *error)
{
	struct diagnosis *diagnosis = diagnosis_open(options, listener, counts, error);
	struct capture_text *text = diagnosis ? capture_text_open(path, error) : NULL;
	int result = -1;

	if (text) {
		result = read_all(text, diagnosis, listener, named, counts, error);
		diagnosis_finish(diagnosis);
	}
	capture_text_close(text);
	diagnosis_close(diagnosis);
	return result;
}
