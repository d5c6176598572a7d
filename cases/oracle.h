/* oracle.h - what each rule book expects of a cell, with its citation. Pure. */
#ifndef TWPROBE_CASES_ORACLE_H
#define TWPROBE_CASES_ORACLE_H

#include <stdbool.h>

#include "cases/cell.h"

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

/* The kernel that answers, and those of its settings that are not said by the cell. */
struct kernel {
	unsigned major, minor, patch; /* 0.0.0: not known; the newest rules apply */
	bool timestamps;              /* its tcp_timestamps where the cell does not set it */
	bool rfc1337;                 /* its tcp_rfc1337 likewise */
};

struct expectation {
	enum answer answer;   /* ANSWER_OPEN: nothing is expected */
	enum isn isn;         /* of a SYN-ACK; ISN_NONE: not said */
	enum state after;     /* state of the subject afterwards; STATE_UNKNOWN: not said */
	const char *citation; /* kernel function and condition; RFC and section; the seed note */
	const char *reason;   /* one sentence */
};

/* "6.18.44-foo" */
void kernel_parse(const char *release, struct kernel *kernel);
/* Debian's releases may name the ABI only ("6.1.0-56-amd64"); `version` (uname -v) has the source's number: "#1 SMP
 * PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-09-30)". Without such a number nothing changes. */
void kernel_refine(const char *version, struct kernel *kernel);
bool kernel_at_least(const struct kernel *kernel, unsigned major, unsigned minor);

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
