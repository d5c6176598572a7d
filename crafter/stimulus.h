/* stimulus.h - a segment in symbols, and how it becomes a real one once the baseline is known. */
#ifndef TWPROBE_CRAFTER_STIMULUS_H
#define TWPROBE_CRAFTER_STIMULUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/offset.h"
#include "crafter/segment.h"

enum { STIMULUS_PAYLOAD = 10 };

enum segment_kind {
	KIND_SYN,
	KIND_SYN_ACK,
	KIND_ACK,
	KIND_DATA,
	KIND_FIN,
	KIND_FIN_ACK,
	KIND_RST,
	KIND_RST_ACK,
	KIND_SYN_FIN,
	KIND_SYN_RST,
	KIND_NULL,
	KIND_COUNT,
};

/* A number in the header that a stimulus may choose; all zero: what a Linux client has there. */
struct choice {
	bool given;
	uint32_t number;
};

struct stimulus {
	enum segment_kind kind;
	struct offset seq; /* from rcv_nxt */
	struct offset ts;  /* from ts_recent */
	struct offset ack; /* from snd_nxt; only kinds with the ACK flag have one */
	struct choice window; /* at most 65535, as on the wire: not scaled */
};

/* The live values learnt while the subject is brought into the state; what a stimulus is counted from. */
struct baseline {
	uint32_t rcv_nxt;    /* the next sequence number the subject expects from us */
	uint32_t snd_nxt;    /* the next one it will send */
	uint32_t ts_recent;  /* the last TSval of ours that it took; without timestamps on the connection,
			      * the TSval our clock would have put there */
	uint32_t rcv_wnd;    /* bytes after rcv_nxt that it still takes */
	uint32_t ts_echo;    /* its last TSval, which our TSecr returns */
	bool timestamps;     /* whether the connection has timestamps */
};

const char *stimulus_kind_name(enum segment_kind kind);
enum segment_kind stimulus_kind_parse(const char *name); /* KIND_COUNT: unknown name */
uint8_t stimulus_kind_flags(enum segment_kind kind);
const char *stimulus_kind_list(char *buffer, size_t size); /* "syn, syn-ack, ..." for messages */

/* The sequence number, TSval or acknowledgment the stimulus will carry. */
uint32_t stimulus_seq(const struct stimulus *stimulus, const struct baseline *baseline);
uint32_t stimulus_tsval(const struct stimulus *stimulus, const struct baseline *baseline);

/* stimulus + baseline = segment. A SYN carries what a Linux client's carries (MSS, SACK permitted, timestamps,
 * window scale); the others carry timestamps alone. TSecr is the subject's last TSval where the segment has
 * ACK, else 0 (RFC 7323 3.2). */
void stimulus_segment(const struct stimulus *stimulus, const struct baseline *baseline, const struct tuple *tuple,
		      struct segment *segment);

#endif
