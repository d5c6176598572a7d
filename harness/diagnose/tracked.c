/* tracked.c - how connections end. */
#include "harness/diagnose/tracked.h"

/* A reset ends a connection, unless it is over already, or the reset is answered by a challenge. */
bool tracked_pass(struct tracked *connection, const struct segment *segment, enum state before, enum state after, bool begins)
{
	bool ended = (segment->flags & FLAG_RST) && after != before && (after == STATE_CLOSED || after == STATE_LISTEN);

	if (begins)
		connection->reset = connection->refused = false;
	if (ended && before == STATE_SYN_SENT) {
		connection->refused = true;
		connection->refusals++;
	} else if (ended && before != STATE_TIME_WAIT) {
		connection->reset = true;
	}
	return ended && before == STATE_SYN_SENT;
}

bool tracked_is_one_way(const struct tracked *connection)
{
	return (connection->seen & TRACKED_ACK) && (connection->seen & (TRACKED_SOURCE | TRACKED_TARGET)) !=
						  (TRACKED_SOURCE | TRACKED_TARGET);
}

static bool is_opening(const struct end *end)
{
	return end->state == STATE_SYN_SENT || end->state == STATE_SYN_RECV;
}

enum tracked_end tracked_end_of(const struct tracked *connection)
{
	const struct end *source = &connection->conversation.source, *target = &connection->conversation.target;

	if (connection->reset || connection->refused)
		return connection->reset ? TRACKED_RESET : TRACKED_REFUSED;
	if (source->fin_sent && target->fin_sent)
		return TRACKED_CLOSED;
	if (is_opening(source) || is_opening(target))
		return TRACKED_UNOPENED;
	return connection->unacknowledged ? TRACKED_UNACKNOWLEDGED : TRACKED_OPEN;
}
