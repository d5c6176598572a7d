/* segment.h - one TCP segment with the parts of its IP header that matter, as a flat value.
 *
 * All numbers are in host byte order; encode and decode are the only places that know another one. */
#ifndef TWPROBE_CRAFTER_SEGMENT_H
#define TWPROBE_CRAFTER_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crafter/tuple.h"

/* Flag bits as in the TCP header (RFC 9293 3.1): the low nine of its bytes 12 and 13. */
enum segment_flag {
	FLAG_FIN = 0x01,
	FLAG_SYN = 0x02,
	FLAG_RST = 0x04,
	FLAG_PSH = 0x08,
	FLAG_ACK = 0x10,
	FLAG_URG = 0x20,
	FLAG_ECE = 0x40,
	FLAG_CWR = 0x80,
	FLAG_AE = 0x100, /* RFC 9768: once NS (RFC 3540) */
};

/* The last two bits of `tos` (RFC 3168 5). */
enum ecn { ECN_NOT_ECT, ECN_ECT_1, ECN_ECT_0, ECN_CE, ECN_MASK = 3 };

/* By these values. */
#define ECN_WORDS "not-ect", "ect-1", "ect-0", "ce"

/* Their letters, from bit 0 up; the last one as tcpdump has it. */
#define FLAG_LETTERS "FSRPAUECe"

/* Option kinds (IANA "TCP Option Kind Numbers"). Those named here have a typed value in the segment, but
 * for SACK, whose blocks are carried as bytes like those of any other kind. */
enum option_kind {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_TIMESTAMPS = 8,
	OPTION_FAST_OPEN = 34, /* RFC 7413 */
	OPTION_ACCECN_0 = 172,   /* RFC 9768 3.2.3: counts of ECT(0), CE, ECT(1) */
	OPTION_ACCECN_1 = 174,   /* of ECT(1), CE, ECT(0) */
	OPTION_EXPERIMENT = 254, /* RFC 6994: two bytes say which; before RFC 7413 Fast Open was 0xf989 */
};

/* What every crafted end has: time to live, an Ethernet's MSS, and the largest window that it offers, in units of 2^7 once the
 * SYNs are over. */
enum { SEGMENT_TTL = 64, SEGMENT_WINDOW = 65535, SEGMENT_WSCALE = 7, SEGMENT_MSS_IPV4 = 1460, SEGMENT_MSS_IPV6 = 1440 };

enum {
	SEGMENT_OPTIONS_MAX = 40, /* bytes of options a TCP header has room for */
	SEGMENT_PAYLOAD_MAX = 256, /* of whatever a user may choose */
	SEGMENT_FILL_MAX = 2560,   /* of what fills a small receive window: 2304 bytes in the lab */
	SEGMENT_SACK_BLOCK_SIZE = 8, /* bytes: two sequence numbers (RFC 2018 3) */
	FLAG_COUNT = 9,
	FLAGS_TEXT_SIZE = FLAG_COUNT + 1,
};

/* What is not known of a segment that somebody else wrote down, as bits. A field that is not known has a guess, or 0. */
enum segment_lack {
	SEGMENT_LACKS_OPTIONS = 1 << 0,  /* some of them, from a place on */
	SEGMENT_LACKS_SEQ = 1 << 1,      /* seq is what comes next for its sender */
	SEGMENT_LACKS_TIME = 1 << 2,     /* when it passed */
	SEGMENT_LACKS_BASE = 1 << 3,     /* its numbers do not count from where those of its connection did before */
	SEGMENT_LACKS_IP = 1 << 4,       /* ttl, tos, ip_id */
	SEGMENT_LACKS_CHECKSUM = 1 << 5, /* whether a wrong checksum was only left to a network card */
	SEGMENT_LACKS_OTHERS = 1 << 6,   /* other segments before it, which could not be read */
};

struct segment {
	struct tuple tuple;
	uint8_t ttl;      /* hop limit in IPv6 */
	uint8_t tos;      /* traffic class in IPv6: DSCP and the two ECN bits */
	uint16_t ip_id;   /* in IPv6: the low 16 bits of the flow label */
	uint16_t flags;   /* enum segment_flag */
	uint16_t window;  /* as on the wire, not scaled */
	uint16_t urgent;
	uint32_t seq, ack;

