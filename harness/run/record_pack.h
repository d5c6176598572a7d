/* record_pack.h - a record without its zeros, on its way from one process to another that was forked from the same one: the
 * texts of the rule books are where they are in both. Pure. */
#ifndef TWPROBE_HARNESS_RUN_RECORD_PACK_H
#define TWPROBE_HARNESS_RUN_RECORD_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "harness/run/record.h"

/* A bit for each word, then the words that are not zero. */
enum {
	RECORD_PACK_WORDS = (sizeof(struct record) + sizeof(uint64_t) - 1) / sizeof(uint64_t),
	RECORD_PACK_BITS = (RECORD_PACK_WORDS + 63) / 64,
	RECORD_PACK_SIZE = (RECORD_PACK_WORDS + RECORD_PACK_BITS) * sizeof(uint64_t),
};

/* Returns how many bytes. Without the trace, which belongs to the process. */
size_t record_pack(const struct record *record, uint8_t packed[static RECORD_PACK_SIZE]);
/* -1 where these are not the bytes of a record. */
int record_unpack(const uint8_t *packed, size_t size, struct record *record);

#endif
