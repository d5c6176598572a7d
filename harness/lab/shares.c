/* shares.c - a hash table with open addressing; what is removed leaves no gap behind (Knuth 6.4, algorithm R). */
#include "harness/lab/shares.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/random.h"

struct share {
	uint64_t network;
	uint8_t family;
	size_t held; /* 0: the place is free */
};

struct shares {
	size_t size; /* a power of two, at least twice as many as can be in it */
	struct share table[];
};

struct shares *shares_open(size_t connections)
{
	size_t size = 16;
	struct shares *shares;

	while (size < 2 * connections)
		size *= 2;
	shares = calloc(1, sizeof(*shares) + size * sizeof(shares->table[0]));
	if (shares)
		shares->size = size;
	return shares;
}

static struct share share_of(const struct address *client)
{
	struct share share = { .family = client->family };

	memcpy(&share.network, client->bytes, client->family == 4 ? 4 : 8);
	return share;
}

static size_t home(const struct shares *shares, const struct share *share)
{
	return (size_t)random_mix(share->network + share->family) & (shares->size - 1);
}

/* Where it is, or the free place where it would be. */
static size_t find(const struct shares *shares, const struct share *share)
{
	size_t at = home(shares, share);

	while (shares->table[at].held &&
	       (shares->table[at].network != share->network || shares->table[at].family != share->family))
		at = (at + 1) & (shares->size - 1);
	return at;
}

size_t shares_held(const struct shares *shares, const struct address *client)
{
	struct share share = share_of(client);

	return shares->table[find(shares, &share)].held;
}

void shares_add(struct shares *shares, const struct address *client)
{
	struct share share = share_of(client);
	size_t at = find(shares, &share);

	share.held = shares->table[at].held + 1;
	shares->table[at] = share;
}

/* Those behind the gap that could not be found any more move into it. */
static void close_gap(struct shares *shares, size_t gap)
{
	size_t mask = shares->size - 1;

	for (size_t at = (gap + 1) & mask; shares->table[at].held; at = (at + 1) & mask) {
		size_t way = (at - home(shares, &shares->table[at])) & mask;

		if (way < ((at - gap) & mask))
			continue;
		shares->table[gap] = shares->table[at];
		shares->table[at].held = 0;
		gap = at;
	}
}

void shares_remove(struct shares *shares, const struct address *client)
{
	struct share share = share_of(client);
	size_t at = find(shares, &share);

	if (shares->table[at].held && --shares->table[at].held == 0)
		close_gap(shares, at);
}

void shares_close(struct shares *shares)
{
	free(shares);
}
