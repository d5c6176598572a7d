/* flows.h - which probe owns a four-tuple. A hash table of fixed size; nothing is allocated after flows_open. */
#ifndef TWPROBE_LISTENER_FLOWS_H
#define TWPROBE_LISTENER_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/pair.h"

struct flows;

enum { FLOWS_NONE = UINT32_MAX };

/* Room for `capacity` tuples. NULL when out of memory. */
struct flows *flows_open(size_t capacity);
/* `owner` is any number but FLOWS_NONE. False when the pair is there already or the table is full. */
bool flows_add(struct flows *flows, const struct pair *pair, uint32_t owner);
/* Segments of both directions find the owner; *from_subject (may be NULL): these are the subject's. */
uint32_t flows_find(const struct flows *flows, const struct tuple *tuple, bool *from_subject);
void flows_remove(struct flows *flows, const struct pair *pair);
/* For tests. */
size_t flows_count(const struct flows *flows);
void flows_close(struct flows *flows); /* NULL is fine */

#endif
