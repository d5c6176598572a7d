/* sides.c - pairs the segments before a router with those behind it. */
#include "harness/wire/sides_internal.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/encode.h"
#include "crafter/icmp_error.h"
#include "crafter/units.h"

enum {
	CONNECTIONS = 1 << 16, /* by the crafted end's port */
	KEYS = 1 << 17,        /* of a table, a power of two */
	WINDOW = 16,           /* places where a key may be */
};

/* Where nothing is known of the way yet, and what a busy machine adds. */
#define CROSSING_LEAST_NS (20 * NSEC_PER_MSEC)
/* A subject sends a SYN-ACK again after a second (TCP_TIMEOUT_INIT): what takes longer may be the one or the other. */
#define CROSSING_MOST_NS (900 * NSEC_PER_MSEC)

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
static struct side_key *place(struct side_key *table, uint64_t value, bool *found)
{
	size_t first = (size_t)(mix(value) & (KEYS - 1));
	struct side_key *oldest = &table[first];

	for (size_t i = 0; i < WINDOW; i++) {
		struct side_key *key = &table[(first + i) & (KEYS - 1)];

		*found = key->age && key->value == value;
		if (*found)
			return key;
		if (key->age < oldest->age)
			oldest = key;
	}
	return oldest;
}

static void learn(struct side_table *sides, struct side_key *table, uint64_t value, const struct side_connection *connection)
{
	bool found;

	*place(table, value, &found) = (struct side_key){ value, (uint32_t)(connection - sides->connections), ++sides->age };
}

static struct side_connection *recall(const struct side_table *sides, struct side_key *table, uint64_t value)
{
	bool found;
	const struct side_key *key = place(table, value, &found);

	return found ? &sides->connections[key->connection] : NULL;
}

struct side_table *sides_open(bool stranger)
{
	struct side_table *sides = calloc(1, sizeof(*sides));

	if (!sides)
		return NULL;
	sides->stranger = stranger;
	/* Far more than is used of it: the kernel gives pages when they are written. */
	sides->connections = calloc(CONNECTIONS, sizeof(*sides->connections));
	sides->numbers = calloc(KEYS, sizeof(*sides->numbers));
	sides->sources = calloc(KEYS, sizeof(*sides->sources));
	sides->marked = calloc(KEYS, sizeof(*sides->marked));
	if (sides->connections && sides->numbers && sides->sources && sides->marked)
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
	free(sides->marked);
	free(sides);
}

struct side_connection *sides_find(const struct side_table *sides, const struct endpoint *crafted)
{
	struct side_connection *connection = &sides->connections[crafted->port];

	return connection->used && endpoint_equal(&connection->crafted, crafted) ? connection : NULL;
}

void sides_begin(struct side_table *sides, const struct endpoint *crafted)
{
	struct side_connection *connection = &sides->connections[crafted->port];

	connection->used = true;
	connection->came = connection->resets = connection->is_reset = false;
	connection->crafted = *crafted;
	connection->behind = connection->server = (struct endpoint){ .port = 0 };
	connection->began = sides->unplaced;
	connection->missed = sides->missed;
	connection->syn_ns = connection->began_ns = 0;
	connection->send_count = connection->plain_count = connection->sent_count = 0;
	connection->out_count = connection->came_count = 0;
	connection->opening.flags = 0;
}

static void keep(struct segment *copy, const struct segment *segment)
{
	*copy = *segment;
	copy->payload = NULL;
}

