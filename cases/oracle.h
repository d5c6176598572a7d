/* oracle.h - what each rule book expects of a cell, with its citation. Pure. */
#ifndef TWPROBE_CASES_ORACLE_H
#define TWPROBE_CASES_ORACLE_H

#include <stdbool.h>

#include "cases/cell.h"
#include "cases/kernel.h"

enum answer {
	ANSWER_OPEN, /* as an expectation: the rule book leaves the cell open */
	ANSWER_SYN_ACK,
	ANSWER_ACK,
	ANSWER_RST,
	ANSWER_SILENCE,
	ANSWER_OTHER,
	ANSWER_COUNT,
};

enum isn {
	ISN_NONE,
	ISN_CONTINUED, /* snd_nxt + 65537: the TIME_WAIT socket itself became the new connection */
	ISN_FRESH,
};

enum book { BOOK_LINUX, BOOK_RFC, BOOK_FOLK, BOOK_COUNT };

struct expectation {
	enum answer answer;   /* ANSWER_OPEN: nothing is expected */
	enum isn isn;         /* of a SYN-ACK; ISN_NONE: not said */
	enum state after;     /* state of the subject afterwards; STATE_UNKNOWN: not said */
	const char *citation; /* kernel function and condition; RFC and section; the seed note */
	const char *reason;   /* one sentence */
};

/* Does the rule book `book` decide the cell, and how? Never fails; leaves ANSWER_OPEN where it does not. */
void oracle_ask(enum book book, const struct cell *cell, const struct kernel *kernel, struct expectation *expectation);
void oracle_linux(const struct cell *cell, const struct kernel *kernel, struct expectation *expectation);
void oracle_rfc(const struct cell *cell, const struct kernel *kernel, struct expectation *expectation);
void oracle_folk(const struct cell *cell, const struct kernel *kernel, struct expectation *expectation);

const char *book_name(enum book book);
enum book book_parse(const char *name); /* BOOK_COUNT when the name is none */
const char *answer_name(enum answer answer);
enum answer answer_parse(const char *name); /* ANSWER_COUNT when the name is none */
const char *isn_name(enum isn isn); /* NULL for ISN_NONE */

#endif
