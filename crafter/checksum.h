/* checksum.h - the Internet checksum (RFC 1071), for encode and decode. */
#ifndef TWPROBE_CRAFTER_CHECKSUM_H
#define TWPROBE_CRAFTER_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of an IPv4 header or an ICMP message. 0 for bytes that hold their right checksum; with the field zeroed, the value for it. */
uint16_t checksum_header(const uint8_t *header, size_t size);

/* Of a TCP segment of up to 65535 bytes with its pseudo header (RFC 9293 3.1, RFC 8200 8.1). `addresses` are source
 * and target as they follow each other in either IP header: 8 or 32 bytes. Results as above. */
uint16_t checksum_tcp(const uint8_t *addresses, size_t addresses_size, const uint8_t *tcp, size_t size);

/* Are both right, of an IPv4 header without options and of the TCP segment behind it, which has 20 bytes at least? Faster than
 * one after the other. */
bool checksum_plain(const uint8_t *packet, size_t tcp_size);

/* Of an ICMPv6 message with its pseudo header (RFC 4443 2.3); `addresses` are 32 bytes. Results as above. */
uint16_t checksum_icmp6(const uint8_t *addresses, const uint8_t *message, size_t size);

/* What stands in the field of a segment of `size` bytes whose checksum is left to the network card: the sum of the pseudo
 * header, not complemented (__tcp_v4_send_check in include/net/tcp.h). */
uint16_t checksum_pseudo(const uint8_t *addresses, size_t addresses_size, size_t size);

#endif