static bool is_syn(const struct segment *segment)
{
	return (segment->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
}

void sides_sent(struct side_table *sides, const struct segment *segment, uint64_t time_ns)
{
	struct side_connection *connection = sides_find(sides, &segment->tuple.source);
	struct side_send *send;

	if (!connection)
		return;
	connection->began_ns = connection->began_ns ? connection->began_ns : time_ns;
	connection->resets |= segment->icmp_error == ICMP_ERROR_NONE && segment->flags & FLAG_RST;
	if (is_syn(segment))
		learn(sides, sides->numbers, segment->seq, connection);
	/* The first alone: of one that was sent again nobody knows which came out. */
	if (is_syn(segment) && !connection->came)
		connection->syn_ns = connection->syn_ns ? UINT64_MAX : time_ns;
	if (segment->icmp_error != ICMP_ERROR_NONE)
		return;
	connection->sent_count = (uint8_t)(connection->sent_count + (connection->sent_count < UINT8_MAX));
	if (!segment->ip_id)
		sides_plain_sent(connection, segment);
	if (!segment->ip_id || connection->send_count == SIDES_SENDS_MAX)
		return;
	learn(sides, sides->marked, segment->seq, connection);
	sides->marks[segment->ip_id / 8] |= (uint8_t)(1 << segment->ip_id % 8);
	send = &connection->sends[connection->send_count++];
	*send = (struct side_send){ .sent_ns = time_ns, .number = connection->sent_count };
	keep(&send->segment, segment);
}

/* But for the timestamps' values. */
static bool has_same_options(const struct segment *before, const struct segment *behind)
{
	uint8_t sent[SEGMENT_OPTIONS_MAX], heard[SEGMENT_OPTIONS_MAX];
	struct segment copy;
	int size;

	if (!before->tail_size)
		return before->option_count == behind->option_count &&
		       memcmp(before->options, behind->options, before->option_count) == 0;
	/* Crafted as bytes, heard as a list. */
	copy = *before;
	copy.tsval = behind->tsval;
	copy.tsecr = behind->tsecr;
	size = encode_options(&copy, sent);
	return size >= 0 && encode_options(behind, heard) == size && memcmp(sent, heard, (size_t)size) == 0;
}

/* Each router takes one off (RFC 1812 5.3.1); where nobody knows how many there are, it must not be more than it was. */
static bool is_ttl_changed(const struct segment *before, const struct segment *behind, bool from_subject, int hops)
{
	int less = from_subject ? behind->ttl - before->ttl : before->ttl - behind->ttl;

	return hops < 0 ? less < 0 : less != hops;
}

unsigned sides_changes_of(const struct segment *before, const struct segment *behind, bool from_subject, int hops)
{
	const struct endpoint *one = from_subject ? &before->tuple.target : &before->tuple.source;
	const struct endpoint *other = from_subject ? &behind->tuple.target : &behind->tuple.source;
	bool stamped = segment_has_option(before, OPTION_TIMESTAMPS), stays = segment_has_option(behind, OPTION_TIMESTAMPS);
	bool listed = has_same_options(before, behind);
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
	changes |= is_ttl_changed(before, behind, from_subject, hops) ? SIDE_TTL : 0;
	changes |= before->may_fragment == behind->may_fragment ? 0 : SIDE_DF;
	return changes;
}

/* How much the segment looks like that one: 0 not at all, 1 with other numbers, 2 with other options, 3 as it was sent. */
static int likeness(const struct side_send *send, const struct segment *segment)
{
	const struct segment *sent = &send->segment;

	if (send->reached || sent->flags != segment->flags || sent->payload_size != segment->payload_size ||
	    sent->ip_id != segment->ip_id)
		return 0;
	if (!segment_alike(sent, segment))
		return 1;
	return (sides_changes_of(sent, segment, false, -1) & ~(unsigned)SIDE_OF_ROUTERS) ? 2 : 3;
}

/* The one that it looks most like, by its mark. Of several that it looks like as much, each is in doubt from now on. */
static struct side_send *find_sent(struct side_connection *connection, const struct segment *segment)
{
	struct side_send *best = NULL;
	int most = 0;

	for (uint8_t i = 0; i < connection->send_count; i++) {
		struct side_send *send = &connection->sends[i];
		int much = likeness(send, segment);

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

static void note_crossing(struct side_table *sides, uint64_t from_ns, uint64_t until_ns)
{
	if (until_ns > from_ns && until_ns - from_ns > sides->crossing_ns && until_ns - from_ns < CROSSING_MOST_NS)
		sides->crossing_ns = until_ns - from_ns;
}

/* What was sent at this time came out when the other clock said that. */
static void note_known(struct side_table *sides, uint64_t sent_ns, uint64_t time_ns)
{
	if (sent_ns == UINT64_MAX || sent_ns <= sides->known_ns)
		return;
	sides->known_ns = sent_ns;
	sides->ahead_ns = sides->lags ? time_ns - sent_ns : 0;
}

void sides_lag(struct side_table *sides)
{
	sides->lags = true;
}

uint64_t sides_patience(const struct side_table *sides)
{
	return 2 * sides->crossing_ns > CROSSING_LEAST_NS ? 2 * sides->crossing_ns : CROSSING_LEAST_NS;
}

/* False: it looks like nothing that is awaited. */
static bool take_in(struct side_table *sides, struct side_connection *connection, const struct segment *segment,
		    uint64_t time_ns)
{
	size_t v6 = sides_v6(segment);
	struct side_send *send = sides->renumbers[v6] ? NULL : find_sent(connection, segment);

	sides->keeps_marks[v6] |= send != NULL;
	send = send ? send : sides_find_twin(sides, connection, segment);
	if (!send)
		return false;
	for (uint8_t i = 0; i < connection->send_count; i++)
		if (connection->sends[i].reached && connection->sends[i].until == UINT32_MAX)
			connection->sends[i].until = connection->out_count;
	note_known(sides, send->sent_ns, time_ns);
	send->reached = true;
	keep(&send->behind, segment);
	send->from = connection->out_count;
	send->until = UINT32_MAX;
	return true;
}

/* How long the SYN-ACK took; of several that are alike, the last that can be it. */
static void time_syn_ack(struct side_table *sides, const struct side_connection *connection, const struct segment *segment,
			 uint64_t time_ns)
{
	/* There and back is more than enough. */
	if (sides->lags && connection->syn_ns && connection->syn_ns != UINT64_MAX)
		note_crossing(sides, connection->syn_ns, time_ns);
	for (uint32_t i = connection->out_count; !sides->lags && i-- > 0 && connection->out_count - i <= SIDES_OUTS_KEPT;) {
		const struct segment *out = &connection->outs[i % SIDES_OUTS_KEPT];
		uint64_t out_ns = connection->out_ns[i % SIDES_OUTS_KEPT];

		if (out->flags == segment->flags && out->seq == segment->seq && out_ns <= time_ns) {
			note_crossing(sides, out_ns, time_ns);
			return;
		}
	}
}

void sides_came(struct side_table *sides, const struct segment *segment, uint64_t time_ns)
{
	struct side_connection *connection = sides_find(sides, &segment->tuple.target);

	if (!connection)
		return;
	if ((segment->flags & (FLAG_SYN | FLAG_ACK)) == (FLAG_SYN | FLAG_ACK))
		time_syn_ack(sides, connection, segment, time_ns);
	if (connection->came_count < SIDES_OUTS_KEPT) {
		connection->cames[connection->came_count].flags = segment->flags;
		connection->cames[connection->came_count].payload_size = segment->payload_size;
	}
	connection->came_count++;
}

static void take_out(struct side_connection *connection, const struct segment *segment, uint64_t time_ns)
{
	if (segment->flags & FLAG_SYN && !connection->opening.flags)
		keep(&connection->opening, segment);
	connection->out_ns[connection->out_count % SIDES_OUTS_KEPT] = time_ns;
	keep(&connection->outs[connection->out_count++ % SIDES_OUTS_KEPT], segment);
}

void sides_missed(struct side_table *sides)
{
	sides->missed++;
}

/* The connection that sent a SYN with this number. */
static struct side_connection *of_syn(const struct side_table *sides, const struct segment *segment)
{
	return is_syn(segment) ? recall(sides, sides->numbers, segment->seq) : NULL;
}

bool sides_knows_syn(const struct side_table *sides, const struct segment *segment)
{
	return of_syn(sides, segment) != NULL;
}

/* In the lab there is nobody else. */
static bool may_be_ours(const struct side_table *sides, const struct segment *segment)
{
	return !sides->stranger || recall(sides, sides->marked, segment->seq);
}

/* It was sent like this, with this mark; it may have come out already. */
static bool has_sent(const struct side_connection *connection, const struct segment *segment)
{
	for (uint8_t i = 0; i < connection->send_count; i++)
		if (connection->sends[i].segment.ip_id == segment->ip_id &&
		    segment_alike(&connection->sends[i].segment, segment))
			return true;
	return false;
}

/* A NAT that knows nothing of a connection begins one at whatever segment it sees first, with a source of its own choice, which
 * may have been another connection's before. Number, mark and kind are this one's alone. */
static struct side_connection *of_mark(const struct side_table *sides, const struct segment *segment)
{
	struct side_connection *connection = segment->ip_id ? recall(sides, sides->marked, segment->seq) : NULL;

	return connection && has_sent(connection, segment) ? connection : NULL;
}

static bool has_mark(const struct side_table *sides, const struct segment *segment)
{
	return sides->marks[segment->ip_id / 8] >> segment->ip_id % 8 & 1;
}

static struct side_connection *of_source(const struct side_table *sides, const struct endpoint *behind)
{
	struct side_connection *connection = recall(sides, sides->sources, source_key(behind));

	return connection ? connection : sides_find(sides, behind);
}

/* It is the first of its connection that came from there. */
static void learn_source(struct side_table *sides, struct side_connection *connection, const struct segment *segment,
			 uint64_t time_ns)
{
	const struct endpoint *behind = &segment->tuple.source;

	if (!connection->server.address.family)
		connection->server = segment->tuple.target;
	if (!connection->behind.address.family)
		connection->behind = *behind;
	if (is_syn(segment) && !connection->came && connection->syn_ns) {
		/* The first one has none. */
		sides->renumbers[sides_v6(segment)] |= segment->ip_id && !connection->send_count;
		if (!sides->lags)
			note_crossing(sides, connection->syn_ns, time_ns);
		note_known(sides, connection->syn_ns, time_ns);
	}
	if (!endpoint_equal(behind, &connection->crafted) || is_syn(segment))
		learn(sides, sides->sources, source_key(behind), connection);
}

static void hear_crafted(struct side_table *sides, const struct segment *segment, uint64_t time_ns)
{
	struct side_connection *connection = of_syn(sides, segment);

	connection = connection ? connection : of_mark(sides, segment);
	if (connection)
		learn_source(sides, connection, segment, time_ns);
	else
		connection = of_source(sides, &segment->tuple.source);
	/* What has a mark of ours (the router's own segments have others), and is like nothing of the connection's that had
	 * this source last, may be another's, changed on the way. */
	if (!connection || (!take_in(sides, connection, segment, time_ns) && has_mark(sides, segment) &&
			    !of_mark(sides, segment)))
		sides->unplaced += may_be_ours(sides, segment);
	if (!connection)
		return;
	connection->came = true;
	connection->is_reset |= segment->flags & FLAG_RST && !connection->resets;
}

void sides_heard(struct side_table *sides, const struct segment *segment, bool from_subject, uint64_t time_ns)
{
	struct side_connection *connection;

	if (!from_subject) {
		hear_crafted(sides, segment, time_ns);
		return;
	}
	connection = of_source(sides, &segment->tuple.target);
	if (connection)
		take_out(connection, segment, time_ns - sides->ahead_ns);
}

struct endpoint sides_behind(const struct side_table *sides, const struct endpoint *crafted)
{
	const struct side_connection *connection = sides_find(sides, crafted);

	return connection && connection->behind.address.family ? connection->behind : *crafted;
}

struct endpoint sides_server(const struct side_table *sides, const struct endpoint *crafted)
{
	const struct side_connection *connection = sides_find(sides, crafted);

	return connection ? connection->server : (struct endpoint){ .port = 0 };
}
