/* waiting.h - encounters that wait: for their answer, and until enough came after them to tell how well they were captured. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_WAITING_H
#define TWPROBE_HARNESS_DIAGNOSE_WAITING_H

#include "crafter/units.h"
#include "harness/diagnose/delay.h"
#include "harness/diagnose/encounter.h"
#include "harness/diagnose/ladder.h"
#include "harness/diagnose/losses.h"

enum { WAITING_NOBODY = UINT32_MAX };

/* No kernel thinks longer about an answer, and no path is longer. */
#define WAITING_NS (2 * NSEC_PER_SEC)

/* One that waits. Those of a connection are a list of their own, the newest first. */
struct waiting {
	struct encounter encounter;
	struct tuple tuple;      /* from the other end to the subject */
	uint32_t owner;          /* the connection's slot; WAITING_NOBODY: nothing more can answer it */
	uint32_t slot;           /* the same to the end; another connection may have it by then */
	struct waiting *of_same; /* the one before it of the same connection */
	struct waiting *newer;   /* and the one after it; NULL: it is the connection's first */
	struct waiting *next;
	struct delay delay;
	uint32_t delayed_in;     /* slot of the connection that times it; WAITING_NOBODY: none */
	struct waiting *of_delayed; /* the one before it that the connection times */
	struct ladder_rung *rungs;  /* read before the ring passed them; NULL: not yet */
	size_t rung_count;
	uint64_t segment;        /* how many there were before it */
	uint64_t number;         /* of those that were added, from 1 */
	struct losses_sum before; /* what was missing, until some way before it */
};

struct waiting_queue {
	struct waiting *first, *last;
	struct waiting *late; /* the last one that waiting_add_late() put there; NULL: none, or it is handed over */
	struct waiting *unread; /* the first whose ladder was not read early; NULL: none */
	size_t count;
	/* Encounters of this frame and of later ones are not handed over yet, unless live; there may be one of this frame. 0:
	 * all may be handed over. */
	uint64_t held_from;
	bool live;        /* what is not captured is known, so nothing waits for the segments that come after it */
	uint64_t added;   /* so far */
	uint64_t missed_before; /* all up to this one may be without an answer because something was missed */
	uint64_t looked;  /* at so many to tell which */
	uint64_t hurried; /* that were not waited for to the end: too many at a time */
	/* Says, with what followed, what the encounter is; false: it is nothing. */
	bool (*settle)(void *settler, struct encounter *encounter, uint32_t slot);
	void *settler;
	void (*sink)(void *context, const struct encounter *encounter, const struct tuple *tuple);
	void *context;
};

/* Puts it at the end and at the head of *of_connection. NULL: out of memory. */
struct waiting *waiting_add(struct waiting_queue *queue, const struct encounter *encounter, uint32_t owner,
			    struct waiting **of_connection, const struct losses *losses);
/* One that is over, at its place by its frame. `segment`, `before`: as in struct waiting, when its segment came. */
struct waiting *waiting_add_late(struct waiting_queue *queue, const struct encounter *encounter, uint32_t slot,
				 uint64_t segment, const struct losses_sum *before);
/* What waits has to be hurried. */
bool waiting_is_full(const struct waiting_queue *queue);
/* It waits for no answer any more: takes it from its connection's list. */
void waiting_leave(struct waiting **of_connection, struct waiting *waiting);
/* The connection is forgotten: what waits there hears nothing more. */
void waiting_forget(struct waiting **of_connection);
/* From then on something was missed: all that was not answered before is in doubt. After `segments` of the capture. */
void waiting_miss(struct waiting_queue *queue, uint64_t from_ns, uint64_t segments);
/* Hands over, in order, what is over. `heads(context, owner)`: the list of that connection. */
typedef struct waiting **waiting_head(void *context, uint32_t owner);
void waiting_deliver(struct waiting_queue *queue, uint64_t now_ns, const struct losses *losses, waiting_head *heads,
		     void *context);
/* The same at the end of the capture: everything. */
void waiting_finish(struct waiting_queue *queue, uint64_t now_ns, const struct losses *losses);
/* Of those whose lines the ring will soon have passed, reads them now. */
void waiting_read_ladders(struct waiting_queue *queue, const struct ladder_ring *ladder);
/* The lines around the first one. Returns how many. */
size_t waiting_ladder(const struct waiting_queue *queue, const struct ladder_ring *ladder,
		      struct ladder_rung rungs[static LADDER_MOST]);
void waiting_free(struct waiting_queue *queue);

#endif
