/* wire_vectors.h - two packets as bytes and as values, for the tests of encode and decode. */
#ifndef TWPROBE_TESTS_UNIT_WIRE_VECTORS_H
#define TWPROBE_TESTS_UNIT_WIRE_VECTORS_H

#include "crafter/segment.h"

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
	return (struct segment){
		.tuple = { { { 4, { 192, 0, 2, 1 }, 0 }, 40000 }, { { 4, { 192, 0, 2, 2 }, 0 }, 8888 } },
		.ttl = 64, .ip_id = 0x1234, .flags = FLAG_SYN, .window = 64240, .seq = 0x01020304,
		.option_count = 5,
		.options = { OPTION_MSS, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS, OPTION_NOP, OPTION_WSCALE },
		.mss = 1460, .tsval = 1, .wscale = 7,
	};
}

static inline struct segment data_v6_value(void)
{
	return (struct segment){
		.tuple = { { { 6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, 0 }, 40000 },
			   { { 6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 }, 0 }, 8888 } },
		.ttl = 64, .tos = 2, .ip_id = 0xabcd, .flags = FLAG_PSH | FLAG_ACK, .window = 4096,
		.seq = 0xfffffffe, .ack = 0x80000000,
		.payload_size = 3, .payload = (const uint8_t *)"hi!",
	};
}

/* A generator of numbers that come out the same each time. */
static uint64_t state;

static inline uint32_t draw(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((state >> 32) % below);
}

#endif
