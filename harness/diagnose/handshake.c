/* handshake.c - the SYNs in the order in which they came first, and what becomes of them. */
#include "harness/diagnose/handshake.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/units.h"
#include "harness/diagnose/ports.h"

/* A SYN comes again after 1, 3 and 7 s (TCP_TIMEOUT_INIT, doubled), since 6.5 after 1, 2, 3, 4, 5 and 7 s
 * (tcp_syn_linear_timeouts). Live, nothing waits so long. */
#define PATIENCE_NS (8 * NSEC_PER_SEC)
#define LIVE_PATIENCE_NS (4 * NSEC_PER_SEC)
/* Whoever has not answered by then does not: no way is longer. */
#define ANSWER_NS (900 * NSEC_PER_MSEC)
/* No sender repeats a SYN sooner: a copy of the network's, or of the capture's. */
#define COPY_NS (100 * NSEC_PER_MSEC)

/* LATE: a SYN that was lost comes again, which is routine; when two in a row are not answered, that is told. */
enum { HANDSHAKES_MAX = 65536, LATE = 3 };

struct handshake {
	struct segment syn; /* payload is NULL */
	struct track *connection;
	struct handshake *older, *newer;
	uint64_t frame, number, incarnation;
	uint64_t segment; /* of all segments, when it came; and how many were missing (struct waiting) */
	struct losses_sum before;
	uint64_t time_ns, last_ns;
	uint32_t slot;
	uint32_t answers; /* of the port until then */
	uint16_t sent;
	bool from_target, blind;
	struct encounter_syn facts;
};

struct handshakes {
	uint64_t missed_ns; /* something passed unseen until then; 0: nothing */
	struct waiting_queue *queue;
	const struct losses *losses;
	struct ports *ports;
	struct handshake *oldest, *newest, *spare;
	size_t count;
};

struct handshakes *handshake_open(struct waiting_queue *queue, const struct losses *losses)
{
	struct handshakes *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	all->queue = queue;
	all->losses = losses;
	all->ports = ports_open();
	if (all->ports)
		return all;
	free(all);
	return NULL;
}

static void free_list(struct handshake *handshake)
{
	while (handshake) {
		struct handshake *next = handshake->newer;

		free(handshake);
		handshake = next;
	}
}

void handshake_close(struct handshakes *all)
{
	if (!all)
		return;
	free_list(all->oldest);
	free_list(all->spare);
	ports_close(all->ports);
	free(all);
}

/* Nothing that came after the oldest of them is handed over before it is known what it is. */
static void hold(struct handshakes *all)
{
	all->queue->held_from = all->oldest ? all->oldest->frame : 0;
}

static void drop(struct handshakes *all, struct handshake *handshake)
{
	*(handshake->older ? &handshake->older->newer : &all->oldest) = handshake->newer;
	*(handshake->newer ? &handshake->newer->older : &all->newest) = handshake->older;
	handshake->connection->handshake = NULL;
	handshake->newer = all->spare;
	all->spare = handshake;
	all->count--;
	hold(all);
}

static bool opens_fast(const struct segment *syn)
{
	return syn->payload_size > 0 || segment_has_option(syn, OPTION_FAST_OPEN);
}

static int begin(struct handshakes *all, struct track *connection, uint32_t slot, const struct closing *closing,
		 bool from_target, uint64_t frame)
{
	const struct segment *segment = closing->segment;
	struct port_facts *port = ports_of(all->ports, &segment->tuple.target);
	struct handshake *handshake = all->spare;

	if (handshake)
		all->spare = handshake->newer;
	else
		handshake = malloc(sizeof(*handshake));
	if (!handshake)
		return -1;
	*handshake = (struct handshake){
		.syn = *segment, .connection = connection, .older = all->newest, .frame = frame,
		.number = connection->is.number, .incarnation = connection->is.conversation.incarnation + 1,
		.segment = all->losses->segments, .before = losses_before(all->losses), .time_ns = closing->time_ns,
		.last_ns = closing->time_ns, .slot = slot, .answers = port->answers, .sent = 1, .from_target = from_target,
	};
	handshake->syn.payload = NULL;
	handshake->blind = closing->time_ns <= all->missed_ns;
	handshake->facts.fast = opens_fast(segment);
	handshake->facts.has_timestamps = segment_has_option(segment, OPTION_TIMESTAMPS);
	if (handshake->facts.has_timestamps)
		handshake->facts.newer_ns = ports_stamp(all->ports, &segment->tuple, segment->tsval, closing->time_ns);
	*(all->newest ? &all->newest->newer : &all->oldest) = handshake;
	all->newest = handshake;
	connection->handshake = handshake;
	all->count++;
	hold(all);
	return 0;
}

