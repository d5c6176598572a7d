/* delay.c - who waits for an acknowledgment, and when it came. */
#include "harness/diagnose/delay.h"

#include <stdlib.h>

#include "crafter/seq.h"
#include "harness/diagnose/cause.h"
#include "harness/diagnose/waiting.h"

static bool is_gone(const struct end *end)
{
	return end->state == STATE_CLOSED || end->state == STATE_LISTEN;
}

struct delay delay_of(const struct conversation *conversation, bool from_target, const struct segment *segment,
		       uint64_t time_ns)
{
	const struct end *from = from_target ? &conversation->target : &conversation->source;
	const struct end *to = from_target ? &conversation->source : &conversation->target;
	uint32_t end_seq = segment->seq + segment_length(segment);
	bool takes_space = segment_length(segment) > 0 && !(segment->flags & FLAG_RST);

	if (takes_space && !is_gone(from) && end_knows(from, END_SND_UNA | END_SND_NXT)) {
		/* Where it is acknowledged already, it is an old duplicate: nobody waits. */
		bool waits = seq_after(end_seq, from->snd_una) && !seq_after(end_seq, from->snd_nxt);

		return (struct delay){ time_ns, end_seq, from->iss, waits, from_target, 0 };
	}
	if (!takes_space && !is_gone(to) && end_knows(to, END_SND_UNA | END_SND_NXT) && to->snd_una != to->snd_nxt)
		return (struct delay){ time_ns, to->snd_una + 1, to->iss, true, !from_target, 0 };
	return (struct delay){ .waits = false };
}

enum delay_fate { DELAY_GOES_ON, DELAY_ENDS, DELAY_LOST };

static enum delay_fate fate_of(const struct delay *delay, const struct delay_passed *passed)
{
	const struct end *end = delay->of_target ? &passed->conversation->target : &passed->conversation->source;
	bool gaps = delay->of_target ? passed->target_gaps : passed->source_gaps;

	/* Another connection: what it was for will not be acknowledged any more. */
	if (end->iss != delay->iss)
		return DELAY_LOST;
	if (!end_knows(end, END_SND_UNA) || seq_before(end->snd_una, delay->number))
		return DELAY_GOES_ON;
	return gaps || delay->since_ns < passed->missed_ns ? DELAY_LOST : DELAY_ENDS;
}

void delay_begin(struct delay_list *list, struct waiting *waiting, uint32_t slot, const struct delay *delay)
{
	if (!delay->waits || list->count == DELAY_LIST)
		return;
	waiting->delay = *delay;
	waiting->delayed_in = slot;
	waiting->of_delayed = list->first;
	list->first = waiting;
	list->count++;
}

static void remove_first(struct delay_list *list, struct waiting **link)
{
	struct waiting *waiting = *link;

	*link = waiting->of_delayed;
	waiting->delayed_in = WAITING_NOBODY;
	list->count--;
}

void delay_pass(struct delay_list *list, const struct delay_passed *passed, delay_late *late, void *context)
{
	uint8_t left = 0;

	for (struct waiting **link = &list->first; *link;) {
		struct waiting *waiting = *link;
		enum delay_fate fate = fate_of(&waiting->delay, passed);

		if (fate == DELAY_GOES_ON) {
			link = &waiting->of_delayed;
			continue;
		}
		if (fate == DELAY_ENDS) {
			waiting->encounter.delay_known = true;
			waiting->encounter.delay_ns = passed->time_ns - waiting->delay.since_ns;
			waiting->encounter.delay_frame = passed->frame;
		}
		remove_first(list, link);
	}
	for (uint8_t i = 0; i < list->late_count; i++) {
		const struct delay delay = list->late[i];
		enum delay_fate fate = fate_of(&delay, passed);

		if (fate == DELAY_GOES_ON)
			list->late[left++] = delay;
		else if (fate == DELAY_ENDS && late)
			late(context, delay.cause, passed->time_ns - delay.since_ns);
	}
	list->late_count = left;
}

void delay_deliver(struct delay_list *list, struct waiting *waiting, size_t cause)
{
	struct waiting **link = &list->first;

	while (*link && *link != waiting)
		link = &(*link)->of_delayed;
	if (*link)
		remove_first(list, link);
	if (list->late_count == DELAY_LATE || cause >= CAUSE_MOST || waiting->encounter.lossy || waiting->encounter.blind)
		return;
	if (!list->late)
		list->late = calloc(DELAY_LATE, sizeof(*list->late));
	if (!list->late)
		return;
	list->late[list->late_count] = waiting->delay;
	list->late[list->late_count++].cause = (uint8_t)cause;
}

void delay_forget(struct delay_list *list)
{
	while (list->first)
		remove_first(list, &list->first);
	free(list->late);
	list->late = NULL;
	list->late_count = 0;
}
