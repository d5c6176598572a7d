/* sides_twins.c - which of the segments that are alike came out behind a router that gives them other IP IDs. */
#include "harness/wire/sides_internal.h"

static bool is_like(const struct side_plain *plain, const struct segment *segment)
{
	return plain->flags == segment->flags && plain->seq == segment->seq && plain->ack == segment->ack &&
	       plain->payload_size == segment->payload_size;
}

void sides_plain_sent(struct side_connection *connection, const struct segment *segment)
{
	if (connection->plain_count == SIDES_PLAINS_KEPT) {
		connection->sent_count = UINT8_MAX;
		return;
	}
	connection->plains[connection->plain_count++] = (struct side_plain){
		.seq = segment->seq, .ack = segment->ack, .payload_size = segment->payload_size, .flags = segment->flags,
		.number = connection->sent_count,
	};
}

/* The first that has not come out. */
static struct side_plain *first_plain(struct side_connection *connection, const struct segment *segment)
{
	for (uint8_t i = 0; i < connection->plain_count; i++)
		if (!connection->plains[i].out && is_like(&connection->plains[i], segment))
			return &connection->plains[i];
	return NULL;
}

static struct side_send *first_marked(struct side_connection *connection, const struct segment *segment)
{
	for (uint8_t i = 0; i < connection->send_count; i++)
		if (!connection->sends[i].reached && segment_alike(&connection->sends[i].segment, segment))
			return &connection->sends[i];
	return NULL;
}

struct side_send *sides_find_twin(struct side_table *sides, struct side_connection *connection, const struct segment *segment)
{
	struct side_plain *plain = first_plain(connection, segment);
	struct side_send *marked = first_marked(connection, segment);
	bool keeps = sides->keeps_marks[sides_v6(segment)];

	if (plain && (!marked || keeps || plain->number < marked->number)) {
		plain->out = true;
		marked = keeps ? NULL : marked; /* what has a mark comes out with it */
		plain = NULL;
	} else if (marked && !keeps && connection->sent_count != UINT8_MAX) {
		marked->unmarked = true;
		marked->heard_at = connection->sent_count;
		return marked;
	}
	if (marked)
		marked->stranger = true;
	return NULL;
}

/* Another one like it, which was sent before this came out, and has not come out itself. */
static bool may_be_another(const struct side_connection *connection, const struct side_send *send)
{
	for (uint8_t i = 0; i < connection->plain_count; i++)
		if (!connection->plains[i].out && connection->plains[i].number < send->heard_at &&
		    is_like(&connection->plains[i], &send->segment))
			return true;
	for (uint8_t i = 0; i < connection->send_count; i++)
		if (!connection->sends[i].reached && connection->sends[i].number < send->heard_at &&
		    segment_alike(&connection->sends[i].segment, &send->segment))
			return true;
	return false;
}

bool sides_is_doubtful(const struct side_connection *connection, const struct side_send *send)
{
	if (send->in_doubt || !send->reached)
		return send->in_doubt || send->stranger;
	return send->unmarked && (connection->sent_count == UINT8_MAX || may_be_another(connection, send));
}
