/* segment_text.h - the text notation of a segment, printed and parsed: everything that shows or reads one as text uses it.
 *
 *   [SOURCE > TARGET] FLAGS SEQ:END(LENGTH) [ack N] [win N] [urg N] [<OPTION,...>] [ttl N] [tos N] [id N] [bad checksum]
 *   ["PAYLOAD"]
 *
 *   [SOURCE > TARGET] icmp-ERROR SEQ     an ICMP error about a segment with this number of the other end
 *
 *   192.0.2.1:40000 > 192.0.2.2:80 S 0:0(0) win 65535 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>
 *
 * It is close to what packetdrill reads and tcpdump prints. FLAGS are letters in the order F S R P A U E C, "none" for the null
 * segment. SEQ alone is an empty segment. OPTION is one of eol, nop, mss N, wscale N, sackOK, sack LEFT:RIGHT [LEFT:RIGHT...],
 * TS val N ecr N, and for every other kind (or a SACK that has no whole blocks) "kind N" with its data in hexadecimal, if any;
 * at the end, "raw HEX" are the bytes of a crafted segment's tail.
 * PAYLOAD may contain \r \n \t \\ \" \xHH; omitted, the bytes are not at hand. Of a segment without an address, SOURCE is
 * "*:PORT"; without ports either, both ends are omitted. Other omitted parts are 0, the ttl SEGMENT_TTL; `ack` must be there
 * if A is among the flags. */
#ifndef TWPROBE_CRAFTER_SEGMENT_TEXT_H
#define TWPROBE_CRAFTER_SEGMENT_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/segment.h"

/* What a number counts from. With a name it is written "rcv_nxt", "rcv_nxt-1000", "rcv_nxt+2^30", and one that is so far away
 * that the distance means nothing as it is on the wire. Without a name it is written as the bare distance; where `value` is 0
 * too, that is the number on the wire. */
struct segment_base {
	const char *name; /* NULL: none; at most SEGMENT_BASE_NAME_MAX characters: letters, digits, '_' */
	uint32_t value;
};

struct segment_bases {
	struct segment_base seq, ack, tsval, tsecr;
};

/* The parts of a text in addition to FLAGS, SEQ and the ack number. */
enum segment_text_part {
	SEGMENT_TEXT_ENDS = 0x01,       /* SOURCE > TARGET */
	SEGMENT_TEXT_END = 0x02,        /* ":END(LENGTH)" also where the length is 0 */
	SEGMENT_TEXT_WINDOW = 0x04,
	SEGMENT_TEXT_URGENT = 0x08,     /* where it is not 0, or U is among the flags */
	SEGMENT_TEXT_BRIEF = 0x10,      /* of the options "<TS val N> <sack FROM:TO>" alone, without echo and padding */
	SEGMENT_TEXT_OPTIONS = 0x20,    /* all of them */
	SEGMENT_TEXT_IP = 0x40,         /* ttl, tos, id where they are not the values they have when omitted */
	SEGMENT_TEXT_PAYLOAD = 0x80,    /* where it is at hand, and not longer than SEGMENT_PAYLOAD_MAX */
	SEGMENT_TEXT_ALL = 0xff & ~0x10,
};

enum { SEGMENT_BASE_NAME_MAX = 15, SEGMENT_NUMBER_SIZE = 40, SEGMENT_TEXT_SIZE = 4096 };

/* "SA"; "none" for the null segment. Returns `buffer`. */
const char *segment_text_flags(uint16_t flags, char buffer[static FLAGS_TEXT_SIZE]);
/* "rcv_nxt-1000"; `base` NULL: as on the wire. Returns `buffer`. */
const char *segment_text_number(const struct segment_base *base, uint32_t value, char buffer[static SEGMENT_NUMBER_SIZE]);
/* `parts`: of enum segment_text_part. `bases` NULL: numbers as on the wire. What does not fit is cut off; SEGMENT_TEXT_SIZE is
 * enough for every segment that can be encoded. Returns `buffer`. */
const char *segment_text_print(const struct segment *segment, const struct segment_bases *bases, unsigned parts,
			       char *buffer, size_t size);

/* Reads what segment_text_print wrote with the same bases. The segment's payload points into `payload`, or is NULL. Returns -1
 * with the column (from 1) and what was expected there. */
int segment_text_parse(const char *text, const struct segment_bases *bases, struct segment *segment,
		       uint8_t payload[static SEGMENT_PAYLOAD_MAX], struct error *error);

#endif
