/* tracker.c - each segment to the two ends of its connection, and what comes of it. */
#include "harness/diagnose/tracker.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/units.h"
#include "harness/diagnose/cause.h"
#include "harness/diagnose/closing.h"
#include "harness/diagnose/crossing.h"
#include "harness/diagnose/handshake.h"
#include "harness/diagnose/hearing.h"
#include "harness/diagnose/incidents.h"
#include "harness/diagnose/losses.h"
#include "harness/diagnose/marks.h"
#include "harness/diagnose/meeting.h"
#include "harness/diagnose/routine.h"
#include "harness/diagnose/tracks.h"
#include "harness/diagnose/waiting.h"

/* A capture of a host that does anything is not silent for so long. */
#define STILL_NS (600 * NSEC_PER_SEC)
/* TCP_TIMEWAIT_LEN: so long the connection before may answer a SYN. */
#define BEFORE_NS (60 * NSEC_PER_SEC)

struct tracker {
	struct tracks tracks;
	struct waiting_queue queue;
	struct losses losses;
	struct nat nat;
	struct handshakes *handshakes;
	struct marks_capture marks;
	struct incidents incidents;
	struct ladder_ring *ladder;
	uint64_t now_ns; /* of the last segment */
	uint64_t missed_ns; /* something passed unseen until then; 0: nothing */
	bool thorough;
	bool times_late; /* some connection has a list of delays that were not known in time */
	struct tracker_counts counts;
	struct tracker_sink sink;
};

/* Its delay may show later. */
static void time_delivered(struct tracker *tracker, struct waiting *waiting)
{
	struct encounter *encounter = &waiting->encounter;

	/* What ended it may have come before, unseen. */
	if (encounter->lossy || encounter->blind) {
		encounter->delay_known = false;
		encounter->delay_frame = encounter->delay_ns = 0;
	}
	if (waiting->delayed_in == WAITING_NOBODY)
		return;
	tracker->times_late = true;
	delay_deliver(&tracks_at(&tracker->tracks, waiting->delayed_in)->delays, waiting, encounter_is_withdrawn(encounter) ?
		      CAUSE_MOST : cause_number(cause_of(encounter)));
}

/* Why nobody answers, as somebody on the way tells it. */
static void note_icmp(const struct track *connection, struct encounter *encounter)
{
	const struct track_icmp *icmp = &connection->icmp;

	if (!encounter_is_ignored(encounter->kind) || icmp->of_target != encounter->subject_is_target ||
	    icmp->time_ns + encounter->unanswered_ns < encounter->time_ns)
		return;
	encounter->syn.icmp_ns = icmp->time_ns;
	encounter->syn.icmp_type = icmp->type;
	encounter->syn.icmp_code = icmp->code;
	encounter->syn.icmp_from = icmp->from;
}

/* What only the segments after it show of an encounter. A forgotten connection has none. */
static bool settle_late(void *context, struct encounter *encounter, uint32_t slot)
{
	struct tracker *tracker = context;
	struct track *connection = tracks_at(&tracker->tracks, slot);
	bool is_there = connection->is.number == encounter->connection;

	handshake_settle(tracker->handshakes, encounter);
	encounter->jumbled = is_there && connection->jumbled;
	if (is_there && connection->icmp.time_ns)
		note_icmp(connection, encounter);
	marks_settle(encounter, is_there ? connection : NULL, &tracker->marks);
	encounter->repeats = is_there && !encounter_is_withdrawn(encounter) &&
			     nat_repeats(&tracker->nat, connection, encounter);
	if (is_there && encounter->subject_is_target)
		crossing_settle(&connection->target, &connection->is.conversation.target, encounter);
	else if (is_there)
		crossing_settle(&connection->source, &connection->is.conversation.source, encounter);
	time_delivered(tracker, tracker->queue.first);
	if (!encounter_is_withdrawn(encounter)) {
		encounter->incident = incidents_take(&tracker->incidents, encounter);
		return true;
	}
	connection->is.encounters -= is_there;
	return false;
}

struct tracker *tracker_open(size_t most, const struct tracker_sink *sink)
{
	struct tracker *tracker = calloc(1, sizeof(*tracker));

