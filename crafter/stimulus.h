/* stimulus.h - a segment in symbols, and how it becomes a real one once the baseline is known. */
#ifndef TWPROBE_CRAFTER_STIMULUS_H
#define TWPROBE_CRAFTER_STIMULUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/icmp_error.h"
#include "crafter/offset.h"
#include "crafter/segment.h"

enum { STIMULUS_PAYLOAD = 10 }; /* of KIND_DATA, where nothing else was chosen */

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
	KIND_COUNT,          /* the kinds with a name come before this */
	KIND_LETTERS = 0x200, /* plus flags: any other combination, named by its letters */
	KIND_ICMP = 0x400,    /* plus enum icmp_error, named as that: no segment, but an error about one of the subject */
};

/* A number in the header that a stimulus may choose; all zero: what a Linux client has there. */
struct choice {
	bool given;
	uint32_t number;
};

/* Bytes behind the options that a stimulus has anyway, whatever they mean. */
struct raw_options {
	uint8_t size;
	uint8_t bytes[SEGMENT_OPTIONS_MAX];
};

struct stimulus {
	enum segment_kind kind;
	struct offset seq; /* from rcv_nxt; of an ICMP error the number that it quotes, from snd_nxt */
	struct offset ts;  /* from ts_recent */
	struct offset ack; /* from snd_nxt, in SYN_SENT from the ISS; only kinds with the ACK flag have one */
	struct offset tsecr;   /* from ts_echo; the same */
	struct choice window;  /* at most 65535, as on the wire: not scaled */
	struct choice payload; /* bytes, at most SEGMENT_PAYLOAD_MAX */
	enum ecn ecn;          /* in its IP header */
	struct choice ttl;     /* 1 to 255: the hop limit in IPv6; of an ICMP error that of what it quotes as well */
	struct choice urgent;  /* the pointer, at most 65535; only kinds with the URG flag have one */
	struct raw_options options;
	bool bad_checksum;
};

/* The live values learnt while the subject is brought into the state; what a stimulus is counted from. */
struct baseline {
	uint32_t rcv_nxt;    /* the next sequence number the subject expects from us */
	uint32_t snd_nxt;    /* the next one it will send */
	uint32_t ts_recent;  /* the last TSval of ours that it took; without timestamps on the connection,
			      * the TSval our clock would have put there */
	uint32_t rcv_wnd;    /* bytes after rcv_nxt that it offered last: tcp_receive_window() of a Linux subject */
	uint32_t ts_echo;    /* its last TSval, which our TSecr returns */
	bool timestamps;     /* whether the connection has timestamps */
	bool syn_sent;       /* SYN_SENT: it expects no number yet, so rcv_nxt is the first one of the crafted end; what
			      * it sent is its SYN, whose number is snd_nxt - 1 */
	uint32_t rcv_taken_back; /* bytes behind rcv_wnd that it had offered before, and did not offer again */
};

/* "syn-ack"; of a kind without a name the letters of its flags, "SEC". NULL: there is no such kind. */
const char *stimulus_kind_name(enum segment_kind kind);
/* Letters that have a name are that kind, but for PA: "data" has bytes as well. KIND_COUNT: unknown name. */
enum segment_kind stimulus_kind_parse(const char *name);
/* "FA (fin-ack)": how these letters are written, if they are flags in the wrong order or repeated; NULL: they are not. */
const char *stimulus_kind_in_order(const char *name, char *buffer, size_t size);
enum segment_kind stimulus_kind_of(uint16_t flags); /* never "data" */
uint16_t stimulus_kind_flags(enum segment_kind kind); /* 0 of an ICMP error */
enum icmp_error stimulus_kind_icmp(enum segment_kind kind); /* ICMP_ERROR_NONE: a segment */
const char *stimulus_kind_list(char *buffer, size_t size); /* "syn, ..., flags by letters such as SEC, ..." for messages */

/* The bytes that options of its own may have: what a kind's usual ones leave, with timestamps. */
size_t stimulus_options_room(enum segment_kind kind);

/* The sequence number, TSval or acknowledgment the stimulus will carry. */
uint32_t stimulus_seq(const struct stimulus *stimulus, const struct baseline *baseline);
uint32_t stimulus_tsval(const struct stimulus *stimulus, const struct baseline *baseline);
/* SEGMENT_FILL_MAX bytes of no meaning, which payloads are the beginning of. */
const uint8_t *stimulus_bytes(void);
/* The bytes that it carries. */
uint32_t stimulus_payload(const struct stimulus *stimulus);

/* stimulus + baseline = segment. A SYN carries what a Linux client's carries (MSS, SACK permitted, timestamps,
 * window scale); the others carry timestamps alone. TSecr counts from the subject's last TSval where the segment has
 * ACK, and else is 0 (RFC 7323 3.2). */
void stimulus_segment(const struct stimulus *stimulus, const struct baseline *baseline, const struct tuple *tuple,
		      struct segment *segment);

#endif
