/* wire.h - the real transport: inject, capture, ports, witness and counters behind the table of transport.h. */
#ifndef TWPROBE_HARNESS_WIRE_WIRE_H
#define TWPROBE_HARNESS_WIRE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/books/oracle.h"
#include "crafter/fail.h"
#include "harness/lab/counters.h"
#include "harness/lab/lab.h"
#include "harness/lab/stack.h"
#include "harness/lab/witness.h"
#include "harness/wire/loop.h"
#include "harness/wire/route.h"
#include "harness/wire/transport.h"
#include "listener/capture.h"

struct wire;

struct wire_options {
	struct lab *lab;              /* NULL: a target of the user's */
	struct stack *stack;          /* the target is a process; else NULL */
	struct endpoint target;       /* with a lab: ignored */
	const struct route *route;    /* to the target; with a lab: ignored */
	const struct address *source; /* the user's wish; NULL: the route's */
	int savefile;                 /* a descriptor for what is captured; 0: none */
	const char *savefile_name;    /* for errors */
	capture_keep *keep;           /* gets every frame that is captured; NULL: nobody */
	capture_keep *keep_far;       /* those behind a path, but for a file's, numbered there; NULL: nobody */
	void *keep_context;
	uint64_t seed;
	bool whole;                   /* capture every segment, for a ladder; else in the lab only what is needed */
	bool witness;                 /* open one, where this kernel is the subject's */
	unsigned families;            /* 1 << 4 | 1 << 6 */
	size_t in_flight;
	bool in_turn;                 /* what is in flight comes and goes one after the other, so that a small ring will do */
	const struct kernel *kernel;  /* the settings of the subject's, where they are known; else NULL */
	bool calls;                   /* the target is `twprobe serve --calls`; with a lab: ignored */
	bool any_port;                /* in a lab: hear the whole of it, not only the subject's usual port */
	/* What hears behind a path to the target, as in struct far_options; NULL: nothing does. */
	const char *far, *far_namespace, *far_file;
};

/* Opens everything that needs privileges; afterwards they can be dropped. Borrows the lab, loop and route. */
struct wire *wire_open(const struct wire_options *options, struct loop *loop, struct error *error);
void wire_transport(struct wire *wire, struct transport *transport);
/* NULL when there is none. */
struct witness *wire_witness(struct wire *wire);
/* The same connection as the subject knows it: a path may translate. `wire` may be NULL: nothing does. */
struct pair wire_behind(const struct wire *wire, const struct pair *pair);
uint64_t wire_segments_sent(const struct wire *wire);
/* Those of the subject's namespace, where that is ours; else NULL. */
struct counters *wire_counters(struct wire *wire);
/* The balance of segments counts from now: sockets of the lab's own have sent what was not injected. Everything captured
 * must have been received. */
int wire_rebase(struct wire *wire, struct error *error);
/* What the user should know of this host, once something was asked; NULL: nothing. */
const char *wire_note(const struct wire *wire);
/* The capture drops nothing on its way to the savefile any more. */
int wire_finish(struct wire *wire, struct error *error);
void wire_close(struct wire *wire); /* NULL is fine */

#endif
