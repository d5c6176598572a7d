/* wire_vectors.h - two packets as bytes and as values, for the tests of encode and decode. */
#ifndef TWPROBE_TESTS_UNIT_WIRE_VECTORS_H
#define TWPROBE_TESTS_UNIT_WIRE_VECTORS_H

#include "listener/decode.h"
#include "tests/unit/written.h"

/* 192.0.2.1:40000 > 192.0.2.2:8888, SYN, seq 0x01020304, window 64240, MSS 1460, SACK permitted, TSval 1, TSecr 0, NOP,
 * window scale 7. The checksums were worked out from RFC 1071 apart
 * from our code, and tshark finds them right. */
static const uint8_t syn_v4[] = {
	0x45, 0x00, 0x00, 0x3c, 0x12, 0x34, 0x40, 0x00, 0x40, 0x06, 0xa4, 0x84, 192, 0, 2, 1, 192, 0, 2, 2,
	0x9c, 0x40, 0x22, 0xb8, 1, 2, 3, 4, 0, 0, 0, 0, 0xa0, 0x02, 0xfa, 0xf0, 0x06, 0x0c, 0, 0,
	2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7,
};

/* [2001:db8::1]:40000 > [2001:db8::2]:8888, PSH and ACK, traffic class 2, flow label 0xabcd,
 * seq 0xfffffffe, ack 0x80000000, "hi!". */
static const uint8_t data_v6[] = {
	0x60, 0x20, 0xab, 0xcd, 0, 23, 6, 64, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
	0x9c, 0x40, 0x22, 0xb8, 0xff, 0xff, 0xff, 0xfe, 0x80, 0, 0, 0, 0x50, 0x18, 0x10, 0, 0x7b, 0xf3, 0, 0, 'h', 'i', '!',
};

enum { TCP_V4 = 20, TCP_V6 = 40 };

static inline struct segment syn_v4_value(void)
{
	return written("192.0.2.1:40000 > 192.0.2.2:8888 S 16909060 win 64240 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7> "
		       "id 4660");
}

static inline struct segment data_v6_value(void)
{
	return written("[2001:db8::1]:40000 > [2001:db8::2]:8888 PA 4294967294:1(3) ack 2147483648 win 4096 tos 2 id 43981 "
		       "\"hi!\"");
}

/* The segment in a captured frame. */
static inline enum decode_result decode_frame(int link_type, const uint8_t *frame, size_t size, struct segment *segment)
{
	const uint8_t *packet;
	size_t packet_size;
	enum decode_result result = decode_link(link_type, frame, size, &packet, &packet_size);

	return result ? result : decode(packet, packet_size, segment);
}

#endif
