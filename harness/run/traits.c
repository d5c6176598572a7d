/* traits.c - counts, and when they are enough. */
#include "harness/run/traits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/axes.h"
#include "crafter/random.h"

enum {
	SYN_ACKS_ENOUGH = 3, /* without timestamps, and none with */
	FAILED_ENOUGH = 12,  /* tries of a way, and none that led to its end */
	AT_EASE_ENOUGH = 4,  /* cells of a kind */
	FIRST_ROOM = 1024,
};

void traits_syn_ack(struct traits *traits, bool with_timestamps)
{
	if (with_timestamps)
		traits->with_timestamps++;
	else
		traits->without_timestamps++;
}

bool traits_refuse_timestamps(const struct traits *traits)
{
	return traits->learns && !traits->with_timestamps && traits->without_timestamps >= SYN_ACKS_ENOUGH;
}

static uint64_t hash_of(const struct cell *cell, size_t round)
{
	char name[CELL_NAME_SIZE];
	uint64_t hash = random_mix(round + 1);

	cell_name(cell, name, sizeof(name));
	for (const char *letter = name; *letter; letter++)
		hash = (hash ^ (unsigned char)*letter) * UINT64_C(0x100000001b3);
	return random_mix(hash) | 1;
}

static void put(uint64_t *asked, size_t room, uint64_t hash)
{
	size_t at = (size_t)hash & (room - 1);

	while (asked[at])
		at = (at + 1) & (room - 1);
	asked[at] = hash;
}

static bool grow(struct traits *traits)
{
	size_t room = traits->asked_room ? 2 * traits->asked_room : FIRST_ROOM;
	uint64_t *asked = calloc(room, sizeof(*asked));

	if (!asked)
		return false;
	for (size_t i = 0; i < traits->asked_room; i++)
		if (traits->asked[i])
			put(asked, room, traits->asked[i]);
	free(traits->asked);
	traits->asked = asked;
	traits->asked_room = room;
	return true;
}

/* Without memory nothing is known to have been asked: it is asked twice. */
static bool is_new(struct traits *traits, const struct cell *cell, size_t round)
{
	uint64_t hash = hash_of(cell, round);

	if (2 * (traits->asked_count + 1) > traits->asked_room && !grow(traits))
		return true;
	for (size_t at = (size_t)hash & (traits->asked_room - 1); traits->asked[at]; at = (at + 1) & (traits->asked_room - 1))
		if (traits->asked[at] == hash)
			return false;
	put(traits->asked, traits->asked_room, hash);
	traits->asked_count++;
	return true;
}

static bool has_connection(const struct cell *cell)
{
	return cell->state != STATE_LISTEN && cell->state != STATE_CLOSED && cell->state != STATE_SYN_SENT;
}

enum traits_adapt traits_adapt(struct traits *traits, struct cell *cell, size_t round)
{
	bool adapted = has_connection(cell) && cell->connection_timestamps;
	const struct cell whole = *cell;

	if (!traits->learns || !has_connection(cell) || (adapted && !traits_refuse_timestamps(traits)))
		return TRAITS_AS_IT_IS;
	if (adapted) {
		cell->connection_timestamps = false;
		cell->connection_tsval = axes_normal.connection_tsval;
		cell->stimulus.ts = (struct offset){ .form = OFFSET_ABSENT };
		cell->stimulus.tsecr = axes_normal.stimulus.tsecr;
	}
	if (!is_new(traits, cell, round)) {
		traits->same++;
		*cell = whole;
		return TRAITS_SAME;
	}
	traits->adapted += adapted;
	return adapted ? TRAITS_ADAPTED : TRAITS_AS_IT_IS;
}

/* The way alone counts: what a cell's other conditions do to it is theirs. */
static bool is_plain(const struct cell *cell)
{
	struct state_plan way;

	return cell_plan(cell) && cell_way(cell, &way) == cell_plan(cell) && !cell->conditions.sysctl_count &&
	       cell->receive_window == RECEIVE_WINDOW_USUAL;
}

void traits_tried(struct traits *traits, const struct cell *cell, bool reached, const char *why)
{
	struct traits_way *way = &traits->ways[cell->state][cell->opening];

	if (!is_plain(cell))
		return;
	if (reached) {
		way->reached++;
		return;
	}
	way->failed++;
	if (traits->learns && cell->state == STATE_LISTEN && way->failed >= FAILED_ENOUGH)
		traits->mute_listener = true;
	snprintf(way->why, sizeof(way->why), "%s", why);
}

bool traits_trust_listener(const struct traits *traits)
{
	return traits->mute_listener;
}

bool traits_may_be_mute(const struct traits *traits)
{
	return traits->mute_listener || !traits->ways[STATE_LISTEN][OPENING_PASSIVE].reached;
}

const char *traits_bar(const struct traits *traits, const struct cell *cell)
{
	const struct traits_way *way = &traits->ways[cell->state][cell->opening];

	return traits->learns && !way->reached && way->failed >= FAILED_ENOUGH &&
	       !(cell->state == STATE_LISTEN && traits->mute_listener) ? way->why : NULL;
}

bool traits_may_reach(const struct traits *traits, const struct cell *cell)
{
	return traits->learns && is_plain(cell) && !traits->ways[cell->state][cell->opening].reached;
}

static size_t row_of(unsigned kind)
{
	return kind < KIND_COUNT ? kind : KIND_COUNT;
}

void traits_at_ease(struct traits *traits, unsigned kind, bool silent)
{
	struct traits_hurry *hurry = &traits->hurries[row_of(kind)];

	hurry->silent += silent;
	hurry->answered += !silent;
}

bool traits_never_hurried(const struct traits *traits, unsigned kind)
{
	const struct traits_hurry *hurry = &traits->hurries[row_of(kind)];

	return traits->learns && !hurry->answered && hurry->silent >= AT_EASE_ENOUGH;
}

void traits_free(struct traits *traits)
{
	free(traits->asked);
	traits->asked = NULL;
}
