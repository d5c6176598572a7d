/* verdict.h - expectation + observation. Pure. */
#ifndef TWPROBE_CASES_BOOKS_VERDICT_H
#define TWPROBE_CASES_BOOKS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/books/oracle.h"
#include "crafter/segment.h"

enum verdict {
	VERDICT_AGREES,
	VERDICT_DIFFERS,
	VERDICT_INCONCLUSIVE,
	VERDICT_SKIPPED,
	VERDICT_MIXED, /* tries that nothing disturbed ended in different ways: no verdict on any one kernel */
	VERDICT_COUNT,
};

/* The class of a segment heard as an answer. SYN+ACK without RST or FIN: syn-ack. RST in any company: rst. A bare ACK
 * (PSH allowed, no payload): ack. Everything else: other. */
enum answer verdict_answer(const struct segment *segment);

/* The ISN of the connection that a TIME_WAIT socket itself becomes (ISN_CONTINUED). */
uint32_t verdict_continued_isn(uint32_t snd_nxt);
/* The ISN of a SYN-ACK that met a socket whose next sequence number was snd_nxt. */
enum isn verdict_isn(const struct segment *syn_ack, uint32_t snd_nxt);

/* What a follow-up shows of the subject's socket where there is no witness: a live one answers with an ACK, a listener in its
 * place with a SYN-ACK. */
enum fate { FATE_UNKNOWN, FATE_THERE, FATE_GONE };

/* What was seen of a cell. */
struct observation {
	bool conclusive;
	const char *reason; /* why not */
	enum answer answer;
	enum isn isn;
	enum state before, after;
	enum fate fate;
	bool own_words; /* the answer is a FIN or data of the subject's process, and acknowledges the stimulus as well */
};

/* Writes a sentence into `why` (expected and observed, where they differ; the reason, where inconclusive). A difference in
 * the answer counts, and in the ISN or the state after (or at least the fate) where the expectation has one and it was
 * observed.
 * No expectation (ANSWER_OPEN) agrees with every conclusive observation. */
enum verdict verdict_of(const struct expectation *expectation, const struct observation *observation, char *why,
			size_t size);

/* The same for what may be expected: agrees where one of them does. */
enum verdict verdict_of_any(const struct alternatives *alternatives, const struct observation *observation, char *why,
			    size_t size);
/* The kernels (steps) that would do what was seen. */
uint64_t verdict_kernels(const struct alternatives *alternatives, const struct observation *observation);

const char *verdict_name(enum verdict verdict);

#endif