	if (!tracker)
		return NULL;
	tracker->ladder = ladder_open();
	tracker->handshakes = handshake_open(&tracker->queue, &tracker->losses);
	tracker->sink = *sink;
	tracker->queue.sink = sink->encounter;
	tracker->queue.context = sink->context;
	tracker->queue.settle = settle_late;
	tracker->queue.settler = tracker;
	if (tracks_open(&tracker->tracks, most) == 0 && tracker->ladder && tracker->handshakes)
		return tracker;
	tracker_close(tracker);
	return NULL;
}

static void tell(struct tracker *tracker, struct tracked *connection)
{
	nat_tell(&tracker->nat, connection);
	if (tracker->sink.connection)
		tracker->sink.connection(tracker->sink.context, connection);
}

/* The one that is idle longest makes room. */
static void forget(struct tracker *tracker, struct track *connection)
{
	waiting_forget(&connection->waiting);
	handshake_forget(tracker->handshakes, connection, tracker->now_ns);
	delay_forget(&connection->delays);
	tell(tracker, &connection->is);
	tracker->counts.forgotten++;
}

/* The connection of a segment, an old one or a new one. A first segment with a SYN shows ends that were closed before, and a
 * server that may listen; any other one is from the middle. */
static struct track *connection_of(struct tracker *tracker, const struct segment *segment, bool *reversed)
{
	bool opens = (segment->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == FLAG_SYN;
	struct track *connection = tracks_find(&tracker->tracks, &segment->tuple, reversed);

	if (connection) {
		tracks_touch(&tracker->tracks, connection);
		return connection;
	}
	*reversed = false;
	connection = tracks_superfluous(&tracker->tracks);
	if (connection)
		forget(tracker, connection);
	connection = tracks_add(&tracker->tracks, &segment->tuple);
	conversation_init(&connection->is.conversation, &segment->tuple, opens ? STATE_CLOSED : STATE_UNKNOWN,
			  opens ? STATE_LISTEN : STATE_UNKNOWN);
	connection->is.number = ++tracker->counts.connections;
	connection->is.from_middle = !opens;
	return connection;
}

/* What waits there may have arrived in another order, or not at all. */
static void disturb(struct track *connection, struct track_side *side)
{
	side->disturbed = true;
	for (struct waiting *waiting = connection->waiting; waiting; waiting = waiting->of_same)
		if (!waiting->encounter.over &&
		    side == (waiting->encounter.subject_is_target ? &connection->target : &connection->source))
			waiting->encounter.disturbed |= crossing_is_remote(side);
}

static void note_disorder(struct tracker *tracker, struct track *connection, const struct closing *closing)
{
	bool here = crossing_disorder_here(closing->from, closing->segment, track_idle_ns(connection, closing->time_ns));
	bool there = crossing_disorder_there(closing->from, closing->segment);

	if (here || there)
		losses_disorder(&tracker->losses);
	if (here)
		disturb(connection, closing->sender);
	if (there)
		disturb(connection, closing->receiver);
}

/* 1: an encounter, which is the first of connection->waiting now. */
static int meet(struct tracker *tracker, struct track *connection, const struct closing *closing, bool subject_is_target,
		const struct marks *marks, unsigned lacks, uint64_t frame)
{
	struct encounter encounter;

	if (!meeting_make(&encounter, connection, closing, subject_is_target, marks, frame, tracker->missed_ns))
		return 0;
	encounter.lacks = unshown_matters(&closing->receiver->unshown, closing->to, closing->segment, lacks);
	encounter.torn = nat_disagrees(&tracker->tracks, connection, closing->to);
	handshake_meet(tracker->handshakes, &encounter);
	if (encounter.kind == ENCOUNTER_TWO_CLOCKS)
		clocks_tell(&tracker->marks.clocks, closing->segment);
	return waiting_add(&tracker->queue, &encounter, connection->slot, &connection->waiting,
			   &tracker->losses) ? 1 : -1;
}

/* Whether a reset with another TTL comes from the end that it names is not known yet: that end may go on. */
static void go(struct conversation *conversation, bool from_target, struct track_side *sender, const struct segment *segment,
	       const struct origin_mark *origin, uint64_t frame, uint64_t time_ns)
{
	struct end *from = from_target ? &conversation->target : &conversation->source;
	bool doubtful = origin && origin->view == ORIGIN_ODD && (segment->flags & FLAG_RST);
	struct end before;

	if (doubtful)
		before = *from;
	conversation_pass_from(conversation, from_target, segment, time_ns);
	if (!doubtful)
		return;
	*from = before;
	track_may_end(sender, frame, time_ns);
}

/* The segment has passed: what it acknowledges, and who waits because of it. */
static void time_delays(struct tracker *tracker, struct track *connection, bool from_target, const struct segment *segment,
			bool is_encounter, uint64_t frame, uint64_t time_ns)
{
	const struct delay_passed passed = {
		&connection->is.conversation, connection->source.gaps, connection->target.gaps, tracker->missed_ns, frame,
		time_ns,
	};
	struct delay delay;

	if (delay_is_awaited(&connection->delays))
		delay_pass(&connection->delays, &passed, tracker->sink.delay, tracker->sink.context);
	if (!is_encounter || !encounter_has_times(&connection->waiting->encounter))
		return;
	delay = delay_of(passed.conversation, from_target, segment, time_ns);
	delay_begin(&connection->delays, connection->waiting, connection->slot, &delay);
}

/* It lasts until the silent side speaks. */
static void note_silence(struct tracked *connection, const struct closing *closing)
{
	connection->unacknowledged = closing_is_unacknowledged(closing) ||
				     (connection->unacknowledged && closing->receiver->unheard > 0);
}

/* What a live listener knows that it missed explains the gaps in all that was there then, be it the connection before, which
 * may be what answers a SYN; an odd reset may be forged. */
static bool tells_of_others(const struct tracker *tracker, const struct track_side *sender, const struct end *to,
			    const struct segment *segment, uint64_t time_ns)
{
	uint64_t there_ns = sender->began_ns;

	if (to->state == STATE_SYN_SENT && there_ns + BEFORE_NS > time_ns)
		there_ns = time_ns > BEFORE_NS ? time_ns - BEFORE_NS : 0;
	return !(segment->flags & FLAG_RST) && !(tracker->missed_ns && there_ns <= tracker->missed_ns);
}

/* The segment goes from one end to the other. */
static int pass(struct tracker *tracker, struct track *connection, bool reversed, const struct segment *given,
		unsigned lacks, uint64_t frame, uint64_t time_ns)
{
	struct conversation *conversation = &connection->is.conversation;
	struct end *from = reversed ? &conversation->target : &conversation->source;
	struct end *to = reversed ? &conversation->source : &conversation->target;
	struct track_side *sender = reversed ? &connection->target : &connection->source;
	struct track_side *receiver = reversed ? &connection->source : &connection->target;
	struct segment placed;
	const struct segment *segment = unshown_place(to, given, lacks, &placed);
	bool doubtful = unshown_is_doubtful(&sender->unshown, &receiver->unshown, lacks);
	struct end unreached;
	struct closing closing = { from, to, sender, receiver, segment, time_ns };
	bool keepalive = closing_is_keepalive(from, to, segment);
	const uint32_t incarnation = conversation->incarnation, lives[] = { from->lives, to->lives };
	struct marks noted, *marks = NULL;
	enum state before = to->state;
	struct encounter *encounter;
	bool gap;
	int result;

	if (!marks_is_plain(sender, from, to, segment, frame, time_ns)) {
		marks = &noted;
		marks_note(marks, &tracker->marks, sender, from, to, segment, keepalive, lacks, frame,
			   time_ns);
	}
	gap = losses_note(&tracker->losses, from, to, segment, track_is_unasked(sender, time_ns));
	if (gap && tells_of_others(tracker, sender, to, segment, time_ns))
		losses_gap(&tracker->losses);
	track_sender(sender, receiver, segment, lacks, gap, time_ns);
	track_measure(sender, receiver, segment, time_ns);
	note_disorder(tracker, connection, &closing);
	if (connection->waiting)
		hearing_take(connection, reversed, segment, marks ? &marks->origin : NULL, frame, time_ns);
	result = meet(tracker, connection, &closing, !reversed, marks, lacks, frame);
	crossing_got(receiver, to, segment, result > 0, time_ns);
	crossing_sent(sender, from, segment, time_ns);
	track_sent(sender, from, segment, time_ns);
	track_heard(receiver, segment, keepalive, track_idle_ns(connection, time_ns), time_ns);
	note_silence(&connection->is, &closing);
	encounter = result > 0 ? &connection->waiting->encounter : NULL;
	if (encounter)
		handshake_told(tracker->handshakes, encounter, sender, receiver);
	connection->shared |= encounter && encounter_is_second_syn_ack(encounter);
	if (handshake_pass(tracker->handshakes, connection, connection->slot, &closing, reversed,
			   frame) < 0)
		return -1;
	if (doubtful)
		unreached = *to;
	go(conversation, reversed, sender, segment, marks ? &marks->origin : NULL, frame, time_ns);
	if (doubtful)
		unshown_note(&sender->unshown, &receiver->unshown, &unreached, to, segment, lacks);
	tracker->counts.incarnations += conversation->incarnation - incarnation;
	if ((segment->flags & (FLAG_SYN | FLAG_RST)) == FLAG_SYN)
		nat_note(&tracker->nat, &tracker->tracks, connection, segment, time_ns);
	if (from->lives != lives[0])
		track_begin(sender, lacks, time_ns);
	if (from->lives != lives[0] && !(segment->flags & FLAG_ACK))
		connection->shared = false;
	if (from->lives != lives[0])
		hearing_end(connection, reversed);
	if (to->lives != lives[1])
		track_begin(receiver, lacks, time_ns);
	sender->syn_ack |= (segment->flags & (FLAG_SYN | FLAG_ACK)) == (FLAG_SYN | FLAG_ACK);
	meeting_settle(receiver, encounter, to, segment, frame, time_ns);
	connection->is.seen |= (uint8_t)(reversed ? TRACKED_TARGET : TRACKED_SOURCE);
	if ((segment->flags & (FLAG_ACK | FLAG_SYN | FLAG_RST)) == FLAG_ACK)
		connection->is.seen |= TRACKED_ACK;
	tracker->counts.refusals += tracked_pass(&connection->is, segment, before, to->state,
						 conversation->incarnation != incarnation);
	time_delays(tracker, connection, reversed, segment, result > 0, frame, time_ns);
	ladder_add(tracker->ladder, &connection->last_rung, connection->is.segments, segment, frame, time_ns, reversed,
		   conversation->source.state, conversation->target.state);
	return result;
}

/* The same for nearly all segments. False: this one is not like them, and nothing was done. */
static bool pass_routine(struct tracker *tracker, struct track *connection, bool reversed, const struct segment *segment,
			 unsigned lacks, uint64_t frame, uint64_t time_ns)
{
	struct conversation *conversation = &connection->is.conversation;
	struct end *source = &conversation->source, *target = &conversation->target;
	const struct closing closing = {
		reversed ? target : source, reversed ? source : target, reversed ? &connection->target : &connection->source,
		reversed ? &connection->source : &connection->target, segment, time_ns,
	};

	if (tracker->thorough ||
	    !routine_take(connection, &closing, reversed ? target : source, reversed ? source : target, lacks, frame))
		return false;
	if (!closing.sender->known)
		handshake_pass(tracker->handshakes, connection, 0, &closing, reversed, frame); /* notes its host */
	losses_pass(&tracker->losses, segment);
	ladder_add(tracker->ladder, &connection->last_rung, connection->is.segments, segment, frame, time_ns, reversed,
		   source->state, target->state);
	return true;
}

static struct waiting **head_of(void *context, uint32_t owner)
{
	struct tracker *tracker = context;