/* `answers`: of the port when the SYN came first. */
static void describe_port(const struct port_facts *port, uint32_t answers, struct encounter_syn *facts)
{
	facts->answers = port->answers;
	facts->meanwhile = port->answers > answers ? port->answers - answers : 0;
	facts->refusals = port->refusals;
	facts->silences = port->silences;
	facts->answer_ns = port->answer_ns;
	facts->again_ns = port->again_ns;
	facts->delay_ns = port->delay_ns;
	facts->takes_older = port->takes_older;
}

static void gather(struct handshakes *all, struct handshake *handshake)
{
	struct port_facts *port = ports_of(all->ports, &handshake->syn.tuple.target);

	handshake->facts.sent = handshake->sent;
	handshake->facts.last_ns = handshake->last_ns;
	describe_port(port, handshake->answers, &handshake->facts);
	port->silences++;
}

void handshake_meet(struct handshakes *all, struct encounter *encounter)
{
	if (encounter->kind == ENCOUNTER_SYN_TIME_WAIT)
		encounter->syn.answers = ports_of(all->ports, &encounter->segment.tuple.target)->answers;
}

void handshake_settle(struct handshakes *all, struct encounter *encounter)
{
	const struct endpoint *port = &encounter->segment.tuple.target;

	if (encounter->kind == ENCOUNTER_SYN_TIME_WAIT && !encounter->answered)
		describe_port(ports_of(all->ports, port), encounter->syn.answers, &encounter->syn);
}

/* It becomes an encounter. `answer`: what answered it at last, or NULL. */
static int conclude(struct handshakes *all, struct handshake *handshake, const struct segment *answer, uint64_t frame,
		    uint64_t time_ns)
{
	struct track *connection = handshake->connection;
	enum ports_host host = ports_host(all->ports, &handshake->syn.tuple.target.address);
	struct encounter encounter = {
		.kind = answer ? ENCOUNTER_SYN_LATE : handshake->facts.icmp_ns ? ENCOUNTER_SYN_UNREACHABLE :
			ENCOUNTER_SYN_UNANSWERED,
		.frame = handshake->frame,
		.time_ns = handshake->time_ns,
		.segment = handshake->syn,
		.subject_is_target = !handshake->from_target,
		.connection = handshake->number,
		.incarnation = (uint32_t)handshake->incarnation,
		.from_start = true,
		.blind = handshake->blind,
		.lacks = (handshake->from_target ? &connection->source : &connection->target)->unshown.lacks,
		.subject_speaks = host == PORTS_HOST_SPEAKS,
		.over = true,
		.sequel.over = true,
	};
	const struct origin_mark nothing = { .view = ORIGIN_OWN };

	/* Whether anybody listens there is the question. */
	end_init(&encounter.subject, answer ? STATE_LISTEN : STATE_UNKNOWN);
	gather(all, handshake);
	encounter.syn = handshake->facts;
	encounter.syn.host_silent = host == PORTS_HOST_SILENT;
	encounter.syn.host_asks = host == PORTS_HOST_ASKS;
	if (answer) {
		encounter_answer_with(&encounter, answer, &nothing, frame, time_ns);
		encounter.delay_known = true;
		encounter.delay_frame = frame;
		encounter.delay_ns = time_ns - handshake->time_ns;
	}
	connection->is.encounters++;
	if (!waiting_add_late(all->queue, &encounter, handshake->slot, handshake->segment, &handshake->before))
		return -1;
	drop(all, handshake);
	return 0;
}

/* `now_ns` may be before the SYN: live, time is known to have passed only until shortly before the present. An ICMP error says
 * that no segment will come: after some of them a client gives up at once (tcp_v4_err()). */
static bool is_silence(const struct handshake *handshake, uint64_t now_ns)
{
	return handshake->facts.icmp_ns || now_ns >= handshake->last_ns + ANSWER_NS;
}

static int take_syn(struct handshakes *all, struct track *connection, uint32_t slot, const struct closing *closing,
		    bool from_target, uint64_t frame)
{
	struct handshake *handshake = connection->handshake;
	const struct end *from = closing->from;
	enum state state = closing->to->state;
	bool same = handshake && handshake->from_target == from_target && handshake->syn.seq == closing->segment->seq;

	if (same) {
		if (closing->time_ns - handshake->last_ns < COPY_NS)
			return 0;
		handshake->sent++;
		handshake->last_ns = closing->time_ns;
		handshake->facts.plain_again |= !opens_fast(closing->segment);
		return 0;
	}
	if (handshake && handshake->from_target == from_target && is_silence(handshake, closing->time_ns)) {
		if (conclude(all, handshake, NULL, 0, 0) < 0)
			return -1;
	} else if (handshake) { /* both ends connect */
		drop(all, handshake);
		return 0;
	}
	if (state != STATE_LISTEN && state != STATE_CLOSED && state != STATE_UNKNOWN)
		return 0;
	/* Told already, and sent again. */
	if (from->state == STATE_SYN_SENT && from->iss == closing->segment->seq)
		return 0;
	return begin(all, connection, slot, closing, from_target, frame);
}

