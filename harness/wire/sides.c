/* sides.c - pairs the segments before a router with those behind it. */
#include "harness/wire/sides.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/seq.h"
#include "crafter/units.h"

enum {
	CONNECTIONS = 1 << 16, /* by the crafted end's port */
	KEYS = 1 << 17,        /* of a table, a power of two */
	WINDOW = 16,           /* places where a key may be */
	SENDS_MAX = 6, OUTS_KEPT = 16,
};

/* What crosses the router does so within that time. */
#define CROSSING_NS (20 * NSEC_PER_MSEC)

/* A segment of the crafted end's that its peer must see (ip_id), and what of it came out behind the router. */
struct send {
	struct segment segment, behind;
	bool reached, in_doubt;
	uint32_t from, until;  /* the subject's segments between its coming out and that of the next, by their numbers */
};

struct side_connection {
	bool used, came;        /* something of it came out behind the router */
	struct endpoint crafted, behind; /* behind: family 0, not known */
	uint64_t began;         /* sides.unplaced at that time */
	uint8_t send_count;
	uint32_t out_count;     /* segments of the subject's; the last OUTS_KEPT of them are kept, by number % OUTS_KEPT */
	struct send sends[SENDS_MAX];
	struct segment outs[OUTS_KEPT];
	uint64_t out_ns[OUTS_KEPT];
	uint32_t came_count;    /* segments that the crafted end heard; the first OUTS_KEPT of them are kept */
	struct {
		uint8_t flags;
		uint32_t payload_size;
	} cames[OUTS_KEPT];
	struct segment opening; /* the subject's first SYN or SYN-ACK, for its repetitions */
};

struct key {
	uint64_t value;
	uint32_t connection, age; /* age 0: free */
};

struct side_table {
	struct side_connection *connections;
	struct key *numbers, *sources; /* by a SYN's number; by the source behind the router */
	uint32_t age;
	uint64_t unplaced;             /* segments to the subject that belong to no connection */
};

static uint64_t mix(uint64_t value)
{
	value ^= value >> 33;
	value *= UINT64_C(0xff51afd7ed558ccd);
	value ^= value >> 33;
	value *= UINT64_C(0xc4ceb9fe1a85ec53);
	return value ^ value >> 33;
}

static uint64_t source_key(const struct endpoint *endpoint)
{
	uint64_t high, low;

	memcpy(&high, endpoint->address.bytes, 8);
	memcpy(&low, endpoint->address.bytes + 8, 8);
	return mix(high) ^ mix(low + endpoint->port) ^ endpoint->address.family;
}

/* Its place, or where there is none the oldest of those that it may have. */
static struct key *place(struct key *table, uint64_t value, bool *found)
{
	size_t first = (size_t)(mix(value) & (KEYS - 1));
	struct key *oldest = &table[first];

	for (size_t i = 0; i < WINDOW; i++) {
		struct key *key = &table[(first + i) & (KEYS - 1)];

		*found = key->age && key->value == value;
		if (*found)
			return key;
		if (key->age < oldest->age)
			oldest = key;
	}
	return oldest;
}

static void learn(struct side_table *sides, struct key *table, uint64_t value, const struct side_connection *connection)
{
	bool found;

	*place(table, value, &found) = (struct key){ value, (uint32_t)(connection - sides->connections), ++sides->age };
}

static struct side_connection *recall(const struct side_table *sides, struct key *table, uint64_t value)
{
	bool found;
	const struct key *key = place(table, value, &found);

	return found ? &sides->connections[key->connection] : NULL;
}

struct side_table *sides_open(void)
{
	struct side_table *sides = calloc(1, sizeof(*sides));

	if (!sides)
		return NULL;
	/* Far more than is used of it: the kernel gives pages when they are written. */
	sides->connections = calloc(CONNECTIONS, sizeof(*sides->connections));
	sides->numbers = calloc(KEYS, sizeof(*sides->numbers));
	sides->sources = calloc(KEYS, sizeof(*sides->sources));
	if (sides->connections && sides->numbers && sides->sources)
		return sides;
	sides_close(sides);
	return NULL;
}

