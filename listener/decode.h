/* decode.h - the bytes of an IP packet as a segment, or the reason why not. Pure; the mirror of crafter/encode.h.
 *
 * Anything may come in: no input makes it read past `size`, assert or abort. */
#ifndef TWPROBE_LISTENER_DECODE_H
#define TWPROBE_LISTENER_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/segment.h"

enum decode_result {
	DECODE_OK,
	DECODE_SHORT,        /* cut off before the end of a header */
	DECODE_CUT,          /* cut off in the TCP options: the segment has all but those from the cut on */
	DECODE_NOT_IP,
	DECODE_NOT_TCP,
	DECODE_FRAGMENT,     /* not the first fragment, or more follow */
	DECODE_BAD_LENGTH,   /* header lengths that contradict each other */
	DECODE_BAD_OPTION,   /* an option whose length runs out of the header, or is wrong for its kind */
	DECODE_BAD_LINK,     /* a link layer we do not know */
	DECODE_BAD_CHECKSUM,
	DECODE_RESULT_COUNT,
};

/* Decodes one IP packet. Checksums are not looked at (decode_check). Where it refuses, `segment` still has the addresses and
 * ports as far as they are there: port 0 where they are not. The payload points into `packet`. A timestamps or MSS
 * option that appears twice counts with its last value, as in the kernel (tcp_parse_options). IPv6 extension headers
 * (hop-by-hop, routing, destination options) are skipped. */
enum decode_result decode(const uint8_t *packet, size_t size, struct segment *segment);
/* The same for `size` captured bytes of a packet that had `length` on the wire. */
enum decode_result decode_captured(const uint8_t *packet, size_t size, size_t length, struct segment *segment);

/* The IP packet in a frame of a capture with a DLT_ link type: EN10MB (with up to two VLAN tags), RAW, IPV4, IPV6, NULL, LOOP,
 * LINUX_SLL, LINUX_SLL2, PPP, PPP_SERIAL, PPP_ETHER. */
enum decode_result decode_link(int link_type, const uint8_t *frame, size_t size, const uint8_t **packet,
			       size_t *packet_size);

/* The beginning of a packet as an ICMP error quotes it: addresses, ports and seq. */
enum decode_result decode_quoted(const uint8_t *packet, size_t size, struct segment *segment);

/* Verifies the TCP checksum (and IPv4's header checksum) of a packet: DECODE_BAD_CHECKSUM where one is wrong, another
 * reason where they cannot be verified. On loopback and veth the kernel leaves the TCP checksum of its own segments to a card
 * that is not there, with the sum of the pseudo-header in its place (CHECKSUM_PARTIAL): that one is right. DECODE_SHORT: only
 * `size` of its `length` bytes were captured. For tests; others want the segment, too. */
enum decode_result decode_check(const uint8_t *packet, size_t size, size_t length);

/* decode_captured(), and in *sound decode_check(): for less than both cost. */
enum decode_result decode_checked(const uint8_t *packet, size_t size, size_t length, struct segment *segment,
				  enum decode_result *sound);

const char *decode_result_text(enum decode_result result);

#endif
