/* transport.h - the wire and the clock as a table of functions: the real ones, or a fake for tests. */
#ifndef TWPROBE_HARNESS_WIRE_TRANSPORT_H
#define TWPROBE_HARNESS_WIRE_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/matrix/cell.h"
#include "crafter/fail.h"
#include "crafter/manner.h"
#include "crafter/notice.h"
#include "crafter/pair.h"
#include "crafter/segment.h"
#include "crafter/sighting.h"
#include "crafter/state.h"
#include "crafter/units.h"
#include "harness/wire/sides.h"

/* Is what we sent also what the subject's TCP got, and what it sent what we heard? */
enum balance {
	BALANCE_UNKNOWN, /* the other kernel's counters are out of reach */
	BALANCE_EVEN,    /* every segment sent was counted in (Tcp InSegs), every segment it sent (OutSegs) was heard */
	BALANCE_UNEVEN,  /* some are missing: on their way still, or lost */
};

/* How long the balance may take to come even before segments count as lost. */
#define BALANCE_PATIENCE_NS (400 * NSEC_PER_MSEC)

struct health {
	uint64_t dropped;   /* capture drops since the start */
	uint64_t went_down; /* how often the interface went down since the start */
	uint64_t overloads; /* the subject's full queues, but for those that its conditions ask for (cases/matrix/limits.h) */
	uint64_t given_up;  /* connections that the subject should have held, and could not */
	enum balance balance;
};

/* Something heard by the capture, of either side: a valid segment (`notice` NULL), or anything else (listener/ear.h). */
typedef void transport_sink(void *context, const struct segment *segment, const struct notice *notice, uint64_t time_ns);
/* A segment that the kernel refused to send. */
typedef void transport_refused(void *context, const struct tuple *tuple, int error_number);

struct transport {
	void *self;
	uint64_t (*now)(void *self); /* CLOCK_MONOTONIC in ns; so are all times below */
	int (*send)(void *self, const struct segment *segment, struct error *error);
	int (*flush)(void *self, transport_refused *refused, void *context, struct error *error);
	/* Hands over what was heard; does not wait. Returns the number of frames or -1. Whatever there was to hear until
	 * *upto_ns was heard: a wait that ended before then ended without an answer, a later one may yet have got one. */
	int (*receive)(void *self, transport_sink *sink, void *context, uint64_t *upto_ns, struct error *error);
	/* Waits until something is heard, the deadline (0: none) has passed or the run is interrupted.
	 * A deadline in the past does not wait; signals are still checked.
	 * Returns 1 when the user interrupted, 0 otherwise, -1 on error. */
	int (*wait)(void *self, uint64_t deadline_ns, struct error *error);
	int (*health)(void *self, struct health *health, struct error *error);
	/* A source endpoint for a new probe, and its return. -1: there is none, and the run cannot go on. */
	int (*take)(void *self, uint8_t family, struct endpoint *source, struct error *error);
	void (*give_back)(void *self, const struct endpoint *source);
	/* The subject as its kernel sees it, without the times. NULL when there is no witness. */
	int (*testify)(void *self, const struct pair *pair, struct sighting *sighting, struct error *error);
	/* The subject connects from its endpoint to the crafted one, and behaves so afterwards. NULL: it cannot be told. */
	int (*call)(void *self, const struct pair *pair, enum behaviour behaviour, struct error *error);
	/* How the subject's sockets are set up from now on. NULL: they cannot be. */
	int (*manner)(void *self, const struct manner *manner, struct error *error);
	/* Whether and how anybody listens on the subject's port. NULL: that cannot be changed. Where a queue is filled or
	 * emptied, segments of the subject's own pass: nothing that balance has to prove may be on its way. */
	int (*listener)(void *self, enum listener listening, struct error *error);
	/* What both sides of the router heard of an exchange of this pair, up to the last health(). NULL: no router. */
	void (*crossed)(void *self, const struct pair *pair, const struct side_exchange *exchange, struct side_view *view);
	/* crossed() may know more later of what passed long ago, from a capture that is written elsewhere. NULL: never. */
	bool (*grows)(void *self);
	/* Puts the subject's sysctls as the conditions say: everything not named back to the lab's defaults.
	 * `at_probe`: those of the connection stay, the ones marked at_probe are added. NULL: not possible. */
	int (*apply)(void *self, const struct conditions *conditions, bool at_probe, struct error *error);
};

#endif
