/* molds.c - molds, and the words that are left of what fits them. */
#include "harness/diagnose/molds.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/arena.h"

/* One mold for each way that connections go; ones that are too much alike are not worth the search. So many items are looked
 * at to learn one, and it is tried so often. */
enum { WORDS_MOST = 512, MOLDS = 8, SAMPLES = 16, ATTEMPTS = 64 };
#define NOTHING UINT32_MAX

struct mold {
	uint32_t kept, copies;      /* how many; and of these in the head */
	uint32_t head_kept, head_copies;
	uint16_t kept_at[WORDS_MOST];
	struct {
		uint16_t at, kept;  /* the so manieth of those that are kept stands there, too */
	} copy[WORDS_MOST];
	uint32_t spare;             /* place that is not used any more, and has the next one in its first word */
};

struct molds {
	size_t words;    /* of an item */
	size_t head;     /* of these, in its head */
	uint32_t *heap;  /* what is left of items */
	size_t room, used;
	struct mold molds[MOLDS];
	uint32_t count, latest; /* of molds; what fitted last is tried first */
	uint32_t samples[SAMPLES][WORDS_MOST];
	uint32_t sampled, attempts;
};

struct molds *molds_open(size_t most, size_t size, size_t head)
{
	struct molds *molds;

	if (size % sizeof(uint32_t) || size > WORDS_MOST * sizeof(uint32_t))
		return NULL;
	molds = calloc(1, sizeof(*molds));
	if (!molds)
		return NULL;
	molds->words = size / sizeof(uint32_t);
	molds->head = head / sizeof(uint32_t);
	molds->room = most * molds->words / 2 < NOTHING ? most * molds->words / 2 : NOTHING;
	molds->heap = arena_open(molds->room, sizeof(*molds->heap));
	if (molds->heap)
		return molds;
	free(molds);
	return NULL;
}

void molds_close(struct molds *molds)
{
	if (!molds)
		return;
	arena_close(molds->heap, molds->room, sizeof(*molds->heap));
	free(molds);
}

/* `count` words of an item, of which so many are kept and so many are copies of those. */
static void restore(const struct mold *mold, uint32_t kept_count, uint32_t copies, const uint32_t *kept, uint32_t *words,
		    size_t count)
{
	memset(words, 0, count * sizeof(*words));
	for (uint32_t i = 0; i < kept_count; i++)
		words[mold->kept_at[i]] = kept[i];
	for (uint32_t i = 0; i < copies; i++)
		words[mold->copy[i].at] = kept[mold->copy[i].kept];
}

/* Is the item what would be made of this? */
static bool fits(const struct mold *mold, const uint32_t *item, uint32_t *kept, size_t words)
{
	uint32_t restored[WORDS_MOST];

	for (uint32_t i = 0; i < mold->kept; i++)
		kept[i] = item[mold->kept_at[i]];
	restore(mold, mold->kept, mold->copies, kept, restored, words);
	return memcmp(restored, item, words * sizeof(*item)) == 0;
}

static bool is_zero(const struct molds *molds, size_t word)
{
	uint32_t any = 0;

	for (size_t i = 0; i < SAMPLES; i++)
		any |= molds->samples[i][word];
	return !any;
}

static bool is_same(const struct molds *molds, size_t word, size_t other)
{
	uint32_t odd = 0;

	for (size_t i = 0; i < SAMPLES; i++)
		odd |= molds->samples[i][word] ^ molds->samples[i][other];
	return !odd;
}

/* What is so in all samples. */
static void learn(struct molds *molds)
{
	struct mold *mold = &molds->molds[molds->count];

	memset(mold, 0, sizeof(*mold));
	mold->spare = NOTHING;
	for (uint16_t word = 0; word < molds->words; word++) {
		uint16_t kept = 0;

		if (is_zero(molds, word))
			continue;
		while (kept < mold->kept && !is_same(molds, word, mold->kept_at[kept]))
			kept++;
		if (kept == mold->kept) {
			mold->head_kept += word < molds->head;
			mold->kept_at[mold->kept++] = word;
			continue;
		}
		mold->head_copies += word < molds->head;
		mold->copy[mold->copies].at = word;
		mold->copy[mold->copies++].kept = kept;
	}
	molds->sampled = 0;
	molds->attempts++;
	if (mold->kept > 0 && mold->kept <= molds->words / 2)
		molds->latest = molds->count++;
}

static void sample(struct molds *molds, const uint32_t *item)
{
	if (molds->count == MOLDS || molds->attempts == ATTEMPTS)
		return;
	memcpy(molds->samples[molds->sampled++], item, molds->words * sizeof(*item));
	if (molds->sampled == SAMPLES)
		learn(molds);
}

/* NOTHING: none is left. */
static uint32_t take_place(struct molds *molds, struct mold *mold)
{
	uint32_t word = mold->spare;

	if (word != NOTHING) {
		mold->spare = molds->heap[word];
	} else if (molds->room - molds->used >= mold->kept) {
		word = (uint32_t)molds->used;
		molds->used += mold->kept;
	}
	return word;
}

bool molds_put(struct molds *molds, const void *item, struct molds_place *place)
{
	const uint32_t *words = item;
	uint32_t kept[WORDS_MOST];

	for (uint32_t i = 0; i < molds->count; i++) {
		uint32_t number = (molds->latest + i) % molds->count;
		struct mold *mold = &molds->molds[number];

		if (!fits(mold, words, kept, molds->words))
			continue;
		molds->latest = number;
		place->mold = number + 1;
		place->word = take_place(molds, mold);
		if (place->word != NOTHING)
			memcpy(molds->heap + place->word, kept, mold->kept * sizeof(*kept));
		return place->word != NOTHING;
	}
	sample(molds, words);
	return false;
}

void molds_read(const struct molds *molds, struct molds_place place, void *item)
{
	const struct mold *mold = &molds->molds[place.mold - 1];

	restore(mold, mold->kept, mold->copies, molds->heap + place.word, item, molds->words);
}

void molds_read_head(const struct molds *molds, struct molds_place place, void *head)
{
	const struct mold *mold = &molds->molds[place.mold - 1];

	restore(mold, mold->head_kept, mold->head_copies, molds->heap + place.word, head, molds->head);
}

void molds_drop(struct molds *molds, struct molds_place place)
{
	struct mold *mold = &molds->molds[place.mold - 1];

	molds->heap[place.word] = mold->spare;
	mold->spare = place.word;
}
