/* report_walk.h - the trace of one cell, segment by segment, with the words at each and what its numbers count from; for
 * harness/report*.c alone. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_WALK_H
#define TWPROBE_HARNESS_REPORT_REPORT_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/segment_text.h"
#include "harness/report/report.h"

/* Where the reader is in the trace. */
struct report_walk {
	const struct record *record; /* borrowed, as its trace */
	size_t at;
	bool has_iss, has_irs;
	uint32_t iss, irs;
	bool stimulated, followed, follow_up_answered;
};

struct walk_step {
	const struct trace_entry *entry;
	double time_us;             /* since the first one */
	const char *note;           /* "stimulus", "answer", "sent again"...; "": none */
	struct segment_bases bases; /* of what is a segment */
	bool strong;                /* the stimulus, or its answer */
};

void report_walk_begin(struct report_walk *walk, const struct record *record);
/* The next one; false: there are no more, or there is no trace. */
bool report_walk_next(struct report_walk *walk, struct walk_step *step);
/* What the numbers of a segment count from where the walk is: ours from rcv_nxt, the subject's from snd_nxt; before the
 * stimulus from the ISN. */
struct segment_bases report_walk_bases(const struct report_walk *walk, const struct segment *segment, bool ours);

/* What is not a segment of data has no numbers to show, and is described: an ICMP error of ours with the one that it quotes,
 * something unsound that was heard. "": it is a segment. */
const char *report_walk_words(const struct walk_step *step, char *buffer, size_t size);

/* Where the rest of a walk goes: segments, and what is in the place of one. */
struct ends_rung;
struct report_walk_sink {
	void (*rung)(void *context, const struct ends_rung *rung);
	void (*remark)(void *context, const char *time, const char *text);
	void *context;
};
/* To the end, in the texts of a picture; times in microseconds. The subject's state is told where it is known: before the
 * stimulus, and at the end. */
void report_walk_rungs(struct report_walk *walk, const struct report_walk_sink *sink);

/* report_ladder.c: what is said below the ladder, "answer:     ACK, after 31.0 us: ...", after a walk to its end. */
void report_ladder_words(FILE *out, bool color, const struct run_facts *facts, const struct report_walk *walk);

#endif
