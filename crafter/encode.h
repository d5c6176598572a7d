/* encode.h - a segment as the bytes of an IP packet. Pure; the mirror image of listener/decode.h. */
#ifndef TWPROBE_CRAFTER_ENCODE_H
#define TWPROBE_CRAFTER_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/segment.h"

enum { PACKET_SIZE_MAX = 40 + 60 + SEGMENT_FILL_MAX };

/* The options as they are on the wire, padded with zeros to four bytes; returns their size. -1: they do not fit. */
int encode_options(const struct segment *segment, uint8_t options[static SEGMENT_OPTIONS_MAX]);

/* Writes the whole IP packet (IPv4 or IPv6 header, TCP header, options padded with zeros to four bytes,
 * payload; all checksums; or an ICMP error, segment.icmp_error) and returns its size, or 0 when the segment cannot be
 * encoded: families that differ or have no such ICMP error, options that do not fit, payload too long or missing. */
size_t encode(const struct segment *segment, uint8_t *packet, size_t size);

#endif
