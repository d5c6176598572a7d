/* flows.c - which probe owns a four-tuple: a hash table with linear probing that deletes by moving back. */
#include "listener/flows.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/arena.h"

enum { NONE = UINT32_MAX };

struct flow {
	struct tuple to_subject;
	uint32_t owner; /* of one that is not used: the next such */
};

/* As small as can be: where a tuple is, any place of the table may be looked at. */
struct place {
	uint32_t hash;
	uint32_t flow; /* its number, from 1; 0: the place is free */
};

struct flows {
	size_t capacity, count;
	uint32_t used, spare; /* flows that were ever used; the first of those that are not any more */
	size_t mask;          /* places - 1; at least half of them are free */
	struct place *places;
	struct flow *flows;
};

static uint64_t hash_endpoint(const struct endpoint *endpoint, uint64_t port)
{
	uint64_t words[2], hash;

	memcpy(words, endpoint->address.bytes, sizeof(words));
	hash = words[0] * UINT64_C(0x9e3779b97f4a7c15) + words[1] * UINT64_C(0xc2b2ae3d27d4eb4f) +
	       port * UINT64_C(0x165667b19e3779f9) + endpoint->address.family;
	hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	return hash ^ hash >> 27;
}

/* Both directions have the same one. Scopes are left out: those that equal any must not differ here. Clients take one port
 * after another, or nearly so: the last bits of the larger port stand as they are, so that neighbours share a cache line. */
static uint32_t hash_of(const struct tuple *tuple)
{
	enum { NEIGHBOURS = 64 / sizeof(struct place) };
	const struct endpoint *source = &tuple->source, *target = &tuple->target;
	unsigned larger = source->port > target->port ? source->port : target->port, last = larger % NEIGHBOURS;
	uint64_t hash = hash_endpoint(source, source->port - (source->port == larger ? last : 0)) +
			hash_endpoint(target, target->port - (target->port == larger ? last : 0));

	hash = hash * UINT64_C(0x94d049bb133111eb) >> 32;
	return (uint32_t)(hash - hash % NEIGHBOURS + last);
}

struct flows *flows_open(size_t capacity)
{
	struct flows *flows = calloc(1, sizeof(*flows));
	size_t places = 16;

	if (!flows)
		return NULL;
	while (places / 2 < capacity && places <= UINT32_MAX / 2)
		places *= 2;
	flows->capacity = capacity;
	flows->mask = places - 1;
	flows->spare = NONE;
	if (places / 2 >= capacity) {
		flows->places = arena_open(places, sizeof(*flows->places));
		flows->flows = arena_open(capacity, sizeof(*flows->flows));
	}
	if (flows->places && flows->flows)
		return flows;
	flows_close(flows);
	return NULL;
}

static bool is_back(const struct tuple *tuple, const struct tuple *other)
{
	return endpoint_equal(&tuple->source, &other->target) && endpoint_equal(&tuple->target, &other->source);
}

/* The place of the tuple, or the free one where it would go. */
static size_t seek(const struct flows *flows, const struct tuple *tuple, uint32_t hash, bool *back)
{
	size_t index = hash & flows->mask;

	*back = false;
	for (; flows->places[index].flow; index = (index + 1) & flows->mask) {
		const struct tuple *to_subject;

		if (flows->places[index].hash != hash)
			continue;
		to_subject = &flows->flows[flows->places[index].flow - 1].to_subject;
		if (tuple_equal(to_subject, tuple))
			break;
		*back = is_back(to_subject, tuple);
		if (*back)
			break;
	}
	return index;
}

bool flows_add(struct flows *flows, const struct pair *pair, uint32_t owner)
{
	struct tuple tuple = pair_to_subject(pair);
	uint32_t hash = hash_of(&tuple), number = flows->spare;
	bool back;
	size_t index = seek(flows, &tuple, hash, &back);

	if (owner == FLOWS_NONE || flows->count == flows->capacity || flows->places[index].flow)
		return false;
	if (number == NONE)
		number = flows->used++;
	else
		flows->spare = flows->flows[number].owner;
	flows->flows[number] = (struct flow){ tuple, owner };
	flows->places[index] = (struct place){ hash, number + 1 };
	flows->count++;
	return true;
}

uint32_t flows_find(const struct flows *flows, const struct tuple *tuple, bool *from_subject)
{
	bool back;
	uint32_t number = flows->places[seek(flows, tuple, hash_of(tuple), &back)].flow;

	if (from_subject)
		*from_subject = back;
	return number ? flows->flows[number - 1].owner : FLOWS_NONE;
}

void flows_remove(struct flows *flows, const struct pair *pair)
{
	struct tuple tuple = pair_to_subject(pair);
	size_t hole, index, home;
	uint32_t number;
	bool back;

	hole = seek(flows, &tuple, hash_of(&tuple), &back);
	number = flows->places[hole].flow;
	if (!number)
		return;
	flows->flows[number - 1].owner = flows->spare;
	flows->spare = number - 1;
	/* What follows moves back into the hole, unless that lies before its own home. */
	for (index = (hole + 1) & flows->mask; flows->places[index].flow; index = (index + 1) & flows->mask) {
		home = flows->places[index].hash & flows->mask;
		if (((index - home) & flows->mask) >= ((index - hole) & flows->mask)) {
			flows->places[hole] = flows->places[index];
			hole = index;
		}
	}
	flows->places[hole].flow = 0;
	flows->count--;
}

size_t flows_count(const struct flows *flows)
{
	return flows->count;
}

void flows_close(struct flows *flows)
{
	if (!flows)
		return;
	arena_close(flows->places, flows->mask + 1, sizeof(*flows->places));
	arena_close(flows->flows, flows->capacity, sizeof(*flows->flows));
	free(flows);
}
