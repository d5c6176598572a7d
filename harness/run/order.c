/* order.c - which of the cells that may begin does. */
#include <stdint.h>
#include <stdlib.h>

#include "cases/matrix/limits.h"
#include "harness/run/order.h"

/* The cells of one key that were added and not taken: a list through order->after. */
struct order_group {
	uint64_t hash; /* of the key */
	struct order_key key;
	size_t first, last; /* numbers; the lowest and the highest */
};

/* Groups are searched one by one: each of them is a change of sysctls, which costs much more. */
struct order {
	size_t window;
	size_t *after;        /* of each number, modulo the window: the next one of its group */
	struct order_group *groups; /* those with cells, and the current one at [0], which may have none */
	size_t count;
};

void order_key_of(const struct cell *cell, struct order_key *key)
{
	limits_conditions(cell, &key->conditions);
	key->listening = cell_listener(cell);
	limits_manner(cell, &key->manner);
}

bool order_key_equal(const struct order_key *a, const struct order_key *b)
{
	return a->listening == b->listening && manner_equal(&a->manner, &b->manner) &&
	       conditions_equal(&a->conditions, &b->conditions);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash;
}

/* The order of the sysctls makes no difference. Not all of the key is in it. */
static uint64_t hash_key(const struct order_key *key)
{
	uint64_t sum = (uint64_t)key->listening + 16 * key->manner.keepalive_s + 256 * key->manner.user_timeout_ms +
		       4096 * (uint64_t)key->manner.linger2_s + 65536 * key->manner.min_ttl;

	for (size_t i = 0; i < key->conditions.sysctl_count; i++) {
		const struct sysctl *sysctl = &key->conditions.sysctls[i];

		sum += hash_text(hash_text(2 + sysctl->at_probe, sysctl->name), sysctl->value);
	}
	return sum;
}

struct order *order_open(size_t window)
{
	struct order *order = calloc(1, sizeof(*order));

	if (!order)
		return NULL;
	order->window = window;
	order->after = calloc(window, sizeof(*order->after));
	order->groups = calloc(window + 1, sizeof(*order->groups));
	if (order->after && order->groups)
		return order;
	order_close(order);
	return NULL;
}

static bool is_empty(const struct order_group *group)
{
	return group->first == SIZE_MAX;
}

void order_add(struct order *order, size_t number, const struct order_key *key)
{
	uint64_t hash = hash_key(key);
	struct order_group *group = order->groups;

	while (group < order->groups + order->count &&
	       (group->hash != hash || !order_key_equal(&group->key, key)))
		group++;
	if (group == order->groups + order->count) {
		order->count++;
		group->hash = hash;
		group->key = *key;
		group->first = SIZE_MAX;
	}
	if (is_empty(group))
		group->first = number;
	else
		order->after[group->last % order->window] = number;
	order->after[number % order->window] = SIZE_MAX;
	group->last = number;
}

/* The current group has run out: its place is for the one with the lowest number. */
static void turn_to_lowest(struct order *order)
{
	struct order_group *lowest = &order->groups[1];

	for (struct order_group *group = lowest; group < order->groups + order->count; group++)
		if (group->first < lowest->first)
			lowest = group;
	order->groups[0] = *lowest;
	*lowest = order->groups[--order->count];
}

bool order_first(struct order *order, size_t *number, const struct order_key **key)
{
	if (order->count == 0 || (is_empty(&order->groups[0]) && order->count == 1))
		return false;
	if (is_empty(&order->groups[0]))
		turn_to_lowest(order);
	*number = order->groups[0].first;
	*key = &order->groups[0].key;
	return true;
}

void order_take(struct order *order)
{
	struct order_group *current = &order->groups[0];

	current->first = order->after[current->first % order->window];
}

void order_close(struct order *order)
{
	if (!order)
		return;
	free(order->after);
	free(order->groups);
	free(order);
}
