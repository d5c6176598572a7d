/* run.h - asks every cell of a matrix: many probes in flight, one thread, one record a cell, in order.
 *
 * A probe has a slot while it is in flight. What it found is parked until the health of the wire is known for that
 * time: then it is delivered, or asked again on a fresh connection. A silence is delivered when it is proven:
 * every segment was counted in by the subject's kernel and everything that kernel sent was heard (the lab), or
 * more tries on fresh connections stayed without an answer than loss can explain. */
#ifndef TWPROBE_HARNESS_RUN_RUN_H
#define TWPROBE_HARNESS_RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/books/oracle.h"
#include "cases/matrix/matrix.h"
#include "crafter/fail.h"
#include "crafter/peer.h"
#include "harness/run/record.h"
#include "harness/run/tally.h"
#include "harness/wire/transport.h"

/* Looks over the shoulder of each probe; both may be NULL. For commands that ask one cell. */
struct run_watch {
	void (*stimulus)(void *context, const struct peer *peer); /* the state is reached, the stimulus goes now */
	void (*after)(void *context, const struct peer *peer);    /* answered or silent; no follow-up yet */
	void *context;
};

struct run_options {
	size_t in_flight;           /* slots */
	double rate;                /* connections begun a second; 0: as fast as it goes */
	bool adapts;                /* the rate goes up and down with what is lost (harness/run/pace.h) */
	/* Of a cell, before it is given up; 0: as many as may help. Who sets it asks so few at a time that no limit of the
	 * subject's is met. */
	unsigned tries_most;
	size_t repeat;              /* the whole matrix that many times, at least 1 */
	size_t first, count;        /* the share of all these cells to ask: a shard, or all */
	size_t stride;              /* from one of them to the next; 0: as 1 */
	uint64_t seed;
	struct peer_rules rules;
	struct kernel kernel;       /* the subject's, as far as known */
	enum book expect;           /* decides the verdict; BOOK_COUNT: none */
	bool trace;                 /* keep a ladder for each record */
	struct endpoint target_v4, target_v6; /* family 0: none */
	uint16_t nobody_port;       /* of the subject, where nobody listens; 0: its only port, which the user chose */
	uint16_t calls_port;        /* from which it connects while it listens there; 0: it cannot be told to connect */
	bool learns;                /* of a stranger: cells are asked as they can be (harness/run/traits.h) */
	bool obeys;                 /* the subject's process does what it is told, and aborts nothing */
	bool one_subject;           /* only one kernel can answer: the lab's, or our own */
	const char *no_sysctls;     /* why conditions cannot be set here; NULL: they can */
	const struct run_watch *watch; /* NULL: nobody watches */
};

/* A record, in the order of the cells. Valid during the call. */
typedef int run_sink(void *context, const struct record *record, struct error *error);
/* Now and then, for a progress line: cells done so far. */
typedef void run_progress(void *context, const struct tally *tally, size_t cells);

struct run_listener {
	run_sink *sink;
	run_progress *progress; /* may be NULL */
	/* All is asked, and what is missing is what a capture of the far side will show of it. NULL: nobody wants to know. */
	void (*waits)(void *context);
	void *context;
};

/* 0 also when interrupted (tally->interrupted); -1 when the wire itself failed. The tally counts what was delivered. */
int run(const struct run_options *options, const struct matrix *matrix, const struct transport *transport,
	const struct run_listener *listener, struct tally *tally, struct error *error);

#endif
