/* record_pack.c - most of a record is room for what seldom happens. */
#include "harness/run/record_pack.h"

#include <string.h>

enum { WORD = sizeof(uint64_t) };

union packable {
	struct record record;
	uint64_t words[RECORD_PACK_WORDS];
};

size_t record_pack(const struct record *record, uint8_t packed[static RECORD_PACK_SIZE])
{
	static union packable all; /* 7 KiB that need not be cleared each time */
	uint64_t bits[RECORD_PACK_BITS] = { 0 };
	uint8_t *at = packed + sizeof(bits);

	all.record = *record;
	all.record.trace = NULL;
	for (size_t i = 0; i < RECORD_PACK_WORDS; i++) {
		if (!all.words[i])
			continue;
		bits[i / 64] |= UINT64_C(1) << i % 64;
		memcpy(at, &all.words[i], WORD);
		at += WORD;
	}
	memcpy(packed, bits, sizeof(bits));
	return (size_t)(at - packed);
}

int record_unpack(const uint8_t *packed, size_t size, struct record *record)
{
	static union packable all;
	uint64_t bits[RECORD_PACK_BITS];
	const uint8_t *at = packed + sizeof(bits), *end = packed + size;

	if (size < sizeof(bits))
		return -1;
	memcpy(bits, packed, sizeof(bits));
	memset(&all, 0, sizeof(all));
	for (size_t part = 0; part < RECORD_PACK_BITS; part++)
		for (uint64_t rest = bits[part]; rest; rest &= rest - 1) {
			size_t word = part * 64 + (size_t)__builtin_ctzll(rest);

			if (word >= RECORD_PACK_WORDS || end - at < WORD)
				return -1;
			memcpy(&all.words[word], at, WORD);
			at += WORD;
		}
	*record = all.record;
	return at == end ? 0 : -1;
}
