/* waiting_ladder.c - the lines around encounters that wait: read when they are handed over, or before they are forgotten. */
#include <stdlib.h>
#include <string.h>

#include "crafter/memory_fetch.h"
#include "harness/diagnose/waiting.h"

/* EARLY_MAX: in a flood nobody looks at each one. EARLY_RUNGS: two more may come later, the answer and the end of the delay. */
enum { EARLY_MAX = 4096, EARLY_RUNGS = LADDER_MOST - 2 };

static void read_early(struct waiting *waiting, const struct ladder_ring *ladder)
{
	const struct encounter *encounter = &waiting->encounter;
	struct ladder_rung rungs[LADDER_MOST];
	size_t count = ladder_read(ladder, waiting->segment, encounter->answer_frame, encounter->delay_frame,
				   encounter->subject_is_target, rungs);

	if (count > EARLY_RUNGS)
		count = EARLY_RUNGS;
	waiting->rungs = count ? malloc(EARLY_RUNGS * sizeof(*rungs)) : NULL;
	if (!waiting->rungs)
		return;
	memcpy(waiting->rungs, rungs, count * sizeof(*rungs));
	waiting->rung_count = count;
}

void waiting_read_ladders(struct waiting_queue *queue, const struct ladder_ring *ladder)
{
	for (; queue->unread && ladder_passes(ladder, queue->unread->segment); queue->unread = queue->unread->next) {
		if (queue->count <= EARLY_MAX)
			read_early(queue->unread, ladder);
		/* What the next look needs. That one's place was fetched when it was the second. */
		if (queue->unread->next && queue->unread->next->next)
			memory_fetch(&queue->unread->next->next->next, 2 * MEMORY_LINE);
	}
}

size_t waiting_ladder(const struct waiting_queue *queue, const struct ladder_ring *ladder,
		      struct ladder_rung rungs[static LADDER_MOST])
{
	const struct waiting *waiting = queue->first;
	const struct encounter *encounter = &waiting->encounter;

	if (!waiting->rungs)
		return ladder_read(ladder, waiting->segment, encounter->answer_frame, encounter->delay_frame,
				   encounter->subject_is_target, rungs);
	memcpy(rungs, waiting->rungs, waiting->rung_count * sizeof(*rungs));
	return ladder_resume(ladder, encounter->answer_frame, encounter->delay_frame, encounter->subject_is_target, rungs,
			     waiting->rung_count);
}
