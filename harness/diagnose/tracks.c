/* tracks.c - slots, their list, the table that finds them, and who is awake. */
#include "harness/diagnose/tracks.h"

#include <string.h>

#include "crafter/arena.h"
#include "crafter/memory_fetch.h"

#define NO_SLOT UINT32_MAX
/* For each connection that is added, so many are looked at. So those that are woken again are never many more than new ones. */
enum { LOOKS = 2 };

int tracks_open(struct tracks *tracks, size_t most)
{
	tracks->most = most;
	tracks->awake_most = TRACKS_AWAKE;
	tracks->newest = tracks->oldest = tracks->spare = NO_SLOT;
	tracks->slots = arena_open(most, sizeof(*tracks->slots));
	tracks->awake = arena_open(most, sizeof(*tracks->awake));
	tracks->molds = molds_open(most, sizeof(*tracks->awake), sizeof(tracks->awake->is));
	tracks->flows = flows_open(most);
	return tracks->slots && tracks->awake && tracks->molds && tracks->flows ? 0 : -1;
}

void tracks_close(struct tracks *tracks)
{
	flows_close(tracks->flows);
	molds_close(tracks->molds);
	arena_close(tracks->awake, tracks->most, sizeof(*tracks->awake));
	arena_close(tracks->slots, tracks->most, sizeof(*tracks->slots));
}

/* Room for one that is awake; what was there before is there still. */
static struct track *take_room(struct tracks *tracks)
{
	struct track *room;

	tracks->awake_count++;
	if (tracks->spare == NO_SLOT) {
		room = &tracks->awake[tracks->awake_used++];
		if (tracks->awake_used < tracks->most)
			memory_fetch(&tracks->awake[tracks->awake_used], sizeof(*room));
		return room;
	}
	room = &tracks->awake[tracks->spare];
	tracks->spare = room->slot;
	return room;
}

/* Nothing but its slot leads to it. One with encounters is asked for again when each of them is told. */
static bool may_sleep(const struct track *connection)
{
	return !connection->unused && !connection->is.encounters && !connection->waiting && !connection->handshake &&
	       !connection->delays.first && !connection->delays.late;
}

static void look_at(struct tracks *tracks, struct track *connection, uint64_t now_ns)
{
	struct tracks_slot *slot = &tracks->slots[connection->slot];

	if (connection->fresh) {
		connection->fresh = false;
		return;
	}
	if (!may_sleep(connection))
		return;
	track_rest(&connection->source, now_ns);
	track_rest(&connection->target, now_ns);
	if (!molds_put(tracks->molds, connection, &slot->place))
		return;
	connection->unused = true;
	connection->slot = tracks->spare;
	tracks->spare = (uint32_t)(connection - tracks->awake);
	tracks->awake_count--;
}

static void send_to_sleep(struct tracks *tracks)
{
	uint64_t now_ns = tracks->newest == NO_SLOT ? 0 : tracks_at(tracks, tracks->newest)->is.last_ns;

	for (int i = 0; i < LOOKS && tracks->awake_count >= tracks->awake_most; i++) {
		if (tracks->hand >= tracks->awake_used)
			tracks->hand = 0;
		look_at(tracks, &tracks->awake[tracks->hand++], now_ns);
	}
}

struct track *tracks_at(struct tracks *tracks, uint32_t slot)
{
	struct molds_place *place = &tracks->slots[slot].place;
	struct track *connection;

	if (!place->mold)
		return &tracks->awake[place->word];
	connection = take_room(tracks);
	molds_read(tracks->molds, *place, connection);
	molds_drop(tracks->molds, *place);
	*place = (struct molds_place){ 0, (uint32_t)(connection - tracks->awake) };
	connection->fresh = true;
	return connection;
}

struct tracked *tracks_read(struct tracks *tracks, uint32_t slot, struct tracked *room)
{
	const struct molds_place *place = &tracks->slots[slot].place;

	if (!place->mold)
		return &tracks->awake[place->word].is;
	molds_read_head(tracks->molds, *place, room);
	return room;
}

/* One segment follows another of the same connection often enough to look there first. */
static struct track *is_newest(struct tracks *tracks, const struct tuple *tuple, bool *reversed)
{
	struct track *newest = tracks->newest == NO_SLOT ? NULL : tracks_at(tracks, tracks->newest);
	const struct tuple *last = newest ? &newest->is.conversation.tuple : NULL;

	if (!newest)
		return NULL;
	*reversed = false;
	if (tuple_equal(last, tuple))
		return newest;
	*reversed = endpoint_equal(&last->source, &tuple->target) && endpoint_equal(&last->target, &tuple->source);
	return *reversed ? newest : NULL;
}

struct track *tracks_find(struct tracks *tracks, const struct tuple *tuple, bool *reversed)
{
	bool back;
	struct track *newest = is_newest(tracks, tuple, reversed ? reversed : &back);
	uint32_t slot;

	if (newest)
		return newest;
	slot = flows_find(tracks->flows, tuple, reversed);
	return slot == FLOWS_NONE ? NULL : tracks_at(tracks, slot);
}

static void detach(struct tracks *tracks, const struct tracks_slot *slot)
{
	*(slot->newer == NO_SLOT ? &tracks->newest : &tracks->slots[slot->newer].older) = slot->older;
	*(slot->older == NO_SLOT ? &tracks->oldest : &tracks->slots[slot->older].newer) = slot->newer;
}

static void attach(struct tracks *tracks, struct tracks_slot *slot)
{
	uint32_t number = (uint32_t)(slot - tracks->slots);

	slot->newer = NO_SLOT;
	slot->older = tracks->newest;
	*(tracks->newest == NO_SLOT ? &tracks->oldest : &tracks->slots[tracks->newest].newer) = number;
	tracks->newest = number;
}

void tracks_touch(struct tracks *tracks, struct track *connection)
{
	connection->fresh = true;
	if (tracks->newest == connection->slot)
		return;
	detach(tracks, &tracks->slots[connection->slot]);
	attach(tracks, &tracks->slots[connection->slot]);
}

struct track *tracks_superfluous(struct tracks *tracks)
{
	if (tracks->used < tracks->most)
		return NULL;
	send_to_sleep(tracks);
	return tracks_at(tracks, tracks->oldest);
}

struct track *tracks_add(struct tracks *tracks, const struct tuple *tuple)
{
	struct track *connection = tracks_superfluous(tracks);
	uint32_t slot = connection ? connection->slot : (uint32_t)tracks->used++;
	struct pair pair;

	if (connection) {
		pair = pair_of_target(&connection->is.conversation.tuple);
		flows_remove(tracks->flows, &pair);
		detach(tracks, &tracks->slots[slot]);
	} else {
		send_to_sleep(tracks);
		connection = take_room(tracks);
		tracks->slots[slot].place = (struct molds_place){ 0, (uint32_t)(connection - tracks->awake) };
	}
	memset(connection, 0, sizeof(*connection));
	connection->is.conversation.tuple = *tuple;
	connection->slot = slot;
	connection->fresh = true;
	pair = pair_of_target(tuple);
	flows_add(tracks->flows, &pair, slot);
	attach(tracks, &tracks->slots[slot]);
	return connection;
}
