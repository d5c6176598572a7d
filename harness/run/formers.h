/* formers.h - connections that have ended, for a while: what still comes on them belongs to nobody else, and may be the
 * answer that was given up waiting for. Nothing is allocated after formers_open. */
#ifndef TWPROBE_HARNESS_RUN_FORMERS_H
#define TWPROBE_HARNESS_RUN_FORMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/notice.h"
#include "crafter/peer.h"

struct formers;

/* Room for the last `capacity` connections. NULL when out of memory. */
struct formers *formers_open(size_t capacity);
/* The peer has ended, and stood for entry `number`; its `last` segments went out `copies` times each: some stacks answer
 * resets. The oldest is forgotten where there is no room. */
void formers_add(struct formers *formers, const struct peer *peer, size_t number, const struct peer_actions *last,
		 unsigned copies);
/* The ends are in use again. */
void formers_forget(struct formers *formers, const struct pair *pair);
/* True when this may be the answer that a former connection did not wait for; *number is its entry's, and *after_ns
 * the time since its stimulus. Retransmissions, copies
 * of what was heard, and what follows an answer are none. `notice` NULL: a sound segment. */
bool formers_heard(struct formers *formers, const struct segment *segment, const struct notice *notice,
		   uint64_t time_ns, size_t *number, uint64_t *after_ns);
void formers_close(struct formers *formers); /* NULL is fine */

#endif