	return &tracks_at(&tracker->tracks, owner)->waiting;
}

int tracker_take(struct tracker *tracker, const struct segment *segment, unsigned lacks, uint64_t frame, uint64_t time_ns,
		 struct error *error)
{
	struct track *connection;
	bool reversed;
	int result;

	/* The clock was set, or the capture stood still. */
	if (tracker->counts.segments && time_ns > tracker->now_ns + STILL_NS)
		tracker_miss(tracker, tracker->now_ns, time_ns);
	tracker->now_ns = time_ns;
	if (tracker->queue.held_from && handshake_wait(tracker->handshakes, time_ns) < 0)
		return fail(error, "out of memory");
	if (tracker->queue.first && !tracker->queue.live)
		waiting_deliver(&tracker->queue, time_ns, &tracker->losses, head_of, tracker);
	if (tracker->queue.unread)
		waiting_read_ladders(&tracker->queue, tracker->ladder);
	tracker->counts.segments++;
	connection = connection_of(tracker, segment, &reversed);
	if (!connection->is.segments) {
		connection->is.first_frame = frame;
		connection->is.begun_ns = time_ns;
		if (connection->is.conversation.target.state == STATE_LISTEN) /* nothing before it is in doubt */
			connection->source.began_ns = connection->target.began_ns = time_ns;
	}
	result = pass_routine(tracker, connection, reversed, segment, lacks, frame, time_ns) ? 0 :
		 pass(tracker, connection, reversed, segment, lacks, frame, time_ns);
	connection->is.last_ns = time_ns;
	connection->is.segments++;
	connection->is.encounters += result > 0;
	return result < 0 ? fail(error, "out of memory") : 0;
}

void tracker_icmp(struct tracker *tracker, const struct tuple *tuple, const struct notice *notice, uint64_t time_ns)
{
	bool reversed;
	struct track *connection = tracks_find(&tracker->tracks, tuple, &reversed);

	if (!connection)
		return;
	handshake_icmp(connection, notice, time_ns);
	connection->icmp = (struct track_icmp){ time_ns, notice->from, notice->icmp_type, notice->icmp_code, reversed };
}

void tracker_doubt(struct tracker *tracker, const struct tuple *tuple)
{
	struct track *connection = tracks_find(&tracker->tracks, tuple, NULL);

	if (connection)
		connection->source.origin.echoes = connection->target.origin.echoes = true;
}

void tracker_disorder(struct tracker *tracker, const struct tuple *tuple, uint64_t time_ns)
{
	struct track *connection = tracks_find(&tracker->tracks, tuple, NULL);

	if (connection)
		connection->jumbled |= connection->is.last_ns > time_ns;
}

void tracker_stay_awake(struct tracker *tracker, size_t connections)
{
	tracker->tracks.awake_most = connections;
}

size_t tracker_ladder(const struct tracker *tracker, struct ladder_rung rungs[static LADDER_MOST])
{
	return waiting_ladder(&tracker->queue, tracker->ladder, rungs);
}

void tracker_be_thorough(struct tracker *tracker)
{
	tracker->thorough = true;
}

void tracker_live(struct tracker *tracker, uint64_t upto_ns)
{
	tracker->queue.live = true;
	if (upto_ns > tracker->now_ns)
		tracker->now_ns = upto_ns;
	handshake_wait(tracker->handshakes, upto_ns); /* without memory it is only told later */
	waiting_deliver(&tracker->queue, upto_ns, &tracker->losses, head_of, tracker);
}

void tracker_miss(struct tracker *tracker, uint64_t from_ns, uint64_t to_ns)
{
	tracker->missed_ns = to_ns;
	losses_explain(&tracker->losses);
	waiting_miss(&tracker->queue, from_ns, tracker->losses.segments);
	handshake_miss(tracker->handshakes, to_ns);
}

void tracker_finish(struct tracker *tracker)
{
	struct tracked room;

	handshake_finish(tracker->handshakes, tracker->now_ns);
	waiting_finish(&tracker->queue, tracker->now_ns, &tracker->losses);
	for (size_t i = 0; i < tracker->tracks.used; i++)
		tell(tracker, tracks_read(&tracker->tracks, (uint32_t)i, &room));
}

uint64_t tracker_settled(const struct tracker *tracker)
{
	uint64_t frame = tracker->queue.first ? tracker->queue.first->encounter.frame : UINT64_MAX;

	return tracker->queue.held_from && tracker->queue.held_from < frame ? tracker->queue.held_from : frame;
}

uint64_t tracker_answers(struct tracker *tracker, const struct endpoint *port)
{
	return handshake_answers(tracker->handshakes, port);
}

void tracker_count(const struct tracker *tracker, struct tracker_counts *counts)
{
	*counts = tracker->counts;
	counts->gaps = tracker->losses.sum.gaps;
	counts->nat = tracker->nat.counts;
	counts->hurried = tracker->queue.hurried;
}

void tracker_close(struct tracker *tracker)
{
	if (!tracker)
		return;
	waiting_free(&tracker->queue);
	ladder_close(tracker->ladder);
	handshake_close(tracker->handshakes);
	/* Of one that sleeps there are none. */
	for (size_t i = 0; tracker->times_late && i < tracker->tracks.awake_used; i++)
		delay_forget(&tracker->tracks.awake[i].delays);
	tracks_close(&tracker->tracks);
	free(tracker);
}
