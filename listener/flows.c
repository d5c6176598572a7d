/* flows.c - which probe owns a four-tuple: a hash table with linear probing that deletes by moving back. */
#include "listener/flows.h"

#include <stdlib.h>
#include <string.h>

/* The tuple is kept with its lesser endpoint first, so that both directions have one hash and one entry. */
struct flow {
	struct tuple tuple;
	uint32_t hash;
	uint32_t owner; /* FLOWS_NONE: the place is free */
	bool turned;    /* the subject is the lesser: the tuple is that of its segments */
};

struct flows {
	size_t capacity, count;
	size_t mask; /* places - 1; at least half of them are free */
	struct flow places[];
};

/* Any order will do; this one needs no call of memcmp(). */
static bool is_after(const struct endpoint *a, const struct endpoint *b)
{
	uint64_t of_a[2], of_b[2];

	memcpy(of_a, a->address.bytes, sizeof(of_a));
	memcpy(of_b, b->address.bytes, sizeof(of_b));
	if (of_a[0] != of_b[0])
		return of_a[0] > of_b[0];
	if (of_a[1] != of_b[1])
		return of_a[1] > of_b[1];
	return a->port > b->port;
}

/* Returns whether it had to turn the tuple round. */
static bool normalize(const struct tuple *tuple, struct tuple *normal)
{
	bool reversed = is_after(&tuple->source, &tuple->target);

	*normal = reversed ? tuple_reversed(tuple) : *tuple;
	return reversed;
}

struct flows *flows_open(size_t capacity)
{
	struct flows *flows;
	size_t places = 16, index;

	while (places / 2 < capacity) {
		if (places > SIZE_MAX / 4 / sizeof(struct flow))
			return NULL;
		places *= 2;
	}
	flows = malloc(sizeof(*flows) + places * sizeof(struct flow));
	if (!flows)
		return NULL;
	flows->capacity = capacity;
	flows->count = 0;
	flows->mask = places - 1;
	for (index = 0; index < places; index++)
		flows->places[index].owner = FLOWS_NONE;
	return flows;
}

/* The place of the normalized tuple, or the free one where it would go. */
static size_t seek(const struct flows *flows, const struct tuple *normal, uint32_t hash)
{
	size_t index = hash & flows->mask;

	while (flows->places[index].owner != FLOWS_NONE) {
		if (flows->places[index].hash == hash && tuple_equal(&flows->places[index].tuple, normal))
			break;
		index = (index + 1) & flows->mask;
	}
	return index;
}

bool flows_add(struct flows *flows, const struct pair *pair, uint32_t owner)
{
	struct tuple tuple = pair_to_subject(pair);
	struct flow flow = { .owner = owner };
	size_t index;

	flow.turned = normalize(&tuple, &flow.tuple);
	flow.hash = tuple_hash(&flow.tuple);
	index = seek(flows, &flow.tuple, flow.hash);
	if (owner == FLOWS_NONE || flows->count == flows->capacity || flows->places[index].owner != FLOWS_NONE)
		return false;
	flows->places[index] = flow;
	flows->count++;
	return true;
}

uint32_t flows_find(const struct flows *flows, const struct tuple *tuple, bool *from_subject)
{
	struct tuple normal;
	bool turned = normalize(tuple, &normal);
	const struct flow *flow = &flows->places[seek(flows, &normal, tuple_hash(&normal))];

	if (from_subject)
		*from_subject = flow->owner != FLOWS_NONE && flow->turned != turned;
	return flow->owner;
}

void flows_remove(struct flows *flows, const struct pair *pair)
{
	struct tuple tuple = pair_to_subject(pair), normal;
	size_t hole, index, home;

	normalize(&tuple, &normal);
	hole = seek(flows, &normal, tuple_hash(&normal));
	if (flows->places[hole].owner == FLOWS_NONE)
		return;
	/* What follows moves back into the hole, unless that lies before its own home. */
	for (index = (hole + 1) & flows->mask; flows->places[index].owner != FLOWS_NONE;
	     index = (index + 1) & flows->mask) {
		home = flows->places[index].hash & flows->mask;
		if (((index - home) & flows->mask) >= ((index - hole) & flows->mask)) {
			flows->places[hole] = flows->places[index];
			hole = index;
		}
	}
	flows->places[hole].owner = FLOWS_NONE;
	flows->count--;
}

size_t flows_count(const struct flows *flows)
{
	return flows->count;
}

void flows_close(struct flows *flows)
{
	free(flows);
}
