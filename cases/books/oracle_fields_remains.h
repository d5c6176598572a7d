/* oracle_fields_remains.h - what the linux book says of the subject's socket after a segment, as the kernel reports it: the
 * timer that runs and since when, and the queues. Pure.
 *
 * What it remembers besides, rcv_nxt and ts_recent, shows in the fields of its next answer (cases/books/oracle_fields.h).
 * Numbers are those of struct sighting. */
#ifndef TWPROBE_CASES_BOOKS_ORACLE_FIELDS_REMAINS_H
#define TWPROBE_CASES_BOOKS_ORACLE_FIELDS_REMAINS_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/books/oracle.h"
#include "crafter/sighting.h"

/* In the order in which a wrong one is named. */
enum remain { REMAIN_TIMER, REMAIN_TIMER_MS, REMAIN_RECV_Q, REMAIN_SEND_Q, REMAIN_COUNT };

enum { REMAIN_TEXT_SIZE = 96 };

struct remains {
	uint8_t said;        /* 1 << enum remain: those below that are expected */
	uint8_t timers;      /* 1 << enum sighting_timer: one of these */
	bool set;            /* REMAIN_TIMER_MS: the segment set it, to `full_ms`; else it went on as if nothing had come */
	uint32_t full_ms;
	uint32_t recv_q, send_q;
	const char *rules[REMAIN_COUNT]; /* of those that are said: kernel function and condition */
};

/* What is known of the process and the host of the subject. */
struct remains_host {
	bool ours;           /* the process does with its sockets what the state asks for, and nothing else */
	uint32_t fin_timeout_ms; /* how long FIN_WAIT_2 lasts: tcp_fin_timeout, TCP_LINGER2; 0: not known, or above 60 s */
	bool keepalive;      /* SO_KEEPALIVE is set, and its timer was started */
	uint32_t unread;     /* bytes that the process has got and not read, before the segment */
};

void oracle_remains(const struct end *subject, const struct segment *segment, const struct surroundings *surroundings,
		    const struct kernel *kernel, const struct remains_host *host, struct remains *remains);

/* What the kernel said of the socket before the segment and after it, and when that was sent. */
struct remains_seen {
	const struct sighting *before, *after;
	uint64_t sent_ns;
};

/* The first that does not hold; REMAIN_COUNT: all do. What is not said, or was not seen, holds. */
enum remain oracle_remains_wrong(const struct remains *remains, const struct remains_seen *seen);

/* "after.timer" */
const char *oracle_remain_name(enum remain remain);
/* "time-wait", "60 s from the segment on", "as before", "257"; with `seen`, which may be NULL, also in numbers */
const char *oracle_remain_expected(const struct remains *remains, enum remain remain, const struct remains_seen *seen,
				   char buffer[static REMAIN_TEXT_SIZE]);
const char *oracle_remain_observed(enum remain remain, const struct remains_seen *seen, char buffer[static REMAIN_TEXT_SIZE]);

#endif