void sides_close(struct side_table *sides)
{
	if (!sides)
		return;
	free(sides->connections);
	free(sides->numbers);
	free(sides->sources);
	free(sides);
}

static struct side_connection *find(const struct side_table *sides, const struct endpoint *crafted)
{
	struct side_connection *connection = &sides->connections[crafted->port];

	return connection->used && endpoint_equal(&connection->crafted, crafted) ? connection : NULL;
}

void sides_begin(struct side_table *sides, const struct endpoint *crafted)
{
	struct side_connection *connection = &sides->connections[crafted->port];

	connection->used = true;
	connection->came = false;
	connection->crafted = *crafted;
	connection->behind = (struct endpoint){ .port = 0 };
	connection->began = sides->unplaced;
	connection->send_count = 0;
	connection->out_count = connection->came_count = 0;
	connection->opening.flags = 0;
}

static void keep(struct segment *copy, const struct segment *segment)
{
	*copy = *segment;
	copy->payload = NULL;
}

void sides_sent(struct side_table *sides, const struct segment *segment)
{
	struct side_connection *connection = find(sides, &segment->tuple.source);

	if (!connection)
		return;
	if ((segment->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN)
		learn(sides, sides->numbers, segment->seq, connection);
	if (!segment->ip_id || connection->send_count == SENDS_MAX)
		return;
	keep(&connection->sends[connection->send_count].segment, segment);
	connection->sends[connection->send_count].in_doubt = false;
	connection->sends[connection->send_count++].reached = false;
}

static unsigned changes_of(const struct segment *before, const struct segment *behind, bool from_subject)
{
	const struct endpoint *one = from_subject ? &before->tuple.target : &before->tuple.source;
	const struct endpoint *other = from_subject ? &behind->tuple.target : &behind->tuple.source;
	bool stamped = segment_has_option(before, OPTION_TIMESTAMPS), stays = segment_has_option(behind, OPTION_TIMESTAMPS);
	bool listed = before->option_count == behind->option_count &&
		      memcmp(before->options, behind->options, before->option_count) == 0;
	unsigned changes = 0;

	changes |= address_equal(&one->address, &other->address) ? 0 : SIDE_ADDRESS;
	changes |= one->port == other->port ? 0 : SIDE_PORT;
	changes |= before->seq == behind->seq ? 0 : SIDE_SEQ;
	changes |= !((before->flags | behind->flags) & FLAG_ACK) || before->ack == behind->ack ? 0 : SIDE_ACK;
	changes |= stamped == stays && (!stamped || (before->tsval == behind->tsval && before->tsecr == behind->tsecr)) ?
		   0 : SIDE_TIMESTAMPS;
	changes |= listed && (!segment_has_option(before, OPTION_MSS) || before->mss == behind->mss) &&
		   (!segment_has_option(before, OPTION_WSCALE) || before->wscale == behind->wscale) ? 0 : SIDE_OPTIONS;
	changes |= before->window == behind->window ? 0 : SIDE_WINDOW;
	changes |= before->ip_id == behind->ip_id ? 0 : SIDE_IP_ID;
	changes |= before->tos == behind->tos ? 0 : SIDE_TOS;
	return changes;
}

/* How much the segment looks like that one: 0 not at all, 1 with other numbers, 2 with other options, 3 as it was sent. */
static int likeness(const struct send *send, const struct segment *segment)
{
	const struct segment *sent = &send->segment;

	if (send->reached || sent->flags != segment->flags || sent->payload_size != segment->payload_size ||
	    sent->ip_id != segment->ip_id)
		return 0;
	if (!segment_alike(sent, segment))
		return 1;
	return (changes_of(sent, segment, false) & ~(unsigned)(SIDE_ADDRESS | SIDE_PORT)) ? 2 : 3;
}

/* The one that it looks most like. Of several that it looks like as much, each is in doubt from now on. With the same numbers
 * and no mark it may be another segment of ours, or the router takes IP IDs away. */
static struct send *find_sent(struct side_connection *connection, const struct segment *segment)
{
	struct send *best = NULL;
	int most = 0;

	for (uint8_t i = 0; i < connection->send_count; i++) {
		struct send *send = &connection->sends[i];
		int much = likeness(send, segment);

		send->in_doubt |= segment->ip_id != send->segment.ip_id && segment_alike(&send->segment, segment);
		if (much > most)
			best = send;
		else if (much && much == most)
			best = NULL;
		most = much > most ? much : most;
	}
	for (uint8_t i = 0; most && !best && i < connection->send_count; i++)
		connection->sends[i].in_doubt |= likeness(&connection->sends[i], segment) == most;
	return best;
}

static void take_in(struct side_connection *connection, const struct segment *segment)
{
	struct send *send = find_sent(connection, segment);

	if (!send)
		return;
	for (uint8_t i = 0; i < connection->send_count; i++)
		if (connection->sends[i].reached && connection->sends[i].until == UINT32_MAX)
			connection->sends[i].until = connection->out_count;
	send->reached = true;
	keep(&send->behind, segment);
	send->from = connection->out_count;
	send->until = UINT32_MAX;
}

void sides_came(struct side_table *sides, const struct segment *segment)
{
	struct side_connection *connection = find(sides, &segment->tuple.target);

	if (!connection)
		return;
	if (connection->came_count < OUTS_KEPT) {
		connection->cames[connection->came_count].flags = segment->flags;
		connection->cames[connection->came_count].payload_size = segment->payload_size;
	}
	connection->came_count++;
}

static void take_out(struct side_connection *connection, const struct segment *segment, uint64_t time_ns)
{
	if (segment->flags & FLAG_SYN && !connection->opening.flags)
		keep(&connection->opening, segment);
	connection->out_ns[connection->out_count % OUTS_KEPT] = time_ns;
	keep(&connection->outs[connection->out_count++ % OUTS_KEPT], segment);
}

void sides_heard(struct side_table *sides, const struct segment *segment, bool from_subject, uint64_t time_ns)
{
	const struct endpoint *behind = from_subject ? &segment->tuple.target : &segment->tuple.source;
	bool opens = !from_subject && (segment->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
	struct side_connection *connection = opens ? recall(sides, sides->numbers, segment->seq) : NULL;

	if (connection && !connection->used)
		connection = NULL;
	if (connection) {
		if (!connection->behind.address.family)
			connection->behind = *behind;
		learn(sides, sides->sources, source_key(behind), connection);
	}
	if (!connection)
		connection = recall(sides, sides->sources, source_key(behind));
	if (!connection || !connection->used)
		connection = find(sides, behind);
	if (!connection)
		sides->unplaced += !from_subject;
	else if (from_subject)
		take_out(connection, segment, time_ns);
	else
		take_in(connection, segment);
	if (connection && !from_subject)
		connection->came = true;
}

struct endpoint sides_behind(const struct side_table *sides, const struct endpoint *crafted)
{
	const struct side_connection *connection = find(sides, crafted);

	return connection && connection->behind.address.family ? connection->behind : *crafted;
}

/* Numbers of the subject's segments: from the stimulus' coming out to that of the next segment of ours. */
struct side_span {
	uint32_t from, until;
};

static const struct segment *out_at(const struct side_connection *connection, uint32_t number)
{
	return &connection->outs[number % OUTS_KEPT];
}

static struct side_span span_of(const struct side_connection *connection, const struct send *send)
{
	uint32_t end = connection->out_count;

	if (!send->reached)
		return (struct side_span){ end, end };
	return (struct side_span){ send->from, send->until < end ? send->until : end };
}

static struct side_span kept(const struct side_connection *connection)
{
	uint32_t end = connection->out_count;

	return (struct side_span){ end > OUTS_KEPT ? end - OUTS_KEPT : 0, end };
}

/* How much the subject's segment looks like what the crafted end heard: 3 the same, 2 the same numbers, 1 the same kind. */
static int answer_likeness(const struct segment *out, const struct segment *answer)
{
	if (out->flags != answer->flags || out->payload_size != answer->payload_size)
		return 0;
	if (!segment_alike(out, answer))
		return 1;
	return (changes_of(answer, out, true) & ~(unsigned)(SIDE_ADDRESS | SIDE_PORT)) ? 2 : 3;
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

static const struct send *find_send(const struct side_connection *connection, const struct segment *sent, bool again)
{
	for (uint8_t i = again; i < connection->send_count; i++)
		if (segment_alike(&connection->sends[i].segment, sent))
			return &connection->sends[i];
	return NULL;
}

/* More segments of its kind went into the router than came out of it, and it had the time: -1 where that cannot be said. */
static int did_not_come(const struct side_connection *connection, const struct segment *out, uint64_t upto_ns)
{
	int balance = 0;

	if (connection->out_count > OUTS_KEPT || connection->came_count > OUTS_KEPT)
		return -1;
	for (uint32_t i = 0; i < connection->out_count; i++) {
		const struct segment *other = out_at(connection, i);

		if (other->flags != out->flags || other->payload_size != out->payload_size)
			continue;
		if (connection->out_ns[i] + CROSSING_NS > upto_ns)
			return -1;
		balance++;
	}
	for (uint32_t i = 0; i < connection->came_count; i++)
		balance -= connection->cames[i].flags == out->flags && connection->cames[i].payload_size == out->payload_size;
	return balance > 0;
}

static void tell_answer(const struct side_connection *connection, const struct send *send, const struct segment *answer,
			uint64_t upto_ns, struct side_view *view)
{
	const struct side_span after = span_of(connection, send);
	const struct segment *first, *same;
	bool maybe = false;
	int stopped;

	if (after.from < kept(connection).from) /* too much passed since: some of it was not kept */
		return;
	first = first_out(connection, &after);
	same = answer ? find_out(connection, &after, answer, &maybe) : NULL;
	stopped = first ? did_not_come(connection, first, upto_ns) : 0;
	view->subject_answered = first != NULL && (same || stopped > 0);
	if (view->subject_answered)
		view->subject_answer = *first;
	if (stopped < 0 && !same)
		return;
	if (!answer)
		view->answerer = stopped ? SIDE_ANSWERER_STOPPED : SIDE_ANSWERER_NOBODY;
	else if (same)
		view->answerer = SIDE_ANSWERER_SUBJECT;
	else if (!maybe)
		view->answerer = SIDE_ANSWERER_ROUTER;
	if (same)
		view->answer_changes = changes_of(answer, same, true);
}

void sides_tell(const struct side_table *sides, const struct endpoint *crafted, const struct segment *sent, bool again,
		const struct segment *answer, uint64_t upto_ns, struct side_view *view)
{
	const struct side_connection *connection = find(sides, crafted);
	const struct send *send = connection && sent ? find_send(connection, sent, again) : NULL;

	*view = (struct side_view){ .routed = true, .answerer = SIDE_ANSWERER_UNKNOWN };
	view->nothing_came = connection && !connection->came && sides->unplaced == connection->began;
	if (!send)
		return;
	view->before = connection->behind;
	/* Where something came that belongs to no connection, it may be this. */
	if (!send->reached && (send->in_doubt || sides->unplaced != connection->began))
		return;
	view->stimulus = send->reached ? SIDE_FATE_REACHED : SIDE_FATE_STOPPED;
	if (send->reached) {
		view->stimulus_changes = changes_of(&send->segment, &send->behind, false);
		view->source = send->behind.tuple.source;
		view->untranslated = endpoint_equal(&view->source, crafted) && !endpoint_equal(&view->before, crafted) &&
				     view->before.address.family;
	}
	tell_answer(connection, send, answer, upto_ns, view);
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

void sides_tell_hung(const struct side_table *sides, const struct endpoint *crafted, const struct side_progress *progress,
		     struct side_view *view)
{
	const struct side_connection *connection = find(sides, crafted);

	*view = (struct side_view){ .routed = true, .set_up = true, .answerer = SIDE_ANSWERER_UNKNOWN };
	if (!connection)
		return;
	view->nothing_came = !connection->came && sides->unplaced == connection->began;
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
