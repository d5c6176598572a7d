/* order.h - which of the cells that may begin does: those that share what holds for the whole subject one after the other,
 * whatever their places in the matrix. Pure.
 *
 * Cells are added in rising order of their numbers, as far as the run's ring has room for their records. The group that is
 * worked off goes on while it has any; the next one is that of the lowest number, so that the oldest record never waits for a
 * second round. Where the matrix is in groups already, the order is the matrix' own.
 */
#ifndef TWPROBE_HARNESS_RUN_ORDER_H
#define TWPROBE_HARNESS_RUN_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "cases/matrix/cell.h"
#include "crafter/manner.h"

/* What all cells in flight have in common. */
struct order_key {
	struct conditions conditions;
	enum listener listening;
	struct manner manner;
};

void order_key_of(const struct cell *cell, struct order_key *key);
bool order_key_equal(const struct order_key *a, const struct order_key *b);

struct order;

/* For at most so many cells added and not taken; NULL when out of memory. */
struct order *order_open(size_t window);
/* The number is higher than all before it, by less than the window than the lowest that was not taken. */
void order_add(struct order *order, size_t number, const struct order_key *key);
/* The one to begin next, and its key (valid until the next call); it stays until it is taken. False: there is none. */
bool order_first(struct order *order, size_t *number, const struct order_key **key);
/* What order_first said last. */
void order_take(struct order *order);
void order_close(struct order *order); /* NULL is fine */

#endif
