/* record_pack.h - a record without its zeros, on its way from one process to another that runs the same program: the texts of
 * the rule books are as far from its beginning in both. Pure. */
#ifndef TWPROBE_HARNESS_RUN_RECORD_PACK_H
#define TWPROBE_HARNESS_RUN_RECORD_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "harness/run/record.h"

/* A bit for each word, then the words that are not zero; addresses are counted from the program's beginning. */
enum {
	RECORD_PACK_WORDS = (sizeof(struct record) + sizeof(uint64_t) - 1) / sizeof(uint64_t),
	RECORD_PACK_BITS = (RECORD_PACK_WORDS + 63) / 64,
	RECORD_PACK_SIZE = (RECORD_PACK_WORDS + RECORD_PACK_BITS) * sizeof(uint64_t),
};

/* Returns how many bytes. Without the trace and what else belongs to the process: texts that are none of its constants. */
size_t record_pack(const struct record *record, uint8_t packed[static RECORD_PACK_SIZE]);
/* -1 where these are not the bytes of a record. */
int record_unpack(const uint8_t *packed, size_t size, struct record *record);
/* How large the program and its code are in memory. Two that differ in it are not the same program. */
uint64_t record_pack_image(void);

#endif
