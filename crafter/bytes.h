/* bytes.h - numbers in network byte order, at any alignment. For encode and decode. */
#ifndef TWPROBE_CRAFTER_BYTES_H
#define TWPROBE_CRAFTER_BYTES_H

#include <stdint.h>

static inline uint16_t bytes_load16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint32_t bytes_load32(const uint8_t *bytes)
{
	return (uint32_t)bytes_load16(bytes) << 16 | bytes_load16(bytes + 2);
}

static inline void bytes_store16(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

static inline void bytes_store32(uint8_t *bytes, uint32_t value)
{
	bytes_store16(bytes, (uint16_t)(value >> 16));
	bytes_store16(bytes + 2, (uint16_t)value);
}

#endif