	/* The options in wire order by their kinds, `options`, padding included; the value of each typed kind is in
	 * the fields below. What an untyped kind carries follows in `raw`: one length byte (of the data
	 * that follows it) and the data, in order. A typed kind that occurs twice has one value, the last.
	 * END ends the list (RFC 9293 3.1): nothing follows it, and the zeros after it are part of it. A
	 * list that ends off a four-byte boundary gets its END from encode. */
	uint8_t option_count;
	uint8_t raw_size;
	/* Of a crafted segment only: bytes that follow the list as they are, whatever they mean; they come after the
	 * raw_size bytes of `raw`. What decode reads has none. */
	uint8_t tail_size;
	bool bad_checksum; /* crafted so: the TCP checksum is wrong */
	bool may_fragment; /* IPv4: it came without DF, which each crafted one has */
	/* enum icmp_error: this is no segment but an ICMP error about one of the other end, of which it quotes the `seq`.
	 * Then nothing else counts but the tuple, the TTL and the IP ID. */
	uint8_t icmp_error;
	uint16_t mss;
	uint8_t wscale;
	uint32_t tsval, tsecr;

	/* Payload bytes are not owned: they point into a constant or into the capture's buffer, and
	 * live as long as that does. `payload_size` is what the IP header claims; `payload` may be NULL
	 * when the bytes are not at hand (capture cut short). */
	uint32_t payload_size;
	const uint8_t *payload;

	/* The last ones, so that whoever fills a segment in need not clear them: what lies beyond the counts is never read. */
	uint8_t options[SEGMENT_OPTIONS_MAX];
	uint8_t raw[SEGMENT_OPTIONS_MAX];
};

static inline bool segment_has_option(const struct segment *segment, uint8_t kind)
{
	return segment->option_count && memchr(segment->options, kind, segment->option_count) != NULL;
}

/* The bytes a typed kind takes on the wire, or 0 for a kind whose data is in `raw`. */
size_t segment_option_size(uint8_t kind);
/* Appends a typed option's kind; its value is set by the caller. A full list stays as it is. */
void segment_add_option(struct segment *segment, uint8_t kind);
/* Appends an untyped kind and what it carries. False, and nothing is changed, where a header has no more room or a tail stands
 * there. */
bool segment_add_raw_option(struct segment *segment, uint8_t kind, const uint8_t *bytes, size_t size);
/* What the first option of an untyped kind carries; returns how many bytes, 0 without the option. */
size_t segment_raw_option(const struct segment *segment, uint8_t kind, const uint8_t **bytes);
/* The blocks of its first SACK option, of two sequence numbers each (RFC 2018 3), as they are on the wire; returns their size
 * in bytes, 0 without the option. */
static inline size_t segment_sack_blocks(const struct segment *segment, const uint8_t **blocks)
{
	return segment_raw_option(segment, OPTION_SACK, blocks);
}
/* Appends bytes behind all options. Those that do not fit are left out. */
void segment_add_tail(struct segment *segment, const uint8_t *bytes, size_t size);
/* What a SYN or SYN-ACK of ours carries: an Ethernet's MSS, SACK permitted, SEGMENT_WSCALE and, if `timestamps`, room for them;
 * in the order of a Linux client, tcp_options_write(). TSval and TSecr are set by the caller. */
void segment_add_syn_options(struct segment *segment, bool timestamps);
/* Timestamps as all other segments of a Linux client have them, after two NOPs. */
void segment_add_timestamps(struct segment *segment, uint32_t tsval, uint32_t tsecr);
/* Sequence space that the segment takes: payload, and one each for SYN and FIN (RFC 9293 3.4). */
static inline uint32_t segment_length(const struct segment *segment)
{
	return segment->payload_size + (segment->flags & FLAG_SYN ? 1u : 0u) + (segment->flags & FLAG_FIN ? 1u : 0u);
}

/* "SA", "PA": letters in the order F S R P A U E C e; the null segment gives "". */
const char *segment_flags_format(uint16_t flags, char buffer[static FLAGS_TEXT_SIZE]);
/* The flags of a text that is made of their letters alone, in whatever order; false: it is not. */
bool segment_flags_read(const char *letters, uint16_t *flags);
/* Equal in every field that is on the wire; payload by content. An END that only pads may be there or not; for tests. */
bool segment_equal(const struct segment *a, const struct segment *b);
/* The same flags, numbers and length, which tell the segments of one side of a connection apart. */
bool segment_alike(const struct segment *a, const struct segment *b);
/* Crafted so that whoever captures it may take it for unsound. */
static inline bool segment_is_unsound(const struct segment *segment)
{
	return segment->bad_checksum || segment->tail_size > 0 || segment->icmp_error;
}
/* It may be a copy that the network made of the other: a retransmission has another TSval or IP ID, if it has any. */
bool segment_is_copy(const struct segment *a, const struct segment *b);

#endif
