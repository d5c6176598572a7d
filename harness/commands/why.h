/* why.h - what one cell's kernel told while it was asked, as `why` shows it to a person and as a record. Pure. */
#ifndef TWPROBE_HARNESS_COMMANDS_WHY_H
#define TWPROBE_HARNESS_COMMANDS_WHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cases/matrix/cell.h"
#include "crafter/fail.h"
#include "harness/lab/btf.h"
#include "harness/lab/evidence.h"
#include "harness/lab/passage.h"
#include "harness/lab/witness.h"

enum { WHY_TESTIMONY_MAX = 1024, WHY_MOVES_MAX = 128 };

/* A counter that changed between the stimulus and its answer. */
struct why_move {
	const char *name;
	int64_t by;
};

/* Strings are borrowed, NULL where there is none. */
struct why {
	struct cell cell;
	const char *citation;          /* of the linux book's rule */
	uint64_t stimulus_ns;          /* 0: there was no stimulus */
	uint16_t peer_port;
	uint8_t answers;               /* segments heard after the stimulus */
	struct sighting sighted_before, sighted_after;
	bool asked_before, asked_after;
	enum sighting_restart restart; /* of its timer, by its times */
	struct why_move moves[WHY_MOVES_MAX];
	size_t move_count;
	struct testimony told[WHY_TESTIMONY_MAX];
	size_t way_count, told_count;  /* told on the way to the state; in all */
	uint64_t lost;                 /* events that the kernel had no room for */
	const char *missing[EVIDENCE_COUNT]; /* why a kind of them is not there */
	const char *no_counters;       /* why counters and the socket are not seen; NULL: they are */
	const char *no_trace;          /* why functions cannot be seen here */
	bool passed;                   /* `passage` is that of the stimulus */
	struct passage passage;
	char returned[PASSAGE_CALLS_MAX][BTF_VALUE_SIZE]; /* by each call: "TCP_TW_ACK"; "": nothing */
};

/* Those of a kind that are about this cell, in order of time; returns how many, at most WHY_TESTIMONY_MAX. */
size_t why_testimonies(const struct why *why, enum evidence_kind kind, const struct testimony *list[WHY_TESTIMONY_MAX]);
/* Why the stimulus' way through the kernel is not known; NULL where it is. */
const char *why_no_passage(const struct why *why);

/* why_text.c: for a person. */
void why_text(FILE *out, const struct why *why);
/* why_json.c: the evidence record. */
int why_json(FILE *out, const struct why *why, struct error *error);

#endif