uint64_t handshake_answers(struct handshakes *all, const struct endpoint *port)
{
	return ports_of(all->ports, port)->answers;
}

static void note_answer(struct handshakes *all, const struct handshake *handshake, uint64_t time_ns)
{
	struct port_facts *port = ports_of(all->ports, &handshake->syn.tuple.target);
	uint64_t delay_ns = time_ns > handshake->time_ns ? time_ns - handshake->time_ns : 1;

	port->answers++;
	port->answer_ns = time_ns;
	port->takes_older |= handshake->facts.newer_ns != 0;
	if (handshake->sent == 1 && (!port->delay_ns || delay_ns < port->delay_ns))
		port->delay_ns = delay_ns;
}

static int take_answer(struct handshakes *all, struct handshake *handshake, const struct closing *closing, uint64_t frame)
{
	const struct segment *segment = closing->segment;
	bool acks = (segment->flags & FLAG_ACK) && segment->ack - handshake->syn.seq - 1 <= handshake->syn.payload_size;

	if (acks && (segment->flags & FLAG_RST)) {
		ports_of(all->ports, &handshake->syn.tuple.target)->refusals++;
	} else if (acks && (segment->flags & FLAG_SYN)) {
		note_answer(all, handshake, closing->time_ns);
		if (handshake->sent >= LATE)
			return conclude(all, handshake, segment, frame, closing->time_ns);
	}
	drop(all, handshake);
	return 0;
}

int handshake_pass(struct handshakes *all, struct track *connection, uint32_t slot, const struct closing *closing,
		   bool from_target, uint64_t frame)
{
	struct track_side *sender = from_target ? &connection->target : &connection->source;
	struct handshake *handshake = connection->handshake;
	const struct segment *segment = closing->segment;

	if (!sender->known)
		ports_note_host(all->ports, &segment->tuple.source.address, segment->flags);
	sender->known |= !(segment->flags & (FLAG_SYN | FLAG_RST));
	if ((segment->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == FLAG_SYN)
		return take_syn(all, connection, slot, closing, from_target, frame);
	if (!handshake)
		return 0;
	if (handshake->from_target != from_target)
		return take_answer(all, handshake, closing, frame);
	drop(all, handshake); /* it was answered, or given up: the capture does not show how */
	return 0;
}

void handshake_told(struct handshakes *all, const struct encounter *encounter, struct track_side *sender,
		    struct track_side *receiver)
{
	sender->again |= encounter->kind == ENCOUNTER_SYN_ACK_AGAIN;
	receiver->silence_told |= encounter->kind == ENCOUNTER_HALF_CLOSED_SILENT || encounter->kind == ENCOUNTER_DATA_SILENT;
	if (encounter->kind == ENCOUNTER_SYN_ACK_AGAIN)
		ports_of(all->ports, &encounter->segment.tuple.source)->again_ns = encounter->time_ns;
}

void handshake_miss(struct handshakes *all, uint64_t to_ns)
{
	all->missed_ns = to_ns;
	for (struct handshake *handshake = all->oldest; handshake; handshake = handshake->newer)
		handshake->blind = true;
}

void handshake_icmp(struct track *connection, const struct notice *notice, uint64_t time_ns)
{
	struct handshake *handshake = connection->handshake;

	if (!handshake || handshake->facts.icmp_ns)
		return;
	handshake->facts.icmp_ns = time_ns;
	handshake->facts.icmp_type = notice->icmp_type;
	handshake->facts.icmp_code = notice->icmp_code;
	handshake->facts.icmp_from = notice->from;
}

int handshake_wait(struct handshakes *all, uint64_t now_ns)
{
	uint64_t patience_ns = all->queue->live ? LIVE_PATIENCE_NS : PATIENCE_NS;

	while (all->oldest && (all->count > HANDSHAKES_MAX || waiting_is_full(all->queue))) {
		drop(all, all->oldest);
		all->queue->hurried++;
	}
	while (all->oldest && now_ns >= all->oldest->time_ns + patience_ns && is_silence(all->oldest, now_ns))
		if (conclude(all, all->oldest, NULL, 0, 0) < 0)
			return -1;
	return 0;
}

void handshake_forget(struct handshakes *all, struct track *connection, uint64_t now_ns)
{
	struct handshake *handshake = connection->handshake;

	bool silent = handshake && (handshake->sent >= LATE || is_silence(handshake, now_ns));

	if (handshake && (!silent || conclude(all, handshake, NULL, 0, 0) < 0))
		drop(all, handshake);
}

void handshake_finish(struct handshakes *all, uint64_t now_ns)
{
	while (all->oldest)
		handshake_forget(all, all->oldest->connection, now_ns);
}
