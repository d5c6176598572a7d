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
	bool held;              /* it lies behind a gap, and is kept; the first block reports it */
	uint8_t block_count;    /* SACK and D-SACK blocks, where SACK was negotiated */
	struct sack_block blocks[FIELDS_BLOCKS_MAX];
	const char *why;        /* of the blocks */
};

/* It reports something in every ACK. */
static inline bool oracle_fields_holds(const struct end *end)
{
	return end->held_from != end->held_to;
}

void oracle_fields_uptake(const struct asked *asked, struct uptake *uptake);

/* A SYN-ACK: of a listener, of a request, of SYNs that crossed. */
void oracle_fields_syn_ack(const struct asked *asked);
/* The ACK of the SYN-ACK that this end has got in SYN_SENT. */
void oracle_fields_connected(const struct asked *asked);

/* AE, CWR and ECE of a SYN or SYN-ACK as a number (RFC 9768, table 2). */
enum { ACE_NONE = 0, ACE_ECE = 1, ACE_NOT_ECT = 2, ACE_CLASSIC = 3, ACE_RESERVED = 5, ACE_ALL = 7 };

/* The end that has got that SYN-ACK, or the SYN that crossed its own, counts and says what Accurate ECN does. */
bool oracle_fields_accurate(const struct asked *asked);
/* What Accurate ECN says of a SYN or SYN-ACK with this in its IP header: AE, CWR, ECE (RFC 9768, table 2). */
uint16_t oracle_fields_reflected(enum ecn ecn);

/* One field is said, and why. */
void oracle_say(struct fields *fields, enum field field, const char *rule);
void oracle_say_flags(struct fields *fields, uint16_t flags, const char *rule);
void oracle_say_seq(struct fields *fields, uint32_t seq, const char *rule);
void oracle_say_ack(struct fields *fields, uint32_t ack, const char *rule);
void oracle_say_window(struct fields *fields, uint32_t least, uint32_t most, const char *rule);
void oracle_say_tsecr(struct fields *fields, uint32_t tsecr, const char *rule);
/* The clock of the subject, which has gone on since its last TSval. */
void oracle_say_tsval(const struct asked *asked, const char *rule);
/* The options of a full socket's ACK where the segment it answers decides about timestamps, and it has no blocks; and what they
 * carry. Why these options, and why this echo. */
void oracle_say_new_timestamps(const struct asked *asked, const char *options_rule, const char *tsecr_rule);
/* Of Accurate ECN's option, the first `count` of these. */
void oracle_say_counts(struct fields *fields, uint32_t ect_1, uint32_t ce, uint32_t ect_0, size_t count, const char *rule);
/* One more kind; oracle_say(FIELD_OPTIONS) says that these are all. */
void oracle_say_option(struct fields *fields, uint8_t kind);
/* All options of a segment without SYN. */
void oracle_say_padded(struct fields *fields, bool timestamps, bool sack, const char *rule);

/* A window in whole units of the scale. */
static inline uint32_t oracle_fields_align(uint32_t window, uint8_t shift)
{
	uint32_t unit = (uint32_t)1 << shift;

	return (window + unit - 1) & ~(unit - 1);
}

#endif
