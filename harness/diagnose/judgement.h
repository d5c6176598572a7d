/* judgement.h - what the rule books expect of an encounter, and whether what the capture shows is that. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_JUDGEMENT_H
#define TWPROBE_HARNESS_DIAGNOSE_JUDGEMENT_H

#include "cases/books/verdict.h"
#include "harness/diagnose/encounter.h"

struct judgement {
	struct alternatives expected[BOOK_COUNT];
	enum verdict verdict;   /* by the book that decides */
	char why[320];          /* "": it agrees */
	bool certain;           /* the capture shows all that the verdict needs */
	const char *missing;    /* what it does not show; NULL where certain */
	/* What the answer says of the host, whatever kernel it is told to have. Silence says nothing: it may be the path's. */
	bool tells;             /* certain, answered, and the linux book decides */
	uint64_t kernels;       /* steps of cases/books/kernel.h that may answer like this; 0: none */
	uint64_t usual;         /* those that do while tcp_max_tw_buckets is not reached */
	uint16_t settings;      /* enum fact: settings without whose unusual value none does */
	uint8_t answers;        /* 1 << enum answer: all that the linux book may expect */
	uint8_t books;          /* 1 << enum book: those that this agrees with */
};

/* The book says nothing about it. */
static inline bool judgement_is_open(const struct judgement *judgement, enum book book)
{
	return judgement->expected[book].list[0].expectation.answer == ANSWER_OPEN;
}

/* What a segment does to the connection, as far as Linux goes. */
enum judgement_effect {
	EFFECT_NONE,  /* the subject stays in its state */
	EFFECT_MAYBE, /* the same; with another kernel or other settings it ends the connection */
	EFFECT_ENDS,  /* with the settings that kernels have by default */
	EFFECT_OPEN,  /* the book does not tell */
};
/* Asks the linux book, when the encounter comes; what follows takes its answer from the encounter. */
void judgement_ask_linux(struct encounter *encounter);
enum judgement_effect judgement_effect(const struct encounter *encounter);
/* In the words of the rule books, as encounter_answer(); but data or a FIN of the subject's process that acknowledges the
 * segment carries the kernel's ACK along, and is one. */
enum answer judgement_answer(const struct encounter *encounter);
/* Whether the cell is the same question to the linux book, of whatever kernel: the same answers under the same conditions. */
bool judgement_asks_same(const struct encounter *encounter, const struct cell *cell);
/* `decides`: the book of the verdict. `kernel`: the subject's, as far as it is known. */
void judgement_make(const struct encounter *encounter, enum book decides, const struct kernel *kernel,
		    struct judgement *judgement);

#endif
