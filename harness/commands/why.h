/* why.h - what one cell's kernel told while it was asked, as `why` shows it to a person and as a record. */
#ifndef TWPROBE_HARNESS_COMMANDS_WHY_H
#define TWPROBE_HARNESS_COMMANDS_WHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/matrix/cell.h"
#include "crafter/fail.h"
#include "harness/lab/counters.h"
#include "harness/lab/evidence.h"
#include "harness/lab/passage.h"
#include "harness/lab/witness.h"

enum { WHY_TESTIMONY_MAX = 1024 };

struct why {
	struct counters *before, *now;
	struct evidence *evidence;
	struct passage_trace *trace;   /* NULL: not allowed here */
	struct error no_trace;         /* why not */
	struct witness *witness;
	struct sighting sighted_before, sighted_after;
	bool asked_before, asked_after;
	struct testimony told[WHY_TESTIMONY_MAX];
	size_t way_count, told_count;  /* told on the way to the state; in all */
	uint64_t stimulus_ns;          /* 0: there was no stimulus */
	uint16_t peer_port;
	uint32_t stimulus_seq;
	uint8_t answers;               /* segments heard after the stimulus */
	struct passage passage;        /* of the stimulus, if `passed` */
	bool passed;
	struct cell cell;
	const char *citation;          /* of the linux book's rule; NULL: none */
};

/* The counter's change between the stimulus and its answer; 0, too, where it says nothing of TCP. */
int64_t why_moved(const struct why *why, size_t counter);
/* Those of a kind that are about this cell, in order of time; returns how many, at most WHY_TESTIMONY_MAX. */
size_t why_testimonies(const struct why *why, enum evidence_kind kind, const struct testimony *list[WHY_TESTIMONY_MAX]);
/* Why the stimulus' way through the kernel is not known; NULL where it is. */
const char *why_no_passage(const struct why *why);

/* why_text.c: everything to standard output. */
void why_text(const struct why *why);
/* why_json.c: the evidence record. */
int why_json(const struct why *why, struct error *error);

#endif
