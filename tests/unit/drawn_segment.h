/* drawn_segment.h - random segments, for what must come back as it was: encode and decode, print and parse. */
#ifndef TWPROBE_TESTS_UNIT_DRAWN_SEGMENT_H
#define TWPROBE_TESTS_UNIT_DRAWN_SEGMENT_H

#include "crafter/segment.h"

/* A generator of numbers that come out the same each time. */
static uint64_t state;

static inline uint32_t draw(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((state >> 32) % below);
}

static inline uint32_t draw32(void)
{
	static const uint32_t edges[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff };

	return draw(3) ? draw(0xffffffff) : edges[draw(5)];
}

static inline void draw_options(struct segment *segment)
{
	static const uint8_t kinds[] = { OPTION_NOP, OPTION_MSS, OPTION_WSCALE, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS,
					 OPTION_SACK, 34, 254 };
	uint32_t count = draw(8);

	for (uint32_t i = 0; i < count; i++) {
		uint8_t kind = kinds[draw(sizeof(kinds))];
		uint8_t size = (uint8_t)draw(12);

		segment_add_option(segment, kind);
		if (segment_option_size(kind) || segment->raw_size + 1u + size > SEGMENT_OPTIONS_MAX)
			continue;
		segment->raw[segment->raw_size++] = size;
		for (uint8_t at = 0; at < size; at++)
			segment->raw[segment->raw_size++] = (uint8_t)draw(256);
	}
	if (draw(4) == 0)
		segment_add_option(segment, OPTION_END);
	segment->mss = (uint16_t)draw(65536);
	segment->wscale = (uint8_t)draw(256);
	segment->tsval = draw32();
	segment->tsecr = draw32();
}

static inline struct segment draw_segment(void)
{
	static uint8_t payload[SEGMENT_PAYLOAD_MAX];
	uint8_t family = draw(2) ? 4 : 6;
	struct segment segment = {
		.tuple = { { { .family = family }, (uint16_t)draw(65536) }, { { .family = family }, (uint16_t)draw(65536) } },
		.ttl = (uint8_t)draw(256), .tos = (uint8_t)draw(256), .flags = (uint16_t)draw(1u << FLAG_COUNT),
		.ip_id = (uint16_t)draw(65536), .window = (uint16_t)draw(65536),
		.urgent = (uint16_t)draw(65536), .seq = draw32(), .ack = draw32(), .payload = payload,
	};

	for (int i = 0; i < (family == 4 ? 4 : 16); i++) {
		segment.tuple.source.address.bytes[i] = (uint8_t)draw(256);
		segment.tuple.target.address.bytes[i] = (uint8_t)draw(256);
	}
	segment.payload_size = (uint16_t)(draw(2) ? 0 : draw(SEGMENT_PAYLOAD_MAX + 1));
	for (uint32_t i = 0; i < segment.payload_size; i++)
		payload[i] = (uint8_t)draw(256);
	draw_options(&segment);
	return segment;
}

#endif
