/* waiting.c - the queue of encounters, in the order of their frames. */
#include "harness/diagnose/waiting.h"

#include <stdlib.h>

#include "crafter/memory_fetch.h"
#include "crafter/units.h"

/* Who has not answered by then will not; for those that cannot be waited for any longer. */
#define PATIENCE_NS (50 * NSEC_PER_MSEC)

/* SEQUELS_MAX: as many are held back to see what follows them, and no more. */
enum { WAITING_MAX = 65536, SEQUELS_MAX = 4096 };
/* So many times more traces of disorder than of gaps: segments are sent again for other reasons, too. */
enum { ROUGH = 4 };
/* A capture whose clock jumps at every frame: after so many looks, and so many for each segment, all are in doubt. */
enum { LOOKS_FREE = 1 << 22, LOOKS = 16 };

struct waiting *waiting_add(struct waiting_queue *queue, const struct encounter *encounter, uint32_t owner,
			    struct waiting **of_connection, const struct losses *losses)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (!waiting)
		return NULL;
	waiting->encounter = *encounter;
	waiting->tuple = encounter->segment.tuple;
	waiting->owner = waiting->slot = owner;
	waiting->delayed_in = WAITING_NOBODY;
	waiting->of_same = *of_connection;
	if (waiting->of_same)
		waiting->of_same->newer = waiting;
	waiting->segment = losses->segments;
	waiting->before = losses_before(losses);
	*of_connection = waiting;
	if (queue->last)
		queue->last->next = waiting;
	else
		queue->first = waiting;
	queue->last = waiting;
	if (!queue->unread)
		queue->unread = waiting;
	queue->count++;
	waiting->number = ++queue->added;
	return waiting;
}

struct waiting *waiting_add_late(struct waiting_queue *queue, const struct encounter *encounter, uint32_t slot,
				 uint64_t segment, const struct losses_sum *before)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting)), **link = &queue->first;

	if (!waiting)
		return NULL;
	waiting->encounter = *encounter;
	waiting->tuple = encounter->segment.tuple;
	waiting->owner = waiting->delayed_in = WAITING_NOBODY;
	waiting->slot = slot;
	waiting->segment = segment;
	waiting->before = *before;
	if (queue->late && queue->late->encounter.frame < encounter->frame) /* mostly they come in order */
		link = &queue->late->next;
	while (*link && (*link)->encounter.frame < encounter->frame)
		link = &(*link)->next;
	waiting->next = *link;
	*link = queue->late = waiting;
	if (!waiting->next)
		queue->last = waiting;
	queue->count++;
	waiting->number = ++queue->added;
	return waiting;
}

bool waiting_is_full(const struct waiting_queue *queue)
{
	return queue->count > WAITING_MAX;
}

void waiting_leave(struct waiting **of_connection, struct waiting *waiting)
{
	*(waiting->newer ? &waiting->newer->of_same : of_connection) = waiting->of_same;
	if (waiting->of_same)
		waiting->of_same->newer = waiting->newer;
	waiting->owner = WAITING_NOBODY;
}

void waiting_forget(struct waiting **of_connection)
{
	for (struct waiting *waiting = *of_connection; waiting; waiting = waiting->of_same) {
		waiting->owner = WAITING_NOBODY;
		waiting->encounter.unheard |= !waiting->encounter.over;
		waiting->encounter.over = waiting->encounter.sequel.over = true;
	}
	*of_connection = NULL;
}

void waiting_miss(struct waiting_queue *queue, uint64_t from_ns, uint64_t segments)
{
	if (queue->looked + queue->count > LOOKS_FREE + LOOKS * segments) {
		queue->missed_before = queue->added;
		return;
	}
	queue->looked += queue->count;
	for (struct waiting *waiting = queue->first; waiting; waiting = waiting->next)
		if (!waiting->encounter.answered || waiting->encounter.answer_ns > from_ns)
			waiting->encounter.blind = true;
}

/* A few in a row may be missing, and with them an answer, or what ended the connection before: an ACK shows that it is there.
 * What no book decides has waited long for one. */
