/* sides_tell.c - from what was heard on both sides to the view of one exchange. */
#include "harness/wire/sides_internal.h"

#include "crafter/seq.h"

/* Numbers of the subject's segments: from the stimulus' coming out to that of the next segment of ours. */
struct side_span {
	uint32_t from, until;
};

static const struct segment *out_at(const struct side_connection *connection, uint32_t number)
{
	return &connection->outs[number % SIDES_OUTS_KEPT];
}

static struct side_span span_of(const struct side_connection *connection, const struct side_send *send)
{
	uint32_t end = connection->out_count;

	if (!send->reached)
		return (struct side_span){ end, end };
	return (struct side_span){ send->from, send->until < end ? send->until : end };
}

static struct side_span kept(const struct side_connection *connection)
{
	uint32_t end = connection->out_count;

	return (struct side_span){ end > SIDES_OUTS_KEPT ? end - SIDES_OUTS_KEPT : 0, end };
}

/* How much the subject's segment looks like what the crafted end heard: 3 the same, 2 the same numbers, 1 the same kind. */
static int answer_likeness(const struct segment *out, const struct segment *answer)
{
	if (out->flags != answer->flags || out->payload_size != answer->payload_size)
		return 0;
	if (!segment_alike(out, answer))
		return 1;
	return (sides_changes_of(answer, out, true, -1) & ~(unsigned)SIDE_OF_ROUTERS) ? 2 : 3;
}

/* What the subject sent of it: of its segments after the stimulus the one that looks most like it; of those before only the
 * same one. *maybe: one of those has the same numbers, and is not quite the same. */
static const struct segment *find_out(const struct side_connection *connection, const struct side_span *after,
				      const struct segment *answer, bool *maybe)
{
	const struct side_span all = kept(connection);
	const struct segment *best = NULL;
	int most = 0;

	*maybe = false;
	for (uint32_t i = all.from; i < all.until; i++) {
		const struct segment *out = out_at(connection, i);
		bool later = i >= after->from && i < after->until;
		int much = answer_likeness(out, answer);

		*maybe |= !later && much == 2;
		if ((later || much == 3) && much + 3 * later > most) {
			most = much ? much + 3 * later : most;
			best = much ? out : best;
		}
	}
	return best;
}

/* What it would have sent without the stimulus does not count: what it had sent before, again. */
static const struct segment *first_out(const struct side_connection *connection, const struct side_span *after)
{
	const struct side_span all = kept(connection);

	for (uint32_t i = after->from; i < after->until; i++) {
		const struct segment *out = out_at(connection, i);
		bool again = connection->opening.flags && segment_alike(out, &connection->opening);

		for (uint32_t j = all.from; j < after->from && !again; j++)
			again = segment_length(out) && segment_alike(out, out_at(connection, j));
		if (!again)
			return out;
	}
	return NULL;
}

static const struct side_send *find_send(const struct side_connection *connection, const struct segment *sent, bool again)
{
	const struct side_send *found = NULL;

	/* Where each has a mark of its own, that decides between those that are alike. */
	for (uint8_t i = again; i < connection->send_count; i++) {
		const struct side_send *send = &connection->sends[i];

		if (!segment_alike(&send->segment, sent))
			continue;
		if (send->segment.ip_id == sent->ip_id)
			return send;
		found = found ? found : send;
	}
	return found;
}

/* All that passed is known. */
static bool is_kept(const struct side_connection *connection)
{
	return connection->out_count <= SIDES_OUTS_KEPT && connection->came_count <= SIDES_OUTS_KEPT;
}

/* More segments of its kind went into the router than came out of it, and it had the time: -1 where that cannot be said. */
static int did_not_come(const struct side_connection *connection, const struct segment *out, uint64_t before_ns, bool *early)
{
	int balance = 0;

	if (!is_kept(connection))
		return -1;
	for (uint32_t i = 0; i < connection->out_count; i++) {
		const struct segment *other = out_at(connection, i);

		if (other->flags != out->flags || other->payload_size != out->payload_size)
			continue;
		*early |= connection->out_ns[i] > before_ns;
		balance++;
	}
	for (uint32_t i = 0; i < connection->came_count; i++)
		balance -= connection->cames[i].flags == out->flags && connection->cames[i].payload_size == out->payload_size;
	return balance > 0 && *early ? -1 : balance > 0;
}

/* What left either side before `before_ns` has had the time to cross. `settled`: all that the subject sent was heard. */
static void tell_answer(const struct side_table *sides, const struct side_connection *connection, const struct side_send *send,
			const struct segment *answer, uint64_t before_ns, bool settled, struct side_view *view)
{
	const struct side_span after = span_of(connection, send);
	const struct segment *first, *same;
	bool maybe = false, early = false;
	int stopped;

	if (after.from < kept(connection).from) /* too much passed since: some of it was not kept */
		return;
	first = first_out(connection, &after);
	same = answer ? find_out(connection, &after, answer, &maybe) : NULL;
	stopped = first ? did_not_come(connection, first, before_ns, &early) : 0;
	view->subject_answered = first != NULL && (same || stopped > 0);
	if (view->subject_answered)
		view->subject_answer = *first;
	if (!same && (stopped < 0 || !settled)) {
		view->early |= early || !settled;
		return;
	}
	if (!answer)
		view->answerer = stopped ? SIDE_ANSWERER_STOPPED : SIDE_ANSWERER_NOBODY;
	else if (same)
		view->answerer = SIDE_ANSWERER_SUBJECT;
	else if (!maybe)
		view->answerer = SIDE_ANSWERER_ROUTER;
	if (same)
		view->answer_changes = sides_changes_of(answer, same, true, sides_hops(sides));
}

