/* record_pack.c - most of a record is room for what seldom happens. */
#include "harness/run/record_pack.h"

#include <string.h>

enum { WORD = sizeof(uint64_t), TRACE_WORD = offsetof(struct record, trace) / WORD };

_Static_assert(sizeof(struct record) == RECORD_PACK_WORDS * sizeof(uint64_t), "a record is whole words");

size_t record_pack(const struct record *record, uint8_t packed[static RECORD_PACK_SIZE])
{
	uint64_t bits[RECORD_PACK_BITS] = { 0 };
	uint8_t *at = packed + sizeof(bits);

	for (size_t i = 0; i < RECORD_PACK_WORDS; i++) {
		uint64_t word;

		memcpy(&word, (const uint8_t *)record + i * WORD, WORD);
		if (!word || i == TRACE_WORD)
			continue;
		bits[i / 64] |= UINT64_C(1) << i % 64;
		memcpy(at, &word, WORD);
		at += WORD;
	}
	memcpy(packed, bits, sizeof(bits));
	return (size_t)(at - packed);
}

int record_unpack(const uint8_t *packed, size_t size, struct record *record)
{
	uint64_t bits[RECORD_PACK_BITS];
	const uint8_t *at = packed + sizeof(bits), *end = packed + size;

	if (size < sizeof(bits))
		return -1;
	memcpy(bits, packed, sizeof(bits));
	memset(record, 0, sizeof(*record));
	for (size_t part = 0; part < RECORD_PACK_BITS; part++)
		for (uint64_t rest = bits[part]; rest; rest &= rest - 1) {
			size_t word = part * 64 + (size_t)__builtin_ctzll(rest);

			if (word >= RECORD_PACK_WORDS || end - at < WORD)
				return -1;
			memcpy((uint8_t *)record + word * WORD, at, WORD);
			at += WORD;
		}
	return at == end ? 0 : -1;
}
