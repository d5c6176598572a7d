/* lane.c - a queue of packed records in one array. */
#include "harness/run/lane.h"

#include <stdlib.h>
#include <string.h>

#include "harness/run/record_pack.h"

enum { ROOM_LEAST = 65536 };

void lane_divide(struct lane *lanes, size_t lane_count, size_t first, size_t count)
{
	for (size_t i = 0; i < lane_count; i++) {
		lanes[i].first = first + i;
		lanes[i].count = (count + lane_count - 1 - i) / lane_count;
		lanes[i].stride = lane_count;
	}
}

int lane_keep(struct lane *lane, const unsigned char *packed, size_t size, struct error *error)
{
	if (lane->at > lane->room / 2) { /* what was taken makes room */
		lane->size -= lane->at;
		memmove(lane->waiting, lane->waiting + lane->at, lane->size);
		lane->at = 0;
	}
	if (lane->room - lane->size < sizeof(size) + size) {
		size_t room = 2 * lane->room + ROOM_LEAST;
		unsigned char *more = realloc(lane->waiting, room);

		if (!more)
			return fail(error, "out of memory for the cells that wait for others");
		lane->waiting = more;
		lane->room = room;
	}
	memcpy(lane->waiting + lane->size, &size, sizeof(size));
	memcpy(lane->waiting + lane->size + sizeof(size), packed, size);
	lane->size += sizeof(size) + size;
	lane->got++;
	return 0;
}

bool lane_take(struct lane *lane, struct record *record, struct error *error)
{
	size_t size;

	if (lane->at == lane->size)
		return false;
	memcpy(&size, lane->waiting + lane->at, sizeof(size));
	if (record_unpack(lane->waiting + lane->at + sizeof(size), size, record) < 0) {
		fail(error, "a worker sent what is no record");
		return false;
	}
	lane->at += sizeof(size) + size;
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