static uint64_t gaps_near(const struct waiting *waiting, const struct losses *losses)
{
	return encounter_is_open(&waiting->encounter) ? losses_since(losses, waiting->before.gaps) :
	       losses_around(losses, waiting->segment);
}

static void deliver_first(struct waiting_queue *queue, const struct losses *losses)
{
	struct waiting *waiting = queue->first;
	uint64_t before = waiting->segment < LOSSES_NEAR ? waiting->segment : LOSSES_NEAR;
	uint64_t near = losses->segments - waiting->segment + before;

	/* They have waited for thousands of segments. The next one was fetched when it was the second. */
	if (waiting->next)
		memory_fetch(waiting->next->next, sizeof(*waiting));
	waiting->encounter.filtered = losses_filtered(losses);
	waiting->encounter.syn.resets_shown = losses->shown & SHOWN_RESET;
	waiting->encounter.lossy = losses_count(losses_since(losses, waiting->before.gaps), near);
	if (encounter_answer(&waiting->encounter) != ANSWER_ACK && gaps_near(waiting, losses))
		waiting->encounter.lossy = true;
	if (waiting->number <= queue->missed_before)
		waiting->encounter.blind = true;
	waiting->encounter.rough = losses_count((losses->sum.disorder - waiting->before.disorder) / ROUGH, near);
	if (queue->settle(queue->settler, &waiting->encounter, waiting->slot))
		queue->sink(queue->context, &waiting->encounter, &waiting->tuple);
	queue->first = waiting->next;
	if (queue->late == waiting)
		queue->late = NULL;
	if (queue->unread == waiting)
		queue->unread = waiting->next;
	if (!queue->first)
		queue->last = NULL;
	queue->count--;
	free(waiting->rungs);
	free(waiting);
}

static void give_up(struct waiting_queue *queue, struct waiting *waiting, uint64_t now_ns)
{
	struct encounter *encounter = &waiting->encounter;

	if (!encounter->over && encounter->time_ns + PATIENCE_NS > now_ns) {
		encounter->unheard = true;
		queue->hurried++;
	}
	encounter->over = true;
}

/* What follows it may say more. */
static bool has_sequel(const struct waiting_queue *queue, uint64_t now_ns)
{
	const struct encounter *encounter = &queue->first->encounter;
	uint64_t patience_ns = queue->live ? WAITING_NS : SEQUEL_NS;

	return !encounter->sequel.over && encounter->time_ns + patience_ns > now_ns && queue->count <= SEQUELS_MAX;
}

void waiting_deliver(struct waiting_queue *queue, uint64_t now_ns, const struct losses *losses, waiting_head *heads,
		     void *context)
{
	while (queue->first) {
		struct waiting *waiting = queue->first;
		bool full = waiting_is_full(queue);
		bool waits = waiting->encounter.time_ns + WAITING_NS > now_ns;

		/* Live, it is more important that it comes soon: there is always some SYN that nobody answers. */
		if (!queue->live && queue->held_from && waiting->encounter.frame >= queue->held_from)
			return;
		if (!full && waits && (queue->live || !waiting->encounter.over))
			return;
		if (has_sequel(queue, now_ns))
			return;
		if (!full && !queue->live && losses->segments - waiting->segment < LOSSES_NEAR)
			return;
		give_up(queue, waiting, now_ns);
		if (waiting->owner != WAITING_NOBODY)
			waiting_leave(heads(context, waiting->owner), waiting);
		deliver_first(queue, losses);
	}
}

void waiting_finish(struct waiting_queue *queue, uint64_t now_ns, const struct losses *losses)
{
	while (queue->first) {
		give_up(queue, queue->first, now_ns);
		deliver_first(queue, losses);
	}
}

void waiting_free(struct waiting_queue *queue)
{
	while (queue->first) {
		struct waiting *next = queue->first->next;

		free(queue->first->rungs);
		free(queue->first);
		queue->first = next;
	}
	queue->last = NULL;
}
