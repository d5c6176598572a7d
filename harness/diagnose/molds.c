/* molds.c - molds, and the words that are left of what fits them. */
#include "harness/diagnose/molds.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/arena.h"

/* One mold for each way that connections go; ones that are too much alike are not worth the search. So many items are looked
 * at to learn one, and it is tried so often. */
enum { WORDS_MOST = 512, MOLDS = 16, SAMPLES = 16, ATTEMPTS = 64 };
#define NOTHING UINT32_MAX

struct mold {
	uint32_t kept, copies;      /* how many; and of these in the head */
	uint32_t head_kept, head_copies;
	uint16_t kept_at[WORDS_MOST];
	struct {
		uint16_t at, of, kept; /* the same as the word `of`, which is the so manieth of those that are kept */
	} copy[WORDS_MOST];
	/* What all that fit it have in common, most of it 0, and 0 where they differ; and which words these are, as bits. */
	uint32_t common[WORDS_MOST], is_common[WORDS_MOST];
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
	memcpy(words, mold->common, count * sizeof(*words));
	for (uint32_t i = 0; i < kept_count; i++)
		words[mold->kept_at[i]] = kept[i];
	for (uint32_t i = 0; i < copies; i++)
		words[mold->copy[i].at] = kept[mold->copy[i].kept];
}

/* Four words at once, which every compiler that we know turns into what its machine has for it. */
typedef uint32_t lanes __attribute__((vector_size(16)));
enum { LANES = sizeof(lanes) / sizeof(uint32_t) };

static inline lanes load(const uint32_t *words)
{
	lanes loaded;

	memcpy(&loaded, words, sizeof(loaded));
	return loaded;
}

static bool has_common(const struct mold *mold, const uint32_t *item, size_t words)
{
	lanes odd = { 0 };
	uint32_t rest = 0;
	size_t i = 0;

	for (; i + LANES <= words; i += LANES)
		odd |= (load(item + i) ^ load(mold->common + i)) & load(mold->is_common + i);
	for (; i < words; i++)
		rest |= (item[i] ^ mold->common[i]) & mold->is_common[i];
	return !(odd[0] | odd[1] | odd[2] | odd[3] | rest);
}

/* Would the item be made again of what is kept of it? */
static bool fits(const struct mold *mold, const uint32_t *item, size_t words)
{
	uint32_t odd = 0;

	if (!has_common(mold, item, words))
		return false;
	for (uint32_t i = 0; i < mold->copies; i++)
		odd |= item[mold->copy[i].at] ^ item[mold->copy[i].of];
	return !odd;
}

/* In all samples, and a word that another mold has not, or has as well: one that changes now and then, such as the upper half
 * of a time, is learned to be such a word by the second mold. */
static bool is_common(const struct molds *molds, size_t word)
{
	uint32_t common = molds->samples[0][word], odd = 0;

	for (size_t i = 1; i < SAMPLES; i++)
		odd |= molds->samples[i][word] ^ common;
	for (uint32_t i = 0; i < molds->count && common; i++) {
		const struct mold *mold = &molds->molds[i];

		odd |= !mold->is_common[word] || (mold->common[word] && mold->common[word] != common);
	}
	return !odd;
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

		if (is_common(molds, word)) {
			mold->common[word] = molds->samples[0][word];
			mold->is_common[word] = UINT32_MAX;
			continue;
		}
		while (kept < mold->kept && !is_same(molds, word, mold->kept_at[kept]))
			kept++;
		if (kept == mold->kept) {
			mold->head_kept += word < molds->head;
			mold->kept_at[mold->kept++] = word;
			continue;
		}
		mold->head_copies += word < molds->head;
		mold->copy[mold->copies].at = word;
		mold->copy[mold->copies].of = mold->kept_at[kept];
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

	for (uint32_t i = 0; i < molds->count; i++) {
		uint32_t number = (molds->latest + i) % molds->count;
		struct mold *mold = &molds->molds[number];

		if (!fits(mold, words, molds->words))
			continue;
		molds->latest = number;
		place->mold = number + 1;
		place->word = take_place(molds, mold);
		for (uint32_t k = 0; k < mold->kept && place->word != NOTHING; k++)
			molds->heap[place->word + k] = words[mold->kept_at[k]];
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
