/* lane.c - a queue of items in one array. */
#include "harness/run/lane.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_LEAST = 65536 };

struct head {
	size_t number, size;
};

void lane_divide(struct lane *lanes, size_t lane_count, size_t first, size_t count)
{
	for (size_t i = 0; i < lane_count; i++) {
		lanes[i].first = first + i;
		lanes[i].count = (count + lane_count - 1 - i) / lane_count;
		lanes[i].stride = lane_count;
	}
}

int lane_keep(struct lane *lane, const struct lane_item *item, struct error *error)
{
	const struct head head = { item->number, item->size };

	if (lane->at > lane->room / 2) { /* what was taken makes room */
		lane->size -= lane->at;
		memmove(lane->waiting, lane->waiting + lane->at, lane->size);
		lane->at = 0;
	}
	if (lane->room - lane->size < sizeof(head) + item->size) {
		size_t room = 2 * lane->room + ROOM_LEAST + item->size;
		unsigned char *more = realloc(lane->waiting, room);

		if (!more)
			return fail(error, "out of memory for what waits for others");
		lane->waiting = more;
		lane->room = room;
	}
	memcpy(lane->waiting + lane->size, &head, sizeof(head));
	memcpy(lane->waiting + lane->size + sizeof(head), item->bytes, item->size);
	lane->size += sizeof(head) + item->size;
	lane->got++;
	return 0;
}

bool lane_peek(const struct lane *lane, struct lane_item *item)
{
	struct head head;

	if (lane->at == lane->size)
		return false;
	memcpy(&head, lane->waiting + lane->at, sizeof(head));
	*item = (struct lane_item){ head.number, head.size, lane->waiting + lane->at + sizeof(head) };
	return true;
}

bool lane_take(struct lane *lane, struct lane_item *item)
{
	if (!lane_peek(lane, item))
		return false;
	lane->at += sizeof(struct head) + item->size;
	lane->given++;
	return true;
}

size_t lane_waiting(const struct lane *lane)
{
	return lane->size - lane->at;
}

void lane_clear(struct lane *lane)
{
	free(lane->waiting);
	*lane = (struct lane){ 0 };
}
