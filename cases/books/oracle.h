/* oracle.h - what each rule book expects of a cell, with its citation. Pure. */
#ifndef TWPROBE_CASES_BOOKS_ORACLE_H
#define TWPROBE_CASES_BOOKS_ORACLE_H

#include <stdbool.h>

#include "cases/books/kernel.h"
#include "cases/matrix/cell.h"

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
	bool stranger;        /* its process may do something by itself meanwhile, and says so with segments of its own */
};

/* What a cell does not say of the old connection: ts_recent, and the seconds since it was taken. */
struct past {
	uint32_t ts_recent;
	uint64_t ts_age_s;
};

/* What an answer may depend on besides the version of the kernel, and the asker cannot know; bits. */
enum doubt {
	DOUBT_DESCRIPTOR = 1, /* whether its process still holds the descriptor after its FIN */
	DOUBT_READ = 2,       /* whether its process has read our FIN */
	DOUBT_LIMIT = 4,      /* whether tcp_challenge_ack_limit, which the cell sets, is reached */
	DOUBT_COOKIE = 8,     /* whether its SYN-ACK was a SYN cookie, so that it has no half-open connection at all */
	DOUBT_RFC1337 = 16,   /* whether its tcp_rfc1337 is 1 */
};

/* One of the things that may be expected, and of whom. */
struct alternative {
	struct expectation expectation;
	uint64_t kernels; /* steps of cases/books/kernel.h */
	uint8_t doubts;   /* what must be otherwise than the cell says, for this to be expected; OR of enum doubt */
};

enum { ALTERNATIVES_MAX = 6, ALTERNATIVE_TEXT_SIZE = KERNEL_STEPS_TEXT_SIZE + 120 };

struct alternatives {
	uint8_t count; /* 1: nothing is in doubt */
	struct alternative list[ALTERNATIVES_MAX];
};

/* Does the rule book `book` decide the cell, and how? Never fails; leaves ANSWER_OPEN where it does not. */
void oracle_ask(enum book book, const struct cell *cell, const struct kernel *kernel, struct expectation *expectation);
/* All that may be expected of this kernel as far as it is known; the first is what oracle_ask says. `past`: NULL for a
 * connection of a matrix, with a ts_recent below 2^31 that was taken just now. */
void oracle_ask_all(enum book book, const struct cell *cell, const struct kernel *kernel, const struct past *past,
		    struct alternatives *alternatives);
/* The cell sets tcp_challenge_ack_limit: any challenge ACK may stay away, that to a follow-up as well. */
bool oracle_is_limited(const struct cell *cell);
/* "kernels 5.10 to 6.9", "if its process has closed the descriptor" */
const char *oracle_alternative_text(const struct alternatives *alternatives, size_t number, enum state state,
				    char buffer[static ALTERNATIVE_TEXT_SIZE]);

const char *oracle_book_name(enum book book);
enum book oracle_book_parse(const char *name); /* BOOK_COUNT when the name is none */
const char *oracle_answer_name(enum answer answer);
enum answer oracle_answer_parse(const char *name); /* ANSWER_COUNT when the name is none */
const char *oracle_isn_name(enum isn isn); /* NULL for ISN_NONE */

#endif
