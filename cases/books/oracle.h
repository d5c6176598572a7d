/* oracle.h - the entry point of the rule books: what each expects of an end that gets a segment, with its citation. Pure.
 *
 * The end is as it was before the segment arrived, with the numbers of the wire; a cell (cases/matrix/cell_ask.h) and a
 * connection that somebody watches are two ways to get one. */
#ifndef TWPROBE_CASES_BOOKS_ORACLE_H
#define TWPROBE_CASES_BOOKS_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/books/kernel.h"
#include "crafter/end.h"

enum answer {
	ANSWER_OPEN, /* as an expectation: the rule book leaves it open */
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

/* BOOK_USUAL of them are asked of every cell; freebsd only where it decides, and where rules are explained. */
enum book { BOOK_LINUX, BOOK_RFC, BOOK_FOLK, BOOK_FREEBSD, BOOK_COUNT };
#define BOOK_USUAL BOOK_FREEBSD

struct expectation {
	enum answer answer;   /* ANSWER_OPEN: nothing is expected */
	enum isn isn;         /* of a SYN-ACK; ISN_NONE: not predicted */
	enum state after;     /* state of the subject afterwards; STATE_UNKNOWN: not predicted */
	const char *citation; /* kernel function and condition; RFC and section; the note and its section */
	const char *reason;   /* one sentence */
	bool stranger;        /* its process may act on its own meanwhile, which its segments show */
};

/* What an answer may depend on in addition to the end, the segment and the version of the kernel; bits. */
enum fact {
	FACT_HELD = 1,            /* its process holds the descriptor after its own FIN: decides what FIN_WAIT_2 is */
	FACT_READ = 2,            /* its process has read our FIN */
	FACT_LIMITED = 4,         /* tcp_challenge_ack_limit is reached */
	FACT_COOKIE = 8,          /* its SYN-ACK was a SYN cookie, so there is no half-open connection */
	FACT_RFC1337 = 16,        /* its tcp_rfc1337 is not 0 */
	FACT_TIMESTAMPS = 32,     /* its tcp_timestamps is not 0 now, whatever the connection negotiated */
	FACT_COOKIES = 64,        /* a SYN that meets a listener gets a SYN cookie: tcp_syncookies is 2 */
	FACT_NO_TIME_WAITS = 128, /* its kernel keeps no new TIME_WAIT sockets: tcp_max_tw_buckets is 0 */
	FACT_LISTENER = 256,      /* somebody listens on its port */
	FACT_UNREAD = 512,        /* data that its process has not read waits in its queue */
	FACT_ACCEPT_FULL = 1024,  /* the listener's queue of complete connections is full */
	FACT_SYN_FULL = 2048,     /* its queue of half-open ones is */
	FACT_MD5 = 4096,          /* its kernel can check MD5 signatures (CONFIG_TCP_MD5SIG); nobody has set a key */
	FACT_AO = 8192,           /* the same of TCP-AO (CONFIG_TCP_AO) */
	FACT_ABORTS = 16384,      /* its tcp_abort_on_overflow is not 0 */
	FACT_NO_COOKIES = 32768,  /* its tcp_syncookies is 0 */
	FACT_DEFERS = 65536,      /* its listener takes only connections with data (TCP_DEFER_ACCEPT) */
	FACT_SHRINKS = 131072,    /* it takes offers of its window back: only the last one counts (tcp_shrink_window) */
	FACT_NO_FIN_WAIT_2 = 262144, /* its process has set TCP_LINGER2 to -1 and closed */
	FACT_LOW_TTL = 524288,      /* the segment's TTL, or that of what an ICMP error quotes, is below its IP_MINTTL */
	FACT_GIVES_COOKIES = 1048576, /* it gives Fast Open's cookies, and takes data in a SYN only with one (tcp_fastopen) */
	FACT_OPENS_FAST = 2097152,  /* it takes data in a SYN, and needs no cookie (tcp_fastopen) */
};

/* Whether it is the second of two same segments, and how long after the answer to the first it comes, compared with the
 * subject's tcp_invalid_ratelimit. */
enum repetition {
	REPETITION_NONE,
	REPETITION_SOON,
	REPETITION_NEAR, /* too near for a rule */
	REPETITION_LATER,
};

/* What no segment shows of the subject: its process and its host, when the segment arrives. */
struct surroundings {
	uint32_t facts;  /* those that hold, as far as is known; OR of enum fact */
	uint32_t doubts; /* those that may be otherwise */
	uint64_t now_ns; /* on the clock of end.ts_recent_ns */
	enum repetition repetition; /* the subject, and now_ns, are as they were before the first one */
};

/* One of the things that may be expected, and of whom. */
struct alternative {
	struct expectation expectation;
	uint64_t kernels; /* steps of cases/books/kernel.h */
	uint32_t facts;   /* as they are where this is expected; OR of enum fact */
	uint32_t doubts;  /* those of them that must be otherwise than the surroundings say */
};

enum { ALTERNATIVES_MAX = 6, ALTERNATIVE_TEXT_SIZE = KERNEL_STEPS_TEXT_SIZE + 120 };

struct alternatives {
	uint8_t count; /* 1: nothing is in doubt */
	struct alternative list[ALTERNATIVES_MAX];
};

/* What `book` expects of the subject when it gets the segment. Never fails: ANSWER_OPEN, with the reason, where the book does
 * not decide, or where the answer depends on what is not known of the end. */
void oracle_ask(enum book book, const struct end *subject, const struct segment *segment,
		const struct surroundings *surroundings, const struct kernel *kernel, struct expectation *expectation);
/* All that may be expected of this kernel and these surroundings as far as they are known; the first is the one of oracle_ask.
 * Only doubts that matter in the subject's state make a difference. */
void oracle_ask_all(enum book book, const struct end *subject, const struct segment *segment,
		    const struct surroundings *surroundings, const struct kernel *kernel, struct alternatives *alternatives);
/* "kernels 5.10 to 6.9", "if its process has closed the descriptor" */
const char *oracle_alternative_text(const struct alternatives *alternatives, size_t number,
				    char buffer[static ALTERNATIVE_TEXT_SIZE]);

/* "if its tcp_rfc1337 is 1": of several doubts the one that a person can find out most easily. "": there are none. */
const char *oracle_doubt_text(unsigned doubts, unsigned facts);

/* Whether a report in which `decides` decides has anything of this book. */
static inline bool oracle_book_shown(enum book book, enum book decides)
{
	return book != BOOK_FREEBSD || decides == BOOK_FREEBSD;
}

const char *oracle_book_name(enum book book);
enum book oracle_book_parse(const char *name); /* BOOK_COUNT: unknown name */
const char *oracle_answer_name(enum answer answer);
enum answer oracle_answer_parse(const char *name); /* ANSWER_COUNT: unknown name */
const char *oracle_isn_name(enum isn isn); /* NULL for ISN_NONE */

#endif
