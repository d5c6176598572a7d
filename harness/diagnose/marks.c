/* marks.c - notes a segment's marks, and makes encounters of those that nothing else makes one. */
#include "harness/diagnose/marks.h"

#include "crafter/seq.h"

/* With so many of them no TTL says anything. */
enum { ECHOES_MOST = 3 };

/* What is sent again has a newer timestamp. */
static bool is_copy(const struct stamps *stamps, const struct segment *segment)
{
	return stamps->known && segment_has_option(segment, OPTION_TIMESTAMPS) && !seq_after(segment->tsval, stamps->newest);
}

void marks_note(struct marks *marks, struct marks_capture *all, struct track_side *side, const struct end *from,
		const struct end *to, const struct segment *segment, bool keepalive, unsigned lacks, uint64_t frame,
		uint64_t time_ns)
{
	marks->origin = origin_note(&side->origin, from, segment, frame);
	all->echoes += marks->origin.echo && is_copy(&side->stamps, segment);
	if (keepalive && !segment_has_option(segment, OPTION_TIMESTAMPS))
		marks->stamps = (struct stamps_mark){ .view = STAMPS_KEEPALIVE };
	else
		marks->stamps = stamps_note(&side->stamps, from, segment, lacks & SEGMENT_LACKS_OPTIONS, frame, time_ns);
	marks->shifts = (struct shifts_mark){ 0 };
	if (!(lacks & SEGMENT_LACKS_BASE))
		shifts_note(&side->shifts, to, segment, &marks->shifts);
	marks->clocks = CLOCKS_ONE;
	if ((segment->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == FLAG_SYN && segment_has_option(segment, OPTION_TIMESTAMPS) &&
	    segment->tsval)
		marks->clocks = clocks_note(&all->clocks, segment, time_ns);
}

enum encounter_kind marks_kind(enum encounter_kind kind, const struct marks *marks)
{
	if (!marks)
		return kind;
	if (kind == ENCOUNTER_NO_TIMESTAMP && marks->stamps.view == STAMPS_KEEPALIVE)
		kind = ENCOUNTER_NONE;
	/* Of many the first ones tell it. */
	if (kind == ENCOUNTER_NO_TIMESTAMP && marks->stamps.run > STAMPS_RUN)
		return ENCOUNTER_NONE;
	if (kind != ENCOUNTER_NONE)
		return kind;
	if (marks->origin.view != ORIGIN_OWN)
		return ENCOUNTER_OTHER_SENDER;
	if (marks->shifts.sack)
		return ENCOUNTER_SACK_SHIFTED;
	if (marks->stamps.view == STAMPS_AHEAD)
		return ENCOUNTER_TIMESTAMP_AHEAD;
	return marks->clocks == CLOCKS_NEW ? ENCOUNTER_TWO_CLOCKS : ENCOUNTER_NONE;
}

void marks_keep(struct encounter *encounter, const struct marks *marks, const struct track_side *sender)
{
	if (marks) {
		encounter->origin = marks->origin;
		encounter->stamps = marks->stamps;
		encounter->shifts = marks->shifts;
		encounter->clocks = marks->clocks;
	} else {
		encounter->origin.ttl = sender->origin.ttl;
	}
}

void marks_settle(struct encounter *encounter, const struct track *connection, const struct marks_capture *all)
{
	static const struct track nothing;
	const struct track *now = connection ? connection : &nothing;
	const struct conversation *conversation = &now->is.conversation;
	bool is_target = encounter->subject_is_target;
	const struct track_side *sender = is_target ? &now->source : &now->target;
	const struct track_side *subject = is_target ? &now->target : &now->source;
	const struct end *from = is_target ? &conversation->source : &conversation->target;

	encounter->origin.view = origin_settle(&sender->origin, &encounter->origin, encounter->frame);
	encounter->answer_origin.view = origin_settle(&subject->origin, &encounter->answer_origin, encounter->answer_frame);
	encounter->stamps.view = stamps_settle(&sender->stamps, from, &encounter->stamps, &encounter->segment,
					       encounter->frame);
	if (all->echoes >= ECHOES_MOST)
		encounter->origin.view = encounter->answer_origin.view = ORIGIN_OWN;
	encounter->doubled |= sender->origin.echoes || subject->origin.echoes || all->echoes >= ECHOES_MOST;
	if (encounter->perhaps_over && origin_outlived(&subject->origin, encounter->perhaps_over))
		encounter->perhaps_over = 0;
}
