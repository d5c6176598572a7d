/* report_capture.h - the frames of a run as a pcapng file, with what is to be said about them as comments: on the stimulus, on
 * what answered it, on the follow-up and its answer, on the lines of a scenario that have a note. Behind a router there is an
 * interface of its own, with comments on what came out of the stimulus, and on what the subject sent then. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_CAPTURE_H
#define TWPROBE_HARNESS_REPORT_REPORT_CAPTURE_H

#include "cases/scenario/scenario.h"
#include "harness/play/play.h"
#include "harness/run/record.h"
#include "listener/capture_file.h"

struct report_capture;

struct report_capture_facts {
	const char *name;         /* of the file, for errors */
	const char *tool_version;
	const char *kernel;       /* of the subject; NULL: not known */
	enum book expect;         /* the rule book that decides; BOOK_COUNT: none */
	const char *near, *far;   /* what the interfaces before and behind a router are called; NULL: as the frames say */
};

/* Empties the file. The descriptor stays the caller's; the facts' strings must live as long. NULL with an error. */
struct report_capture *report_capture_open(const struct report_capture_facts *facts, int descriptor, struct error *error);
/* The next frame, as capture_keep has it. Frames wait for their comments, in HELD_FRAMES_BYTES at most. The first
 * error is kept for report_capture_finish; then nothing more is written. */
void report_capture_frame(struct report_capture *capture, const struct capture_frame *frame, const struct segment *segment,
			  bool has_numbers, uint64_t time_ns);
/* The same of one behind a router. */
void report_capture_far_frame(struct report_capture *capture, const struct capture_frame *frame, const struct segment *segment,
			      bool has_numbers);
/* What became of a cell, or of a scenario. NULL of a capture is fine. */
void report_capture_cell(struct report_capture *capture, const struct record *record);
void report_capture_play(struct report_capture *capture, const struct scenario *scenario, const struct play *play);
/* Writes what waits. *without: how many of those had no frame to be written on, because they came too late. */
int report_capture_finish(struct report_capture *capture, size_t *without, struct error *error);
void report_capture_close(struct report_capture *capture); /* NULL is fine */

#endif