/* It acknowledges or carries more than the crafted end has ever heard. A router that changes numbers (a SYN proxy) changes
 * those of the subject's first segment as well; then nothing can be said. */
static bool is_unheard(const struct side_connection *connection, const struct segment *out,
		       const struct side_progress *progress)
{
	if (out->flags & FLAG_RST)
		return false;
	if (progress->heard && connection->opening.flags && connection->opening.seq != progress->irs)
		return false;
	if (!progress->heard)
		return true;
	return ((out->flags & FLAG_ACK) && seq_after(out->ack, progress->snd_una)) ||
	       (segment_length(out) && seq_after(out->seq + segment_length(out), progress->rcv_nxt));
}

static bool is_router_reset(const struct side_connection *connection)
{
	bool came = false;

	if (!is_kept(connection))
		return false;
	for (uint32_t i = 0; i < connection->came_count; i++)
		came |= (connection->cames[i].flags & FLAG_RST) != 0;
	for (uint32_t i = 0; i < connection->out_count; i++)
		if (out_at(connection, i)->flags & FLAG_RST)
			return false;
	return came;
}

static void tell_set_up(const struct side_connection *connection, const struct side_progress *progress,
			struct side_view *view)
{
	view->router_reset = is_router_reset(connection);
	for (struct side_span span = kept(connection); span.from < span.until; span.from++) {
		const struct segment *out = out_at(connection, span.from);

		if (!is_unheard(connection, out, progress))
			continue;
		view->answerer = SIDE_ANSWERER_STOPPED;
		view->subject_answered = true;
		view->subject_answer = *out;
		return;
	}
}

static bool is_other(const struct endpoint *known, const struct endpoint *now)
{
	return known->address.family && !endpoint_equal(known, now);
}

static void tell_stimulus(const struct side_table *sides, const struct side_connection *connection,
			  const struct side_send *send, uint64_t before_ns, struct side_view *view)
{
	view->before = connection->behind;
	/* Where something came that belongs to no connection, it may be this. */
	if (sides_is_doubtful(connection, send) || (!send->reached && sides->unplaced != connection->began))
		return;
	view->early = !send->reached && send->sent_ns > before_ns;
	/* Of another's path nobody knows whether it leads past the capture. */
	if (!send->reached && sides->stranger && !connection->came) {
		view->early &= sides->lags;
		return;
	}
	if (view->early)
		return;
	view->stimulus = send->reached ? SIDE_FATE_REACHED : SIDE_FATE_STOPPED;
	if (!send->reached)
		return;
	view->reset = connection->is_reset;
	view->stimulus_changes = sides_changes_of(&send->segment, &send->behind, false, sides_hops(sides));
	view->source = send->behind.tuple.source;
	view->another_server = is_other(&connection->server, &send->behind.tuple.target);
	view->untranslated = endpoint_equal(&view->source, &connection->crafted) &&
			     !endpoint_equal(&view->before, &connection->crafted) && view->before.address.family;
}

/* The last that was sent like this. */
static void tell_follow_up(const struct side_connection *connection, const struct segment *sent, uint64_t before_ns,
			   struct side_view *view)
{
	const struct side_send *send = NULL;

	for (uint8_t i = 0; i < connection->send_count; i++)
		if (segment_alike(&connection->sends[i].segment, sent))
			send = &connection->sends[i];
	if (!send || sides_is_doubtful(connection, send))
		return;
	if (!send->reached) {
		view->early |= send->sent_ns > before_ns;
		view->follow_up = view->early ? SIDE_FATE_UNKNOWN : SIDE_FATE_STOPPED;
		return;
	}
	view->follow_up = SIDE_FATE_REACHED;
	view->follow_up_strange = is_other(&connection->behind, &send->behind.tuple.source) ||
				  is_other(&connection->server, &send->behind.tuple.target);
}

void sides_tell(const struct side_table *sides, const struct endpoint *crafted, const struct side_exchange *exchange,
		uint64_t upto_ns, struct side_view *view)
{
	const struct side_connection *connection = sides_find(sides, crafted);
	const struct side_send *send = NULL;
	uint64_t known_ns = sides->lags && sides->known_ns < upto_ns ? sides->known_ns : upto_ns;
	uint64_t patience_ns = sides_patience(sides), before_ns = known_ns > patience_ns ? known_ns - patience_ns : 0;

	*view = (struct side_view){ .routed = true, .set_up = exchange->progress, .answerer = SIDE_ANSWERER_UNKNOWN };
	if (!connection || connection->missed != sides->missed)
		return;
	view->nothing_came = !connection->came && sides->unplaced == connection->began;
	if (exchange->progress)
		tell_set_up(connection, exchange->progress, view);
	if (exchange->sent)
		send = find_send(connection, exchange->sent, exchange->again);
	if (!send)
		return;
	tell_stimulus(sides, connection, send, before_ns, view);
	/* Nor whether the subject's way back does. */
	if (view->stimulus != SIDE_FATE_UNKNOWN && exchange->follow_up)
		tell_follow_up(connection, exchange->follow_up, before_ns, view);
	if (view->stimulus != SIDE_FATE_UNKNOWN && !(sides->stranger && exchange->answer && !connection->out_count))
		tell_answer(sides, connection, send, exchange->answer, before_ns, !sides->lags || send->sent_ns <= before_ns,
			    view);
}
