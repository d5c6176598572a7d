/* meeting.c - an encounter put together from the two ends and what is remembered of them. */
#include "harness/diagnose/meeting.h"

#include "crafter/units.h"
#include "harness/diagnose/crossing.h"
#include "harness/diagnose/judgement.h"

/* tcp_invalid_ratelimit: a socket answers one segment that is not of its connection in this time. */
#define LIMIT_NS (NSEC_PER_SEC / 2)

#define SYN_AGAIN_NS (900 * NSEC_PER_MSEC)

/* A SYN-ACK shows the numbers of both ends. That its SYN was not captured may mean that nothing is which is like it. */
static bool was_opened_here(const struct end *subject, const struct end *other)
{
	const struct end *opened = subject->passive ? other : subject;

	return end_knows(subject, subject->state == STATE_SYN_SENT ? END_ISS : END_ISS | END_IRS) && opened->own_syn.seen;
}

/* By its sender's timer: TCP_TIMEOUT_INIT is a second. */
static bool is_sent_again(const struct end *from, const struct segment *syn, uint64_t time_ns)
{
	return from->state == STATE_SYN_SENT && from->iss == syn->seq && time_ns - from->own_syn.time_ns >= SYN_AGAIN_NS;
}

bool meeting_make(struct encounter *encounter, const struct track *connection, const struct closing *closing,
		  bool subject_is_target, const struct marks *marks, uint64_t frame, uint64_t missed_ns)
{
	const struct track_side *side = closing->receiver;
	const struct end *subject = closing->to;
	uint64_t time_ns = closing->time_ns;
	enum encounter_kind kind = closing_kind(encounter_kind_of(subject, closing->segment), closing);

	kind = marks_kind(kind, marks);
	if (kind == ENCOUNTER_NONE)
		return false;
	*encounter = (struct encounter){
		.kind = kind,
		.frame = frame,
		.time_ns = time_ns,
		.segment = *closing->segment,
		.subject = *subject,
		.subject_is_target = subject_is_target,
		.connection = connection->is.number,
		.incarnation = connection->is.conversation.incarnation,
		.idle_ns = track_idle_ns(connection, time_ns),
		.unacknowledged_ns = track_unacknowledged_ns(side, subject, time_ns),
		.again = kind == ENCOUNTER_SYN_TIME_WAIT && is_sent_again(closing->from, closing->segment, time_ns),
		.from_start = was_opened_here(subject, closing->from),
		.limited = side->limited_ns && time_ns - side->limited_ns < LIMIT_NS,
		.subject_speaks = side->spoke,
		.perhaps_over = side->over_frame,
		.gaps = side->gaps,
		.cut = side->cut,
		.doubled = side->doubled,
		.skipped = side->skips,
		.shared = connection->shared,
		.blind = missed_ns && side->began_ns <= missed_ns,
		.owes = crossing_owes(side, subject, time_ns),
		.held_back = crossing_held_back(side, subject, time_ns) || side->order_open,
		.remote = crossing_is_remote(side),
		.away = origin_is_away(&side->origin),
		.disturbed = side->disturbed && crossing_is_remote(side),
	};
	marks_keep(encounter, marks, closing->sender);
	encounter->segment.payload = NULL;
	encounter->sequel.over = !sequel_is_wanted(encounter);
	closing_note_silence(encounter, closing);
	return true;
}

/* An end follows the RFCs; where Linux takes less for a reset, or more, it is Linux that counts. */
static void settle(struct track_side *side, struct encounter *encounter, struct end *subject)
{
	bool ended = subject->state == STATE_CLOSED || subject->state == STATE_LISTEN;
	enum judgement_effect effect;

	judgement_ask_linux(encounter);
	effect = judgement_effect(encounter);
	if (ended && encounter_is_reset(encounter->kind) && (effect == EFFECT_NONE || effect == EFFECT_MAYBE))
		*subject = encounter->subject;
	if (effect == EFFECT_MAYBE || (effect == EFFECT_ENDS && !ended))
		track_may_end(side, encounter->frame, encounter->time_ns);
}

/* Kernels take the acknowledgment of a FIN from segments whose text they drop (tcp_sequence() begins at rcv_wup). */
static bool may_be_last(const struct end *end, const struct segment *segment)
{
	return end->state == STATE_LAST_ACK && (segment->flags & FLAG_ACK) && segment->ack == end->snd_nxt;
}

void meeting_settle(struct track_side *side, struct encounter *encounter, struct end *subject, const struct segment *segment,
		    uint64_t frame, uint64_t time_ns)
{
	if (encounter && !encounter_is_open(encounter))
		settle(side, encounter, subject);
	if (may_be_last(subject, segment))
		track_may_end(side, frame, time_ns);
}
