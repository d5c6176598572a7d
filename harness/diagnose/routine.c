/* routine.c - what makes a segment routine, and what such a one changes. */
#include "harness/diagnose/routine.h"

#include "crafter/end_next.h"
#include "harness/diagnose/crossing.h"
#include "harness/diagnose/marks.h"
#include "harness/diagnose/meeting.h"

/* Nothing that an earlier segment asked is open: no encounter, no SYN, no delay, no doubt about a number. */
static bool is_quiet(const struct track *connection, const struct track_side *sender, const struct track_side *receiver)
{
	return !connection->waiting && !connection->handshake && !delay_is_awaited(&connection->delays) &&
	       !unshown_is_doubtful(&sender->unshown, &receiver->unshown, 0);
}

/* Has the one who gets it been silent for so long that somebody may wonder (closing_kind())? Or is it an answer to
 * something that did not pass here (losses_note())? */
static bool may_tell_more(const struct end *from, const struct track_side *sender, const struct track_side *receiver,
			  uint64_t time_ns)
{
	if (from->state == STATE_ESTABLISHED)
		return false;
	return receiver->unheard >= 2 || (from->state == STATE_TIME_WAIT && track_is_unasked(sender, time_ns));
}

/* It acknowledges once more what it did before, though more has come (crossing_disorder_here()). */
static bool may_be_duplicate_ack(const struct end *from, const struct segment *segment)
{
	return segment->payload_size == 0 && segment->ack == from->last_ack_sent && segment->ack != from->rcv_nxt;
}

bool routine_take(struct track *connection, const struct closing *closing, struct end *from, struct end *to, unsigned lacks,
		  uint64_t frame)
{
	struct track_side *sender = closing->sender, *receiver = closing->receiver;
	const struct segment *segment = closing->segment;
	uint64_t time_ns = closing->time_ns;

	if (lacks || !end_next_is(from, to, segment) || !is_quiet(connection, sender, receiver) ||
	    may_tell_more(from, sender, receiver, time_ns) || may_be_duplicate_ack(from, segment) ||
	    !marks_is_plain(sender, from, to, segment, frame, time_ns))
		return false;
	track_sender(sender, receiver, segment, 0, false, time_ns);
	if (sender->syn_ns)
		track_measure(sender, receiver, segment, time_ns);
	/* It is next for both: with the rest these have nothing to do. */
	if (segment->flags & FLAG_FIN)
		crossing_got(receiver, to, segment, false, time_ns);
	if (sender->calls || from->state == STATE_CLOSE_WAIT)
		crossing_sent(sender, from, segment, time_ns);
	track_sent(sender, from, segment, time_ns);
	track_heard(receiver, segment, false, track_idle_ns(connection, time_ns), time_ns);
	connection->is.unacknowledged = connection->is.unacknowledged && receiver->unheard > 0;
	end_next_pass(from, to, segment, time_ns);
	if (to->state == STATE_LAST_ACK)
		meeting_settle(receiver, NULL, to, segment, frame, time_ns);
	return true;
}
