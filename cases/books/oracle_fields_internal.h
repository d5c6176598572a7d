/* oracle_fields_internal.h - what the files about the fields of answers share; for them alone. */
#ifndef TWPROBE_CASES_BOOKS_ORACLE_FIELDS_INTERNAL_H
#define TWPROBE_CASES_BOOKS_ORACLE_FIELDS_INTERNAL_H

#include "cases/books/oracle_fields.h"
#include "cases/books/oracle_internal.h"

/* One answer that is asked about. */
struct asked {
	const struct end *end;
	const struct segment *segment;
	const struct arrival *arrival; /* of the segment at the end */
	const struct kernel *kernel;
	const struct field_host *host;
	const struct rule *rule;
	struct fields *fields;
};

/* What a full socket has taken of the segment when it sends its ACK. Numbers count from rcv_nxt. */
struct uptake {
	uint32_t taken;         /* how far rcv_nxt has moved */
	bool congested;         /* it says that there was congestion on the way, and counts */
	bool newer;             /* ts_recent is the segment's TSval now */
	bool newer_open;        /* not known */
	uint8_t block_count;    /* SACK and D-SACK blocks, where SACK was negotiated */
	struct sack_block blocks[FIELDS_BLOCKS_MAX];
	const char *why;        /* of the blocks */
};

void oracle_fields_uptake(const struct asked *asked, struct uptake *uptake);

#endif
