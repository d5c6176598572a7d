/* delay.h - how long an encounter held somebody up: until what an end had sent, and waited for, was acknowledged. Pure.
 *
 * It is the sender of the encounter's segment that waits, if the segment takes sequence space (a SYN, data, a FIN) that is not
 * acknowledged yet; otherwise the subject, if something that it sent is not. An end that waits for nothing is not held up, and
 * where the acknowledgment never shows (the connection is reset, the capture ends), no delay is known. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_DELAY_H
#define TWPROBE_HARNESS_DIAGNOSE_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/conversation.h"

struct delay {
	uint64_t since_ns;
	uint32_t number, iss; /* what is to be acknowledged, and of which incarnation */
	bool waits, of_target;
	uint8_t cause;        /* its number (cause.h), once the encounter is over */
};

enum { DELAY_LATE = 3, DELAY_LIST = 16 };

struct waiting;

/* The encounters of a connection whose delay is not known yet. */
struct delay_list {
	struct waiting *first;          /* those that are not delivered; DELAY_LIST at most: a flood is not timed */
	struct delay *late;             /* the first DELAY_LATE of those that are; NULL: there was none */
	uint8_t count, late_count;
};

/* The segment passed from one end to the other, at `time_ns`; the ends are as after it. */
struct delay delay_of(const struct conversation *conversation, bool from_target, const struct segment *segment,
		       uint64_t time_ns);

/* The waiting encounter begins to be timed, unless nobody waits. `slot`: of its connection. */
void delay_begin(struct delay_list *list, struct waiting *waiting, uint32_t slot, const struct delay *delay);
/* What passed, and which ends segments are missing of: what was acknowledged may have been acknowledged before, unseen. */
struct delay_passed {
	const struct conversation *conversation;
	bool source_gaps, target_gaps;
	uint64_t missed_ns; /* segments of any connection passed unseen until then; 0: none */
	uint64_t frame, time_ns;
};
/* Encounters whose delay it ends get it. `late` is told of those that were delivered; may be NULL. */
typedef void delay_late(void *context, size_t cause, uint64_t delay_ns);
void delay_pass(struct delay_list *list, const struct delay_passed *passed, delay_late *late, void *context);
/* It is delivered; where the capture misses much around it, its delay is not known. `cause`: its number, CAUSE_MOST: it was
 * none, and its delay is not of interest. It stays unknown also where there is no memory. */
void delay_deliver(struct delay_list *list, struct waiting *waiting, size_t cause);
/* The connection is forgotten: no more delays will be known. Frees what the list has taken. */
void delay_forget(struct delay_list *list);

static inline bool delay_is_awaited(const struct delay_list *list)
{
	return list->first || list->late_count;
}

#endif
