/* tuple.c - four-tuples: comparing, hashing. */
#include "crafter/tuple.h"

#include <string.h>

struct tuple tuple_reversed(const struct tuple *tuple)
{
	return (struct tuple){ .source = tuple->target, .target = tuple->source };
}

/* The finalizer of splitmix64: every input bit moves every output bit, so that sequential ports spread. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

static uint64_t hash_endpoint(uint64_t hash, const struct endpoint *endpoint)
{
	uint64_t words[2] = { 0 };

	if (endpoint->address.family == 4)
		memcpy(words, endpoint->address.bytes, 4);
	else
		memcpy(words, endpoint->address.bytes, sizeof(words));
	hash = mix(hash + words[0]);
	return mix(hash + words[1] + ((uint64_t)endpoint->port << 8) + endpoint->address.family);
}

uint32_t tuple_hash(const struct tuple *tuple)
{
	uint64_t hash = hash_endpoint(UINT64_C(0x9e3779b97f4a7c15), &tuple->source);

	return (uint32_t)hash_endpoint(hash, &tuple->target);
}

bool tuple_is_martian(const struct tuple *tuple)
{
	return address_is_multicast(&tuple->source.address) || address_is_broadcast(&tuple->source.address) ||
	       (tuple->target.address.family == 6 && address_is_multicast(&tuple->target.address));
}
