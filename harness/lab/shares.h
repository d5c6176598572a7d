/* shares.h - how many connections each client holds, so that none takes all; pure.
 *
 * A client is an IPv4 address, or the /64 of an IPv6 address: whoever has one address of it has all of them. */
#ifndef TWPROBE_HARNESS_LAB_SHARES_H
#define TWPROBE_HARNESS_LAB_SHARES_H

#include <stddef.h>

#include "crafter/tuple.h"

struct shares;

/* For at most that many connections in all. NULL when out of memory. */
struct shares *shares_open(size_t connections);
size_t shares_held(const struct shares *shares, const struct address *client);
/* One more, and one less; the caller keeps to the number that it opened them for. */
void shares_add(struct shares *shares, const struct address *client);
void shares_remove(struct shares *shares, const struct address *client);
void shares_close(struct shares *shares); /* NULL is fine */

#endif
