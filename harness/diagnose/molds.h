/* molds.h - items of one size that are seldom looked at, in a fraction of their memory, and whole again to the last bit.
 *
 * Most words of such an item are 0, or the same in nearly all items, or the same as another one of it: one end's snd_nxt is the
 * other end's rcv_nxt. Which words these are is learned from the items themselves, and is a mold. What fits it is kept as the
 * words that are left. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_MOLDS_H
#define TWPROBE_HARNESS_DIAGNOSE_MOLDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct molds;

/* Where an item is kept. */
struct molds_place {
	uint32_t mold; /* from 1 */
	uint32_t word;
};

/* For `most` items of `size` bytes, of which the first `head` may be read alone. Whole words of four, 512 at most. NULL: out of
 * memory. */
struct molds *molds_open(size_t most, size_t size, size_t head);
void molds_close(struct molds *molds); /* NULL is fine */

/* False: it fits no mold, and nothing is kept; from such items others are learned. */
bool molds_put(struct molds *molds, const void *item, struct molds_place *place);
/* The item as it was put; its head alone. */
void molds_read(const struct molds *molds, struct molds_place place, void *item);
void molds_read_head(const struct molds *molds, struct molds_place place, void *head);
/* It is not kept any longer. */
void molds_drop(struct molds *molds, struct molds_place place);

#endif
