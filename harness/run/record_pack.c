/* record_pack.c - most of a record is room for what seldom happens. */
#include "harness/run/record_pack.h"

#include <string.h>

enum { WORD = sizeof(uint64_t), TRACE_WORD = offsetof(struct record, trace) / WORD };

_Static_assert(sizeof(struct record) == RECORD_PACK_WORDS * sizeof(uint64_t), "a record is whole words");

/* From its first byte to the end of what was written into it (end(3)): the program's constants are between. */
extern const char __executable_start[], etext[], edata[];

static size_t image_size(void)
{
	return (size_t)((uintptr_t)edata - (uintptr_t)__executable_start);
}

uint64_t record_pack_image(void)
{
	return (uint64_t)((uintptr_t)etext - (uintptr_t)__executable_start) << 32 | image_size();
}

static void mark(uint64_t texts[static RECORD_PACK_BITS], size_t offset)
{
	texts[offset / WORD / 64] |= UINT64_C(1) << offset / WORD % 64;
}

#define MARK(texts, member) mark(texts, offsetof(struct record, member))

static void mark_expectations(uint64_t texts[static RECORD_PACK_BITS])
{
	for (size_t book = 0; book < BOOK_COUNT; book++) {
		MARK(texts, expected[book].citation);
		MARK(texts, expected[book].reason);
		for (size_t i = 0; i < ALTERNATIVES_MAX; i++) {
			MARK(texts, alternatives[book].list[i].expectation.citation);
			MARK(texts, alternatives[book].list[i].expectation.reason);
		}
	}
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		MARK(texts, fields.rules[i]);
		MARK(texts, follow_up_fields.rules[i]);
	}
	for (size_t i = 0; i < REMAIN_COUNT; i++)
		MARK(texts, remains.rules[i]);
}

static void mark_segments(uint64_t texts[static RECORD_PACK_BITS])
{
	MARK(texts, sent.payload);
	MARK(texts, first.segment.payload);
	MARK(texts, follow_up.payload);
	MARK(texts, follow_up_reply.payload);
	MARK(texts, side.subject_answer.payload);
	MARK(texts, side.tracked_before);
	MARK(texts, side.tracked_after);
	for (size_t i = 0; i < PEER_HEARD_MAX; i++)
		MARK(texts, heard[i].segment.payload);
	for (size_t i = 0; i < RECORD_NOTICES_MAX; i++) {
		MARK(texts, notices[i].why);
		MARK(texts, notices[i].segment.payload);
	}
}

/* Which words are addresses. */
static const uint64_t *find_texts(void)
{
	static uint64_t texts[RECORD_PACK_BITS];
	static bool found;

	if (!found) {
		mark_expectations(texts);
		mark_segments(texts);
		found = true;
	}
	return texts;
}

static bool has(const uint64_t bits[static RECORD_PACK_BITS], size_t word)
{
	return bits[word / 64] >> word % 64 & 1;
}

size_t record_pack(const struct record *record, uint8_t packed[static RECORD_PACK_SIZE])
{
	const uint64_t *texts = find_texts();
	uint64_t bits[RECORD_PACK_BITS] = { 0 };
	uint8_t *at = packed + sizeof(bits);

	for (size_t i = 0; i < RECORD_PACK_WORDS; i++) {
		uint64_t word;

		memcpy(&word, (const uint8_t *)record + i * WORD, WORD);
		if (!word || i == TRACE_WORD)
			continue;
		if (has(texts, i)) {
			word -= (uintptr_t)__executable_start;
			if (word >= image_size())
				continue;
		}
		bits[i / 64] |= UINT64_C(1) << i % 64;
		memcpy(at, &word, WORD);
		at += WORD;
	}
	memcpy(packed, bits, sizeof(bits));
	return (size_t)(at - packed);
}

int record_unpack(const uint8_t *packed, size_t size, struct record *record)
{
	const uint64_t *texts = find_texts();
	uint64_t bits[RECORD_PACK_BITS];
	const uint8_t *at = packed + sizeof(bits), *end = packed + size;

	if (size < sizeof(bits))
		return -1;
	memcpy(bits, packed, sizeof(bits));
	memset(record, 0, sizeof(*record));
	for (size_t part = 0; part < RECORD_PACK_BITS; part++)
		for (uint64_t rest = bits[part]; rest; rest &= rest - 1) {
			size_t number = part * 64 + (size_t)__builtin_ctzll(rest);
			uint64_t word;

			if (number >= RECORD_PACK_WORDS || end - at < WORD)
				return -1;
			memcpy(&word, at, WORD);
			if (has(texts, number) && word >= image_size())
				return -1;
			if (has(texts, number))
				word += (uintptr_t)__executable_start;
			memcpy((uint8_t *)record + number * WORD, &word, WORD);
			at += WORD;
		}
	return at == end ? 0 : -1;
}
