/* replay.h - the questions of a capture's encounters, each once, and what another kernel answers to them. Pure.
 *
 * First every encounter is taken, then each cell gets its record (harness/run/record.h). An answer of the capture counts where
 * the encounter is certain, its cell is the same question (harness/diagnose/reproduction.h), and the linux book decides. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_REPLAY_H
#define TWPROBE_HARNESS_DIAGNOSE_REPLAY_H

#include "harness/diagnose/diagnosis.h"
#include "harness/diagnose/reproduction.h"
#include "harness/run/record.h"

enum { REPLAY_CELLS_MAX = 10000, REPLAY_SEEN_MAX = 8, REPLAY_NAME_SIZE = 80 };

enum replay_result {
	REPLAY_DIFFERS,    /* certain, and no kernel or process that the linux book knows explains both answers */
	REPLAY_EXPLAINED,  /* other answers, each as the linux book expects of some kernel, process or setting */
	REPLAY_UNCERTAIN,  /* other answers, but the capture does not show enough, or the cell is not the same question */
	REPLAY_UNANSWERED, /* not asked, or nothing conclusive came */
	REPLAY_SAME,
	REPLAY_RESULTS,
};

/* What ends of the capture answered to a cell in the same way. */
struct replay_seen {
	enum answer answer;
	enum isn isn;
	uint64_t encounters, counted; /* counted: certain, of the same question */
	bool expected;                /* by the linux book, where any counted */
};

struct replay_cell {
	struct cell cell;
	uint64_t encounters, frame;   /* frame: of the first */
	struct replay_seen seen[REPLAY_SEEN_MAX]; /* in the order in which they came */
	uint8_t seen_count;
	struct alternatives expected[BOOK_COUNT]; /* of the first encounter; of the first that counts, if any does */
	char lacks[REPRODUCTION_TEXT_SIZE];       /* of the same */
	const char *missing;          /* why none counts; NULL: some do */

	enum replay_result result;    /* REPLAY_UNANSWERED until the record is there */
	bool answered;                /* answer and isn are known */
	enum answer answer;
	enum isn isn;
	char why[RECORD_REASON_SIZE + 2 * ALTERNATIVE_TEXT_SIZE]; /* "": the same */
};

struct replay_counts {
	size_t cells, results[REPLAY_RESULTS];
	uint64_t encounters;          /* of these cells */
	uint64_t without_cell;        /* encounters that no cell can repeat */
	uint64_t beyond;              /* encounters of more cells than REPLAY_CELLS_MAX */
	int failed;                   /* an exit code (harness/run/exit_code.h): not all could be asked; 0: they were */
};

struct replay;

/* `at_target`: cells are asked as a target can be (reproduction_at_target()), and those that differ in nothing else are one.
 * NULL: out of memory. */
struct replay *replay_open(bool at_target);
/* -1: out of memory. */
int replay_take(struct replay *replay, const struct diagnosed *diagnosed);
/* In the order in which they were first seen; NULL: there are no more. */
const struct replay_cell *replay_at(const struct replay *replay, size_t number);
/* All cells, with the same numbers. NULL with an error. */
struct matrix *replay_matrix(const struct replay *replay, struct error *error);
/* The record of cell record->number. */
void replay_answer(struct replay *replay, const struct record *record);
/* Who was asked: "lab" or a target; its kernel, NULL: not known. Copied. */
void replay_name(struct replay *replay, const char *target, const char *kernel);
/* The cells were asked over this path in the lab, and their names say so. */
void replay_over(struct replay *replay, const char *path);
const char *replay_path(const struct replay *replay); /* "": none */
const char *replay_target(const struct replay *replay);
const char *replay_kernel(const struct replay *replay); /* NULL: not known */
/* Those that have no record yet will have none. */
void replay_fail(struct replay *replay, int code);
void replay_count(const struct replay *replay, struct replay_counts *counts);
void replay_close(struct replay *replay); /* NULL is fine */

/* "same", "differs", "explained", "uncertain", "unanswered". */
const char *replay_result_name(enum replay_result result);

#endif
