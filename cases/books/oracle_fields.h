/* oracle_fields.h - what the linux book says of an answer beyond its kind, of each field: a value, bounds, or nothing. Pure.
 *
 * A Linux subject answers through one of five functions, and what they put into a field follows from the end and the segment:
 * tcp_v4_send_reset() for every RST; tcp_v4_send_ack() for ACKs of small sockets (TIME_WAIT, FIN_WAIT_2, SYN_RECV), and both
 * by their tcp_v6 names; tcp_make_synack() for a listener's SYN-ACK; tcp_send_synack() for that of SYNs that cross;
 * tcp_send_ack() for those of full sockets. Where the source leaves a field to something that is not known here (memory, other
 * settings, chance), nothing is said of it. Numbers are those of the wire, in host byte order. */
#ifndef TWPROBE_CASES_BOOKS_ORACLE_FIELDS_H
#define TWPROBE_CASES_BOOKS_ORACLE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/books/oracle.h"

/* In the order in which a wrong one is named: what decides about the others comes first. */
enum field {
	FIELD_FLAGS,
	FIELD_SEQ,
	FIELD_ACK,
	FIELD_OPTIONS, /* the kinds in wire order, NOPs included */
	FIELD_TSECR,
	FIELD_TSVAL,
	FIELD_SACK,    /* the blocks, a D-SACK block first (RFC 2883 4) */
	FIELD_ACCECN,  /* the counts of Accurate ECN's option (RFC 9768 3.2.3) */
	FIELD_WINDOW,  /* as on the wire, not scaled */
	FIELD_MSS,
	FIELD_WSCALE,
	FIELD_COUNT,
};

enum { FIELDS_KINDS_MAX = 12, FIELDS_BLOCKS_MAX = 2, FIELDS_COUNTS_MAX = 3, FIELD_TEXT_SIZE = 96 };

/* From `from` up to, not including, `to`. */
struct sack_block {
	uint32_t from, to;
};

struct fields {
	uint16_t said;   /* 1 << enum field: those below that are expected */
	uint16_t flags;   /* enum segment_flag */
	uint8_t wscale;
	uint8_t option_count, block_count;
	uint8_t options[FIELDS_KINDS_MAX];
	uint16_t mss;
	uint16_t window_least, window_most;
	uint32_t seq, ack, tsecr;
	uint32_t tsval_least, tsval_most; /* on the circle, the first at most 2^31 before the second */
	struct sack_block blocks[FIELDS_BLOCKS_MAX];
	uint8_t count_count;
	uint32_t counts[FIELDS_COUNTS_MAX]; /* bytes: ECT(1), CE, ECT(0), as kind 174 has them */
	const char *rules[FIELD_COUNT];   /* of those that are said: kernel function and condition */
};

/* What the numbers in texts are counted from. */
struct field_bases {
	uint32_t snd_nxt, rcv_nxt, ts_recent, ts_echo;
};

/* What is known of the host of the subject. */
struct field_host {
	bool settings;    /* its sysctls are the kernel's own, but for those in the surroundings and below */
	uint8_t ecn;      /* with settings: its tcp_ecn when the segment arrives */
	bool counts_ecn;  /* with settings: its tcp_ecn_option is not 0 */
	bool clock_stays; /* its tcp_timestamps is what it was when the connection began: so is the offset of TSvals */
	uint16_t mss;     /* what its route has room for; 0: not known */
	uint32_t space, space_most; /* what a listener may offer first, and ever, in bytes; 0: not known */
	uint64_t past_ms; /* since the segment with the end's last_tsval passed, until the answer did */
};

/* tcp_select_initial_window(): what whole segments fill of `space`; less than one stays as it is. */
static inline uint32_t oracle_fields_whole_segments(uint32_t space, uint32_t mss)
{
	return space > mss ? space - space % mss : space;
}

/* Of the answer `answer` to a segment that the subject gets, where that is what the book expects. */
void oracle_fields(const struct end *subject, const struct segment *segment, const struct surroundings *surroundings,
		   const struct kernel *kernel, const struct field_host *host, enum answer answer, struct fields *fields);

/* The subject when it has got the segment, as far as the fields of its next answer show it. False where the book does not say
 * enough of it. `unknown`: fields that are not known then, 1 << enum field. */
bool oracle_fields_after(const struct end *subject, const struct segment *segment, const struct surroundings *surroundings,
			 const struct kernel *kernel, struct end *after, uint16_t *unknown);

/* Whether the answer has what is said of a field; what is not said holds. */
bool oracle_field_holds(const struct fields *fields, enum field field, const struct segment *answer);
/* The first that does not hold; FIELD_COUNT: all do. */
enum field oracle_fields_wrong(const struct fields *fields, const struct segment *answer);

const char *oracle_field_name(enum field field);
/* "snd_nxt", "64 to 65", "nop nop ts", "rcv_nxt-10..rcv_nxt" */
const char *oracle_field_expected(const struct fields *fields, enum field field, const struct field_bases *bases,
				  char buffer[static FIELD_TEXT_SIZE]);
const char *oracle_field_observed(const struct segment *answer, enum field field, const struct field_bases *bases,
				  char buffer[static FIELD_TEXT_SIZE]);

#endif
