/* tracks.c - slots, their list, and the table that finds them. */
#include "harness/diagnose/tracks.h"

#include <string.h>

#include "crafter/arena.h"
#include "crafter/memory_fetch.h"

#define NO_SLOT UINT32_MAX

int tracks_open(struct tracks *tracks, size_t most)
{
	tracks->most = most;
	tracks->newest = tracks->oldest = NO_SLOT;
	tracks->list = arena_open(most, sizeof(*tracks->list));
	tracks->flows = flows_open(most);
	return tracks->list && tracks->flows ? 0 : -1;
}

void tracks_close(struct tracks *tracks)
{
	flows_close(tracks->flows);
	arena_close(tracks->list, tracks->most, sizeof(*tracks->list));
}

/* One segment follows another of the same connection often enough to look there first. */
static struct track *is_newest(const struct tracks *tracks, const struct tuple *tuple, bool *reversed)
{
	struct track *newest = tracks->newest == NO_SLOT ? NULL : &tracks->list[tracks->newest];
	const struct tuple *last = newest ? &newest->is.conversation.tuple : NULL;

	if (!newest)
		return NULL;
	*reversed = false;
	if (tuple_equal(last, tuple))
		return newest;
	*reversed = endpoint_equal(&last->source, &tuple->target) && endpoint_equal(&last->target, &tuple->source);
	return *reversed ? newest : NULL;
}

struct track *tracks_find(const struct tracks *tracks, const struct tuple *tuple, bool *reversed)
{
	bool back;
	struct track *newest = is_newest(tracks, tuple, reversed ? reversed : &back);
	uint32_t slot;

	if (newest)
		return newest;
	slot = flows_find(tracks->flows, tuple, reversed);
	return slot == FLOWS_NONE ? NULL : &tracks->list[slot];
}

static void detach(struct tracks *tracks, const struct track *connection)
{
	*(connection->newer == NO_SLOT ? &tracks->newest : &tracks->list[connection->newer].older) = connection->older;
	*(connection->older == NO_SLOT ? &tracks->oldest : &tracks->list[connection->older].newer) = connection->newer;
}

static void attach(struct tracks *tracks, struct track *connection)
{
	uint32_t slot = (uint32_t)(connection - tracks->list);

	connection->newer = NO_SLOT;
	connection->older = tracks->newest;
	*(tracks->newest == NO_SLOT ? &tracks->oldest : &tracks->list[tracks->newest].newer) = slot;
	tracks->newest = slot;
}

void tracks_touch(struct tracks *tracks, struct track *connection)
{
	if (connection->newer == NO_SLOT)
		return;
	detach(tracks, connection);
	attach(tracks, connection);
}

struct track *tracks_superfluous(const struct tracks *tracks)
{
	return tracks->used < tracks->most ? NULL : &tracks->list[tracks->oldest];
}

struct track *tracks_add(struct tracks *tracks, const struct tuple *tuple)
{
	struct track *connection = tracks_superfluous(tracks);
	struct pair pair;

	if (connection) {
		pair = pair_of_target(&connection->is.conversation.tuple);
		flows_remove(tracks->flows, &pair);
		detach(tracks, connection);
		memset(connection, 0, sizeof(*connection));
	} else {
		connection = &tracks->list[tracks->used++];
		if (tracks->used < tracks->most)
			memory_fetch(&tracks->list[tracks->used], sizeof(*connection));
	}
	connection->is.conversation.tuple = *tuple;
	pair = pair_of_target(tuple);
	flows_add(tracks->flows, &pair, (uint32_t)(connection - tracks->list));
	attach(tracks, connection);
	return connection;
}
