/* hearing.c - a segment against the encounters of its connection, the newest first. */
#include "harness/diagnose/hearing.h"

#include "harness/diagnose/crossing.h"
#include "harness/diagnose/waiting.h"

enum { WAITING_OF_CONNECTION = 64 };

/* Nobody thinks about a reset: what comes so much later answers something else. */
static bool is_too_late(const struct track_side *from, const struct encounter *encounter, uint64_t time_ns)
{
	return encounter_is_reset(encounter->kind) && from->heard_ns > encounter->time_ns &&
	       time_ns - encounter->time_ns > crossing_ns(from);
}

/* Of several that it can answer it answers the last one: an answer to an earlier one would have come before. Where that is not
 * so long ago, nobody knows. */
static void find_answered(struct track *connection, bool from_target, const struct segment *segment,
			  const struct origin_mark *origin, uint64_t frame, uint64_t time_ns)
{
	struct conversation *conversation = &connection->is.conversation;
	const struct end *end = from_target ? &conversation->target : &conversation->source;
	struct track_side *from = from_target ? &connection->target : &connection->source;
	struct waiting *answered = NULL;
	int count = 0;
	bool soon;

	for (struct waiting *waiting = connection->waiting; waiting; waiting = waiting->of_same) {
		/* A flood, which no end answers one by one: the time for a segment stays bounded. */
		if (++count == WAITING_OF_CONNECTION)
			waiting_forget(&waiting->of_same);
		if (waiting->encounter.time_ns + WAITING_NS <= time_ns) /* nor do those before it */
			break;
		if (waiting->encounter.subject_is_target != from_target || waiting->encounter.over)
			continue;
		encounter_note_sent(&waiting->encounter, end, segment);
		soon = time_ns - waiting->encounter.time_ns <= crossing_ns(from);
		if (is_too_late(from, &waiting->encounter, time_ns))
			continue;
		if (encounter_is_answered_by(&waiting->encounter, segment)) {
			if (!answered)
				answered = waiting;
			else if (soon)
				answered->encounter.ambiguous = waiting->encounter.ambiguous = true;
		} else if (soon) {
			crossing_doubt(end, segment, from->heard_ns > waiting->encounter.time_ns, &waiting->encounter);
		}
	}
	if (!answered)
		return;
	/* What came after it may be what is answered, where the first one was lost behind the place of the capture. */
	if (from->heard_ns > answered->encounter.time_ns || encounter_answer_is_doubtful(&answered->encounter, segment) ||
	    crossing_is_too_early(from, time_ns - answered->encounter.time_ns))
		answered->encounter.ambiguous = true;
	if (!answered->encounter.ambiguous)
		crossing_answered(from, &answered->encounter, segment);
	encounter_answer_with(&answered->encounter, segment, origin, frame, time_ns);
	if (!(segment->flags & (FLAG_SYN | FLAG_RST)))
		from->limited_ns = time_ns;
	if (answered->encounter.sequel.over)
		waiting_leave(&connection->waiting, answered);
}

/* The same for those of which it shows what followed. */
static void note_sequels(struct track *connection, bool from_target, const struct segment *segment, uint64_t frame,
			 uint64_t time_ns)
{
	struct waiting *waiting = connection->waiting, *next;

	for (; waiting; waiting = next) {
		bool is_target = waiting->encounter.subject_is_target;
		const struct track_side *subject = is_target ? &connection->target : &connection->source;

		next = waiting->of_same;
		if (waiting->encounter.sequel.over)
			continue;
		sequel_note(&waiting->encounter, segment, is_target == from_target, frame, subject->delay_ns, time_ns);
		if (waiting->encounter.over && waiting->encounter.sequel.over)
			waiting_leave(&connection->waiting, waiting);
	}
}

void hearing_take(struct track *connection, bool from_target, const struct segment *segment,
		  const struct origin_mark *origin, uint64_t frame, uint64_t time_ns)
{
	find_answered(connection, from_target, segment, origin, frame, time_ns);
	note_sequels(connection, from_target, segment, frame, time_ns);
}

void hearing_end(struct track *connection, bool target)
{
	struct encounter *encounter;

	for (struct waiting *waiting = connection->waiting; waiting; waiting = waiting->of_same) {
		encounter = &waiting->encounter;
		if (encounter->subject_is_target == target && encounter_is_reset(encounter->kind))
			encounter->over = true;
	}
}
